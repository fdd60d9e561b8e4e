/**
 * The engine as the rest of the program sees it: define, ask, and hear what happened. Behind it one or more shards
 * (worker threads) receive and keep the tables; this side knows no tables.
 */
import type { MessagePort } from 'node:worker_threads';
import type { AgentNames } from '../metric/agent-names.ts';
import type { MetricCell, MetricElement, MetricQuestion } from '../metric/answers.ts';
import type { PrometheusQuestion } from '../metric/index.ts';

import type { SharedRoutes } from '../rib/index.ts';
import type {
  HostLocation,
  InterfaceAnswer,
  InterfaceLinkAnswer,
  LinkInterfaces,
  PortAnswer,
} from '../topology/index.ts';
import type { BgpSource } from './bgp-routes.ts';
import type { PrometheusPage } from './prometheus-readers.ts';

export type { AgentNames, InterfaceNames } from '../metric/agent-names.ts';
export type {
  MetricCell,
  MetricElement,
  MetricFilters,
  MetricQuestion,
  Quartiles,
  TopKey,
} from '../metric/answers.ts';
export type { PrometheusForm, PrometheusQuestion, SeriesCount } from '../metric/index.ts';
export { escapeLabelValue } from '../metric/prometheus-labels.ts';
export type { HostLocation } from '../topology/index.ts';
export type { BgpSource } from './bgp-routes.ts';
export type { PrometheusPage } from './prometheus-readers.ts';

/** One row of /activeflows (rest-api 6.2). `agent`, `dataSource` are absent for merged modes. */
export interface ActiveFlow {
  key: string;
  value: number;
  flowN: number;
  agent?: string;
  dataSource?: string;
  values?: number[];
}

export interface ActiveFlowsQuestion {
  /** Decoded path segment: comma list of addresses, or ALL, TOPOLOGY, EDGE, CORE. */
  agents: string;
  name: string;
  maxFlows: number;
  minValue: number;
  /** Lower case; unknown words mean `max`; '' when the client gave none. */
  aggMode: string;
  /** Empty fields are wildcards; undefined when not given. */
  filter: string | undefined;
}

/** Per-agent record of /agents (3.4). */
export interface AgentRecord {
  sFlowDatagramSource: string[];
  firstSeen: number;
  lastSeen: number;
  uptime: number;
  [counter: string]: number | string[];
}

/** A record of the flow log (6.5). */
export interface LoggedFlow {
  flowID: number;
  name: string;
  agent: string;
  dataSource: string;
  flowKeys: string;
  value: number;
  values?: number[];
  /** epoch ms */
  start: number;
  end: number;
}

/** Flows of one definition with `ipfixCollectors` that have ended (4.1). */
export interface EndedFlows {
  /** Addresses or names of hosts, as in the definition. */
  readonly collectors: readonly string[];
  /** Names of the keys and values that the flows have. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly flows: readonly EndedFlow[];
}

export interface EndedFlow {
  readonly agent: string;
  readonly dataSource: string;
  /** Text of each key. */
  readonly keys: readonly string[];
  /** Total of each value. */
  readonly totals: readonly number[];
  /** epoch ms */
  readonly start: number;
  readonly end: number;
}

/** An event: a threshold was crossed (9.3). */
export interface ThresholdEvent {
  eventID: number;
  /** epoch ms */
  timestamp: number;
  thresholdID: string;
  metric: string;
  threshold: number;
  value: number;
  agent: string;
  dataSource: string;
  /** Only of thresholds with byFlow. */
  flowKey?: string;
  /** Further values of the flow, only when its definition has some. */
  values?: number[];
}

/** An entry of /flowlocations (6.4): on a port of a node, on a link, or on an interface the topology does not know. */
export interface FlowLocation {
  agent: string;
  dataSource: string;
  value: number;
  node?: string;
  port?: string;
  localnode?: string;
  localport?: string;
  remotenode?: string;
  remoteport?: string;
  linkname?: string;
}

/** Receive-side counters, all since start. */
export interface ReceiveCounters {
  agents: number;
  dataSources: number;
  datagrams: number;
  bytes: number;
  /** Dropped for their sequence number (rest-api 3.2). */
  discarded: number;
  tooLarge: number;
  parseErrors: number;
  unsupportedVersion: number;
  flowsGenerated: number;
  flowSamples: number;
  counterSamples: number;
  discardSamples: number;
  /** Lost on the way, from sequence gaps. */
  datagramsLost: number;
  samplesLost: number;
  /** Dropped by the kernel because the socket buffer was full. */
  kernelDrops: number;
  /** Faults by name: `sampleLength`, `recordShort 0:1`, … */
  errors: Record<string, number>;
  /** Unknown samples and records by `enterprise:format`. */
  unknown: Record<string, number>;
  /** Flow entries dropped because a table was full, by definition. */
  flowsDropped: Record<string, number>;
  /** Datagrams of agents turned away, and agents given up for newer ones after a datagram or two: the registry was full. */
  agentsRefused: number;
  dataSourcesRefused: number;
  /** What became of the datagrams to be sent on, by forwarding. */
  forwarding: Record<string, ForwardingCounters>;
}

export interface ForwardingCounters {
  sent: number;
  /** Not sent: the system had no room, refused, or had received only part of it. */
  failed: number;
  /** How often its host was looked up in vain; 0 once it is known. */
  lookupsFailed: number;
}

/** How datagrams come in. */
export interface ReceivePath {
  /** `recvmmsg` or `dgram`. */
  kind: string;
  /** Why it is not recvmmsg, when it is not. */
  reason?: string;
  address: string;
  port: number;
  /** Bytes of socket buffer asked for and granted by the kernel. */
  bufferAsked: number;
  bufferGranted: number;
}

export interface TableReport {
  name: string;
  entries: number;
  bytes: number;
  limitBytes: number;
  dropped: number;
}

/** Addresses as text, a MAC address as 12 hex digits; `agent` and `uuid` are those of the host itself. */
export type HostsQuestion =
  | { readonly by: 'mac' | 'ip' | 'ip6' | 'agent' | 'uuid'; readonly value: string }
  /** All at a switch, or at one of its interfaces, or anywhere; those seen last come first. */
  | {
      readonly by: 'place';
      readonly agent?: string | undefined;
      readonly ifIndex?: string | undefined;
      readonly limit: number;
    };

/** A data source: how it samples, and what has come of it since its agent's session began. */
export interface DataSourceRecord {
  /** Where packets are sampled, as far as samples have shown it. */
  samplingDirection: 'ingress' | 'egress' | 'bidirectional' | 'unknown';
  /** 1-in-N as the agent says, and as the pool of its samples shows (rest-api 3.6). */
  samplingRate: number;
  effectiveSamplingRate: number;
  /** Without the first one, as in the records of agents (rest-api 3.3). */
  flowSamples: number;
  flowSamplesLost: number;
  /** Share of the samples that the agent itself has dropped, 0 to 1. */
  dropProbability: number;
  counterSamples: number;
  counterSamplesLost: number;
  /** Mean seconds from counter sample to counter sample; 0 before the second. */
  effectivePollingInterval: number;
}

/** An interface as questions name it. */
export interface InterfaceName {
  agent: string;
  ifIndex: string;
}

/** A data source as questions name it. */
export interface DataSourceName {
  agent: string;
  dataSource: string;
}

/** A prefix of /bgp/topprefixes; the members of the route are those of bgpGetRoute. */
export interface TopPrefix {
  prefix: string;
  value: number;
  nexthop?: string;
  nexthoplinklocal?: string;
  aspath?: string;
  origin?: string;
  med?: number;
  localpref?: number;
  communities?: string;
  children?: number;
  childrenpruned?: number;
  parentprefix?: string;
}

/** An agent without names of its own, or some. */
export interface UnnamedAgent {
  readonly agent: string;
  /** It sends no host name. */
  readonly host: boolean;
  /** ifIndex of the interfaces that it sends no name of; those that telemetry comes from. */
  readonly interfaces: readonly string[];
}

/** Everything the engine can be asked; `ask(kind, question)` gives the answer. */
export interface Questions {
  receive: { question: undefined; answer: ReceiveCounters };
  agents: { question: { agents: readonly string[] }; answer: Record<string, AgentRecord> };
  /** name → ms since last update */
  metrics: { question: undefined; answer: Record<string, number> };
  /** `{agent}` of /metric/{agent}/json: all metrics of one agent, `<ds>.<metric>` → value. */
  agentMetrics: { question: { agent: string }; answer: Record<string, number | string> };
  metric: { question: MetricQuestion; answer: MetricElement[] };
  /** Throws WeirError METRIC_BAD_QUERY for what rest-api 8.4 answers 400. */
  table: { question: MetricQuestion; answer: MetricCell[][] };
  dump: { question: MetricQuestion; answer: MetricCell[] };
  flowKeys: { question: undefined; answer: Record<string, number> };
  /** undefined: no such flow. */
  activeFlows: { question: ActiveFlowsQuestion; answer: ActiveFlow[] | undefined };
  /** undefined: 404. */
  flowValue: {
    question: { agent: string; dataSource: string; name: string; key: string | undefined };
    answer: number | undefined;
  };
  /** The same flow with its further values and the ms since its last sample. */
  flowValues: {
    question: { agent: string; dataSource: string; name: string; key: string | undefined };
    answer: { lastUpdate: number; value: number; values?: number[] } | undefined;
  };
  /** undefined: no such data source. */
  dataSource: { question: DataSourceName; answer: DataSourceRecord | undefined };
  /**
   * Whether a value at or above the threshold was seen within its timeout (9.2). `flowKey` counts for thresholds with
   * byFlow only, and has to be given for them.
   */
  thresholdTriggered: {
    question: DataSourceName & { threshold: string; metric: string; flowKey: string | undefined };
    answer: boolean;
  };
  /** The data source whose host_adapters hold a MAC address (12 hex digits), or the host seen with an IP address. */
  hostFor: {
    question: { by: 'mac' | 'ip' | 'ip6'; value: string };
    answer: DataSourceName | undefined;
  };
  /** Interfaces of the topology: the functions of the topology room by these names say what each gives. */
  agentForNode: { question: { node: string }; answer: string | null };
  nodesForAgent: { question: { agent: string; ifIndex: string | undefined }; answer: string[] | null };
  interfaceToLink: { question: InterfaceName; answer: InterfaceLinkAnswer | null };
  interfaceToPort: { question: InterfaceName; answer: PortAnswer | null };
  ifName: { question: InterfaceName; answer: string | null };
  /** Throws WeirError TOPOLOGY_UNKNOWN_PORT. */
  portToInterface: { question: { node: string; port: string }; answer: InterfaceAnswer | null };
  /** Throws WeirError TOPOLOGY_UNKNOWN_LINK. */
  linkToInterfaces: { question: { link: string }; answer: LinkInterfaces };
  /** undefined: no such flow. `key` undefined: any key. */
  flowLocations: {
    question: { agents: string; name: string; key: string | undefined };
    answer: FlowLocation[] | undefined;
  };
  /** Hosts at edge interfaces, as topologyLocateHost… give them (script API 12). */
  hosts: { question: HostsQuestion; answer: HostLocation[] };
  /** MAC addresses of hosts at edge interfaces, at one agent or interface when that is given. */
  hostMacs: {
    question: { agent?: string | undefined; ifIndex?: string | undefined };
    answer: string[];
  };
  /** Metrics at both ends of a link, as topologyLinkMetric gives them: `metrics` are names with commas between. */
  linkMetric: {
    question: { link: string; metrics: string };
    answer: (MetricCell | Record<string, never>)[];
  };
  /**
   * Agents that do not send names of their own, a part at a time: from place `from` of their list on; `next` is the
   * place of the next part, undefined at the end.
   */
  unnamed: { question: { from: number }; answer: { agents: UnnamedAgent[]; next: number | undefined } };
  /** Samples sent by tenant (12). */
  tenants: { question: undefined; answer: Record<string, number> };
  /** Learnt prefixes with most traffic, and how much all have together. undefined: no session with the router. */
  bgpTopPrefixes: {
    question: {
      router: string;
      version: 4 | 6;
      maxPrefixes: number;
      minValue: number;
      direction: 'destination' | 'source';
      includeCovered: boolean;
      /** Shortest prefix that is shown. */
      minPrefix: number;
      pruneCovered: boolean;
    };
    answer:
      | {
          topPrefixes: TopPrefix[];
          valueTopPrefixes: number;
          valueTotal: number;
          /** Absent without traffic. */
          valuePercentCoverage?: number;
        }
      | undefined;
  };
  /** Traffic of one learnt route, by its number and serial number in the table that the speaker keeps. */
  bgpPrefixValues: {
    question: { router: string; version: 4 | 6; route: number; serial: number };
    answer: { valueIngress: number; valueEgress: number };
  };
  tables: { question: undefined; answer: TableReport[] };
  /**
   * The first (`first`) or the next page of a Prometheus text of counter metrics (rest-api 10). `reader`: a name that the
   * asker makes up for the text. Throws WeirError ENGINE_BUSY when too many texts are being read.
   */
  prometheus: {
    question: PrometheusQuestion & { reader: string; first: boolean };
    answer: PrometheusPage;
  };
  /** Nobody wants the rest of a text. */
  prometheusEnd: { question: { reader: string }; answer: undefined };
}

export interface Engine {
  start(): Promise<ReceivePath>;
  stop(): Promise<void>;
  health(): { ok: boolean; reason?: string };

  ask<K extends keyof Questions>(
    kind: K,
    question: Questions[K]['question'],
  ): Promise<Questions[K]['answer']>;

  /** Define or replace. Throws a WeirError `FLOW_BAD_…` that says what is wrong. Identical definitions keep their state. `{}` stores nothing. */
  setFlow(name: string, specification: unknown): Promise<void>;
  clearFlow(name: string): Promise<void>;
  /** Effective definitions by name. */
  flows(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** Throws WeirError `GROUP_BAD` / `MAP_BAD`. */
  setGroup(name: string, content: unknown): Promise<void>;
  clearGroup(name: string): Promise<void>;
  /** Content as it was set, and epoch ms of the last update. */
  groups(): Readonly<Record<string, { content: unknown; updated: number }>>;
  setMap(name: string, content: unknown): Promise<void>;
  clearMap(name: string): Promise<void>;
  maps(): Readonly<Record<string, { content: unknown; updated: number }>>;

  /**
   * Flow log (6.5). Resolves at once, or after `timeoutMs` with what came until then. `signal` ends the wait early,
   * with an empty list: whoever asked has gone.
   */
  loggedFlows(question: {
    names: readonly string[];
    flowID: number | undefined;
    maxFlows: number;
    timeoutMs: number | undefined;
    signal?: AbortSignal;
  }): Promise<LoggedFlow[]>;

  /** Hears each record of the flow log as it comes, and how many were skipped in a flood. Returns how to stop listening. */
  onLoggedFlows(listener: (flows: readonly LoggedFlow[], skipped: number) => void): () => void;

  /** Hears of flows that IPFIX collectors are to hear of. Returns how to stop listening. */
  onEndedFlows(listener: (flows: EndedFlows) => void): () => void;

  /** Define or replace. Throws WeirError `THRESHOLD_BAD`. Identical definitions keep their state (9.2). `{}` stores nothing. */
  setThreshold(name: string, specification: unknown): Promise<void>;
  clearThreshold(name: string): Promise<void>;
  /** Effective definitions by name. */
  thresholds(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Events (9.3), newest first; waits like `loggedFlows`. */
  events(question: {
    thresholds: readonly string[];
    eventID: number | undefined;
    maxEvents: number;
    timeoutMs: number | undefined;
    signal?: AbortSignal;
  }): Promise<ThresholdEvent[]>;
  /** Hears each event as it comes. Returns how to stop listening. */
  onEvent(listener: (event: ThresholdEvent) => void): () => void;

  /** Replace the topology (11.1). Throws WeirError `TOPOLOGY_BAD`. `{}` clears it. */
  setTopology(document: unknown): Promise<void>;
  /** As GET shows it: `{}` before any PUT. */
  topology(): Readonly<Record<string, unknown>>;

  /**
   * Replace what others than the agent say of it, for where the agent itself says nothing; undefined: nothing. The
   * address is as agents are known by.
   */
  setAgentNames(agent: string, names: AgentNames | undefined): Promise<void>;

  /** Send every received datagram on (12). Throws WeirError `FORWARDING_BAD`. */
  setForwarding(name: string, specification: unknown): Promise<void>;
  clearForwarding(name: string): Promise<void>;
  forwardings(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** Throws WeirError `TENANT_BAD`. */
  setTenant(name: string, specification: unknown): Promise<void>;
  clearTenant(name: string): Promise<void>;
  tenants(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** What a session with a router has learnt, in memory that is shared; undefined when it has ended. */
  setBgpRoutes(router: string, routes: SharedRoutes | undefined): Promise<void>;
  /** Look the samples of an agent, or of all at the EDGE, up in the table of a router. */
  setBgpSource(agent: string, source: BgpSource): Promise<void>;
  clearBgpSource(agent: string): Promise<void>;

  receivePath(): ReceivePath;

  /**
   * A way for another thread to ask by itself, without this one; `AskingThread` is what that thread makes of it.
   * Only while the engine runs.
   */
  connect(): EngineLink;
}

/** Everything of it but `close` is for the other thread; the port has to be transferred. */
export interface EngineLink {
  readonly port: MessagePort;
  /** `SIGNAL` of `protocol.ts`. */
  readonly signal: Int32Array;
  /** How to wake the shard: a socket of this process, and the address to send an empty datagram to. */
  readonly wake:
    | { readonly fd: number; readonly address: Uint8Array; readonly waiting: Int32Array }
    | undefined;
  /** The other thread has ended. */
  close(): void;
}
