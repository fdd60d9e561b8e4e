import { ipv4At, ipv6At, u16, u32 } from '../common/index.ts';
import { type CapturedPacket, type CaptureNotes, LINK_TYPE, readCapture } from './capture-file.ts';

/** One whole UDP datagram of a capture. */
export interface CapturedDatagram {
  /** A view of the file, not a copy. */
  readonly payload: Uint8Array;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** Milliseconds since 1970, with fraction. */
  readonly timestampMs: number;
  /** Number of the packet in the file, from 1. */
  readonly packetNumber: number;
}

/** Packets that gave no datagram, by reason. Counted anew by every iteration. */
export interface SkippedPackets {
  /** Not UDP over IPv4 or IPv6. */
  notUdp: number;
  /** UDP to another port than the one asked for. */
  otherPort: number;
  /** A part of a fragmented datagram. */
  fragments: number;
  /** The capture holds fewer bytes than the datagram had. */
  cut: number;
  /** Lengths inside the packet contradict each other. */
  malformed: number;
  /** A link type this reader does not know. */
  unknownLink: number;
}

/** The UDP datagrams of a capture, in file order. The counts are complete when an iteration has ended. */
export interface CapturedDatagrams extends Iterable<CapturedDatagram> {
  readonly skipped: Readonly<SkippedPackets>;
  readonly notes: Readonly<CaptureNotes>;
}

/**
 * The whole, unfragmented UDP datagrams over IPv4 and IPv6 in a capture file, VLAN tags and IPv6 extension headers
 * passed over. With `port`, only those sent to that port.
 *
 * @throws WeirError CAPTURE_BAD as `readCapture` does.
 */
export function udpPayloads(bytes: Uint8Array, options: { readonly port?: number } = {}): CapturedDatagrams {
  const capture = readCapture(bytes);
  const skipped = nothingSkipped();
  function* datagrams(): Generator<CapturedDatagram> {
    Object.assign(skipped, nothingSkipped());
    for (const packet of capture) {
      const found = datagramOf(packet);
      if (typeof found === 'string') skipped[found]++;
      else if (options.port !== undefined && found.destinationPort !== options.port) skipped.otherPort++;
      else yield found;
    }
  }
  return { skipped, notes: capture.notes, [Symbol.iterator]: datagrams };
}

function nothingSkipped(): SkippedPackets {
  return { notUdp: 0, otherPort: 0, fragments: 0, cut: 0, malformed: 0, unknownLink: 0 };
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const UDP = 17;

function datagramOf(packet: CapturedPacket): CapturedDatagram | keyof SkippedPackets {
  const { bytes, linkType } = packet;
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return bytes.length < 14 ? 'cut' : networkLayer(packet, u16(bytes, 12), 14);
    case LINK_TYPE.linuxCooked:
      return bytes.length < 16 ? 'cut' : networkLayer(packet, u16(bytes, 14), 16);
    case LINK_TYPE.linuxCooked2:
      return bytes.length < 20 ? 'cut' : networkLayer(packet, u16(bytes, 0), 20);
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      return internetLayer(packet, 4);
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.rawOpenBsd:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      return internetLayer(packet, 0);
    default:
      return 'unknownLink';
  }
}

/** Behind an EtherType: step over 802.1Q tags, then IP. */
function networkLayer(packet: CapturedPacket, etherType: number, offset: number) {
  const { bytes } = packet;
  let type = etherType;
  let at = offset;
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (bytes.length - at < 4) return 'cut';
    type = u16(bytes, at + 2);
    at += 4;
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? internetLayer(packet, at) : 'notUdp';
}

/** The version nibble tells IPv4 from IPv6: loopback address families differ between systems. */
function internetLayer(packet: CapturedPacket, at: number): CapturedDatagram | keyof SkippedPackets {
  if (packet.bytes.length <= at) return 'cut';
  const version = packet.bytes[at] >>> 4;
  return version === 4 ? fromIPv4(packet, at) : version === 6 ? fromIPv6(packet, at) : 'notUdp';
}

function fromIPv4(packet: CapturedPacket, at: number): CapturedDatagram | keyof SkippedPackets {
  const { bytes } = packet;
  if (bytes.length - at < 20) return 'cut';
  const headerLength = (bytes[at] & 15) * 4;
  if (headerLength < 20) return 'malformed';
  if (bytes[at + 9] !== UDP) return 'notUdp';
  if ((u16(bytes, at + 6) & 0x3fff) !== 0) return 'fragments';
  const length = u16(bytes, at + 2) - headerLength;
  return transportLayer(packet, at + headerLength, length, ipv4At(bytes, at + 12), ipv4At(bytes, at + 16));
}

function fromIPv6(packet: CapturedPacket, at: number): CapturedDatagram | keyof SkippedPackets {
  const { bytes } = packet;
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
  if (next !== UDP) return 'notUdp';
  return transportLayer(packet, header, end - header, ipv6At(bytes, at + 8), ipv6At(bytes, at + 24));
}

/** UDP at `at`, in an IP payload that has `room` bytes left there. */
function transportLayer(
  packet: CapturedPacket,
  at: number,
  room: number,
  sourceAddress: string,
  destinationAddress: string,
): CapturedDatagram | keyof SkippedPackets {
  const { bytes } = packet;
  if (room < 8) return 'malformed';
  if (bytes.length - at < 8) return 'cut';
  const length = u16(bytes, at + 4);
  if (length < 8 || length > room) return 'malformed';
  if (length > bytes.length - at) return 'cut';
  const ports = u32(bytes, at);
  return {
    payload: bytes.subarray(at + 8, at + length),
    sourceAddress,
    sourcePort: ports >>> 16,
    destinationAddress,
    destinationPort: ports & 0xffff,
    timestampMs: packet.timestampMs,
    packetNumber: packet.number,
  };
}
