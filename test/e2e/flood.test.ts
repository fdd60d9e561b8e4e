import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/load/random.ts';
import type { Sample } from '../../src/sflow/index.ts';
import { ifCounters } from '../../src/sflow/index.ts';
import { RandomFlows } from '../support/random-flows.ts';
import { type Analyzer, RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/*
 * Floods of made-up flows, agents, data sources and names: memory stays bounded, who was there before stays, and what
 * had to go is counted.
 */

const MEBIBYTE = 2 ** 20;
const FLOW_MEMORY = 16 * MEBIBYTE;
const MAX_AGENTS = 200;
const MAX_DATA_SOURCES = 500;
const PER_SECOND = 15_000;
/** A table that grows is there twice for a moment; the rest is garbage that was not collected yet. */
const MOST_GROWTH = 2 * FLOW_MEMORY + 96 * MEBIBYTE;
/** Records of the flow log become garbage as fast as they come. */
const MOST_LOG_GARBAGE = 160 * MEBIBYTE;
/** Names of custom metrics that are kept, and what one of them may take. */
const MAX_CUSTOM_METRICS = 100_000;
const METRIC_BYTES = 500;
const KEYS = 'ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport';

/** Flows of the established agent, larger than any of the flood. */
const ELEPHANTS = Array.from({ length: 40 }, (_, i) => `10.0.0.${i + 1}`);
const SAMPLES_AT_ONCE = 8;
/** One datagram of the established agent to so many of a flood. */
const SHARE = 50;

const established = new SyntheticAgent('192.0.2.1');
let weir: WeirProcess;
let client: RestClient;
let sender: UdpSender;
let sent = 0;
let residentBefore: number;

beforeAll(async () => {
  const serving = await WeirProcess.serve(
    `-Dflow.memory=${FLOW_MEMORY}`,
    `-Dagents.max=${MAX_AGENTS}`,
    `-Ddatasources.max=${MAX_DATA_SOURCES}`,
  );
  ({ weir } = serving);
  client = new RestClient(serving.url);
  sender = await UdpSender.open(serving.sflowPort);
  await client.defineFlow('tuples', { keys: KEYS, value: 'bytes', t: 600 });
  await send(Array.from({ length: 100 }, (_, i) => elephants(i)));
  residentBefore = mostResident();
});

afterAll(async () => {
  sender.close();
  expect((await weir.end()).code).toBe(0);
});

/** The most memory the process has ever held, bytes. */
function mostResident(): number {
  const status = readFileSync(`/proc/${weir.child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The established agent's next datagram: packets of some elephants, and a counter. */
function elephants(turn: number): Uint8Array {
  const samples: Sample[] = Array.from({ length: SAMPLES_AT_ONCE }, (_, i) => {
    const source = ELEPHANTS[(turn * SAMPLES_AT_ONCE + i) % ELEPHANTS.length];
    return established.flow([tcpHeader({ source, destination: '10.255.0.1' }, { frameLength: 1500 })]);
  });
  samples.push(established.counters([ifCounters({ ifInOctets: BigInt(turn) * 1000n })]));
  return established.datagram(samples);
}

async function send(payloads: readonly Uint8Array[]): Promise<Analyzer> {
  await sender.send(payloads, PER_SECOND);
  sent += payloads.length;
  return client.untilReceived(sent);
}

/** A flood with datagrams of the established agent among it. Asks all the while, and gives the longest wait for an answer, ms. */
async function flood(payloads: readonly Uint8Array[]): Promise<{ analyzer: Analyzer; longestWait: number }> {
  const mixed = payloads.flatMap((payload, i) => (i % SHARE === 0 ? [payload, elephants(i)] : [payload]));
  let over = false;
  let longestWait = 0;
  const asking = (async () => {
    while (!over) {
      const asked = performance.now();
      await client.activeFlows('tuples', 'maxFlows=10');
      longestWait = Math.max(longestWait, performance.now() - asked);
    }
  })();
  try {
    const analyzer = await send(mixed);
    return { analyzer, longestWait };
  } finally {
    over = true;
    await asking;
  }
}

async function expectElephantsOnTop(name = 'tuples'): Promise<void> {
  const top = await client.activeFlows(name, `maxFlows=${ELEPHANTS.length}`);
  expect(top.map(({ key }) => key.split(',')[0]).sort()).toEqual([...ELEPHANTS].sort());
  expect(new Set(top.map(({ agent }) => agent))).toEqual(new Set([established.address]));
}

function tableOf(analyzer: Analyzer, name: string) {
  const table = analyzer.flowTables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

it('240,000 random 5-tuples: the largest flows stay, the others are dropped and counted', async () => {
  const flows = new RandomFlows(new Random(3));
  const payloads = Array.from({ length: 30_000 }, (_, i) => flows.next(0xc0000202, i + 1));
  const { analyzer, longestWait } = await flood(payloads);
  const { entries, bytes, limitBytes, dropped } = tableOf(analyzer, 'tuples');
  expect(limitBytes).toBe(FLOW_MEMORY);
  expect(bytes).toBeLessThanOrEqual(limitBytes);
  expect(entries + dropped).toBe(flows.samples * payloads.length + ELEPHANTS.length);
  expect(mostResident() - residentBefore).toBeLessThan(MOST_GROWTH);
  expect(longestWait).toBeLessThan(1000);
  await expectElephantsOnTop();
});

it('10,000 random agents: the established one stays, the others make room for one another', async () => {
  const flows = new RandomFlows(new Random(4));
  const random = new Random(5);
  const made = new Set(Array.from({ length: 10_000 }, () => random.word() >>> 0));
  const before = (await client.agents())[established.address];
  const { analyzer } = await flood([...made].map((address) => flows.next(address, 1)));
  expect(analyzer.sFlowAgents).toBe(MAX_AGENTS);
  expect(analyzer.sFlowAgentsRefused).toBeGreaterThanOrEqual(made.size - MAX_AGENTS);
  expect(mostResident() - residentBefore).toBeLessThan(MOST_GROWTH);
  const after = (await client.agents())[established.address];
  expect(after.firstSeen).toBeGreaterThan(before.firstSeen);
  expect(Number(after['sFlowFlowSamples']) - Number(before['sFlowFlowSamples'])).toBe(
    Math.ceil(made.size / SHARE) * SAMPLES_AT_ONCE,
  );
  await expectElephantsOnTop();
});

it('random names of custom metrics and of fields of custom flows', async () => {
  const agent = new SyntheticAgent('203.0.113.1');
  const payloads = Array.from({ length: 6000 }, (_, i) =>
    agent.datagram([
      {
        kind: 'rtmetric',
        dataSource: `source${i % 200}`,
        metrics: Array.from({ length: 20 }, (_, j) => ({ name: `metric${i * 20 + j}`, type: 3, value: 1 })),
      },
      {
        kind: 'rtflow',
        dataSource: 'app',
        samplingRate: 1,
        reserved: 0,
        fields: Array.from({ length: 20 }, (_, j) => ({
          name: `field${i * 20 + j}`,
          type: 0,
          value: `text${i}`,
        })),
      },
    ]),
  );
  const { analyzer } = await flood(payloads);
  expect(analyzer.sFlowErrors['metrics beyond the limit']).toBe(120_000 - MAX_CUSTOM_METRICS);
  expect(Object.keys(await client.json<object>('flowkeys/json')).length).toBeLessThanOrEqual(4096);
  expect(mostResident() - residentBefore).toBeLessThan(MOST_GROWTH + MAX_CUSTOM_METRICS * METRIC_BYTES);
  await expectElephantsOnTop();
});

it('random data sources of many agents: known ones go on, the others are refused and counted', async () => {
  const agents = Array.from({ length: 20 }, (_, i) => new SyntheticAgent(`198.51.100.${i}`));
  const payloads = Array.from({ length: 2000 }, (_, i) => {
    const agent = agents[i % agents.length];
    const samples = Array.from({ length: 5 }, (_, j) => {
      const index = i * 5 + j + 1;
      return agent.counters([ifCounters({ ifIndex: index })], { sourceId: index });
    });
    return agent.datagram(samples);
  });
  const { analyzer } = await flood(payloads);
  expect(analyzer.sFlowDataSources).toBeLessThanOrEqual(MAX_DATA_SOURCES);
  expect(analyzer.sFlowDataSourcesRefused).toBeGreaterThanOrEqual(10_000 - MAX_DATA_SOURCES);
  expect(await client.dump('ifinoctets', established.address)).toMatchObject([
    { dataSource: '1', metricValue: expect.any(Number) },
  ]);
  await expectElephantsOnTop();
});

it('120,000 random 5-tuples of a definition with a log and a window', async () => {
  const before = mostResident();
  await client.defineFlow('logged', { keys: KEYS, value: 'bytes', values: 'avg:bytes', t: 600, log: true });
  await send(Array.from({ length: 100 }, (_, i) => elephants(i)));
  const flows = new RandomFlows(new Random(6));
  const payloads = Array.from({ length: 15_000 }, (_, i) => flows.next(0xc0000203, i + 1));
  const { analyzer } = await flood(payloads);
  for (const name of ['tuples', 'logged']) {
    const { bytes, limitBytes, dropped } = tableOf(analyzer, name);
    expect(limitBytes).toBe(FLOW_MEMORY / 2);
    expect(bytes, name).toBeLessThanOrEqual(limitBytes);
    expect(dropped, name).toBeGreaterThan(0);
    expect(analyzer.flowsDropped[name]).toBe(dropped);
    await expectElephantsOnTop(name);
  }
  expect(mostResident() - before).toBeLessThan(MOST_LOG_GARBAGE);
  // Each flow that had to go was logged; the log keeps the last ones. In a flood they come a tenth of a second later.
  await sleep(300);
  const logged = await client.loggedFlows('name=logged&maxFlows=100000');
  expect(logged).toHaveLength(1000);
  expect(logged[0].flowID).toBeGreaterThanOrEqual(tableOf(analyzer, 'logged').dropped - 1);
});
