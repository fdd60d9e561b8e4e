import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureDatagrams, capturePath, captureReadings } from '../support/captures.ts';
import { lastCounters } from '../support/expected-counters.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

/* Whichever way datagrams come in, the same becomes of them. */

const RECEIVERS = ['recvmmsg', 'dgram'] as const;
const TCP_FLOW = 'ipsource,ipdestination,tcpsourceport,tcpdestinationport';
/** With this time constant next to nothing decays: the rate times it is the total. */
const LONG_T = 600;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Serving extends ServingWeir {
  readonly client: RestClient;
  readonly sender: UdpSender;
}

async function serve(receiver: string, ...properties: string[]): Promise<Serving> {
  const serving = await WeirProcess.serve(`-Dengine.receiver=${receiver}`, ...properties);
  closers.push(() => serving.weir.end('SIGKILL'));
  const sender = await UdpSender.open(serving.sflowPort);
  closers.push(() => sender.close());
  return { ...serving, sender, client: new RestClient(serving.url) };
}

it('recvmmsg and dgram make the same tables of the same datagrams', async () => {
  const payloads = captureDatagrams('mininet-tree').map(({ payload }) => payload);
  const [blocking, events] = await Promise.all(
    RECEIVERS.map(async (receiver) => {
      const { client, sender, receiver: kind } = await serve(receiver);
      expect(kind).toBe(receiver);
      await client.defineFlow('tcp', { keys: TCP_FLOW, value: 'bytes', values: 'frames', t: LONG_T });
      await sender.send(payloads, 5000);
      const analyzer = await client.untilReceived(payloads.length);
      const flows = await client.activeFlows('tcp', 'aggMode=sum&maxFlows=10000');
      const { sFlowDatagramSource: _, ...agent } = (await client.agents())['127.0.0.1'];
      return {
        counters: [
          analyzer.sFlowDatagramsReceived,
          analyzer.sFlowBytesReceived,
          analyzer.sFlowFlowSamples,
          analyzer.sFlowCounterSamples,
          analyzer.sFlowDataSources,
          analyzer.sFlowParseErrors,
        ],
        agent: { ...agent, firstSeen: 0, lastSeen: 0 },
        totals: new Map(flows.map(({ key, value }) => [key, value * LONG_T])),
        texts: (await client.dump('ALL'))
          .filter(({ metricValue }) => typeof metricValue === 'string')
          .map((cell) => ({ ...cell, lastUpdate: 0 })),
      };
    }),
  );
  expect(events.counters).toEqual(blocking.counters);
  expect(events.agent).toEqual(blocking.agent);
  expect(events.texts).toEqual(blocking.texts);
  expect([...events.totals.keys()].sort()).toEqual([...blocking.totals.keys()].sort());
  for (const [key, total] of blocking.totals)
    expect(Math.abs((events.totals.get(key) ?? 0) / total - 1), key).toBeLessThan(0.01);
});

describe.each(RECEIVERS)('receiver %s', (receiver) => {
  it.each(['127.0.0.1', '::1', ''])('answers at once while idle, bound to "%s"', async (address) => {
    const { client } = await serve(receiver, `-Dsflow.hostname=${address}`);
    await client.agents();
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      await sleep(10);
      const asked = performance.now();
      await client.agents();
      waits.push(performance.now() - asked);
    }
    // A thread that blocks for datagrams until its timeout would need a quarter of a second.
    expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(50);
  });

  it('takes datagrams over IPv4 and IPv6 when no address is given, and names their sources', async () => {
    const { client, sflowPort, sender } = await serve(receiver, '-Dsflow.hostname=');
    const sender6 = await UdpSender.open(sflowPort, '::1');
    closers.push(() => sender6.close());
    const agent = new SyntheticAgent('192.0.2.1');
    await sender.send([agent.datagram()]);
    await client.untilReceived(1);
    await sender6.send([agent.datagram()]);
    await client.untilReceived(2);
    expect((await client.agents())['192.0.2.1'].sFlowDatagramSource).toEqual(['127.0.0.1', '::1']);
  });

  it('tells of a logged flow at once', async () => {
    const { client, sender } = await serve(receiver);
    await client.defineFlow('seen', { keys: 'ipsource', value: 'bytes', log: true, flowStart: true });
    const agent = new SyntheticAgent('192.0.2.1');
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const waiting = client.loggedFlows(`name=seen&flowID=${i - 1}&timeout=10`);
      await sleep(50);
      const payload = agent.datagram([
        agent.flow([tcpHeader({ source: `10.0.0.${i}`, destination: '10.1.0.1' })]),
      ]);
      const sent = performance.now();
      await sender.send([payload]);
      expect(await waiting).toMatchObject([{ flowID: i, flowKeys: `10.0.0.${i}` }]);
      waits.push(performance.now() - sent);
    }
    expect(waits.sort((a, b) => a - b)[5]).toBeLessThan(50);
  });

  it('counts what the kernel dropped while the process did not look, and goes on', async () => {
    const { weir, client, sender } = await serve(receiver, '-Dsflow.buffer=64K');
    const agent = new SyntheticAgent('192.0.2.1');
    const payloads = Array.from({ length: 2000 }, () =>
      agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
    );
    await sender.send([agent.datagram()]);
    await client.untilReceived(1);
    weir.child.kill('SIGSTOP');
    try {
      await sender.send(payloads);
    } finally {
      weir.child.kill('SIGCONT');
    }
    await expect
      .poll(async () => {
        const { sFlowDatagramsReceived, sFlowKernelDrops } = await client.analyzer();
        return sFlowDatagramsReceived + sFlowKernelDrops;
      })
      .toBe(1 + payloads.length);
    expect((await client.analyzer()).sFlowKernelDrops).toBeGreaterThan(payloads.length / 2);
    expect(await client.text('prometheus/analyzer/txt')).toMatch(/^sflow_analyzer_kernel_drops [1-9]\d*$/m);
    const before = await client.analyzer();
    await sender.send([agent.datagram()]);
    await client.untilReceived(before.sFlowDatagramsReceived + 1);
  });

  it('says how large a buffer was asked for and granted', async () => {
    const { client } = await serve(receiver, '-Dsflow.buffer=100000');
    const { receivePath } = await client.analyzer();
    expect(receivePath).toMatchObject({ kind: receiver, address: '127.0.0.1', bufferAsked: 100_000 });
    expect(receivePath.bufferGranted).toBe(100_000);
  });
});

describe('sflow.file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('replays a capture with its pauses instead of listening', async () => {
    const file = join(folder, 'fast.pcap');
    const speed = 20;
    const captured = captureDatagrams('ovs');
    writeFileSync(file, spedUp(readFileSync(capturePath('ovs')), speed));
    const span = (captured[captured.length - 1].timestampMs - captured[0].timestampMs) / speed;

    const serving = await WeirProcess.serve(`-Dsflow.file=${file}`);
    closers.push(() => serving.weir.end('SIGKILL'));
    const began = performance.now();
    const client = new RestClient(serving.url);
    const { receivePath, sFlowDatagramsReceived } = await client.analyzer();
    expect(receivePath).toMatchObject({ kind: 'file', address: file });
    expect(sFlowDatagramsReceived).toBeLessThan(captured.length / 2);
    const analyzer = await client.untilReceived(captured.length);
    // The replay began a little before the start was told.
    expect(performance.now() - began).toBeGreaterThan(span - 1000);
    expect(analyzer).toMatchObject({ sFlowDatagramsReceived: captured.length, sFlowErrors: {} });
    expect(await client.agents()).toMatchObject({
      '127.0.0.1': { sFlowDatagramSource: ['127.0.0.1'], sFlowDatagramsLost: 0 },
    });
    for (const { agent, dataSource, before, last } of lastCounters(captureReadings('ovs'))) {
      if (!('ifIndex' in last)) continue;
      const growth = (field: string): number => Number(last[field]) - Number(before[field]);
      const cells = await client.dump('ifinoctets,ifinucastpkts', agent);
      const rate = (name: string): number =>
        Number(cells.find((cell) => cell.dataSource === dataSource && cell.metricName === name)?.metricValue);
      expect(rate('ifinoctets') * growth('ifInUcastPkts')).toBeCloseTo(
        rate('ifinucastpkts') * growth('ifInOctets'),
        0,
      );
    }
    // The end of the capture is not the end of the program.
    expect(serving.weir.child.exitCode).toBeNull();
    expect((await serving.weir.end()).code).toBe(0);
  });

  it.each([
    ['is not there', undefined],
    ['is no capture', Buffer.from('this is no packet capture at all, but text')],
  ])('ends the start with one clear line when the file %s', async (_, content) => {
    const file = join(folder, 'some.pcap');
    if (content !== undefined) writeFileSync(file, content);
    const weir = new WeirProcess(['serve', '-Dhttp.port=0', `-Dsflow.file=${file}`]);
    closers.push(() => weir.end('SIGKILL'));
    const { code, error } = await weir.finished();
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([expect.stringMatching(/^weir serve: .*some\.pcap: ./)]);
  });
});

/** A pcap file with the same packets in a shorter time. */
function spedUp(file: Buffer, speed: number): Buffer {
  const faster = Buffer.from(file);
  const MICRO = 1_000_000;
  const timeAt = (at: number): number => file.readUInt32LE(at) * MICRO + file.readUInt32LE(at + 4);
  const first = timeAt(24);
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const time = first + Math.round((timeAt(at) - first) / speed);
    faster.writeUInt32LE(Math.floor(time / MICRO), at);
    faster.writeUInt32LE(time % MICRO, at + 4);
  }
  return faster;
}
