import { createHash } from 'node:crypto';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../common/index.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, numberOf, textOf } from './arguments.ts';

/** Section 10: digests, base64 and addresses. */
export const encodingFunctions: ScriptArea = (host) => ({
  md5(...texts) {
    const hash = createHash('md5');
    for (const text of texts) hash.update(String(text), 'utf8');
    return hash.digest('hex');
  },
  base64Encode: (text) => Buffer.from(textOf(text) ?? '', 'utf8').toString('base64'),
  base64Decode: (text) => decodeBase64(host, textOf(text) ?? ''),
  mask: (address, bits, bits6) => mask(host, address, bits, bits6),
  ipRangeToCidrList: (first, last) => rangeToPrefixes(wordOf(host, first), wordOf(host, last)),
});

const NOT_BASE64 = /[^A-Za-z0-9+/]/;

/** RFC 4648 without line ends; the padding may be missing. */
function decodeBase64(host: ScriptHost, text: string): string {
  const digits = text.replace(/={1,2}$/, '');
  const strange = NOT_BASE64.exec(digits)?.[0];
  if (strange !== undefined)
    throw host.error(`Illegal base64 character ${(strange.codePointAt(0) ?? 0).toString(16)}`);
  if (digits.length % 4 === 1) throw host.error('Last unit does not have enough valid bits');
  return Buffer.from(digits, 'base64').toString('utf8');
}

/** An address without its host bits, as a prefix. Lengths beyond the address keep it whole. */
function mask(host: ScriptHost, address: unknown, bits: unknown, bits6: unknown): string {
  const text = textOf(address) ?? '';
  const word = parseIPv4(text);
  if (word !== undefined) {
    const length = lengthOf(host, bits, 32);
    return `${formatIPv4(word & maskWord(length))}/${length}`;
  }
  const words = parseIPv6(text);
  if (words === undefined) throw host.error(`bad address ${text}`);
  const length = lengthOf(host, isAbsent(bits6) ? bits : bits6, 128);
  const [w0, w1, w2, w3] = words.map((part, i) => part & maskWord(length - 32 * i));
  return `${formatIPv6(w0, w1, w2, w3)}/${length}`;
}

function lengthOf(host: ScriptHost, bits: unknown, otherwise: number): number {
  if (isAbsent(bits)) return otherwise;
  const length = numberOf(bits);
  if (length === undefined) throw host.error(`bad mask ${bits}`);
  return Math.trunc(length);
}

/** The first `bits` bits of a word set: none for 0 and below, all from 32 on. */
function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function wordOf(host: ScriptHost, address: unknown): number {
  const word = parseIPv4(textOf(address) ?? '');
  if (word === undefined) throw host.error(`bad IP address ${address}`);
  return word >>> 0;
}

/** The fewest prefixes that are exactly these addresses, 62 at most; none when the first is above the last. */
function rangeToPrefixes(first: number, last: number): string[] {
  const prefixes: string[] = [];
  for (let at = first; at <= last; ) {
    // As large as the alignment of `at` and what is left allow.
    let size = at === 0 ? 2 ** 32 : (at & -at) >>> 0;
    while (at + size - 1 > last) size /= 2;
    prefixes.push(`${formatIPv4(at | 0)}/${32 - Math.log2(size)}`);
    at += size;
  }
  return prefixes;
}
