import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoggedFlow } from '../../src/engine/index.ts';
import { eth, ip, ip6, tcp, udp } from '../../src/packet/testing/build-packet.ts';
import { sampledHeader } from '../../src/sflow/index.ts';
import { WeirProcess } from '../e2e/weir-process.ts';
import { type DecodedFlow, Nfacctd, Nfcapd, type PmacctFlow } from '../support/ipfix-collectors.ts';
import { requirePeers } from '../support/network-namespace.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';

/*
 * rest-api 4.1, ipfixCollectors: what two real collectors decode must be the flows of Weir's own log. One definition
 * has every key that IPv4 packets have, another those of IPv6; a third has so many flows that they fill several messages.
 */

const KEYS4 =
  'macsource,macdestination,ethernetprotocol,vlan,priority,ipprotocol,ipsource,ipdestination,' +
  'tcpsourceport,tcpdestinationport,inputifindex,outputifindex';
const KEYS6 = 'ip6source,ip6destination,ip6nexthdr,udpsourceport,udpdestinationport,inputifindex';
const KEYS_MANY = 'ipsource,ipdestination,udpsourceport,udpdestinationport';
/** A port alone: the collector shall nevertheless learn the protocol. (pmacct takes no flows without addresses.) */
const KEYS_PORT = 'udpdestinationport';

const ACTIVE_TIMEOUT_S = 10;
const MANY = 300;
const VLAN = 100;
const PRIORITY = 5;

interface Comparable {
  readonly [field: string]: string | number;
}

class Run {
  readonly logged: LoggedFlow[];
  readonly nfdump: DecodedFlow[];
  readonly summary: string;
  readonly pmacct: PmacctFlow[];

  private constructor(
    logged: LoggedFlow[],
    nfdump: { flows: DecodedFlow[]; summary: string },
    pmacct: PmacctFlow[],
  ) {
    this.logged = logged;
    this.nfdump = nfdump.flows;
    this.summary = nfdump.summary;
    this.pmacct = pmacct;
  }

  static async make(): Promise<Run> {
    // The port is fixed, so the address is what keeps runs apart.
    const network = `127.${randomInt(1, 255)}.${randomInt(255)}`;
    const addresses = [`${network}.1`, `${network}.2`] as const;
    const [nfcapd, nfacctd] = [new Nfcapd(), new Nfacctd()];
    const { weir, url, sflowPort } = await WeirProcess.serve('-Dstore.persist=no', '-Dflows.max=10000');
    try {
      await Promise.all([nfcapd.start(addresses[0]), nfacctd.start(addresses[1])]);
      const client = new RestClient(url);
      const common = { log: true, activeTimeout: ACTIVE_TIMEOUT_S, ipfixCollectors: addresses };
      await client.defineFlow('four', { ...common, keys: KEYS4, value: 'bytes', values: 'frames' });
      await client.defineFlow('six', { ...common, keys: KEYS6, value: 'frames', values: 'bytes' });
      await client.defineFlow('port', { ...common, keys: KEYS_PORT, value: 'bytes' });
      await client.defineFlow('many', {
        ...common,
        keys: KEYS_MANY,
        value: 'bytes',
        filter: 'udpsourceport=7',
      });
      await sendTraffic(sflowPort);
      const logged = await logOf(client);
      const withAddresses = logged.filter(({ name }) => name !== 'port');
      const pmacct = await nfacctd.finish(withAddresses.length);
      return new Run(logged, await nfcapd.finish(), pmacct);
    } finally {
      await weir.end();
      nfcapd.delete();
      nfacctd.delete();
    }
  }

  /** Our records of a definition in the words of a collector. */
  expected(name: string, convert: (keys: readonly string[]) => Comparable): Comparable[] {
    const values = { four: ['bytes', 'packets'], six: ['packets', 'bytes'] }[name] ?? ['bytes'];
    return this.logged
      .filter((flow) => flow.name === name)
      .map(({ flowKeys, value, values: further = [], start, end }) => {
        const totals = [value, ...further].map(Math.round);
        return {
          ...convert(flowKeys.split(',')),
          ...Object.fromEntries(values.map((word, i) => [word, totals[i]])),
          start,
          end,
        };
      });
  }
}

/** Sends for two agents: a burst now, and a sample of each data source when its flows have become old. */
async function sendTraffic(sflowPort: number): Promise<void> {
  const sender = await UdpSender.open(sflowPort);
  const agents = ['192.0.2.1', '192.0.2.2', '2001:db8::9'].map((address) => new SyntheticAgent(address));
  const samples4 = (host: number) => {
    const packet = ip(6, tcp(1000 + host, 443), { source: `10.0.0.${host}`, destination: '10.9.9.9' });
    return eth(0x0800, packet, { tags: [[0x8100, (PRIORITY << 13) | VLAN]] });
  };
  const samples6 = (host: number) => eth(0x86dd, ip6(17, udp(5000 + host, 53)));
  const round = async (hosts: number): Promise<void> => {
    for (const [i, agent] of agents.entries())
      for (let host = 1; host <= hosts; host++) {
        const given = { input: 1, output: 2 + i, sourceId: 1 };
        const records = [samples4(host), samples6(host)].map((header) =>
          sampledHeader(header, { frameLength: 100 + host + i }),
        );
        await sender.send([agent.datagram(records.map((record) => agent.flow([record], given)))]);
      }
  };
  await round(20);
  await round(10);
  for (let i = 0; i < MANY; i++) {
    const packet = ip(17, udp(7, 10_000 + i), { source: '10.1.0.1', destination: '10.1.0.2' });
    const record = sampledHeader(eth(0x0800, packet), { frameLength: 1000 + i });
    await sender.send([agents[0].datagram([agents[0].flow([record], { sourceId: 2 })])]);
  }
  await sleep(ACTIVE_TIMEOUT_S * 1000 + 200);
  await round(1);
  sender.close();
}

/** The flow log once nothing is added to it any more: flows without samples are closed by a sweep every ten seconds. */
async function logOf(client: RestClient): Promise<LoggedFlow[]> {
  let logged = await client.loggedFlows('maxFlows=10000');
  const complete = (): boolean =>
    logged.filter(({ name }) => name === 'four').length === 60 &&
    logged.filter(({ name }) => name === 'six').length === 60 &&
    logged.filter(({ name }) => name === 'many').length === MANY;
  for (const until = performance.now() + 15_000; performance.now() < until && !complete(); await sleep(100))
    logged = await client.loggedFlows('maxFlows=10000');
  return logged;
}

function pick<T extends object>(flow: T, fields: readonly (keyof T)[]): Comparable {
  return Object.fromEntries(fields.map((field) => [field, flow[field]])) as unknown as Comparable;
}

/** The same flows, in any order. */
function expectSame(got: readonly Comparable[], wanted: readonly Comparable[]): void {
  const sorted = (flows: readonly Comparable[]): string[] =>
    flows.map((flow) => JSON.stringify(Object.entries(flow).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
  expect(sorted(got)).toEqual(sorted(wanted));
}

const colons = (mac: string): string => mac.toLowerCase().replace(/(..)(?!$)/g, '$1:');

const four = (keys: readonly string[]): Comparable => ({
  sourceMac: colons(keys[0]),
  destinationMac: colons(keys[1]),
  vlan: Number(keys[3]),
  protocol: Number(keys[5]),
  source: keys[6],
  destination: keys[7],
  sourcePort: Number(keys[8]),
  destinationPort: Number(keys[9]),
  input: Number(keys[10]),
  output: Number(keys[11]),
});
const six = (keys: readonly string[]): Comparable => ({
  source: keys[0],
  destination: keys[1],
  protocol: Number(keys[2]),
  sourcePort: Number(keys[3]),
  destinationPort: Number(keys[4]),
  input: Number(keys[5]),
});
const many = (keys: readonly string[]): Comparable => ({
  source: keys[0],
  destination: keys[1],
  protocol: 17,
  sourcePort: Number(keys[2]),
  destinationPort: Number(keys[3]),
});
const FOUR = [
  ...['source', 'destination', 'protocol', 'sourcePort', 'destinationPort', 'input', 'output', 'vlan'],
  ...['sourceMac', 'destinationMac', 'bytes', 'packets', 'start', 'end'],
] as (keyof DecodedFlow)[];
const SIX = [
  ...['source', 'destination', 'protocol', 'sourcePort', 'destinationPort', 'input'],
  ...['bytes', 'packets', 'start', 'end'],
] as (keyof DecodedFlow)[];
const SOME = [
  ...['source', 'destination', 'protocol', 'sourcePort', 'destinationPort', 'bytes', 'start', 'end'],
] as (keyof DecodedFlow)[];

const isFour = ({ vlan }: DecodedFlow): boolean => vlan === VLAN;
const isSix = ({ source }: DecodedFlow): boolean => source?.includes(':');
const isMany = ({ source }: DecodedFlow): boolean => source === '10.1.0.1';

describe('4.1 IPFIX to real collectors', () => {
  let run: Run;
  beforeAll(async () => {
    requirePeers({ nfcapd: 'nfdump', nfdump: 'nfdump', nfacctd: 'pmacct' });
    run = await Run.make();
  }, 90_000);

  it('the log has what was sent', () => {
    const count = (name: string): number => run.logged.filter((flow) => flow.name === name).length;
    expect([count('four'), count('six'), count('many')]).toEqual([60, 60, MANY]);
  });

  it('nfdump: no message was lost or wrong', () => {
    expect(run.summary).toMatch(/Sequence Errors: 0, Bad Packets: 0$/);
    expect(run.nfdump.length).toBe(run.logged.length);
    expect(run.pmacct.length).toBe(run.logged.filter(({ name }) => name !== 'port').length);
  });

  it('nfdump: flows of IPv4 with MAC addresses, VLAN and interfaces are those of the log', () => {
    expectSame(
      run.nfdump.filter(isFour).map((flow) => pick(flow, FOUR)),
      run.expected('four', four),
    );
  });

  it('pmacct: the same, with EtherType, priority and the agent', () => {
    const flows = run.pmacct.filter(isFour);
    expectSame(
      flows.map((flow) => pick(flow, FOUR)),
      run.expected('four', four),
    );
    for (const flow of flows) expect(flow).toMatchObject({ etherType: 0x0800, priority: PRIORITY });
    const logged = run.logged.filter(({ name }) => name === 'four');
    for (const agent of ['192.0.2.1', '192.0.2.2'])
      expect(flows.filter((flow) => flow.agent === agent).length).toBe(
        logged.filter((flow) => flow.agent === agent).length,
      );
  });

  it.each(['nfdump', 'pmacct'] as const)('%s: flows of IPv6 are those of the log', (collector) => {
    expectSame(
      run[collector].filter(isSix).map((flow) => pick(flow, SIX)),
      run.expected('six', six),
    );
  });

  it.each(['nfdump', 'pmacct'] as const)(
    '%s: hundreds of flows that end together are those of the log',
    (collector) => {
      expectSame(
        run[collector].filter(isMany).map((flow) => pick(flow, SOME)),
        run.expected('many', many),
      );
    },
  );

  it('nfdump: a port alone tells the protocol', () => {
    const rest = run.nfdump.filter((flow) => !isFour(flow) && !isSix(flow) && !isMany(flow));
    expectSame(
      rest.map((flow) => pick(flow, ['protocol', 'destinationPort', 'bytes', 'start', 'end'])),
      run.expected('port', ([port]) => ({ protocol: 17, destinationPort: Number(port) })),
    );
    expect(rest.length).toBeGreaterThan(0);
  });
});
