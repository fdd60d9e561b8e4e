import { WeirError } from '../common/index.ts';

/** Link types of the tcpdump.org registry whose packets `udpPayloads` can follow down to IP. */
export const LINK_TYPE = {
  /** BSD loopback: the address family in the byte order of the capturing host. */
  null: 0,
  ethernet: 1,
  /** IP without a link header, as some systems number it in files. */
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  /** OpenBSD loopback: the address family in network byte order. */
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

/** One packet of a capture file. */
export interface CapturedPacket {
  /** Position in the file, from 1, as packet analysers number them. */
  readonly number: number;
  /** Byte offset of the packet's bytes in the file. */
  readonly offset: number;
  /** Link type of the interface (LINK_TYPE and others). */
  readonly linkType: number;
  /** When it was captured: ms since 1970, with the fraction the file has (a double holds a quarter microsecond). 0 when the file does not say. */
  readonly timestampMs: number;
  /** The captured bytes: a view of the file, not a copy. */
  readonly bytes: Uint8Array;
  /** Bytes the packet had on the wire; more than `bytes.length` when it was cut. */
  readonly originalLength: number;
}

/** What a pass over a capture met besides packets. Counted anew by every iteration. */
export interface CaptureNotes {
  packets: number;
  /** Bytes at the end of the file that make no whole packet or block; 0 for a sound file. */
  truncatedBytes: number;
  /** Where they begin, -1 for a sound file. */
  truncatedAt: number;
  /** pcapng packets of an interface that was never described: their link type is unknown, so they are left out. */
  unknownInterface: number;
}

/** The packets of a capture file, in file order. `notes` is complete when an iteration has ended. */
export interface Capture extends Iterable<CapturedPacket> {
  readonly format: 'pcap' | 'pcapng';
  readonly notes: Readonly<CaptureNotes>;
}

const PCAP_MICROSECONDS = 0xa1b2c3d4;
const PCAP_NANOSECONDS = 0xa1b23c4d;
const PCAP_FILE_HEADER = 24;
const PCAP_PACKET_HEADER = 16;

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/**
 * Read a capture file held in memory: classic pcap (either byte order, microseconds or nanoseconds) or pcapng
 * (several sections and interfaces, any timestamp resolution). A file whose end is missing or damaged gives the packets
 * before the damage, and `notes` says how much was left.
 *
 * @throws WeirError CAPTURE_BAD when the file does not begin as one of the two formats does.
 */
export function readCapture(bytes: Uint8Array): Capture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw badCapture(0, `${bytes.length} bytes are no capture file`);
  const notes = emptyNotes();
  if (view.getUint32(0) === SECTION_HEADER) {
    sectionByteOrder(view, 0);
    return { format: 'pcapng', notes, [Symbol.iterator]: () => readPcapng(bytes, view, notes) };
  }
  const header = classicHeader(view);
  return { format: 'pcap', notes, [Symbol.iterator]: () => readClassic(bytes, view, header, notes) };
}

interface ClassicHeader {
  readonly littleEndian: boolean;
  /** Fractions of a second per millisecond. */
  readonly fractionsPerMs: number;
  readonly linkType: number;
}

function classicHeader(view: DataView): ClassicHeader {
  for (const littleEndian of [false, true]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic !== PCAP_MICROSECONDS && magic !== PCAP_NANOSECONDS) continue;
    if (view.byteLength < PCAP_FILE_HEADER) {
      throw badCapture(view.byteLength, 'the file ends inside the pcap file header');
    }
    return {
      littleEndian,
      fractionsPerMs: magic === PCAP_NANOSECONDS ? 1e6 : 1e3,
      // The upper bits tell of a frame check sequence, not of the link.
      linkType: view.getUint32(20, littleEndian) & 0xffff,
    };
  }
  const magic = view.getUint32(0).toString(16).padStart(8, '0');
  throw badCapture(0, `magic 0x${magic} is neither pcap nor pcapng`);
}

function* readClassic(
  bytes: Uint8Array,
  view: DataView,
  header: ClassicHeader,
  notes: CaptureNotes,
): Generator<CapturedPacket> {
  Object.assign(notes, emptyNotes());
  const { littleEndian, fractionsPerMs, linkType } = header;
  let at = PCAP_FILE_HEADER;
  while (at < bytes.length) {
    const room = bytes.length - at - PCAP_PACKET_HEADER;
    const captured = room >= 0 ? view.getUint32(at + 8, littleEndian) : 0;
    if (room < 0 || captured > room) return noteTruncation(notes, bytes.length, at);
    const offset = at + PCAP_PACKET_HEADER;
    yield {
      number: ++notes.packets,
      offset,
      linkType,
      timestampMs:
        view.getUint32(at, littleEndian) * 1000 + view.getUint32(at + 4, littleEndian) / fractionsPerMs,
      bytes: bytes.subarray(offset, offset + captured),
      originalLength: view.getUint32(at + 12, littleEndian),
    };
    at = offset + captured;
  }
}

interface Interface {
  readonly linkType: number;
  /** Longest capture, 0 for no bound. */
  readonly snapLength: number;
  readonly ticksPerMs: number;
  /** Added to every timestamp, ms. */
  readonly offsetMs: number;
}

function* readPcapng(bytes: Uint8Array, view: DataView, notes: CaptureNotes): Generator<CapturedPacket> {
  Object.assign(notes, emptyNotes());
  let littleEndian = false;
  let interfaces: Interface[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 12) return noteTruncation(notes, bytes.length, at);
    const isSection = view.getUint32(at) === SECTION_HEADER;
    if (isSection) {
      const order = byteOrderOf(view, at);
      if (order === undefined) return noteTruncation(notes, bytes.length, at);
      littleEndian = order;
      interfaces = [];
    }
    const type = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    const end = at + length;
    if (
      length < 12 ||
      length % 4 !== 0 ||
      end > bytes.length ||
      view.getUint32(end - 4, littleEndian) !== length
    ) {
      return noteTruncation(notes, bytes.length, at);
    }
    if (type === INTERFACE_DESCRIPTION) {
      const described = length >= 20 ? describeInterface(view, at, end, littleEndian) : undefined;
      if (described === undefined) return noteTruncation(notes, bytes.length, at);
      interfaces.push(described);
    } else if (type === ENHANCED_PACKET || type === OBSOLETE_PACKET || type === SIMPLE_PACKET) {
      const simple = type === SIMPLE_PACKET;
      const offset = at + (simple ? 12 : 28);
      if (offset > end - 4) return noteTruncation(notes, bytes.length, at);
      const id = simple
        ? 0
        : type === ENHANCED_PACKET
          ? view.getUint32(at + 8, littleEndian)
          : view.getUint16(at + 8, littleEndian);
      const on = interfaces[id];
      const originalLength = view.getUint32(offset - 4, littleEndian);
      const captured = simple
        ? Math.min(originalLength, on?.snapLength || originalLength, end - 4 - offset)
        : view.getUint32(at + 20, littleEndian);
      if (captured > end - 4 - offset) return noteTruncation(notes, bytes.length, at);
      if (on === undefined) notes.unknownInterface++;
      else {
        yield {
          number: ++notes.packets,
          offset,
          linkType: on.linkType,
          timestampMs: simple ? 0 : timestampOf(view, at + 12, littleEndian, on),
          bytes: bytes.subarray(offset, offset + captured),
          originalLength,
        };
      }
    }
    at = end;
  }
}

function timestampOf(view: DataView, at: number, littleEndian: boolean, on: Interface): number {
  const ticks = view.getUint32(at, littleEndian) * 4294967296 + view.getUint32(at + 4, littleEndian);
  return on.offsetMs + ticks / on.ticksPerMs;
}

/** True for a little-endian section; undefined when its byte-order magic is neither way round. */
function byteOrderOf(view: DataView, at: number): boolean | undefined {
  if (view.getUint32(at + 8) === BYTE_ORDER_MAGIC) return false;
  return view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC ? true : undefined;
}

function sectionByteOrder(view: DataView, at: number): void {
  if (view.byteLength - at < 28)
    throw badCapture(view.byteLength, 'the file ends inside the pcapng section header');
  if (byteOrderOf(view, at) === undefined) throw badCapture(at + 8, 'the pcapng byte-order magic is wrong');
}

const OPTION_END = 0;
const OPTION_TIMESTAMP_RESOLUTION = 9;
const OPTION_TIMESTAMP_OFFSET = 14;

function describeInterface(
  view: DataView,
  at: number,
  end: number,
  littleEndian: boolean,
): Interface | undefined {
  let ticksPerMs = 1e3;
  let offsetMs = 0;
  let option = at + 16;
  while (end - 4 - option >= 4) {
    const code = view.getUint16(option, littleEndian);
    const length = view.getUint16(option + 2, littleEndian);
    const value = option + 4;
    if (code === OPTION_END) break;
    if (length > end - 4 - value) return undefined;
    if (code === OPTION_TIMESTAMP_RESOLUTION && length >= 1) {
      const resolution = view.getUint8(value);
      ticksPerMs = (resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution) / 1000;
    } else if (code === OPTION_TIMESTAMP_OFFSET && length >= 8) {
      offsetMs = Number(view.getBigInt64(value, littleEndian)) * 1000;
    }
    option = value + ((length + 3) & ~3);
  }
  return {
    linkType: view.getUint16(at + 8, littleEndian),
    snapLength: view.getUint32(at + 12, littleEndian),
    ticksPerMs,
    offsetMs,
  };
}

function emptyNotes(): CaptureNotes {
  return { packets: 0, truncatedBytes: 0, truncatedAt: -1, unknownInterface: 0 };
}

function noteTruncation(notes: CaptureNotes, length: number, at: number): void {
  notes.truncatedAt = at;
  notes.truncatedBytes = length - at;
}

function badCapture(offset: number, what: string): WeirError {
  return new WeirError('CAPTURE_BAD', `not a readable capture: ${what} (byte ${offset})`);
}
