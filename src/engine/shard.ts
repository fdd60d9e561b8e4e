import { formatIPv4, formatIPv6 } from '../common/index.ts';
import {
  type ClosedFlow,
  type FlowDefinition,
  FlowSet,
  fillSampleContext,
  presentKeys,
  type RecordFaults,
  SAMPLE_KIND,
  SampleContext,
  type TableMemory,
} from '../flow/index.ts';
import { MetricStore } from '../metric/index.ts';
import {
  COUNTER_STRUCTURES,
  DatagramWalker,
  formatWord,
  SAMPLE,
  upgradeDatagram,
  WALK,
} from '../sflow/index.ts';
import { CurrentTopology, type ResolvedTopology } from '../topology/index.ts';
import { BgpRoutes } from './bgp-routes.ts';
import { FormatCounts, NamedCounts } from './counters.ts';
import { type DataSourceRows, DIRECTION_SHIFT, FLAG, ROW } from './data-source-rows.ts';
import { EdgeHosts } from './edge-hosts.ts';
import type { EndedFlow } from './index.ts';
import { PrometheusReaders } from './prometheus-readers.ts';
import {
  type Agent,
  type DataSource,
  type Place,
  Registry,
  type SampleCounters,
  type Session,
  type SourceTally,
} from './registry.ts';
import { readRtFlow } from './rtflow.ts';
import { ShardLookups } from './shard-lookups.ts';
import { TelemetryFacts } from './telemetry-facts.ts';
import { TenantSet } from './tenant-set.ts';
import { type Crossing, ThresholdMonitor } from './threshold-monitor.ts';

export interface ShardOptions {
  readonly memoryBytes: number;
  readonly maxAgents: number;
  readonly maxDataSources: number;
  /** Secret start of the tables' hash. */
  readonly seed: number;
  /** An address of this machine: the agent of network-wide flows (rest-api 6.3). */
  readonly ownAddress?: string;
  /** A record of the flow log, named. */
  readonly onLogged: (record: ShardLoggedFlow) => void;
  /** A flow that IPFIX collectors are to hear of has ended. */
  readonly onEnded?: ((definition: FlowDefinition, flow: EndedFlow) => void) | undefined;
  /** A threshold was crossed. */
  readonly onEvent: (event: Crossing) => void;
  /** Memory for tables. */
  readonly memory?: TableMemory | undefined;
  /** What was sent to tenants is to be handed over to the system now. */
  readonly onTenantsFull?: (() => void) | undefined;
}

/** A record of the flow log, times on the engine's clock. */
export interface ShardLoggedFlow extends ClosedFlow {
  readonly agent: string;
  readonly dataSource: string;
}

const NOWHERE: Place = { agent: '', dataSource: '0' };

/** Largest UDP payload that is looked at (rest-api 3.1). */
export const MAX_DATAGRAM_BYTES = 2048;
/** Sequence numbers may run ahead by less than this (rest-api 3.2, 3.3). */
const MAX_GAP = 20;
/** Consecutive out-of-order datagrams that restart a session. */
const RESTART_AFTER = 3;
/** Weight of a new observation in the smoothed sampling rate (rest-api 3.6). */
const RATE_GAIN = 0.02;
/** A pool that "grew" by more has been set back. */
const MAX_POOL_STEP = 0x80000000;
/** How often the keys of a sample are noted for /flowkeys. */
const KEY_SCAN_MS = 100;
/** rest-api 3.5. */
const MAX_AGE_MS = 600_000;
const SWEEP_MS = 60_000;
const REAP_MS = 10_000;
const UDP_SOURCES_PER_AGENT = 16;
/** smonVlan, physical, logical entries: class 2 samples are attributed to their input interface (rest-api 3.7). */
const PHYSICAL_ENTRY = 2;

/** Format words of the counter records that are known, metrics or not. */
const KNOWN_COUNTERS: ReadonlySet<number> = new Set(
  COUNTER_STRUCTURES.map(({ enterprise, format }) => formatWord(enterprise, format)),
);

const WALK_NAMES = Object.fromEntries(Object.entries(WALK).map(([name, code]) => [code, name]));

/**
 * Takes datagrams in and keeps what they tell: agents, data sources, flow tables, metrics. Single-threaded and without
 * I/O; time is an argument, ms on a clock that never goes back.
 */
export class Shard {
  readonly registry: Registry;
  readonly flows: FlowSet;
  readonly metrics: MetricStore;
  readonly lookups: ShardLookups;
  readonly thresholds: ThresholdMonitor;
  readonly tenants: TenantSet;
  readonly topology: CurrentTopology;
  /** Routes learnt over BGP. */
  readonly bgp = new BgpRoutes();
  readonly hosts: EdgeHosts;
  readonly prometheus = new PrometheusReaders();
  /** Last time each key was seen. */
  readonly keysSeen = new Map<string, number>();

  readonly received = {
    datagrams: 0,
    bytes: 0,
    discarded: 0,
    tooLarge: 0,
    parseErrors: 0,
    unsupportedVersion: 0,
    flowSamples: 0,
    counterSamples: 0,
    discardSamples: 0,
    datagramsLost: 0,
    samplesLost: 0,
  };
  readonly faults = new NamedCounts();
  readonly unknownSamples = new FormatCounts();
  readonly unknownRecords = new FormatCounts();
  readonly shortRecords = new FormatCounts();

  private readonly walker = new DatagramWalker();
  private readonly sample = new SampleContext();
  private readonly recordFaults: RecordFaults = {
    shortRecord: (format) => this.shortRecords.add(format),
    unknownRecord: (format) => this.unknownRecords.add(format),
  };
  /** What telemetry tells of agents and interfaces. */
  readonly facts: TelemetryFacts;
  private readonly network: Place;
  /** The topology as resolved at the last `advance`. */
  private resolved: ResolvedTopology | undefined;
  /** Time of the last `advance`. */
  private seconds = 0;
  private lastKeyScan = Number.NEGATIVE_INFINITY;
  private lastSweep = Number.NEGATIVE_INFINITY;
  private lastReap = Number.NEGATIVE_INFINITY;

  constructor(options: ShardOptions) {
    this.metrics = new MetricStore({
      maxSources: options.maxDataSources,
      onCustomMetrics: (source, now) => this.thresholds.counterSample(source, now),
    });
    this.network = { agent: options.ownAddress ?? '127.0.0.1', dataSource: '0' };
    this.facts = new TelemetryFacts(this.metrics);
    this.topology = new CurrentTopology(this.facts);
    this.lookups = new ShardLookups(this.metrics, this.topology, this.facts);
    this.hosts = new EdgeHosts(this.metrics, options.seed);
    this.registry = new Registry(options, ({ address }) => {
      this.metrics.removeAgent(address);
      this.hosts.removeAgent(address);
    });
    this.flows = new FlowSet({
      memoryBytes: options.memoryBytes,
      seed: options.seed,
      lookups: this.lookups,
      isLive: (scope) => this.registry.isLive(scope),
      onClosed: (flow) => options.onLogged({ ...flow, ...(this.placeOf(flow.scope) ?? NOWHERE) }),
      onEnded: ({ definition, scope, keys, totals, start, end }) => {
        const { agent, dataSource } = this.placeOf(scope) ?? NOWHERE;
        options.onEnded?.(definition, { agent, dataSource, keys, totals, start, end });
      },
      memory: options.memory,
    });
    this.tenants = new TenantSet(options.onTenantsFull ?? (() => undefined));
    this.sample.dataSourceName = (row) => this.registry.dataSourceAt(row).name;
    this.thresholds = new ThresholdMonitor({
      flows: this.flows,
      metrics: this.metrics,
      placeOf: (scope) => this.placeOf(scope),
      onEvent: options.onEvent,
    });
  }

  define(definition: FlowDefinition, now: number): void {
    this.flows.define(definition, now);
  }

  /** Must be called before the datagrams of one moment: all of them share its time. */
  advance(now: number): void {
    this.seconds = Math.floor(now / 1000);
    this.flows.advance(now);
    if (this.bgp.active) this.bgp.advance(now);
    this.facts.advance(now);
    this.resolved = this.topology.resolved;
  }

  /**
   * Take in one UDP payload, `bytes[start, end)`, from a source given as four words (IPv4: the first three are 0, 0,
   * 0xFFFF). Never throws for anything a datagram may hold.
   */
  receive(
    bytes: Uint8Array,
    start: number,
    end: number,
    s0: number,
    s1: number,
    s2: number,
    s3: number,
    now: number,
  ): void {
    const { received, walker } = this;
    if (end - start > MAX_DATAGRAM_BYTES) {
      received.tooLarge++;
      return;
    }
    received.datagrams++;
    received.bytes += end - start;
    let fault = walker.begin(bytes, start, end);
    if (fault === WALK.badVersion) {
      const upgraded = this.upgrade(bytes.subarray(start, end));
      if (upgraded === undefined) return;
      fault = walker.begin(upgraded, 0, upgraded.length);
    }
    if (fault !== WALK.ok) {
      this.parseError(fault);
      return;
    }
    const session = this.registry.session(
      walker.agentType,
      walker.agent0,
      walker.agent1,
      walker.agent2,
      walker.agent3,
      walker.subAgent,
      now,
    );
    if (session === undefined) return;
    const { agent } = session;
    agent.lastSeen = now;
    agent.uptime = walker.uptime >>> 0;
    agent.datagrams++;
    if (agent.source3 !== s3 || agent.source2 !== s2 || agent.source1 !== s1 || agent.source0 !== s0)
      noteSource(agent, s0, s1, s2, s3);
    if (!this.inSequence(session, walker.sequence)) {
      received.discarded++;
      return;
    }
    for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
      switch (kind) {
        case SAMPLE.flow:
          this.flowSample(agent, now);
          break;
        case SAMPLE.counter:
          this.counterSample(agent, now);
          break;
        case SAMPLE.discard:
          this.discardSample(agent, now);
          break;
        case SAMPLE.rtmetric:
          this.rtmetricSample(agent, now);
          break;
        case SAMPLE.rtflow:
          this.rtflowSample(agent, now);
          break;
        default:
          this.unknownSamples.add(walker.sampleFormat);
      }
    }
    if (walker.fault !== WALK.ok) this.parseError(walker.fault);
  }

  /** Housekeeping, about once a second. */
  tick(now: number): void {
    this.flows.tick(now);
    this.thresholds.tick(now);
    this.metrics.tick(now);
    if (now - this.lastSweep >= SWEEP_MS) {
      this.lastSweep = now;
      this.registry.expire(now, MAX_AGE_MS);
      this.metrics.expire(now, MAX_AGE_MS);
      this.hosts.expire(now);
      for (const [key, seen] of this.keysSeen) if (now - seen > MAX_AGE_MS) this.keysSeen.delete(key);
    }
    const retired = this.registry.retiredCount;
    if (retired > REAP_AT || (retired > 0 && now - this.lastReap >= REAP_MS)) {
      this.lastReap = now;
      this.flows.reap(now);
      this.registry.reaped();
    }
  }

  /** Agent and data source a scope stands for (rest-api 6.3: `0` for tables of a whole agent); undefined when it is gone. */
  placeOf(scope: number): Place | undefined {
    const owner = this.registry.owner(scope);
    if (owner === undefined) return undefined;
    if (owner === 'network') return this.network;
    return 'agent' in owner
      ? { agent: owner.agent.address, dataSource: owner.name }
      : { agent: owner.address, dataSource: '0' };
  }

  private upgrade(datagram: Uint8Array): Uint8Array | undefined {
    const version =
      datagram.length >= 4 ? (datagram[0] << 24) | (datagram[1] << 16) | (datagram[2] << 8) | datagram[3] : 0;
    if (version !== 2 && version !== 4) {
      if (datagram.length >= 4) this.received.unsupportedVersion++;
      else this.parseError(WALK.shortHeader);
      return undefined;
    }
    const { bytes, error } = upgradeDatagram(datagram);
    if (error !== undefined) {
      this.received.parseErrors++;
      this.faults.add(`version ${version}`);
    }
    return bytes;
  }

  private parseError(fault: number): void {
    this.received.parseErrors++;
    this.faults.add(WALK_NAMES[fault]);
  }

  /** rest-api 3.2. False: the datagram is to be dropped. */
  private inSequence(session: Session, sequence: number): boolean {
    const { agent } = session;
    const step = (sequence - session.last) | 0;
    if (!session.started) {
      session.started = true;
    } else if (step === 0) {
      agent.duplicates++;
      return false;
    } else if (step > 0 && step < MAX_GAP) {
      agent.datagramsLost += step - 1;
      this.received.datagramsLost += step - 1;
    } else {
      agent.outOfOrder++;
      if (sequence !== 1 && ++session.outOfOrder < RESTART_AFTER) return false;
      this.registry.restart(agent);
      this.metrics.restart(agent.address);
      session.started = true;
    }
    session.outOfOrder = 0;
    session.last = sequence;
    return true;
  }

  /**
   * rest-api 3.3 for flow and discard samples of the data source in `row`, whose sequence number, drops and flag are at
   * the places given. False: the sample is to be dropped.
   */
  private sampleInSequence(
    row: number,
    sequence: number,
    drops: number,
    flag: number,
    counters: SampleCounters,
  ): boolean {
    const { walker } = this;
    const { words } = this.registry.rows;
    if ((words[row + ROW.flags] & flag) === 0) {
      words[row + ROW.flags] |= flag;
      counters.dataSources++;
      if (flag === FLAG.flow) {
        const { tally } = this.registry.dataSourceAt(row);
        tally.flowFirst = walker.sampleSequence;
        tally.dropsFirst = walker.drops;
      }
    } else {
      counters.samples++;
      const step = (walker.sampleSequence - words[row + sequence]) | 0;
      if (step === 0) {
        counters.duplicates++;
        return false;
      }
      words[row + sequence] = walker.sampleSequence;
      if (step < 0 || step >= MAX_GAP) {
        counters.outOfOrder++;
        if (flag === FLAG.flow) this.registry.dataSourceAt(row).tally.flowFirst += step;
        return false;
      }
      if (step > 1 && flag === FLAG.flow) this.registry.dataSourceAt(row).tally.flowLost += step - 1;
      counters.lost += step - 1;
      this.received.samplesLost += step - 1;
      const dropped = (walker.drops - words[row + drops]) >>> 0;
      if (dropped < MAX_POOL_STEP) counters.drops += dropped;
    }
    words[row + sequence] = walker.sampleSequence;
    words[row + drops] = walker.drops;
    return true;
  }

  /** Row of the data source that the present sample is from, noted as seen; -1: there are too many. */
  private sourceRow(agent: Agent, now: number): number {
    const { walker, registry } = this;
    const row = registry.dataSourceRow(agent, walker.sourceClass, walker.sourceIndex, now);
    if (row >= 0) registry.rows.words[row + ROW.lastSeen] = this.seconds;
    return row;
  }

  private flowSample(agent: Agent, now: number): void {
    const { walker, registry } = this;
    this.received.flowSamples++;
    const row = this.sourceRow(agent, now);
    if (row < 0) return;
    const first = (registry.rows.words[row + ROW.flags] & FLAG.flow) === 0;
    if (!this.sampleInSequence(row, ROW.flowSequence, ROW.flowDrops, FLAG.flow, agent.flow)) return;
    this.sample.samplingRate = samplingRate(
      registry.rows,
      row,
      first,
      walker.samplingRate,
      walker.samplePool,
    );
    const place =
      walker.sourceClass === PHYSICAL_ENTRY ? this.inputInterface(registry.dataSourceAt(row), now) : row;
    if (place < 0) return;
    this.takeSample(agent, place, now);
    this.locateSender(agent, place, now);
    if (this.tenants.active) {
      // The row may have moved when the interface was new.
      const source = registry.dataSourceRow(agent, walker.sourceClass, walker.sourceIndex, now);
      this.tenants.flowSample(registry.dataSourceAt(source), this.sample, walker);
    }
  }

  /**
   * Samples of a switch-wide source count as taken at their input interface. The first one of each interface is only a
   * baseline (rest-api 3.7). Gives the interface's row, or -1 when the sample is not to be used.
   */
  private inputInterface(source: DataSource, now: number): number {
    const { walker, registry } = this;
    const row = registry.dataSourceRow(source.agent, 0, walker.input, now);
    if (row < 0) return -1;
    registry.rows.words[row + ROW.lastSeen] = this.seconds;
    source.baselines ??= new Set();
    if (source.baselines.has(walker.input)) return row;
    source.baselines.add(walker.input);
    return -1;
  }

  /** Offer the present flow or discard sample to the tables, as of the data source in `row`. */
  private takeSample(agent: Agent, row: number, now: number): void {
    const { sample, registry } = this;
    sample.agent = agent.address;
    sample.agentScope = agent.scope;
    sample.place = row;
    sample.dataSourceScope = registry.rows.words[row + ROW.scope];
    sample.edge = this.resolved === undefined ? 0 : edgeOf(registry.dataSourceAt(row), this.resolved);
    fillSampleContext(sample, this.walker, this.recordFaults);
    if (this.bgp.active) this.bgp.sample(sample);
    registry.rows.words[row + ROW.flags] |= sample.direction << DIRECTION_SHIFT;
    this.flows.update(sample, now);
    if (now - this.lastKeyScan >= KEY_SCAN_MS) this.scanKeys(now);
  }

  /** Who sends a packet into the network at an edge is there; a sample taken elsewhere on its way does not say so. */
  private locateSender(agent: Agent, row: number, now: number): void {
    if (this.sample.edge !== 1) return;
    const { sourceClass, index } = this.registry.dataSourceAt(row);
    if (sourceClass === 0 && index === this.walker.input)
      this.hosts.learn(this.sample, agent.address, index >>> 0, now);
  }

  private discardSample(agent: Agent, now: number): void {
    this.received.discardSamples++;
    const row = this.sourceRow(agent, now);
    if (row < 0) return;
    if (!this.sampleInSequence(row, ROW.discardSequence, ROW.discardDrops, FLAG.discard, agent.discard))
      return;
    this.takeSample(agent, row, now);
  }

  private counterSample(agent: Agent, now: number): void {
    const { walker } = this;
    this.received.counterSamples++;
    const row = this.sourceRow(agent, now);
    if (row < 0) return;
    const source = this.registry.dataSourceAt(row);
    const baseline = this.counterBaseline(row, agent.counter, source.tally, now);
    let { metrics } = source;
    if (metrics === undefined || !metrics.live) {
      metrics = this.metrics.source(agent.address, source.name);
      source.metrics = metrics;
      if (metrics === undefined) return;
    }
    metrics.beginSample(now, baseline);
    while (walker.nextRecord()) {
      const known = metrics.record(
        walker.recordFormat,
        walker.bytes,
        walker.recordStart,
        walker.recordEnd,
        now,
      );
      if (known) continue;
      const counts = KNOWN_COUNTERS.has(walker.recordFormat) ? this.shortRecords : this.unknownRecords;
      counts.add(walker.recordFormat);
    }
    this.thresholds.counterSample(metrics, now);
    if (this.tenants.active) this.tenants.counterSample(source, this.lookups, walker);
  }

  /** True when a counter sample cannot be compared with the one before (rest-api 3.3). */
  private counterBaseline(row: number, counters: SampleCounters, tally: SourceTally, now: number): boolean {
    const { sampleSequence } = this.walker;
    const { words } = this.registry.rows;
    const step = (sampleSequence - words[row + ROW.counterSequence]) | 0;
    words[row + ROW.counterSequence] = sampleSequence;
    if ((words[row + ROW.flags] & FLAG.counter) === 0) {
      words[row + ROW.flags] |= FLAG.counter;
      counters.dataSources++;
      tally.counterBegan = tally.counterLast = now;
      return true;
    }
    counters.samples++;
    if (step === 0) {
      counters.duplicates++;
      return true;
    }
    tally.counterSamples++;
    tally.counterLast = now;
    if (step < 0 || step >= MAX_GAP) {
      counters.outOfOrder++;
      return true;
    }
    tally.counterLost += step - 1;
    counters.lost += step - 1;
    this.received.samplesLost += step - 1;
    return false;
  }

  private rtmetricSample(agent: Agent, now: number): void {
    const { bytes, sampleStart, sampleEnd } = this.walker;
    if (this.metrics.rtmetric(agent.address, bytes, sampleStart, sampleEnd, now)) return;
    this.received.parseErrors++;
    this.faults.add('rtmetric');
  }

  private rtflowSample(agent: Agent, now: number): void {
    const { walker, sample } = this;
    const flow = readRtFlow(walker.bytes, walker.sampleStart, walker.sampleEnd);
    if (flow === undefined) {
      this.received.parseErrors++;
      this.faults.add('rtflow');
      return;
    }
    this.received.flowSamples++;
    sample.reset(walker.bytes);
    sample.kind = SAMPLE_KIND.custom;
    sample.custom = flow.fields;
    sample.samplingRate = flow.samplingRate;
    sample.agent = agent.address;
    sample.agentScope = agent.scope;
    sample.dataSource = '';
    sample.dataSourceScope = agent.scope;
    this.flows.update(sample, now);
    if (now - this.lastKeyScan >= KEY_SCAN_MS) this.scanKeys(now);
  }

  private scanKeys(now: number): void {
    this.lastKeyScan = now;
    for (const key of presentKeys(this.sample)) {
      if (this.keysSeen.has(key) || this.keysSeen.size < MAX_KEY_NAMES) this.keysSeen.set(key, now);
    }
  }
}

/** Names in /flowkeys; rtflow samples bring names of their own. */
const MAX_KEY_NAMES = 4096;
/** Scopes given up before tables are cleared of them ahead of time. */
const REAP_AT = 1_000_000;

/** 1 when a data source is an EDGE of the topology; looked up once for each topology. */
function edgeOf(source: DataSource, topology: ResolvedTopology): number {
  if (source.topology !== topology) {
    source.topology = topology;
    source.edge = topology.member('EDGE', source.agent.address, source.name) ? 1 : 0;
  }
  return source.edge;
}

/** The factor that scales a sample (rest-api 3.6). `rate` and `pool` are words as they were sent. */
function samplingRate(rows: DataSourceRows, row: number, first: boolean, rate: number, pool: number): number {
  const { words, doubles } = rows;
  const smoothed = (row + ROW.smoothedRate) >> 1;
  const reported = rate >>> 0;
  if (first || rate !== words[row + ROW.reportedRate]) {
    words[row + ROW.reportedRate] = rate;
    doubles[smoothed] = reported;
  } else {
    const step = (pool - words[row + ROW.pool]) >>> 0;
    doubles[smoothed] += RATE_GAIN * ((step < MAX_POOL_STEP ? step : reported) - doubles[smoothed]);
  }
  words[row + ROW.pool] = pool;
  return reported === 0 ? 0 : Math.max(reported, doubles[smoothed]);
}

function noteSource(agent: Agent, s0: number, s1: number, s2: number, s3: number): void {
  agent.source0 = s0;
  agent.source1 = s1;
  agent.source2 = s2;
  agent.source3 = s3;
  if (agent.sources.size >= UDP_SOURCES_PER_AGENT) return;
  agent.sources.add(s0 === 0 && s1 === 0 && s2 === 0xffff ? formatIPv4(s3) : formatIPv6(s0, s1, s2, s3));
}
