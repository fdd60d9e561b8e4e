import { formatIPv4, parseIPv4, parseIPv6 } from '../common/index.ts';
import { RecentCache } from './recent-cache.ts';

/** What came of the question for an address's name. */
export interface NameAnswer {
  readonly address: string;
  /** With its trailing dot; undefined when the address has none, or when there was no answer. */
  readonly name: string | undefined;
  /** No answer: the server did not reply in time, or did not know what to say. */
  readonly failed: boolean;
}

interface Entry {
  readonly name: string | undefined;
  /** From then on it is asked for again; the old answer is given until the new one comes. */
  readonly until: number;
}

const NAME_MS = 30 * 60_000;
const NO_NAME_MS = 5 * 60_000;
const FAILED_MS = 30_000;
const MAX_NAMES = 50_000;
/** Addresses asked for that have no answer yet. */
const MAX_PENDING = 1000;

/**
 * Names of addresses as far as they are known. Never waits: an address that is not known is put on the list of those
 * that are wanted, which somebody else has resolved. Bounded: while too many are pending, further ones are not wanted.
 */
export class NameCache {
  private readonly entries = new RecentCache<string, Entry>(MAX_NAMES);
  private readonly pending = new Set<string>();
  private wanted: string[] = [];
  private now = 0;

  /** @param now ms on any clock; names age by it */
  advance(now: number): void {
    this.now = now;
  }

  /** @param address IPv4 or IPv6, as keys show it */
  lookup(address: string): string | undefined {
    const entry = this.entries.get(address);
    if (entry === undefined || entry.until <= this.now) this.want(address);
    return entry?.name;
  }

  /** The addresses wanted since the last call. Each must be answered, sooner or later. */
  takeWanted(): readonly string[] {
    if (this.wanted.length === 0) return NOTHING;
    const { wanted } = this;
    this.wanted = [];
    return wanted;
  }

  answer(answers: readonly NameAnswer[]): void {
    for (const { address, name, failed } of answers) {
      this.pending.delete(address);
      // A name that was known stays when the server is out of reach.
      if (failed) this.keep(address, this.entries.get(address)?.name, FAILED_MS);
      else this.keep(address, name, name === undefined ? NO_NAME_MS : NAME_MS);
    }
  }

  private keep(address: string, name: string | undefined, ms: number): void {
    this.entries.set(address, { name, until: this.now + ms });
  }

  private want(address: string): void {
    if (this.pending.size >= MAX_PENDING || this.pending.has(address)) return;
    this.pending.add(address);
    this.wanted.push(address);
  }
}

const NOTHING: readonly string[] = [];

/** The name under which the DNS has an address's name (RFC 1035 3.5, RFC 3596 2.5); undefined for other text. */
export function reverseName(address: string): string | undefined {
  const word = parseIPv4(address);
  if (word !== undefined) return `${formatIPv4(word).split('.').reverse().join('.')}.in-addr.arpa`;
  const words = parseIPv6(address);
  if (words === undefined) return undefined;
  const digits = [...words].map((each) => (each >>> 0).toString(16).padStart(8, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
