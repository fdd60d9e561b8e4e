import { i32, u16 } from './bytes.ts';

const HEX = '0123456789ABCDEF';

/** Dotted quad of a 32-bit word (signed or unsigned). */
export function formatIPv4(word: number): string {
  return `${(word >>> 24) & 255}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952 text of an IPv6 address given as four words: lower case, the longest run of zero groups (two or more) compressed. */
export function formatIPv6(w0: number, w1: number, w2: number, w3: number): string {
  const groups = [
    w0 >>> 16,
    w0 & 0xffff,
    w1 >>> 16,
    w1 & 0xffff,
    w2 >>> 16,
    w2 & 0xffff,
    w3 >>> 16,
    w3 & 0xffff,
  ];
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) {
      bestStart = i;
      bestLength = n;
    }
    if (n > 0) i += n;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += groups[i].toString(16);
  }
  return text;
}

/** IPv4 text of the four bytes at `at`. */
export function ipv4At(bytes: Uint8Array, at: number): string {
  return formatIPv4(i32(bytes, at));
}

/** IPv6 text of the sixteen bytes at `at`. */
export function ipv6At(bytes: Uint8Array, at: number): string {
  return formatIPv6(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12));
}

/** Twelve upper-case hex digits, no separators: the form of MAC addresses in keys (`000C29AABBCC`). */
export function formatMac(high16: number, low32: number): string {
  return hex(high16 & 0xffff, 4) + hex(low32, 8);
}

/** MAC text of the six bytes at `at`. */
export function macAt(bytes: Uint8Array, at: number): string {
  return formatMac(u16(bytes, at), i32(bytes, at + 2));
}

/** Upper-case hex of the low `digits` digits of a word, zero padded. */
export function hex(word: number, digits: number): string {
  let text = '';
  for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) text += HEX[(word >>> shift) & 15];
  return text;
}

/** The word of a canonical dotted quad, or undefined when the text is anything else. */
export function parseIPv4(text: string): number | undefined {
  let word = 0;
  let parts = 0;
  let value = -1;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46;
    if (c === 46) {
      if (value < 0 || ++parts > 4) return undefined;
      word = (word << 8) | value;
      value = -1;
    } else if (c >= 48 && c <= 57) {
      if (value === 0) return undefined; // a leading zero is not canonical
      value = value < 0 ? c - 48 : value * 10 + c - 48;
      if (value > 255) return undefined;
    } else return undefined;
  }
  return parts === 4 ? word | 0 : undefined;
}

/** Four words of an IPv6 address in any usual spelling (RFC 4291 2.2), or undefined. */
export function parseIPv6(text: string): Int32Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = parseGroups(halves[0]);
  const right = halves.length === 2 ? parseGroups(halves[1]) : [];
  if (left === undefined || right === undefined) return undefined;
  const given = left.length + right.length;
  if (halves.length === 2 ? given > 7 : given !== 8) return undefined;
  const groups = [...left, ...new Array<number>(8 - given).fill(0), ...right];
  const words = new Int32Array(4);
  for (let i = 0; i < 4; i++) words[i] = (groups[2 * i] << 16) | groups[2 * i + 1];
  return words;
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const word = parseIPv4(part);
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/**
 * An address as agents are known by (rest-api 2): IPv6 compressed and in lower case (RFC 5952), everything else as it
 * is.
 */
export function canonicalAddress(text: string): string {
  const words = text.includes(':') ? parseIPv6(text) : undefined;
  return words === undefined ? text : formatIPv6(words[0], words[1], words[2], words[3]);
}
