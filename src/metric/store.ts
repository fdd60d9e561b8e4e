import { formatMac } from '../common/index.ts';
import { type AgentNames, type GivenAgent, givenAgent } from './agent-names.ts';
import type { CustomMetricsBudget } from './custom-metrics.ts';
import { PlanBook } from './plan-book.ts';
import { createReading, MetricName, MetricSource, type RecordBudget, type SourceContext } from './source.ts';
import { STRUCTURE_RULES } from './structures.ts';
import { behindString, readText, stringEnd } from './text.ts';

export interface MetricStoreOptions {
  /** Data sources of all agents together; further ones are refused, so that a flood does not displace established ones. */
  readonly maxSources: number;
  /** Memory of all counter records together, bytes. Default 4096 for each of `maxSources`. */
  readonly maxRecordBytes?: number;
  /** Names of custom metrics per data source, and of all together. Default 1000 and 100,000. */
  readonly maxCustomMetricsPerSource?: number;
  readonly maxCustomMetrics?: number;
  /** Custom metrics of a data source were taken in. */
  readonly onCustomMetrics?: (source: MetricSource, now: number) => void;
}

/** What a store has turned away, since start. */
export interface MetricStoreRefusals {
  /** Asks for a new data source when there were `maxSources` already. */
  sources: number;
  /** Records of a kind that their data source had not sent before, when `maxRecordBytes` were used. */
  records: number;
  /** Values of custom metrics when there were too many names already. */
  customMetrics: number;
}

/** Data sources of one agent, by name. */
export interface AgentMetrics {
  readonly address: string;
  readonly sources: ReadonlyMap<string, MetricSource>;
}

/** Names remembered between questions. */
const MAX_NAMES = 1000;

/** Counted with the longest texts, a switch port takes 2 to 3 kB and a host 7 kB. */
const DEFAULT_RECORD_BYTES = 4096;

/** MAC addresses of hosts known at once. */
const MAX_MACS = 100_000;

/** Data source of a host itself: physical entity 1. */
const HOST_SOURCE = '2.1';
const HOST_NAME = 'host_name';

/**
 * The counter metrics of all agents of a shard: agents, their data sources, the records these send, the metrics in them.
 * Agents are known by the text of their address, data sources by their name (rest-api 3.7).
 */
export class MetricStore {
  private readonly agentsByAddress = new Map<
    string,
    { address: string; sources: Map<string, MetricSource> }
  >();
  /** What others say of agents, also of those that have sent no counters yet. */
  private readonly given = new Map<string, GivenAgent>();
  /** Agents that came back after their host name was given. */
  private readonly unnamedHosts = new Set<string>();
  private readonly hostsByMac = new Map<number, MetricSource>();
  private readonly maxSources: number;
  private readonly recordBudget: RecordBudget;
  private readonly customBudget: CustomMetricsBudget;
  private readonly context: SourceContext;
  private readonly onCustomMetrics: ((source: MetricSource, now: number) => void) | undefined;
  private count = 0;
  private refusedSources = 0;
  private customText = '';
  /** Names that `value` and its kin were asked for, and what they read into: key functions ask for every sample. */
  private readonly names = new Map<string, MetricName>();
  private readonly reading = createReading();

  constructor(options: MetricStoreOptions) {
    this.maxSources = options.maxSources;
    this.onCustomMetrics = options.onCustomMetrics;
    this.recordBudget = {
      left: Math.floor((options.maxRecordBytes ?? DEFAULT_RECORD_BYTES * options.maxSources) / 8),
      refused: 0,
    };
    this.customBudget = {
      perSource: options.maxCustomMetricsPerSource ?? 1000,
      left: options.maxCustomMetrics ?? 100_000,
      refused: 0,
    };
    this.context = {
      plans: new PlanBook(STRUCTURE_RULES),
      recordBudget: this.recordBudget,
      customBudget: this.customBudget,
      adaptersChanged: (source, before, now) => this.moveAdapters(source, before, now),
    };
  }

  /** The data source, made when it is new. undefined: there are too many; counted. Valid as long as it is `live`. */
  source(address: string, name: string): MetricSource | undefined {
    const known = this.agentsByAddress.get(address)?.sources.get(name);
    if (known !== undefined) return known;
    if (this.count >= this.maxSources) {
      this.refusedSources++;
      return undefined;
    }
    let agent = this.agentsByAddress.get(address);
    if (agent === undefined) {
      this.agentsByAddress.set(address, (agent = { address, sources: new Map() }));
      if (this.given.get(address)?.hostName !== undefined) this.unnamedHosts.add(address);
    }
    const source = new MetricSource(address, name, this.context);
    agent.sources.set(name, source);
    this.count++;
    const given = this.given.get(address);
    if (given !== undefined) this.give(source, given);
    return source;
  }

  /**
   * Take in a sample of custom metrics (4300:1002), `bytes[at, end)`: the data source's name, then the metrics. `now`:
   * arrival, ms. False: cut short or not understood; metrics before the fault count.
   */
  rtmetric(address: string, bytes: Uint8Array, at: number, end: number, now: number): boolean {
    const nameEnd = stringEnd(bytes, at, end);
    if (nameEnd < 0) return false;
    const name = (this.customText = readText(this.customText, bytes, at + 4, nameEnd));
    if (name === '') return false;
    const source = this.source(address, name);
    if (source === undefined) return true;
    const whole = source.rtmetric(bytes, behindString(at + 4, nameEnd), end, now);
    this.onCustomMetrics?.(source, now);
    return whole;
  }

  /**
   * Replace what others than the agent say of it; undefined: nothing. It shows where the agent itself says nothing: as
   * metrics of the data sources that it sends, its host name on `2.1`. `now`: ms.
   */
  setNames(address: string, names: AgentNames | undefined, now: number): void {
    const given = names && givenAgent(names);
    if (given === undefined) this.given.delete(address);
    else this.given.set(address, given);
    const agent = this.agentsByAddress.get(address);
    if (agent === undefined) return;
    for (const source of agent.sources.values()) this.give(source, given);
    this.giveHostName(agent, now);
  }

  /** Housekeeping, about once a second. */
  tick(now: number): void {
    for (const address of this.unnamedHosts) {
      const agent = this.agentsByAddress.get(address);
      if (agent !== undefined) this.giveHostName(agent, now);
    }
    this.unnamedHosts.clear();
  }

  /** Names that others than the agents have given to interfaces: ifIndex, name. */
  *givenNames(address: string): Iterable<readonly [ifIndex: string, name: string]> {
    for (const [ifIndex, metrics] of this.given.get(address)?.interfaces ?? []) {
      const name = metrics.get('ifname');
      if (typeof name === 'string') yield [ifIndex, name];
    }
  }

  /** Agents of which others have said something. */
  givenAgents(): Iterable<string> {
    return this.given.keys();
  }

  /** Whether the agent itself has sent the metric, on one data source or on any. */
  isSent(address: string, metric: string, dataSource?: string): boolean {
    const sources = this.agentsByAddress.get(address)?.sources;
    if (sources === undefined) return false;
    const name = this.metricName(metric);
    if (dataSource !== undefined) return sources.get(dataSource)?.readSent(name, this.reading) === true;
    for (const source of sources.values()) if (source.readSent(name, this.reading)) return true;
    return false;
  }

  /** Drop an agent with all its metrics. */
  removeAgent(address: string): void {
    const agent = this.agentsByAddress.get(address);
    if (agent === undefined) return;
    for (const source of agent.sources.values()) this.drop(source);
    this.agentsByAddress.delete(address);
  }

  /** The agent has started anew (rest-api 3.2): rates begin anew, gauges and texts stay until they are replaced. */
  restart(address: string): void {
    for (const source of this.agentsByAddress.get(address)?.sources.values() ?? []) source.restart();
  }

  /** Drop data sources without updates for `maxAge` ms (rest-api 3.5). Returns how many. */
  expire(now: number, maxAge: number): number {
    const before = this.count;
    for (const agent of this.agentsByAddress.values()) {
      this.giveHostName(agent, now);
      for (const source of agent.sources.values()) {
        if (now - source.updated < maxAge) continue;
        agent.sources.delete(source.name);
        this.drop(source);
      }
      if (agent.sources.size === 0) this.agentsByAddress.delete(agent.address);
    }
    return before - this.count;
  }

  agents(): Iterable<AgentMetrics> {
    return this.agentsByAddress.values();
  }

  agent(address: string): AgentMetrics | undefined {
    return this.agentsByAddress.get(address);
  }

  get sourceCount(): number {
    return this.count;
  }

  get refused(): MetricStoreRefusals {
    return {
      sources: this.refusedSources,
      records: this.recordBudget.refused,
      customMetrics: this.customBudget.refused,
    };
  }

  /** Value of a metric of a data source, undefined when it is not there. */
  value(address: string, dataSource: string, metric: string): number | string | undefined {
    const source = this.agentsByAddress.get(address)?.sources.get(dataSource);
    if (source === undefined) return this.given.get(address)?.interfaces.get(dataSource)?.get(metric);
    return source.read(this.metricName(metric), this.reading) ? this.reading.value : undefined;
  }

  /** A metric as text: what labels and key functions (`ifname:`, `node:`) show. */
  text(address: string, dataSource: string, metric: string): string | undefined {
    const value = this.value(address, dataSource, metric);
    return value === undefined ? undefined : String(value);
  }

  /** A metric of the agent as a whole, such as host_name: that of `2.1`, else of any data source that has it. */
  agentText(address: string, metric: string): string | undefined {
    return this.sentAgentText(address, metric) ?? this.givenAgentText(address, metric);
  }

  private sentAgentText(address: string, metric: string): string | undefined {
    const sources = this.agentsByAddress.get(address)?.sources;
    if (sources === undefined) return undefined;
    const own = sources.get(HOST_SOURCE);
    const name = this.metricName(metric);
    const { reading } = this;
    if (own?.readSent(name, reading)) return String(reading.value);
    for (const source of sources.values()) if (source.readSent(name, reading)) return String(reading.value);
    return undefined;
  }

  private givenAgentText(address: string, metric: string): string | undefined {
    return metric === HOST_NAME ? this.given.get(address)?.hostName : undefined;
  }

  /** The host or virtual machine with that MAC address (12 hex digits, either case), from host_adapters. */
  hostForMac(mac: string): { agent: string; dataSource: string } | undefined {
    const source = /^[0-9a-fA-F]{12}$/.test(mac) ? this.hostsByMac.get(Number.parseInt(mac, 16)) : undefined;
    return source && { agent: source.agent, dataSource: source.name };
  }

  /** MAC addresses (12 upper-case hex digits) of the hosts and virtual machines that are asked for, from host_adapters. */
  macsOf(asked: (source: MetricSource) => boolean): string[] {
    const macs = Array.from(this.hostsByMac).filter(([, source]) => asked(source));
    return macs.map(([mac]) => formatMac(Math.floor(mac / 2 ** 32), mac | 0));
  }

  /** What the key function `host:` shows (rest-api 5.2): the virtual machine's own `vir_…`, everything else of the host it runs on. */
  hostText(mac: string, metric: string): string | undefined {
    const found = this.hostForMac(mac);
    if (found === undefined) return undefined;
    const own = this.text(found.agent, found.dataSource, metric);
    if (own !== undefined || metric.startsWith('vir_')) return own;
    const parent = this.text(found.agent, found.dataSource, 'host_parent');
    return parent === undefined ? undefined : this.text(found.agent, parent, metric);
  }

  private metricName(name: string): MetricName {
    let known = this.names.get(name);
    if (known === undefined) {
      if (this.names.size >= MAX_NAMES) this.names.clear();
      this.names.set(name, (known = new MetricName(name)));
    }
    return known;
  }

  private give(source: MetricSource, given: GivenAgent | undefined): void {
    if (source.name !== HOST_SOURCE) source.given = given?.interfaces.get(source.name);
  }

  /**
   * The host name that others give is a metric of `2.1`, which is made for it where the agent sends none, and stays as
   * long as the agent sends anything. An agent that says its name itself needs none.
   */
  private giveHostName(agent: { address: string; sources: Map<string, MetricSource> }, now: number): void {
    const hostName = this.given.get(agent.address)?.hostName;
    const own = agent.sources.get(HOST_SOURCE);
    if (hostName !== undefined && !this.isSent(agent.address, HOST_NAME)) {
      const source = own ?? this.source(agent.address, HOST_SOURCE);
      if (source === undefined) return;
      source.given = new Map([[HOST_NAME, hostName]]);
      if (source.isGivenOnly) source.updated = agent.sources.size > 1 ? now : source.updated;
    } else if (own !== undefined) own.given = undefined;
  }

  private drop(source: MetricSource): void {
    source.release();
    this.count--;
  }

  private moveAdapters(source: MetricSource, before: readonly number[], now: readonly number[]): void {
    for (const mac of before) if (this.hostsByMac.get(mac) === source) this.hostsByMac.delete(mac);
    for (const mac of now)
      if (this.hostsByMac.size < MAX_MACS || this.hostsByMac.has(mac)) this.hostsByMac.set(mac, source);
  }
}
