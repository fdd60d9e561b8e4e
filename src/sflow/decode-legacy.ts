import { readCompactSource } from './compact.ts';
import {
  COUNTERS_VERSIONS,
  EXTENDED_RECORDS,
  LEGACY_SAMPLE,
  type LegacyRecord,
  type LegacyVersion,
  MULTIPLE_OUTPUTS,
  PACKET_RECORDS,
} from './legacy.ts';
import type {
  CounterSample,
  FieldValue,
  FlowOrCounterRecord,
  FlowSample,
  InterfaceId,
  Sample,
} from './model.ts';
import { readFields } from './read-record.ts';
import type { Structure, StructureField } from './schema.ts';
import type { XdrReader } from './xdr-reader.ts';

/**
 * The samples of a version 2 or 4 datagram, `count` of them or as many as can be read: these versions have no lengths,
 * so what follows a fault cannot be found. A flow sample whose packet record was read is kept without the rest.
 */
export function decodeLegacySamples(reader: XdrReader, version: LegacyVersion, count: number): Sample[] {
  const samples: Sample[] = [];
  while (samples.length < count && reader.remaining > 0 && reader.fault === undefined) {
    const sample = reader.inside(`${samples.length}`, () => decodeSample(reader, version));
    if (sample !== undefined) samples.push(sample);
  }
  return samples;
}

function decodeSample(reader: XdrReader, version: LegacyVersion): Sample | undefined {
  const { at } = reader;
  const type = reader.u32();
  if (type === LEGACY_SAMPLE.flow) return decodeFlowSample(reader, version);
  if (type === LEGACY_SAMPLE.counters) return decodeCountersSample(reader);
  reader.fail(`sample type ${type}`, at);
  return undefined;
}

function decodeFlowSample(reader: XdrReader, version: LegacyVersion): FlowSample | undefined {
  const head = {
    kind: 'flow',
    expanded: false,
    sequenceNumber: reader.u32(),
    sourceId: readCompactSource(reader),
    samplingRate: reader.u32(),
    samplePool: reader.u32(),
    drops: reader.u32(),
    input: { format: 0, value: reader.u32() },
    output: outputOf(reader.u32()),
  } as const;
  const packet = decodeTagged(reader, 'packet data', PACKET_RECORDS);
  if (packet === undefined) return undefined;
  const records = [packet];
  const count = reader.u32();
  while (records.length <= count && reader.fault === undefined) {
    const record = decodeTagged(reader, 'extended data', EXTENDED_RECORDS[version]);
    if (record !== undefined) records.push(record);
  }
  return { ...head, records };
}

/** A type word and the record that it names. */
function decodeTagged(
  reader: XdrReader,
  what: string,
  known: readonly LegacyRecord[],
): FlowOrCounterRecord | undefined {
  const { at } = reader;
  const tag = reader.u32();
  const legacy = known.find((each) => each.tag === tag);
  if (legacy === undefined) {
    reader.fail(`${what} type ${tag}`, at);
    return undefined;
  }
  const { structure } = legacy;
  const wire = readRecordFields(reader, structure, legacy.fields);
  if (wire === undefined) return undefined;
  const values = { ...legacy.absent, ...legacy.toModel(wire) };
  const fields: { [name: string]: FieldValue } = {};
  for (const { name } of structure.fields) fields[name] = values[name];
  return { enterprise: 0, format: structure.format, name: structure.name, fields };
}

function decodeCountersSample(reader: XdrReader): CounterSample | undefined {
  const sequenceNumber = reader.u32();
  const sourceId = readCompactSource(reader);
  const samplingInterval = reader.u32();
  const { at } = reader;
  const countersVersion = reader.u32();
  const structures = COUNTERS_VERSIONS[countersVersion];
  if (structures === undefined) {
    reader.fail(`counters version ${countersVersion}`, at);
    return undefined;
  }
  const records: FlowOrCounterRecord[] = [];
  for (const structure of structures) {
    const fields = readRecordFields(reader, structure, structure.fields);
    if (fields === undefined) return undefined;
    records.push({ enterprise: 0, format: structure.format, name: structure.name, fields });
  }
  return {
    kind: 'counter',
    expanded: false,
    sequenceNumber,
    sourceId,
    records,
    legacy: { samplingInterval, countersVersion },
  };
}

/** Undefined on a fault. */
function readRecordFields(
  reader: XdrReader,
  structure: Structure,
  layout: readonly StructureField[],
): { [name: string]: FieldValue } | undefined {
  const fields = reader.inside(structure.name, () => readFields(reader, layout));
  return reader.fault === undefined ? fields : undefined;
}

function outputOf(word: number): InterfaceId {
  return word >= MULTIPLE_OUTPUTS
    ? { format: 2, value: word - MULTIPLE_OUTPUTS }
    : { format: 0, value: word };
}
