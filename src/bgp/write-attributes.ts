import { parseIPv4, WeirError } from '../common/index.ts';
import { type AsPath, encodeAsPath, needsFourOctets, withoutConfederation } from './as-path.ts';
import {
  type Aggregator,
  ATTRIBUTE,
  attributeName,
  FLAG,
  type MpReach,
  type MpUnreach,
  ORIGINS,
  type PathAttributes,
} from './attributes.ts';
import { ByteWriter } from './byte-writer.ts';
import { encodeMpReach, encodeMpUnreach } from './destinations.ts';
import { AS_TRANS } from './open.ts';

const WELL_KNOWN = FLAG.transitive;
const OPTIONAL_TRANSITIVE = FLAG.optional | FLAG.transitive;

/**
 * The path attributes as they are sent: the destinations first (RFC 7606 5.1), the others in ascending order, AS
 * numbers in four octets or, for an older peer, in two with AS4_PATH and AS4_AGGREGATOR by need. Throws WeirError
 * `BGP_BAD_ADDRESS` where an address is not a dotted quad.
 */
export function encodeAttributes(
  attributes: PathAttributes,
  reach: MpReach | undefined,
  unreach: MpUnreach | undefined,
  fourOctetAs: boolean,
): Uint8Array {
  const writer = new ByteWriter();
  const add = (code: number, flags: number, value: Uint8Array): void => {
    if (value.length > 0xffff) {
      throw new WeirError(
        'BGP_TOO_LONG',
        `${attributeName(code)} takes ${value.length} bytes, at most 65535 fit`,
      );
    }
    const long = value.length > 255;
    writer.u8(flags | (long ? FLAG.extendedLength : 0)).u8(code);
    if (long) writer.u16(value.length);
    else writer.u8(value.length);
    writer.append(value);
  };
  if (unreach !== undefined) add(ATTRIBUTE.mpUnreach, FLAG.optional, encodeMpUnreach(unreach));
  if (reach !== undefined) add(ATTRIBUTE.mpReach, FLAG.optional, encodeMpReach(reach));
  const { origin, asPath, nextHop, med, localPref, aggregator, communities, originatorId } = attributes;
  const { clusterList, extendedCommunities, ipv6ExtendedCommunities, largeCommunities } = attributes;
  if (origin !== undefined) add(ATTRIBUTE.origin, WELL_KNOWN, Uint8Array.of(ORIGINS.indexOf(origin)));
  if (asPath !== undefined) add(ATTRIBUTE.asPath, WELL_KNOWN, encodeAsPath(asPath, fourOctetAs ? 4 : 2));
  if (nextHop !== undefined) add(ATTRIBUTE.nextHop, WELL_KNOWN, words([quad('NEXT_HOP', nextHop)]));
  if (med !== undefined) add(ATTRIBUTE.med, FLAG.optional, words([med]));
  if (localPref !== undefined) add(ATTRIBUTE.localPref, WELL_KNOWN, words([localPref]));
  if (attributes.atomicAggregate === true) add(ATTRIBUTE.atomicAggregate, WELL_KNOWN, new Uint8Array(0));
  if (aggregator !== undefined) {
    add(ATTRIBUTE.aggregator, OPTIONAL_TRANSITIVE, encodeAggregator(aggregator, fourOctetAs));
  }
  if (has(communities)) add(ATTRIBUTE.communities, OPTIONAL_TRANSITIVE, words(communities));
  if (originatorId !== undefined) {
    add(ATTRIBUTE.originatorId, FLAG.optional, words([quad('ORIGINATOR_ID', originatorId)]));
  }
  if (has(clusterList)) {
    const identifiers = clusterList.map((identifier) => quad('CLUSTER_LIST', identifier));
    add(ATTRIBUTE.clusterList, FLAG.optional, words(identifiers));
  }
  if (has(extendedCommunities)) {
    add(ATTRIBUTE.extendedCommunities, OPTIONAL_TRANSITIVE, joined(extendedCommunities));
  }
  if (!fourOctetAs) addFourOctets(add, asPath, aggregator);
  if (has(ipv6ExtendedCommunities)) {
    add(ATTRIBUTE.ipv6ExtendedCommunities, OPTIONAL_TRANSITIVE, joined(ipv6ExtendedCommunities));
  }
  if (has(largeCommunities))
    add(ATTRIBUTE.largeCommunities, OPTIONAL_TRANSITIVE, words(largeCommunities.flat()));
  for (const { code, flags, value } of attributes.unknown ?? []) add(code, flags, value);
  return writer.finish();
}

/** An empty list is no attribute: every list attribute must have at least one item. */
function has<Item>(list: readonly Item[] | undefined): list is readonly Item[] {
  return list !== undefined && list.length > 0;
}

function addFourOctets(
  add: (code: number, flags: number, value: Uint8Array) => void,
  asPath: AsPath | undefined,
  aggregator: Aggregator | undefined,
): void {
  if (asPath !== undefined && needsFourOctets(asPath)) {
    add(ATTRIBUTE.as4Path, OPTIONAL_TRANSITIVE, encodeAsPath(withoutConfederation(asPath), 4));
  }
  if (aggregator !== undefined && aggregator.as > 0xffff) {
    add(ATTRIBUTE.as4Aggregator, OPTIONAL_TRANSITIVE, encodeAggregator(aggregator, true));
  }
}

function encodeAggregator({ as, address }: Aggregator, fourOctetAs: boolean): Uint8Array {
  const writer = new ByteWriter();
  if (fourOctetAs) writer.u32(as);
  else writer.u16(as > 0xffff ? AS_TRANS : as);
  return writer.u32(quad('AGGREGATOR', address)).finish();
}

function words(list: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const word of list) writer.u32(word);
  return writer.finish();
}

function joined(list: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const bytes of list) writer.append(bytes);
  return writer.finish();
}

function quad(what: string, text: string): number {
  const word = parseIPv4(text);
  if (word === undefined) throw new WeirError('BGP_BAD_ADDRESS', `${what} ${text} is not a dotted quad`);
  return word;
}
