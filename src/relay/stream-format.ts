/**
 * What goes through a relay's stream.
 *
 * **Lines**: each datagram as lower-case hexadecimal digits and a newline; what a script of two lines reads and writes as
 * well. Nothing but the datagram's bytes goes through.
 *
 * **Frames**, when both ends are Weir: half as many bytes, arrival time and source kept, and what was dropped on the way is
 * told. The stream begins with the line FRAMES_BEGIN, which no line of digits resembles. Then, big-endian:
 *
 *     type u8, length of the body u24, body
 *     DATAGRAM  time of arrival, µs since 1970, u64; source address, 16 bytes (IPv4 mapped); source port u16; datagram
 *     DROPPED   count u32: so many datagrams before the next one were given up by the sender
 *     START     flags u8 (1: acknowledge), datagrams sent before over earlier connections u64
 *
 * Frames of other types are passed over. Either form may be inside gzip, which its first two bytes tell.
 */
export type StreamFormat = 'lines' | 'frames';

export const FRAMES_BEGIN = Uint8Array.of(0, 0x57, 0x45, 0x49, 0x52, 0x53, 0x31, 0x0a);

export const FRAME = { datagram: 1, dropped: 2, start: 3 } as const;
export const FRAME_HEADER_BYTES = 4;
/** Time, address and port before the bytes of a datagram. */
export const DATAGRAM_HEADER_BYTES = 26;
export const START_ACKNOWLEDGE = 1;

export const NEWLINE = 0x0a;
export const WORD = 2 ** 32;

/** Where a datagram came from, and when. */
export interface Arrival {
  /** µs since 1970. */
  readonly timeMicros: number;
  /** Source address as four words, IPv4 mapped. */
  readonly source: readonly [number, number, number, number];
  readonly port: number;
}

/** The frames that begin a stream. */
export function startOfFrames(acknowledge: boolean, sentBefore: number): Uint8Array {
  const bytes = Buffer.alloc(FRAMES_BEGIN.length + FRAME_HEADER_BYTES + 9);
  bytes.set(FRAMES_BEGIN);
  writeFrameHeader(bytes, FRAMES_BEGIN.length, FRAME.start, 9);
  const at = FRAMES_BEGIN.length + FRAME_HEADER_BYTES;
  bytes[at] = acknowledge ? START_ACKNOWLEDGE : 0;
  bytes.writeUInt32BE(Math.floor(sentBefore / WORD), at + 1);
  bytes.writeUInt32BE(sentBefore % WORD, at + 5);
  return bytes;
}

export function droppedFrame(count: number): Uint8Array {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + 4);
  writeFrameHeader(bytes, 0, FRAME.dropped, 4);
  bytes.writeUInt32BE(Math.min(count, WORD - 1), FRAME_HEADER_BYTES);
  return bytes;
}

export function writeFrameHeader(bytes: Buffer, at: number, type: number, length: number): void {
  bytes.writeUInt32BE(type * 0x1000000 + length, at);
}
