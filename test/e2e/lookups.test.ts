import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DnsReply, DnsResponder, RCODE } from '../../src/engine/testing/dns-responder.ts';
import { writeMmdb } from '../../src/lookup/testing/write-mmdb.ts';
import { eth, ip, ip6, tcp } from '../../src/packet/testing/build-packet.ts';
import { type FlowOrCounterRecord, record, sampledHeader } from '../../src/sflow/index.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

const SOURCE_MAC = '000C29AABBCC';
const HOST_SOURCE = { class: 2, index: 1 };

let folder: string;
let closing: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lookups-'));
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
  rmSync(folder, { recursive: true });
});

/** A Weir, an agent that sends to it, and a client that asks it. */
class Setting {
  readonly weir: WeirProcess;
  readonly client: RestClient;
  private readonly sender: UdpSender;
  private readonly agent = new SyntheticAgent('192.0.2.1');

  private constructor(weir: WeirProcess, client: RestClient, sender: UdpSender) {
    this.weir = weir;
    this.client = client;
    this.sender = sender;
  }

  static async of(...properties: string[]): Promise<Setting> {
    const { weir, url, sflowPort } = await WeirProcess.serve(...properties);
    closing.push(() => weir.end('SIGKILL'));
    const sender = await UdpSender.open(sflowPort);
    closing.push(() => sender.close());
    return new Setting(weir, new RestClient(url), sender);
  }

  define(name: string, keys: string): Promise<void> {
    return this.client.defineFlow(name, { keys, value: 'frames' });
  }

  /** Samples of packets from these addresses. */
  async send(...sources: string[]): Promise<void> {
    const datagrams = sources.map((source) => this.agent.datagram([this.agent.flow([packetFrom(source)])]));
    await this.sender.send(datagrams);
  }

  async sendCounters(...records: FlowOrCounterRecord[]): Promise<void> {
    await this.sender.send([this.agent.datagram([this.agent.counters(records, { sourceId: HOST_SOURCE })])]);
  }

  /** Keys of a flow. */
  async keys(name: string): Promise<string[]> {
    return (await this.client.activeFlows(name)).map(({ key }) => key).sort();
  }

  /** Keys of a flow, when samples of these addresses have brought so many. */
  async keysAfter(count: number, name: string, ...sources: string[]): Promise<string[]> {
    for (let i = 0; i < 200; i++) {
      await this.send(...sources);
      await sleep(30);
      const keys = await this.keys(name);
      if (keys.length >= count) return keys;
    }
    throw new Error(`the flow ${name} has the keys ${await this.keys(name)}`);
  }
}

function packetFrom(source: string): FlowOrCounterRecord {
  const segment = tcp(1000, 80);
  return sampledHeader(
    source.includes(':')
      ? eth(0x86dd, ip6(6, segment, { source }), { source: SOURCE_MAC })
      : eth(0x0800, ip(6, segment, { source }), { source: SOURCE_MAC }),
  );
}

function write(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  // As those who fetch databases do it: never half a file under the name.
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
}

const country = (iso_code: string, name: string) => ({ country: { iso_code, names: { en: name } } });

const COUNTRIES = { '10.1.0.0/16': country('DE', 'Germany'), '2001:db8::/32': country('SE', 'Sweden') };
const SYSTEMS = {
  '10.1.0.0/16': { autonomous_system_number: 64500, autonomous_system_organization: 'Example, One AB' },
};
const IPV6_SOURCE = '2001:0db8:0000:0000:0000:0000:0000:0001';

describe.each(['auto', 'dgram'])('receiver %s', (receiver) => {
  it('country: and asn: come from databases', async () => {
    const setting = await Setting.of(
      `-Dengine.receiver=${receiver}`,
      `-Dgeo.country=${write('country.mmdb', writeMmdb({ records: COUNTRIES, recordSize: 28 }))}`,
      `-Dgeo.asn=${write('asn.mmdb', writeMmdb({ records: SYSTEMS }))}`,
    );
    await setting.define('countries', 'country:ipsource,country:ipsource:name');
    await setting.define('countries6', 'country:ip6source');
    await setting.define('systems', 'asn:ipsource,asn:ipsource:both');
    await setting.define('all', 'or:ipsource:ip6source');
    await setting.send('10.1.2.3', '10.2.0.1', IPV6_SOURCE);
    await setting.client.untilReceived(3);
    expect(await setting.keys('countries')).toEqual(['DE,Germany']);
    expect(await setting.keys('countries6')).toEqual(['SE']);
    expect(await setting.keys('systems')).toEqual(['AS64500,AS64500 Example, One AB']);
    expect(await setting.keys('all')).toHaveLength(3);
  });

  it('dns: asks for each address once, and knows the name when the answer has come', async () => {
    const { server, address } = await nameServer((question) =>
      question === '3.2.1.10.in-addr.arpa'
        ? { names: ['h-3.example.net'] }
        : question.endsWith('8.b.d.0.1.0.0.2.ip6.arpa')
          ? { names: ['six.example.net'] }
          : { code: RCODE.nameError },
    );
    const setting = await Setting.of(`-Dengine.receiver=${receiver}`, `-Ddns.servers=${address}`);
    await setting.define('names', 'or:ipsource:ip6source,dns:[or:ipsource:ip6source]');
    await setting.send('10.1.2.3');
    await setting.client.untilReceived(1);
    expect(await setting.keys('names')).toEqual([]);
    expect(await setting.keysAfter(2, 'names', '10.1.2.3', '10.9.9.9', IPV6_SOURCE)).toEqual([
      '10.1.2.3,h-3.example.net.',
      '2001:db8::1,six.example.net.',
    ]);
    expect(server.questions.filter((question) => question.startsWith('3.2.1'))).toHaveLength(1);
    expect(server.questions.filter((question) => question.startsWith('9.9.9'))).toHaveLength(1);
  });
});

/**
 * A name server of our own on port 53, where servers are asked, of some address of loopback. Port 53 needs root, as
 * the tests of the whole program do.
 */
async function nameServer(
  reply: (question: string) => DnsReply | undefined,
): Promise<{ server: DnsResponder; address: string }> {
  const address = `127.53.${Math.floor(Math.random() * 256)}.${1 + Math.floor(Math.random() * 254)}`;
  const server = await DnsResponder.open(reply, 53, address);
  closing.push(() => server.close());
  return { server, address };
}

it('dns: a silent name server holds up nothing', async () => {
  const { server, address } = await nameServer(() => undefined);
  const setting = await Setting.of(`-Ddns.servers=${address}`);
  await setting.define('names', 'dns:ipsource');
  await setting.define('sources', 'ipsource');
  const sources = Array.from({ length: 3000 }, (_, i) => `10.8.${i >> 8}.${i & 255}`);
  for (let i = 0; i < sources.length; i += 100) await setting.send(...sources.slice(i, i + 100));
  const began = performance.now();
  const { sFlowFlowSamples } = await setting.client.untilReceived(3000);
  await setting.client.text('version');
  expect(performance.now() - began).toBeLessThan(2000);
  expect(sFlowFlowSamples).toBe(3000);
  // Those that are under way at a time, and not what could have followed them by now.
  expect(new Set(server.questions).size).toBeLessThan(200);
  expect(await setting.keys('names')).toEqual([]);
});

it('dns: a server that is not a plain address is not asked, and said', async () => {
  const { weir } = await Setting.of('-Ddns.servers=127.0.0.1:5353');
  const line = await weir.logLine('dns.servers: 127.0.0.1:5353 is not an IP address, and is not asked');
  expect(line['level']).toBe(40);
});

it('geo: a database is read again when it changes, unless it is damaged', async () => {
  const file = write('country.mmdb', writeMmdb({ records: COUNTRIES }));
  const setting = await Setting.of(`-Dgeo.country=${file}`);
  await setting.define('countries', 'country:ipsource');
  expect(await setting.keysAfter(1, 'countries', '10.1.2.3')).toEqual(['DE']);
  write('country.mmdb', writeMmdb({ records: { '10.1.0.0/16': country('NO', 'Norway') } }));
  expect(await setting.keysAfter(2, 'countries', '10.1.2.3')).toEqual(['DE', 'NO']);
  write('country.mmdb', 'damaged');
  await setting.weir.logLine(
    `geo.country: ${file} has changed; what was read before stays: it is not in the MaxMind DB format`,
  );
  await setting.define('later', 'country:ipsource');
  expect(await setting.keysAfter(1, 'later', '10.1.2.3')).toEqual(['NO']);
});

it('geo: a file that is not there ends the start with one clear line', async () => {
  const weir = new WeirProcess([
    'serve',
    '-Dhttp.port=0',
    '-Dsflow.port=0',
    `-Dgeo.asn=${join(folder, 'none.mmdb')}`,
  ]);
  closing.push(() => weir.end('SIGKILL'));
  const { code, error } = await weir.finished();
  expect(code).toBe(1);
  expect(error).toBe(`weir serve: geo.asn=${join(folder, 'none.mmdb')}: ENOENT: no such file or directory\n`);
});

it("oui: gives vendors of the IEEE's list", async () => {
  const list = write(
    'oui.txt',
    'OUI/MA-L                                                    Organization\n\n' +
      '00-0C-29   (hex)\t\tVMware, Inc.\n000C29     (base 16)\t\tVMware, Inc.\n\t\t\t\tPalo Alto  CA  94304\n',
  );
  const setting = await Setting.of(`-Doui.names=${list}`);
  await setting.define('vendors', 'oui:macsource,oui:macsource:name');
  await setting.send('10.1.2.3');
  await setting.client.untilReceived(1);
  expect(await setting.keys('vendors')).toEqual(['000C29,VMware, Inc.']);
});

it('host: gives what the host with a MAC address tells of itself', async () => {
  const setting = await Setting.of();
  await setting.define('hosts', 'host:macsource,host:macsource:machine_type,host:macsource:os_name');
  await setting.send('10.1.2.3');
  await setting.sendCounters(
    record('host_descr', { hostname: 'server-7', machineType: 3, osName: 2, osRelease: '6.1.0' }),
    record('host_adapters', { adapters: [{ ifIndex: 1, macAddresses: [SOURCE_MAC] }] }),
  );
  await setting.send('10.1.2.3');
  await setting.client.untilReceived(3);
  expect(await setting.keys('hosts')).toEqual(['server-7,x86_64,linux']);
  expect((await setting.client.activeFlows('hosts'))[0]).toMatchObject({ flowN: 1 });
});
