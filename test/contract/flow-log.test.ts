import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ActiveFlow, LoggedFlow } from '../../src/engine/index.ts';
import { discardSample, type FlowOrCounterRecord } from '../../src/sflow/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/*
 * Section 6.5: the flow log, with the shortest activeTimeout there is. All that takes time happens at once: an agent
 * sends a sample each 0.1 s for 12 s, others only at the beginning; a sweep about every 10 s closes the rest.
 */

const ACTIVE_TIMEOUT = 10_000;
const SENDING = 12_000;
const STEP = 100;
/** The last record begins soon after ACTIVE_TIMEOUT, and is closed by a sweep when it is that old. */
const LAST_CLOSED = 2 * ACTIVE_TIMEOUT + 11_000;
/** What one sample stands for: 100 packets of 1000 bytes. */
const SAMPLE_BYTES = 100_000;
const CROWD = 300;

let weir: WeirUnderTest;
/** Sends all the time, beside one sample of another flow at the beginning. */
let steady: SyntheticAgent;
/** The only one in the topology: sends two flows at the beginning, and one of them again. */
let node: SyntheticAgent;
/** Send at the beginning only. */
let once: SyntheticAgent;
let crowd: SyntheticAgent;
let dropper: SyntheticAgent;
/** Each sample of the steady agent was taken between these, epoch ms. */
const steadySent: { readonly from: number; readonly to: number }[] = [];
/** All records, oldest first. */
let log: LoggedFlow[] = [];

const from = (source: string): FlowOrCounterRecord => tcpHeader({ source, destination: '10.255.0.1' });
const deliverFrom = (agent: SyntheticAgent, ...sources: string[]): Promise<void> =>
  weir.deliver(agent.datagram(sources.map((source) => agent.flow([from(source)]))));

const recordsOf = (name: string, agent?: SyntheticAgent, key?: string): LoggedFlow[] =>
  log.filter(
    (record) =>
      record.name === name &&
      (agent === undefined || record.agent === agent.address) &&
      (key === undefined || record.flowKeys === key),
  );
const totalOf = (records: readonly LoggedFlow[]): number =>
  records.reduce((total, { value }) => total + value, 0);

beforeAll(async () => {
  weir = await WeirUnderTest.serve('-Dflows.max=10000');
  const logged = { keys: 'ipsource', value: 'bytes', log: true, activeTimeout: 10 };
  const definitions = {
    ended: { ...logged, values: 'frames,avg:bytes,min:bytes,max:bytes,count:ipsource' },
    unlogged: { ...logged, log: false },
    started: { ...logged, flowStart: true, values: 'frames' },
    average: { ...logged, value: 'avg:bytes' },
    gauge: { ...logged, value: 'samplingrate' },
    agent: { ...logged, aggMode: 'AGENT', values: 'frames' },
    network: { ...logged, aggMode: 'EDGE', values: 'frames' },
    drops: { ...logged, dropped: true },
  };
  for (const [name, definition] of Object.entries(definitions))
    await weir.set(`/flow/${name}/json`, definition);
  [steady, node, once, crowd, dropper] = Array.from({ length: 5 }, () => weir.agent());
  await weir.set('/topology/json', { nodes: { sw: { agent: node.address, ports: {} } }, links: {} });

  const began = performance.now();
  await deliverFrom(steady, '10.0.0.2');
  await deliverFrom(node, '10.0.1.1', '10.0.1.2');
  await deliverFrom(once, '10.0.2.1');
  await weir.deliver(dropper.datagram([discardSample({ records: [from('10.0.4.1')] })]));
  for (let i = 0; i < CROWD; i += 5)
    await deliverFrom(crowd, ...[0, 1, 2, 3, 4].map((j) => `10.3.${(i + j) >> 8}.${(i + j) & 255}`));
  for (let i = 0; i * STEP < SENDING; i++) {
    const ahead = i * STEP - (performance.now() - began);
    if (ahead > 1) await sleep(ahead);
    const sent = Date.now();
    await deliverFrom(steady, '10.0.0.1');
    steadySent.push({ from: sent, to: Date.now() });
    if (i * STEP === ACTIVE_TIMEOUT + 1000) await deliverFrom(node, '10.0.1.1');
  }
  while (recordsOf('ended', steady, '10.0.0.1').length < 2 && performance.now() < began + LAST_CLOSED) {
    await sleep(250);
    log = (await weir.get<LoggedFlow[]>('/flows/json?maxFlows=10000')).reverse();
  }
});
afterAll(() => weir.end());

describe('6.5 records', () => {
  it('6.5 a record', () => {
    expect(recordsOf('ended', once)).toEqual([
      {
        flowID: expect.any(Number),
        name: 'ended',
        agent: once.address,
        dataSource: '1',
        flowKeys: '10.0.2.1',
        value: SAMPLE_BYTES,
        values: [100, 0, 0, 0, 0],
        start: expect.any(Number),
        end: expect.any(Number),
      },
    ]);
  });

  it('6.5 values only if the definition has some', () => {
    expect(recordsOf('drops')[0]).not.toHaveProperty('values');
  });

  it('6.5 start and end are epoch ms', () => {
    for (const { start, end } of log) {
      expect(Math.abs(start - Date.now())).toBeLessThan(60_000);
      expect(end).toBeGreaterThanOrEqual(start);
      expect([start, end].every(Number.isInteger)).toBe(true);
    }
  });

  it('6.5 the value is the total of scaled units since start, not a rate', () => {
    const records = recordsOf('ended', steady, '10.0.0.1');
    expect(totalOf(records)).toBe(steadySent.length * SAMPLE_BYTES);
  });

  it('6.5 so are the rate fields in values; avg, min, max and count are 0', () => {
    for (const { value, values } of recordsOf('ended'))
      expect(values).toEqual([(value * 100) / SAMPLE_BYTES, 0, 0, 0, 0]);
  });

  it('6.5 IDs are from 0, shared by all definitions, one more each', () => {
    expect(log.map(({ flowID }) => flowID)).toEqual(log.map((_, i) => i));
    expect(new Set(log.map(({ name }) => name)).size).toBeGreaterThan(2);
  });
});

describe('6.5 flowStart false', () => {
  it('6.5 a record is closed by the first sample after activeTimeout', () => {
    const [{ start, end }] = recordsOf('ended', steady, '10.0.0.1');
    expect(end - start).toBeGreaterThanOrEqual(ACTIVE_TIMEOUT);
    expect(end - start).toBeLessThan(ACTIVE_TIMEOUT + 10 * STEP);
  });

  it('6.5 that sample is still counted in it', () => {
    const [{ end, value }] = recordsOf('ended', steady, '10.0.0.1');
    const samples = value / SAMPLE_BYTES;
    expect(samples).toBeGreaterThanOrEqual(steadySent.filter(({ to }) => to < end).length);
    expect(samples).toBeLessThanOrEqual(steadySent.filter((sent) => sent.from <= end + 1).length);
  });

  it('6.5 with it every flow of the table that is old enough is closed', () => {
    const [{ start, end, value }] = recordsOf('ended', steady, '10.0.0.2');
    expect(value).toBe(SAMPLE_BYTES);
    expect(end - start).toBeGreaterThanOrEqual(ACTIVE_TIMEOUT);
    expect(end - start).toBeLessThan(ACTIVE_TIMEOUT + 10 * STEP);
  });

  it('6.5 the next record starts when the one before ended', () => {
    const [first, second] = recordsOf('ended', steady, '10.0.0.1');
    expect(second.start).toBe(first.end);
  });

  it('6.5 a sweep closes records of tables without samples, up to 10 s later', () => {
    for (const { start, end } of [...recordsOf('ended', once), ...recordsOf('ended', crowd)]) {
      expect(end - start).toBeGreaterThanOrEqual(ACTIVE_TIMEOUT);
      expect(end - start).toBeLessThan(ACTIVE_TIMEOUT + 11_000);
    }
  });

  it('6.5 end is the time of the check, not of the last packet', () => {
    const [, second] = recordsOf('ended', steady, '10.0.0.1');
    expect(second.end).toBeGreaterThan(steadySent[steadySent.length - 1].to + 1000);
  });

  it('6.5 a flow without samples since its last record is not logged again', () => {
    expect(recordsOf('ended', steady, '10.0.0.2')).toHaveLength(1);
    expect(recordsOf('ended', node, '10.0.1.2')).toHaveLength(1);
    expect(totalOf(recordsOf('ended', node, '10.0.1.1'))).toBe(2 * SAMPLE_BYTES);
    for (const { value } of log) expect(value).toBeGreaterThan(0);
  });

  it('6.5 of 300 flows on one interface each has exactly one record', () => {
    const records = recordsOf('ended', crowd);
    expect(records).toHaveLength(CROWD);
    expect(new Set(records.map(({ flowKeys }) => flowKeys)).size).toBe(CROWD);
    expect(totalOf(records)).toBe(CROWD * SAMPLE_BYTES);
  });

  it('6.5 definitions without log are not logged', () => {
    expect(recordsOf('unlogged')).toEqual([]);
  });

  it.for(['average', 'gauge'])('6.5 a flow whose main value is a window is never logged: %s', (name) => {
    expect(recordsOf(name)).toEqual([]);
  });

  it('6.5 discards are logged like packets, unscaled', () => {
    expect(recordsOf('drops')).toEqual([
      expect.objectContaining({ agent: dropper.address, flowKeys: '10.0.4.1', value: 1000 }),
    ]);
  });

  it('6.6 a flow that was logged is still in activeflows', async () => {
    const [flow] = await weir.get<ActiveFlow[]>(`/activeflows/${once.address}/ended/json`);
    expect(flow.key).toBe('10.0.2.1');
  });
});

describe('6.5 flowStart true', () => {
  it('6.5 one record at the first sample, start is end', () => {
    expect(recordsOf('started', once)).toEqual([
      expect.objectContaining({ flowKeys: '10.0.2.1', value: SAMPLE_BYTES, values: [100] }),
    ]);
    for (const { start, end } of recordsOf('started')) expect(start).toBe(end);
  });

  it('6.5 its value is that of the first sample, and it is never logged again', () => {
    const records = recordsOf('started', steady, '10.0.0.1');
    expect(records.map(({ value }) => value)).toEqual([SAMPLE_BYTES]);
    expect(records[0].start).toBeGreaterThanOrEqual(steadySent[0].from - 1);
    expect(records[0].start).toBeLessThanOrEqual(steadySent[0].to + 1);
  });
});

describe('6.5 aggMode', () => {
  it('6.5 AGENT: records of data source 0, with totals', () => {
    const records = recordsOf('agent', steady, '10.0.0.1');
    expect(totalOf(records)).toBe(steadySent.length * SAMPLE_BYTES);
    for (const { dataSource, value, values } of records)
      expect([dataSource, values]).toEqual(['0', [(value * 100) / SAMPLE_BYTES]]);
  });

  it('6.3 EDGE: records of an own IPv4 address and data source 0, with totals', () => {
    const own = Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).map(({ address }) => address),
    );
    const records = recordsOf('network');
    expect(totalOf(records)).toBe(3 * SAMPLE_BYTES);
    for (const { agent, dataSource, value, values } of records) {
      expect(own).toContain(agent);
      expect([dataSource, values]).toEqual(['0', [(value * 100) / SAMPLE_BYTES]]);
    }
  });
});

describe('6.5 queries', () => {
  const ids = async (query: string): Promise<number[]> =>
    (await weir.get<LoggedFlow[]>(`/flows/json?${query}`)).map(({ flowID }) => flowID);
  const newest = (count: number, of = log): number[] =>
    of
      .slice(-count)
      .reverse()
      .map(({ flowID }) => flowID);

  it('6.5 newest first', async () => {
    expect(await ids('maxFlows=20')).toEqual(newest(20));
  });

  it('6.5 maxFlows is 100 unless given', async () => {
    expect(await ids('')).toEqual(newest(100));
  });

  it('6.5 name=', async () => {
    expect(await ids('name=started&maxFlows=5')).toEqual(newest(5, recordsOf('started')));
  });

  it('6.5 name= is repeatable', async () => {
    const both = log.filter(({ name }) => name === 'agent' || name === 'drops');
    expect(await ids('name=agent&name=drops&maxFlows=10000')).toEqual(newest(10_000, both));
  });

  it('6.5 an unknown name= gives nothing', async () => {
    expect(await ids('name=bogus')).toEqual([]);
  });

  it('6.5 flowID=x: larger IDs only', async () => {
    expect(await ids(`flowID=${log.length - 4}`)).toEqual(newest(3));
  });

  it('6.5 flowID=x and maxFlows: the newest', async () => {
    expect(await ids(`flowID=${log.length - 10}&maxFlows=2`)).toEqual(newest(2));
  });

  it('6.5 flowID= the last: nothing', async () => {
    expect(await ids(`flowID=${log.length - 1}`)).toEqual([]);
  });

  it('6.5 flowID= beyond the last: everything, subject to maxFlows', async () => {
    expect(await ids('flowID=1000000&maxFlows=7')).toEqual(newest(7));
    expect(await ids('flowID=1000000')).toEqual(newest(100));
  });

  it('6.5 timeout= without flowID returns at once', async () => {
    const asked = performance.now();
    expect(await ids('name=bogus&timeout=5')).toEqual([]);
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  it('6.5 timeout= with something to tell returns at once', async () => {
    const asked = performance.now();
    expect(await ids(`flowID=${log.length - 2}&timeout=5`)).toEqual(newest(1));
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  it('6.5 timeout= blocks until the time is over, then []', async () => {
    const asked = performance.now();
    expect(await ids('name=bogus&flowID=0&timeout=1')).toEqual([]);
    const waited = performance.now() - asked;
    expect(waited).toBeGreaterThanOrEqual(990);
    expect(waited).toBeLessThan(2000);
  });

  it('6.5 timeout= blocks until a matching record', async () => {
    const asked = performance.now();
    const waiting = weir.get<LoggedFlow[]>(`/flows/json?name=started&flowID=${log.length - 1}&timeout=10`);
    await sleep(200);
    const agent = weir.agent();
    await deliverFrom(agent, '10.0.9.1');
    const [record, ...more] = await waiting;
    expect(more).toEqual([]);
    expect(record).toMatchObject({ name: 'started', agent: agent.address, flowKeys: '10.0.9.1' });
    expect(performance.now() - asked).toBeLessThan(2000);
  });
});

describe('6.5 flows.max', () => {
  let small: WeirUnderTest;
  beforeAll(async () => {
    small = await WeirUnderTest.serve('-Dflows.max=3');
    await small.set('/flow/started/json', { keys: 'ipsource', value: 'bytes', log: true, flowStart: true });
    const agent = small.agent();
    for (const i of [0, 1, 2, 3, 4]) await small.deliver(agent.datagram([agent.flow([from(`10.0.0.${i}`)])]));
    // Records come to the log a moment after their samples.
    await vi.waitFor(async () =>
      expect(await small.get('/flows/json?maxFlows=1')).toMatchObject([{ flowID: 4 }]),
    );
  });
  afterAll(() => small.end());

  const held = { json: [4, 3, 2].map((flowID) => expect.objectContaining({ flowID })) };
  requestTable('6.5 the ring', () => small, [
    ['6.5 the oldest are dropped, IDs go on', 'GET /flows/json', held],
    ['6.5 flowID older than the buffer: everything held', 'GET /flows/json?flowID=0', held],
    ['6.5 flowID beyond the last: everything held', 'GET /flows/json?flowID=99', held],
    [
      '6.5 flowID within',
      'GET /flows/json?flowID=3',
      { json: [expect.objectContaining({ flowID: 4, flowKeys: '10.0.0.4' })] },
    ],
  ] satisfies RequestRow[]);
});
