import type { Lookups, SampleContext } from '../flow/index.ts';
import type { DatagramWalker } from '../sflow/index.ts';
import type { Destination } from '../udp/sender.ts';
import type { Agent, DataSource } from './registry.ts';
import { compileTenantFilters, type TenantFilters, type TenantMatcher } from './tenant.ts';
import { SampleDatagrams } from './tenant-datagram.ts';
import { PacketEnds } from './tenant-ends.ts';

/** Where a tenant's stream of one data source stands: numbers of the next samples, the pool of the last flow sample. */
interface SourceStream {
  flow: number;
  counter: number;
  pool: number;
}

interface Member {
  readonly matcher: TenantMatcher;
  readonly destination: Destination;
  /** Number of each agent's next datagram. Streams end with the agents and data sources they are of. */
  readonly datagrams: WeakMap<Agent, number>;
  readonly sources: WeakMap<DataSource, SourceStream>;
}

/**
 * Gives each tenant a stream of its own (rest-api 12): for every sample that is the tenant's to see, a datagram as its
 * agent might have sent it, with that sample alone.
 */
export class TenantSet {
  /** False: there are no tenants, and samples need not be shown. */
  active = false;
  private readonly members = new Map<string, Member>();
  private readonly ends = new PacketEnds();
  private readonly datagrams: SampleDatagrams;

  /** @param flush has what was sent handed over to the system */
  constructor(flush: () => void) {
    this.datagrams = new SampleDatagrams(flush);
  }

  set(name: string, filters: TenantFilters, destination: Destination): void {
    this.members.set(name, {
      matcher: compileTenantFilters(filters),
      destination,
      datagrams: new WeakMap(),
      sources: new WeakMap(),
    });
    this.active = true;
  }

  remove(name: string): void {
    this.members.delete(name);
    this.active = this.members.size > 0;
  }

  /** Samples sent, by tenant. */
  counts(): Record<string, number> {
    return Object.fromEntries(
      [...this.members].map(([name, { destination }]) => [name, destination.counts.sent]),
    );
  }

  /** A flow sample that was accepted; the walker stands on it. Those of edge data sources may be a tenant's. */
  flowSample(source: DataSource, sample: SampleContext, walker: DatagramWalker): void {
    if (sample.edge !== 1) return;
    this.ends.find(sample);
    for (const member of this.members.values()) {
      if (!this.ends.belongTo(member.matcher)) continue;
      const stream = streamOf(member, source);
      if (!this.make(member, source.agent, walker, stream.flow)) continue;
      // The pool is what n samples at this rate stand for.
      if (stream.flow > 0) stream.pool = (stream.pool + walker.samplingRate) | 0;
      this.datagrams.setPool(stream.pool, walker.sampleFormat);
      stream.flow = (stream.flow + 1) | 0;
      this.send(member);
    }
  }

  /** A counter sample whose records have been taken in; the walker stands on it. */
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
      if (!this.make(member, agent, walker, stream.counter)) continue;
      stream.counter = (stream.counter + 1) | 0;
      this.send(member);
    }
  }

  private make(member: Member, agent: Agent, walker: DatagramWalker, sampleSequence: number): boolean {
    const sequence = member.datagrams.get(agent) ?? 0;
    if (!this.datagrams.make(agent, sequence, walker, sampleSequence)) return false;
    member.datagrams.set(agent, (sequence + 1) | 0);
    return true;
  }

  private send(member: Member): void {
    const { bytes, start, end } = this.datagrams;
    member.destination.send(bytes, start, end);
  }
}

function streamOf({ sources }: Member, source: DataSource): SourceStream {
  let stream = sources.get(source);
  if (stream === undefined) {
    stream = { flow: 0, counter: 0, pool: 0 };
    sources.set(source, stream);
  }
  return stream;
}
