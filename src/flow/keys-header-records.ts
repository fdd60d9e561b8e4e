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

const DSCP = { shift: 2, mask: 0x3f };
const ECN = { shift: 0, mask: 3 };

/** The octet in the low byte of a word, or bits of it, shown as a packet's key `like`. */
function octet(
  offset: number,
  like: string,
  bits: { shift: number; mask: number } = { shift: 0, mask: 0xff },
): Field {
  const format = packetFormat(like);
  return { kind: 'uint', offset: offset + 3, size: 1, ...bits, format, numeric: format === 'decimal' };
}

function mac(offset: number): Field {
  return { kind: 'mac', offset };
}

function ipv6(offset: number): Field {
  return { kind: 'ipv6', offset };
}

function tcpFlags(offset: number): Field {
  return {
    kind: 'uint',
    offset: offset + 2,
    size: 2,
    mask: 0x1ff,
    format: packetFormat('tcpflags'),
    numeric: false,
  };
}

/** `true` for a destination address of the kind, else absent. */
function destinationIs(kind: (bytes: Uint8Array, at: number) => boolean): Field {
  return { kind: 'text', read: (bytes, at) => (kind(bytes, at + 12) ? 'true' : undefined) };
}

function isBroadcast(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 6; i++) if (bytes[at + i] !== 0xff) return false;
  return true;
}

/** Keys that take the place of a packet's when the agent sends no header of it. */
export const SAMPLED_KEYS: readonly KeyEntry[] = [
  recordKey('macsource', 2, 10, mac(4), ''),
  recordKey('macdestination', 2, 18, mac(12), ''),
  wordKey('ethernetprotocol', 2, 20, ''),
  recordKey(
    'isunicast',
    2,
    18,
    destinationIs((bytes, at) => (bytes[at] & 1) === 0),
    '',
  ),
  recordKey(
    'ismulticast',
    2,
    18,
    destinationIs((bytes, at) => (bytes[at] & 1) === 1 && !isBroadcast(bytes, at)),
    '',
  ),
  recordKey('isbroadcast', 2, 18, destinationIs(isBroadcast), ''),
  wordKey('ipsource', 3, 8, '', 'ipv4'),
  wordKey('ipdestination', 3, 12, '', 'ipv4'),
  recordKey('iptos', 3, 32, octet(28, 'iptos'), ''),
  recordKey('ipdscp', 3, 32, octet(28, 'ipdscp', DSCP), ''),
  recordKey('ipdscpname', 3, 32, octet(28, 'ipdscpname', DSCP), ''),
  recordKey('ipecn', 3, 32, octet(28, 'ipecn', ECN), ''),
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
  if (transport === 'tcp') keys.push(slotKey('tcpflags', slot, ports + 12, tcpFlags(ports + 8), ''));
  return keys;
}

interface Side {
  readonly name: 'input' | 'output';
  readonly verb: string;
  readonly ethernet: number;
  readonly ipv4: number;
  readonly ipv6: number;
  readonly decapsulate: number;
  readonly vni: number;
}

const SIDES: readonly Side[] = [
  {
    name: 'output',
    verb: 'added on egress',
    ethernet: 1021,
    ipv4: 1023,
    ipv6: 1025,
    decapsulate: 1027,
    vni: 1029,
  },
  {
    name: 'input',
    verb: 'removed on ingress',
    ethernet: 1022,
    ipv4: 1024,
    ipv6: 1026,
    decapsulate: 1028,
    vni: 1030,
  },
];

/** Outer headers that the device removes or adds. */
export const TUNNEL_KEYS: readonly KeyEntry[] = SIDES.flatMap((side) => {
  const { name, verb, ethernet, ipv4, ipv6: v6 } = side;
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
    field('iptos', ipv4, 32, octet(28, 'iptos'), 'Type of service octet'),
    field('ipdscp', ipv4, 32, octet(28, 'ipdscp', DSCP), 'DSCP'),
    field('ipdscpname', ipv4, 32, octet(28, 'ipdscpname', DSCP), 'Name of the DSCP'),
    field('ipecn', ipv4, 32, octet(28, 'ipecn', ECN), 'ECN bits'),
    field('ip6source', v6, 24, ipv6(8), 'Source address'),
    field('ip6destination', v6, 40, ipv6(24), 'Destination address'),
    word('ip6nexthdr', v6, 4, 'Upper layer protocol'),
    ...tunnelPorts(name, outer, ipv4, 16),
    ...tunnelPorts(name, outer, v6, 40),
    wordKey(
      `${name}headeroffset`,
      side.decapsulate,
      0,
      `Where the inner header begins, ${verb} what is before it.`,
    ),
    wordKey(`${name}vni`, side.vni, 0, `Virtual network identifier ${outer}.`),
  ];
});

function tunnelPorts(name: string, outer: string, format: number, ports: number): KeyEntry[] {
  return (['tcp', 'udp'] as const).flatMap((transport) => {
    const protocol = transport === 'tcp' ? 6 : 17;
    const port = (offset: number) => (bytes: Uint8Array, at: number, end: number) =>
      end - at >= offset + 4 && u32(bytes, at + 4) === protocol ? u32(bytes, at + offset) : Number.NaN;
    const Transport = transport.toUpperCase();
    return [
      numberKey(`${name}${transport}sourceport`, format, port(ports), `${Transport} source port ${outer}.`),
      numberKey(
        `${name}${transport}destinationport`,
        format,
        port(ports + 4),
        `${Transport} destination port ${outer}.`,
      ),
    ];
  });
}
