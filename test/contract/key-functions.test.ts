import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import { DnsResponder, RCODE } from '../../src/engine/testing/dns-responder.ts';
import { writeMmdb } from '../../src/lookup/testing/write-mmdb.ts';
import { record, type Sample } from '../../src/sflow/index.ts';
import type { SyntheticAgent } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { deliverSamples, type SampleAgents, type SampleName, sampleAgents } from './standard-samples.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 5.2: what each key function makes of a sample. */

/** An expression and what it gives of a sample: null is absent. */
type FunctionRow = readonly [expression: string, sample: SampleName, shown: string | null];

const ROWS: readonly FunctionRow[] = [
  ['group:ipsource:sites', 'tcp', 'oslo'],
  ['group:ipdestination:sites', 'tcp', 'ten'],
  ['group:ip6source:sites', 'udp6', 'six'],
  ['group:ipsource:absent', 'tcp', null],
  ['group:ipsource:absent:sites', 'tcp', 'oslo'],
  ['group:ipsource:others:sites', 'tcp', 'oslo'],
  ['group:ipsource:others', 'tcp', null],
  ['group:[mask:ipsource:16]:sites', 'tcp', null],
  ['group:macsource:sites', 'tcp', null],
  ['group:ipsource:private', 'tcp', null],
  ['group:ipsource:default', 'tcp', null],
  ['group:[or:vlan:ipsource]:sites', 'tcp', 'oslo'],
  ['map:tcpdestinationport:ports', 'tcp', 'https'],
  ['map:tcpdestinationport:none:ports', 'tcp', 'https'],
  ['map:tcpsourceport:ports', 'tcp', null],
  ['map:ipttl:ports', 'tcp', 'later'],
  ['mask:ipsource:24', 'tcp', '10.1.2.0/24'],
  ['mask:ipsource:0', 'tcp', '0.0.0.0/0'],
  ['mask:ipsource:33', 'tcp', '10.1.2.3/33'],
  ['mask:ipsource', 'tcp', null],
  ['mask:ip6source:32', 'udp6', '2001:db8::/32'],
  ['mask:macdestination:24', 'tcp', '00163E000000/24'],
  ['prefix:dnsqname:.:2', 'dns', 'www.example'],
  ['suffix:dnsqname:.:2', 'dns', 'com.'],
  ['suffix:dnsqname:.:3', 'dns', 'example.com.'],
  ['prefix:dnsqname:.:99', 'dns', 'www.example.com.'],
  ['suffix:ipprotocol:.:2', 'tcp', '6'],
  ['prefix:ip6source:\\::2', 'udp6', '2001:db8'],
  ['first:stack:.:udp:tcp:ip', 'tcp', 'ip'],
  ['first:stack:.:udp:icmp', 'tcp', null],
  ['null:vlan', 'tcp', 'null'],
  ['null:vlan:none', 'tcp', 'none'],
  ['null:vlan:', 'tcp', ''],
  ['null:ipprotocol:none', 'tcp', '6'],
  ['or:vlan:ip6source:ipsource', 'tcp', '10.1.2.3'],
  ['or:vlan:ip6source:ipsource', 'udp6', '7'],
  ['or:vlan:ip6source', 'tcp', null],
  ['eq:ipprotocol:ipprotocol', 'tcp', 'true'],
  ['eq:ipsource:ipdestination', 'tcp', 'false'],
  ['eq:ipsource:vlan', 'tcp', null],
  ['eq:ipprotocol:ipprotocol:ipttl', 'tcp', 'false'],
  ['eq:ipprotocol', 'tcp', 'true'],
  ['if:ipprotocol:6:tcpsourceport', 'tcp', '1000'],
  ['if:ipprotocol:17:tcpsourceport', 'tcp', null],
  ['if:ipprotocol:6:vlan', 'tcp', null],
  ['if:[first:stack:.:ip:ip6]:ip:ipsource:ip6source', 'tcp', '10.1.2.3'],
  ['if:[first:stack:.:ip:ip6]:ip6:ip6source:ipsource', 'tcp', '10.1.2.3'],
  ['range:tcpdestinationport:0:1023', 'tcp', 'true'],
  ['range:tcpdestinationport:443:443', 'tcp', 'true'],
  ['range:tcpdestinationport:444', 'tcp', 'false'],
  ['range:tcpdestinationport::442', 'tcp', 'false'],
  ['range:tcpdestinationport::', 'tcp', 'true'],
  ['bits:tcpdestinationport:240:4', 'tcp', String((443 & 240) >> 4)],
  ['bits:ipdscp:62', 'tcp', '46'],
  ['bits:tcpflags:2', 'tcp', null],
  ['concat:-:ipsource:tcpsourceport', 'tcp', '10.1.2.3-1000'],
  ['concat::ipprotocol:ipttl', 'tcp', '664'],
  ['concat:\\,:ipsource:ipttl', 'tcp', '10.1.2.3,64'],
  ['concat:-:ipsource:vlan', 'tcp', null],
  ['hash:ipsource', 'tcp', '1e8bc9ca'],
  // 31·(31·1 + H("6")) + H("64"), H of text as Java has it.
  ['hash:ipprotocol:ipttl', 'tcp', (31 * (31 + 54) + (31 * 54 + 52)).toString(16)],
  ['hash:ipsource:vlan', 'tcp', null],
  ['uri:httpurl:scheme', 'http', 'http'],
  ['uri:httpurl:authority', 'http', 'joe:pw@www.example.com:8080'],
  ['uri:httpurl:user', 'http', 'joe:pw'],
  ['uri:httpurl:host', 'http', 'www.example.com'],
  ['uri:httpurl:port', 'http', '8080'],
  ['uri:httpurl:path', 'http', '/p1/p2/p3.html'],
  ['uri:httpurl:file', 'http', 'p3.html'],
  ['uri:httpurl:extension', 'http', 'html'],
  ['uri:httpurl:query', 'http', 'a=1&b=2'],
  ['uri:httpurl:fragment', 'http', 'top'],
  ['uri:httpurl', 'http', 'http://joe:pw@www.example.com:8080/p1/p2/p3.html?a=1&b=2#top'],
  ['attr:httphost:a', 'http', '1'],
  ['attr:httphost:b', 'http', 'x=y'],
  ['attr:httphost:c', 'http', null],
  ['attr:[uri:httpurl:query]:b', 'http', '2'],
  ['oui:macsource', 'tcp', '000C29'],
  ['oui:macsource:name', 'tcp', 'VMWARE'],
  ['oui:macdestination:name', 'tcp', null],
  ['oui:macsource:other', 'tcp', null],
  ['host:macsource', 'tcp', 'hypervisor'],
  ['host:macsource:host_name', 'tcp', 'hypervisor'],
  ['host:macsource:machine_type', 'tcp', 'x86_64'],
  ['host:macsource:os_name', 'tcp', 'linux'],
  ['host:macsource:os_release', 'tcp', '6.1.0'],
  ['host:macsource:uuid', 'tcp', '00112233-4455-6677-8899-aabbccddeeff'],
  ['host:macsource:vir_host_name', 'tcp', null],
  ['host:macdestination', 'tcp', 'hypervisor'],
  ['host:macdestination:vir_host_name', 'tcp', 'guest'],
  ['host:macdestination:vir_uuid', 'tcp', '00112233-4455-6677-8899-aabbccddee00'],
  ['host:macdestination:vir_machine_type', 'tcp', 'x86'],
  ['host:macdestination:vir_os_name', 'tcp', 'windows'],
  ['host:macdestination:vir_os_release', 'tcp', '10'],
  ['host:ipsource', 'tcp', null],
  ['node:inputifindex', 'tcp', 'leaf1'],
  ['node:ds', 'tcp', 'leaf1'],
  ['node:inputifindex', 'udp6', null],
  ['link:inputifindex', 'tcp', null],
  ['link:outputifindex', 'tcp', 'L1'],
  ['ifname:inputifindex', 'tcp', 'swp1'],
  ['ifname:outputifindex', 'tcp', 'swp2'],
  ['ifname:ds', 'tcp', 'swp1'],
  ['country:ipsource', 'tcp', 'DE'],
  ['country:ipsource:code', 'tcp', 'DE'],
  ['country:ipsource:name', 'tcp', 'Germany'],
  ['country:ip6source', 'udp6', 'SE'],
  ['country:ipsource:continent', 'tcp', null],
  ['country:ipdestination', 'tcp', null],
  ['asn:ipsource', 'tcp', 'AS64500'],
  ['asn:ipsource:number', 'tcp', 'AS64500'],
  ['asn:ipsource:descr', 'tcp', 'Example, One AB'],
  ['asn:ipsource:both', 'tcp', 'AS64500 Example, One AB'],
  ['asn:ipsource:other', 'tcp', null],
  ['asn:ipdestination', 'tcp', null],
];

const REFUSED: readonly string[] = [
  'bogus:ipsource',
  'group:ipsource',
  'mask:ipsource:x',
  'prefix:ipsource:.',
  'prefix:ipsource:.:0',
  'prefix:ipsource:.:x',
  'suffix:ipsource:.:0',
  'if:ipprotocol:6',
  'range:ipttl',
  'range:ipttl:a:b',
  'bits:ipttl:0x10',
  'bits:ipttl',
  'uri:httpurl:bogus',
  'host:macsource:bogus',
  'dns:ipsource:x',
  '[ipsource]',
  'group:[mask:ipsource:8:sites',
];

/** Absent when the files and servers for them are not set. */
const NEED_FILES = ['country:ipsource', 'asn:ipsource', 'dns:ipsource', 'oui:macsource:name'];

const EXPRESSIONS = [...new Set(ROWS.map(([expression]) => expression))];
const flowName = (expression: string): string => `f${EXPRESSIONS.indexOf(expression)}`;
const folder = mkdtempSync(join(tmpdir(), 'weir-contract-'));

const COUNTRIES = {
  '10.1.0.0/16': { country: { iso_code: 'DE', names: { de: 'Deutschland', en: 'Germany' } } },
  '2001:db8:1::/48': { country: { iso_code: 'SE', names: { en: 'Sweden' } } },
};
const SYSTEMS = {
  '10.1.0.0/16': { autonomous_system_number: 64500, autonomous_system_organization: 'Example, One AB' },
};
/** Servers are asked on port 53. */
const NAME_SERVER = '127.53.0.53';

let weir: WeirUnderTest;
let bare: WeirUnderTest;
let names: DnsResponder;
let agents: SampleAgents;

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

beforeAll(async () => {
  const vendors = '00-0C-29   (hex)\t\tVMWARE\n000C29     (base 16)\t\tVMWARE\n';
  names = await DnsResponder.open(
    (question) =>
      question.startsWith('3.2.1.10.') ? { names: ['h-3.example.net'] } : { code: RCODE.nameError },
    53,
    NAME_SERVER,
  );
  [weir, bare] = await Promise.all([
    WeirUnderTest.serve(
      `-Doui.names=${fileOf('oui.txt', vendors)}`,
      `-Dgeo.country=${fileOf('country.mmdb', writeMmdb({ records: COUNTRIES }))}`,
      `-Dgeo.asn=${fileOf('asn.mmdb', writeMmdb({ records: SYSTEMS }))}`,
      `-Ddns.servers=${NAME_SERVER}`,
    ),
    WeirUnderTest.serve(),
  ]);
  agents = sampleAgents(weir);
  await weir.set('/group/sites/json', { ten: ['10.0.0.0/8'], oslo: ['10.1/16'], six: ['2001:db8::/32'] });
  await weir.set('/group/others/json', { other: ['192.0.2.0/24'] });
  await weir.set('/map/ports/json', { https: ['443'], former: ['64'], later: ['64'] });
  await weir.set('/topology/json', {
    nodes: {
      leaf1: { agent: agents.tcp.address, ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
      spine1: { agent: agents.http.address, ports: { swp1: { ifindex: '1' } } },
    },
    links: { L1: { node1: 'leaf1', port1: 'swp2', node2: 'spine1', port2: 'swp1' } },
  });
  for (const expression of EXPRESSIONS)
    await weir.set(`/flow/${flowName(expression)}/json`, { keys: expression, value: 'count:agent', t: 600 });
  const host = weir.agent();
  await weir.deliver(host.datagram([hypervisor(host), guest(host)]));
  await deliverSamples(weir, agents);
});
afterAll(async () => {
  names.close();
  await Promise.all([weir.end(), bare.end()]);
  rmSync(folder, { recursive: true });
});

/** A host with the adapter 000C29AABBCC. */
function hypervisor(agent: SyntheticAgent): Sample {
  return agent.counters(
    [
      record('host_descr', {
        hostname: 'hypervisor',
        uuid: '00112233-4455-6677-8899-aabbccddeeff',
        machineType: 3,
        osName: 2,
        osRelease: '6.1.0',
      }),
      record('host_adapters', { adapters: [{ ifIndex: 1, macAddresses: ['000C29AABBCC'] }] }),
    ],
    { sourceId: { class: 2, index: 1 } },
  );
}

/** A virtual machine of that host, with the adapter 00163E123456. */
function guest(agent: SyntheticAgent): Sample {
  return agent.counters(
    [
      record('host_parent', { containerType: 2, containerIndex: 1 }),
      record('host_descr', {
        hostname: 'guest',
        uuid: '00112233-4455-6677-8899-aabbccddee00',
        machineType: 2,
        osName: 3,
        osRelease: '10',
      }),
      record('host_adapters', { adapters: [{ ifIndex: 5, macAddresses: ['00163E123456'] }] }),
    ],
    { sourceId: { class: 3, index: 5 } },
  );
}

describe('5.2 key functions', () => {
  it.for(ROWS)('5.2 %s of the sample %s is %s', async ([expression, sample, shown]) => {
    const path = `/activeflows/${agents[sample].address}/${flowName(expression)}/json`;
    const found = await weir.get<ActiveFlow[]>(path);
    expect(found.map(({ key }) => key)).toEqual(shown === null ? [] : [shown]);
  });
});

describe('5.2 without files and servers', () => {
  it.for(NEED_FILES)('5.2 %s is absent', async (keys) => {
    const sampled = sampleAgents(bare);
    await bare.set('/flow/needs-files/json', { keys, value: 'count:agent' });
    await deliverSamples(bare, sampled);
    expect(await bare.get('/activeflows/ALL/needs-files/json')).toEqual([]);
  });
});

describe('5.2 dns', () => {
  const asked = (start: string): number => names.questions.filter((each) => each.startsWith(start)).length;
  const keysOf = async (): Promise<string[]> =>
    (await weir.get<ActiveFlow[]>('/activeflows/ALL/names/json')).map(({ key }) => key).sort();

  it('5.2 the first sample is absent and starts the query, later ones use the cache', async () => {
    const keys = 'or:ipsource:ip6source,dns:[or:ipsource:ip6source]';
    await weir.set('/flow/names/json', { keys, value: 'count:agent', t: 600 });
    await deliverSamples(weir, agents);
    expect(await keysOf()).toEqual([]);
    await vi.waitFor(async () => {
      await deliverSamples(weir, agents);
      expect(await keysOf()).toEqual(['10.1.2.3,h-3.example.net.']);
    });
    expect(asked('3.2.1.10.in-addr.arpa')).toBe(1);
  });

  it('5.2 a name that does not exist is cached too, and stays absent', async () => {
    await vi.waitFor(() => expect(asked('3.0.0.0.')).toBe(1));
    await deliverSamples(weir, agents);
    expect(await keysOf()).toEqual(['10.1.2.3,h-3.example.net.']);
    expect(asked('3.0.0.0.')).toBe(1);
    expect(names.questions.find((each) => each.startsWith('3.0.0.0.'))).toMatch(/\.ip6\.arpa$/);
  });

  it('5.2 there is no query for what is no address', async () => {
    const before = names.questions.length;
    await weir.set('/flow/no-names/json', { keys: 'dns:macsource', value: 'count:agent' });
    await deliverSamples(weir, agents);
    expect(await weir.get('/activeflows/ALL/no-names/json')).toEqual([]);
    expect(names.questions).toHaveLength(before);
  });
});

requestTable(
  '5.2 arguments that do not fit, and functions that are not there',
  () => weir,
  REFUSED.map(
    (keys): RequestRow => [
      `5.2 ${keys}`,
      `PUT /flow/refused/json ${JSON.stringify({ keys, value: 'bytes' })}`,
      400,
    ],
  ),
);
