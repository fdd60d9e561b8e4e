import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, dnsQuery, eth, ip, tcp, u24, udp, zeros } from '../packet/testing/build-packet.ts';
import {
  DatagramWalker,
  datagram,
  discardSample,
  encodeDatagram,
  type FieldValue,
  flowSample,
  record,
  SAMPLE,
  sampledHeader,
} from '../sflow/index.ts';
import { evaluateKey, evaluateNumber } from './evaluate.ts';
import { fillSampleContext } from './fill.ts';
import { allKeyNames, presentKeys, resolveKey } from './keys.ts';
import { NO_LOOKUPS } from './lookups.ts';
import { parseKey } from './parse-expression.ts';
import { sourceText } from './read-source.ts';
import { SampleContext } from './sample.ts';
import { customSample, packetSample, recordSample, sampleOf } from './testing/sample-of.ts';

function key(sample: SampleContext, name: string): string | undefined {
  return evaluateKey(parseKey(name), sample, NO_LOOKUPS);
}

function number(sample: SampleContext, name: string): number {
  const reference = parseKey(name);
  return reference.kind === 'key' ? evaluateNumber(reference, sample) : Number.NaN;
}

/** The keys of a sample with one record. */
function keysOf(
  name: string,
  fields: Readonly<Record<string, FieldValue>> = {},
): Record<string, string | undefined> {
  const sample = recordSample(record(name, fields));
  const names = presentKeys(sample).filter((present) => !COMMON.has(present));
  return Object.fromEntries(names.map((present) => [present, key(sample, present)]));
}

const COMMON = new Set(['agent', 'ds', 'direction', 'inputifindex', 'outputifindex', 'samplingrate']);
const FRAME = eth(0x0800, ip(6, tcp(40000, 443)));

describe('5.1 keys of the sample', () => {
  const sample = packetSample(FRAME, 200);

  it.each([
    ['agent', '192.0.2.1'],
    ['ds', '1'],
    ['direction', 'ingress'],
    ['inputifindex', '1'],
    ['outputifindex', '2'],
    ['samplingrate', '1000.0'],
    ['bytes', '200'],
    ['frames', '1'],
    ['stripped', '4'],
    ['stack', 'eth.ip.tcp'],
  ])('%s is %s', (name, text) => {
    expect(key(sample, name)).toBe(text);
  });

  it('bytes, frames and samplingrate are numbers', () => {
    expect(['bytes', 'frames', 'samplingrate', 'stripped'].map((name) => number(sample, name))).toEqual([
      200, 1, 1000, 4,
    ]);
    sample.samplingRate = 135.64;
    expect(key(sample, 'samplingrate')).toBe('135.64');
  });

  it.each([
    [{ output: 0 }, 'unknown'],
    [{ output: 0x3fffffff }, 'internal'],
    [{ output: 0x3fffffff, expanded: true }, '1073741823'],
    [{ output: 0xffffffff, expanded: true }, '4294967295'],
    [{ output: { format: 1, value: 0 } }, 'discard'],
    [{ output: { format: 1, value: 258 }, expanded: true }, 'discard'],
    [{ output: { format: 2, value: 3 } }, 'multiple'],
  ])('3.7 outputifindex of %j is %s', (given, text) => {
    expect(key(sampleOf(flowSample(given)), 'outputifindex')).toBe(text);
  });

  it('3.7 outputifcount is there with multiple outputs only', () => {
    expect(key(sampleOf(flowSample({ output: { format: 2, value: 3 } })), 'outputifcount')).toBe('3');
    expect(key(sampleOf(flowSample({ output: { format: 2, value: 0 } })), 'outputifcount')).toBe('0');
    expect(key(sampleOf(flowSample({ output: 3 })), 'outputifcount')).toBeUndefined();
  });

  it('3.7 direction is absent when the data source is neither input nor output', () => {
    expect(key(sampleOf(flowSample({ sourceId: 2 })), 'direction')).toBe('egress');
    expect(key(sampleOf(flowSample({ sourceId: 9 })), 'direction')).toBeUndefined();
  });

  it('requests is 1 for DNS, ICMP, ARP and operations, else absent', () => {
    const icmp = eth(0x0800, ip(1, bytes(8, 0, zeros(6))));
    const arp = eth(0x0806, bytes('0001 0800 06 04 0001', zeros(20)));
    const dns = eth(0x0800, ip(17, udp(1000, 53, dnsQuery('www.example.com'))));
    for (const frame of [icmp, arp, dns]) expect(number(packetSample(frame), 'requests')).toBe(1);
    for (const name of ['http_request', 'memcache_operation', 'app_operation']) {
      expect(key(recordSample(record(name)), 'requests')).toBe('1');
    }
    expect(key(packetSample(FRAME), 'requests')).toBeUndefined();
  });
});

describe('5.1 keys of discards', () => {
  it('reason, function, trap, drop reason; rate 1, no direction', () => {
    const sample = sampleOf(
      discardSample({
        reason: 258,
        records: [
          sampledHeader(FRAME),
          record('extended_function', { symbol: 'kfree_skb' }),
          record('extended_hw_trap', { group: 'l2_drops', trap: 'vlan_tag_mismatch' }),
          record('extended_linux_drop_reason', { reason: 'NO_SOCKET' }),
        ],
      }),
    );
    expect(
      [
        'reason',
        'function',
        'hw_trap_group',
        'hw_trap_name',
        'linux_drop_reason',
        'samplingrate',
        'direction',
        'bytes',
      ].map((name) => key(sample, name)),
    ).toEqual([
      'acl',
      'kfree_skb',
      'l2_drops',
      'vlan_tag_mismatch',
      'NO_SOCKET',
      '1.0',
      undefined,
      String(FRAME.length + 4),
    ]);
    expect(key(packetSample(FRAME), 'reason')).toBeUndefined();
  });

  it.each([
    [0, 'net_unreachable'],
    [15, 'precedence_cutoff'],
    [16, 'unknown_code_16'],
    [255, 'unknown_code_255'],
    [256, 'unknown'],
    [269, 'blackhole_route'],
    [289, 'unknown_l4'],
    [309, 'vlan_parsing'],
    [310, 'unknown_code_310'],
    [4_000_000_000, 'unknown_code_4000000000'],
  ])('14.2 reason %d is %s', (reason, text) => {
    expect(key(sampleOf(discardSample({ reason })), 'reason')).toBe(text);
  });
});

describe('5.1 keys of packets', () => {
  it('inner layers have the suffix of their occurrence', () => {
    const vxlan = (inner: Uint8Array) => udp(1, 4789, bytes('08000000', u24(5000), 0, inner));
    const sample = packetSample(
      eth(
        0x0800,
        ip(17, vxlan(eth(0x0800, ip(6, tcp(1, 2), { source: '172.16.0.1' }))), { source: '10.0.0.1' }),
      ),
    );
    expect(key(sample, 'stack')).toBe('eth.ip.udp.vxlan.eth.ip.tcp');
    expect([key(sample, 'ipsource'), key(sample, 'ipsource.1')]).toEqual(['10.0.0.1', '172.16.0.1']);
    expect(key(sample, 'tcpsourceport')).toBe('1');
    expect(number(sample, 'ipprotocol.1')).toBe(6);
    expect(key(sample, 'ipsource.2')).toBeUndefined();
    expect(presentKeys(sample)).toEqual(expect.arrayContaining(['ipsource.1', 'macsource.1', 'vxlanvni']));
    expect(resolveKey('ipsource.9')).toBeUndefined();
    expect(resolveKey('stack.1')).toBeUndefined();
  });
});

describe('5.1 keys of records', () => {
  it('switch', () => {
    const fields = { sourceVlan: 7, sourcePriority: 3, destinationVlan: 9, destinationPriority: 4 };
    expect(keysOf('extended_switch', fields)).toEqual({
      vlansource: '7',
      prioritysource: '3',
      vlandestination: '9',
      prioritydestination: '4',
    });
  });

  it('router', () => {
    const masks = { sourceMaskLength: 24, destinationMaskLength: 16 };
    const bits = { ipsourcemaskbits: '24', ipdestinationmaskbits: '16' };
    expect(keysOf('extended_router', { nextHop: '10.255.0.1', ...masks })).toEqual({
      ipnexthoprouter: '10.255.0.1',
      ...bits,
    });
    expect(keysOf('extended_router', { nextHop: '2001:db8::1', ...masks })).toEqual({
      ip6nexthoprouter: '2001:db8::1',
      ...bits,
    });
    expect(keysOf('extended_router', { nextHop: null, ...masks })).toEqual(bits);
  });

  it('gateway', () => {
    expect(
      keysOf('extended_gateway', {
        nextHop: '10.255.0.2',
        asNumber: 65000,
        sourceAs: 65001,
        sourcePeerAs: 65002,
        destinationAsPath: [
          { type: 2, asNumbers: [65003, 65004] },
          { type: 1, asNumbers: [4_200_000_000] },
        ],
        communities: [(65000 << 16) + 666, (1 << 16) + 2].map((word) => word >>> 0),
        localPreference: 100,
      }),
    ).toEqual({
      bgpnexthop: '10.255.0.2',
      bgpas: '65000',
      bgpsourceas: '65001',
      bgpsourcepeeras: '65002',
      bgpdestinationas: '4200000000',
      bgpdestinationpeeras: '65003',
      bgpdestinationaspath: '65003-65004-4200000000',
      bgpcommunities: '65000:666-1:2',
      bgplocalpref: '100',
    });
  });

  it('gateway with an empty path: the keys of the path are absent', () => {
    const present = Object.keys(keysOf('extended_gateway', { nextHop: '2001:db8::ffff' }));
    expect(present).toEqual(['bgpnexthop', 'bgpas', 'bgpsourceas', 'bgpsourcepeeras', 'bgplocalpref']);
  });

  it('user, url, nat', () => {
    expect(keysOf('extended_user', { sourceUser: 'alice', destinationUser: 'bob' })).toEqual({
      usersrc: 'alice',
      userdst: 'bob',
    });
    expect(keysOf('extended_user', { destinationUser: 'b' })).toEqual({ userdst: 'b' });
    expect(keysOf('extended_url', { direction: 2, url: '/a/b.html', host: 'h' })).toEqual({
      urldirection: 'destination',
      url: '/a/b.html',
      urlhost: 'h',
    });
    expect(keysOf('extended_url', { direction: 1 })).toEqual({ urldirection: 'source' });
    expect(keysOf('extended_url', { direction: 3 })).toEqual({});
    expect(keysOf('extended_nat', { sourceAddress: '192.0.2.1', destinationAddress: '2001:db8::1' })).toEqual(
      {
        natsrc: '192.0.2.1',
        natdst: '2001:db8::1',
      },
    );
    expect(keysOf('extended_nat_port', { sourcePort: 1, destinationPort: 2 })).toEqual({
      natsrcport: '1',
      natdstport: '2',
    });
  });

  it('mpls: whole label stack entries as numbers', () => {
    expect(
      keysOf('extended_mpls', { nextHop: '10.255.0.3', inputStack: [65536], outputStack: [69632, 1] }),
    ).toEqual({
      mplsnexthoprouter: '10.255.0.3',
      mplsstackin: '65536',
      mplsstackout: '69632-1',
    });
    expect(keysOf('extended_mpls_tunnel', { tunnelLspName: 'lsp', tunnelId: 7, tunnelCos: 3 })).toEqual({
      mplstunnelname: 'lsp',
      mplstunnelid: '7',
      mplstunnelcos: '3',
    });
  });

  it('tunnels: the outer header, by direction', () => {
    const ethernet = { sourceMac: '020000000001', destinationMac: '020000000002', ethernetType: 2048 };
    expect(keysOf('extended_l2_tunnel_egress', ethernet)).toEqual({
      outputmacsource: '020000000001',
      outputmacdestination: '020000000002',
      outputethernetprotocol: '2048',
    });
    const ipv4 = {
      protocol: 17,
      sourceIp: '10.0.0.1',
      destinationIp: '10.0.0.2',
      sourcePort: 1,
      destinationPort: 4789,
      tos: 0xb8,
    };
    expect(keysOf('extended_ipv4_tunnel_ingress', ipv4)).toEqual({
      inputipsource: '10.0.0.1',
      inputipdestination: '10.0.0.2',
      inputipprotocol: '17',
      inputiptos: '10111000',
      inputipdscp: '46',
      inputipdscpname: 'ef(46)',
      inputipecn: '00',
      inputudpsourceport: '1',
      inputudpdestinationport: '4789',
    });
    expect(
      keysOf('extended_ipv6_tunnel_egress', {
        protocol: 47,
        sourceIp: '2001:db8::1',
        destinationIp: '2001:db8::2',
      }),
    ).toEqual({
      outputip6source: '2001:db8::1',
      outputip6destination: '2001:db8::2',
      outputip6nexthdr: '47',
    });
    expect(keysOf('extended_decapsulate_egress', { innerHeaderOffset: 50 })).toEqual({
      outputheaderoffset: '50',
    });
    expect(keysOf('extended_decapsulate_ingress', { innerHeaderOffset: 50 })).toEqual({
      inputheaderoffset: '50',
    });
    expect(keysOf('extended_vni_egress', { vni: 5000 })).toEqual({ outputvni: '5000' });
    expect(keysOf('extended_vni_ingress', { vni: 5001 })).toEqual({ inputvni: '5001' });
  });

  it('transit: queue, ACL, delays', () => {
    expect(keysOf('extended_egress_queue', { queue: 7 })).toEqual({ queueindex: '7' });
    expect(keysOf('extended_acl', { number: 3, name: 'edge-in', direction: 1 })).toEqual({
      aclnumber: '3',
      aclname: 'edge-in',
      acldirection: 'ingress',
    });
    expect(keysOf('extended_acl', { number: 3, direction: 0 })).toEqual({
      aclnumber: '3',
      acldirection: 'unknown',
    });
    expect(keysOf('extended_transit', { delay: 1234567 })).toEqual({ transitdelay: '1234567' });
    expect(keysOf('extended_queue', { depth: 65536 })).toEqual({ queuedepth: '65536' });
  });

  it('wifi', () => {
    expect(keysOf('extended_80211_payload', { cipherSuite: 0x000fac04 })).toEqual({
      ciphersuite: '000FAC04',
      ciphersuiteoui: '000FAC',
      ciphersuitetype: '4',
    });
    const radio = {
      ssid: 'net',
      bssid: '020000000001',
      version: 4,
      channel: 11,
      speed: 54_000_000,
      packetDuration: 9,
    };
    const common = {
      wifissid: 'net',
      wifibssid: '020000000001',
      wifiversion: '802.11n',
      wifichannel: '11',
      wifispeed: '54000000',
      wifiduration: '9',
    };
    expect(keysOf('extended_80211_rx', { ...radio, rsni: 5, rcpi: 6 })).toEqual({
      ...common,
      wifirsni: '5',
      wifircpi: '6',
    });
    expect(
      keysOf('extended_80211_tx', { ...radio, transmissions: 2, retransmissionDuration: 3, power: 100 }),
    ).toEqual({
      ...common,
      wifitransmissions: '2',
      wifiretransmissionduration: '3',
      wifipower: '100',
    });
  });

  it('tcp_info, and what follows from it', () => {
    const fields = {
      direction: 1,
      sendMss: 1448,
      receiveMss: 1440,
      unacked: 4,
      lost: 1,
      retransmissions: 2,
      pathMtu: 1500,
      rtt: 12000,
      rttVariance: 144,
      sendCongestionWindow: 10,
      reordering: 3,
      minimumRtt: 5000,
    };
    expect(keysOf('extended_tcp_info', fields)).toEqual({
      tcpdirection: 'received',
      tcpmsssnd: '1448',
      tcpmssrcv: '1440',
      tcpunacked: '4',
      tcplost: '1',
      tcpretrans: '2',
      tcppmtu: '1500',
      tcprtt: '12000',
      tcprttvar: '144',
      tcpcwndsnd: '10',
      tcpreordering: '3',
      tcprttmin: '5000',
      tcprttwait: '7000',
      tcprttsdev: '12',
      tcprttserr: '0.001',
      tcpsndbps: String((10 * 1448 * 8e6) / 12000),
    });
    const { tcpdirection, tcprttserr, tcpsndbps } = keysOf('extended_tcp_info', { direction: 2 });
    expect([tcpdirection, tcprttserr, tcpsndbps]).toEqual(['sent', undefined, undefined]);
    expect(keysOf('extended_tcp_info', { rtt: 1, minimumRtt: 0xffffffff })['tcprttwait']).toBeUndefined();
  });

  it('sockets: the reporting host is the server', () => {
    const ports = { protocol: 6, localPort: 443, remotePort: 40000 };
    expect(keysOf('extended_socket_ipv4', { localIp: '10.0.0.1', remoteIp: '10.0.0.2', ...ports })).toEqual({
      protocol: '6',
      serveraddress: '10.0.0.1',
      clientaddress: '10.0.0.2',
      serverport: '443',
      clientport: '40000',
    });
    expect(
      keysOf('extended_socket_ipv6', { localIp: '2001:db8::1', remoteIp: '2001:db8::2', ...ports }),
    ).toEqual({
      protocol: '6',
      serveraddress6: '2001:db8::1',
      clientaddress6: '2001:db8::2',
      serverport: '443',
      clientport: '40000',
    });
    expect(
      keysOf('extended_proxy_socket_ipv4', { localIp: '10.0.0.1', remoteIp: '10.0.0.2', ...ports }),
    ).toEqual({
      proxyprotocol: '6',
      proxyclientaddress: '10.0.0.1',
      proxyserveraddress: '10.0.0.2',
      proxyclientport: '443',
      proxyserverport: '40000',
    });
    expect(keysOf('extended_proxy_request', { uri: '/x', host: 'b' })).toEqual({
      httpproxyurl: '/x',
      httpproxyhost: 'b',
    });
  });

  it('http: empty strings are absent', () => {
    const fields = {
      method: 2,
      protocol: 1001,
      uri: '/a/b.html',
      host: 'h.example',
      userAgent: 'ua',
      mimeType: 'text/html',
      requestBytes: 100,
      responseBytes: 2000,
      duration: 1500,
      status: 200,
    };
    const basic = {
      requests: '1',
      httpmethod: 'GET',
      httpprotocol: '1.1',
      httpurl: '/a/b.html',
      httphost: 'h.example',
      httpuseragent: 'ua',
      httpmimetype: 'text/html',
      reqbytes: '100',
      respbytes: '2000',
      bytes: '2100',
      duration: '1500',
      httpstatus: '200',
    };
    expect(keysOf('http_request', fields)).toEqual(basic);
    expect(keysOf('http_request', { ...fields, referer: 'r', xff: 'x', authUser: 'u' })).toEqual({
      ...basic,
      httpreferer: 'r',
      httpxff: 'x',
      httpauthuser: 'u',
    });
    expect(keysOf('http_request', { method: 9 })).toMatchObject({ httpmethod: 'unknown(9)' });
    const { protocol, ...forerunner } = fields;
    expect(keysOf('http_request_deprecated', forerunner)).toEqual({ ...basic, httpprotocol: undefined });
  });

  it('memcache and application operations', () => {
    const memcache = { protocol: 1, command: 7, key: 'k', keys: 1, valueBytes: 100, duration: 5, status: 5 };
    expect(keysOf('memcache_operation', memcache)).toEqual({
      requests: '1',
      memcacheprotocol: 'ASCII',
      memcachecommand: 'GET',
      memcachekey: 'k',
      memcachenumkeys: '1',
      bytes: '100',
      duration: '5',
      memcachestatus: 'STORED',
    });
    const operation = { application: 'shop', operation: 'buy', attributes: 'a=1', statusDescription: 'fine' };
    const cost = { requestBytes: 1, responseBytes: 2, duration: 3, status: 0 };
    expect(keysOf('app_operation', { ...operation, ...cost })).toEqual({
      requests: '1',
      appname: 'shop',
      appoperation: 'buy',
      appattributes: 'a=1',
      appstatusdescr: 'fine',
      reqbytes: '1',
      respbytes: '2',
      bytes: '3',
      duration: '3',
      appstatus: 'SUCCESS',
    });
    expect(keysOf('app_operation', { status: 11 })).toMatchObject({ appstatus: 'unknown(11)' });
  });

  it('0:2, 0:3, 0:4 stand in for a header', () => {
    expect(
      keysOf('sampled_ethernet', {
        length: 100,
        sourceMac: '020000000001',
        destinationMac: '020000000002',
        ethernetType: 2048,
      }),
    ).toEqual({
      bytes: '100',
      frames: '1',
      macsource: '020000000001',
      macdestination: '020000000002',
      ethernetprotocol: '2048',
      isunicast: 'true',
    });
    const ports = { sourcePort: 1000, destinationPort: 80, tcpFlags: 0x12 };
    expect(
      keysOf('sampled_ipv4', {
        length: 86,
        protocol: 6,
        sourceIp: '10.0.0.1',
        destinationIp: '10.0.0.2',
        ...ports,
        tos: 0xb8,
      }),
    ).toEqual({
      bytes: '86',
      frames: '1',
      ipsource: '10.0.0.1',
      ipdestination: '10.0.0.2',
      iptos: '10111000',
      ipdscp: '46',
      ipdscpname: 'ef(46)',
      ipecn: '00',
      tcpsourceport: '1000',
      tcpdestinationport: '80',
      tcpflags: '000010010',
    });
    expect(
      keysOf('sampled_ipv6', {
        length: 90,
        protocol: 17,
        sourceIp: '2001:db8::1',
        destinationIp: '2001:db8::2',
        ...ports,
      }),
    ).toEqual({
      bytes: '90',
      frames: '1',
      ip6source: '2001:db8::1',
      ip6destination: '2001:db8::2',
      udpsourceport: '1000',
      udpdestinationport: '80',
    });
  });

  it('the header comes before the records that stand in for it', () => {
    const sample = recordSample(
      record('sampled_ipv4', { length: 1, sourceIp: '10.9.9.9' }),
      sampledHeader(FRAME),
    );
    expect([key(sample, 'ipsource'), key(sample, 'bytes')]).toEqual(['10.0.0.1', String(FRAME.length + 4)]);
  });

  it('13.1: bytes above 0x7F in text read U+FFFD', () => {
    expect(keysOf('extended_function', { symbol: 'né' })).toEqual({ function: 'n\ufffd\ufffd' });
  });
});

describe('7.6 keys of custom samples', () => {
  it('are those the sender names, and agent, samplingrate, requests', () => {
    const sample = customSample({ url: '/x', size: 12.5 });
    expect(['url', 'size', 'agent', 'samplingrate', 'requests'].map((name) => key(sample, name))).toEqual([
      '/x',
      '12.5',
      '192.0.2.1',
      '10.0',
      '1',
    ]);
    expect(['ds', 'bytes', 'frames', 'inputifindex', 'ipsource'].map((name) => key(sample, name))).toEqual(
      new Array(5).fill(undefined),
    );
    expect([number(sample, 'size'), number(sample, 'requests'), number(sample, 'url')]).toEqual([
      12.5,
      1,
      Number.NaN,
    ]);
    expect(presentKeys(sample)).toEqual(['url', 'size', 'agent', 'samplingrate', 'requests']);
  });
});

describe('the catalogue', () => {
  it('knows every key of the contract', () => {
    const names = `agent ds direction inputifindex outputifindex outputifcount samplingrate bytes frames stripped stack
      requests reason function hw_trap_group hw_trap_name linux_drop_reason eth_offset macsource macdestination
      ethernetprotocol isunicast ismulticast isbroadcast vlan priority vlansource prioritysource vlandestination
      prioritydestination llcbytes llcdsap llcssap llcctl llcsnapoui llcsnapprotocol arp_offset arphardwaretype
      arpprotocoltype arpoperation arpmacsender arpipsender arpmactarget arpiptarget ip_offset ipbytes ipsource
      ipdestination ipprotocol ipttl ipid iptos ipdscp ipdscpname ipecn ipflags ipfragoffset ipoptionslength ip6_offset
      ip6bytes ip6source ip6destination ip6nexthdr ip6ttl ip6tos ip6dscp ip6dscpname ip6ecn ip6flowlabel ip6extensions
      ip6fragoffset ip6fragm tcp_offset tcpsourceport tcpdestinationport tcpflags tcpseqno tcpackno tcpoffset tcpwindow
      tcppayloadbytes udp_offset udpsourceport udpdestinationport udpbytes icmp_offset icmptype icmpcode icmpseqno
      icmpunreachablenet icmpunreachablehost icmpunreachableprotocol icmpunreachableport icmp6_offset icmp6type
      icmp6code icmp6seqno icmp6nstarget dns_offset dnsid dnsqr dnsopcode dnsaa dnstc dnsrd dnsra dnsz dnsrcode
      dnsqdcount dnsancount dnsnscount dnsarcount dnsqname dnsqtype dnsqtypename dnsqclass esp_offset espspi espseqno
      gre_offset greprotocoltype greversion grevsid greflowid vxlan_offset vxlanvni geneve_offset geneveprotocoltype
      genevevni inputvni outputvni gtp_offset gtpversion gtpmsgtype gtpmsglength gtptied mpls_offset mplslabels
      mplsnexthoprouter mplsstackin mplsstackout fc_offset fcsource fcdestination ibbt_offset ibbtopcode ibbtopname
      ibbtoptransport ibbtse ibbtm ibbttver ibbtack ibbtdestinationqp ibgr_offset ibgrsgid ibgrdgid ibgripver ibgrtclass
      ibgrlabel ibgrpaylen ibgrnxthdr ibgrhoplimit lldp_offset lldpchassismac lldpportcircuitid ipnexthoprouter
      ip6nexthoprouter ipsourcemaskbits ipdestinationmaskbits bgpnexthop bgpas bgpsourceas bgpsourcepeeras
      bgpdestinationas bgpdestinationpeeras bgpdestinationaspath bgpcommunities bgplocalpref usersrc userdst url urlhost
      urldirection natsrc natdst inputmacsource outputmacdestination inputethernetprotocol inputipsource
      outputipdestination inputiptos outputipdscp inputipdscpname outputipecn inputip6source outputip6destination
      inputudpsourceport outputudpdestinationport inputheaderoffset outputheaderoffset queueindex aclnumber aclname
      acldirection transitdelay queuedepth ciphersuite ciphersuiteoui ciphersuitetype tcpdirection tcpmsssnd tcpmssrcv
      tcpunacked tcplost tcpretrans tcppmtu tcprtt tcprttvar tcpcwndsnd tcpreordering tcprttmin tcprttwait tcprttsdev
      tcprttserr tcpsndbps protocol serveraddress serverport clientaddress clientport serveraddress6 clientaddress6
      httpmethod httpprotocol httpurl httphost httpreferer httpuseragent httpxff httpauthuser httpmimetype httpstatus
      reqbytes respbytes duration proxyprotocol proxyclientaddress proxyclientport proxyserveraddress proxyserverport
      httpproxyurl httpproxyhost memcacheprotocol memcachecommand memcachekey memcachenumkeys memcachestatus appname
      appoperation appattributes appstatus appstatusdescr`;
    const known = new Set(allKeyNames().map(({ name }) => name));
    expect(names.split(/\s+/).filter((name) => !known.has(name))).toEqual([]);
  });

  it('describes every key in one line, once', () => {
    const names = allKeyNames();
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
    for (const { name, doc } of names) expect(doc, name).toMatch(/^\S.*\.$/);
  });

  it('keys that stand in for each other read alike, so that they compile', () => {
    for (const name of [
      'macsource',
      'ipsource',
      'ip6source',
      'tcpsourceport',
      'udpdestinationport',
      'iptos',
      'ethernetprotocol',
      'tcpflags',
    ]) {
      const forms = resolveKey(name)?.sources.map(({ field }) =>
        field.kind === 'uint' || field.kind === 'slot' ? field.format : field.kind,
      );
      expect(new Set(forms).size, name).toBe(1);
    }
  });

  it('never throws and never reads beyond the sample, whatever the bytes', () => {
    const whole = encodeDatagram(
      datagram({
        samples: [
          flowSample({
            records: [
              sampledHeader(FRAME),
              record('extended_gateway', {
                nextHop: '10.0.0.1',
                destinationAsPath: [{ type: 2, asNumbers: [1, 2] }],
              }),
              record('extended_mpls', { nextHop: '10.0.0.1', inputStack: [1, 2], outputStack: [3] }),
              record('http_request', { uri: '/a', host: 'b', mimeType: 'c' }),
              record('extended_80211_rx', { ssid: 'net' }),
              record('extended_user', { sourceUser: 'alice', destinationUser: 'bob' }),
            ],
          }),
          discardSample({ records: [record('extended_acl', { name: 'x' }), record('extended_tcp_info')] }),
        ],
      }),
    );
    const names = allKeyNames().flatMap(({ name }) => resolveKey(name)?.sources ?? []);
    const context = new SampleContext();
    const walker = new DatagramWalker();
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 4, 0x7f, 0xff)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(flips, (changes) => {
        const damaged = Uint8Array.from(whole);
        for (const [at, value] of changes) damaged[at] = value;
        if (walker.begin(damaged, 0, damaged.length) !== 0) return;
        for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
          if (kind !== SAMPLE.flow && kind !== SAMPLE.discard) continue;
          fillSampleContext(context, walker);
          const texts = names.map((source) => sourceText(source, context));
          const ends = context.recordAt.map((at, slot) => (at < 0 ? 0 : context.recordEnds[slot]));
          // Other bytes behind the last record must change nothing.
          const last = Math.max(context.layers.end, ...ends);
          const before = damaged.slice(last);
          damaged.fill(0x5a, last);
          expect(names.map((source) => sourceText(source, context))).toEqual(texts);
          damaged.set(before, last);
        }
      }),
      { numRuns: 300 },
    );
  });
});
