import { formatMac, i32, ipv4At, ipv6At, u16, u32, u64 } from '../common/index.ts';

/** An rtflow sample (4300:1003; rest-api 7.6). */
export interface RtFlow {
  readonly dataSource: string;
  readonly samplingRate: number;
  /** Numbers for numeric types, text for the others. */
  readonly fields: Map<string, string | number>;
}

/** Fields of one sample that are looked at. */
const MAX_FIELDS = 256;
/** Numbers beyond this, and those that are none, count as 0: sums of them must stay finite in every table. */
const LARGEST_NUMBER = 1e30;

/** Read an rtflow sample from `bytes[start, end)`. undefined when it is cut short or holds an unknown type. */
export function readRtFlow(bytes: Uint8Array, start: number, end: number): RtFlow | undefined {
  const reader = { at: start };
  const dataSource = text(bytes, reader, end);
  if (dataSource === undefined || end - reader.at < 12) return undefined;
  const samplingRate = u32(bytes, reader.at);
  const count = u32(bytes, reader.at + 8);
  reader.at += 12;
  const fields = new Map<string, string | number>();
  for (let i = 0; i < count && i < MAX_FIELDS; i++) {
    const name = text(bytes, reader, end);
    if (name === undefined || end - reader.at < 4) return undefined;
    const type = u32(bytes, reader.at);
    reader.at += 4;
    const value = readValue(bytes, reader, end, type);
    if (value === undefined) return undefined;
    fields.set(name, value);
  }
  return { dataSource, samplingRate, fields };
}

/** Bytes of each fixed-size type: MAC (padded), IPv4, IPv6, int32, int64, float, double. */
const SIZES = [0, 8, 4, 16, 4, 8, 4, 8];

function readValue(
  bytes: Uint8Array,
  reader: { at: number },
  end: number,
  type: number,
): string | number | undefined {
  if (type === 0) return text(bytes, reader, end);
  const size = SIZES[type];
  const { at } = reader;
  if (size === undefined || end - at < size) return undefined;
  reader.at += size;
  switch (type) {
    case 1:
      return formatMac(u16(bytes, at), i32(bytes, at + 2));
    case 2:
      return ipv4At(bytes, at);
    case 3:
      return ipv6At(bytes, at);
    case 4:
      return u32(bytes, at);
    case 5:
      return u64(bytes, at);
    default: {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
      const value = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
      return Math.abs(value) < LARGEST_NUMBER ? value : 0;
    }
  }
}

/** XDR string; each byte above 0x7F is U+FFFD (rest-api 13). */
function text(bytes: Uint8Array, reader: { at: number }, end: number): string | undefined {
  if (end - reader.at < 4) return undefined;
  const length = u32(bytes, reader.at);
  const from = reader.at + 4;
  if (length > end - from) return undefined;
  let result = '';
  for (let i = 0; i < length; i++)
    result += bytes[from + i] < 128 ? String.fromCharCode(bytes[from + i]) : '\ufffd';
  reader.at = Math.min(end, from + ((length + 3) & ~3));
  return result;
}
