import { WeirError } from '../common/index.ts';
import type { Engine, LoggedFlow, Questions, ReceiveCounters } from '../engine/index.ts';

type Kind = keyof Questions;
type Content = Readonly<Record<string, { content: unknown; updated: number }>>;

/**
 * A FAKE engine for the tests of this room: it receives nothing and computes nothing. Definitions are kept as they
 * come, with checks just good enough to be refused; questions get canned answers and are written down.
 */
export interface FakeEngine extends Engine {
  /** Questions asked so far, oldest first. */
  readonly asked: { kind: Kind | 'loggedFlows'; question: unknown }[];
  /** Replaces the canned answer of a question. */
  answer<K extends Kind>(kind: K, give: (question: Questions[K]['question']) => Questions[K]['answer']): void;
  /** Ends all waiting long polls with this record. */
  logFlow(flow: LoggedFlow): void;
  /** Long polls waiting now. */
  readonly waiting: number;
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
  tables: () => [{ name: 'pairs', entries: 100, bytes: 4096, limitBytes: 65536, dropped: 12 }],
  prometheus: ({ prefix, metrics }) =>
    metrics.map((name) => `${prefix}${name}{agent="192.0.2.1",datasource="1"} 1.0\n`).join(''),
};

function cell(metricName: string) {
  return { agent: '192.0.2.1', dataSource: '1', metricName, metricValue: 1, lastUpdate: 5 };
}

export function createFakeEngine(): FakeEngine {
  const answers: Answers = { ...CANNED };
  const asked: FakeEngine['asked'] = [];
  const flows = new Map<string, Readonly<Record<string, unknown>>>();
  const groups = new Map<string, { content: unknown; updated: number }>();
  const maps = new Map<string, { content: unknown; updated: number }>();
  const waiters = new Set<(flows: LoggedFlow[]) => void>();
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
      return waiters.size;
    },
    answer(kind, give) {
      Object.assign(answers, { [kind]: give });
    },
    logFlow(flow) {
      for (const end of waiters) end([flow]);
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
    async setFlow(name, specification) {
      const definition = specification as Record<string, unknown>;
      if (Object.keys(definition).length === 0) return;
      if (typeof definition['value'] !== 'string')
        throw new WeirError('FLOW_BAD_VALUE', `${name}: value is missing`);
      flows.set(name, { activeTimeout: 60, t: 2, fs: ',', n: 5, ...definition });
    },
    async clearFlow(name) {
      flows.delete(name);
    },
    flows: () => Object.fromEntries(flows),
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
      const { timeoutMs, signal } = question;
      if (timeoutMs === undefined) return Promise.resolve([]);
      return new Promise((resolve) => {
        const end = (found: LoggedFlow[]): void => {
          waiters.delete(end);
          clearTimeout(timer);
          resolve(found);
        };
        const timer = setTimeout(() => end([]), timeoutMs);
        signal?.addEventListener('abort', () => end([]));
        waiters.add(end);
      });
    },
    receivePath: () => path,
  };
}
