import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WeirProcess } from '../e2e/weir-process.ts';
import { Mininet } from '../support/mininet.ts';
import { NamespaceFetch } from '../support/namespace-fetch.ts';
import { NetworkNamespace, requirePeers } from '../support/network-namespace.ts';

/*
 * Real Mininet networks of Open vSwitch bridges in user space, with extras/sflow.py as its users pass it, and a Weir at
 * the usual ports of the same namespace.
 */

const URL = 'http://127.0.0.1:8008';
const AGENT = '127.0.0.1';
const MN = ['mn', '--custom', 'extras/sflow.py', '--switch', 'ovs,datapath=user', '--link', 'tc,bw=10'];

/** iperf3 sends 5 Mbit/s by TCP, a full segment at a time. Its UDP may lose the packet that begins it, and hang. */
const PAYLOAD = 1448;
const PACKETS = 5_000_000 / 8 / PAYLOAD;
/** TCP with its timestamps, IP, Ethernet. */
const HEADERS = 32 + 20 + 14;
const FRAME_CHECK_SEQUENCE = 4;
/** Frame lengths in sFlow include the check sequence; the counters of ports do not. */
const FLOW_BYTES = PACKETS * (PAYLOAD + HEADERS + FRAME_CHECK_SEQUENCE);
const PORT_BYTES = PACKETS * (PAYLOAD + HEADERS);
/** One packet in two: 3200 samples in 15 s, a standard error of 2 %. */
const ENV = { SAMPLING: '2', POLLING: '1' };
const WARM_UP_MS = 6000;
const READINGS = 30;
const READING_MS = 500;
const TOLERANCE = 0.1;
/** Traffic is to be seen two seconds after it begins. */
const SEEN = { timeout: 2000, interval: 50 };
const BEGINS = { timeout: 20_000, interval: 20 };

interface Location {
  readonly value: number;
  readonly node?: string;
  readonly port?: string;
  readonly localnode?: string;
  readonly localport?: string;
  readonly linkname?: string;
}

interface Topology {
  readonly version: number;
  readonly nodes: Readonly<
    Record<string, { agent: string; ports: Readonly<Record<string, { ifindex: string }>> }>
  >;
  readonly links: Readonly<Record<string, { node1: string; port1: string; node2: string; port2: string }>>;
}

let namespace: NetworkNamespace;
let http: NamespaceFetch;
let weir: WeirProcess | undefined;
let networks: Mininet[];

beforeEach(() => {
  requirePeers({
    mn: 'mininet',
    'ovs-vswitchd': 'openvswitch-switch',
    'ovs-testcontroller': 'openvswitch-testcontroller',
    iperf3: 'iperf3',
    ethtool: 'ethtool',
    ip: 'iproute2',
  });
  networks = [];
  weir = undefined;
  namespace = new NetworkNamespace('mininet');
  http = new NamespaceFetch(namespace.prefix);
});

afterEach(async () => {
  for (const network of networks) await network.kill();
  await weir?.end();
  http.close();
  await namespace.delete();
});

async function serve(): Promise<void> {
  const serving = await WeirProcess.serveBy(namespace.prefix, '-Dhttp.port=8008', '-Dsflow.port=6343');
  weir = serving.weir;
  const pairs = { keys: 'ipsource,ipdestination', value: 'bytes', t: 2 };
  await http.fetch(`${URL}/flow/pairs/json`, { method: 'PUT', body: JSON.stringify(pairs) });
}

async function get<T>(path: string): Promise<T> {
  return (await (await http.fetch(`${URL}/${path}`)).json()) as T;
}

async function start(command: readonly string[], env: NodeJS.ProcessEnv = ENV): Promise<Mininet> {
  const network = new Mininet(namespace, command, env);
  networks.push(network);
  await network.says('mininet> ');
  return network;
}

/** Has h1 send to h4 until the network ends. */
async function sendTraffic(network: Mininet): Promise<void> {
  // Bridges in user space pass packets on as they are: their checksums must be there.
  for (const host of ['h1', 'h4']) await network.type(`${host} ethtool -K ${host}-eth0 tx off`);
  await network.type('h4 iperf3 -s -D');
  // Until the switches have found their controller nothing passes.
  const client = `iperf3 --connect-timeout 1000 -c 10.0.0.4 -b 5M -l ${PAYLOAD} -t 60`;
  await network.type(`h1 until ${client}; do sleep 0.2; done > /dev/null 2>&1 &`);
}

/** Resolves when iperf3's packets come in at a port: some tens of them. */
async function trafficBegins(port: string): Promise<void> {
  const bytes = () => Number(namespace.run('cat', `/sys/class/net/${port}/statistics/rx_bytes`));
  await expect.poll(bytes, BEGINS).toBeGreaterThan(50 * PAYLOAD);
}

/** Where traffic from h1 to h4 is seen now: `node port`, with the link for its ends. */
async function places(): Promise<string[]> {
  const locations = await get<Location[]>('flowlocations/TOPOLOGY/pairs/json?key=10.0.0.1,10.0.0.4');
  return locations
    .map(({ node, port, localnode, localport, linkname }) =>
      linkname === undefined ? `${node} ${port}` : `${localnode} ${localport} ${linkname}`,
    )
    .sort();
}

/** Means of several readings: the flow at each of its places, and what the counters of the ports say. */
async function measure(ports: readonly string[]): Promise<{ flow: number[]; ports: number[] }> {
  const flow = new Map<string, number>();
  const counters = ports.map(() => 0);
  await sleep(WARM_UP_MS);
  for (let i = 0; i < READINGS; i++) {
    const locations = await get<(Location & { dataSource: string })[]>(
      'flowlocations/TOPOLOGY/pairs/json?key=10.0.0.1,10.0.0.4',
    );
    for (const { dataSource, value } of locations)
      flow.set(dataSource, (flow.get(dataSource) ?? 0) + value / READINGS);
    for (const [at, port] of ports.entries()) {
      const [{ metricValue }] = await get<{ metricValue: number }[]>(
        `metric/ALL/sum:ifinoctets/json?ifname=${port}`,
      );
      counters[at] += metricValue / READINGS;
    }
    await sleep(READING_MS);
  }
  return { flow: [...flow.values()], ports: counters };
}

function expectNear(values: readonly number[], expected: number): void {
  for (const value of values) expect(Math.abs(value / expected - 1)).toBeLessThan(TOLERANCE);
}

/** Parses by a grammar of Python 2; there is no Python 2 to run it with. */
const PARSE_AS_PYTHON_2 = `
import sys
from lib2to3 import pygram, pytree
from lib2to3.pgen2.driver import Driver
Driver(pygram.python_grammar, convert=pytree.convert).parse_string(sys.stdin.read() + chr(10))
`;

describe('extras/sflow.py', () => {
  it('is Python 2.7 by its grammar, and Python 3', () => {
    const script = readFileSync('extras/sflow.py', 'utf8');
    for (const program of [PARSE_AS_PYTHON_2, "import sys; compile(sys.stdin.read(), 'sflow.py', 'exec')"])
      execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', program], { input: script });
    // Beyond the grammar: Python 2 has no f-strings, and "nonlocal" only by name.
    expect(script).not.toMatch(/\bf['"]|\bnonlocal\b|print\s/);
  });

  it('mn --custom: traffic of a tree at its links and ports; the next network replaces it', {
    timeout: 150_000,
  }, async () => {
    await serve();
    const tree = await start([...MN, '--mac', '--topo', 'tree,depth=2,fanout=2']);
    expect(tree.output).toContain('*** sFlow of 3 bridges goes to 127.0.0.1:6343');
    const topology = await get<Topology>('topology/json');
    expect(topology.version).toBe(0);
    expect(
      Object.entries(topology.nodes).map(([name, { agent, ports }]) => [
        name,
        agent,
        Object.keys(ports).length,
      ]),
    ).toEqual([
      ['s1', AGENT, 2],
      ['s2', AGENT, 3],
      ['s3', AGENT, 3],
    ]);
    expect(topology.links).toEqual({
      's1-s2': { node1: 's1', port1: 's1-eth1', node2: 's2', port2: 's2-eth3' },
      's1-s3': { node1: 's1', port1: 's1-eth2', node2: 's3', port2: 's3-eth3' },
    });
    await sendTraffic(tree);
    await trafficBegins('s2-eth1');
    await expect.poll(places, SEEN).toEqual(['s1 s1-eth1 s1-s2', 's2 s2-eth1', 's3 s3-eth3 s1-s3']);
    const { flow, ports } = await measure(['s2-eth1', 's1-eth1', 's3-eth3']);
    expect(flow).toHaveLength(3);
    expectNear(flow, FLOW_BYTES);
    expectNear(ports, PORT_BYTES);
    expect(await get('v1/hosts?ip=10.0.0.1')).toMatchObject([
      {
        mac: '000000000001',
        ipaddress: '10.0.0.1',
        node: 's2',
        port: 's2-eth1',
        agent: AGENT,
        ifindex: topology.nodes['s2'].ports['s2-eth1'].ifindex,
      },
    ]);
    expect(await get('v1/hosts?ip=10.0.0.4')).toMatchObject([{ node: 's3', port: 's3-eth2' }]);
    expect(await tree.end()).toBe(0);

    const linear = await start([...MN, '--mac', '--topo', 'linear,4']);
    const next = await get<Topology>('topology/json');
    expect(next.version).toBe(1);
    expect(Object.keys(next.nodes)).toEqual(['s1', 's2', 's3', 's4']);
    expect(Object.keys(next.links)).toHaveLength(3);
    await sendTraffic(linear);
    await trafficBegins('s1-eth1');
    await expect
      .poll(places, SEEN)
      .toEqual([
        's1 s1-eth1',
        expect.stringMatching(/^s2 s2-eth\d s\d-s\d$/),
        expect.stringMatching(/^s3 s3-eth\d s\d-s\d$/),
        expect.stringMatching(/^s4 s4-eth\d s\d-s\d$/),
      ]);
    await expect
      .poll(() => get('v1/hosts?ip=10.0.0.1'), SEEN)
      .toMatchObject([{ node: 's1', port: 's1-eth1' }]);
    expect(await linear.end()).toBe(0);
  });

  it("a user's own script: four hosts on a switch of 10 Mbit/s; nothing is left after the stop", {
    timeout: 120_000,
  }, async () => {
    await serve();
    const single = await start(['/usr/bin/python3', 'test/support/mininet-single.py']);
    await sendTraffic(single);
    await trafficBegins('s1-eth1');
    await expect.poll(places, SEEN).toEqual(['s1 s1-eth1']);
    const { flow, ports } = await measure(['s1-eth1']);
    expectNear(flow, FLOW_BYTES);
    expectNear(ports, PORT_BYTES);
    expect(await get('v1/hosts?ip=10.0.0.4')).toMatchObject([
      { mac: '000000000004', node: 's1', port: 's1-eth4' },
    ]);
    const clean = "before stop ['stop'], after stop [], sflow left: ''";
    await single.type('exit');
    await single.says(clean);
    // The second network of the process.
    await expect
      .poll(async () => Object.keys((await get<Topology>('topology/json')).nodes['s1'].ports), SEEN)
      .toEqual(['s1-eth1', 's1-eth2']);
    expect(await single.end()).toBe(0);
    expect(single.output.split(clean)).toHaveLength(3);
  });

  it('names as people give them', { timeout: 60_000 }, async () => {
    await serve();
    const network = await start(['/usr/bin/python3', 'test/support/mininet-names.py']);
    const { nodes, links } = await get<Topology>('topology/json');
    expect(Object.keys(nodes)).toEqual(['zürich+1', 'b=.2@x']);
    expect(links).toEqual({
      'zürich+1-b=.2@x': { node1: 'zürich+1', port1: 'up@1', node2: 'b=.2@x', port2: 'ab.2' },
      'zürich+1-b=.2@x-2': { node1: 'zürich+1', port1: 'ü-x@y@z', node2: 'b=.2@x', port2: 'x={1}' },
    });
    // Every port has been found.
    expect(Object.values(nodes).map(({ ports }) => Object.keys(ports).length)).toEqual([2, 2]);
    expect(await network.end()).toBe(0);
  });

  it('says that the engine is not reachable, and Mininet goes on', { timeout: 60_000 }, async () => {
    const network = await start([...MN, '--topo', 'single,2']);
    expect(network.output).toContain('*** sFlow: Weir does not answer at http://127.0.0.1:8008');
    await network.type('sh ovs-vsctl list sflow');
    await network.says('targets             : ["127.0.0.1:6343"]');
    expect(await network.end()).toBe(0);
  });

  it.each([
    [{ SAMPLING: 'often' }, 'SAMPLING=often is not a number of 1 or more'],
    [{ POLLING: '0' }, 'POLLING=0 is not a number of 1 or more'],
    [{ COLLECTOR: 'nowhere.invalid' }, 'COLLECTOR=nowhere.invalid is no address'],
    [{ COLLECTOR: '192.0.2.1' }, 'there is no way to 192.0.2.1'],
  ])('%o: says what is wrong, and Mininet goes on', { timeout: 60_000 }, async (env, message) => {
    const network = await start([...MN, '--topo', 'single,2'], env);
    expect(network.output).toContain(`*** sFlow: ${message}`);
    await network.type('sh ovs-vsctl list sflow | wc -l');
    await network.says('0\n');
    expect(await network.end()).toBe(0);
  });
});
