import { ipv4At, ipv6At, u16 } from '../../common/index.ts';
import { dscpName } from '../enumerations.ts';
import { bits2, bits3, bits8 } from '../formats.ts';
import { LAYER, type LayerTable, MAX_OCCURRENCES, SLOT } from '../layers.ts';
import { ipv4, ipv6, layerKeys, number, type PacketKey, shown, slot, text, uint } from '../packet-key.ts';

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const ECHO_REQUEST = 8;
const ECHO_REQUEST_6 = 128;
const ECHO_REPLY_6 = 129;
const NEIGHBOR_SOLICITATION = 135;
const IGMP_V3_REPORT = 0x22;

/** Protocols with ports, as the unreachable port is shown: `udp_2222`. */
const PORT_PROTOCOLS: Readonly<Record<number, string>> = {
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  132: 'sctp',
  136: 'udplite',
};

/** Byte offset of the IPv4 header that an ICMP "unreachable" of this code quotes, -1 when it is not one or the header is cut. */
function quoted(bytes: Uint8Array, at: number, end: number, code: number): number {
  const header = at + 8;
  const whole = bytes[at] === UNREACHABLE && bytes[at + 1] === code && header + 20 <= end;
  return whole && bytes[header] >>> 4 === 4 ? header : -1;
}

function quotedDestination(code: number) {
  return text((bytes, at, end) => {
    const header = quoted(bytes, at, end, code);
    return header < 0 ? undefined : ipv4At(bytes, header + 16);
  });
}

function unreachableProtocol(bytes: Uint8Array, at: number, end: number): number {
  const header = quoted(bytes, at, end, 2);
  return header < 0 ? Number.NaN : bytes[header + 9];
}

function unreachablePort(bytes: Uint8Array, at: number, end: number): string | undefined {
  const header = quoted(bytes, at, end, 3);
  if (header < 0) return undefined;
  const ports = header + (bytes[header] & 15) * 4;
  const protocol = PORT_PROTOCOLS[bytes[header + 9]];
  return protocol === undefined || ports + 4 > end ? undefined : `${protocol}_${u16(bytes, ports + 2)}`;
}

function igmpGroup(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (bytes[at] !== IGMP_V3_REPORT) return ipv4At(bytes, at + 4);
  return at + 16 <= end ? ipv4At(bytes, at + 12) : undefined;
}

/** A slot that is -1 when the packet has no such header. */
function optionalSlot(slotNumber: number, at: number, layers: LayerTable): number {
  const occurrence = layers.occurrenceAt(LAYER.ip6, at);
  return occurrence < 0 ? -1 : layers.slots[slotNumber * MAX_OCCURRENCES + occurrence];
}

function fragmentWord(bytes: Uint8Array, at: number, layers: LayerTable): number {
  const header = optionalSlot(SLOT.ip6FragmentOffset, at, layers);
  return header < 0 ? Number.NaN : u16(bytes, header + 2);
}

function firstExtension(at: number, layers: LayerTable): number {
  const type = optionalSlot(SLOT.ip6FirstExtension, at, layers);
  return type < 0 ? Number.NaN : type;
}

/** IPv4, IPv6, their control protocols and AH. */
export const INTERNET_KEYS: readonly PacketKey[] = [
  ...layerKeys('ip', {
    ipbytes: [uint(2, 2), 'IPv4 total length, bytes.'],
    ipsource: [ipv4(12), 'IPv4 source address.'],
    ipdestination: [ipv4(16), 'IPv4 destination address.'],
    ipprotocol: [uint(9, 1), 'IP protocol: 6 TCP, 17 UDP.'],
    ipttl: [uint(8, 1), 'Time to live, hops.'],
    ipid: [uint(4, 2), 'IPv4 identification.'],
    iptos: [shown(bits8, 1, 1), 'Type of service, eight bits.'],
    ipdscp: [uint(1, 1, 2), 'Differentiated services code point.'],
    ipdscpname: [shown(dscpName, 1, 1, 2), 'Its name and number: `ef(46)`.'],
    ipecn: [shown(bits2, 1, 1, 0, 3), 'Explicit congestion notification, two bits.'],
    ipflags: [shown(bits3, 6, 1, 5), 'Flags, three bits: reserved, do not fragment, more fragments.'],
    ipfragoffset: [uint(6, 2, 0, 0x1fff), 'Fragment offset, in units of eight bytes.'],
    ipoptionslength: [
      number((bytes, at) => Math.max(0, (bytes[at] & 15) * 4 - 20)),
      'Bytes of IPv4 options.',
    ],
  }),
  ...layerKeys('ip6', {
    ip6bytes: [uint(4, 2), 'IPv6 payload length, bytes.'],
    ip6source: [ipv6(8), 'IPv6 source address.'],
    ip6destination: [ipv6(24), 'IPv6 destination address.'],
    ip6nexthdr: [slot('ip6Upper'), 'Upper-layer protocol behind the extension headers.'],
    ip6ttl: [uint(7, 1), 'Hop limit.'],
    ip6tos: [shown(bits8, 0, 2, 4, 0xff), 'Traffic class, eight bits.'],
    ip6dscp: [uint(0, 2, 6, 0x3f), 'Differentiated services code point.'],
    ip6dscpname: [shown(dscpName, 0, 2, 6, 0x3f), 'Its name and number: `ef(46)`.'],
    ip6ecn: [shown(bits2, 0, 2, 4, 3), 'Explicit congestion notification, two bits.'],
    ip6flowlabel: [uint(1, 3, 0, 0xfffff), 'Flow label.'],
    ip6extensions: [
      number((_bytes, at, _end, layers) => firstExtension(at, layers)),
      'Type of the first extension header: 0 hop-by-hop, 43 routing, 44 fragment, 60 destination options.',
    ],
    ip6fragoffset: [
      number((bytes, at, _end, layers) => Math.floor(fragmentWord(bytes, at, layers) / 8)),
      'Fragment offset, in units of eight bytes.',
    ],
    ip6fragm: [
      text((bytes, at, _end, layers) => {
        const word = fragmentWord(bytes, at, layers);
        return Number.isNaN(word) ? undefined : String((word & 1) !== 0);
      }),
      '`true` when more fragments follow.',
    ],
  }),
  ...layerKeys('icmp', {
    icmptype: [uint(0, 1), 'ICMP type.'],
    icmpcode: [uint(1, 1), 'ICMP code.'],
    icmpseqno: [
      number((bytes, at) =>
        bytes[at] === ECHO_REQUEST || bytes[at] === ECHO_REPLY ? u16(bytes, at + 6) : Number.NaN,
      ),
      'Sequence number of an echo request or reply.',
    ],
    icmpunreachablenet: [quotedDestination(0), 'Destination of the packet whose network was unreachable.'],
    icmpunreachablehost: [quotedDestination(1), 'Destination of the packet whose host was unreachable.'],
    icmpunreachableprotocol: [number(unreachableProtocol), 'Protocol that was unreachable.'],
    icmpunreachableport: [text(unreachablePort), 'Protocol and port that were unreachable: `udp_2222`.'],
  }),
  ...layerKeys('icmp6', {
    icmp6type: [uint(0, 1), 'ICMPv6 type.'],
    icmp6code: [uint(1, 1), 'ICMPv6 code.'],
    icmp6seqno: [
      number((bytes, at) =>
        bytes[at] === ECHO_REQUEST_6 || bytes[at] === ECHO_REPLY_6 ? u16(bytes, at + 6) : Number.NaN,
      ),
      'Sequence number of an echo request or reply.',
    ],
    icmp6nstarget: [
      text((bytes, at, end) =>
        bytes[at] === NEIGHBOR_SOLICITATION && at + 24 <= end ? ipv6At(bytes, at + 8) : undefined,
      ),
      'Target of a neighbor solicitation.',
    ],
  }),
  ...layerKeys('igmp', {
    igmptype: [uint(0, 1), 'IGMP type: 17 query, 18, 22 and 34 reports, 23 leave.'],
    igmpgroup: [text(igmpGroup), 'Group address; the first record’s of a version 3 report.'],
  }),
  ...layerKeys('ah', {
    ahnexthdr: [uint(0, 1), 'Protocol behind the authentication header.'],
    ahspi: [uint(4, 4), 'Security parameters index.'],
    ahseqno: [uint(8, 4), 'Sequence number.'],
  }),
  ...layerKeys('esp', {
    espspi: [uint(0, 4), 'Security parameters index.'],
    espseqno: [uint(4, 4), 'Sequence number.'],
  }),
  ...layerKeys('ospf', {
    ospfversion: [uint(0, 1), 'OSPF version.'],
    ospftype: [uint(1, 1), 'OSPF packet: 1 hello, 2 database, 3 request, 4 update, 5 acknowledgement.'],
    ospfrouterid: [ipv4(4), 'Router identifier.'],
    ospfarea: [ipv4(8), 'Area identifier.'],
  }),
  ...layerKeys('pim', { pimtype: [uint(0, 1, 0, 15), 'PIM message: 0 hello, 1 register, 3 join or prune.'] }),
  ...layerKeys('vrrp', {
    vrrpversion: [uint(0, 1, 4), 'VRRP version.'],
    vrrpid: [uint(1, 1), 'Virtual router identifier.'],
    vrrppriority: [uint(2, 1), 'Priority of the sender.'],
  }),
];
