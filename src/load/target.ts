import { parseIPv4, parseIPv6, WeirError } from '../common/index.ts';

/** Where datagrams go. */
export interface Target {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** The address in network byte order: 4 or 16 bytes. */
  readonly bytes: Uint8Array;
}

/** The target of an IPv4 or IPv6 address; names are for the caller to look up. Throws a WeirError `LOAD_BAD_TARGET`. */
export function targetOf(address: string, port: number): Target {
  const word = parseIPv4(address);
  if (word !== undefined) return { family: 4, address, port, bytes: bigEndian([word]) };
  const words = parseIPv6(address);
  if (words !== undefined) return { family: 6, address, port, bytes: bigEndian(words) };
  throw new WeirError('LOAD_BAD_TARGET', `"${address}" is not an IP address`);
}

/** True for 127.0.0.0/8, ::1, and 127.0.0.0/8 mapped into IPv6 (RFC 4291, 2.5.3 and 2.5.5.2). */
export function isLoopback(target: Target): boolean {
  const { bytes } = target;
  if (target.family === 4) return bytes[0] === 127;
  if (bytes.subarray(0, 10).some((byte) => byte !== 0)) return false;
  if (bytes[10] === 255 && bytes[11] === 255) return bytes[12] === 127;
  return bytes.subarray(10, 15).every((byte) => byte === 0) && bytes[15] === 1;
}

function bigEndian(words: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]);
  return bytes;
}
