import { parseIPv4, parseIPv6 } from '../common/index.ts';

/** Addresses that agree with `words` where `masks` are set; IPv4 mapped. */
export interface AllowedRange {
  readonly words: Int32Array;
  readonly masks: Int32Array;
}

/** Sources from which datagrams are taken; all when there is no range. */
export class AllowList {
  private readonly ranges: readonly AllowedRange[];

  constructor(ranges: readonly AllowedRange[]) {
    this.ranges = ranges;
  }

  /** Whether a source is allowed, as four words (IPv4 mapped). */
  permits(s0: number, s1: number, s2: number, s3: number): boolean {
    if (this.ranges.length === 0) return true;
    return this.ranges.some(
      ({ words, masks }) =>
        ((s0 ^ words[0]) & masks[0]) === 0 &&
        ((s1 ^ words[1]) & masks[1]) === 0 &&
        ((s2 ^ words[2]) & masks[2]) === 0 &&
        ((s3 ^ words[3]) & masks[3]) === 0,
    );
  }
}

/** An address or a CIDR prefix, such as 192.0.2.0/24 or 2001:db8::/32; undefined when it is neither. */
export function parseAllowed(text: string): AllowedRange | undefined {
  const [address, lengthText, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  const isIpv4 = !address.includes(':');
  const words = isIpv4 ? mapped(address) : parseIPv6(address);
  const bits = isIpv4 ? 32 : 128;
  const length = lengthText === undefined ? bits : /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : 999;
  if (words === undefined || length > bits) return undefined;
  const significant = isIpv4 ? length + 96 : length;
  const masks = Int32Array.from(words, (_, i) => maskOf(significant - 32 * i));
  return { words: Int32Array.from(words), masks };
}

function mapped(address: string): number[] | undefined {
  const word = parseIPv4(address);
  return word === undefined ? undefined : [0, 0, 0xffff, word];
}

/** A word whose first `bits` are set. */
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}
