import { routeMembers } from '../engine/answer-bgp.ts';
import type { Engine, Questions } from '../engine/index.ts';
import type { Speaker } from './index.ts';

/*
 * What has been learnt from a router, with the traffic to and from it (bgp section 4): the speaker knows the routes, the
 * engine the traffic.
 */

export type TopPrefixesQuestion = Omit<Questions['bgpTopPrefixes']['question'], 'router'>;

type Asking = Pick<Engine, 'ask'>;
type Calling = Pick<Speaker, 'call'>;

/** undefined: there is no session with the router. */
export async function topPrefixes(
  speaker: Calling,
  engine: Asking,
  router: string,
  question: TopPrefixesQuestion,
): Promise<Record<string, unknown> | undefined> {
  const session = await speaker.call('session', router, question.version);
  if (session === undefined) return undefined;
  const { as, id, ...rest } = session.facts;
  const loaded = await engine.ask('bgpTopPrefixes', { ...question, router: session.address });
  return {
    ...(loaded ?? { topPrefixes: [], valueTopPrefixes: 0, valueTotal: 0 }),
    ...rest,
    // By contract the peer is not told to those who ask for counters only.
    ...(question.maxPrefixes > 0 && { as, id }),
    direction: question.direction,
  };
}

/** undefined: no session, or no route for the address. */
export async function prefixForAddress(
  speaker: Calling,
  engine: Asking,
  router: string,
  address: string,
): Promise<Record<string, unknown> | undefined> {
  const found = await speaker.call('learntRoute', router, address);
  if (found === undefined) return undefined;
  const { version, prefix, route, serial, paths } = found.route;
  const values = await engine.ask('bgpPrefixValues', { router: found.address, version, route, serial });
  const members = paths.map(routeMembers);
  return paths[0]?.pathId === undefined
    ? { prefix, ...members[0], ...values }
    : { prefix, paths: members, ...values };
}
