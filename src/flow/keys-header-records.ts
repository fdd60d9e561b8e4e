import { u32 } from '../common/index.ts';
import type { Field, UintFormat } from '../packet/index.ts';
import { type KeyEntry, numberKey, recordKey, slotKey, wordField, wordKey } from './key-entry.ts';
import { packetFormat } from './keys-packet.ts';
import { TRANSPORT_SLOT } from './sample.ts';

/*
 * Records that hold fields of a packet's header: those of agents that send no sampled header (0:2, 0:3, 0:4), and
 * those of tunnels (1021 to 1030), which have the same bodies.
 *
 *     ethernet  length 0, source 4, destination 12, type 20
 *     IPv4      length 0, protocol 4, source 8, destination 12, ports 16 and 20, TCP flags 24, type of service 28
 *     IPv6      length 0, protocol 4, source 8, destination 24, ports 40 and 44, TCP flags 48, priority 52
 */

/** Bits of `size` bytes, shown as packets show the key `like`. */
function bits(offset: number, size: 1 | 2, like: string, shift: number, mask: number): Field {
  const format = packetFormat(like);
  return { kind: 'uint', offset, size, shift, mask, format, numeric: format === 'decimal' };
}

function mac(offset: number): Field {
  return { kind: 'mac', offset };
}

function ipv6(offset: number): Field {
  return { kind: 'ipv6', offset };
}

const TOS = 28;

/** The type of service octet of an IPv4 body, in the low byte of its word. */
function tos(like: string, shift: number, mask: number): Field {
  return bits(TOS + 3, 1, like, shift, mask);
}

const TOS_FIELDS: readonly (readonly [name: string, field: Field, what: string])[] = [
  ['iptos', tos('iptos', 0, 0xff), 'Type of service octet'],
  ['ipdscp', tos('ipdscp', 2, 0x3f), 'DSCP'],
  ['ipdscpname', tos('ipdscpname', 2, 0x3f), 'Name of the DSCP'],
  ['ipecn', tos('ipecn', 0, 3), 'ECN bits'],
];

/** Keys that take the place of a packet's when the agent sends no header of it. */
export const SAMPLED_KEYS: readonly KeyEntry[] = [
  recordKey('macsource', 2, 10, mac(4), ''),
  recordKey('macdestination', 2, 18, mac(12), ''),
  wordKey('ethernetprotocol', 2, 20, ''),
  // The group bit is the lowest of the first byte.
  recordKey('isunicast', 2, 18, bits(12, 1, 'isunicast', 0, 1), ''),
  wordKey('ipsource', 3, 8, '', 'ipv4'),
  wordKey('ipdestination', 3, 12, '', 'ipv4'),
  ...TOS_FIELDS.map(([name, field]) => recordKey(name, 3, TOS + 4, field, '')),
  recordKey('ip6source', 4, 24, ipv6(8), ''),
  recordKey('ip6destination', 4, 40, ipv6(24), ''),
  ...transportKeys('tcp', TRANSPORT_SLOT.tcp4, 16),
  ...transportKeys('udp', TRANSPORT_SLOT.udp4, 16),
  ...transportKeys('tcp', TRANSPORT_SLOT.tcp6, 40),
  ...transportKeys('udp', TRANSPORT_SLOT.udp6, 40),
];

function transportKeys(transport: 'tcp' | 'udp', slot: number, ports: number): KeyEntry[] {
  const keys = [
    slotKey(`${transport}sourceport`, slot, ports + 4, wordField(ports), ''),
    slotKey(`${transport}destinationport`, slot, ports + 8, wordField(ports + 4), ''),
  ];
  if (transport === 'tcp')
    keys.push(slotKey('tcpflags', slot, ports + 12, bits(ports + 10, 2, 'tcpflags', 0, 0x1ff), ''));
  return keys;
}

/** Formats of each direction: Ethernet at `first`, then every second one IPv4, IPv6, decapsulation, VNI. */
const SIDES = [
  { name: 'output', verb: 'added on egress', first: 1021 },
  { name: 'input', verb: 'removed on ingress', first: 1022 },
];

/** Outer headers that the device removes or adds. */
export const TUNNEL_KEYS: readonly KeyEntry[] = SIDES.flatMap(({ name, verb, first }) => {
  const [ethernet, ipv4, v6, decapsulate, vni] = [0, 2, 4, 6, 8].map((step) => first + step);
  const outer = `of the outer header ${verb}`;
  const word = (key: string, format: number, offset: number, what: string, show?: UintFormat): KeyEntry =>
    wordKey(name + key, format, offset, `${what} ${outer}.`, show);
  const field = (key: string, format: number, minimum: number, read: Field, what: string): KeyEntry =>
    recordKey(name + key, format, minimum, read, `${what} ${outer}.`);
  return [
    field('macsource', ethernet, 10, mac(4), 'Source MAC address'),
    field('macdestination', ethernet, 18, mac(12), 'Destination MAC address'),
    word('ethernetprotocol', ethernet, 20, 'EtherType'),
    word('ipsource', ipv4, 8, 'Source address', 'ipv4'),
    word('ipdestination', ipv4, 12, 'Destination address', 'ipv4'),
    word('ipprotocol', ipv4, 4, 'Protocol'),
    ...TOS_FIELDS.map(([key, read, what]) => field(key, ipv4, TOS + 4, read, what)),
    field('ip6source', v6, 24, ipv6(8), 'Source address'),
    field('ip6destination', v6, 40, ipv6(24), 'Destination address'),
    word('ip6nexthdr', v6, 4, 'Upper layer protocol'),
    ...tunnelPorts(name, outer, ipv4, 16),
    ...tunnelPorts(name, outer, v6, 40),
    wordKey(`${name}headeroffset`, decapsulate, 0, `Byte of the sampled header up to which it is ${verb}.`),
    wordKey(`${name}vni`, vni, 0, `Virtual network identifier ${outer}.`),
  ];
});

function tunnelPorts(name: string, outer: string, format: number, ports: number): KeyEntry[] {
  return (['tcp', 'udp'] as const).flatMap((transport) => {
    const protocol = transport === 'tcp' ? 6 : 17;
    const port = (offset: number) => (bytes: Uint8Array, at: number, end: number) =>
      end - at >= offset + 4 && u32(bytes, at + 4) === protocol ? u32(bytes, at + offset) : Number.NaN;
    const label = transport.toUpperCase();
    return [
      numberKey(`${name}${transport}sourceport`, format, port(ports), `${label} source port ${outer}.`),
      numberKey(
        `${name}${transport}destinationport`,
        format,
        port(ports + 4),
        `${label} destination port ${outer}.`,
      ),
    ];
  });
}
