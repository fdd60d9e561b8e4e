import { parseIPv4, parseIPv6 } from '../common/index.ts';

/** An address prefix. Bits beyond its length are as written, not cleared. */
export interface Prefix {
  /** One word for IPv4, four for IPv6. */
  readonly words: Int32Array;
  /** 0…32 or 0…128 */
  readonly length: number;
}

/**
 * An IPv4 or IPv6 address or CIDR prefix; a short IPv4 prefix stands for one whose missing bytes are zero (`10.0/16`).
 * undefined for anything else, such as ranges, wildcards and netmasks.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const words = address.includes(':') ? parseIPv6(address) : parseIPv4Words(address, slash >= 0);
  if (words === undefined) return undefined;
  const bits = words.length * 32;
  const length = slash < 0 ? bits : parseLength(text.slice(slash + 1));
  return length <= bits ? { words, length } : undefined;
}

function parseIPv4Words(text: string, mayBeShort: boolean): Int32Array | undefined {
  const missing = mayBeShort ? 4 - text.split('.').length : 0;
  const word = parseIPv4(text + '.0'.repeat(Math.max(0, missing)));
  return word === undefined ? undefined : Int32Array.of(word);
}

function parseLength(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : Infinity;
}
