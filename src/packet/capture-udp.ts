import { u16, u32 } from '../common/index.ts';
import { type CapturedPacket, type CaptureNotes, readCapture } from './capture-file.ts';
import { type IpPayload, ipPayload } from './capture-ip.ts';

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

const UDP = 17;

function datagramOf(packet: CapturedPacket): CapturedDatagram | keyof SkippedPackets {
  const found = ipPayload(packet, UDP);
  if (typeof found === 'string') return found === 'otherProtocol' ? 'notUdp' : found;
  return transportLayer(packet, found);
}

/** UDP in an IP payload. */
function transportLayer(
  packet: CapturedPacket,
  { at, room, sourceAddress, destinationAddress }: IpPayload,
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
