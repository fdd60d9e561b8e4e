import { readCompactInterface, readCompactSource } from './compact.ts';
import { decodeLegacySamples } from './decode-legacy.ts';
import type { Datagram, FieldValue, InterfaceId, Sample, SourceId } from './model.ts';
import { FirstFault, faultText, readRecords, readScalar } from './read-record.ts';
import type { ScalarType } from './schema.ts';
import { RTFLOW_TYPES, RTMETRIC_TYPES, SAMPLE_FORMAT } from './wire.ts';
import { XdrReader } from './xdr-reader.ts';

/** `datagram` holds all that could be read before a fault; `error` says what was wrong and at which byte. */
export interface DecodeResult {
  readonly datagram?: Datagram;
  /** The first fault. There is no `datagram` when it was in the header. */
  readonly error?: string;
}

/**
 * Decode a datagram of version 2, 4 or 5. Never throws.
 *
 * Faults are contained: a record that does not fit its structure keeps its bytes and an `error`, a sample that does
 * not fit its type becomes an `unknown` one, and a length that reaches too far ends the list it stands in. Surplus
 * bytes after the announced samples, and after the records of a sample, are ignored.
 */
export function decodeDatagram(bytes: Uint8Array): DecodeResult {
  const reader = new XdrReader(bytes);
  const version = reader.u32();
  if (reader.fault !== undefined) return { error: faultText('version', reader) };
  if (version !== 2 && version !== 4 && version !== 5) {
    return { error: `version: ${version} is not one of 2, 4 and 5 at byte 0` };
  }
  const agentAddress = reader.address();
  if (agentAddress === null) reader.fail('address type 0', 4);
  if (reader.fault !== undefined) return { error: faultText('agent address', reader) };
  const subAgentId = version === 5 ? reader.u32() : 0;
  const sequenceNumber = reader.u32();
  const uptime = reader.u32();
  const countAt = reader.at;
  const count = reader.u32();
  if (agentAddress === null || reader.fault !== undefined) return { error: faultText('header', reader) };

  const first = new FirstFault();
  const samples =
    version === 5 ? decodeSamples(reader, count, first) : decodeLegacySamples(reader, version, count, first);
  if (samples.length < count) {
    first.note(`samples: ${count} announced, ${samples.length} present at byte ${countAt}`);
  }
  const datagram: Datagram = { version, agentAddress, subAgentId, sequenceNumber, uptime, samples };
  return first.text === undefined ? { datagram } : { datagram, error: first.text };
}

function decodeSamples(reader: XdrReader, count: number, first: FirstFault): Sample[] {
  const samples: Sample[] = [];
  while (samples.length < count && reader.remaining >= 8) {
    const word = reader.u32();
    const length = reader.u32();
    if (length > reader.remaining) {
      const what = `sample ${word >>> 12}:${word & 0xfff} of ${length} bytes`;
      first.note(`${what}, but ${reader.remaining} left at byte ${reader.at - 4}`);
      break;
    }
    samples.push(decodeSample(reader.part(length), word, first));
  }
  return samples;
}

function decodeSample(reader: XdrReader, word: number, first: FirstFault): Sample {
  const enterprise = word >>> 12;
  const format = word & 0xfff;
  const start = reader.at;
  const sample = decodeKnownSample(reader, word, first);
  if (sample !== undefined) return sample;
  if (reader.fault === undefined) return { kind: 'unknown', enterprise, format, bytes: reader.copy(start) };
  const error = faultText(`sample ${enterprise}:${format}`, reader);
  first.note(error);
  return { kind: 'unknown', enterprise, format, bytes: reader.copy(start), error };
}

/** Undefined when the type is unknown, or, with a fault in the reader, when the fixed part could not be read. */
function decodeKnownSample(reader: XdrReader, word: number, first: FirstFault): Sample | undefined {
  switch (word) {
    case SAMPLE_FORMAT.flow:
    case SAMPLE_FORMAT.flowExpanded:
      return decodeFlowSample(reader, word === SAMPLE_FORMAT.flowExpanded, first);
    case SAMPLE_FORMAT.counter:
    case SAMPLE_FORMAT.counterExpanded:
      return decodeCounterSample(reader, word === SAMPLE_FORMAT.counterExpanded, first);
    case SAMPLE_FORMAT.discard:
      return decodeDiscardSample(reader, first);
    case SAMPLE_FORMAT.rtmetric:
      return decodeRtMetric(reader);
    case SAMPLE_FORMAT.rtflow:
      return decodeRtFlow(reader);
    default:
      return undefined;
  }
}

function decodeFlowSample(reader: XdrReader, expanded: boolean, first: FirstFault): Sample | undefined {
  const head = {
    kind: 'flow',
    expanded,
    sequenceNumber: reader.u32(),
    sourceId: readSourceId(reader, expanded),
    samplingRate: reader.u32(),
    samplePool: reader.u32(),
    drops: reader.u32(),
    input: readInterface(reader, expanded),
    output: readInterface(reader, expanded),
  } as const;
  const records = decodeRecords(reader, 'flow', first);
  return records && { ...head, records };
}

function decodeCounterSample(reader: XdrReader, expanded: boolean, first: FirstFault): Sample | undefined {
  const head = {
    kind: 'counter',
    expanded,
    sequenceNumber: reader.u32(),
    sourceId: readSourceId(reader, expanded),
  } as const;
  const records = decodeRecords(reader, 'counter', first);
  return records && { ...head, records };
}

function decodeDiscardSample(reader: XdrReader, first: FirstFault): Sample | undefined {
  const head = {
    kind: 'discard',
    sequenceNumber: reader.u32(),
    sourceId: readSourceId(reader, true),
    drops: reader.u32(),
    input: reader.u32(),
    output: reader.u32(),
    reason: reader.u32(),
  } as const;
  const records = decodeRecords(reader, 'flow', first);
  return records && { ...head, records };
}

/** The records of a sample; a fault among them is noted and ends them. Undefined when not even their count is there. */
function decodeRecords(reader: XdrReader, kind: 'flow' | 'counter', first: FirstFault) {
  if (reader.fault === undefined && reader.remaining < 4) reader.fail('no room for the number of records');
  if (reader.fault !== undefined) return undefined;
  const records = readRecords(reader, kind, first);
  if (reader.fault !== undefined) first.note(faultText('records', reader));
  return records;
}

function readSourceId(reader: XdrReader, expanded: boolean): SourceId {
  return expanded ? { class: reader.u32(), index: reader.u32() } : readCompactSource(reader);
}

function readInterface(reader: XdrReader, expanded: boolean): InterfaceId {
  return expanded ? { format: reader.u32(), value: reader.u32() } : readCompactInterface(reader);
}

function decodeRtMetric(reader: XdrReader): Sample | undefined {
  const dataSource = reader.string();
  const metrics = readTypedValues(reader, RTMETRIC_TYPES);
  return reader.fault === undefined ? { kind: 'rtmetric', dataSource, metrics } : undefined;
}

function decodeRtFlow(reader: XdrReader): Sample | undefined {
  const dataSource = reader.string();
  const samplingRate = reader.u32();
  const reserved = reader.u32();
  const fields = readTypedValues(reader, RTFLOW_TYPES);
  if (reader.fault !== undefined) return undefined;
  return { kind: 'rtflow', dataSource, samplingRate, reserved, fields };
}

/** A counted list of name, type and value. */
function readTypedValues(reader: XdrReader, types: readonly ScalarType[]) {
  const count = reader.u32();
  const values: { name: string; type: number; value: FieldValue }[] = [];
  while (values.length < count && reader.fault === undefined) {
    const name = reader.string();
    const at = reader.at;
    const type = reader.u32();
    if (types[type] === undefined) reader.fail(`value type ${type} of ${name}`, at);
    else values.push({ name, type, value: readScalar(reader, types[type]) });
  }
  return values;
}
