import { parseIPv6 } from '../common/index.ts';

/** Bounds how many requests each client makes. */
export interface RateLimiter {
  /** Counts a request. 0 when it may go on, else the seconds after which the client may come back. */
  take(address: string): number;
  /** Clients it remembers. */
  readonly size: number;
}

/** Clients remembered; the one that has been silent longest is forgotten first. */
const MAX_CLIENTS = 10_000;
/** A client may save up the requests of so many seconds. */
const BURST_SECONDS = 2;

interface Bucket {
  /** Requests the client may still make, at that time. */
  left: number;
  at: number;
}

/**
 * A token bucket for each client address, or for each /64 of IPv6, which one client has whole.
 * @param perSecond requests; 0: no limit
 * @param now ms clock
 */
export function createRateLimiter(
  perSecond: number,
  now: () => number,
  maxClients = MAX_CLIENTS,
): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const most = perSecond * BURST_SECONDS;
  return {
    get size() {
      return buckets.size;
    },
    take(address) {
      if (perSecond === 0) return 0;
      const at = now();
      const client = clientOf(address);
      const bucket = buckets.get(client) ?? { left: most, at };
      bucket.left = Math.min(most, bucket.left + (Math.max(0, at - bucket.at) * perSecond) / 1000);
      bucket.at = at;
      // To the end of the order: the first is the one silent longest.
      buckets.delete(client);
      buckets.set(client, bucket);
      if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value!);
      if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond);
      bucket.left--;
      return 0;
    },
  };
}

function clientOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const words = parseIPv6(address);
  return words === undefined ? address : `${words[0]}:${words[1]}`;
}
