import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { captureDatagrams } from '../support/captures.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpCollector } from '../support/udp-collector.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/* rest-api 12: datagrams go in at the sFlow port, and copies come out of it. */

const collectors: UdpCollector[] = [];
async function collect(address?: string): Promise<UdpCollector> {
  const collector = await UdpCollector.open(address);
  collectors.push(collector);
  return collector;
}
afterEach(() => {
  for (const collector of collectors.splice(0)) collector.close();
});

interface ForwardingCounters {
  readonly sent: number;
  readonly failed: number;
  readonly lookupsFailed: number;
}

describe.each(['recvmmsg', 'dgram'])('12 forwarding, receiver %s', (receiver) => {
  let weir: WeirProcess;
  let url: string;
  let port: number;
  let sender: UdpSender;
  beforeAll(async () => {
    const serving = await WeirProcess.serve(`-Dengine.receiver=${receiver}`, '-Dstore.persist=no');
    ({ weir, url, sflowPort: port } = serving);
    expect(serving.receiver).toBe(receiver);
    sender = await UdpSender.open(port);
  });
  afterAll(async () => {
    sender.close();
    await weir.end();
  });
  beforeEach(async () => {
    for (const name of Object.keys(await all())) await fetch(path(name), { method: 'DELETE' });
  });

  const path = (name: string): string => `${url}forwarding/${name}/json`;
  const put = async (name: string, body: unknown): Promise<Response> =>
    fetch(path(name), { method: 'PUT', body: JSON.stringify(body) });
  const all = async (): Promise<Record<string, unknown>> =>
    (await (await fetch(`${url}forwarding/json`)).json()) as Record<string, unknown>;
  const counters = async (name: string): Promise<ForwardingCounters> => {
    const analyzer = await (await fetch(`${url}analyzer/json`)).json();
    return (analyzer as { forwarding: Record<string, ForwardingCounters> }).forwarding[name];
  };

  it('sends every payload on, unchanged, from the sFlow port', async () => {
    const collector = await collect();
    expect((await put('copy.1', { address: '127.0.0.1', port: collector.port })).status).toBe(204);
    const agent = new SyntheticAgent('192.0.2.1');
    const good = agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]);
    const payloads = [
      good,
      good, // a duplicate
      good.subarray(0, 40), // cut in a sample
      Buffer.from('nothing like sFlow'),
      Buffer.alloc(0),
      Buffer.from([0, 0, 0, 9]), // no such version
      Buffer.alloc(2048, 1),
      Buffer.alloc(2100, 2), // more than is looked at
    ];
    await sender.send(payloads);
    const got = await collector.until(payloads.length);
    expect(got.map(({ payload }) => payload.toString('hex'))).toEqual(
      payloads.map((payload) => Buffer.from(payload).toString('hex')),
    );
    expect(new Set(got.map((each) => `${each.address} ${each.port}`))).toEqual(
      new Set([`127.0.0.1 ${port}`]),
    );
    expect(await counters('copy.1')).toEqual({ sent: payloads.length, failed: 0, lookupsFailed: 0 });
  });

  it('with agents only their datagrams; several forwardings each get theirs', async () => {
    const [all, some] = [await collect(), await collect()];
    await put('all', { address: '127.0.0.1', port: String(all.port) });
    await put('some', { address: '127.0.0.1', port: some.port, agents: ['192.0.2.7', '2001:db8::7'] });
    const agents = ['192.0.2.7', '192.0.2.8', '2001:db8::7', '2001:db8::8'].map((a) => new SyntheticAgent(a));
    const payloads = agents.map((agent) => Buffer.from(agent.datagram()));
    await sender.send([...payloads, Buffer.from('no agent')]);
    await all.until(5);
    expect((await some.until(2)).map(({ payload }) => payload)).toEqual([payloads[0], payloads[2]]);
    await sleep(50);
    expect(some.got.length).toBe(2);
  });

  it('a forwarding replaced or removed sends there no more', async () => {
    const [first, second] = [await collect(), await collect()];
    await put('f', { address: '127.0.0.1', port: first.port });
    await sender.send([Buffer.from('one')]);
    await first.until(1);
    await put('f', { address: '127.0.0.1', port: second.port });
    await sender.send([Buffer.from('two')]);
    await second.until(1);
    expect((await fetch(path('f'), { method: 'DELETE' })).status).toBe(204);
    await sender.send([Buffer.from('three')]);
    await sleep(100);
    expect([first.got.length, second.got.length]).toEqual([1, 1]);
    expect(await all()).toEqual({});
    expect(await counters('f')).toBeUndefined();
  });

  it('keeps up with a burst, and takes in all of it', async () => {
    const collector = await collect();
    await put('f', { address: '127.0.0.1', port: collector.port });
    const before = (await new RestClient(url).analyzer()).sFlowDatagramsReceived;
    const agent = new SyntheticAgent('192.0.2.9');
    const payloads = Array.from({ length: 2000 }, () => agent.datagram());
    await sender.send(payloads, 20_000);
    const got = await collector.until(payloads.length);
    expect(got.every(({ payload }, i) => payload.equals(payloads[i]))).toBe(true);
    await new RestClient(url).untilReceived(before + payloads.length);
  });

  it('shows effective values: localhost as its address, an unknown host as it is', async () => {
    const collector = await collect();
    expect((await put('local', { address: 'localhost', port: collector.port })).status).toBe(204);
    expect((await put('lost', { address: 'no-such-host.invalid' })).status).toBe(204);
    expect(await all()).toEqual({
      local: { address: '127.0.0.1', port: collector.port },
      lost: { address: 'no-such-host.invalid', port: 6343 },
    });
    await sender.send([Buffer.from('x')]);
    await collector.until(1);
    expect(await counters('lost')).toEqual({ sent: 0, failed: 0, lookupsFailed: 1 });
    const { length } = collector.got;
    await sleep(50);
    expect(collector.got.length).toBe(length);
  });

  it('never to itself, and not where its socket cannot reach', async () => {
    for (const address of ['127.0.0.1', 'localhost', '0.0.0.0']) {
      const refused = await put('loop', { address, port });
      expect(refused.status).toBe(400);
      expect(refused.headers.get('weir-error')).toContain('this collector itself');
    }
    const six = await put('six', { address: '2001:db8::1' });
    expect(six.status).toBe(400);
    expect(six.headers.get('weir-error')).toContain('does not reach');
    expect(await all()).toEqual({});
  });

  it.each([{}, { address: '127.0.0.1', port: 65536 }, { address: '127.0.0.1', agents: '192.0.2.1' }])(
    '400 for %j',
    async (body) => {
      expect((await put('bad', body)).status).toBe(400);
    },
  );

  it('a destination that refuses harms nobody', async () => {
    const collector = await collect();
    // Broadcasting takes a permission that the socket has not; nobody listens on the closed port.
    await put('broadcast', { address: '255.255.255.255', port: 9 });
    const closed = await UdpCollector.open();
    await put('closed', { address: '127.0.0.1', port: closed.port });
    closed.close();
    await put('f', { address: '127.0.0.1', port: collector.port });
    for (let i = 0; i < 20; i++) {
      await sender.send([Buffer.from(`${i}`)]);
      await sleep(2);
    }
    await collector.until(20);
    expect(await counters('broadcast')).toEqual({ sent: 0, failed: 20, lookupsFailed: 0 });
  });
});

it('12 a collector that is forwarded to answers the same', async () => {
  const [first, second] = await Promise.all([
    WeirProcess.serve('-Dstore.persist=no'),
    WeirProcess.serve('-Dstore.persist=no'),
  ]);
  try {
    const clients = [new RestClient(first.url), new RestClient(second.url)];
    const keys = 'ipsource,ipdestination,tcpsourceport,tcpdestinationport';
    for (const client of clients) await client.defineFlow('tcp', { keys, value: 'bytes', t: 600 });
    const body = JSON.stringify({ address: '127.0.0.1', port: second.sflowPort });
    await fetch(`${first.url}forwarding/f/json`, { method: 'PUT', body });
    const datagrams = captureDatagrams('ovs');
    const sender = await UdpSender.open(first.sflowPort);
    await sender.replay(datagrams, 60);
    sender.close();
    const [one, two] = await Promise.all(
      clients.map(async (client) => {
        await client.untilReceived(datagrams.length);
        return client.activeFlows('tcp');
      }),
    );
    expect(one.length).toBeGreaterThan(0);
    expect(two.map(({ key, agent, dataSource }) => [key, agent, dataSource])).toEqual(
      one.map(({ key, agent, dataSource }) => [key, agent, dataSource]),
    );
    for (const [i, { value }] of one.entries()) expect(two[i].value / value).toBeCloseTo(1, 2);
  } finally {
    await Promise.all([first.weir.end(), second.weir.end()]);
  }
});
