import type { PathAttributes } from '../attributes.ts';
import type { LearntContext } from '../learnt-routes.ts';
import { type Prefix, parsePrefix } from '../prefix.ts';
import type { UpdateMessage } from '../update.ts';

/** A session with AS 65001 without path identifiers. */
export const CONTEXT: LearntContext = {
  peerAs: 65001,
  peerIdentifier: '192.0.2.1',
  external: true,
  addPath: new Set(),
  treatAsWithdraw: false,
};

/** A prefix as text, with a path identifier or without. */
export type Destination = string | readonly [string, number];

/** An UPDATE that announces these prefixes, of both families. */
export function announcement(list: readonly Destination[], attributes: PathAttributes): UpdateMessage {
  const { four, six } = split(list);
  return {
    type: 'update',
    withdrawn: [],
    announced: four,
    attributes,
    reach:
      six.length === 0
        ? undefined
        : { family: 'ipv6-unicast', nlri: six, nextHop: { address: '2001:db8::1', linkLocal: 'fe80::1' } },
    unreach: undefined,
  };
}

/** An UPDATE that withdraws these prefixes. */
export function withdrawal(list: readonly Destination[]): UpdateMessage {
  const { four, six } = split(list);
  return {
    type: 'update',
    withdrawn: four,
    announced: [],
    attributes: {},
    reach: undefined,
    unreach: six.length === 0 ? undefined : { family: 'ipv6-unicast', nlri: six },
  };
}

function split(list: readonly Destination[]) {
  const nlri = list.map((item) => {
    const [text, pathId] = typeof item === 'string' ? [item, undefined] : item;
    return { prefix: parsePrefix(text) as Prefix, pathId };
  });
  return {
    four: nlri.filter(({ prefix }) => prefix.version === 4),
    six: nlri.filter(({ prefix }) => prefix.version === 6),
  };
}
