import { i32, ipv4At, ipv6At, u32 } from '../common/index.ts';

/**
 * Readers of what has no fixed place in a flow record. All take the bytes, an offset and the record's end, believe no
 * length, and read nothing beyond the end. An offset below 0 means that something before it was cut short.
 */

/** The word at `at` as a number, NaN when it is not there. */
export function numberAt(bytes: Uint8Array, at: number, end: number): number {
  return at >= 0 && end - at >= 4 ? u32(bytes, at) : Number.NaN;
}

/** The two words at `at` as a number, rounded above 2^53; NaN when they are not there. */
export function longAt(bytes: Uint8Array, at: number, end: number): number {
  return at >= 0 && end - at >= 8 ? u32(bytes, at) * 4294967296 + u32(bytes, at + 4) : Number.NaN;
}

/** The XDR string at `at`, undefined when it is empty or cut short. Bytes above 0x7f read U+FFFD (rest-api 13.1). */
export function stringAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const length = numberAt(bytes, at, end);
  if (!(length > 0 && length <= end - at - 4)) return undefined;
  let text = '';
  for (let i = at + 4; i < at + 4 + length; i++) {
    text += String.fromCharCode(bytes[i] < 0x80 ? bytes[i] : 0xfffd);
  }
  return text;
}

/** Offset behind `count` XDR strings, -1 when they are cut short. */
export function skipStrings(bytes: Uint8Array, at: number, end: number, count: number): number {
  let next = at;
  for (let i = 0; i < count; i++) {
    const length = numberAt(bytes, next, end);
    if (!(length <= end - next - 4)) return -1;
    next += 4 + Math.ceil(length / 4) * 4;
  }
  return next;
}

/** Version of the address union at `at`: 4, 6, or 0 when it is unknown or cut short. */
function addressVersion(bytes: Uint8Array, at: number, end: number): 0 | 4 | 6 {
  const type = numberAt(bytes, at, end);
  if (type === 1 && end - at >= 8) return 4;
  return type === 2 && end - at >= 20 ? 6 : 0;
}

/** The address at `at`, of one version or of any; undefined when it is another. */
export function addressAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  version: 4 | 6 | 'any',
): string | undefined {
  const found = addressVersion(bytes, at, end);
  if (found === 0 || (version !== 'any' && version !== found)) return undefined;
  return found === 4 ? ipv4At(bytes, at + 4) : ipv6At(bytes, at + 4);
}

/** Offset behind the address union at `at`, -1 when it is cut short or of a type whose size nobody knows. */
export function skipAddress(bytes: Uint8Array, at: number, end: number): number {
  const version = addressVersion(bytes, at, end);
  if (version !== 0) return at + (version === 4 ? 8 : 20);
  return numberAt(bytes, at, end) === 0 ? at + 4 : -1;
}

/** The counted array of words at `at`, each as `format` shows it, joined by `-`; undefined when empty or cut short. */
export function wordsAt(
  bytes: Uint8Array,
  at: number,
  end: number,
  format: (word: number) => string = String,
): string | undefined {
  const count = numberAt(bytes, at, end);
  if (!(count > 0 && count <= (end - at - 4) / 4)) return undefined;
  let text = '';
  for (let i = 1; i <= count; i++) text += (i > 1 ? '-' : '') + format(u32(bytes, at + 4 * i));
  return text;
}

/** Offset behind the counted array of words at `at`, -1 when it is cut short. */
export function skipWords(bytes: Uint8Array, at: number, end: number): number {
  const count = numberAt(bytes, at, end);
  return count <= (end - at - 4) / 4 ? at + 4 + 4 * count : -1;
}

/**
 * The AS numbers of the path at `at` (a counted array of segments: type, counted array of AS numbers), first to last;
 * undefined when the path is empty or cut short.
 */
export function asPathAt(bytes: Uint8Array, at: number, end: number): number[] | undefined {
  const segments = numberAt(bytes, at, end);
  const path: number[] = [];
  let next = at + 4;
  for (let s = 0; s < segments; s++) {
    const after = skipWords(bytes, next + 4, end);
    if (after < 0) return undefined;
    for (let i = next + 8; i < after; i += 4) path.push(i32(bytes, i) >>> 0);
    next = after;
  }
  return path.length === 0 ? undefined : path;
}

/** Offset behind an AS path, -1 when it is cut short. */
export function skipAsPath(bytes: Uint8Array, at: number, end: number): number {
  const segments = numberAt(bytes, at, end);
  if (Number.isNaN(segments)) return -1;
  let next = at + 4;
  for (let s = 0; s < segments; s++) {
    next = skipWords(bytes, next + 4, end);
    if (next < 0) return -1;
  }
  return next;
}
