import { formatIPv6, parseIPv6 } from '../common/index.ts';

/** What the `{agent}` segment of a path means (rest-api 2). */
export type AgentSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'agents'; readonly addresses: ReadonlySet<string> }
  /** TOPOLOGY, EDGE, CORE: empty as long as there is no topology. */
  | { readonly kind: 'topology'; readonly part: 'TOPOLOGY' | 'EDGE' | 'CORE' };

/** Any spelling of an IPv6 address is understood; whatever else is written stays as it is and matches no agent. */
export function parseAgents(text: string): AgentSelection {
  if (text === 'ALL') return { kind: 'all' };
  if (text === 'TOPOLOGY' || text === 'EDGE' || text === 'CORE') return { kind: 'topology', part: text };
  return { kind: 'agents', addresses: new Set(text.split(/[,;]/).map(canonicalAddress)) };
}

/** RFC 5952 form of an IPv6 address; other text unchanged. */
export function canonicalAddress(text: string): string {
  const words = text.includes(':') ? parseIPv6(text) : undefined;
  return words === undefined ? text : formatIPv6(words[0], words[1], words[2], words[3]);
}
