import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6 } from '../common/index.ts';
import { HashChains, mix } from './hash-chains.ts';
import { RecencyList } from './recency-list.ts';

export interface HostLocatorOptions {
  /** Hosts remembered; a further one displaces the one not seen for the longest. Default 100,000 (8 MB when full). */
  readonly maxHosts?: number;
  /** ms after which a host that is not seen any more is forgotten. Default an hour: quiet hosts are sampled rarely. */
  readonly maxAge?: number;
  /** Secret start of the hash, so that nobody outside can aim at one chain. */
  readonly seed: number;
}

/** Where a host was last seen, and the latest address of each kind it used. */
export interface LocatedHost {
  /** Twelve upper-case hex digits. */
  readonly mac: string;
  readonly ipaddress: string | undefined;
  readonly ip6address: string | undefined;
  readonly agent: string;
  readonly ifindex: string;
  /** ms, on the clock of `learn`. */
  readonly seen: number;
}

/** An entry moves up to the newest at most this often, ms: hosts that talk a lot cost no more for it. */
const RECENCY_STEP = 1000;

/**
 * Which hosts are at which interface, learned from packets that come in at the edge (script API, topologyLocateHost…):
 * MAC address → agent and interface where it was seen last, and its latest IP addresses. Bounded in number and age.
 * Learning allocates nothing. Times are ms of one clock, which may be set back.
 */
export class HostLocator {
  /** Hosts displaced because there were too many. */
  displaced = 0;
  private readonly maxHosts: number;
  private readonly maxAge: number;
  private readonly seed: number;

  private readonly macHigh: Uint16Array;
  private readonly macLow: Int32Array;
  private readonly agents: string[] = [];
  private readonly ifIndexes: Int32Array;
  private readonly seen: Float64Array;
  /** 0: none. */
  private readonly ip: Int32Array;
  /** Four words each, all 0: none. */
  private readonly ip6: Int32Array;

  private readonly byMac: HashChains;
  private readonly byIP: HashChains;
  private readonly byIP6: HashChains;
  private readonly recency: RecencyList;
  /** Entries given back, and the number of those ever used. */
  private readonly free: number[] = [];
  private used = 0;

  constructor({ maxHosts = 100_000, maxAge = 3_600_000, seed }: HostLocatorOptions) {
    this.maxHosts = maxHosts;
    this.maxAge = maxAge;
    this.seed = seed | 0;
    this.macHigh = new Uint16Array(maxHosts);
    this.macLow = new Int32Array(maxHosts);
    this.ifIndexes = new Int32Array(maxHosts);
    this.seen = new Float64Array(maxHosts);
    this.ip = new Int32Array(maxHosts);
    this.ip6 = new Int32Array(4 * maxHosts);
    this.byMac = new HashChains(maxHosts);
    this.byIP = new HashChains(maxHosts);
    this.byIP6 = new HashChains(maxHosts);
    this.recency = new RecencyList(maxHosts);
  }

  /** Hosts known, those included that `expire` would drop. */
  get size(): number {
    return this.used - this.free.length;
  }

  /**
   * A packet from this MAC address (upper 16, lower 32 bits) has come in at an edge interface. Only packets sampled
   * where they came in say so: elsewhere a router has put its own address in. Returns the entry for `learnIPv4` and
   * `learnIPv6`; -1 for an address that no host has (group addresses and zero).
   */
  learn(agent: string, ifIndex: number, macHigh: number, macLow: number, now: number): number {
    if ((macHigh & 0x100) !== 0 || (macHigh | macLow) === 0) return -1;
    let entry = this.find(macHigh, macLow);
    if (entry < 0) entry = this.add(macHigh, macLow, now);
    else if (this.isElsewhere(entry, agent, ifIndex) || Math.abs(now - this.seen[entry]) >= RECENCY_STEP) {
      this.recency.remove(entry);
      this.recency.add(entry);
      this.seen[entry] = now;
    }
    this.agents[entry] = agent;
    this.ifIndexes[entry] = ifIndex;
    return entry;
  }

  /** The packet came from this IPv4 address. 0.0.0.0 is none: who asks for an address. */
  learnIPv4(entry: number, word: number): void {
    const before = this.ip[entry];
    if (word === before || word === 0) return;
    if (before !== 0) this.byIP.remove(this.hashIP(before), entry);
    this.ip[entry] = word;
    this.byIP.add(this.hashIP(word), entry);
  }

  /** The packet came from this IPv6 address. `::` is none: who makes sure that an address is free. */
  learnIPv6(entry: number, w0: number, w1: number, w2: number, w3: number): void {
    if ((w0 | w1 | w2 | w3) === 0 || this.hasIP6(entry, w0, w1, w2, w3)) return;
    this.forgetIP6(entry);
    const { ip6 } = this;
    const at = 4 * entry;
    ip6[at] = w0;
    ip6[at + 1] = w1;
    ip6[at + 2] = w2;
    ip6[at + 3] = w3;
    this.byIP6.add(this.hashIP6(w0, w1, w2, w3), entry);
  }

  /** Where a MAC address is: twelve hex digits in either case, no separators. */
  locateMac(mac: string, now: number): LocatedHost | undefined {
    if (!/^[0-9a-fA-F]{12}$/.test(mac)) return undefined;
    const entry = this.find(Number.parseInt(mac.slice(0, 4), 16), Number.parseInt(mac.slice(4), 16) | 0);
    return entry < 0 || this.isOld(entry, now) ? undefined : this.host(entry);
  }

  /** Hosts whose latest IPv4 address this is, the one seen last first. */
  locateIPv4(address: string, now: number): LocatedHost[] {
    const word = parseIPv4(address);
    if (word === undefined || word === 0) return [];
    return this.inChain(this.byIP, this.hashIP(word), now, (entry) => this.ip[entry] === word);
  }

  /** Hosts whose latest IPv6 address this is, in any spelling, the one seen last first. */
  locateIPv6(address: string, now: number): LocatedHost[] {
    const words = parseIPv6(address);
    if (words === undefined) return [];
    const [w0, w1, w2, w3] = words;
    if ((w0 | w1 | w2 | w3) === 0) return [];
    return this.inChain(this.byIP6, this.hashIP6(w0, w1, w2, w3), now, (entry) =>
      this.hasIP6(entry, w0, w1, w2, w3),
    );
  }

  /** Hosts at an agent, or at one of its interfaces, or all of them; the one seen last first. */
  *hosts(now: number, agent?: string, ifIndex?: string): Generator<LocatedHost> {
    for (let entry = this.recency.newest; entry >= 0; entry = this.recency.before(entry)) {
      if (agent !== undefined && this.agents[entry] !== agent) continue;
      if (ifIndex !== undefined && String(this.ifIndexes[entry]) !== ifIndex) continue;
      if (!this.isOld(entry, now)) yield this.host(entry);
    }
  }

  /** Drop hosts that have not been seen for too long. Returns how many. */
  expire(now: number): number {
    let dropped = 0;
    for (let entry = this.recency.oldest; entry >= 0 && this.isOld(entry, now); entry = this.recency.oldest) {
      this.drop(entry);
      dropped++;
    }
    return dropped;
  }

  /** Drop everything learned from an agent. */
  removeAgent(agent: string): void {
    for (let entry = this.recency.newest; entry >= 0; ) {
      const next = this.recency.before(entry);
      if (this.agents[entry] === agent) this.drop(entry);
      entry = next;
    }
  }

  private find(macHigh: number, macLow: number): number {
    const { byMac } = this;
    for (let entry = byMac.first(this.hashMac(macHigh, macLow)); entry >= 0; entry = byMac.next(entry))
      if (this.macLow[entry] === macLow && this.macHigh[entry] === macHigh) return entry;
    return -1;
  }

  private add(macHigh: number, macLow: number, now: number): number {
    if (this.size >= this.maxHosts) {
      this.drop(this.recency.oldest);
      this.displaced++;
    }
    const entry = this.free.pop() ?? this.used++;
    this.macHigh[entry] = macHigh;
    this.macLow[entry] = macLow;
    this.seen[entry] = now;
    this.byMac.add(this.hashMac(macHigh, macLow), entry);
    this.recency.add(entry);
    return entry;
  }

  private drop(entry: number): void {
    this.byMac.remove(this.hashMac(this.macHigh[entry], this.macLow[entry]), entry);
    if (this.ip[entry] !== 0) this.byIP.remove(this.hashIP(this.ip[entry]), entry);
    this.ip[entry] = 0;
    this.forgetIP6(entry);
    this.agents[entry] = '';
    this.recency.remove(entry);
    this.free.push(entry);
  }

  private hasIP6(entry: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const { ip6 } = this;
    const at = 4 * entry;
    return ip6[at + 3] === w3 && ip6[at + 2] === w2 && ip6[at + 1] === w1 && ip6[at] === w0;
  }

  private forgetIP6(entry: number): void {
    if (this.hasIP6(entry, 0, 0, 0, 0)) return;
    const { ip6 } = this;
    const at = 4 * entry;
    this.byIP6.remove(this.hashIP6(ip6[at], ip6[at + 1], ip6[at + 2], ip6[at + 3]), entry);
    ip6.fill(0, at, at + 4);
  }

  private inChain(
    chains: HashChains,
    hash: number,
    now: number,
    matches: (entry: number) => boolean,
  ): LocatedHost[] {
    const found: LocatedHost[] = [];
    for (let entry = chains.first(hash); entry >= 0; entry = chains.next(entry))
      if (matches(entry) && !this.isOld(entry, now)) found.push(this.host(entry));
    return found.sort((one, other) => other.seen - one.seen);
  }

  private isElsewhere(entry: number, agent: string, ifIndex: number): boolean {
    return this.ifIndexes[entry] !== ifIndex || this.agents[entry] !== agent;
  }

  private isOld(entry: number, now: number): boolean {
    return now - this.seen[entry] >= this.maxAge;
  }

  private host(entry: number): LocatedHost {
    const { ip, ip6 } = this;
    const at = 4 * entry;
    return {
      mac: formatMac(this.macHigh[entry], this.macLow[entry]),
      ipaddress: ip[entry] === 0 ? undefined : formatIPv4(ip[entry]),
      ip6address: this.hasIP6(entry, 0, 0, 0, 0)
        ? undefined
        : formatIPv6(ip6[at], ip6[at + 1], ip6[at + 2], ip6[at + 3]),
      agent: this.agents[entry],
      ifindex: String(this.ifIndexes[entry]),
      seen: this.seen[entry],
    };
  }

  private hashMac(macHigh: number, macLow: number): number {
    return mix(mix(this.seed, macHigh), macLow);
  }

  private hashIP(word: number): number {
    return mix(this.seed, word);
  }

  private hashIP6(w0: number, w1: number, w2: number, w3: number): number {
    return mix(mix(mix(mix(this.seed, w0), w1), w2), w3);
  }
}
