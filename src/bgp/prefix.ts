import { formatIPv4, formatIPv6, i32, parseIPv4, parseIPv6 } from '../common/index.ts';
import type { ByteWriter } from './byte-writer.ts';

/**
 * An address prefix. The words hold the address, its host bits zero; IPv4 uses `w0` only. Words are signed 32 bits,
 * as in every table of addresses.
 */
export interface Prefix {
  readonly version: 4 | 6;
  /** 0 to 32, or 0 to 128. */
  readonly length: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/** The prefix of four words; bits after `length` are cleared. */
export function makePrefix(
  version: 4 | 6,
  length: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): Prefix {
  return {
    version,
    length,
    w0: w0 & mask(length),
    w1: w1 & mask(length - 32),
    w2: w2 & mask(length - 64),
    w3: w3 & mask(length - 96),
  };
}

/**
 * Reads `10.1.0.0/16`, `2001:db8::/32`, or an address alone, which is a host (/32, /128). Host bits are cleared.
 * Undefined for anything else.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const length = slash < 0 ? undefined : text.slice(slash + 1);
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const word = parseIPv4(address);
  if (word !== undefined) {
    const bits = length === undefined ? 32 : Number(length);
    return bits > 32 ? undefined : makePrefix(4, bits, word, 0, 0, 0);
  }
  const words = parseIPv6(address);
  const bits = length === undefined ? 128 : Number(length);
  if (words === undefined || bits > 128) return undefined;
  return makePrefix(6, bits, words[0], words[1], words[2], words[3]);
}

/** `10.1.0.0/16`, `2001:db8::/32`: the length is always there. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatPrefixAddress(prefix)}/${prefix.length}`;
}

/** The address of a prefix alone. */
export function formatPrefixAddress(prefix: Prefix): string {
  return prefix.version === 4
    ? formatIPv4(prefix.w0)
    : formatIPv6(prefix.w0, prefix.w1, prefix.w2, prefix.w3);
}

/** Bytes that hold `bits` bits. */
export function bytesOfBits(bits: number): number {
  return (bits + 7) >>> 3;
}

/** The prefix whose `length` bits begin at `at`; the caller has made sure that `bytesOfBits(length)` bytes are there. */
export function prefixAt(bytes: Uint8Array, at: number, version: 4 | 6, length: number): Prefix {
  const size = bytesOfBits(length);
  return makePrefix(
    version,
    length,
    wordAt(bytes, at, size),
    wordAt(bytes, at + 4, size - 4),
    wordAt(bytes, at + 8, size - 8),
    wordAt(bytes, at + 12, size - 12),
  );
}

/** Writes the bytes that hold the prefix, without its length. */
export function writePrefixBytes(writer: ByteWriter, prefix: Prefix): void {
  const size = bytesOfBits(prefix.length);
  const words = [prefix.w0, prefix.w1, prefix.w2, prefix.w3];
  for (let i = 0; i < size; i++) writer.u8((words[i >> 2] >>> (24 - 8 * (i & 3))) & 255);
}

function wordAt(bytes: Uint8Array, at: number, size: number): number {
  if (size >= 4) return i32(bytes, at);
  let word = 0;
  for (let i = 0; i < size; i++) word |= bytes[at + i] << (24 - 8 * i);
  return word;
}

function mask(length: number): number {
  if (length <= 0) return 0;
  return length >= 32 ? -1 : ~(0xffffffff >>> length);
}
