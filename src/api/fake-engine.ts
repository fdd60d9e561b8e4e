import { WeirError } from '../common/index.ts';
import type {
  Engine,
  LoggedFlow,
  PrometheusPage,
  Questions,
  ReceiveCounters,
  SeriesCount,
  ThresholdEvent,
} from '../engine/index.ts';

type Kind = keyof Questions;
type Content = Readonly<Record<string, { content: unknown; updated: number }>>;

/**
 * A FAKE engine for the tests of this room: it receives nothing and computes nothing. Definitions are kept as they
 * come, with checks just good enough to be refused; questions get canned answers and are written down.
 */
export interface FakeEngine extends Engine {
  /** Questions asked so far, oldest first. */
  readonly asked: { kind: Kind | 'loggedFlows' | 'events'; question: unknown }[];
  /** Replaces the canned answer of a question. */
  answer<K extends Kind>(kind: K, give: (question: Questions[K]['question']) => Questions[K]['answer']): void;
  /** Keeps this record, and ends all long polls for flows with it. */
  logFlow(flow: LoggedFlow): void;
  /** Keeps this event, ends all long polls for events with it, and tells the listeners. */
  fire(event: ThresholdEvent): void;
  /** Long polls waiting now. */
  readonly waiting: number;
  /** Listeners for events. */
  readonly listening: number;
  healthy: boolean;
}

export const RECEIVED: ReceiveCounters = {
  agents: 1,
  dataSources: 2,
  datagrams: 1000,
  bytes: 1_170_000,
  discarded: 3,
  tooLarge: 4,
  parseErrors: 5,
  unsupportedVersion: 6,
  flowsGenerated: 7,
  flowSamples: 6000,
  counterSamples: 50,
  discardSamples: 8,
  datagramsLost: 9,
  samplesLost: 10,
  kernelDrops: 11,
  errors: { sampleLength: 5 },
  unknown: { '4413:9': 2 },
  flowsDropped: { pairs: 12 },
  agentsRefused: 13,
  dataSourcesRefused: 14,
  forwarding: { copy: { sent: 15, failed: 16, lookupsFailed: 17 } },
};

type Answers = { [K in Kind]: (question: Questions[K]['question']) => Questions[K]['answer'] };

const CANNED: Answers = {
  receive: () => RECEIVED,
  agents: ({ agents }) =>
    agents.length === 0 || agents.includes('192.0.2.1')
      ? {
          '192.0.2.1': {
            sFlowDatagramSource: ['127.0.0.1'],
            firstSeen: 9000,
            lastSeen: 100,
            uptime: 11003,
            sFlowDatagramsReceived: 1000,
            sFlowDatagramsLost: 9,
          },
        }
      : {},
  metrics: () => ({ ifinoctets: 120 }),
  agentMetrics: ({ agent }) => (agent === '192.0.2.1' ? { '1.ifinoctets': 1000.5, '1.ifname': 'swp1' } : {}),
  metric: ({ metrics }) => metrics.map((metricName) => ({ metricName })),
  table: ({ metrics }) => {
    if (metrics.some((name) => name.startsWith('max:')))
      throw new WeirError('METRIC_BAD_QUERY', 'no statistics');
    return [];
  },
  dump: ({ metrics }) => metrics.map((metricName) => cell(metricName)),
  flowKeys: () => ({ ipsource: 12 }),
  activeFlows: ({ name }) =>
    name === 'pairs'
      ? [{ key: '10.0.0.1,10.0.0.2', value: 93788.64, flowN: 1, agent: '192.0.2.1', dataSource: '3' }]
      : undefined,
  flowValue: ({ agent, dataSource, name }) =>
    agent === '192.0.2.1' && dataSource === '3' && name === 'pairs' ? 1234.5 : undefined,
  flowValues: () => ({ lastUpdate: 5, value: 1234.5 }),
  dataSource: () => undefined,
  thresholdTriggered: () => false,
  hostFor: () => undefined,
  agentForNode: () => null,
  nodesForAgent: () => null,
  interfaceToLink: () => null,
  interfaceToPort: () => null,
  ifName: () => null,
  portToInterface: () => null,
  linkToInterfaces: () => ({}),
  flowLocations: ({ name }) =>
    name === 'pairs'
      ? [{ node: 'leaf1', port: 'swp3', agent: '192.0.2.1', dataSource: '3', value: 1234.5 }]
      : undefined,
  hosts: ({ by }) =>
    by === 'ip' || by === 'place' ? [{ mac: '020000000001', agent: '192.0.2.1', ifindex: '3' }] : [],
  hostMacs: () => ['020000000001'],
  linkMetric: () => [{}, {}],
  unnamed: () => ({ agents: [], next: undefined }),
  tenants: () => ({}),
  bgpTopPrefixes: () => undefined,
  bgpPrefixValues: () => ({ valueIngress: 0, valueEgress: 0 }),
  tables: () => [{ name: 'pairs', entries: 100, bytes: 4096, limitBytes: 65536, dropped: 12 }],
  prometheus: ({ prefix, metrics }) =>
    prometheusPage(
      metrics.map((name) => `${prefix}${name}{agent="192.0.2.1",datasource="1"} 1.0\n`).join(''),
      { series: metrics.length, leftOut: 0 },
    ),
  prometheusEnd: () => undefined,
};

/** A page of Prometheus text; the last one with the counts. */
export function prometheusPage(text: string, end?: SeriesCount): PrometheusPage {
  return { bytes: new TextEncoder().encode(text), end };
}

function cell(metricName: string) {
  return { agent: '192.0.2.1', dataSource: '1', metricName, metricValue: 1, lastUpdate: 5 };
}

/** A log that can be waited for. */
interface FakeLog<T> {
  readonly records: T[];
  readonly waiting: number;
  add(record: T): void;
  /** Newest first: what `fits`, at most `count`; waits for the next record when there is none. */
  find(fits: (record: T) => boolean, count: number, wait: FakeWait): Promise<T[]>;
}

interface FakeWait {
  readonly timeoutMs: number | undefined;
  readonly signal?: AbortSignal;
}

function createFakeLog<T>(): FakeLog<T> {
  const records: T[] = [];
  const waiters = new Set<(found: T[]) => void>();
  return {
    records,
    get waiting() {
      return waiters.size;
    },
    add(record) {
      records.push(record);
      for (const end of waiters) end([record]);
    },
    find(fits, count, { timeoutMs, signal }) {
      const found = records.filter(fits).reverse().slice(0, count);
      if (timeoutMs === undefined || found.length > 0) return Promise.resolve(found);
      return new Promise((resolve) => {
        const end = (given: T[]): void => {
          waiters.delete(end);
          clearTimeout(timer);
          resolve(given);
        };
        const timer = setTimeout(() => end([]), timeoutMs);
        signal?.addEventListener('abort', () => end([]));
        waiters.add(end);
      });
    },
  };
}

/** Named documents, kept as they come. */
interface FakeDocuments {
  readonly all: Record<string, Readonly<Record<string, unknown>>>;
  set(name: string, specification: unknown): Promise<void>;
  clear(name: string): Promise<void>;
}

/** Refuses what lacks the given member; an empty object stores nothing. */
function createFakeDocuments(member: string, code: string, defaults: object = {}): FakeDocuments {
  // The names are the client's: `__proto__` is one of them.
  const documents = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    get all() {
      return Object.fromEntries(documents);
    },
    async set(name, specification) {
      const given = specification as Record<string, unknown>;
      if (Object.keys(given).length === 0) return;
      if (given[member] === undefined || given[member] === null)
        throw new WeirError(code, `${name}: ${member} is missing`);
      documents.set(name, { ...defaults, ...given });
    },
    async clear(name) {
      documents.delete(name);
    },
  };
}

export function createFakeEngine(): FakeEngine {
  const answers: Answers = { ...CANNED };
  const asked: FakeEngine['asked'] = [];
  const flows = createFakeDocuments('value', 'FLOW_BAD_VALUE', { activeTimeout: 60, t: 2, fs: ',', n: 5 });
  const thresholds = createFakeDocuments('metric', 'THRESHOLD_BAD', { timeout: 60 });
  const forwardings = createFakeDocuments('address', 'FORWARDING_BAD', { port: 6343 });
  const tenants = createFakeDocuments('filters', 'TENANT_BAD');
  const groups = new Map<string, { content: unknown; updated: number }>();
  const maps = new Map<string, { content: unknown; updated: number }>();
  const flowLog = createFakeLog<LoggedFlow>();
  const eventLog = createFakeLog<ThresholdEvent>();
  const listeners = new Set<(event: ThresholdEvent) => void>();
  let topology: Readonly<Record<string, unknown>> = {};
  let clock = 1_795_000_000_000;

  const path = {
    kind: 'fake',
    address: '127.0.0.1',
    port: 6343,
    bufferAsked: 2048,
    bufferGranted: 1024,
  };

  function setLookup(into: typeof groups, name: string, content: unknown, code: string): void {
    const labels = Object.values(content as Record<string, unknown>);
    if (labels.length === 0 || !labels.every(Array.isArray))
      throw new WeirError(code, 'must be lists by label');
    into.set(name, { content, updated: clock++ });
  }

  return {
    asked,
    healthy: true,
    get waiting() {
      return flowLog.waiting + eventLog.waiting;
    },
    get listening() {
      return listeners.size;
    },
    answer(kind, give) {
      Object.assign(answers, { [kind]: give });
    },
    logFlow: flowLog.add,
    fire(event) {
      eventLog.add(event);
      for (const listener of listeners) listener(event);
    },
    start: async () => path,
    stop: async () => {},
    health() {
      return this.healthy ? { ok: true } : { ok: false, reason: 'a shard has ended' };
    },
    async ask<K extends Kind>(kind: K, question: Questions[K]['question']) {
      asked.push({ kind, question });
      return answers[kind](question);
    },
    setFlow: flows.set,
    clearFlow: flows.clear,
    flows: () => flows.all,
    async setGroup(name, content) {
      setLookup(groups, name, content, 'GROUP_BAD');
    },
    async clearGroup(name) {
      groups.delete(name);
    },
    groups: (): Content => Object.fromEntries(groups),
    async setMap(name, content) {
      setLookup(maps, name, content, 'MAP_BAD');
    },
    async clearMap(name) {
      maps.delete(name);
    },
    maps: (): Content => Object.fromEntries(maps),
    loggedFlows(question) {
      asked.push({ kind: 'loggedFlows', question });
      const { names, flowID = -1, maxFlows } = question;
      return flowLog.find(
        (flow) => flow.flowID > flowID && (names.length === 0 || names.includes(flow.name)),
        maxFlows,
        question,
      );
    },
    setThreshold: thresholds.set,
    clearThreshold: thresholds.clear,
    thresholds: () => thresholds.all,
    events(question) {
      asked.push({ kind: 'events', question });
      const { thresholds: names, eventID = -1, maxEvents } = question;
      return eventLog.find(
        (event) => event.eventID > eventID && (names.length === 0 || names.includes(event.thresholdID)),
        maxEvents,
        question,
      );
    },
    onEndedFlows: () => () => {},
    onLoggedFlows: () => () => {},
    connect() {
      throw new WeirError('ENGINE_FAULT', 'no other thread may ask a fake');
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async setTopology(document) {
      const { links = {} } = document as { links?: unknown };
      if (typeof links !== 'object' || Array.isArray(links))
        throw new WeirError('TOPOLOGY_BAD', 'links must be an object');
      topology = { ...(document as object), version: Number(topology['version'] ?? -1) + 1 };
    },
    topology: () => topology,
    setAgentNames: async () => {},
    setForwarding: forwardings.set,
    clearForwarding: forwardings.clear,
    forwardings: () => forwardings.all,
    setTenant: tenants.set,
    clearTenant: tenants.clear,
    tenants: () => tenants.all,
    setBgpRoutes: async () => undefined,
    setBgpSource: async () => undefined,
    clearBgpSource: async () => undefined,
    receivePath: () => path,
  };
}
