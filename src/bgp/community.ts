import { bytesOfHex, hexOfBytes } from './byte-writer.ts';
import { bad, good, type Result } from './result.ts';

/** Large community (RFC 8092): global administrator and two local parts, 32 bits each. */
export type LargeCommunity = readonly [number, number, number];

/** Well-known communities that matter to who pushes routes. */
export const COMMUNITY = {
  /** Drop traffic to the prefix (RFC 7999). */
  blackhole: 0xffff029a,
  noExport: 0xffffff01,
  noAdvertise: 0xffffff02,
  noExportSubconfed: 0xffffff03,
  /** Long-lived graceful restart: the route is stale, or must not be kept (RFC 9494). */
  llgrStale: 0xffff0006,
  noLlgr: 0xffff0007,
} as const;

/** A list of communities of the two kinds that one text may hold. */
export interface CommunityList {
  /** Standard communities (RFC 1997), 32 bits each. */
  readonly communities: readonly number[];
  /** Extended communities (RFC 4360), eight bytes each. */
  readonly extendedCommunities: readonly Uint8Array[];
}

/** `65535:666`. */
export function formatCommunity(community: number): string {
  return `${community >>> 16}:${community & 0xffff}`;
}

/** `type:subtype:value` of the eight bytes, the form that `parseCommunities` reads. */
export function formatExtendedCommunity(bytes: Uint8Array): string {
  return `${bytes[0]}:${bytes[1]}:${BigInt(`0x${hexOfBytes(bytes.subarray(2))}`)}`;
}

/** `65000:1:2`. */
export function formatLargeCommunity(community: LargeCommunity): string {
  return community.join(':');
}

/**
 * Reads communities joined with `-`: `n:m` is a standard community (16 bits each), `a:b:c` an extended one (type
 * byte, subtype byte, value of 48 bits).
 */
export function parseCommunities(text: string): Result<CommunityList> {
  const communities: number[] = [];
  const extendedCommunities: Uint8Array[] = [];
  for (const item of text.split('-')) {
    const parts = item.split(':');
    if (!parts.every((part) => /^\d{1,15}$/.test(part))) return bad(notCommunity(item));
    const numbers = parts.map(Number);
    if (numbers.length === 2 && numbers[0] <= 0xffff && numbers[1] <= 0xffff) {
      communities.push(numbers[0] * 0x10000 + numbers[1]);
    } else if (numbers.length === 3 && numbers[0] <= 255 && numbers[1] <= 255 && numbers[2] < 2 ** 48) {
      const digits = numbers[2].toString(16).padStart(12, '0');
      extendedCommunities.push(Uint8Array.of(numbers[0], numbers[1], ...(bytesOfHex(digits) ?? [])));
    } else return bad(notCommunity(item));
  }
  return good({ communities, extendedCommunities });
}

/** Reads large communities joined with `-`: `65000:1:2-65000:1:3`, 32 bits each part. */
export function parseLargeCommunities(text: string): Result<LargeCommunity[]> {
  const list: LargeCommunity[] = [];
  for (const item of text.split('-')) {
    const parts = item.split(':');
    const [a, b, c] = parts.map(Number);
    const wellFormed = parts.length === 3 && parts.every((part) => /^\d{1,10}$/.test(part));
    if (!wellFormed || Math.max(a, b, c) > 0xffffffff) {
      return bad(`${JSON.stringify(item)} is not a large community (a:b:c, 32 bits each)`);
    }
    list.push([a, b, c]);
  }
  return good(list);
}

function notCommunity(item: string): string {
  return `${JSON.stringify(item)} is neither a community (n:m) nor an extended one (type:subtype:value)`;
}
