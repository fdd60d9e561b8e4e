import { formatIPv4, formatIPv6 } from '../common/index.ts';
import { NETWORK_SCOPE, SCOPE_MASK, type TableMemory } from '../flow/index.ts';
import type { MetricSource } from '../metric/index.ts';
import type { ResolvedTopology } from '../topology/index.ts';
import { DataSourceRows, ROW } from './data-source-rows.ts';

/** Sample counters of an agent by kind (rest-api 3.3, 3.4). */
export interface SampleCounters {
  dataSources: number;
  samples: number;
  duplicates: number;
  outOfOrder: number;
  lost: number;
  drops: number;
}

function sampleCounters(): SampleCounters {
  return { dataSources: 0, samples: 0, duplicates: 0, outOfOrder: 0, lost: 0, drops: 0 };
}

/**
 * What the numbers in a data source's row are counted from. Without losses the last sequence number alone tells how
 * many samples came, so that a sample need not be counted here.
 */
export interface SourceTally {
  /** Sequence number and drops of the first flow sample, moved by what jumps the numbers made. */
  flowFirst: number;
  dropsFirst: number;
  flowLost: number;
  counterSamples: number;
  counterLost: number;
  /** Arrival of the first and the last counter sample, ms. */
  counterBegan: number;
  counterLast: number;
}

function sourceTally(): SourceTally {
  return {
    flowFirst: 0,
    dropsFirst: 0,
    flowLost: 0,
    counterSamples: 0,
    counterLost: 0,
    counterBegan: 0,
    counterLast: 0,
  };
}

/**
 * Something whose samples are numbered: an interface, a physical entity, … of one agent. What samples change is in its
 * row.
 */
export class DataSource {
  readonly agent: Agent;
  readonly sourceClass: number;
  readonly index: number;
  /** rest-api 3.7: `3`, `2.1`. */
  readonly name: string;
  /** Word offset of its row; changes. */
  row = -1;
  metrics: MetricSource | undefined;
  /** The topology that `edge` was looked up in. */
  topology: ResolvedTopology | undefined;
  edge = 0;
  /** Class 2 sources: input interfaces that had their first sample. */
  baselines: Set<number> | undefined;
  /** Of what has come since the agent's session began; changes only when something is amiss, or first. */
  tally = sourceTally();

  constructor(agent: Agent, sourceClass: number, index: number) {
    this.agent = agent;
    this.sourceClass = sourceClass;
    this.index = index;
    this.name = sourceClass === 0 ? String(index >>> 0) : `${sourceClass >>> 0}.${index >>> 0}`;
  }
}

/** Datagram sequence of one sub-agent (rest-api 3.2). */
export class Session {
  readonly agent: Agent;
  readonly subAgent: number;
  started = false;
  last = 0;
  /** Consecutive datagrams that were out of order. */
  outOfOrder = 0;

  constructor(agent: Agent, subAgent: number) {
    this.agent = agent;
    this.subAgent = subAgent;
  }
}

export class Agent {
  readonly id: number;
  readonly type: number;
  readonly words: readonly [number, number, number, number];
  readonly address: string;
  scope: number;
  readonly firstSeen: number;
  lastSeen: number;
  /** sysUpTime of the last datagram, ms. */
  uptime = 0;
  datagrams = 0;
  datagramsLost = 0;
  duplicates = 0;
  outOfOrder = 0;
  flow = sampleCounters();
  counter = sampleCounters();
  discard = sampleCounters();
  readonly sessions: Session[] = [];
  readonly dataSources: DataSource[] = [];
  /** UDP source addresses, and the words of the last one. */
  readonly sources = new Set<string>();
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;

  constructor(
    id: number,
    type: number,
    words: readonly [number, number, number, number],
    scope: number,
    now: number,
  ) {
    this.id = id;
    this.type = type;
    this.words = words;
    this.address = type === 1 ? formatIPv4(words[0]) : formatIPv6(...words);
    this.scope = scope;
    this.firstSeen = now;
    this.lastSeen = now;
  }

  /** The counters that a session restart sets back. */
  resetSampleCounters(): void {
    this.flow = sampleCounters();
    this.counter = sampleCounters();
    this.discard = sampleCounters();
  }
}

/** Scopes are as many as key word 0 of a table can tell apart; 0 means a free table entry. */
const MAX_SCOPES = SCOPE_MASK;
/** Fewer datagrams than this, and an agent is a stranger that makes room when the registry is full. */
const ESTABLISHED_DATAGRAMS = 3;

/** Agent and data source of a flow. */
export interface Place {
  readonly agent: string;
  readonly dataSource: string;
}

/** Who owns a scope: a data source, an agent (definitions with aggMode AGENT), or all of them (EDGE). */
export type ScopeOwner = DataSource | Agent | 'network';

export interface RegistryOptions {
  readonly maxAgents: number;
  readonly maxDataSources: number;
  /** Memory for rows. */
  readonly memory?: TableMemory | undefined;
}

/**
 * The agents and data sources of a shard, found by the words of a datagram without allocating. Both have a ceiling:
 * a flood of made-up agents replaces other strangers, never an agent that has sent for a while.
 */
export class Registry {
  readonly agents = new Map<string, Agent>();
  /** Datagrams of new agents when all that are kept are established. */
  agentsRefused = 0;
  /** Strangers that made room for newer ones. */
  agentsEvicted = 0;
  dataSourcesRefused = 0;

  private readonly maxAgents: number;
  private readonly maxDataSources: number;
  private readonly maxDataSourcesPerAgent: number;
  private readonly sessions = new WordIndex<Session>(6);
  /** Rows of the data sources, and the objects by number. */
  readonly rows: DataSourceRows;
  private readonly items: (DataSource | undefined)[] = [];
  private readonly freeItems: number[] = [];
  /** Agents in the order of their arrival, from `strangerHead` on; established ones are passed over. */
  private strangers: Agent[] = [];
  private strangerHead = 0;
  private readonly owners: (ScopeOwner | undefined)[] = [];
  private readonly freeScopes: number[] = [];
  /** Scopes given up whose entries may still lie in tables; free after the next reaping. */
  private readonly retired: number[] = [];
  private nextAgentId = 1;
  private readonly key = new Int32Array(6);
  private readonly onForget: (agent: Agent) => void;

  constructor(options: RegistryOptions, onForget: (agent: Agent) => void) {
    this.rows = new DataSourceRows((item, row) => {
      const source = this.items[item];
      if (source !== undefined) source.row = row;
    }, options.memory);
    this.maxAgents = options.maxAgents;
    this.maxDataSources = options.maxDataSources;
    this.maxDataSourcesPerAgent = Math.max(1024, options.maxDataSources >>> 2);
    this.onForget = onForget;
    this.owners[0] = undefined;
    this.owners[NETWORK_SCOPE] = 'network';
  }

  /** The session of an agent address and sub-agent, made when new. undefined: the registry is full of established agents. */
  session(
    type: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    subAgent: number,
    now: number,
  ): Session | undefined {
    const { key } = this;
    key[0] = type;
    key[1] = w0;
    key[2] = w1;
    key[3] = w2;
    key[4] = w3;
    key[5] = subAgent;
    return this.sessions.find(key) ?? this.newSession(type, [w0, w1, w2, w3], subAgent, now);
  }

  /** Row of a data source of an agent, made when new; -1: there are too many. Making one moves other rows. */
  dataSourceRow(agent: Agent, sourceClass: number, index: number, now: number): number {
    const row = this.rows.find(agent.id, sourceClass, index);
    return row >= 0 ? row : this.newDataSource(agent, sourceClass, index, now);
  }

  /** The data source a row belongs to. */
  dataSourceAt(row: number): DataSource {
    const source = this.items[this.rows.words[row + ROW.item]];
    if (source === undefined) throw new Error(`row ${row} belongs to no data source`);
    return source;
  }

  /** Scope of a data source's flows in the tables; changes when the agent's session restarts. */
  scopeOf(source: DataSource): number {
    return this.rows.words[source.row + ROW.scope];
  }

  get dataSourceCount(): number {
    return this.rows.count;
  }

  owner(scope: number): ScopeOwner | undefined {
    return this.owners[scope];
  }

  isLive(scope: number): boolean {
    return this.owners[scope] !== undefined;
  }

  /** rest-api 3.2: all flow state of the agent is cleared, its per-sample counters begin anew. */
  restart(agent: Agent): void {
    agent.scope = this.rescope(agent, agent.scope);
    agent.resetSampleCounters();
    for (const dataSource of agent.dataSources) {
      const { words } = this.rows;
      words[dataSource.row + ROW.scope] = this.rescope(dataSource, this.scopeOf(dataSource));
      words[dataSource.row + ROW.flags] = 0;
      dataSource.baselines = undefined;
      dataSource.tally = sourceTally();
    }
    for (const session of agent.sessions) {
      session.started = false;
      session.outOfOrder = 0;
    }
  }

  /** Forget agents and data sources that were silent for `maxAgeMs` (rest-api 3.5). Returns true when any was. */
  expire(now: number, maxAgeMs: number): boolean {
    const limit = now - maxAgeMs;
    const limitSeconds = Math.floor(limit / 1000);
    let any = false;
    for (const agent of [...this.agents.values()]) {
      if (agent.lastSeen <= limit) {
        this.forget(agent);
        any = true;
        continue;
      }
      for (let i = agent.dataSources.length - 1; i >= 0; i--) {
        const dataSource = agent.dataSources[i];
        if (this.rows.words[dataSource.row + ROW.lastSeen] > limitSeconds) continue;
        agent.dataSources.splice(i, 1);
        this.forgetDataSource(dataSource);
        any = true;
      }
    }
    if (any) this.forgetStrangers();
    return any;
  }

  /** Scopes given up since the last call of `reaped`. */
  get retiredCount(): number {
    return this.retired.length;
  }

  /** The tables hold no entry of a retired scope any more: the numbers may be used again. */
  reaped(): void {
    for (const scope of this.retired) this.freeScopes.push(scope);
    this.retired.length = 0;
  }

  private newSession(
    type: number,
    words: [number, number, number, number],
    subAgent: number,
    now: number,
  ): Session | undefined {
    const address = type === 1 ? formatIPv4(words[0]) : formatIPv6(...words);
    const agent = this.agents.get(address) ?? this.newAgent(type, words, now);
    if (agent === undefined || agent.sessions.length >= MAX_SUB_AGENTS) {
      this.agentsRefused++;
      return undefined;
    }
    const session = new Session(agent, subAgent);
    agent.sessions.push(session);
    this.sessions.add([type, ...words, subAgent], session);
    return session;
  }

  private newAgent(type: number, words: [number, number, number, number], now: number): Agent | undefined {
    if (this.agents.size >= this.maxAgents && !this.evictStranger()) return undefined;
    const scope = this.newScope();
    if (scope === 0) return undefined;
    const agent = new Agent(this.nextAgentId++, type, words, scope, now);
    this.owners[scope] = agent;
    this.agents.set(agent.address, agent);
    this.strangers.push(agent);
    return agent;
  }

  /** Strangers that are gone need no place in the order of arrival, which no eviction may ever reach. */
  private forgetStrangers(): void {
    const known = (agent: Agent): boolean => this.agents.get(agent.address) === agent;
    this.strangers = this.strangers.slice(this.strangerHead).filter(known);
    this.strangerHead = 0;
  }

  /** Forget the oldest agent that sent next to nothing. False when all are established. */
  private evictStranger(): boolean {
    while (this.strangerHead < this.strangers.length) {
      const agent = this.strangers[this.strangerHead++];
      if (this.strangerHead > 1024 && this.strangerHead * 2 > this.strangers.length) {
        this.strangers = this.strangers.slice(this.strangerHead);
        this.strangerHead = 0;
      }
      if (agent.datagrams >= ESTABLISHED_DATAGRAMS || this.agents.get(agent.address) !== agent) continue;
      this.forget(agent);
      this.agentsEvicted++;
      return true;
    }
    return false;
  }

  private newDataSource(agent: Agent, sourceClass: number, index: number, now: number): number {
    const full =
      this.rows.count >= this.maxDataSources || agent.dataSources.length >= this.maxDataSourcesPerAgent;
    const scope = full ? 0 : this.newScope();
    if (scope === 0) {
      this.dataSourcesRefused++;
      return -1;
    }
    const source = new DataSource(agent, sourceClass, index);
    this.owners[scope] = source;
    agent.dataSources.push(source);
    const item = this.freeItems.pop() ?? this.items.length;
    this.items[item] = source;
    source.row = this.rows.add(agent.id, sourceClass, index, item);
    this.rows.words[source.row + ROW.scope] = scope;
    this.rows.words[source.row + ROW.lastSeen] = Math.floor(now / 1000);
    return source.row;
  }

  private forget(agent: Agent): void {
    this.agents.delete(agent.address);
    for (const session of agent.sessions)
      this.sessions.remove([agent.type, ...agent.words, session.subAgent]);
    for (const dataSource of agent.dataSources) this.forgetDataSource(dataSource);
    this.retire(agent.scope);
    this.onForget(agent);
  }

  private forgetDataSource(source: DataSource): void {
    const item = this.rows.words[source.row + ROW.item];
    this.retire(this.scopeOf(source));
    this.rows.remove(source.row);
    this.items[item] = undefined;
    this.freeItems.push(item);
  }

  private rescope(owner: DataSource | Agent, scope: number): number {
    const next = this.newScope();
    if (next === 0) return scope;
    this.retire(scope);
    this.owners[next] = owner;
    return next;
  }

  private retire(scope: number): void {
    this.owners[scope] = undefined;
    this.retired.push(scope);
  }

  /** An unused scope, 0 when there is none. */
  private newScope(): number {
    const reused = this.freeScopes.pop();
    if (reused !== undefined) return reused;
    return this.owners.length > MAX_SCOPES ? 0 : this.owners.push(undefined) - 1;
  }
}

/** Sub-agents of one address; real switches have a handful. */
const MAX_SUB_AGENTS = 1024;

/**
 * Objects by a few 32-bit words: open addressing, looked up without making a key object. The words lie in one array so
 * that a probe reads them without touching the objects.
 */
class WordIndex<T> {
  private readonly width: number;
  private words: Int32Array;
  private items: (T | undefined)[];
  private capacity = 64;
  private count = 0;
  private readonly seed = (Math.random() * 4294967296) | 0;

  constructor(width: number) {
    this.width = width;
    this.words = new Int32Array(this.capacity * width);
    this.items = new Array<T | undefined>(this.capacity).fill(undefined);
  }

  find(key: Int32Array): T | undefined {
    return this.items[this.slotOf(key)];
  }

  add(key: readonly number[], item: T): void {
    if ((this.count + 1) * 2 > this.capacity) this.grow();
    const words = Int32Array.from(key);
    const slot = this.slotOf(words);
    this.words.set(words, slot * this.width);
    this.items[slot] = item;
    this.count++;
  }

  /** Backward-shift deletion: no tombstones, so lookups stay short. */
  remove(key: readonly number[]): void {
    let free = this.slotOf(Int32Array.from(key));
    if (this.items[free] === undefined) return;
    this.count--;
    const { width } = this;
    const mask = this.capacity - 1;
    for (let slot = (free + 1) & mask; this.items[slot] !== undefined; slot = (slot + 1) & mask) {
      const home = this.hash(this.words, slot * width) & mask;
      if (((slot - home) & mask) < ((slot - free) & mask)) continue;
      this.words.copyWithin(free * width, slot * width, (slot + 1) * width);
      this.items[free] = this.items[slot];
      free = slot;
    }
    this.items[free] = undefined;
  }

  private slotOf(key: Int32Array): number {
    const { width, words, items } = this;
    const mask = this.capacity - 1;
    let slot = this.hash(key, 0) & mask;
    while (items[slot] !== undefined) {
      const at = slot * width;
      let i = 0;
      while (i < width && words[at + i] === key[i]) i++;
      if (i === width) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private hash(key: Int32Array, at: number): number {
    let h = this.seed;
    for (let i = 0; i < this.width; i++) {
      h = Math.imul(h ^ key[at + i], 0x85ebca6b);
      h ^= h >>> 15;
    }
    return h;
  }

  private grow(): void {
    const { words, items, capacity, width } = this;
    this.capacity = capacity * 2;
    this.words = new Int32Array(this.capacity * width);
    this.items = new Array<T | undefined>(this.capacity).fill(undefined);
    for (let slot = 0; slot < capacity; slot++) {
      const item = items[slot];
      if (item === undefined) continue;
      const key = words.subarray(slot * width, (slot + 1) * width);
      const to = this.slotOf(key);
      this.words.set(key, to * width);
      this.items[to] = item;
    }
  }
}
