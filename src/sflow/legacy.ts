/**
 * How versions 2 and 4 (RFC 3176 describes both) map onto the object model of version 5. They have no lengths and no
 * unknown types to step over: one packet record per flow sample, then extended records; one block of counters per
 * counters sample.
 */
import type { FieldValue } from './model.ts';
import type { Structure, StructureField } from './schema.ts';
import { structureNamed } from './structures.ts';

export type LegacyVersion = 2 | 4;

/** as_path_segment_type. */
const AS_SEQUENCE = 2;

type Fields = { readonly [name: string]: FieldValue };

/** sample_type. */
export const LEGACY_SAMPLE = { flow: 1, counters: 2 } as const;

/** The bit of the output word that says "several interfaces", the rest being how many. */
export const MULTIPLE_OUTPUTS = 0x80000000;

/** A record of versions 2 or 4 and the version 5 structure that stands for it. */
export interface LegacyRecord {
  /** packet_data_type, or extended_information_type. */
  readonly tag: number;
  readonly structure: Structure;
  /** The layout on the wire. */
  readonly fields: readonly StructureField[];
  /** Fields of version 5 that are not on the wire, with the values that they are given. */
  readonly absent: Fields;
  /** Where a field has another type than in version 5: values of the wire to values of version 5, and back. */
  readonly toModel: (fields: Fields) => Fields;
  /** Undefined when they cannot be carried. */
  readonly toWire: (fields: Fields) => Fields | undefined;
}

/** packet_data_type: what every flow sample has one of. */
export const PACKET_RECORDS: readonly LegacyRecord[] = [
  legacy(1, 'sampled_header', { stripped: 0 }),
  legacy(2, 'sampled_ipv4'),
  legacy(3, 'sampled_ipv6'),
];

const EXTENDED_SWITCH = legacy(1, 'extended_switch');
const EXTENDED_ROUTER = legacy(2, 'extended_router');
const EXTENDED_USER = legacy(4, 'extended_user', { sourceCharset: 0, destinationCharset: 0 });
const EXTENDED_URL = legacy(5, 'extended_url', { host: '' });

/** In version 2 the path is one flat sequence, and there are neither communities nor a local preference. */
const EXTENDED_GATEWAY_2: LegacyRecord = {
  ...legacy(3, 'extended_gateway', { nextHop: null, communities: [], localPreference: 0 }),
  fields: [
    { name: 'asNumber', type: 'u32' },
    { name: 'sourceAs', type: 'u32' },
    { name: 'sourcePeerAs', type: 'u32' },
    { name: 'destinationAsPath', type: { array: 'u32' } },
  ],
  toModel: (fields) => ({ ...fields, destinationAsPath: sequenceOf(fields['destinationAsPath']) }),
  toWire: (fields) => {
    const asNumbers = onlySequence(fields['destinationAsPath']);
    return asNumbers === undefined ? undefined : { ...fields, destinationAsPath: asNumbers };
  },
};
const EXTENDED_GATEWAY_4 = legacy(3, 'extended_gateway', { nextHop: null });

/** extended_information_type by version. */
export const EXTENDED_RECORDS: Readonly<Record<LegacyVersion, readonly LegacyRecord[]>> = {
  2: [EXTENDED_SWITCH, EXTENDED_ROUTER, EXTENDED_GATEWAY_2, EXTENDED_USER, EXTENDED_URL],
  4: [EXTENDED_SWITCH, EXTENDED_ROUTER, EXTENDED_GATEWAY_4, EXTENDED_USER, EXTENDED_URL],
};

const GENERIC = known('if_counters');

/** counters_version: the counter structures that each consists of. FDDI and WAN have the generic counters only. */
export const COUNTERS_VERSIONS: Readonly<Record<number, readonly Structure[]>> = {
  1: [GENERIC],
  2: [GENERIC, known('ethernet_counters')],
  3: [GENERIC, known('tokenring_counters')],
  4: [GENERIC],
  5: [GENERIC, known('vg_counters')],
  6: [GENERIC],
  7: [known('vlan_counters')],
};

function legacy(tag: number, name: string, absent: Fields = {}): LegacyRecord {
  const structure = known(name);
  const fields = structure.fields.filter((field) => !(field.name in absent));
  return { tag, structure, fields, absent, toModel: (values) => values, toWire: (values) => values };
}

/** The structure of that name, which is known to exist. */
function known(name: string): Structure {
  return structureNamed(name)!;
}

/** Version 2's path as segments. */
function sequenceOf(asNumbers: FieldValue): FieldValue {
  return Array.isArray(asNumbers) && asNumbers.length > 0 ? [{ type: AS_SEQUENCE, asNumbers }] : [];
}

/** The AS numbers of a path without segments or with a single sequence that is not empty. */
function onlySequence(segments: FieldValue): FieldValue | undefined {
  if (!Array.isArray(segments) || segments.length > 1) return undefined;
  if (segments.length === 0) return [];
  const { type, asNumbers } = Object(segments[0]) as Fields;
  return type === AS_SEQUENCE && Array.isArray(asNumbers) && asNumbers.length > 0 ? asNumbers : undefined;
}
