import {
  type DecodeResult,
  type FieldValue,
  type FlowOrCounterRecord,
  type Sample,
  structureNamed,
} from '../sflow/index.ts';
import { describePacket } from './decode-packet.ts';
import type { ReceivedDatagram } from './decode-source.ts';
import { lowerHex } from './sflowtool-text.ts';

/**
 * One line of JSON for a datagram: where and when it came, then the object model (`weir/sflow`) by its own names,
 * and in every `sampled_header` record what the packet holds (`packet`: stack, layers, keys). Bytes are hex, 64-bit
 * values are integers in full, numbers that JSON has no word for are null. A datagram that could not be read in
 * full has `error`, and as much as was read before it.
 */
export function jsonLine(received: ReceivedDatagram, { datagram, error }: DecodeResult): string {
  const origin = {
    time: timeText(received.timeMicros),
    sourceAddress: received.sourceAddress,
    sourcePort: received.sourcePort,
    size: received.payload.length,
  };
  const { samples, ...header } = datagram ?? {};
  return `${jsonText({ ...origin, ...header, samples: samples?.map(describeSample), error })}\n`;
}

/** RFC 3339 in UTC, with microseconds. */
export function timeText(timeMicros: number): string {
  const micros = String(timeMicros % 1000).padStart(3, '0');
  return new Date(Math.floor(timeMicros / 1000)).toISOString().replace('Z', `${micros}Z`);
}

function describeSample(sample: Sample): object {
  return 'records' in sample ? { ...sample, records: sample.records.map(describeRecord) } : sample;
}

function describeRecord(record: FlowOrCounterRecord): object {
  const fields = record.fields && shortFloats(record.name, record.fields);
  return { ...record, fields, packet: describePacket(record) };
}

type Fields = NonNullable<FlowOrCounterRecord['fields']>;

/** Values of type f32 with the digits they have: 1.14 for the double 1.1399999856948853 that stands for it. */
function shortFloats(structure: string | undefined, fields: Fields): Fields {
  const floats = structureNamed(structure ?? '')?.fields.filter(({ type }) => type === 'f32') ?? [];
  if (floats.length === 0) return fields;
  return { ...fields, ...Object.fromEntries(floats.map(({ name }) => [name, shortFloat(fields[name])])) };
}

function shortFloat(value: FieldValue): FieldValue {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value;
  for (let digits = 1; digits <= FLOAT_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** Decimal digits that tell any two values of 32 bits apart. */
const FLOAT_DIGITS = 9;

/** JSON of values of the object model and of objects made of them; members that are undefined are left out. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `"${lowerHex(value)}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${jsonText(member)}`);
  return `{${members.join(',')}}`;
}
