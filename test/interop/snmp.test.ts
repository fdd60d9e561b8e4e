import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ifCounters } from '../../src/sflow/index.ts';
import type { SnmpReport } from '../../src/snmp/index.ts';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { NamespaceFetch } from '../support/namespace-fetch.ts';
import { NamespaceSender } from '../support/namespace-sender.ts';
import { NetworkNamespace, requirePeers } from '../support/network-namespace.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';

/*
 * A real snmpd of a namespace with two ports; the sFlow of its device is ours, without names, as that of simple switches.
 */

const CONFIG = fileURLToPath(new URL('../fixtures/snmp/snmpd.conf', import.meta.url));
const SLOW_RELAY = fileURLToPath(new URL('../support/slow-relay.mjs', import.meta.url));

const UP = '127.0.0.11';
const DOWN = '127.0.0.12';
const SLOW = '127.0.0.13';
const PORT = 16161;
const SNMP = ['-Dsnmp.ifname=yes', `-Dsnmp.port=${PORT}`, '-Dsnmp.timeout=2500'];
/** Agents are looked at every five seconds, and asked the second time that they are without names. */
const WITHIN = { timeout: 30_000, interval: 200 };

let folder: string;
let namespace: NetworkNamespace;
let http: NamespaceFetch;
let sflow: NamespaceSender;
let running: ServingWeir[];

beforeEach(() => {
  requirePeers({ snmpd: 'snmpd', ip: 'iproute2' });
  folder = mkdtempSync(join(tmpdir(), 'weir-snmp-'));
  running = [];
  namespace = new NetworkNamespace('snmp');
  // ifIndex 1 is lo.
  namespace.run(
    'ip',
    'link',
    'add',
    'swp1',
    'index',
    '12',
    'type',
    'veth',
    'peer',
    'name',
    'swp2',
    'index',
    '13',
  );
  for (const port of ['swp1', 'swp2']) namespace.run('ip', 'link', 'set', port, 'up');
  http = new NamespaceFetch(namespace.prefix);
  sflow = new NamespaceSender(namespace.prefix);
});

afterEach(async () => {
  for (const { weir } of running) await weir.end();
  sflow.close();
  http.close();
  await namespace.delete();
  rmSync(folder, { recursive: true });
});

/** Resolves once it answers. */
async function startSnmpd(): Promise<ChildProcess> {
  const command = ['snmpd', '-f', '-Lo', '-C', '-c', CONFIG, '-I', '-smux', `udp:${UP}:${PORT}`];
  const snmpd = namespace.start(command, { SNMP_PERSISTENT_DIR: folder });
  let said = '';
  for (const stream of [snmpd.stdout, snmpd.stderr])
    stream?.on('data', (chunk) => {
      said += chunk;
    });
  await expect.poll(() => said, WITHIN).toContain('NET-SNMP version');
  return snmpd;
}

async function serve(...properties: string[]): Promise<ServingWeir> {
  const serving = await WeirProcess.serveBy(namespace.prefix, ...properties);
  running.push(serving);
  return serving;
}

async function get<T>({ url }: ServingWeir, path: string): Promise<T> {
  return (await (await http.fetch(url + path)).json()) as T;
}

async function text({ url }: ServingWeir, path: string): Promise<string> {
  return (await http.fetch(url + path)).text();
}

const report = async (serving: ServingWeir) => (await get<SnmpReport>(serving, 'v1/snmp')).agents;

/** Has agents send counters and packets of their ports, which is what makes them known. */
function sending({ sflowPort }: ServingWeir, addresses: readonly string[]): () => void {
  const agents = addresses.map((address) => new SyntheticAgent(address));
  const send = (): void => {
    for (const agent of agents) {
      const samples = [12, 13].map((ifIndex) =>
        agent.counters([ifCounters({ ifIndex })], { sourceId: ifIndex }),
      );
      const packet = tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' });
      const ports = { input: { format: 0, value: 12 }, output: { format: 0, value: 13 } } as const;
      samples.push(agent.flow([packet], { sourceId: 12, samplingRate: 1, ...ports }));
      sflow.send(sflowPort, agent.datagram(samples));
    }
  };
  send();
  const timer = setInterval(send, 500);
  return () => clearInterval(timer);
}

describe('names by SNMP from a real snmpd', () => {
  it('version 2c: an agent that answers, one that does not, and a slow one', {
    timeout: 90_000,
  }, async () => {
    await startSnmpd();
    namespace.start([process.execPath, SLOW_RELAY, SLOW, UP, String(PORT), '300']);
    const serving = await serve(...SNMP);
    const { url } = serving;
    const put = (path: string, body: unknown) =>
      http.fetch(url + path, { method: 'PUT', body: JSON.stringify(body) });
    await put('flow/names/json', {
      keys: 'ifname:inputifindex,node:inputifindex,ifname:outputifindex',
      value: 'frames',
    });
    const stop = sending(serving, [UP, DOWN, SLOW]);
    try {
      await expect
        .poll(() => report(serving), WITHIN)
        .toMatchObject({
          [UP]: { state: 'named', sysName: 'leaf1', interfaces: 3, walks: 1, wrongValues: 0 },
          [DOWN]: {
            state: 'waiting',
            walks: 1,
            error: 'no answer: SNMP is off, the community is another, or this machine may not ask',
          },
          [SLOW]: { state: 'named', sysName: 'leaf1', interfaces: 3, walks: 1 },
        });
      expect((await report(serving))[UP]).not.toHaveProperty('error');
      for (const agent of [UP, SLOW])
        expect(await get(serving, `metric/${agent}/json`)).toMatchObject({
          '12.ifname': 'swp1',
          '12.ifalias': 'to spine1',
          '12.ifspeed': expect.any(Number),
          '13.ifname': 'swp2',
          '2.1.host_name': 'leaf1',
        });
      expect(await get(serving, `dump/${UP}/ifname/json?ifalias=to*`)).toMatchObject([
        { dataSource: '12', metricValue: 'swp1' },
      ]);
      expect(await text(serving, `prometheus/metrics/${UP}/ifspeed/txt`)).toMatch(
        /datasource="13",host="leaf1",ifindex="13",ifname="swp2"/,
      );
      // Interfaces in flows are told by name, too; those of the agent that is down by nothing.
      await expect
        .poll(() => get(serving, `activeflows/${UP}/names/json`), WITHIN)
        .toMatchObject([{ key: 'swp1,leaf1,swp2' }]);
      // The topology finds agent and interface by their names.
      await put('topology/json', {
        links: { L1: { node1: 'leaf1', port1: 'swp2', node2: 'spine1', port2: 'swp9' } },
      });
      await put('topology/json', {
        nodes: { leaf1: {}, spine1: { agent: '192.0.2.9', ports: { swp9: { ifindex: '9' } } } },
        links: { L1: { node1: 'leaf1', port1: 'swp2', node2: 'spine1', port2: 'swp9' } },
      });
      await expect
        .poll(() => get(serving, 'metric/CORE/ifindex/json'), WITHIN)
        .toMatchObject([{ agent: UP, dataSource: '13' }]);
    } finally {
      stop();
    }
  });

  it('keeps names across a restart, and leaves agents alone that it has asked', {
    timeout: 90_000,
  }, async () => {
    const snmpd = await startSnmpd();
    const kept = [...SNMP, '-Dstore.persist=yes', `-Dstore.dir=${join(folder, 'store')}`];
    const first = await serve(...kept);
    const stop = sending(first, [UP]);
    await expect
      .poll(async () => (await report(first))[UP]?.state, WITHIN)
      .toBe('named')
      .finally(stop);
    await first.weir.end();
    snmpd.kill();
    const second = await serve(...kept);
    const stopAgain = sending(second, [UP]);
    try {
      await expect
        .poll(() => get(second, `metric/${UP}/json`), WITHIN)
        .toMatchObject({ '12.ifname': 'swp1', '2.1.host_name': 'leaf1' });
      const { agents, walks } = await get<SnmpReport>(second, 'v1/snmp');
      expect(walks).toBe(0);
      expect(agents[UP]).toMatchObject({ state: 'named', walks: 0, interfaces: 3 });
    } finally {
      stopAgain();
    }
  });

  it.each([
    ['SHA-256 and AES', 'weir', 'sha256', 'aes'],
    ['SHA and AES', 'sha', 'sha', 'aes'],
    ['SHA-512 and AES', 'long', 'sha512', 'aes'],
    ['MD5 and DES', 'old', 'md5', 'des'],
    ['SHA without privacy', 'open', 'sha', undefined],
  ])('version 3 with %s', { timeout: 60_000 }, async (_what, user, auth, priv) => {
    await startSnmpd();
    const privacy =
      priv === undefined ? [] : [`-Dsnmp.privprotocol=${priv}`, '-Dsnmp.privpasswd=keep it private'];
    const serving = await serve(
      ...SNMP,
      '-Dsnmp.version=3',
      `-Dsnmp.user=${user}`,
      `-Dsnmp.authprotocol=${auth}`,
      '-Dsnmp.authpasswd=authenticate me',
      ...privacy,
    );
    const stop = sending(serving, [UP]);
    try {
      await expect
        .poll(async () => (await report(serving))[UP], WITHIN)
        .toMatchObject({ state: 'named', sysName: 'leaf1', interfaces: 3 });
    } finally {
      stop();
    }
  });

  it.each([
    ['another community', ['-Dsnmp.community=secret'], 'no answer: SNMP is off, the community is another'],
    [
      'a user that the agent does not know',
      [
        '-Dsnmp.version=3',
        '-Dsnmp.user=nobody',
        '-Dsnmp.authprotocol=sha256',
        '-Dsnmp.authpasswd=authenticate me',
      ],
      'it does not know the user (snmp.user)',
    ],
    [
      'another password',
      ['-Dsnmp.version=3', '-Dsnmp.user=open', '-Dsnmp.authprotocol=sha', '-Dsnmp.authpasswd=something else'],
      'the authentication protocol or password is another',
    ],
    [
      'a security level that the user may not have',
      [
        '-Dsnmp.version=3',
        '-Dsnmp.user=weir',
        '-Dsnmp.authprotocol=sha256',
        '-Dsnmp.authpasswd=authenticate me',
      ],
      'the user may not ask',
    ],
  ])('says what is wrong: %s', { timeout: 60_000 }, async (_what, properties, error) => {
    await startSnmpd();
    const serving = await serve(...SNMP, ...properties);
    const stop = sending(serving, [UP]);
    try {
      await expect.poll(async () => (await report(serving))[UP]?.error, WITHIN).toContain(error);
    } finally {
      stop();
    }
  });
});
