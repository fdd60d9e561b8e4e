import { readCompactInterface, readCompactSource } from './compact.ts';
import { decodeLegacySamples } from './decode-legacy.ts';
import type {
  CounterSample,
  Datagram,
  DiscardSample,
  FieldValue,
  FlowOrCounterRecord,
  FlowSample,
  InterfaceId,
  RtFlowSample,
  RtMetricSample,
  Sample,
  SourceId,
} from './model.ts';
import { readRecords, readScalar } from './read-record.ts';
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
  const { count, ...header } = readHeader(reader);
  const headerFault = reader.noteFault();
  if (headerFault !== undefined) return { error: headerFault };
  const samples = reader.inside('samples', () => readSamples(reader, header.version, count));
  const datagram: Datagram = { ...header, samples };
  return reader.firstFault === undefined ? { datagram } : { datagram, error: reader.firstFault };
}

function readHeader(reader: XdrReader) {
  const version = reader.inside('version', () => readVersion(reader));
  const agentAddress = reader.inside('agentAddress', () => readAgentAddress(reader));
  return reader.inside('header', () => ({
    version,
    agentAddress,
    subAgentId: version === 5 ? reader.u32() : 0,
    sequenceNumber: reader.u32(),
    uptime: reader.u32(),
    count: reader.u32(),
  }));
}

function readVersion(reader: XdrReader): Datagram['version'] {
  const version = reader.u32();
  if (version === 2 || version === 4 || version === 5) return version;
  reader.fail(`${version} is not one of 2, 4 and 5`, 0);
  return 5;
}

function readAgentAddress(reader: XdrReader): string {
  const { at } = reader;
  const address = reader.address();
  if (address === null) reader.fail('address type 0', at);
  return address ?? '';
}

function readSamples(reader: XdrReader, version: Datagram['version'], count: number): Sample[] {
  const countAt = reader.at - 4;
  const samples = version === 5 ? decodeSamples(reader, count) : decodeLegacySamples(reader, version, count);
  if (samples.length < count) reader.fail(`${count} announced, ${samples.length} present`, countAt);
  reader.noteFault();
  return samples;
}

function decodeSamples(reader: XdrReader, count: number): Sample[] {
  const samples: Sample[] = [];
  while (samples.length < count && reader.remaining >= 8) {
    const word = reader.u32();
    const length = reader.u32();
    if (length > reader.remaining) {
      const what = `sample ${word >>> 12}:${word & 0xfff} of ${length} bytes`;
      reader.fail(`${what}, but ${reader.remaining} left`, reader.at - 4);
      break;
    }
    samples.push(decodeSample(reader.part(`${samples.length}`, length), word));
  }
  return samples;
}

function decodeSample(reader: XdrReader, word: number): Sample {
  const start = reader.at;
  const sample = decodeKnownSample(reader, word);
  if (sample !== undefined) return sample;
  const unknown = {
    kind: 'unknown',
    enterprise: word >>> 12,
    format: word & 0xfff,
    bytes: reader.rest(start),
  } as const;
  const error = reader.noteFault();
  return error === undefined ? unknown : { ...unknown, error };
}

/** Undefined when the type is unknown, or, with a fault in the reader, when the fixed part could not be read. */
function decodeKnownSample(reader: XdrReader, word: number): Sample | undefined {
  switch (word) {
    case SAMPLE_FORMAT.flow:
    case SAMPLE_FORMAT.flowExpanded:
      return decodeFlowSample(reader, word === SAMPLE_FORMAT.flowExpanded);
    case SAMPLE_FORMAT.counter:
    case SAMPLE_FORMAT.counterExpanded:
      return decodeCounterSample(reader, word === SAMPLE_FORMAT.counterExpanded);
    case SAMPLE_FORMAT.discard:
      return decodeDiscardSample(reader);
    case SAMPLE_FORMAT.rtmetric:
      return decodeRtMetric(reader);
    case SAMPLE_FORMAT.rtflow:
      return decodeRtFlow(reader);
    default:
      return undefined;
  }
}

function decodeFlowSample(reader: XdrReader, expanded: boolean): FlowSample | undefined {
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
  const records = decodeRecords(reader, 'flow');
  return records && { ...head, records };
}

function decodeCounterSample(reader: XdrReader, expanded: boolean): CounterSample | undefined {
  const head = {
    kind: 'counter',
    expanded,
    sequenceNumber: reader.u32(),
    sourceId: readSourceId(reader, expanded),
  } as const;
  const records = decodeRecords(reader, 'counter');
  return records && { ...head, records };
}

function decodeDiscardSample(reader: XdrReader): DiscardSample | undefined {
  const head = {
    kind: 'discard',
    sequenceNumber: reader.u32(),
    sourceId: readSourceId(reader, true),
    drops: reader.u32(),
    input: reader.u32(),
    output: reader.u32(),
    reason: reader.u32(),
  } as const;
  const records = decodeRecords(reader, 'flow');
  return records && { ...head, records };
}

/** The records of a sample; a fault among them ends them. Undefined when not even their count is there. */
function decodeRecords(reader: XdrReader, kind: 'flow' | 'counter'): FlowOrCounterRecord[] | undefined {
  if (reader.remaining < 4) reader.fail('no room for the number of records');
  if (reader.fault !== undefined) return undefined;
  const records = readRecords(reader, kind);
  reader.noteFault();
  return records;
}

function readSourceId(reader: XdrReader, expanded: boolean): SourceId {
  return expanded ? { class: reader.u32(), index: reader.u32() } : readCompactSource(reader);
}

function readInterface(reader: XdrReader, expanded: boolean): InterfaceId {
  return expanded ? { format: reader.u32(), value: reader.u32() } : readCompactInterface(reader);
}

function decodeRtMetric(reader: XdrReader): RtMetricSample | undefined {
  const dataSource = reader.string();
  const metrics = readTypedValues(reader, RTMETRIC_TYPES);
  return reader.fault === undefined ? { kind: 'rtmetric', dataSource, metrics } : undefined;
}

function decodeRtFlow(reader: XdrReader): RtFlowSample | undefined {
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
    const { at } = reader;
    const type = reader.u32();
    if (types[type] === undefined) reader.fail(`value type ${type}`, at);
    else values.push({ name, type, value: readScalar(reader, types[type]) });
  }
  return values;
}
