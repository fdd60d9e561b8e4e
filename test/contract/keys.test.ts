import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import {
  bytes,
  dnsQuery,
  eth,
  ip,
  ip6,
  tcp,
  text,
  u16,
  u24,
  u32,
  udp,
  zeros,
} from '../../src/packet/testing/build-packet.ts';
import {
  discardSample,
  type FieldValue,
  type FlowOrCounterRecord,
  record,
  type Sample,
  sampledHeader,
} from '../../src/sflow/index.ts';
import type { SyntheticAgent } from '../support/synthetic-agent.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 5.1: each key by its value. There is one flow definition for each key; each sample has an agent of its own. */

/** Stands for the address of the sample's own agent. */
const OWN_AGENT = '{agent}';

/** A sample and what its keys must be: null is absent. */
interface SampleFacts {
  readonly what: string;
  readonly dropped?: boolean;
  readonly sample: (agent: SyntheticAgent) => Sample;
  readonly keys: Readonly<Record<string, string | null>>;
  /** Keys that are numbers when they are taken as values. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** One packet in 100 of interface 1, sent to interface 2. */
const packet =
  (header: Uint8Array, frame: { protocol?: number; frameLength?: number; stripped?: number } = {}) =>
  (agent: SyntheticAgent): Sample =>
    agent.flow([sampledHeader(header, frame)]);

const records =
  (...given: readonly FlowOrCounterRecord[]) =>
  (agent: SyntheticAgent): Sample =>
    agent.flow(given);

const only = (name: string, fields: Readonly<Record<string, FieldValue>>) => records(record(name, fields));

const frameOf = (protocol: number, payload: Uint8Array): Uint8Array => eth(0x0800, ip(protocol, payload));
const frame6Of = (next: number, payload: Uint8Array): Uint8Array => eth(0x86dd, ip6(next, payload));
const overUdp = (port: number, payload: Uint8Array): Uint8Array => frameOf(17, udp(40000, port, payload));
const overTcp = (port: number, payload: Uint8Array): Uint8Array => frameOf(6, tcp(40000, port, payload));
const vxlan = (vni: number, frame: Uint8Array): Uint8Array => bytes('08000000', u24(vni), 0, frame);

const x40 = text('x'.repeat(40));
const TCP = frameOf(6, tcp(40000, 443));
const innerIp = ip(6, tcp(1, 2), { source: '172.16.0.1', destination: '172.16.0.2' });
const innerFrame = eth(0x0800, innerIp, { source: '020000000011', destination: '020000000022' });

const SAMPLE_KEYS: readonly SampleFacts[] = [
  {
    what: 'sample',
    sample: packet(TCP, { frameLength: 200, stripped: 4 }),
    keys: {
      agent: OWN_AGENT,
      ds: '1',
      direction: 'ingress',
      inputifindex: '1',
      outputifindex: '2',
      outputifcount: null,
      samplingrate: '100.0',
      bytes: '200',
      frames: '1',
      stripped: '4',
      stack: 'eth.ip.tcp',
      requests: null,
      reason: null,
      nobody_knows_this: null,
    },
    numbers: { bytes: 200, frames: 1, stripped: 4, samplingrate: 100 },
  },
  {
    what: 'sample to many interfaces',
    sample: (agent) => agent.flow([sampledHeader(TCP)], { output: { format: 2, value: 3 } }),
    keys: { outputifindex: 'multiple', outputifcount: '3' },
    numbers: { outputifcount: 3 },
  },
  {
    what: 'discards',
    dropped: true,
    sample: (agent) =>
      discardSample({
        sequenceNumber: agent.next('discard'),
        reason: 258,
        records: [
          sampledHeader(TCP, { frameLength: 300 }),
          record('extended_function', { symbol: 'kfree_skb' }),
          record('extended_hw_trap', { group: 'l2_drops', trap: 'vlan_tag_mismatch' }),
          record('extended_linux_drop_reason', { reason: 'NO_SOCKET' }),
        ],
      }),
    keys: {
      reason: 'acl',
      function: 'kfree_skb',
      hw_trap_group: 'l2_drops',
      hw_trap_name: 'vlan_tag_mismatch',
      linux_drop_reason: 'NO_SOCKET',
      direction: null,
      samplingrate: '1.0',
      bytes: '300',
      ipsource: '10.0.0.1',
    },
  },
];

const LINK_KEYS: readonly SampleFacts[] = [
  {
    what: 'eth',
    sample: packet(eth(0x0800, ip(6, tcp(1, 2)), { tags: [[0x8100, (5 << 13) | 100]] })),
    keys: {
      eth_offset: '0',
      macsource: '000C29AABBCC',
      macdestination: '000C29DDEEFF',
      ethernetprotocol: '2048',
      isunicast: 'true',
      vlan: '100',
      priority: '5',
      stack: 'eth.q.ip.tcp',
      ip_offset: '18',
    },
    numbers: { vlan: 100, priority: 5, ethernetprotocol: 2048 },
  },
  {
    what: 'eth multicast',
    sample: packet(eth(0x1234, zeros(46), { destination: '01005E000001' })),
    keys: { ismulticast: 'true', isbroadcast: 'false', isunicast: 'false', vlan: null, stack: 'eth' },
  },
  {
    what: 'eth broadcast',
    sample: packet(eth(0x1234, zeros(46), { destination: 'FFFFFFFFFFFF' })),
    keys: { isbroadcast: 'true', ismulticast: 'false' },
  },
  {
    what: 'switch 1001',
    sample: only('extended_switch', {
      sourceVlan: 7,
      sourcePriority: 3,
      destinationVlan: 9,
      destinationPriority: 4,
    }),
    keys: { vlansource: '7', prioritysource: '3', vlandestination: '9', prioritydestination: '4' },
  },
  {
    what: 'llc',
    sample: packet(eth(38, bytes('424203', zeros(35)))),
    keys: { llcbytes: '38', llcdsap: '66', llcssap: '66', llcctl: '3', llcsnapoui: null, stack: 'eth.llc' },
  },
  {
    what: 'llc snap',
    sample: packet(eth(40, bytes('aaaa03 00000c 2000', zeros(32)))),
    keys: { llcsnapoui: '00000C', llcsnapprotocol: '8192' },
  },
  {
    what: 'arp',
    sample: packet(eth(0x0806, bytes('0001 0800 06 04 0001 000c29aabbcc 0a000001 000000000000 0a000002'))),
    keys: {
      arp_offset: '14',
      arphardwaretype: '1',
      arpprotocoltype: '2048',
      arpoperation: '1',
      arpmacsender: '000C29AABBCC',
      arpipsender: '10.0.0.1',
      arpmactarget: '000000000000',
      arpiptarget: '10.0.0.2',
      requests: '1',
      stack: 'eth.arp',
    },
    numbers: { requests: 1 },
  },
  {
    what: 'mpls',
    sample: packet(eth(0x8847, bytes('00010040 00011140', ip(17, udp(1, 2))))),
    keys: { mpls_offset: '14', mplslabels: '16-17', stack: 'eth.mpls.ip.udp' },
  },
  {
    what: 'mpls 1006',
    sample: only('extended_mpls', { nextHop: '10.255.0.3', inputStack: [65536], outputStack: [69632] }),
    keys: { mplsnexthoprouter: '10.255.0.3', mplsstackin: '65536', mplsstackout: '69632' },
  },
  {
    what: 'fc',
    sample: packet(eth(0x8906, bytes(zeros(13), '2e', '06 010203 00 040506', zeros(16)))),
    keys: { fc_offset: '28', fcsource: '4.5.6', fcdestination: '1.2.3', stack: 'eth.fc' },
  },
  {
    what: 'RDMA',
    sample: packet(
      eth(
        0x8915,
        bytes(
          u32((6 << 28) | (0x12 << 20) | 0x12345),
          '0018 1b 3f',
          '0101'.repeat(8),
          '0202'.repeat(8),
          '04 80 ffff 00 000012 80 000001',
          zeros(12),
        ),
      ),
    ),
    keys: {
      ibbt_offset: '54',
      ibbtopcode: '4',
      ibbtopname: 'SEND',
      ibbtoptransport: 'RC',
      ibbtse: 'true',
      ibbtm: 'false',
      ibbttver: '0',
      ibbtack: 'true',
      ibbtdestinationqp: '18',
      ibgr_offset: '14',
      ibgrsgid: Array(8).fill('0101').join(':'),
      ibgrdgid: Array(8).fill('0202').join(':'),
      ibgripver: '6',
      ibgrtclass: '18',
      ibgrlabel: '74565',
      ibgrpaylen: '24',
      ibgrnxthdr: '27',
      ibgrhoplimit: '63',
      stack: 'eth.ibgr.ibbt',
    },
  },
  {
    what: 'RDMA over UDP, an acknowledgement',
    sample: packet(overUdp(4791, bytes('11 40 ffff 00 000012 00 000001', '00 000009'))),
    keys: { ibbtaethack: 'ACK', stack: 'eth.ip.udp.ibbt' },
  },
  {
    what: 'lldp',
    sample: packet(
      eth(0x88cc, bytes('0207 04 020000000001', '0404 07', text('et1'), '0602 0078', '0000'), {
        destination: '0180C200000E',
      }),
    ),
    keys: { lldp_offset: '14', lldpchassismac: '020000000001', lldpportcircuitid: null, stack: 'eth.lldp' },
  },
  {
    what: 'lldp circuit',
    sample: packet(eth(0x88cc, bytes('0207 04 020000000001', '0404 06', text('et1'), '0602 0078', '0000'))),
    keys: { lldpportcircuitid: 'et1' },
  },
];

const INTERNET_KEYS: readonly SampleFacts[] = [
  {
    what: 'ip',
    sample: packet(eth(0x0800, ip(253, zeros(56), { tos: 0xb8, options: bytes('94040000') }))),
    keys: {
      ip_offset: '14',
      ipbytes: '80',
      ipsource: '10.0.0.1',
      ipdestination: '10.0.0.2',
      ipprotocol: '253',
      ipttl: '64',
      ipid: '1',
      iptos: '10111000',
      ipdscp: '46',
      ipdscpname: 'ef(46)',
      ipecn: '00',
      ipflags: '000',
      ipfragoffset: '0',
      ipoptionslength: '4',
    },
    numbers: { ipbytes: 80, ipttl: 64, ipid: 1, ipprotocol: 253, ipdscp: 46, ipoptionslength: 4 },
  },
  {
    what: 'ip first fragment',
    sample: packet(eth(0x0800, ip(17, udp(1, 53, x40), { fragment: 0x2000 }))),
    keys: { ipflags: '001', ipfragoffset: '0', udpsourceport: null, stack: 'eth.ip' },
  },
  {
    what: 'ip later fragment',
    sample: packet(eth(0x0800, ip(17, x40, { fragment: 100 }))),
    keys: { ipfragoffset: '100' },
    numbers: { ipfragoffset: 100 },
  },
  {
    what: 'ip that must not be fragmented',
    sample: packet(eth(0x0800, ip(253, x40, { fragment: 0x4000 }))),
    keys: { ipflags: '010' },
  },
  {
    what: 'ip6',
    sample: packet(
      eth(0x86dd, ip6(6, tcp(1, 2, x40), { trafficClass: 0xb9, flowLabel: 74565, hopLimit: 63 })),
    ),
    keys: {
      ip6_offset: '14',
      ip6bytes: '60',
      ip6source: '2001:db8::1',
      ip6destination: '2001:db8::2',
      ip6nexthdr: '6',
      ip6ttl: '63',
      ip6tos: '10111001',
      ip6dscp: '46',
      ip6dscpname: 'ef(46)',
      ip6ecn: '01',
      ip6flowlabel: '74565',
      ip6extensions: null,
      stack: 'eth.ip6.tcp',
    },
    numbers: { ip6bytes: 60, ip6ttl: 63 },
  },
  {
    what: 'ip6 with options',
    sample: packet(frame6Of(0, bytes('0600', zeros(6), tcp(1, 2)))),
    keys: { ip6extensions: '0', ip6nexthdr: '6' },
  },
  {
    what: 'ip6 fragment',
    sample: packet(frame6Of(44, bytes('1100 0321 00000001', x40))),
    keys: { ip6extensions: '44', ip6nexthdr: '17', ip6fragoffset: '100', ip6fragm: 'true' },
  },
  {
    what: 'tcp',
    sample: packet(frameOf(6, tcp(40000, 443, x40, { flags: 0x12 }))),
    keys: {
      tcp_offset: '34',
      tcpsourceport: '40000',
      tcpdestinationport: '443',
      tcpflags: '000010010',
      tcpseqno: '1000',
      tcpackno: '2000',
      tcpoffset: '5',
      tcpwindow: '1024',
      tcppayloadbytes: '40',
    },
    numbers: { tcpwindow: 1024, tcpseqno: 1000, tcppayloadbytes: 40, tcpdestinationport: 443 },
  },
  {
    what: 'udp',
    sample: packet(overUdp(9999, x40)),
    keys: { udp_offset: '34', udpsourceport: '40000', udpdestinationport: '9999', udpbytes: '48' },
    numbers: { udpbytes: 48 },
  },
  {
    what: 'icmp',
    sample: packet(frameOf(1, bytes('08 00 0000 0001 0102', x40))),
    keys: {
      icmp_offset: '34',
      icmptype: '8',
      icmpcode: '0',
      icmpseqno: '258',
      requests: '1',
      stack: 'eth.ip.icmp',
    },
  },
  ...(
    [
      [0, 'icmpunreachablenet', '10.0.0.2'],
      [1, 'icmpunreachablehost', '10.0.0.2'],
      [2, 'icmpunreachableprotocol', '17'],
      [3, 'icmpunreachableport', 'udp_2222'],
    ] as const
  ).map(
    ([code, key, value]): SampleFacts => ({
      what: `icmp unreachable, code ${code}`,
      sample: packet(frameOf(1, bytes(3, code, u16(0), u32(0), ip(17, udp(1111, 2222))))),
      keys: { icmptype: '3', icmpcode: String(code), [key]: value },
    }),
  ),
  {
    what: 'icmp6',
    sample: packet(frame6Of(58, bytes('81 00 0000 0001 0007'))),
    keys: {
      icmp6_offset: '54',
      icmp6type: '129',
      icmp6code: '0',
      icmp6seqno: '7',
      icmp6nstarget: null,
      stack: 'eth.ip6.icmp6',
    },
  },
  {
    what: 'icmp6 neighbor solicitation',
    sample: packet(frame6Of(58, bytes('87 00 0000 00000000 20010db8000000000000000000000009'))),
    keys: { icmp6type: '135', icmp6nstarget: '2001:db8::9' },
  },
  {
    what: 'dns',
    sample: packet(overUdp(53, dnsQuery('www.example.com'))),
    keys: {
      dns_offset: '42',
      dnsid: '7',
      dnsqr: 'false',
      dnsopcode: '0',
      dnsaa: 'false',
      dnstc: 'false',
      dnsrd: 'true',
      dnsra: 'false',
      dnsz: '0',
      dnsrcode: '0',
      dnsqdcount: '1',
      dnsancount: '0',
      dnsnscount: '0',
      dnsarcount: '0',
      dnsqname: 'www.example.com.',
      dnsqtype: '1',
      dnsqtypename: 'A(1)',
      dnsqclass: '1',
      requests: '1',
      stack: 'eth.ip.udp.dns',
    },
  },
  {
    what: 'dns reply',
    sample: packet(frameOf(17, udp(53, 40000, dnsQuery('www.example.com', 28, { flags: 0x8583 })))),
    keys: { dnsqr: 'true', dnsaa: 'true', dnsra: 'true', dnsrcode: '3', dnsqtypename: 'AAAA(28)' },
  },
  {
    what: 'esp',
    sample: packet(frameOf(50, bytes('00001234 00000007', x40))),
    keys: { esp_offset: '34', espspi: '4660', espseqno: '7', stack: 'eth.ip.esp' },
  },
];

const TUNNEL_KEYS: readonly SampleFacts[] = [
  {
    what: 'gre',
    sample: packet(frameOf(47, bytes('2000 6558 00138801', innerFrame))),
    keys: {
      gre_offset: '34',
      greprotocoltype: '25944',
      greversion: '0',
      grevsid: '5000',
      greflowid: '1',
      stack: 'eth.ip.gre.eth.ip.tcp',
    },
  },
  {
    what: 'vxlan, repeated layers',
    sample: packet(overUdp(4789, vxlan(5000, overUdp(4789, vxlan(5001, innerFrame))))),
    keys: {
      vxlan_offset: '42',
      vxlanvni: '5000',
      'vxlanvni.1': '5001',
      ipsource: '10.0.0.1',
      'ipsource.1': '10.0.0.1',
      'ipsource.2': '172.16.0.1',
      'ipdestination.2': '172.16.0.2',
      'macsource.1': '000C29AABBCC',
      'macsource.2': '020000000011',
      'ip_offset.1': '64',
      'udpsourceport.1': '40000',
      tcpsourceport: '1',
      'tcpsourceport.1': null,
      'stack.1': null,
      stack: 'eth.ip.udp.vxlan.eth.ip.udp.vxlan.eth.ip.tcp',
    },
  },
  {
    what: 'vxlan 1029/1030',
    sample: records(
      sampledHeader(TCP),
      record('extended_vni_ingress', { vni: 5001 }),
      record('extended_vni_egress', { vni: 5002 }),
    ),
    keys: { inputvni: '5001', outputvni: '5002' },
  },
  {
    what: 'geneve',
    sample: packet(overUdp(6081, bytes('02 00 6558', u24(5001), 0, zeros(8), innerFrame))),
    keys: {
      geneve_offset: '42',
      geneveprotocoltype: '25944',
      genevevni: '5001',
      stack: 'eth.ip.udp.geneve.eth.ip.tcp',
    },
  },
  {
    what: 'gtp',
    sample: packet(overUdp(2152, bytes('30 ff', u16(innerIp.length), u32(1234567), innerIp))),
    keys: {
      gtp_offset: '42',
      gtpversion: '1',
      gtpmsgtype: '255',
      gtpmsglength: '40',
      gtptied: '1234567',
      stack: 'eth.ip.udp.gtp.ip.tcp',
    },
  },
  {
    what: 'two and three tags',
    sample: packet(
      eth(0x0800, ip(6, tcp(1, 2)), {
        tags: [
          [0x88a8, 100],
          [0x9100, 200],
          [0x8100, (7 << 13) | 4095],
        ],
      }),
    ),
    keys: {
      vlan: '100',
      'vlan.1': '200',
      'vlan.2': '4095',
      'priority.2': '7',
      ethernetprotocol: '2048',
      stack: 'eth.q.q.q.ip.tcp',
    },
  },
  {
    what: 'ip in ip in ip',
    sample: packet(frameOf(4, ip(4, ip(6, tcp(1, 2), { source: '192.0.2.3' }), { source: '192.0.2.2' }))),
    keys: { 'ipsource.1': '192.0.2.2', 'ipsource.2': '192.0.2.3', stack: 'eth.ip.ip.ip.tcp' },
  },
  {
    what: 'tunnels 1022, 1024',
    sample: records(
      record('extended_l2_tunnel_ingress', {
        sourceMac: '020000000001',
        destinationMac: '020000000002',
        ethernetType: 2048,
      }),
      record('extended_ipv4_tunnel_ingress', {
        protocol: 17,
        sourceIp: '10.0.0.1',
        destinationIp: '10.0.0.2',
        sourcePort: 1234,
        destinationPort: 4789,
        tos: 0xb8,
      }),
      record('extended_decapsulate_ingress', { innerHeaderOffset: 50 }),
    ),
    keys: {
      inputmacsource: '020000000001',
      inputmacdestination: '020000000002',
      inputethernetprotocol: '2048',
      inputipsource: '10.0.0.1',
      inputipdestination: '10.0.0.2',
      inputiptos: '10111000',
      inputipdscp: '46',
      inputipdscpname: 'ef(46)',
      inputipecn: '00',
      inputudpsourceport: '1234',
      inputudpdestinationport: '4789',
      inputheaderoffset: '50',
    },
  },
  {
    what: 'tunnels 1021, 1023',
    sample: records(
      record('extended_l2_tunnel_egress', {
        sourceMac: '020000000003',
        destinationMac: '020000000004',
        ethernetType: 34525,
      }),
      record('extended_ipv4_tunnel_egress', {
        protocol: 17,
        sourceIp: '10.0.0.3',
        destinationIp: '10.0.0.4',
        sourcePort: 1235,
        destinationPort: 4790,
        tos: 3,
      }),
      record('extended_decapsulate_egress', { innerHeaderOffset: 54 }),
    ),
    keys: {
      outputmacsource: '020000000003',
      outputmacdestination: '020000000004',
      outputethernetprotocol: '34525',
      outputipsource: '10.0.0.3',
      outputipdestination: '10.0.0.4',
      outputiptos: '00000011',
      outputipdscp: '0',
      outputipdscpname: 'be(0)',
      outputipecn: '11',
      outputudpsourceport: '1235',
      outputudpdestinationport: '4790',
      outputheaderoffset: '54',
    },
  },
  {
    what: 'tunnels 1025, 1026',
    sample: records(
      record('extended_ipv6_tunnel_ingress', {
        protocol: 17,
        sourceIp: '2001:db8::1',
        destinationIp: '2001:db8::2',
        sourcePort: 1234,
        destinationPort: 4789,
      }),
      record('extended_ipv6_tunnel_egress', {
        protocol: 17,
        sourceIp: '2001:db8::3',
        destinationIp: '2001:db8::4',
        sourcePort: 1235,
        destinationPort: 4790,
      }),
    ),
    keys: {
      inputip6source: '2001:db8::1',
      inputip6destination: '2001:db8::2',
      outputip6source: '2001:db8::3',
      outputip6destination: '2001:db8::4',
    },
  },
];

const FORWARDING_KEYS: readonly SampleFacts[] = [
  {
    what: 'router 1002',
    sample: only('extended_router', {
      nextHop: '10.255.0.1',
      sourceMaskLength: 24,
      destinationMaskLength: 16,
    }),
    keys: {
      ipnexthoprouter: '10.255.0.1',
      ip6nexthoprouter: null,
      ipsourcemaskbits: '24',
      ipdestinationmaskbits: '16',
    },
  },
  {
    what: 'router 1002 of IPv6',
    sample: only('extended_router', { nextHop: '2001:db8::ffff' }),
    keys: { ip6nexthoprouter: '2001:db8::ffff', ipnexthoprouter: null },
  },
  {
    what: 'gateway 1003',
    sample: only('extended_gateway', {
      nextHop: '10.255.0.2',
      asNumber: 65000,
      sourceAs: 65001,
      sourcePeerAs: 65002,
      destinationAsPath: [{ type: 2, asNumbers: [65003, 65004] }],
      communities: [((65000 << 16) + 666) >>> 0, (1 << 16) + 2],
      localPreference: 100,
    }),
    keys: {
      bgpnexthop: '10.255.0.2',
      bgpas: '65000',
      bgpsourceas: '65001',
      bgpsourcepeeras: '65002',
      bgpdestinationas: '65004',
      bgpdestinationpeeras: '65003',
      bgpdestinationaspath: '65003-65004',
      bgpcommunities: '65000:666-1:2',
      bgplocalpref: '100',
    },
  },
  {
    what: 'gateway 1003 with an empty path',
    sample: only('extended_gateway', { nextHop: '10.255.0.2', asNumber: 65000 }),
    keys: { bgpas: '65000', bgpdestinationas: null, bgpdestinationpeeras: null, bgpdestinationaspath: null },
  },
  {
    what: 'user 1004, url 1005, nat 1007',
    sample: records(
      record('extended_user', { sourceUser: 'alice', destinationUser: 'bob' }),
      record('extended_url', { direction: 1, url: '/a/b.html', host: 'h.example' }),
      record('extended_nat', { sourceAddress: '192.0.2.1', destinationAddress: '192.0.2.2' }),
    ),
    keys: {
      usersrc: 'alice',
      userdst: 'bob',
      url: '/a/b.html',
      urlhost: 'h.example',
      urldirection: 'source',
      natsrc: '192.0.2.1',
      natdst: '192.0.2.2',
    },
  },
  {
    what: 'url 1005 of the destination',
    sample: only('extended_url', { direction: 2, url: '/' }),
    keys: { urldirection: 'destination' },
  },
  {
    what: 'url 1005 of another direction',
    sample: only('extended_url', { direction: 3, url: '/' }),
    keys: { urldirection: null, url: '/' },
  },
  {
    what: '1036-1040',
    sample: records(
      record('extended_egress_queue', { queue: 7 }),
      record('extended_acl', { number: 3, name: 'edge-in', direction: 1 }),
      record('extended_function', { symbol: 'ip_rcv' }),
      record('extended_transit', { delay: 1_234_567 }),
      record('extended_queue', { depth: 65536 }),
    ),
    keys: {
      queueindex: '7',
      aclnumber: '3',
      aclname: 'edge-in',
      acldirection: 'ingress',
      function: 'ip_rcv',
      transitdelay: '1234567',
      queuedepth: '65536',
    },
    numbers: { transitdelay: 1_234_567, queuedepth: 65536 },
  },
  ...[[0, 'unknown'] as const, [2, 'egress'] as const].map(([direction, shown]) => ({
    what: `1037 with direction ${direction}`,
    sample: only('extended_acl', { number: 3, name: 'a', direction }),
    keys: { acldirection: shown },
  })),
  {
    what: 'wifi',
    sample: only('extended_80211_payload', { cipherSuite: 0x000fac04, data: x40 }),
    keys: { ciphersuite: '000FAC04', ciphersuiteoui: '000FAC', ciphersuitetype: '4' },
  },
];

const APPLICATION_KEYS: readonly SampleFacts[] = [
  {
    what: 'tcp_info 2209',
    sample: records(
      sampledHeader(TCP),
      record('extended_tcp_info', {
        direction: 1,
        sendMss: 1448,
        receiveMss: 1440,
        unacked: 4,
        lost: 1,
        retransmissions: 2,
        pathMtu: 1500,
        rtt: 12_000,
        rttVariance: 144,
        sendCongestionWindow: 10,
        reordering: 3,
        minimumRtt: 5000,
      }),
    ),
    keys: {
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
    },
    numbers: {
      tcprtt: 12_000,
      tcprttwait: 7000,
      tcprttsdev: 12,
      tcprttserr: 0.001,
      tcpsndbps: (10 * 1448 * 8e6) / 12_000,
    },
  },
  {
    what: 'tcp_info 2209 of a packet that was sent',
    sample: only('extended_tcp_info', { direction: 2 }),
    keys: { tcpdirection: 'sent' },
  },
  {
    what: 'socket 2100',
    sample: only('extended_socket_ipv4', {
      protocol: 6,
      localIp: '10.0.0.1',
      remoteIp: '10.0.0.2',
      localPort: 443,
      remotePort: 40000,
    }),
    keys: {
      protocol: '6',
      serveraddress: '10.0.0.1',
      serverport: '443',
      clientaddress: '10.0.0.2',
      clientport: '40000',
    },
  },
  {
    what: 'socket 2101',
    sample: only('extended_socket_ipv6', {
      protocol: 6,
      localIp: '2001:db8::1',
      remoteIp: '2001:db8::2',
      localPort: 443,
      remotePort: 40000,
    }),
    keys: { serveraddress6: '2001:db8::1', clientaddress6: '2001:db8::2', serverport: '443' },
  },
  {
    what: 'http 2206',
    sample: only('http_request', {
      method: 2,
      protocol: 1001,
      uri: '/a/b.html?x=1',
      host: 'h.example',
      referer: 'http://r.example/',
      userAgent: 'ua',
      xff: '192.0.2.7',
      authUser: 'joe',
      mimeType: 'text/html',
      requestBytes: 100,
      responseBytes: 2000,
      duration: 1500,
      status: 200,
    }),
    keys: {
      httpmethod: 'GET',
      httpprotocol: '1.1',
      httpurl: '/a/b.html?x=1',
      httphost: 'h.example',
      httpreferer: 'http://r.example/',
      httpuseragent: 'ua',
      httpxff: '192.0.2.7',
      httpauthuser: 'joe',
      httpmimetype: 'text/html',
      httpstatus: '200',
      reqbytes: '100',
      respbytes: '2000',
      bytes: '2100',
      duration: '1500',
      requests: '1',
      frames: null,
    },
    numbers: { bytes: 2100, reqbytes: 100, respbytes: 2000, duration: 1500, requests: 1 },
  },
  {
    what: 'http 2206 with empty strings',
    sample: only('http_request', { method: 2, protocol: 1001, status: 404 }),
    keys: { httpurl: null, httphost: null, httpreferer: null, httpuseragent: null, httpstatus: '404' },
  },
  {
    what: 'proxy 2102, 2207',
    sample: records(
      record('http_request', { method: 2, protocol: 1001, uri: '/x', status: 200 }),
      record('extended_proxy_socket_ipv4', {
        protocol: 6,
        localIp: '10.0.0.1',
        remoteIp: '10.0.0.2',
        localPort: 50000,
        remotePort: 8080,
      }),
      record('extended_proxy_request', { uri: '/y', host: 'backend' }),
    ),
    keys: {
      proxyprotocol: '6',
      proxyclientaddress: '10.0.0.1',
      proxyclientport: '50000',
      proxyserveraddress: '10.0.0.2',
      proxyserverport: '8080',
      httpproxyurl: '/y',
      httpproxyhost: 'backend',
    },
  },
  {
    what: 'memcache 2200',
    sample: only('memcache_operation', {
      protocol: 1,
      command: 7,
      key: 'session',
      keys: 1,
      valueBytes: 100,
      duration: 5,
      status: 5,
    }),
    keys: {
      memcacheprotocol: 'ASCII',
      memcachecommand: 'GET',
      memcachekey: 'session',
      memcachenumkeys: '1',
      memcachestatus: 'STORED',
      bytes: '100',
      duration: '5',
      requests: '1',
    },
  },
  {
    what: 'app 2202',
    sample: only('app_operation', {
      application: 'shop',
      operation: 'buy',
      attributes: 'a=1&b=2',
      statusDescription: 'fine',
      requestBytes: 1,
      responseBytes: 2,
      duration: 3,
      status: 0,
    }),
    keys: {
      appname: 'shop',
      appoperation: 'buy',
      appattributes: 'a=1&b=2',
      appstatus: 'SUCCESS',
      appstatusdescr: 'fine',
      reqbytes: '1',
      respbytes: '2',
      bytes: '3',
      duration: '3',
      requests: '1',
    },
  },
];

const SUMMARY_KEYS: readonly SampleFacts[] = [
  {
    what: 'record 0:2',
    sample: only('sampled_ethernet', {
      length: 100,
      sourceMac: '020000000001',
      destinationMac: '020000000002',
      ethernetType: 2048,
    }),
    keys: {
      macsource: '020000000001',
      macdestination: '020000000002',
      ethernetprotocol: '2048',
      isunicast: 'true',
      bytes: '100',
      frames: '1',
      stack: null,
      eth_offset: null,
    },
  },
  {
    what: 'record 0:3',
    sample: only('sampled_ipv4', {
      length: 86,
      protocol: 6,
      sourceIp: '10.0.0.1',
      destinationIp: '10.0.0.2',
      sourcePort: 1000,
      destinationPort: 80,
      tcpFlags: 0x12,
      tos: 0xb8,
    }),
    keys: {
      ipsource: '10.0.0.1',
      ipdestination: '10.0.0.2',
      iptos: '10111000',
      ipdscp: '46',
      tcpsourceport: '1000',
      tcpdestinationport: '80',
      tcpflags: '000010010',
      ipprotocol: null,
      ipbytes: null,
      frames: '1',
      stack: null,
      ip_offset: null,
    },
  },
  {
    what: 'record 0:3 of UDP',
    sample: only('sampled_ipv4', { length: 86, protocol: 17, sourcePort: 1000, destinationPort: 53 }),
    keys: { udpsourceport: '1000', udpdestinationport: '53', tcpsourceport: null },
  },
  {
    what: 'record 0:4',
    sample: only('sampled_ipv6', {
      length: 90,
      protocol: 17,
      sourceIp: '2001:db8::1',
      destinationIp: '2001:db8::2',
      sourcePort: 1000,
      destinationPort: 80,
    }),
    keys: {
      ip6source: '2001:db8::1',
      ip6destination: '2001:db8::2',
      udpsourceport: '1000',
      udpdestinationport: '80',
      ip6nexthdr: null,
      ip6tos: null,
      ip6bytes: null,
      frames: '1',
    },
  },
  {
    what: 'records 0:2 and 0:3 combine',
    sample: records(
      record('sampled_ethernet', { length: 100, sourceMac: '020000000001' }),
      record('sampled_ipv4', { length: 86, protocol: 6, sourceIp: '10.0.0.9' }),
    ),
    keys: { macsource: '020000000001', ipsource: '10.0.0.9' },
  },
];

const STACKS: readonly (readonly [stack: string, header: Uint8Array, protocol?: number])[] = [
  ['eth.q.ip.tcp', eth(0x0800, ip(6, tcp(1, 2)), { tags: [[0x8100, 7]] })],
  [
    'eth.q.q.ip.tcp',
    eth(0x0800, ip(6, tcp(1, 2)), {
      tags: [
        [0x88a8, 7],
        [0x8100, 8],
      ],
    }),
  ],
  ['eth.mpls.pw.eth.ip.tcp', eth(0x8847, bytes('00010140 00000007', innerFrame))],
  ['eth.q.pbb.eth.ip.tcp', eth(0x88e7, bytes('00', u24(70000), innerFrame), { tags: [[0x88a8, 10]] })],
  ['eth.trill.eth.ip.tcp', eth(0x22f3, bytes(u16(20), '0002 0001', innerFrame))],
  ['eth.slow', eth(0x8809, bytes('01 01', zeros(108)), { destination: '0180C2000002' })],
  ['eth.nsh.ip.tcp', eth(0x894f, bytes('0f c2 02 01 000102 ff', innerIp))],
  ['eth.ip.udp.vxlangpe.ip.tcp', overUdp(4790, bytes('0c 0000 01', u24(5000), 0, innerIp))],
  ['eth.ip.udp.dns', overUdp(53, x40)],
  ['eth.ip.tcp.dns', overTcp(53, bytes(u16(33), dnsQuery('example.net')))],
  ['eth.ip.udp.dhcp', frameOf(17, udp(68, 67, bytes('01 01 06 00', zeros(236))))],
  ['eth.ip.udp.ntp', overUdp(123, bytes('23', zeros(47)))],
  ['eth.ip.udp.ssdp', overUdp(1900, text('M-SEARCH * HTTP/1.1\r\n'))],
  ['eth.ip.tcp.http', overTcp(80, text('GET / HTTP/1.1\r\n'))],
  ['eth.ip.tcp', overTcp(80, zeros(0))],
  ['eth.ip.udp', overUdp(5353, dnsQuery('_http._tcp.local'))],
  ['eth.ip', frameOf(51, bytes('06 04 0000 00001234 00000007', zeros(12), tcp(1, 2)))],
  ['eth.ip', frameOf(132, zeros(32))],
  ['eth.ip', frameOf(89, zeros(44))],
  ['eth.ip', frameOf(2, bytes('16 00 0000 e0000105'))],
  ['eth.ip', frameOf(103, bytes('23 00 0000'))],
  ['eth.ip', frameOf(112, bytes('31 07 64 01 00000000'))],
  ['eth.ip', frameOf(115, bytes(u32(99), x40))],
  ['eth.ip.udp', overUdp(1701, bytes('4002 0000 0011 0022 ff03 0021', innerIp))],
  ['eth', eth(0x8864, bytes('11 00 1234', u16(2 + innerIp.length), '0021', innerIp))],
  ['eth', eth(0x88e5, bytes('2e 00 00000007 0200000000010001', zeros(32)))],
  ['eth', eth(0x88f7, zeros(44))],
  // Cut inside a layer: the layers that are there as a whole.
  ['eth.ip', TCP.subarray(0, 40)],
  ['eth', TCP.subarray(0, 30)],
  // Header protocols 11 and 12 begin with IP.
  ['ip.tcp', ip(6, tcp(1, 2)), 11],
  ['ip6.udp', ip6(17, udp(1, 2)), 12],
];

/** Header protocols of which no layers are known: MPLS, PPP, 802.11. */
const NO_LAYERS: readonly SampleFacts[] = [13, 7, 8].map((protocol) => ({
  what: `header protocol ${protocol}`,
  sample: packet(bytes('00010140', innerIp), { protocol }),
  keys: { stack: null, bytes: '48', ipsource: null },
}));

const CUSTOM_KEYS: readonly SampleFacts[] = [
  {
    what: 'rtflow (7.6)',
    sample: () => ({
      kind: 'rtflow',
      dataSource: 'web1',
      samplingRate: 10,
      reserved: 0,
      fields: [
        { name: 'page', type: 0, value: '/x' },
        { name: 'who', type: 1, value: '020000000001' },
        { name: 'from', type: 2, value: '10.0.0.1' },
        { name: 'from6', type: 3, value: '2001:db8::1' },
        { name: 'size', type: 4, value: 12 },
        { name: 'total', type: 5, value: 5_000_000_000n },
        { name: 'ratio', type: 7, value: 0.5 },
      ],
    }),
    keys: {
      page: '/x',
      who: '020000000001',
      from: '10.0.0.1',
      from6: '2001:db8::1',
      size: '12',
      total: '5000000000',
      ratio: '0.5',
      agent: OWN_AGENT,
      samplingrate: '10.0',
      requests: '1',
      ds: null,
      bytes: null,
      frames: null,
    },
    numbers: { size: 12, total: 5_000_000_000, ratio: 0.5, requests: 1 },
  },
];

const SAMPLES: readonly SampleFacts[] = [
  ...SAMPLE_KEYS,
  ...LINK_KEYS,
  ...INTERNET_KEYS,
  ...TUNNEL_KEYS,
  ...FORWARDING_KEYS,
  ...APPLICATION_KEYS,
  ...SUMMARY_KEYS,
  ...STACKS.map(
    ([stack, header, protocol = 1], i): SampleFacts => ({
      what: `layers ${i + 1}`,
      sample: packet(header, { protocol }),
      keys: { stack },
    }),
  ),
  ...NO_LAYERS,
  ...CUSTOM_KEYS,
];

/** A flow definition for each key, of packets and of discards apart. */
const nameOf = (key: string, dropped = false): string =>
  `${dropped ? 'drop' : 'key'}-${key.replaceAll('.', '-')}`;
const numberNameOf = (key: string): string => `max-${key}`;

let weir: WeirUnderTest;
const addresses = new Map<SampleFacts, string>();

beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  const definitions = new Map<string, object>();
  // Nothing leaves a window of 800 s. Every sample has its agent, so it can be counted whatever else it has.
  const lasting = { t: 600 };
  for (const { keys, numbers = {}, dropped = false } of SAMPLES) {
    for (const key of Object.keys(keys))
      definitions.set(nameOf(key, dropped), { ...lasting, keys: key, value: 'count:agent', dropped });
    for (const key of Object.keys(numbers))
      definitions.set(numberNameOf(key), { ...lasting, keys: 'agent', value: `max:${key}` });
  }
  for (const [name, definition] of definitions) await weir.set(`/flow/${name}/json`, definition);
  const payloads = SAMPLES.map((facts) => {
    const agent = weir.agent();
    addresses.set(facts, agent.address);
    return agent.datagram([facts.sample(agent)]);
  });
  await weir.deliver(...payloads);
});
afterAll(() => weir.end());

describe.for(SAMPLES)('5.1 $what', (facts) => {
  const flows = (name: string): Promise<ActiveFlow[]> =>
    weir.get(`/activeflows/${addresses.get(facts)}/${name}/json`);

  it.for(Object.entries(facts.keys))('5.1 %s is %s', async ([key, shown]) => {
    const found = await flows(nameOf(key, facts.dropped));
    const expected = shown === OWN_AGENT ? addresses.get(facts) : shown;
    expect(found.map((flow) => flow.key)).toEqual(expected === null ? [] : [expected]);
  });

  it.for(Object.entries(facts.numbers ?? {}))('5.1 the value of %s is %d', async ([key, number]) => {
    const found = await flows(numberNameOf(key));
    expect(found.map((flow) => flow.value)).toEqual([expect.closeTo(number, 9)]);
  });
});
