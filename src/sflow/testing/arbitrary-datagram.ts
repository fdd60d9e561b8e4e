/** fast-check arbitraries for everything that `encodeDatagram` can carry, made from the structures' descriptions. */
import fc from 'fast-check';
import { formatIPv4, formatIPv6 } from '../../common/index.ts';
import {
  COUNTERS_VERSIONS,
  EXTENDED_RECORDS,
  type LegacyRecord,
  type LegacyVersion,
  PACKET_RECORDS,
} from '../legacy.ts';
import type { Datagram, FieldValue, FlowOrCounterRecord, InterfaceId, Sample, SourceId } from '../model.ts';
import type { FieldType, ScalarType, Structure, StructureField } from '../schema.ts';
import { COUNTER_STRUCTURES, FLOW_STRUCTURES, structureOf } from '../structures.ts';
import { RTFLOW_TYPES, RTMETRIC_TYPES } from '../wire.ts';
import { decodeText } from '../xdr-text.ts';

type Fields = { [name: string]: FieldValue };

const word = fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 0xffffffff }), fc.constant(0xffffffff));
const signedWord = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const smallBytes = fc.uint8Array({ maxLength: 40 });
const hexDigit = fc.constantFrom(...'0123456789ABCDEF');
const mac = fc.string({ unit: hexDigit, minLength: 12, maxLength: 12 });
const ipv4 = signedWord.map(formatIPv4);
const ipv6 = fc
  .tuple(fc.constantFrom(0, 0x20010db8), signedWord, fc.constantFrom(0, 1), signedWord)
  .map((words) => formatIPv6(...words));

const SCALAR: Readonly<Record<ScalarType, fc.Arbitrary<FieldValue>>> = {
  u32: word,
  i32: signedWord,
  u64: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
  f32: fc.float(),
  f64: fc.double(),
  mac,
  mac6: mac,
  ipv4,
  ipv6,
  address: fc.oneof(fc.constant(null), ipv4, ipv6),
  // Also what is not UTF-8.
  string: fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), smallBytes.map(decodeText)),
  opaque: smallBytes,
  uuid: fc.uuid(),
};

/** A value of a type. `depth` is how many more records inside records there may be. */
function typeValue(type: FieldType, depth: number): fc.Arbitrary<FieldValue> {
  if (typeof type === 'string') return SCALAR[type];
  if ('bytes' in type) return fc.uint8Array({ minLength: type.bytes, maxLength: type.bytes });
  if ('records' in type)
    return depth > 0 ? fc.array(flowRecord(depth - 1), { maxLength: 2 }) : fc.constant([]);
  if ('fixed' in type) {
    return fc.array(SCALAR[type.fixed], { minLength: type.count, maxLength: type.count });
  }
  if ('union' in type) {
    return fc.oneof(
      ...Object.entries(type.union).map(([selector, fields]) =>
        fieldsOf(fields, depth).map((values) => ({ selector: Number(selector), ...values })),
      ),
    );
  }
  const { array } = type;
  return fc.array(typeof array === 'string' ? SCALAR[array] : fieldsOf(array, depth), { maxLength: 3 });
}

/** Values for all of the fields; optional ones may be missing from some field on. */
export function fieldsOf(layout: readonly StructureField[], depth = 0): fc.Arbitrary<Fields> {
  const required = layout.filter((field) => field.optional !== true).length;
  const values = fc.tuple(...layout.map((field) => typeValue(field.type, depth)));
  return fc
    .tuple(values, fc.integer({ min: required, max: layout.length }))
    .map(([all, count]) => Object.fromEntries(layout.slice(0, count).map(({ name }, i) => [name, all[i]])));
}

/** A record of the structure, at times with bytes of a later revision behind. */
export function recordOf(structure: Structure, depth = 0): fc.Arbitrary<FlowOrCounterRecord> {
  const { enterprise, format, name, fields: layout } = structure;
  const trailing = fc.option(fc.uint8Array({ minLength: 1, maxLength: 8 }), { freq: 8 });
  return fc.tuple(fieldsOf(layout, depth), trailing).map(([fields, bytes]) => {
    const whole = Object.keys(fields).length === layout.length;
    const record = { enterprise, format, name, fields };
    return bytes !== null && whole ? { ...record, trailing: bytes } : record;
  });
}

const unknownRecord: fc.Arbitrary<FlowOrCounterRecord> = fc
  .record({
    enterprise: fc.constantFrom(0, 9, 4413, 0xfffff),
    format: fc.nat({ max: 0xfff }),
    bytes: smallBytes,
  })
  .filter(({ enterprise, format }) => !isKnown(enterprise, format));

function isKnown(enterprise: number, format: number): boolean {
  return (['flow', 'counter'] as const).some((kind) => structureOf(kind, enterprise, format) !== undefined);
}

function flowRecord(depth = 1): fc.Arbitrary<FlowOrCounterRecord> {
  return fc.oneof(...FLOW_STRUCTURES.map((each) => recordOf(each, depth)), unknownRecord);
}

const counterRecord = fc.oneof(...COUNTER_STRUCTURES.map((each) => recordOf(each)), unknownRecord);

const compactSource: fc.Arbitrary<SourceId> = fc.record({
  class: fc.nat({ max: 3 }),
  index: fc.nat({ max: 0xffffff }),
});
const wideSource: fc.Arbitrary<SourceId> = fc.record({ class: word, index: word });
const compactInterface: fc.Arbitrary<InterfaceId> = fc.record({
  format: fc.nat({ max: 3 }),
  value: fc.nat({ max: 0x3fffffff }),
});
const wideInterface: fc.Arbitrary<InterfaceId> = fc.record({ format: word, value: word });
const flowRecords = fc.array(flowRecord(), { maxLength: 4 });

function flowSample(expanded: boolean): fc.Arbitrary<Sample> {
  return fc.record({
    kind: fc.constant('flow'),
    expanded: fc.constant(expanded),
    sequenceNumber: word,
    sourceId: expanded ? wideSource : compactSource,
    samplingRate: word,
    samplePool: word,
    drops: word,
    input: expanded ? wideInterface : compactInterface,
    output: expanded ? wideInterface : compactInterface,
    records: flowRecords,
  });
}

function counterSample(expanded: boolean): fc.Arbitrary<Sample> {
  return fc.record({
    kind: fc.constant('counter'),
    expanded: fc.constant(expanded),
    sequenceNumber: word,
    sourceId: expanded ? wideSource : compactSource,
    records: fc.array(counterRecord, { maxLength: 4 }),
  });
}

const discardSample: fc.Arbitrary<Sample> = fc.record({
  kind: fc.constant('discard'),
  sequenceNumber: word,
  sourceId: wideSource,
  drops: word,
  input: word,
  output: word,
  reason: word,
  records: flowRecords,
});

function typedValues(types: readonly ScalarType[]) {
  const each = types.map((scalar, type) =>
    fc.record({ name: SCALAR.string.map(String), type: fc.constant(type), value: SCALAR[scalar] }),
  );
  return fc.array(fc.oneof(...each), { maxLength: 5 });
}

const rtMetricSample: fc.Arbitrary<Sample> = fc.record({
  kind: fc.constant('rtmetric'),
  dataSource: SCALAR.string.map(String),
  metrics: typedValues(RTMETRIC_TYPES),
});

const rtFlowSample: fc.Arbitrary<Sample> = fc.record({
  kind: fc.constant('rtflow'),
  dataSource: SCALAR.string.map(String),
  samplingRate: word,
  reserved: word,
  fields: typedValues(RTFLOW_TYPES),
});

const unknownSample: fc.Arbitrary<Sample> = fc.record({
  kind: fc.constant('unknown'),
  enterprise: fc.constantFrom(1, 4300, 0xfffff),
  format: fc.nat({ max: 0xff }),
  bytes: smallBytes,
});

function datagramOf<Version extends 2 | 4 | 5>(
  version: Version,
  subAgentId: fc.Arbitrary<number>,
  sample: fc.Arbitrary<Sample>,
): fc.Arbitrary<Datagram> {
  return fc.record({
    version: fc.constant(version),
    agentAddress: fc.oneof(ipv4, ipv6),
    subAgentId,
    sequenceNumber: word,
    uptime: word,
    samples: fc.array(sample, { maxLength: 5 }),
  });
}

/** Any version 5 datagram. */
export const datagram5: fc.Arbitrary<Datagram> = datagramOf(
  5,
  word,
  fc.oneof(
    flowSample(false),
    flowSample(true),
    counterSample(false),
    counterSample(true),
    discardSample,
    rtMetricSample,
    rtFlowSample,
    unknownSample,
  ),
);

function legacyRecord(legacy: LegacyRecord): fc.Arbitrary<FlowOrCounterRecord> {
  const { enterprise, format, name } = legacy.structure;
  return fieldsOf(legacy.fields).map((wire) => ({
    enterprise,
    format,
    name,
    fields: { ...legacy.absent, ...legacy.toModel(wire) },
  }));
}

function legacyFlowSample(version: LegacyVersion): fc.Arbitrary<Sample> {
  const half = fc.nat({ max: 0x7fffffff });
  return fc.record({
    kind: fc.constant('flow'),
    expanded: fc.constant(false),
    sequenceNumber: word,
    sourceId: compactSource,
    samplingRate: word,
    samplePool: word,
    drops: word,
    input: fc.record({ format: fc.constant(0), value: word }),
    output: fc.record({ format: fc.constantFrom(0, 2), value: half }),
    records: fc
      .tuple(
        fc.oneof(...PACKET_RECORDS.map(legacyRecord)),
        fc.array(fc.oneof(...EXTENDED_RECORDS[version].map(legacyRecord)), { maxLength: 5 }),
      )
      .map(([packet, extended]) => [packet, ...extended]),
  });
}

const legacyCounterSample: fc.Arbitrary<Sample> = fc.oneof(
  ...Object.entries(COUNTERS_VERSIONS).map(([version, structures]) =>
    fc.record({
      kind: fc.constant('counter' as const),
      expanded: fc.constant(false),
      sequenceNumber: word,
      sourceId: compactSource,
      records: fc.tuple(
        ...structures.map(({ enterprise, format, name, fields }) =>
          fieldsOf(fields).map((values) => ({ enterprise, format, name, fields: values })),
        ),
      ),
      legacy: fc.record({ samplingInterval: word, countersVersion: fc.constant(Number(version)) }),
    }),
  ),
);

/** Any datagram of version 2 or 4. */
export function legacyDatagram(version: LegacyVersion): fc.Arbitrary<Datagram> {
  return datagramOf(version, fc.constant(0), fc.oneof(legacyFlowSample(version), legacyCounterSample));
}
