import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedFlow } from '../../src/engine/index.ts';
import {
  type CaptureName,
  captureDatagrams,
  captureReadings,
  type DatagramReading,
} from '../support/captures.ts';
import { type CounterPair, lastCounters } from '../support/expected-counters.ts';
import {
  type ExpectedFlow,
  expectedFlows,
  IP6_KEY,
  type KeyOf,
  MAC_KEY,
  TCP_KEY,
} from '../support/expected-flows.ts';
import { type Metric, RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/* Real captures go in by UDP; what comes out must be what an independent decoder's readings of them add up to. */

/** The captures span a minute each. */
const SPEED = 20;

/** Definitions by name, with the key that the readings give for it. */
const FLOWS: Readonly<Record<string, { keys: string; keyOf: KeyOf }>> = {
  tcp: { keys: 'ipsource,ipdestination,tcpsourceport,tcpdestinationport', keyOf: TCP_KEY },
  ip6: { keys: 'ip6source,ip6destination,ip6nexthdr', keyOf: IP6_KEY },
  mac: { keys: 'macsource,macdestination', keyOf: MAC_KEY },
};
/** With this time constant next to nothing decays during the replay: the rate times it is the total. */
const LONG_T = 600;

class Replay {
  readonly readings: readonly DatagramReading[];
  readonly counters: readonly CounterPair[];
  /** When each datagram was sent, ms. */
  readonly sentAt: number[] = [];
  readonly weir: WeirProcess;
  readonly client: RestClient;

  private constructor(name: CaptureName, weir: WeirProcess, client: RestClient) {
    this.weir = weir;
    this.client = client;
    this.readings = captureReadings(name);
    this.counters = lastCounters(this.readings);
  }

  static async of(name: CaptureName): Promise<Replay> {
    const { weir, url, sflowPort } = await WeirProcess.serve('-Dflows.max=10000');
    const client = new RestClient(url);
    const replay = new Replay(name, weir, client);
    for (const [flow, { keys }] of Object.entries(FLOWS)) {
      await client.defineFlow(flow, { keys, value: 'bytes', values: 'frames', log: true, activeTimeout: 10 });
      await client.defineFlow(`${flow}-long`, { keys, value: 'bytes', values: 'frames', t: LONG_T });
    }
    const sender = await UdpSender.open(sflowPort);
    await sender.replay(captureDatagrams(name), SPEED, () => replay.sentAt.push(performance.now()));
    sender.close();
    await client.untilReceived(replay.readings.length);
    return replay;
  }

  /** Samples of one type, each with its data source. */
  samples(type: 'FLOWSAMPLE' | 'COUNTERSSAMPLE'): string[] {
    return this.readings.flatMap(({ samples }) =>
      samples.filter(({ sampleType }) => sampleType === type).map(({ sourceId }) => sourceId),
    );
  }

  flows(name: string): ExpectedFlow[] {
    return expectedFlows(this.readings, FLOWS[name].keyOf);
  }

  /** ms between the sending of the last two counter samples of a data source. */
  elapsed({ beforeAt, lastAt }: CounterPair): number {
    return this.sentAt[lastAt] - this.sentAt[beforeAt];
  }
}

const CAPTURES: readonly CaptureName[] = ['ovs', 'mininet-tree', 'hsflowd'];
const replays = new Map<CaptureName, Replay>();

/** The records of a flow whose only sample came before this, once they are logged. */
let loggedInSilence: Promise<LoggedFlow[]>;

beforeAll(async () => {
  loggedInSilence = logOneSample();
  for (const replay of await Promise.all(
    CAPTURES.map(async (name) => [name, await Replay.of(name)] as const),
  ))
    replays.set(...replay);
});

afterAll(async () => {
  await Promise.all([...replays.values()].map(({ weir }) => weir.end()));
});

describe.each(CAPTURES)('%s.pcap', (name) => {
  let replay: Replay;
  let client: RestClient;
  beforeAll(() => {
    replay = replays.get(name)!;
    client = replay.client;
  });

  it('/analyzer counts every datagram, byte and sample, and no fault', async () => {
    const { readings } = replay;
    expect(await client.analyzer()).toMatchObject({
      sFlowAgents: 1,
      sFlowDatagramsReceived: readings.length,
      sFlowBytesReceived: sum(readings.map(({ datagramSize }) => Number(datagramSize))),
      sFlowFlowSamples: replay.samples('FLOWSAMPLE').length,
      sFlowCounterSamples: replay.samples('COUNTERSSAMPLE').length,
      sFlowDatagramsDiscarded: 0,
      sFlowDatagramsLost: 0,
      sFlowSamplesLost: 0,
      sFlowKernelDrops: 0,
      sFlowParseErrors: 0,
      sFlowErrors: {},
      sFlowUnknownStructures: {},
      flowsDropped: Object.fromEntries(
        Object.keys(FLOWS).flatMap((flow) => [
          [flow, 0],
          [`${flow}-long`, 0],
        ]),
      ),
    });
  });

  it('/agents has the agent with its samples by data source', async () => {
    const { readings } = replay;
    const flow = replay.samples('FLOWSAMPLE');
    const counter = replay.samples('COUNTERSSAMPLE');
    // The first sample of a data source is not counted (rest-api 3.3).
    const flowSources = new Set(flow).size;
    const counterSources = new Set(counter).size;
    const agents = await client.agents();
    expect(Object.keys(agents)).toEqual([readings[0].agent]);
    expect(agents[readings[0].agent]).toMatchObject({
      sFlowDatagramSource: ['127.0.0.1'],
      uptime: Number(readings.at(-1)?.sysUpTime),
      sFlowDatagramsReceived: readings.length,
      sFlowDatagramsLost: 0,
      sFlowDatagramsOutOfOrder: 0,
      sFlowFlowDatasources: flowSources,
      sFlowFlowSamples: flow.length - flowSources,
      sFlowFlowLostSamples: 0,
      sFlowFlowDrops: 0,
      sFlowCounterDatasources: counterSources,
      sFlowCounterSamples: counter.length - counterSources,
      sFlowCounterOutOfOrderSamples: 0,
    });
  });

  describe.each(Object.keys(FLOWS))('flow definition %s', (flow) => {
    it('/activeflows with a long time constant has every flow with its total', async () => {
      const expected = new Map<string, ExpectedFlow>();
      for (const { key, bytes, frames, ...rest } of replay.flows(flow)) {
        const merged = expected.get(key) ?? { key, ...rest, bytes: 0, frames: 0 };
        merged.bytes += bytes;
        merged.frames += frames;
        expected.set(key, merged);
      }
      const found = await client.activeFlows(`${flow}-long`, 'aggMode=sum&maxFlows=10000');
      expect(found.map(({ key }) => key).sort()).toEqual([...expected.keys()].sort());
      for (const { key, value, values } of found) {
        expectWithin(value * LONG_T, expected.get(key)?.bytes, 0.03, `bytes of ${key}`);
        expectWithin((values?.[0] ?? 0) * LONG_T, expected.get(key)?.frames, 0.03, `frames of ${key}`);
      }
      expect(found.map(({ value }) => value)).toEqual(found.map(({ value }) => value).sort((a, b) => b - a));
    });

    it('/flowvalue has each flow of each data source', async () => {
      const largest = replay
        .flows(flow)
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, 5);
      for (const { agent, dataSource, key, bytes } of largest) {
        const path = `flowvalue/${agent}/${dataSource}.${flow}-long/json?key=${encodeURIComponent(key)}`;
        expectWithin((await client.json<number>(path)) * LONG_T, bytes, 0.03, path);
      }
    });
  });

  it('/flowkeys has the keys that are in most samples', async () => {
    const keys = Object.keys(await client.json<object>('flowkeys/json'));
    const common = 'agent ds inputifindex bytes frames samplingrate stack macsource ipsource ipdestination';
    expect(keys).toEqual(expect.arrayContaining(common.split(' ')));
  });

  it('/metrics and /dump have the rates between the last two counter samples', async () => {
    const names = await client.json<object>('metrics/json');
    expect(Object.keys(names)).toEqual(expect.arrayContaining(Object.keys(OCTETS)));
    const interfaces = replay.counters.filter(({ last }) => 'ifIndex' in last);
    const dumped = byPlace(await client.dump('ifinoctets,ifoutoctets,ifinucastpkts,ifoutucastpkts,ifspeed'));
    expect(dumped.size).toBe(interfaces.length);
    for (const pair of interfaces) {
      const place = `${pair.agent}/${pair.dataSource}`;
      const metrics = dumped.get(place);
      expect(metrics?.get('ifspeed'), place).toBe(Number(pair.last['ifSpeed']));
      const grown = Object.entries(OCTETS).map(([metric, field]) => ({
        rate: Number(metrics?.get(metric)),
        growth: Number(pair.last[field]) - Number(pair.before[field]),
      }));
      const seconds = replay.elapsed(pair) / 1000;
      for (const { rate, growth } of grown) {
        expectWithin(rate, growth / seconds, 0.25, `${place} over ${seconds} s`);
        // All rates of a sample are over the same time, whatever that was.
        for (const other of grown) expectWithin(rate * other.growth, other.rate * growth, 1e-9, place);
      }
    }
  });

  it('/table has a row per interface, largest first, and joins what the agent has once', async () => {
    const rows = await client.json<Metric[][]>(
      'table/ALL/ifname,sort:ifinoctets:-100,ifinutilization,ifspeed/json',
    );
    const interfaces = replay.counters.filter(({ last }) => 'ifName' in last);
    expect(rows.map(([ifname]) => ifname.metricValue).sort()).toEqual(
      interfaces.map(({ last }) => last['ifName']).sort(),
    );
    const octets = rows.map((row) => Number(row[1].metricValue));
    expect(octets).toEqual(octets.toSorted((a, b) => b - a));
    for (const row of rows) {
      const [, rate, utilization, speed] = row.map(({ metricValue }) => Number(metricValue));
      expectWithin(utilization, (rate * 800) / speed, 1e-9, 'utilization');
      const [{ agent, dataSource }] = row;
      expect(row.every((cell) => cell.agent === agent && cell.dataSource === dataSource)).toBe(true);
    }
    expect(await client.json<Metric[][]>('table/ALL/sort:ifinoctets:-2/json')).toHaveLength(
      Math.min(2, rows.length),
    );
  });

  it('/prometheus has the same numbers as /dump', async () => {
    const dumped = byPlace(await client.dump('ALL'));
    const text = await client.text('prometheus/metrics/ALL/ALL/txt');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => /^sflow_(\w+)\{agent="([^"]+)",datasource="([^"]+)"[^}]*\} (\S+)$/.exec(line) ?? [line]);
    expect(lines.filter((line) => line.length === 1)).toEqual([]);
    for (const [, metric, agent, dataSource, value] of lines)
      expect(Number(value), metric).toBe(dumped.get(`${agent}/${dataSource}`)?.get(metric));
    const flowNames = new Set([...Object.keys(FLOWS), ...Object.keys(FLOWS).map((flow) => `${flow}-long`)]);
    const numbers = [...dumped.values()]
      .flatMap((metrics) => [...metrics])
      .filter(([metric, value]) => typeof value === 'number' && !flowNames.has(metric));
    expect(lines).toHaveLength(numbers.length);
  });
});

describe('hsflowd.pcap', () => {
  it('has the gauges and texts of the last host sample, and shares of processor time', async () => {
    const { client, counters } = replays.get('hsflowd')!;
    const host = counters.find(({ dataSource }) => dataSource === '2.1')!;
    const { before, last } = host;
    const metrics = await client.json<Record<string, number | string>>(`metric/${host.agent}/json`);
    const growth = (field: string): number => Number(last[field]) - Number(before[field]);
    const busy = ['cpu_user', 'cpu_nice', 'cpu_system', 'cpu_wio', 'cpuintr', 'cpu_sintr', 'cpu_steal'];
    const processor = growth('cpu_idle') + sum(busy.map(growth));
    expect(metrics).toMatchObject({
      '2.1.host_name': last['hostname'],
      '2.1.uuid': last['UUID'],
      '2.1.machine_type': 'x86_64',
      '2.1.os_name': 'linux',
      '2.1.os_release': last['os_release'],
      '2.1.cpu_num': Number(last['cpu_num']),
      '2.1.load_one': expect.closeTo(Number(last['cpu_load_one']), 3),
      '2.1.mem_total': Number(last['mem_total']),
      '2.1.disk_free': Number(last['disk_free']),
      '2.1.part_max_used': expect.closeTo(Number(last['disk_partition_max_used']), 2),
      '2.1.cpu_user': expect.closeTo((100 * growth('cpu_user')) / processor, 6),
      '2.1.cpu_utilization': expect.closeTo(100 - (100 * growth('cpu_idle')) / processor, 6),
    });
  });

  it('joins the host to its interface', async () => {
    const { client } = replays.get('hsflowd')!;
    expect(await client.json('table/ALL/ifname,host_name/json')).toMatchObject([
      [
        { dataSource: '16', metricValue: 'hv1' },
        { dataSource: '2.1', metricValue: 'vm' },
      ],
    ]);
  });
});

describe('/flows', () => {
  /** Records close at most this long after the last sample: activeTimeout, and a sweep every ten seconds. */
  const CLOSED_WITHIN_MS = 25_000;

  it.each(CAPTURES)('of %s.pcap add up to the totals exactly', async (name) => {
    const replay = replays.get(name)!;
    for (const flow of Object.keys(FLOWS)) {
      const expected = replay.flows(flow).map(({ agent, dataSource, key, ...totals }) => ({
        place: `${agent}/${dataSource} ${key}`,
        ...totals,
      }));
      let logged = new Map<string, number[]>();
      await expect
        .poll(
          async () => {
            logged = new Map();
            for (const record of await replay.client.loggedFlows(`name=${flow}&maxFlows=10000`)) {
              const place = `${record.agent}/${record.dataSource} ${record.flowKeys}`;
              const before = logged.get(place) ?? [0, 0];
              logged.set(place, [before[0] + record.value, before[1] + (record.values?.[0] ?? 0)]);
              expect(record.end).toBeGreaterThanOrEqual(record.start);
            }
            return [...logged.keys()].sort();
          },
          { timeout: CLOSED_WITHIN_MS, interval: 500 },
        )
        .toEqual(expected.map(({ place }) => place).sort());
      for (const { place, bytes, frames } of expected) {
        expectWithin(logged.get(place)?.[0], bytes, 1e-9, `bytes of ${place}`);
        expectWithin(logged.get(place)?.[1], frames, 1e-9, `frames of ${place}`);
      }
    }
  });

  it('has a flow that got no more samples, told to who waited', async () => {
    expect(await loggedInSilence).toMatchObject([{ flowID: 0, flowKeys: '10.0.0.1', value: 100_000 }]);
  });

  it('waits for the next record, answers as soon as it is there, or with nothing when the time is over', async () => {
    const { weir, url, sflowPort } = await WeirProcess.serve();
    const client = new RestClient(url);
    const sender = await UdpSender.open(sflowPort);
    try {
      await client.defineFlow('seen', { keys: 'ipsource', value: 'bytes', log: true, flowStart: true });
      const agent = new SyntheticAgent('192.0.2.1');
      const sendFrom = (source: string): Promise<void> =>
        sender.send([
          agent.datagram([
            agent.flow([tcpHeader({ source, destination: '10.0.0.2' }, { frameLength: 500 })]),
          ]),
        ]);

      const first = client.loggedFlows('name=seen&flowID=-1&timeout=20');
      await sendFrom('10.0.0.1');
      expect(await first).toMatchObject([{ flowID: 0, name: 'seen', flowKeys: '10.0.0.1', value: 50_000 }]);

      let answered = false;
      const second = client.loggedFlows('name=seen&flowID=0&timeout=20').finally(() => {
        answered = true;
      });
      await sendFrom('10.0.0.1');
      await sleep(300);
      expect(answered).toBe(false);
      const sent = performance.now();
      await sendFrom('10.0.0.3');
      expect(await second).toMatchObject([
        { flowID: 1, agent: '192.0.2.1', dataSource: '1', flowKeys: '10.0.0.3' },
      ]);
      expect(performance.now() - sent).toBeLessThan(200);

      const asked = performance.now();
      expect(await client.loggedFlows('name=seen&flowID=1&timeout=1')).toEqual([]);
      expect(performance.now() - asked).toBeGreaterThanOrEqual(950);
      expect(await client.loggedFlows('name=other')).toEqual([]);
    } finally {
      sender.close();
      await weir.end();
    }
  });
});

/** Sends one sample of a flow with a log, and nothing more; resolves to the answer of a client who waits for its record. */
async function logOneSample(): Promise<LoggedFlow[]> {
  const { weir, url, sflowPort } = await WeirProcess.serve();
  const sender = await UdpSender.open(sflowPort);
  try {
    const client = new RestClient(url);
    await client.defineFlow('once', { keys: 'ipsource', value: 'bytes', log: true, activeTimeout: 10 });
    const agent = new SyntheticAgent('192.0.2.1');
    const waiting = client.loggedFlows('name=once&flowID=-1&timeout=30');
    await sender.send([
      agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
    ]);
    return await waiting;
  } finally {
    sender.close();
    await weir.end();
  }
}

/** Counters, by the metric that is their rate. */
const OCTETS: Readonly<Record<string, string>> = {
  ifinoctets: 'ifInOctets',
  ifoutoctets: 'ifOutOctets',
  ifinucastpkts: 'ifInUcastPkts',
  ifoutucastpkts: 'ifOutUcastPkts',
};

/** Metric values by `agent/dataSource`. */
function byPlace(cells: readonly Metric[]): Map<string, Map<string, number | string>> {
  const places = new Map<string, Map<string, number | string>>();
  for (const { agent, dataSource, metricName, metricValue } of cells) {
    const place = `${agent}/${dataSource}`;
    const metrics = places.get(place) ?? new Map<string, number | string>();
    places.set(place, metrics);
    if (metricValue !== undefined) metrics.set(metricName, metricValue);
  }
  return places;
}

/** @param tolerance relative */
function expectWithin(
  value: number | undefined,
  wanted: number | undefined,
  tolerance: number,
  what: string,
) {
  expect(value, what).toBeTypeOf('number');
  expect(Math.abs(value! - wanted!), `${what}: ${value}, not ${wanted}`).toBeLessThanOrEqual(
    Math.abs(wanted!) * tolerance,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
