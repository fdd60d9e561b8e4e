import { writeCompactSource } from './compact.ts';
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
  LegacyCounters,
  Sample,
} from './model.ts';
import type { Structure } from './schema.ts';
import { writeFields } from './write-record.ts';
import type { XdrWriter } from './xdr-writer.ts';

/** A sample of a version 2 or 4 datagram; what these versions cannot carry is refused. */
export function encodeLegacySample(writer: XdrWriter, version: LegacyVersion, sample: Sample): void {
  if (sample.kind === 'flow') encodeFlowSample(writer, version, sample);
  else if (sample.kind === 'counter') encodeCountersSample(writer, sample);
  else writer.fail(`version ${version} has no ${sample.kind} samples`);
}

function encodeFlowSample(writer: XdrWriter, version: LegacyVersion, sample: FlowSample): void {
  refuseExpanded(writer, sample);
  writer.u32(LEGACY_SAMPLE.flow);
  writer.numbers(sample, ['sequenceNumber']);
  writer.inside('sourceId', () => writeCompactSource(writer, sample.sourceId));
  writer.numbers(sample, ['samplingRate', 'samplePool', 'drops']);
  writer.inside('input', () => {
    if (sample.input.format !== 0) writer.fail(`format ${sample.input.format} is not 0`);
    writer.u32(sample.input.value);
  });
  writer.inside('output', () => writeOutput(writer, sample.output));
  const [packet, ...extended] = sample.records;
  if (packet === undefined) writer.fail('has no packet record');
  writeTagged(writer, PACKET_RECORDS, packet);
  writer.u32(extended.length);
  for (const record of extended) writeTagged(writer, EXTENDED_RECORDS[version], record);
}

function writeOutput(writer: XdrWriter, { format, value }: InterfaceId): void {
  if ((format !== 0 && format !== 2) || value >= MULTIPLE_OUTPUTS)
    writer.fail(`format ${format} and value ${value} do not fit`);
  writer.u32(format === 2 ? MULTIPLE_OUTPUTS + value : value);
}

/** A record with its type word. */
function writeTagged(writer: XdrWriter, known: readonly LegacyRecord[], record: FlowOrCounterRecord): void {
  writer.inside(record.name ?? `${record.enterprise}:${record.format}`, () => {
    const legacy = known.find(({ structure }) => isOf(record, structure));
    if (legacy === undefined) writer.fail('the version has no such record here');
    writer.u32(legacy.tag);
    writeFields(writer, legacy.fields, wireFields(writer, legacy, wholeFields(writer, record)));
  });
}

/** The fields that are on the wire; the others must have the value that decoding gives them. */
function wireFields(
  writer: XdrWriter,
  legacy: LegacyRecord,
  fields: { readonly [name: string]: FieldValue },
): { readonly [name: string]: FieldValue } {
  const wire = legacy.toWire(fields);
  if (wire === undefined) writer.fail('the version cannot carry its path');
  const present: { [name: string]: FieldValue } = {};
  for (const [name, value] of Object.entries(wire)) {
    if (!(name in legacy.absent)) present[name] = value;
    else if (!isSame(value, legacy.absent[name])) writer.fail(`the version cannot carry ${name}`);
  }
  return present;
}

function encodeCountersSample(writer: XdrWriter, sample: CounterSample): void {
  refuseExpanded(writer, sample);
  const { samplingInterval, countersVersion } = sample.legacy ?? impliedCounters(writer, sample.records);
  const structures = COUNTERS_VERSIONS[countersVersion];
  if (structures === undefined || !consistsOf(sample.records, structures))
    writer.fail(`its records are not those of counters version ${countersVersion}`);
  writer.u32(LEGACY_SAMPLE.counters);
  writer.numbers(sample, ['sequenceNumber']);
  writer.inside('sourceId', () => writeCompactSource(writer, sample.sourceId));
  writer.inside('samplingInterval', () => writer.u32(samplingInterval));
  writer.u32(countersVersion);
  for (const [index, structure] of structures.entries()) {
    writer.inside(structure.name, () => {
      writeFields(writer, structure.fields, wholeFields(writer, sample.records[index]));
    });
  }
}

/** For a sample that did not come from these versions: the first counters version that has its records. */
function impliedCounters(writer: XdrWriter, records: readonly FlowOrCounterRecord[]): LegacyCounters {
  for (const [version, structures] of Object.entries(COUNTERS_VERSIONS)) {
    if (consistsOf(records, structures)) return { samplingInterval: 0, countersVersion: Number(version) };
  }
  return writer.fail('no counters version has these records');
}

function consistsOf(records: readonly FlowOrCounterRecord[], structures: readonly Structure[]): boolean {
  return records.length === structures.length && structures.every((each, i) => isOf(records[i], each));
}

function isOf(record: FlowOrCounterRecord, structure: Structure): boolean {
  return record.enterprise === structure.enterprise && record.format === structure.format;
}

function wholeFields(
  writer: XdrWriter,
  record: FlowOrCounterRecord,
): { readonly [name: string]: FieldValue } {
  if (record.fields === undefined || record.trailing !== undefined)
    writer.fail('the version can only carry whole, known records');
  return record.fields;
}

function isSame(value: FieldValue, expected: FieldValue): boolean {
  if (Array.isArray(expected)) return Array.isArray(value) && value.length === expected.length;
  return value === expected;
}

function refuseExpanded(writer: XdrWriter, sample: FlowSample | CounterSample): void {
  if (sample.expanded) writer.fail('the version has no expanded samples');
}
