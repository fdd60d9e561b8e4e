import { ipv4At, u16, u32 } from '../common/index.ts';
import { type AsPath, mergeAsPaths, readAsPath } from './as-path.ts';
import {
  type Aggregator,
  ATTRIBUTE,
  attributeName,
  FLAG,
  type MpReach,
  type MpUnreach,
  ORIGINS,
  type PathAttributes,
  type UnknownAttribute,
} from './attributes.ts';
import type { LargeCommunity } from './community.ts';
import { type AddPathFamilies, readMpReach, readMpUnreach } from './destinations.ts';
import { ERROR, notification, UPDATE_ERROR } from './notification.ts';
import { AS_TRANS, type SessionError } from './open.ts';

/** What the session has agreed on, as far as reading UPDATE depends on it. */
export interface AttributeContext {
  /** Both sides have the four-octet AS capability. */
  readonly fourOctetAs: boolean;
  /** The peer is in another AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST from it are discarded. */
  readonly external: boolean;
  /** Families in which the peer sends path identifiers. */
  readonly addPath: AddPathFamilies;
}

/** An error that does not end the session (RFC 7606 2). */
export interface AttributeFault {
  /** `withdraw`: the routes of the message count as withdrawn. `discard`: the attribute was left out. */
  readonly action: 'withdraw' | 'discard';
  /** Code of the attribute; 0 when it is about the list of attributes. */
  readonly attribute: number;
  /** For the log: what is wrong. */
  readonly reason: string;
}

/** The path attributes of an UPDATE. */
export interface AttributeList {
  readonly ok: true;
  readonly attributes: PathAttributes;
  readonly reach: MpReach | undefined;
  readonly unreach: MpUnreach | undefined;
  readonly faults: readonly AttributeFault[];
}

/** `PathAttributes` while they are read, with the pair that only two-octet speakers send. */
type Reading = { -readonly [Name in keyof PathAttributes]: PathAttributes[Name] } & {
  as4Path?: AsPath;
  as4Aggregator?: Aggregator;
};

const WELL_KNOWN = FLAG.transitive;
const OPTIONAL_TRANSITIVE = FLAG.optional | FLAG.transitive;
const OPTIONAL_NON_TRANSITIVE = FLAG.optional;

/** Optional and transitive bits that each attribute must have. */
const EXPECTED_FLAGS: Readonly<Record<number, number>> = {
  [ATTRIBUTE.origin]: WELL_KNOWN,
  [ATTRIBUTE.asPath]: WELL_KNOWN,
  [ATTRIBUTE.nextHop]: WELL_KNOWN,
  [ATTRIBUTE.med]: OPTIONAL_NON_TRANSITIVE,
  [ATTRIBUTE.localPref]: WELL_KNOWN,
  [ATTRIBUTE.atomicAggregate]: WELL_KNOWN,
  [ATTRIBUTE.aggregator]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.communities]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.originatorId]: OPTIONAL_NON_TRANSITIVE,
  [ATTRIBUTE.clusterList]: OPTIONAL_NON_TRANSITIVE,
  [ATTRIBUTE.mpReach]: OPTIONAL_NON_TRANSITIVE,
  [ATTRIBUTE.mpUnreach]: OPTIONAL_NON_TRANSITIVE,
  [ATTRIBUTE.extendedCommunities]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.as4Path]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.as4Aggregator]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.ipv6ExtendedCommunities]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.largeCommunities]: OPTIONAL_TRANSITIVE,
};

/** What an error in each attribute leads to, where it is not a withdrawal (RFC 7606 7, RFC 6793 6). */
const DISCARDED_WHEN_BAD: ReadonlySet<number> = new Set<number>([
  ATTRIBUTE.atomicAggregate,
  ATTRIBUTE.aggregator,
  ATTRIBUTE.as4Path,
  ATTRIBUTE.as4Aggregator,
]);

/** One attribute as it is on the wire. */
interface RawAttribute {
  readonly flags: number;
  readonly code: number;
  readonly value: Uint8Array;
  /** With its header: what a NOTIFICATION returns. */
  readonly whole: Uint8Array;
}

/** Reads the path attributes of an UPDATE, with the errors of RFC 7606. */
export function readAttributes(bytes: Uint8Array, context: AttributeContext): AttributeList | SessionError {
  const reading: Reading = {};
  const faults: AttributeFault[] = [];
  const unknown: UnknownAttribute[] = [];
  let reach: MpReach | undefined;
  let unreach: MpUnreach | undefined;
  const list = splitAttributes(bytes, faults);
  if (!Array.isArray(list)) return list;
  for (const raw of list) {
    const { flags, code, value, whole } = raw;
    const expected = EXPECTED_FLAGS[code];
    if (expected === undefined) {
      if ((flags & FLAG.optional) === 0) {
        const reason = `well-known ${attributeName(code)} is not known`;
        return reset(UPDATE_ERROR.unrecognizedWellKnown, reason, whole);
      }
      if ((flags & FLAG.transitive) !== 0) unknown.push(passedOn(raw));
      continue;
    }
    if (code === ATTRIBUTE.mpReach) {
      const result = readMpReach(value, context.addPath);
      if (!result.ok) return resetDestinations(raw, result.reason);
      reach = result.value;
    } else if (code === ATTRIBUTE.mpUnreach) {
      const result = readMpUnreach(value, context.addPath);
      if (!result.ok) return resetDestinations(raw, result.reason);
      unreach = result.value;
    }
    if ((flags & OPTIONAL_TRANSITIVE) !== expected) {
      const action = DISCARDED_WHEN_BAD.has(code) ? 'discard' : 'withdraw';
      faults.push({ action, attribute: code, reason: `${attributeName(code)} has flags ${flags & 0xf0}` });
    } else if (!carriesDestinations(code)) {
      const fault = readValue(reading, code, value, context);
      if (fault !== undefined) faults.push({ ...fault, attribute: code });
    }
  }
  if (unknown.length > 0) reading.unknown = unknown;
  return { ok: true, attributes: mergeFourOctets(reading), reach, unreach, faults };
}

/** The attributes one by one, the first of each code; those that cannot be told apart from there on are a fault. */
function splitAttributes(bytes: Uint8Array, faults: AttributeFault[]): RawAttribute[] | SessionError {
  const list: RawAttribute[] = [];
  const seen = new Set<number>();
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const flags = bytes[at];
    const headerSize = (flags & FLAG.extendedLength) !== 0 ? 4 : 3;
    if (bytes.length - at < headerSize) {
      faults.push({ action: 'withdraw', attribute: 0, reason: 'the last attribute is cut short' });
      break;
    }
    const code = bytes[at + 1];
    const length = headerSize === 4 ? u16(bytes, at + 2) : bytes[at + 2];
    at += headerSize;
    const whole = bytes.subarray(start, at + length);
    const raw = { flags, code, value: bytes.subarray(at, at + length), whole };
    if (length > bytes.length - at) {
      const reason = `${length} bytes where ${bytes.length - at} are left`;
      if (carriesDestinations(code)) return resetDestinations(raw, reason);
      faults.push({ action: 'withdraw', attribute: code, reason: `${attributeName(code)}: ${reason}` });
      break;
    }
    at += length;
    if (!seen.has(code)) list.push(raw);
    else {
      const reason = `${attributeName(code)} is there twice`;
      if (carriesDestinations(code)) return reset(UPDATE_ERROR.attributeList, reason);
      faults.push({ action: 'discard', attribute: code, reason });
    }
    seen.add(code);
  }
  return list;
}

function carriesDestinations(code: number): boolean {
  return code === ATTRIBUTE.mpReach || code === ATTRIBUTE.mpUnreach;
}

function passedOn({ code, value }: RawAttribute): UnknownAttribute {
  return { code, flags: OPTIONAL_TRANSITIVE | FLAG.partial, value: value.slice() };
}

/** RFC 7606 5.3 and 7.11: destinations that cannot be read can neither be announced nor withdrawn. */
function resetDestinations({ code, whole }: RawAttribute, reason: string): SessionError {
  return reset(UPDATE_ERROR.optionalAttribute, `${attributeName(code)}: ${reason}`, whole);
}

function reset(subcode: number, reason: string, data?: Uint8Array): SessionError {
  return { ok: false, notification: notification(ERROR.update, subcode, data?.slice()), reason };
}

interface ValueFault {
  readonly action: AttributeFault['action'];
  readonly reason: string;
}

/** Reads one known attribute into `reading`, or tells the fault. */
function readValue(
  reading: Reading,
  code: number,
  value: Uint8Array,
  context: AttributeContext,
): ValueFault | undefined {
  if (context.external && INTERNAL_ONLY.has(code)) {
    return { action: 'discard', reason: `${attributeName(code)} from an external peer` };
  }
  if (context.fourOctetAs && (code === ATTRIBUTE.as4Path || code === ATTRIBUTE.as4Aggregator)) {
    return { action: 'discard', reason: `${attributeName(code)} from a speaker of four octets` };
  }
  const reason = readInto(reading, code, value, context.fourOctetAs ? 4 : 2);
  if (reason === undefined) return undefined;
  return {
    action: DISCARDED_WHEN_BAD.has(code) ? 'discard' : 'withdraw',
    reason: `${attributeName(code)}: ${reason}`,
  };
}

const INTERNAL_ONLY: ReadonlySet<number> = new Set<number>([
  ATTRIBUTE.localPref,
  ATTRIBUTE.originatorId,
  ATTRIBUTE.clusterList,
]);

/** The length each attribute of fixed length has. */
const FIXED_LENGTH: Readonly<Record<number, number>> = {
  [ATTRIBUTE.origin]: 1,
  [ATTRIBUTE.nextHop]: 4,
  [ATTRIBUTE.med]: 4,
  [ATTRIBUTE.localPref]: 4,
  [ATTRIBUTE.atomicAggregate]: 0,
  [ATTRIBUTE.originatorId]: 4,
  [ATTRIBUTE.as4Aggregator]: 8,
};

/** The size of an item of each attribute that is a list, which must not be empty. */
const ITEM_LENGTH: Readonly<Record<number, number>> = {
  [ATTRIBUTE.communities]: 4,
  [ATTRIBUTE.clusterList]: 4,
  [ATTRIBUTE.extendedCommunities]: 8,
  [ATTRIBUTE.ipv6ExtendedCommunities]: 20,
  [ATTRIBUTE.largeCommunities]: 12,
};

function readInto(reading: Reading, code: number, value: Uint8Array, asWidth: 2 | 4): string | undefined {
  const fixed = FIXED_LENGTH[code];
  if (fixed !== undefined && value.length !== fixed) return `${value.length} bytes instead of ${fixed}`;
  const item = ITEM_LENGTH[code];
  if (item !== undefined && (value.length === 0 || value.length % item !== 0)) {
    return `${value.length} bytes are not a list of ${item} bytes each`;
  }
  switch (code) {
    case ATTRIBUTE.origin: {
      const origin = ORIGINS[value[0]];
      if (origin === undefined) return `value ${value[0]}`;
      reading.origin = origin;
      return undefined;
    }
    case ATTRIBUTE.asPath: {
      const path = readAsPath(value, asWidth);
      if (!path.ok) return path.reason;
      reading.asPath = path.value;
      return undefined;
    }
    case ATTRIBUTE.nextHop:
      if (!isUnicastAddress(value)) return `${ipv4At(value, 0)} is not an address of a host`;
      reading.nextHop = ipv4At(value, 0);
      return undefined;
    case ATTRIBUTE.med:
      reading.med = u32(value, 0);
      return undefined;
    case ATTRIBUTE.localPref:
      reading.localPref = u32(value, 0);
      return undefined;
    case ATTRIBUTE.atomicAggregate:
      reading.atomicAggregate = true;
      return undefined;
    case ATTRIBUTE.aggregator: {
      if (value.length !== asWidth + 4) return `${value.length} bytes instead of ${asWidth + 4}`;
      const aggregator = readAggregator(value, asWidth);
      if (aggregator.as === 0) return 'AS number 0 (RFC 7607)';
      reading.aggregator = aggregator;
      return undefined;
    }
    case ATTRIBUTE.communities:
      reading.communities = itemsOf(value, 4).map((bytes) => u32(bytes, 0));
      return undefined;
    case ATTRIBUTE.originatorId:
      reading.originatorId = ipv4At(value, 0);
      return undefined;
    case ATTRIBUTE.clusterList:
      reading.clusterList = itemsOf(value, 4).map((bytes) => ipv4At(bytes, 0));
      return undefined;
    case ATTRIBUTE.extendedCommunities:
      reading.extendedCommunities = itemsOf(value, 8).map((bytes) => bytes.slice());
      return undefined;
    case ATTRIBUTE.ipv6ExtendedCommunities:
      reading.ipv6ExtendedCommunities = itemsOf(value, 20).map((bytes) => bytes.slice());
      return undefined;
    case ATTRIBUTE.largeCommunities:
      reading.largeCommunities = itemsOf(value, 12).map(
        (bytes): LargeCommunity => [u32(bytes, 0), u32(bytes, 4), u32(bytes, 8)],
      );
      return undefined;
    case ATTRIBUTE.as4Path: {
      const path = readAsPath(value, 4);
      if (!path.ok) return path.reason;
      reading.as4Path = path.value;
      return undefined;
    }
    default: {
      const aggregator = readAggregator(value, 4);
      if (aggregator.as === 0) return 'AS number 0 (RFC 7607)';
      reading.as4Aggregator = aggregator;
      return undefined;
    }
  }
}

function readAggregator(value: Uint8Array, asWidth: 2 | 4): Aggregator {
  return { as: asWidth === 4 ? u32(value, 0) : u16(value, 0), address: ipv4At(value, asWidth) };
}

/** Neither 0.0.0.0/8 nor class D or E (RFC 4271 6.3: a valid IP host address). */
function isUnicastAddress(value: Uint8Array): boolean {
  return value[0] !== 0 && value[0] < 224;
}

function itemsOf(value: Uint8Array, size: number): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += size) items.push(value.subarray(at, at + size));
  return items;
}

/** Merges what a two-octet speaker passed on from four-octet ones (RFC 6793 4.2.3). */
function mergeFourOctets(reading: Reading): PathAttributes {
  const { as4Path, as4Aggregator, ...attributes } = reading;
  if (as4Aggregator !== undefined && attributes.aggregator !== undefined) {
    // A two-octet speaker has aggregated since: what the pair tells is of before.
    if (attributes.aggregator.as !== AS_TRANS) return attributes;
    attributes.aggregator = as4Aggregator;
  }
  if (as4Path !== undefined && attributes.asPath !== undefined) {
    attributes.asPath = mergeAsPaths(attributes.asPath, as4Path);
  }
  return attributes;
}
