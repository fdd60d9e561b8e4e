import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/load/random.ts';
import { counterSample, discardSample, ifCounters, record, type Sample } from '../../src/sflow/index.ts';
import { captureDatagrams } from '../support/captures.ts';
import { type Analyzer, RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/* Whatever comes in by UDP is counted by what is wrong with it, harms nothing else, and the process goes on answering. */

/** Byte offsets in a version 5 datagram of an IPv4 agent whose first sample is a compact flow sample of one record. */
const AT = {
  version: 0,
  addressType: 4,
  sampleCount: 24,
  sampleFormat: 28,
  sampleLength: 32,
  recordCount: 64,
  recordLength: 72,
  headerLength: 88,
} as const;

let weir: WeirProcess;
let client: RestClient;
let sender: UdpSender;
let sent = 0;

beforeAll(async () => {
  const serving = await WeirProcess.serve();
  ({ weir } = serving);
  client = new RestClient(serving.url);
  sender = await UdpSender.open(serving.sflowPort);
  await client.defineFlow('sources', { keys: 'ipsource', value: 'bytes', t: 600 });
});

afterEach(async () => {
  expect(weir.child.exitCode).toBeNull();
  expect(await client.text('version')).toMatch(/^\d/);
});

afterAll(async () => {
  sender.close();
  const { code } = await weir.end();
  expect(code).toBe(0);
});

/** By how much counters have grown; those that have not are left out. */
interface Growth {
  readonly [counter: string]: unknown;
  readonly errors: Readonly<Record<string, number>>;
  readonly unknown: Readonly<Record<string, number>>;
}

async function growthBy(...payloads: Uint8Array[]): Promise<Growth> {
  const before = await client.analyzer();
  await sender.send(payloads);
  sent += payloads.length;
  const after = await client.untilReceived(sent);
  return {
    ...grown(receiveCounters(before), receiveCounters(after)),
    errors: grown(before.sFlowErrors, after.sFlowErrors),
    unknown: grown(before.sFlowUnknownStructures, after.sFlowUnknownStructures),
  };
}

type Counts = Readonly<Record<string, number>>;

function receiveCounters(analyzer: Analyzer): Counts {
  const numbers = Object.entries(analyzer).filter(
    ([name, value]) => typeof value === 'number' && name.startsWith('sFlow') && name !== 'sFlowBytesReceived',
  );
  return Object.fromEntries(numbers);
}

function grown(before: Counts, after: Counts): Record<string, number> {
  const growth = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(growth.filter(([, by]) => by !== 0));
}

/** Sources of flows of one agent, largest first. */
async function sourcesOf(agent: string): Promise<string[]> {
  return (await client.activeFlows('sources', '', agent)).map(({ key }) => key);
}

/** With these big-endian words at these offsets. */
function patched(payload: Uint8Array, words: Readonly<Record<number, number>>): Uint8Array {
  const copy = payload.slice();
  const view = new DataView(copy.buffer);
  for (const [at, word] of Object.entries(words)) view.setUint32(Number(at), word);
  return copy;
}

function packetFrom(source: string) {
  return [tcpHeader({ source, destination: '10.255.0.1' })];
}

/** A datagram with one flow sample, by a new agent. */
function oneSample(address: string, source = '10.1.0.1'): Uint8Array {
  const agent = new SyntheticAgent(address);
  return agent.datagram([agent.flow(packetFrom(source))]);
}

describe('a damaged header', () => {
  it('empty and short datagrams are parse errors', async () => {
    const whole = oneSample('192.0.2.1');
    const cut = [0, 1, 4, 7, 8, 12, 27].map((length) => whole.subarray(0, length));
    expect(await growthBy(...cut)).toEqual({
      sFlowDatagramsReceived: cut.length,
      sFlowParseErrors: cut.length,
      errors: { shortHeader: cut.length },
      unknown: {},
    });
    expect(Object.keys(await client.agents())).not.toContain('192.0.2.1');
  });

  it.each([0, 1, 3, 6, 0x05000000, 0xffffffff])('version %i is counted as unsupported', async (version) => {
    expect(await growthBy(patched(oneSample('192.0.2.2'), { [AT.version]: version }))).toEqual({
      sFlowDatagramsReceived: 1,
      sFlowUnsupportedVersion: 1,
      errors: {},
      unknown: {},
    });
  });

  it.each([0, 3, 0xffffffff])('agent address type %i is a parse error', async (type) => {
    expect(await growthBy(patched(oneSample('192.0.2.3'), { [AT.addressType]: type }))).toEqual({
      sFlowDatagramsReceived: 1,
      sFlowParseErrors: 1,
      errors: { badAddress: 1 },
      unknown: {},
    });
  });

  it('2048 bytes are taken, more are too large and not looked at', async () => {
    const whole = oneSample('192.0.2.4');
    const padded = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      bytes.set(whole);
      return bytes;
    };
    expect(await growthBy(padded(2048))).toMatchObject({ sFlowDatagramsReceived: 1, sFlowFlowSamples: 1 });
    expect(await growthBy(padded(2049), padded(9000), padded(65_000))).toEqual({
      sFlowDatagramsTooLarge: 3,
      errors: {},
      unknown: {},
    });
    expect(await client.agents()).toMatchObject({ '192.0.2.4': { sFlowDatagramsReceived: 1 } });
  });
});

describe('lengths and counts beyond what is there', () => {
  /** A whole flow sample, and then one that `words` spoil; offsets are those of AT, in the second. */
  function wholeThenSpoilt(address: string, words: Readonly<Record<number, number>>): Uint8Array {
    const agent = new SyntheticAgent(address);
    const samples = [agent.flow(packetFrom('10.2.0.1')), agent.flow(packetFrom('10.2.0.2'))];
    const payload = agent.datagram(samples);
    const second = agent.datagram(samples.slice(1)).length - AT.sampleFormat;
    const shift = payload.length - second - AT.sampleFormat;
    return patched(
      payload,
      Object.fromEntries(Object.entries(words).map(([at, word]) => [+at + shift, word])),
    );
  }

  let agents = 0;
  const nextAddress = (): string => `192.0.3.${++agents}`;

  it.each([
    ['a sample one byte longer than the datagram', AT.sampleLength, 127, 'sampleLength'],
    ['a sample of 4 GB', AT.sampleLength, 0xffffffff, 'sampleLength'],
    ['a sample of 2 GB', AT.sampleLength, 0x80000000, 'sampleLength'],
    ['a sample without its fixed part', AT.sampleLength, 31, 'sampleShort'],
    ['an empty sample', AT.sampleLength, 0, 'sampleShort'],
  ])('%s: what stood before it counts', async (_, at, word, fault) => {
    const address = nextAddress();
    expect(await growthBy(wholeThenSpoilt(address, { [at]: word }))).toMatchObject({
      sFlowDatagramsReceived: 1,
      sFlowParseErrors: 1,
      sFlowFlowSamples: 1,
      errors: { [fault]: 1 },
    });
    expect(await sourcesOf(address)).toEqual(['10.2.0.1']);
  });

  it.each([
    ['a record of 4 GB', AT.recordLength, 0xffffffff],
    ['a record one word longer than its sample', AT.recordLength, 76],
    ['4 billion records', AT.recordCount, 0xffffffff],
  ])('%s', async (_, at, word) => {
    const address = nextAddress();
    expect(await growthBy(wholeThenSpoilt(address, { [at]: word }))).toMatchObject({
      sFlowParseErrors: 1,
      sFlowFlowSamples: 2,
      errors: { recordLength: 1 },
    });
    expect(await sourcesOf(address)).toContain('10.2.0.1');
  });

  it('4 billion samples', async () => {
    expect(await growthBy(patched(oneSample('192.0.5.1'), { [AT.sampleCount]: 0xffffffff }))).toEqual({
      sFlowAgents: 1,
      sFlowDataSources: 1,
      sFlowDatagramsReceived: 1,
      sFlowFlowSamples: 1,
      sFlowParseErrors: 1,
      errors: { sampleCount: 1 },
      unknown: {},
    });
    expect(await sourcesOf('192.0.5.1')).toEqual(['10.1.0.1']);
  });

  it('fewer samples announced than there are: the others are ignored, and nothing is wrong', async () => {
    const payload = wholeThenSpoilt('192.0.5.2', {});
    expect(await growthBy(patched(payload, { [AT.sampleCount]: 1 }))).toMatchObject({
      sFlowFlowSamples: 1,
      errors: {},
    });
  });

  it('a sampled header that claims 4 GB is cut to what is there, and named', async () => {
    const growth = await growthBy(patched(oneSample('192.0.5.3'), { [AT.headerLength]: 0xffffffff }));
    expect(growth).toMatchObject({ sFlowFlowSamples: 1, errors: { 'record too short 0:1': 1 } });
    expect(await sourcesOf('192.0.5.3')).toEqual(['10.1.0.1']);
  });

  it('counter records that are cut short, and texts of 4 GB, are named by their structure', async () => {
    const agent = new SyntheticAgent('192.0.5.4');
    const name = record('port_name', { name: 'eth0' });
    const whole = agent.datagram([agent.counters([name])]);
    // The record begins 24 bytes before the end: format, length, length of the text, the text.
    const longText = patched(agent.datagram([agent.counters([name])]), { [whole.length - 8]: 0xffffffff });
    const short = agent.datagram([
      agent.counters([{ enterprise: 0, format: 1, bytes: new Uint8Array(40) }]),
      agent.counters([name]),
    ]);
    expect(await growthBy(whole, longText, short)).toMatchObject({
      sFlowCounterSamples: 4,
      errors: { 'record too short 0:1005': 1, 'record too short 0:1': 1 },
      unknown: {},
    });
    expect(await client.dump('ifname', '192.0.5.4')).toMatchObject([{ metricValue: 'eth0' }]);
  });

  it('custom metrics and flows (4300:1002, 4300:1003) that are cut short are named', async () => {
    const custom = (format: number): Sample => ({
      kind: 'unknown',
      enterprise: 4300,
      format,
      bytes: Uint8Array.of(0, 0, 0, 99, 1, 2, 3, 4),
    });
    const agent = new SyntheticAgent('192.0.5.5');
    expect(await growthBy(agent.datagram([custom(1002), custom(1003)]))).toMatchObject({
      sFlowParseErrors: 2,
      errors: { rtmetric: 1, rtflow: 1 },
    });
  });
});

describe('structures nobody knows', () => {
  it('are skipped by their length and counted by enterprise:format', async () => {
    const agent = new SyntheticAgent('192.0.6.1');
    const bytes = new Uint8Array(20);
    const samples: Sample[] = [
      { kind: 'unknown', enterprise: 0, format: 99, bytes },
      { kind: 'unknown', enterprise: 9999, format: 4095, bytes },
      agent.flow([{ enterprise: 8888, format: 7, bytes }, ...packetFrom('10.3.0.1')]),
      agent.flow([{ enterprise: 8888, format: 7, bytes }, ...packetFrom('10.3.0.1')]),
      agent.counters([{ enterprise: 0, format: 777, bytes }, record('port_name', { name: 'eth1' })]),
    ];
    expect(await growthBy(agent.datagram(samples))).toMatchObject({
      sFlowFlowSamples: 2,
      sFlowCounterSamples: 1,
      errors: {},
      unknown: { 'sample 0:99': 1, 'sample 9999:4095': 1, 'record 8888:7': 2, 'record 0:777': 1 },
    });
    expect(await sourcesOf('192.0.6.1')).toEqual(['10.3.0.1']);
    expect(await client.dump('ifname', '192.0.6.1')).toMatchObject([{ metricValue: 'eth1' }]);
  });

  it('do not fill the memory with their names', async () => {
    const agent = new SyntheticAgent('192.0.6.2');
    const payloads = Array.from({ length: 100 }, (_, i) =>
      agent.datagram(
        Array.from({ length: 60 }, (_, j) => {
          const format = i * 60 + j;
          return {
            kind: 'unknown',
            enterprise: 70_000 + format,
            format: format & 0xfff,
            bytes: new Uint8Array(0),
          };
        }),
      ),
    );
    const { unknown } = await growthBy(...payloads);
    expect(Object.keys(unknown).length).toBeLessThanOrEqual(1001);
    expect(Object.values(unknown).reduce((sum, n) => sum + n)).toBe(6000);
  });
});

describe('odd values', () => {
  it('a sampling rate of 0 contributes nothing, and is a number all the same', async () => {
    const agent = new SyntheticAgent('192.0.7.1');
    const zero = { samplingRate: 0, samplePool: 0 };
    const payloads = [1, 2, 3].map(() => agent.datagram([agent.flow(packetFrom('10.4.0.1'), zero)]));
    await growthBy(...payloads);
    expect(await client.activeFlows('sources', '', '192.0.7.1')).toMatchObject([
      { key: '10.4.0.1', value: 0 },
    ]);
  });

  it('custom flows with the largest numbers there are leave every value finite', async () => {
    await client.defineFlow('custom', { keys: 'user', value: 'cost' });
    const agent = new SyntheticAgent('192.0.7.2');
    const samples: Sample[] = [
      Number.MAX_VALUE,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      -Number.MAX_VALUE,
      5,
    ].map((value, i) => ({
      kind: 'rtflow',
      dataSource: 'app',
      samplingRate: 0xffffffff,
      reserved: 0,
      fields: [
        { name: 'user', type: 0, value: `user${i}` },
        { name: 'cost', type: 7, value },
      ],
    }));
    await growthBy(agent.datagram(samples), agent.datagram(samples));
    const flows = await client.activeFlows('custom');
    expect(flows).toHaveLength(5);
    for (const { value } of flows) expect(value).toBeTypeOf('number');
  });

  it('an IPv6 agent is known by its canonical address, however it is asked for', async () => {
    const agent = new SyntheticAgent('2001:db8:0:0::7');
    const speed = { ifIndex: 1, ifSpeed: 25_000_000_000n };
    await growthBy(
      agent.datagram([agent.flow(packetFrom('10.5.0.1')), agent.counters([ifCounters(speed)])]),
      agent.datagram(),
    );
    expect(await client.agents()).toMatchObject({ '2001:db8::7': { sFlowDatagramsReceived: 2 } });
    for (const written of ['2001:db8::7', '2001:0DB8:0000:0000:0000:0000:0000:0007']) {
      expect(await sourcesOf(written)).toEqual(['10.5.0.1']);
      expect(await client.dump('ifspeed', written)).toMatchObject([
        { agent: '2001:db8::7', metricValue: 25_000_000_000 },
      ]);
      expect(Object.keys(await client.json(`agents/json?agent=${written}`))).toEqual(['2001:db8::7']);
    }
  });

  it('counters of 32 and 64 bits wrap, and a counter set back gives rate 0', async () => {
    const agent = new SyntheticAgent('192.0.7.3');
    const payload = (given: Record<string, number | bigint>): Uint8Array =>
      agent.datagram([agent.counters([ifCounters(given)])]);
    await growthBy(
      payload({
        ifInOctets: 2n ** 64n - 2000n,
        ifInUcastPkts: 2 ** 32 - 200,
        ifOutOctets: 10_000n,
        ifInErrors: 50,
      }),
    );
    await sleep(100);
    await growthBy(payload({ ifInOctets: 3000n, ifInUcastPkts: 300, ifOutOctets: 500n, ifInErrors: 100 }));
    const cells = await client.dump('ifinoctets,ifinucastpkts,ifoutoctets,ifinerrors', '192.0.7.3');
    const rate = (name: string) => Number(cells.find(({ metricName }) => metricName === name)?.metricValue);
    // 5000 bytes, 500 packets and 50 errors in the same time.
    expect(rate('ifinoctets')).toBeGreaterThan(0);
    expect(rate('ifinoctets') / rate('ifinucastpkts')).toBeCloseTo(10, 9);
    expect(rate('ifinucastpkts') / rate('ifinerrors')).toBeCloseTo(10, 9);
    expect(rate('ifoutoctets')).toBe(0);
  });
});

describe('sequences', () => {
  const at = (address: string, sequenceNumber: number, source: string, subAgentId = 0): Uint8Array => {
    const agent = new SyntheticAgent(address, subAgentId);
    const sourceId = subAgentId + 1;
    const pool = (sequenceNumber * 100) % 2 ** 32;
    return agent.datagram([agent.flow(packetFrom(source), { sequenceNumber, samplePool: pool, sourceId })], {
      sequenceNumber,
    });
  };

  it('gaps are losses, repeats and strays are discarded, the third stray in a row restarts', async () => {
    const address = '192.0.8.1';
    expect(
      await growthBy(
        at(address, 100, '10.6.0.1'),
        at(address, 104, '10.6.0.1'), // 3 lost
        at(address, 104, '10.6.0.2'), // repeat
        at(address, 90, '10.6.0.2'), // stray
        at(address, 105, '10.6.0.1'),
      ),
    ).toMatchObject({ sFlowDatagramsLost: 3, sFlowSamplesLost: 3, sFlowDatagramsDiscarded: 2 });
    expect(await sourcesOf(address)).toEqual(['10.6.0.1']);
    await growthBy(
      at(address, 7000, '10.6.0.3'),
      at(address, 7001, '10.6.0.3'),
      at(address, 7002, '10.6.0.4'),
    );
    expect(await sourcesOf(address)).toEqual(['10.6.0.4']);
    expect(await client.agents()).toMatchObject({
      [address]: {
        sFlowDatagramsReceived: 8,
        sFlowDatagramsLost: 3,
        sFlowDatagramsDuplicates: 1,
        sFlowDatagramsOutOfOrder: 4,
        sFlowFlowLostSamples: 0, // counts anew since the restart
      },
    });
  });

  it('number 1 is an agent that was restarted, number 0 after 4294967295 is not', async () => {
    await growthBy(at('192.0.8.2', 500, '10.6.1.1'), at('192.0.8.2', 1, '10.6.1.2'));
    expect(await sourcesOf('192.0.8.2')).toEqual(['10.6.1.2']);
    await growthBy(at('192.0.8.3', 0xffffffff, '10.6.2.1'), at('192.0.8.3', 0, '10.6.2.2'));
    expect(await sourcesOf('192.0.8.3')).toHaveLength(2);
    expect(await client.agents()).toMatchObject({
      '192.0.8.2': { sFlowDatagramsOutOfOrder: 1 },
      '192.0.8.3': { sFlowDatagramsOutOfOrder: 0, sFlowDatagramsLost: 0 },
    });
  });

  it('two sub-agents of one address share the agent and need no common sequence', async () => {
    const address = '192.0.8.4';
    const growth = await growthBy(
      ...[10, 11, 12].flatMap((i) => [at(address, i, '10.6.3.1'), at(address, i + 90_000, '10.6.3.2', 1)]),
    );
    expect(growth).toMatchObject({ sFlowAgents: 1, sFlowDataSources: 2, sFlowFlowSamples: 6 });
    expect(growth).not.toHaveProperty('sFlowDatagramsDiscarded');
    expect(await sourcesOf(address)).toHaveLength(2);
    expect(await client.agents()).toMatchObject({
      [address]: { sFlowDatagramsReceived: 6, sFlowDatagramsOutOfOrder: 0, sFlowFlowDatasources: 2 },
    });
  });
});

/** Before version 5 nothing told what was stripped. */
function legacyPacket(source: string) {
  return [tcpHeader({ source, destination: '10.255.0.1' }, { stripped: 0 })];
}

describe.each([2, 4] as const)('version %i', (version) => {
  it('is taken like version 5', async () => {
    const agent = new SyntheticAgent(`192.0.9.${version}`);
    const payload = (octets: bigint): Uint8Array =>
      agent.datagram(
        [
          agent.flow(legacyPacket('10.7.0.1')),
          {
            ...counterSample({
              sequenceNumber: agent.next('counter'),
              records: [ifCounters({ ifInOctets: octets })],
            }),
            legacy: { samplingInterval: 20, countersVersion: 1 },
          },
        ],
        { version },
      );
    await growthBy(payload(1000n));
    await sleep(20);
    expect(await growthBy(payload(9000n))).toEqual({
      sFlowDatagramsReceived: 1,
      sFlowFlowSamples: 1,
      sFlowCounterSamples: 1,
      errors: {},
      unknown: {},
    });
    const [flow] = await client.activeFlows('sources', '', agent.address);
    expect(flow).toMatchObject({ key: '10.7.0.1', agent: agent.address });
    expect(flow.value * 600).toBeCloseTo(200_000, -4);
    const [cell] = await client.dump('ifinoctets', agent.address);
    expect(cell.metricValue).toBeGreaterThan(0);
  });

  it('cut short or spoilt is a parse error of that version', async () => {
    const agent = new SyntheticAgent(`192.0.9.1${version}`);
    const whole = agent.datagram([agent.flow(legacyPacket('10.7.0.2'))], { version });
    const growth = await growthBy(
      whole.subarray(0, 10),
      whole.subarray(0, whole.length - 30),
      patched(whole, { 20: 0xffffffff }), // as many samples
    );
    expect(growth).toMatchObject({
      sFlowDatagramsReceived: 3,
      sFlowParseErrors: 3,
      errors: { [`version ${version}`]: 3 },
    });
  });
});

it('discarded packets with unknown reasons and empty records', async () => {
  await client.defineFlow('discards', { keys: 'reason', value: 'frames', dropped: true });
  const agent = new SyntheticAgent('192.0.10.1');
  const samples = [1, 999_999].map((reason, i) =>
    discardSample({ sequenceNumber: i + 1, reason, drops: 0xffffffff, records: packetFrom('10.8.0.1') }),
  );
  samples.push(discardSample({ sequenceNumber: 3, records: [] }));
  expect(await growthBy(agent.datagram(samples))).toMatchObject({ sFlowDiscardSamples: 3, errors: {} });
  const keys = (await client.activeFlows('discards')).map(({ key }) => key).sort();
  expect(keys).toEqual(['host_unreachable', 'unknown_code_999999']);
});

it('captured datagrams with random damage: every one is received, none stops anything', async () => {
  const random = new Random(2);
  const whole = captureDatagrams('mininet-tree').map(({ payload }) => payload);
  const damaged = Array.from({ length: 20_000 }, (_, i) => {
    const payload = whole[i % whole.length].slice(0, random.between(1, 2000));
    for (let n = random.between(1, 8); n > 0; n--) {
      const value = [0, 0x7f, 0x80, 0xff, random.below(256)][random.below(5)];
      // The version stays, so that the damage is met further inside.
      if (payload.length > 4) payload[random.between(4, payload.length - 1)] = value;
    }
    return payload;
  });
  await sender.send(damaged, 20_000);
  sent += damaged.length;
  const { sFlowErrors, sFlowParseErrors } = await client.untilReceived(sent);
  expect(sFlowParseErrors).toBeGreaterThan(1000);
  for (const fault of ['sampleLength', 'recordLength', 'sampleCount', 'badAddress'])
    expect(sFlowErrors[fault], fault).toBeGreaterThan(10);
  expect(await growthBy(oneSample('192.0.11.1', '10.9.0.1'))).toMatchObject({ sFlowFlowSamples: 1 });
  expect(await sourcesOf('192.0.11.1')).toEqual(['10.9.0.1']);
});

it('each kind of fault is in the log once', async () => {
  const told = (): string[] =>
    weir.error
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { level: number; msg: string })
      .filter(({ level }) => level >= 40)
      .map(({ msg }) => msg.replace(/\d+/, 'N'));
  await expect
    .poll(told, { timeout: 15_000, interval: 200 })
    .toEqual(
      expect.arrayContaining([
        expect.stringContaining('sampleLength'),
        expect.stringContaining('record too short 0:1'),
        expect.stringContaining('longer than 2048 bytes'),
        expect.stringContaining('no sFlow version'),
        expect.stringContaining('not known'),
      ]),
    );
  expect(told().length).toBeLessThan(40);
  expect(new Set(told()).size).toBe(told().length);
  expect(told().filter((line) => line.includes('internal'))).toEqual([]);
});
