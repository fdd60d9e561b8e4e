import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Datagram, decodeDatagram, ifCounters, record, type Sample } from '../../src/sflow/index.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpCollector } from '../support/udp-collector.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/* rest-api 12: a tenant's collector gets the samples of its interfaces and hosts, and no others. */

const TOPOLOGY = {
  nodes: {
    leaf1: { agent: '10.0.0.1', ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
    spine: { agent: '10.0.0.9', ports: { swp1: { ifindex: '1' } } },
  },
  links: { L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine', port2: 'swp1' } },
};
const [LINK_PORT, EDGE_PORT] = [1, 2];

function decoded(payload: Uint8Array): Datagram {
  const { datagram, error } = decodeDatagram(payload);
  if (datagram === undefined || error !== undefined) throw new Error(`not sFlow: ${error}`);
  return datagram;
}

describe.each(['recvmmsg', 'dgram'])('12 tenants, receiver %s', (receiver) => {
  let weir: WeirProcess;
  let url: string;
  let port: number;
  let sender: UdpSender;
  let agent: SyntheticAgent;
  const collectors: UdpCollector[] = [];

  beforeAll(async () => {
    const serving = await WeirProcess.serve(`-Dengine.receiver=${receiver}`, '-Dstore.persist=no');
    ({ weir, url, sflowPort: port } = serving);
    sender = await UdpSender.open(port);
    agent = new SyntheticAgent('10.0.0.1');
    const set = await fetch(`${url}topology/json`, { method: 'PUT', body: JSON.stringify(TOPOLOGY) });
    expect(set.status).toBe(204);
  });
  afterAll(async () => {
    sender.close();
    await weir.end();
  });
  beforeEach(async () => {
    for (const name of Object.keys(await counts())) await remove(name);
  });
  afterEach(() => {
    for (const collector of collectors.splice(0)) collector.close();
  });

  const put = (name: string, body: unknown): Promise<Response> =>
    fetch(`${url}tenant/${name}/json`, { method: 'PUT', body: JSON.stringify(body) });
  const remove = (name: string): Promise<Response> =>
    fetch(`${url}tenant/${name}/json`, { method: 'DELETE' });
  const counts = (): Promise<Record<string, number>> => new RestClient(url).json('tenant/json');

  async function tenant(name: string, filters: unknown): Promise<UdpCollector> {
    const collector = await UdpCollector.open();
    collectors.push(collector);
    const body = { collectorAddress: 'localhost', collectorPort: collector.port, filters };
    const { status, headers } = await put(name, body);
    expect([status, headers.get('weir-error')]).toEqual([204, null]);
    return collector;
  }

  const flow = (source: string, destination: string, sourceId: number): Sample =>
    agent.flow([tcpHeader({ source, destination })], { sourceId });
  const counters = (ifIndex: number, name: string): Sample =>
    agent.counters([ifCounters({ ifIndex }), record('port_name', { name })], { sourceId: ifIndex });

  it('flow samples by address, of the edge, each in a datagram of its own', async () => {
    const collector = await tenant('blue', { cidr: ['10.1.0.0/16'] });
    for (let i = 0; i < 3; i++) {
      await sender.send([
        agent.datagram([
          flow('10.1.0.1', '192.0.2.1', EDGE_PORT),
          flow('10.2.0.1', '192.0.2.1', EDGE_PORT),
          flow('10.1.0.1', '192.0.2.1', LINK_PORT),
          flow('192.0.2.1', '10.1.0.1', EDGE_PORT),
          counters(EDGE_PORT, 'swp2'),
        ]),
      ]);
    }
    const got = (await collector.until(6)).map(({ payload }) => decoded(payload));
    expect(got.map(({ agentAddress, sequenceNumber }) => [agentAddress, sequenceNumber])).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => ['10.0.0.1', n]),
    );
    expect(got.flatMap(({ samples }) => samples)).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) =>
        expect.objectContaining({
          kind: 'flow',
          sourceId: { class: 0, index: EDGE_PORT },
          sequenceNumber: n,
          samplingRate: 100,
          samplePool: 100 * n,
        }),
      ),
    );
    expect(new Set(collector.got.map((each) => each.port))).toEqual(new Set([port]));
    await sleep(50);
    expect(collector.got.length).toBe(6);
    expect(await counts()).toEqual({ blue: 6 });
  });

  it('counter samples by interface, and several tenants apart from each other', async () => {
    const byIndex = await tenant('index', { ifindex: [`10.0.0.1_${LINK_PORT}`] });
    const byName = await tenant('name', { ifname: ['10.0.0.1_swp2'] });
    const byMac = await tenant('mac', { mac: ['000C29AABBCC'] });
    for (let i = 0; i < 2; i++) {
      await sender.send([
        agent.datagram([
          counters(LINK_PORT, 'swp1'),
          counters(EDGE_PORT, 'swp2'),
          flow('10.9.0.1', '10.9.0.2', EDGE_PORT),
        ]),
      ]);
    }
    const sources = async (collector: UdpCollector): Promise<unknown[]> =>
      (await collector.until(2)).map(({ payload }) => {
        const { samples } = decoded(payload);
        expect(samples.length).toBe(1);
        const [sample] = samples;
        if (sample.kind !== 'flow' && sample.kind !== 'counter') throw new Error(sample.kind);
        return [sample.kind, sample.sourceId.index, sample.sequenceNumber];
      });
    expect(await sources(byIndex)).toEqual([
      ['counter', LINK_PORT, 0],
      ['counter', LINK_PORT, 1],
    ]);
    expect(await sources(byName)).toEqual([
      ['counter', EDGE_PORT, 0],
      ['counter', EDGE_PORT, 1],
    ]);
    expect(await sources(byMac)).toEqual([
      ['flow', EDGE_PORT, 0],
      ['flow', EDGE_PORT, 1],
    ]);
    expect(await counts()).toEqual({ index: 2, name: 2, mac: 2 });
  });

  it('what a tenant gets, another collector understands as it is', async () => {
    const other = await WeirProcess.serve('-Dstore.persist=no');
    try {
      const client = new RestClient(other.url);
      await client.defineFlow('pairs', { keys: 'ipsource,ipdestination', value: 'bytes', t: 600 });
      const body = { collectorAddress: '127.0.0.1', collectorPort: other.sflowPort };
      expect((await put('own', { ...body, filters: { cidr: ['10.5.0.0/24'] } })).status).toBe(204);
      for (let i = 0; i < 20; i++)
        await sender.send([
          agent.datagram([flow('10.5.0.1', '10.6.0.1', EDGE_PORT), flow('10.6.0.1', '10.7.0.1', EDGE_PORT)]),
        ]);
      const analyzer = await client.untilReceived(20);
      expect(analyzer).toMatchObject({
        sFlowParseErrors: 0,
        sFlowDatagramsLost: 0,
        sFlowSamplesLost: 0,
        sFlowAgents: 1,
      });
      expect(await client.activeFlows('pairs')).toEqual([
        expect.objectContaining({
          key: '10.5.0.1,10.6.0.1',
          agent: '10.0.0.1',
          dataSource: String(EDGE_PORT),
        }),
      ]);
    } finally {
      await other.weir.end();
    }
  });

  it('shows the definition and counts; an unknown host is kept, with nothing sent', async () => {
    const filters = { ifindex: ['10.0.0.1_2'], cidr: [] };
    expect((await put('lost', { collectorAddress: 'no-such-host.invalid', filters })).status).toBe(204);
    const echo = await (await fetch(`${url}tenant/lost/json`)).json();
    expect(echo).toEqual({ collectorAddress: 'no-such-host.invalid', collectorPort: 6343, filters });
    expect(await counts()).toEqual({ lost: 0 });
    expect((await remove('lost')).status).toBe(204);
    expect(await counts()).toEqual({});
  });

  it.each([
    { collectorAddress: '127.0.0.1' },
    { collectorAddress: '127.0.0.1', filters: { vlan: ['1'] } },
    { collectorAddress: '127.0.0.1', filters: { cidr: ['10.0.0.0/40'] } },
  ])('400 for %j', async (body) => {
    expect((await put('bad', body)).status).toBe(400);
  });

  it('never to the collector itself', async () => {
    const refused = await put('loop', { collectorAddress: '127.0.0.1', collectorPort: port, filters: {} });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('weir-error')).toMatch(/^TENANT_BAD .*this collector itself/);
  });
});
