import { describe, expect, it } from 'vitest';
import { parseIPv4, parseIPv6 } from '../common/index.ts';
import { eth, ip, tcp } from '../packet/testing/build-packet.ts';
import { flowSample, record, sampledHeader } from '../sflow/index.ts';
import { evaluateKey } from './evaluate.ts';
import { FUNCTIONS } from './functions.ts';
import { type Lookups, NO_LOOKUPS } from './lookups.ts';
import { parseKey } from './parse-expression.ts';
import { customSample, sampleOf } from './testing/sample-of.ts';

const LOOKUPS: Lookups = {
  lookupIPv4: (groups, word) =>
    groups.includes('lan') && word >>> 24 === 10
      ? 'ten'
      : groups.includes('all')
        ? `v4 ${groups}`
        : undefined,
  lookupIPv6: (groups, w0, w1, w2, w3) => `${groups} ${[w0, w1, w2, w3].map((w) => (w >>> 0).toString(16))}`,
  map: (name, value) => (name === 'ports' ? { 443: 'https' }[value] : undefined),
  vendor: (mac) => (mac.startsWith('000C29') ? 'VMWARE' : undefined),
  host: (mac, attribute) => `${mac} ${attribute}`,
  node: (agent, ifIndex) => `node ${agent} ${ifIndex}`,
  link: (agent, ifIndex) => `link ${agent} ${ifIndex}`,
  ifName: (agent, ifIndex) => `if ${agent} ${ifIndex}`,
  country: () => ({ code: 'DE', name: 'Germany' }),
  asn: () => ({ number: 64500, description: 'Example, One AB' }),
  dnsName: (address) => (address === '10.1.2.3' ? 'h-3.example.net.' : undefined),
};

/** The function over fields of text, which stand for any keys. */
function over(fields: Readonly<Record<string, string | number>>, text: string, lookups = NO_LOOKUPS) {
  return evaluateKey(parseKey(text), customSample(fields), lookups);
}

/** The function over a TCP packet from 10.1.2.3:1000 to 10.0.0.2:443 on interface 1. */
function overPacket(text: string, lookups = LOOKUPS) {
  const header = eth(
    0x0800,
    ip(6, tcp(1000, 443, undefined, { flags: 0x12 }), { source: '10.1.2.3', tos: 0xb8 }),
  );
  return evaluateKey(parseKey(text), sampleOf(flowSample({ records: [sampledHeader(header)] })), lookups);
}

describe('5.2 functions', () => {
  it('a missing argument value makes the result absent', () => {
    for (const text of [
      'group:x:lan',
      'mask:x:8',
      'concat:-:a:x',
      'hash:a:x',
      'eq:a:x',
      'if:a:1:x',
      'range:x:0:9',
    ]) {
      expect(over({ a: '1' }, text, LOOKUPS)).toBeUndefined();
    }
  });

  it('group: label of the longest prefix, of IPv4 and IPv6 text only', () => {
    expect(overPacket('group:ipsource:lan')).toBe('ten');
    expect(over({ a: '192.0.2.1' }, 'group:a:lan', LOOKUPS)).toBeUndefined();
    expect(over({ a: '192.0.2.1' }, 'group:a:lan:all', LOOKUPS)).toBe('v4 lan,all');
    expect(over({ a: '2001:db8::1' }, 'group:a:lan', LOOKUPS)).toBe('lan 20010db8,0,0,1');
    expect(overPacket('group:[mask:ipsource:8]:all')).toBeUndefined();
    expect(overPacket('group:macsource:all')).toBeUndefined();
    expect(overPacket('group:[or:vlan:ipsource]:lan')).toBe('ten');
  });

  it('map: label of the value in the first map that has it', () => {
    expect(overPacket('map:tcpdestinationport:ports')).toBe('https');
    expect(overPacket('map:tcpdestinationport:none:ports')).toBe('https');
    expect(overPacket('map:tcpsourceport:ports')).toBeUndefined();
  });

  it('mask: networks of IPv4, IPv6 and MAC addresses', () => {
    expect(overPacket('mask:ipsource:24')).toBe('10.1.2.0/24');
    expect(overPacket('mask:ipsource:0')).toBe('0.0.0.0/0');
    expect(overPacket('mask:ipsource:33')).toBe('10.1.2.3/33');
    expect(overPacket('mask:ipsource')).toBeUndefined();
    expect(over({ a: '2001:db8:1:2::3' }, 'mask:a:32')).toBe('2001:db8::/32');
    expect(over({ a: '2001:db8:ffff::' }, 'mask:a:33')).toBe('2001:db8:8000::/33');
    expect(over({ a: '00163E123456' }, 'mask:a:24')).toBe('00163E000000/24');
    expect(over({ a: '00163EFFFFFF' }, 'mask:a:28')).toBe('00163EF00000/28');
    expect(over({ a: '00163E123456' }, 'mask:a:8')).toBe('000000000000/8');
    expect(over({ a: 'nonsense' }, 'mask:a:8')).toBeUndefined();
  });

  it('prefix, suffix: the first or last tokens', () => {
    const fields = { name: 'www.example.com.', short: 'a' };
    expect(over(fields, 'prefix:name:.:2')).toBe('www.example');
    expect(over(fields, 'suffix:name:.:2')).toBe('com.');
    expect(over(fields, 'suffix:name:.:3')).toBe('example.com.');
    expect(over(fields, 'prefix:short:.:3')).toBe('a');
    expect(over(fields, 'suffix:name:.:99')).toBe('www.example.com.');
    expect(over(fields, 'prefix:name::1')).toBe('www.example.com.');
    expect(over({ a: 'x::y::z' }, 'prefix:a:\\:\\::2')).toBe('x::y');
  });

  it('first: the first token, in the order of the text, that is one of the values', () => {
    expect(overPacket('first:stack:.:udp:tcp:ip')).toBe('ip');
    expect(overPacket('first:stack:.:udp:icmp')).toBeUndefined();
  });

  it('null: a text in place of an absent key', () => {
    expect(overPacket('null:vlan')).toBe('null');
    expect(overPacket('null:vlan:none')).toBe('none');
    expect(overPacket('null:vlan:')).toBe('');
    expect(overPacket('null:ipprotocol:none')).toBe('6');
  });

  it('or: the first key that is present', () => {
    expect(overPacket('or:vlan:ip6source:ipsource')).toBe('10.1.2.3');
    expect(overPacket('or:vlan:ip6source')).toBeUndefined();
    expect(over({ a: '', b: 'x' }, 'or:a:b')).toBe('');
  });

  it('eq: whether all are equal', () => {
    expect(over({ a: '1', b: '1', c: '2' }, 'eq:a:b')).toBe('true');
    expect(over({ a: '1', b: '1', c: '2' }, 'eq:a:b:c')).toBe('false');
    expect(over({ a: '1' }, 'eq:a')).toBe('true');
  });

  it('if: another key when the first equals a literal', () => {
    expect(overPacket('if:ipprotocol:6:tcpsourceport')).toBe('1000');
    expect(overPacket('if:ipprotocol:17:tcpsourceport')).toBeUndefined();
    expect(over({ a: 'b', b: 'b' }, 'if:a:b:a')).toBe('b');
    expect(over({ a: '4', four: 'v4' }, 'if:a:4:four:six')).toBe('v4');
    expect(over({ a: '6', six: 'v6' }, 'if:a:4:four:six')).toBe('v6');
    expect(over({ a: '6', four: 'v4' }, 'if:a:4:four:six')).toBeUndefined();
    expect(over({ four: 'v4', six: 'v6' }, 'if:a:4:four:six')).toBeUndefined();
  });

  it('range: inclusive, open where a bound is empty', () => {
    expect(overPacket('range:tcpdestinationport:0:1023')).toBe('true');
    expect(overPacket('range:tcpdestinationport:443:443')).toBe('true');
    expect(overPacket('range:tcpdestinationport:444')).toBe('false');
    expect(overPacket('range:tcpdestinationport::442')).toBe('false');
    expect(overPacket('range:tcpdestinationport::')).toBe('true');
    expect(overPacket('range:[null:vlan:7]:0:10')).toBe('true');
    expect(overPacket('range:ipsource:0:10')).toBeUndefined();
  });

  it('bits: masked and shifted, of numeric keys only', () => {
    expect(overPacket('bits:tcpdestinationport:240:4')).toBe(String((443 & 240) >> 4));
    expect(overPacket('bits:ipdscp:63')).toBe('46');
    expect(overPacket('bits:tcpflags:2')).toBeUndefined();
    expect(over({ a: 4294967295 }, 'bits:a:4294967295:31')).toBe('1');
    expect(over({ a: 2 ** 40 }, 'bits:a:1099511627776:40')).toBe('1');
  });

  it('concat: joined, absent if any is absent', () => {
    expect(overPacket('concat:-:ipsource:tcpsourceport')).toBe('10.1.2.3-1000');
    expect(overPacket('concat::ipprotocol:ipttl')).toBe('664');
    expect(overPacket('concat:-:ipsource:vlan')).toBeUndefined();
  });

  it('hash: 32 bits in hex without leading zeros', () => {
    expect(overPacket('hash:ipsource')).toBe('1e8bc9ca');
    expect(over({ a: '' }, 'hash:a')).toBe('1f');
    expect(over({ a: '', b: 'a' }, 'hash:a:b')).toBe((31 * 31 + 97).toString(16));
  });

  it('uri: parts', () => {
    const uri = 'http://joe:pw@www.example.com:8080/p1/p2/p3.html?a=1&b=2#top';
    const parts = {
      scheme: 'http',
      authority: 'joe:pw@www.example.com:8080',
      user: 'joe:pw',
      host: 'www.example.com',
      port: '8080',
      path: '/p1/p2/p3.html',
      file: 'p3.html',
      extension: 'html',
      query: 'a=1&b=2',
      fragment: 'top',
    };
    for (const [part, value] of Object.entries(parts)) expect(over({ uri }, `uri:uri:${part}`)).toBe(value);
    expect(over({ uri }, 'uri:uri')).toBe(uri);
    for (const part of ['scheme', 'authority', 'user', 'host', 'port', 'query', 'fragment']) {
      expect(over({ uri: '/a/b' }, `uri:uri:${part}`)).toBeUndefined();
    }
    expect(over({ uri: 'http://[2001:db8::1]/' }, 'uri:uri:host')).toBe('[2001:db8::1]');
    expect(over({ uri: 'http://h/' }, 'uri:uri:file')).toBeUndefined();
    expect(over({ uri: '/a.b/c' }, 'uri:uri:extension')).toBeUndefined();
  });

  it('attr: the value of a name', () => {
    expect(over({ q: 'a=1&b=2&c' }, 'attr:q:b')).toBe('2');
    expect(over({ q: 'a=1&b=x=y' }, 'attr:q:z:b')).toBe('x=y');
    expect(over({ q: 'ab=1' }, 'attr:q:b')).toBeUndefined();
  });

  it('oui: the digits, or the vendor', () => {
    expect(overPacket('oui:macsource')).toBe('000C29');
    expect(overPacket('oui:macsource:name')).toBe('VMWARE');
    expect(overPacket('oui:macsource:name', NO_LOOKUPS)).toBeUndefined();
    expect(overPacket('oui:macsource:other')).toBeUndefined();
    expect(overPacket('oui:ipsource')).toBeUndefined();
  });

  it('host, node, link, ifname ask what is known', () => {
    expect(overPacket('host:macsource')).toBe('000C29AABBCC host_name');
    expect(overPacket('host:macsource:vir_uuid')).toBe('000C29AABBCC vir_uuid');
    expect(overPacket('node:inputifindex')).toBe('node 192.0.2.1 1');
    expect(overPacket('link:outputifindex')).toBe('link 192.0.2.1 2');
    expect(overPacket('ifname:ds')).toBe('if 192.0.2.1 1');
    for (const text of ['host:macsource', 'node:ds', 'link:ds', 'ifname:ds']) {
      expect(overPacket(text, NO_LOOKUPS)).toBeUndefined();
    }
  });

  it('country, asn: forms; other arguments give nothing', () => {
    expect(overPacket('country:ipsource')).toBe('DE');
    expect(overPacket('country:ipsource:code')).toBe('DE');
    expect(overPacket('country:ipsource:name')).toBe('Germany');
    expect(overPacket('country:ipsource:x')).toBeUndefined();
    expect(overPacket('asn:ipsource')).toBe('AS64500');
    expect(overPacket('asn:ipsource:number')).toBe('AS64500');
    expect(overPacket('asn:ipsource:descr')).toBe('Example, One AB');
    expect(overPacket('asn:ipsource:both')).toBe('AS64500 Example, One AB');
    expect(overPacket('asn:ipsource:x')).toBeUndefined();
    expect(overPacket('asn:ipsource', NO_LOOKUPS)).toBeUndefined();
  });

  it('dns: the name of an address, no question for anything else', () => {
    expect(overPacket('dns:ipsource')).toBe('h-3.example.net.');
    const asked: string[] = [];
    const lookups = { ...NO_LOOKUPS, dnsName: (address: string) => void asked.push(address) };
    overPacket('dns:macsource', lookups);
    overPacket('dns:ipdestination', lookups);
    expect(asked).toEqual(['10.0.0.2']);
  });

  it('addresses reach lookups as words', () => {
    const words: unknown[] = [];
    const lookups: Lookups = {
      ...NO_LOOKUPS,
      lookupIPv4: (groups, word) => void words.push(groups, word),
      lookupIPv6: (groups, ...address) => void words.push(groups, address),
    };
    over(
      { a: '200.1.2.3', b: '2001:db8::ffff:1' },
      'concat:-:[null:[group:a:g:h]]:[null:[group:b:g]]',
      lookups,
    );
    expect(words).toEqual([
      ['g', 'h'],
      parseIPv4('200.1.2.3'),
      ['g'],
      [...(parseIPv6('2001:db8::ffff:1') ?? [])],
    ]);
  });

  it('all are documented with their form', () => {
    for (const [name, { usage, doc }] of FUNCTIONS) {
      expect(usage.startsWith(`${name}:`)).toBe(true);
      expect(doc).not.toBe('');
    }
    expect(FUNCTIONS.size).toBe(24);
  });

  it('records feed functions like packets do', () => {
    const sample = sampleOf(flowSample({ records: [record('http_request', { uri: '/a/b.html?x=1' })] }));
    expect(evaluateKey(parseKey('uri:httpurl:file'), sample, NO_LOOKUPS)).toBe('b.html');
  });
});
