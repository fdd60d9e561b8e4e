import { ipv4At, ipv6At, u16 } from '../common/index.ts';
import { type CapturedPacket, LINK_TYPE } from './capture-file.ts';

/** What an IP packet of a capture carries. */
export interface IpPayload {
  /** First byte in the captured bytes, and how many the packet had from there on. */
  readonly at: number;
  readonly room: number;
  readonly sourceAddress: string;
  readonly destinationAddress: string;
}

/** Why a packet has none of what is asked for. */
export type NoPayload = 'otherProtocol' | 'fragments' | 'cut' | 'malformed' | 'unknownLink';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** Where the payload of a protocol begins in a packet over IPv4 or IPv6, VLAN tags and IPv6 extension headers passed over. */
export function ipPayload(packet: CapturedPacket, protocol: number): IpPayload | NoPayload {
  const { bytes, linkType } = packet;
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return bytes.length < 14 ? 'cut' : networkLayer(bytes, u16(bytes, 12), 14, protocol);
    case LINK_TYPE.linuxCooked:
      return bytes.length < 16 ? 'cut' : networkLayer(bytes, u16(bytes, 14), 16, protocol);
    case LINK_TYPE.linuxCooked2:
      return bytes.length < 20 ? 'cut' : networkLayer(bytes, u16(bytes, 0), 20, protocol);
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      return internetLayer(bytes, 4, protocol);
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.rawOpenBsd:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      return internetLayer(bytes, 0, protocol);
    default:
      return 'unknownLink';
  }
}

/** Behind an EtherType: step over 802.1Q tags, then IP. */
function networkLayer(
  bytes: Uint8Array,
  etherType: number,
  offset: number,
  protocol: number,
): IpPayload | NoPayload {
  let type = etherType;
  let at = offset;
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (bytes.length - at < 4) return 'cut';
    type = u16(bytes, at + 2);
    at += 4;
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6
    ? internetLayer(bytes, at, protocol)
    : 'otherProtocol';
}

/** The version nibble tells IPv4 from IPv6: loopback address families differ between systems. */
function internetLayer(bytes: Uint8Array, at: number, protocol: number): IpPayload | NoPayload {
  if (bytes.length <= at) return 'cut';
  const version = bytes[at] >>> 4;
  if (version === 4) return fromIPv4(bytes, at, protocol);
  return version === 6 ? fromIPv6(bytes, at, protocol) : 'otherProtocol';
}

function fromIPv4(bytes: Uint8Array, at: number, protocol: number): IpPayload | NoPayload {
  if (bytes.length - at < 20) return 'cut';
  const headerLength = (bytes[at] & 15) * 4;
  if (headerLength < 20) return 'malformed';
  if (bytes[at + 9] !== protocol) return 'otherProtocol';
  if ((u16(bytes, at + 6) & 0x3fff) !== 0) return 'fragments';
  return {
    at: at + headerLength,
    room: u16(bytes, at + 2) - headerLength,
    sourceAddress: ipv4At(bytes, at + 12),
    destinationAddress: ipv4At(bytes, at + 16),
  };
}

function fromIPv6(bytes: Uint8Array, at: number, protocol: number): IpPayload | NoPayload {
  if (bytes.length - at < 40) return 'cut';
  const end = at + 40 + u16(bytes, at + 4);
  let next = bytes[at + 6];
  let header = at + 40;
  while (next === 0 || next === 43 || next === 44 || next === 60) {
    if (bytes.length - header < 8) return 'cut';
    if (next === 44 && (u16(bytes, header + 2) & 0xfff9) !== 0) return 'fragments';
    const length = next === 44 ? 8 : (bytes[header + 1] + 1) * 8;
    next = bytes[header];
    header += length;
  }
  if (next !== protocol) return 'otherProtocol';
  return {
    at: header,
    room: end - header,
    sourceAddress: ipv6At(bytes, at + 8),
    destinationAddress: ipv6At(bytes, at + 24),
  };
}
