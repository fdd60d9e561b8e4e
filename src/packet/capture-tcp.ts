import { u16, u32 } from '../common/index.ts';
import { type CapturedPacket, readCapture } from './capture-file.ts';
import { ipPayload } from './capture-ip.ts';

/** One TCP segment of a capture. */
export interface CapturedSegment {
  /** A view of the file, not a copy; shorter than it was where the capture has cut it. */
  readonly payload: Uint8Array;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** Number of the first byte of the payload; of the byte before it where `isFirst`. */
  readonly sequence: number;
  /** It opens its direction of the connection (SYN). */
  readonly isFirst: boolean;
  /** Milliseconds since 1970, with fraction. */
  readonly timestampMs: number;
  /** Number of the packet in the file, from 1. */
  readonly packetNumber: number;
}

const TCP = 6;
const SYN = 2;

/**
 * The TCP segments over IPv4 and IPv6 in a capture file, in file order; fragments and what is malformed are passed over.
 *
 * @throws WeirError CAPTURE_BAD as `readCapture` does.
 */
export function* tcpSegments(bytes: Uint8Array): Generator<CapturedSegment> {
  for (const packet of readCapture(bytes)) {
    const segment = segmentOf(packet);
    if (segment !== undefined) yield segment;
  }
}

function segmentOf(packet: CapturedPacket): CapturedSegment | undefined {
  const found = ipPayload(packet, TCP);
  if (typeof found === 'string') return undefined;
  const { bytes } = packet;
  const { at, room, sourceAddress, destinationAddress } = found;
  if (room < 20 || bytes.length - at < 20) return undefined;
  const headerLength = (bytes[at + 12] >>> 4) * 4;
  if (headerLength < 20 || headerLength > room) return undefined;
  return {
    payload: bytes.subarray(at + headerLength, at + room),
    sourceAddress,
    sourcePort: u16(bytes, at),
    destinationAddress,
    destinationPort: u16(bytes, at + 2),
    sequence: u32(bytes, at + 4),
    isFirst: (bytes[at + 13] & SYN) !== 0,
    timestampMs: packet.timestampMs,
    packetNumber: packet.number,
  };
}
