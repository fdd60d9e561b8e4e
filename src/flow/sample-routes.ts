import { i32 } from '../common/index.ts';
import { type RouteFacts, type RouteReader, SET, SET_FLAG } from '../rib/index.ts';
import { type KeyPlace, keyPlace } from './key-place.ts';
import type { LearntKeys, SampleContext } from './sample.ts';

/** How often a sample's routes are looked up anew because their memory was used again meanwhile. */
const TRIES = 8;

/**
 * The routes to a sample's destination and source in the table of the router that belongs to its agent (bgp.md 4).
 * One object serves all samples, one after the other; a lookup allocates nothing.
 */
export class SampleRoutes implements LearntKeys {
  /** Where IPv4 and IPv6 addresses are looked up; undefined where nothing has been learnt. */
  table4: RouteReader | undefined;
  table6: RouteReader | undefined;
  /** Of the present sample: which table it is about, and the routes; 0 for none. */
  version: 4 | 6 = 4;
  table: RouteReader | undefined;
  destination = 0;
  source = 0;
  private destinationSet = 0;
  private sourceSet = 0;
  private readonly places: readonly [KeyPlace, KeyPlace, KeyPlace, KeyPlace] = [
    keyPlace('ipdestination'),
    keyPlace('ipsource'),
    keyPlace('ip6destination'),
    keyPlace('ip6source'),
  ];
  private bytes: Uint8Array = new Uint8Array(0);
  private destinationAt = -1;
  private sourceAt = -1;

  /** Take over the addresses of a sample, and look them up. */
  look(sample: SampleContext): void {
    const [destination4, source4, destination6, source6] = this.places;
    this.bytes = sample.bytes;
    this.version = 4;
    this.destinationAt = destination4(sample);
    this.sourceAt = source4(sample);
    if (this.destinationAt < 0) {
      this.version = 6;
      this.destinationAt = destination6(sample);
      this.sourceAt = source6(sample);
    }
    this.table = this.version === 4 ? this.table4 : this.table6;
    this.find();
  }

  /** Told with a route to the destination only. */
  peerAs(): number {
    const as = this.destination === 0 || this.table === undefined ? 0 : this.table.peerAs;
    return as === 0 ? Number.NaN : as;
  }

  destinationAs(): number {
    return this.word(true, SET.lastAs);
  }

  destinationPeerAs(): number {
    return this.word(true, SET.firstAs);
  }

  sourceAs(): number {
    return this.word(false, SET.lastAs);
  }

  sourcePeerAs(): number {
    return this.word(false, SET.firstAs);
  }

  /** NaN for a route without one. */
  localPref(): number {
    for (let i = 0; i < TRIES; i++) {
      const { table, destinationSet: set } = this;
      if (table === undefined || set === 0) return Number.NaN;
      const isThere = (table.setWord(set, SET.flags) & SET_FLAG.localPref) !== 0;
      const value = table.setWord(set, SET.localPref) >>> 0;
      if (table.isCurrent()) return isThere ? value : Number.NaN;
      this.find();
    }
    return Number.NaN;
  }

  /** All that the route to the destination tells as text. */
  facts(): RouteFacts | undefined {
    for (let i = 0; i < TRIES; i++) {
      const { table, destinationSet: set } = this;
      if (table === undefined || set === 0) return undefined;
      const facts = table.facts(set);
      if (facts !== undefined) return facts;
      this.find();
    }
    return undefined;
  }

  /** An AS of a path; NaN for an empty one. */
  private word(isDestination: boolean, word: number): number {
    for (let i = 0; i < TRIES; i++) {
      const { table } = this;
      const set = isDestination ? this.destinationSet : this.sourceSet;
      if (table === undefined || set === 0) return Number.NaN;
      const as = table.setWord(set, word) >>> 0;
      if (table.isCurrent()) return as === 0 ? Number.NaN : as;
      this.find();
    }
    return Number.NaN;
  }

  /** Look up both addresses at one moment of the table. */
  private find(): void {
    const { table } = this;
    for (let i = 0; i < TRIES; i++) {
      this.destination = this.route(this.destinationAt);
      this.destinationSet = this.destination === 0 || table === undefined ? 0 : table.attributes;
      const generation = table?.generation;
      this.source = this.route(this.sourceAt);
      this.sourceSet = this.source === 0 || table === undefined ? 0 : table.attributes;
      if (this.sourceAt < 0 || table?.generation === generation) return;
    }
    this.destination = 0;
    this.source = 0;
    this.destinationSet = 0;
    this.sourceSet = 0;
  }

  private route(at: number): number {
    const { table, bytes } = this;
    if (at < 0 || table === undefined) return 0;
    if (this.version === 4) return table.lookup4(i32(bytes, at));
    return table.lookup6(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12));
  }
}
