import { canonicalAddress } from '../common/index.ts';

/** Parts of a topology that select data sources (rest-api 11.2). */
export type TopologyPart = 'TOPOLOGY' | 'EDGE' | 'CORE';

/** Whether a data source is in a part of the topology. */
export type TopologyMember = (part: TopologyPart, agent: string, dataSource: string) => boolean;

/** The data sources that an `{agent}` path segment stands for (rest-api 2). */
export interface Selection {
  /** Addresses asked for; undefined: any. An agent that is not there is no fault. */
  readonly addresses: ReadonlySet<string> | undefined;
  readonly includes: (agent: string, dataSource: string) => boolean;
}

/**
 * A list of agent addresses, separated by `,` or `;`, or one of the words ALL, TOPOLOGY, EDGE, CORE. IPv6 addresses in any
 * spelling; whatever is no address matches nothing. Without a topology (`member` undefined) its words select nothing.
 */
export function parseSelection(text: string, member: TopologyMember | undefined): Selection {
  if (text === 'ALL') return { addresses: undefined, includes: () => true };
  if (text === 'TOPOLOGY' || text === 'EDGE' || text === 'CORE') {
    if (member === undefined) return { addresses: new Set(), includes: () => false };
    return { addresses: undefined, includes: (agent, dataSource) => member(text, agent, dataSource) };
  }
  const addresses = new Set(text.split(/[,;]/).map(canonicalAddress));
  return { addresses, includes: (agent) => addresses.has(agent) };
}
