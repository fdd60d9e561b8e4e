import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../common/index.ts';
import { formatAsPath, parseAsPath } from './as-path.ts';
import { type MpNextHop, ORIGINS } from './attributes.ts';
import {
  type CommunityList,
  formatCommunity,
  formatExtendedCommunity,
  formatLargeCommunity,
  parseCommunities,
  parseLargeCommunities,
} from './community.ts';
import { textOf } from './flowspec-match-json.ts';
import { parsePrefix } from './prefix.ts';
import { bad, good, type Result } from './result.ts';
import type { UnicastRoute } from './route.ts';

/**
 * Reads a route as scripts and REST clients write it: `prefix` and `nexthop`, and as wanted `nexthoplinklocal`,
 * `aspath` and `communities` (joined with `-`), `large-communities`, `localpref`, `med`, `origin`. Other keys are
 * ignored.
 */
export function parseRoute(json: unknown): Result<UnicastRoute> {
  if (typeof json !== 'object' || json === null) return bad('a route is an object with prefix and nexthop');
  const fields = new Map<string, string>();
  for (const [name, given] of Object.entries(json)) {
    const text = textOf(given);
    if (text !== undefined) fields.set(name, text);
    else if (FIELDS.has(name)) return bad(`${name} is neither a text nor a number`);
  }
  const prefix = parsePrefix(fields.get('prefix') ?? '');
  if (prefix === undefined)
    return bad(`prefix ${JSON.stringify(fields.get('prefix'))} is not an address or prefix`);
  const nextHop = parseNextHop(fields, prefix.version);
  if (!nextHop.ok) return nextHop;
  const asPath = parseAsPath(fields.get('aspath') ?? '');
  if (!asPath.ok) return bad(`aspath: ${asPath.reason}`);
  const list = fields.get('communities') ?? '';
  const communities = list === '' ? good(NO_COMMUNITIES) : parseCommunities(list);
  if (!communities.ok) return bad(`communities: ${communities.reason}`);
  const largeList = fields.get('large-communities') ?? '';
  const large = largeList === '' ? good([]) : parseLargeCommunities(largeList);
  if (!large.ok) return bad(`large-communities: ${large.reason}`);
  const localPref = parseWord(fields.get('localpref'));
  const med = parseWord(fields.get('med'));
  if (localPref === 'bad') return bad(`localpref ${JSON.stringify(fields.get('localpref'))} is not a number`);
  if (med === 'bad') return bad(`med ${JSON.stringify(fields.get('med'))} is not a number`);
  const originText = fields.get('origin')?.toUpperCase();
  const origin = ORIGINS.find((name) => name === originText);
  if (originText !== undefined && origin === undefined)
    return bad(`origin is not one of ${ORIGINS.join(', ')}`);
  return good({
    prefix,
    nextHop: nextHop.value,
    ...(fields.has('aspath') && { asPath: asPath.value }),
    ...(origin !== undefined && { origin }),
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    ...communities.value,
    largeCommunities: large.value,
  });
}

/** What a route has besides its prefix, in the form that `parseRoute` reads. */
export function formatRoute(route: UnicastRoute): Record<string, string | number> {
  const communities = [
    ...route.communities.map(formatCommunity),
    ...route.extendedCommunities.map(formatExtendedCommunity),
  ];
  const { linkLocal, address } = route.nextHop;
  return {
    nexthop: address,
    ...(linkLocal !== undefined && { nexthoplinklocal: linkLocal }),
    ...(route.asPath !== undefined && { aspath: formatAsPath(route.asPath) }),
    ...(route.origin !== undefined && { origin: route.origin }),
    ...(route.localPref !== undefined && { localpref: route.localPref }),
    ...(route.med !== undefined && { med: route.med }),
    ...(communities.length > 0 && { communities: communities.join('-') }),
    ...(route.largeCommunities.length > 0 && {
      'large-communities': route.largeCommunities.map(formatLargeCommunity).join('-'),
    }),
  };
}

const NO_COMMUNITIES: CommunityList = { communities: [], extendedCommunities: [] };

const FIELDS: ReadonlySet<string> = new Set([
  'prefix',
  'nexthop',
  'nexthoplinklocal',
  'aspath',
  'communities',
  'large-communities',
  'localpref',
  'med',
  'origin',
]);

function parseNextHop(fields: ReadonlyMap<string, string>, version: 4 | 6): Result<MpNextHop> {
  const given = fields.get('nexthop');
  if (given === undefined) return bad('nexthop is missing');
  const address = normalAddress(given, version);
  if (address === undefined) {
    return bad(`nexthop ${JSON.stringify(given)} is not an IPv${version} address, as the prefix is`);
  }
  const local = fields.get('nexthoplinklocal');
  if (local === undefined) return good({ address });
  const linkLocal = normalAddress(local, 6);
  if (version === 4 || linkLocal === undefined) {
    return bad(
      `nexthoplinklocal ${JSON.stringify(local)} is not an IPv6 address beside that of an IPv6 prefix`,
    );
  }
  return good({ address, linkLocal });
}

function normalAddress(text: string, version: 4 | 6): string | undefined {
  if (version === 4) {
    const word = parseIPv4(text);
    return word === undefined ? undefined : formatIPv4(word);
  }
  const words = parseIPv6(text);
  return words === undefined ? undefined : formatIPv6(words[0], words[1], words[2], words[3]);
}

function parseWord(text: string | undefined): number | undefined | 'bad' {
  if (text === undefined) return undefined;
  return /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff ? Number(text) : 'bad';
}
