import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFabric } from '../../src/load/index.ts';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { type CaptureName, captureDatagrams, captureReadings } from '../support/captures.ts';
import { RestClient } from '../support/rest-client.ts';
import { UdpSender } from '../support/udp-sender.ts';

/*
 * Two processes that are fed the same stream, real captures and a fabric that exists only in its sFlow, answer the same:
 * one takes datagrams from the kernel as it finds best, the other by Node's own sockets. Only times may differ a little,
 * and with them what is divided by them.
 */

const CAPTURES: readonly CaptureName[] = ['mininet-tree', 'hsflowd'];
/** The captures span a minute each, the fabric's traffic less. */
const SPEED = 20;
const FABRIC_MS = 30_000;
/** Datagrams that may be under way: the kernel must not have to drop any. */
const UNDER_WAY = 250;
const FABRIC = createFabric({ seed: 7 });
const SWITCHES = FABRIC.agents.slice(0, 2);
const AGENTS = [...CAPTURES.map((name) => captureReadings(name)[0].agent), ...SWITCHES];

interface Due {
  readonly payload: Uint8Array;
  /** ms from the beginning. */
  readonly due: number;
}

function stream(): Due[] {
  const captured = CAPTURES.flatMap((name) => {
    const datagrams = captureDatagrams(name);
    return datagrams.map(({ payload, timestampMs }) => ({
      payload,
      due: timestampMs - datagrams[0].timestampMs,
    }));
  });
  const modelled: Due[] = [];
  for (let now = 0; now < FABRIC_MS; now += 100)
    for (const payload of FABRIC.next(now)) modelled.push({ payload: payload.slice(), due: now });
  return [...captured, ...modelled].sort((a, b) => a.due - b.due);
}

const DEFINITIONS: Readonly<Record<string, object>> = {
  pairs: {
    keys: 'ipsource,ipdestination',
    value: 'bytes',
    values: 'frames,avg:bytes,count:tcpsourceport',
    t: 600,
  },
  ports: { keys: 'or:tcpdestinationport:udpdestinationport,stack', value: 'frames', t: 600, n: 20 },
  macs: { keys: 'macsource,macdestination', value: 'bytes', t: 600, fs: '_SEP_' },
  total: { value: 'bytes', t: 600 },
  groups: { keys: 'group:ipsource:sites', value: 'bytes', t: 600 },
  agents: { keys: 'ipsource', value: 'bytes', t: 600, aggMode: 'AGENT' },
  edges: { keys: 'ipsource', value: 'bytes', t: 600, aggMode: 'EDGE' },
  started: { keys: 'ipsource,ipdestination', value: 'bytes', t: 600, log: true, flowStart: true },
};
const SETTINGS: Readonly<Record<string, object>> = {
  'group/sites/json': { ten: ['10.0.0.0/8'], rest: ['0.0.0.0/0'] },
  'threshold/first/json': { metric: 'pairs', value: 0.001, byFlow: true, timeout: 600 },
  'topology/json': {
    nodes: Object.fromEntries(
      SWITCHES.map((agent, i) => [`node${i}`, { agent, ports: { p1: { ifindex: '1' } } }]),
    ),
    links: { L1: { node1: 'node0', port1: 'p1', node2: 'node1', port2: 'p1' } },
  },
  ...Object.fromEntries(
    Object.entries(DEFINITIONS).map(([name, definition]) => [`flow/${name}/json`, definition]),
  ),
};

const FLOWS = Object.keys(DEFINITIONS);
const QUESTIONS: readonly string[] = [
  'agents/json',
  'flow/json',
  'group/sites/json',
  'threshold/json',
  'topology/json',
  'table/ALL/ifname,ifspeed,iftype/json',
  'table/ALL/host_name,load_one,mem_utilization/json',
  'dump/EDGE/ifspeed,ifoperstatus/json',
  ...['max', 'min', 'sum', 'avg', 'med', 'sdev', 'q1', 'iqr'].map(
    (each) => `metric/ALL/${each}:ifspeed/json`,
  ),
  'metric/CORE/sum:ifspeed,any:iftype/json',
  'metric/ALL/sum:pairs,max:total/json',
  ...FLOWS.map((name) => `activeflows/ALL/${name}/json?maxFlows=10000`),
  ...['sum', 'avg', 'edge', 'core'].map(
    (mode) => `activeflows/ALL/pairs/json?maxFlows=10000&aggMode=${mode}`,
  ),
  ...AGENTS.map((agent) => `activeflows/${agent}/ports/json?maxFlows=10000`),
  ...['TOPOLOGY', 'EDGE', 'CORE'].map((part) => `activeflows/${part}/macs/json?maxFlows=10000`),
  'activeflows/ALL/pairs/json?minValue=100',
  'flowlocations/ALL/total/json',
  'flows/json?maxFlows=10000',
  'events/json?maxEvents=10000',
];
/** Rates are over the time between arrivals, which is short here and not the same: only that there are any is compared. */
const QUESTIONS_WITH_RATES: readonly string[] = [
  ...AGENTS.map((agent) => `metric/${agent}/json`),
  'dump/ALL/ALL/json',
  'table/ALL/ifname,ifinoctets,ifoutpkts/json',
  'metric/EDGE/sum:ifinoctets,avg:ifoututilization/json',
];

interface Fed {
  readonly weir: ServingWeir;
  readonly client: RestClient;
  readonly sender: UdpSender;
}
let both: readonly Fed[];

beforeAll(async () => {
  const served = await Promise.all(
    ['auto', 'dgram'].map((kind) =>
      WeirProcess.serve(`-Dengine.receiver=${kind}`, '-Dflows.max=10000', '-Devents.max=10000'),
    ),
  );
  both = await Promise.all(
    served.map(async (weir) => ({
      weir,
      client: new RestClient(weir.url),
      sender: await UdpSender.open(weir.sflowPort),
    })),
  );
  for (const { url } of served)
    for (const [path, content] of Object.entries(SETTINGS))
      expect((await fetch(url + path, { method: 'PUT', body: JSON.stringify(content) })).status).toBe(204);
  const datagrams = stream();
  const began = performance.now();
  for (const [i, { payload, due }] of datagrams.entries()) {
    const ahead = began + due / SPEED - performance.now();
    if (ahead > 1) await sleep(ahead);
    if (i % UNDER_WAY === 0) await Promise.all(both.map(({ client }) => client.untilReceived(i)));
    await Promise.all(both.map(({ sender }) => sender.send([payload])));
  }
  await Promise.all(both.map(({ client }) => client.untilReceived(datagrams.length)));
  // Records and events come to their logs a moment after their samples.
  await sleep(300);
});
afterAll(async () => {
  for (const { weir, sender } of both) {
    sender.close();
    await weir.weir.end();
  }
});

/** Members that are times, ms. */
const TIMES = /^(lastUpdate(Min|Max)?|firstSeen|lastSeen|start|end|timestamp|updated)$/;
const TIME_TOLERANCE_MS = 2000;
/** Of what has decayed. */
const TOLERANCE = 0.02;
const ANY_NUMBER = 2;

type Row = Readonly<Record<string, unknown>>;

/**
 * Of several reports that are nearly equal either may be the largest, and of several flows either may be among the first:
 * places of merged reports and topKeys are not compared.
 */
function isComparable(member: string, { flowN = 1, metricN = 1 }: Row): boolean {
  if (member === 'topKeys') return false;
  return Math.max(Number(flowN), Number(metricN)) === 1 || (member !== 'agent' && member !== 'dataSource');
}

const IDENTITY = 'thresholdID name metricName key flowKeys flowKey agent dataSource flowN'.split(' ');

/** A text that tells rows apart: what is the same in both answers, whatever their values. */
function identity(row: unknown): string {
  if (Array.isArray(row)) return row.map(identity).join(' ');
  if (typeof row !== 'object' || row === null) return String(row);
  const members = row as Row;
  return IDENTITY.flatMap((name) =>
    members[name] !== undefined && isComparable(name, members) ? `${name} ${members[name]}` : [],
  ).join(', ');
}

function expectAlike(one: unknown, other: unknown, path: string, tolerance = TOLERANCE): void {
  if (Array.isArray(one) && Array.isArray(other)) {
    expect(other, path).toHaveLength(one.length);
    let [a, b] = [one, other];
    if (typeof a[0] === 'object') {
      // Rows are in the order of values: two that are nearly equal may change places.
      [a, b] = [a, b].map((rows) => rows.toSorted((x, y) => identity(x).localeCompare(identity(y))));
      expect(b.map(identity), path).toEqual(a.map(identity));
    }
    for (const [i, row] of a.entries()) expectAlike(row, b[i], `${path}[${i}]`, tolerance);
  } else if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
    expect(Object.keys(other).sort(), path).toEqual(Object.keys(one).sort());
    for (const [name, value] of Object.entries(one))
      if (isComparable(name, one as Row))
        expectAlike(value, (other as Row)[name], `${path}.${name}`, tolerance);
  } else if (typeof one === 'number' && typeof other === 'number') {
    const isTime = TIMES.test(path.slice(path.lastIndexOf('.') + 1));
    const most = isTime ? TIME_TOLERANCE_MS : tolerance * Math.max(Math.abs(one), Math.abs(other));
    expect(Math.abs(one - other), `${path}: ${one} and ${other}`).toBeLessThanOrEqual(most);
  } else expect(other, path).toEqual(one);
}

const answers = <T>(path: string): Promise<T[]> =>
  Promise.all(both.map(({ client }) => client.json<T>(path)));

describe('two processes fed the same stream', () => {
  it('take datagrams in differently', () => {
    expect(new Set(both.map(({ weir }) => weir.receiver)).has('dgram')).toBe(true);
  });

  it('count the same', async () => {
    const members =
      /^sFlow(Agents|DataSources|Datagrams|Bytes|FlowSamples|CounterSamples|DiscardSamples|SamplesLost|ParseErrors|Unsupported|Errors|Unknown)|^(flows|events)Generated$/;
    const [one, other] = (await answers<object>('analyzer/json')).map((analyzer) =>
      Object.fromEntries(Object.entries(analyzer).filter(([name]) => members.test(name))),
    );
    expect(other).toEqual(one);
    expect(one).toMatchObject({ sFlowAgents: CAPTURES.length + FABRIC.agents.length, sFlowParseErrors: 0 });
  });

  it('/metrics/json has the same names', async () => {
    const [one, other] = (await answers<object>('metrics/json')).map((names) => Object.keys(names).sort());
    expect(other).toEqual(one);
    expect(one.length).toBeGreaterThan(50);
  });

  it('/flowkeys/json has the keys that are in most samples', async () => {
    const common = [
      'agent',
      'bytes',
      'ds',
      'frames',
      'ipdestination',
      'ipsource',
      'macsource',
      'samplingrate',
      'stack',
    ];
    // Keys are noted from some samples only: rare ones may be missed.
    for (const keys of await answers<object>('flowkeys/json'))
      expect(Object.keys(keys)).toEqual(expect.arrayContaining(common));
  });

  it.for(QUESTIONS)('/%s', async (path) => {
    const [one, other] = await answers<object>(path);
    expect(Object.keys(one).length, 'there is an answer').toBeGreaterThan(0);
    expectAlike(one, other, '');
  });

  it.for(QUESTIONS_WITH_RATES)('/%s', async (path) => {
    const [one, other] = await answers<object>(path);
    expect(Object.keys(one).length, 'there is an answer').toBeGreaterThan(0);
    expectAlike(one, other, '', ANY_NUMBER);
  });

  it('/prometheus has the same lines but for their numbers', async () => {
    const [one, other] = await Promise.all(
      both.map(async ({ client }) =>
        (await client.text('prometheus/metrics/ALL/ALL/txt')).replace(/ \S+$/gm, '').split('\n').sort(),
      ),
    );
    expect(other).toEqual(one);
    expect(one.length).toBeGreaterThan(100);
  });

  it('/flows and /events have the same records in the same order', async () => {
    for (const path of ['flows/json?maxFlows=10000', 'events/json?maxEvents=10000']) {
      const [one, other] = (await answers<object[]>(path)).map((records) => records.map(identity));
      expect(other).toEqual(one);
    }
  });
});
