import type { DecodeResult, FieldValue, FlowOrCounterRecord, Sample } from '../sflow/index.ts';
import { describePacket, type PacketDescription } from './decode-packet.ts';
import type { ReceivedDatagram } from './decode-source.ts';
import { lowerHex } from './sflowtool-text.ts';

/** What becomes JSON: values of the object model, and objects of them. */
type JsonValue = FieldValue | boolean | undefined | readonly JsonValue[] | JsonObject;
interface JsonObject {
  readonly [name: string]: JsonValue;
}

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
  return `${jsonText({ ...origin, ...header, samples: samples?.map(sampleObject), error })}\n`;
}

/** RFC 3339 in UTC, with microseconds. */
export function timeText(timeMicros: number): string {
  const micros = String(timeMicros % 1000).padStart(3, '0');
  return new Date(Math.floor(timeMicros / 1000)).toISOString().replace('Z', `${micros}Z`);
}

function sampleObject(sample: Sample): JsonObject {
  if (!('records' in sample)) return { ...sample };
  return { ...sample, records: sample.records.map(recordObject) } as unknown as JsonObject;
}

function recordObject(record: FlowOrCounterRecord): JsonObject {
  const packet: PacketDescription | undefined = describePacket(record);
  return { ...record, packet } as unknown as JsonObject;
}

function jsonText(value: JsonValue): string {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'object':
      break;
    default:
      return JSON.stringify(value);
  }
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `"${lowerHex(value)}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${jsonText(member)}`);
  return `{${members.join(',')}}`;
}
