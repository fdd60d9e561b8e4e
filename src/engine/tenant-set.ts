import { i32, u16, u32 } from '../common/index.ts';
import { type KeyPlace, keyPlace, type Lookups, type SampleContext } from '../flow/index.ts';
import type { DatagramWalker } from '../sflow/index.ts';
import type { Agent, DataSource } from './registry.ts';
import type { Destination } from './sender.ts';
import { compileTenantFilters, type TenantFilters, type TenantMatcher } from './tenant.ts';

/** Datagrams that are being made before they are handed over. */
const SLOTS = 64;
/** Room for one; as received ones, none is longer. */
const SLOT_BYTES = 2048;
const VERSION = 5;
/** Word of the sample pool in a compact and in an expanded flow sample. */
const COMPACT_POOL = 12;
const EXPANDED_POOL = 16;
const EXPANDED_FLOW_SAMPLE = 3;

/** Where a tenant's stream of one data source stands. */
interface SourceStream {
  /** Of the next flow sample, and of the next counter sample. */
  flow: number;
  counter: number;
  /** Sample pool of the last flow sample. */
  pool: number;
}

interface Member {
  readonly matcher: TenantMatcher;
  readonly destination: Destination;
  /** Sequence number of the next datagram of each agent. Streams end with the agents and data sources they are of. */
  readonly datagrams: WeakMap<Agent, number>;
  readonly sources: WeakMap<DataSource, SourceStream>;
  samples: number;
}

/**
 * Gives each tenant a stream of its own (rest-api 12): for every sample that is the tenant's to see, a datagram that
 * its agent might have sent, with that sample alone.
 */
export class TenantSet {
  /** False: there are no tenants, and samples need not be shown. */
  active = false;
  private readonly members = new Map<string, Member>();
  private readonly ends = new Ends();
  private readonly arena = new Uint8Array(new ArrayBuffer(SLOTS * SLOT_BYTES));
  private nextSlot = 0;
  private readonly flush: () => void;

  /** @param flush hands over to the system what was sent: its bytes are about to be written again */
  constructor(flush: () => void) {
    this.flush = flush;
  }

  set(name: string, filters: TenantFilters, destination: Destination): void {
    const datagrams = new WeakMap<Agent, number>();
    const sources = new WeakMap<DataSource, SourceStream>();
    const matcher = compileTenantFilters(filters);
    this.members.set(name, { matcher, destination, datagrams, sources, samples: 0 });
    this.active = true;
  }

  remove(name: string): void {
    this.members.delete(name);
    this.active = this.members.size > 0;
  }

  /** Samples sent, by tenant. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.members].map(([name, { samples }]) => [name, samples]));
  }

  /** A flow sample that counts; the walker stands on it. */
  flowSample(source: DataSource, sample: SampleContext, walker: DatagramWalker): void {
    if (sample.edge !== 1) return;
    const { ends } = this;
    ends.read(sample);
    for (const member of this.members.values()) {
      if (!ends.match(member.matcher)) continue;
      const stream = streamOf(member, source);
      const at = this.build(member, source.agent, walker, stream.flow);
      if (at < 0) continue;
      // The pool grows by what each sample stands for: so many of n·rate packets have been seen.
      if (stream.flow > 0) stream.pool = (stream.pool + (walker.samplingRate >>> 0)) >>> 0;
      writeWord(
        this.arena,
        at + (walker.sampleFormat === EXPANDED_FLOW_SAMPLE ? EXPANDED_POOL : COMPACT_POOL),
        stream.pool,
      );
      stream.flow = (stream.flow + 1) >>> 0;
      this.hand(member);
    }
  }

  /** A counter sample, after its records were taken in; the walker stands on it. */
  counterSample(source: DataSource, lookups: Pick<Lookups, 'ifName'>, walker: DatagramWalker): void {
    const { agent, name } = source;
    const byIndex = `${agent.address}_${name}`;
    let byName: string | undefined;
    for (const member of this.members.values()) {
      const { interfaces, interfaceNames } = member.matcher;
      if (!interfaces.has(byIndex)) {
        if (interfaceNames.size === 0) continue;
        byName ??= `${agent.address}_${lookups.ifName(agent.address, name) ?? ''}`;
        if (!interfaceNames.has(byName)) continue;
      }
      const stream = streamOf(member, source);
      if (this.build(member, agent, walker, stream.counter) < 0) continue;
      stream.counter = (stream.counter + 1) >>> 0;
      this.hand(member);
    }
  }

  /** Make a datagram of the walker's sample in the next slot. Returns where the sample's body begins, -1 when it has no room. */
  private build(member: Member, agent: Agent, walker: DatagramWalker, sequence: number): number {
    if (this.nextSlot === SLOTS) {
      this.flush();
      this.nextSlot = 0;
    }
    const { arena } = this;
    const { sampleStart, sampleEnd } = walker;
    const start = this.nextSlot * SLOT_BYTES;
    let at = start;
    at = writeWord(arena, at, VERSION);
    at = writeWord(arena, at, agent.type);
    for (let i = 0; i < (agent.type === 1 ? 1 : 4); i++) at = writeWord(arena, at, agent.words[i]);
    at = writeWord(arena, at, 0); // sub-agent
    at = writeWord(arena, at, member.datagrams.get(agent) ?? 0);
    at = writeWord(arena, at, agent.uptime);
    at = writeWord(arena, at, 1); // samples
    at = writeWord(arena, at, walker.sampleFormat);
    at = writeWord(arena, at, sampleEnd - sampleStart);
    if (at + sampleEnd - sampleStart > start + SLOT_BYTES) return -1;
    arena.set(walker.bytes.subarray(sampleStart, sampleEnd), at);
    writeWord(arena, at, sequence);
    return at;
  }
