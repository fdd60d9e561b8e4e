import { type AsPath, asSequence } from './as-path.ts';
import type { MpNextHop, Origin, PathAttributes } from './attributes.ts';
import type { LargeCommunity } from './community.ts';
import type { Prefix } from './prefix.ts';
import type { UpdateMessage } from './update.ts';

/** A unicast route of our own. */
export interface UnicastRoute {
  readonly prefix: Prefix;
  /** Of the family of the prefix. */
  readonly nextHop: MpNextHop;
  /** Sent as it is; without it the own AS for an external peer, the empty path inside of the AS. */
  readonly asPath?: AsPath;
  readonly origin?: Origin;
  readonly med?: number;
  readonly localPref?: number;
  /** 32 bits each. */
  readonly communities: readonly number[];
  /** Eight bytes each. */
  readonly extendedCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly LargeCommunity[];
}

/** The UPDATE that announces a route from AS `as`. An internal peer is given LOCAL_PREF 100 where the route has none. */
export function announceRoute(route: UnicastRoute, as: number, external: boolean): UpdateMessage {
  const { prefix, nextHop, med, communities, extendedCommunities, largeCommunities } = route;
  const localPref = route.localPref ?? (external ? undefined : 100);
  const attributes: PathAttributes = {
    origin: route.origin ?? 'IGP',
    asPath: route.asPath ?? (external ? asSequence([as]) : []),
    ...(prefix.version === 4 && { nextHop: nextHop.address }),
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    ...(communities.length > 0 && { communities }),
    ...(extendedCommunities.length > 0 && { extendedCommunities }),
    ...(largeCommunities.length > 0 && { largeCommunities }),
  };
  const nlri = [{ prefix, pathId: undefined }];
  const isIpv4 = prefix.version === 4;
  return {
    type: 'update',
    withdrawn: [],
    announced: isIpv4 ? nlri : [],
    attributes,
    reach: isIpv4 ? undefined : { family: 'ipv6-unicast', nextHop, nlri },
    unreach: undefined,
  };
}

/** The UPDATE that withdraws a prefix. */
export function withdrawRoute(prefix: Prefix): UpdateMessage {
  const nlri = [{ prefix, pathId: undefined }];
  const isIpv4 = prefix.version === 4;
  return {
    type: 'update',
    withdrawn: isIpv4 ? nlri : [],
    announced: [],
    attributes: {},
    reach: undefined,
    unreach: isIpv4 ? undefined : { family: 'ipv6-unicast', nlri },
  };
}
