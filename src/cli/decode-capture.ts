import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { WeirError } from '../common/index.ts';
import { type CapturedDatagrams, type SkippedPackets, udpPayloads } from '../packet/index.ts';
import type { ReceivedDatagram } from './decode-source.ts';

/** What a pass over a capture met besides the datagrams it gave. */
export interface CaptureReport {
  packets: number;
  /** Packets that hold no whole UDP datagram, in words by reason. */
  readonly skipped: Map<string, number>;
  /** Byte of the file where it is damaged or cut, and behind which nothing was read; undefined for a sound file. */
  damagedAt: number | undefined;
}

export interface CaptureOptions {
  /** Only datagrams to this UDP port. */
  readonly port: number | undefined;
  /** Ends the reading, also while it waits for more of a pipe. */
  readonly signal: AbortSignal;
}

const SKIP_REASONS: Readonly<Record<keyof SkippedPackets, string>> = {
  notUdp: 'not UDP',
  otherPort: 'to another port',
  fragments: 'a fragment',
  cut: 'cut by the capture',
  malformed: 'malformed',
  unknownLink: 'of an unknown link type',
};

const READ_BYTES = 1 << 20;
/** No packet is longer than this, nor do sound files describe so much; what claims to is damage. */
const LARGEST_WINDOW = 1 << 22;

const PCAP_FILE_HEADER = 24;
const PCAPNG_SECTION_HEADER = 0x0a0d0d0a;
const PCAPNG_INTERFACE = 1;
const PCAPNG_LITTLE_ENDIAN = 0x4d3c2b1a;

export function newCaptureReport(): CaptureReport {
  return { packets: 0, skipped: new Map(), damagedAt: undefined };
}

/**
 * The UDP datagrams of a pcap or pcapng file, `-` for standard input, in file order. The file is read piece by piece:
 * memory does not grow with it, and a capture that is still being written to a pipe is followed.
 *
 * @throws WeirError CAPTURE_BAD when it is no capture, CAPTURE_UNREADABLE when it cannot be read.
 */
export async function* captureDatagrams(
  path: string,
  stdin: Readable,
  options: CaptureOptions,
  report: CaptureReport,
): AsyncGenerator<ReceivedDatagram> {
  const stream = path === '-' ? stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  const window = new CaptureWindow();
  let stuck = false;
  for await (const chunk of readChunks(stream, path, options.signal)) {
    if (!window.add(chunk)) continue;
    yield* readWindow(window, options, report);
    stuck = window.length > LARGEST_WINDOW;
    if (stuck) break;
  }
  if (!window.started) yield* readWindow(window, options, report);
  if (stuck || (window.rest.length > 0 && !options.signal.aborted)) report.damagedAt = window.restAt;
}

async function* readChunks(stream: Readable, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of addAbortSignal(signal, stream)) yield chunk as Uint8Array;
  } catch (cause) {
    if (signal.aborted) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError('CAPTURE_UNREADABLE', `cannot read ${path}: ${reason}`, { cause });
  }
}

function* readWindow(
  window: CaptureWindow,
  options: CaptureOptions,
  report: CaptureReport,
): Generator<ReceivedDatagram> {
  const bytes = window.bytes();
  const datagrams = udpPayloads(bytes, options.port === undefined ? {} : { port: options.port });
  const { packets } = report;
  try {
    for (const datagram of datagrams) {
      const at = window.fileOffset(datagram.payload.byteOffset - bytes.byteOffset);
      yield {
        payload: datagram.payload,
        timeMicros: microsOf(datagram.timestampMs),
        sourceAddress: datagram.sourceAddress,
        sourcePort: datagram.sourcePort,
        origin: `packet ${packets + datagram.packetNumber} (byte ${at})`,
      };
    }
  } finally {
    // Also when the reader had enough before the end.
    addNotes(report, datagrams);
  }
  const { truncatedAt } = datagrams.notes;
  window.consume(bytes, truncatedAt < 0 ? bytes.length : truncatedAt);
}

/** The year 10000, ms: what a damaged or odd time may claim beyond is no time. */
const LATEST_TIME_MS = 253_402_300_800_000;

/** Microseconds since 1970, 0 when the file does not say. */
function microsOf(timestampMs: number): number {
  return timestampMs >= 0 && timestampMs < LATEST_TIME_MS ? Math.round(timestampMs * 1000) : 0;
}

function addNotes(report: CaptureReport, { notes, skipped }: CapturedDatagrams): void {
  report.packets += notes.packets;
  for (const [reason, text] of Object.entries(SKIP_REASONS)) {
    const count = skipped[reason as keyof SkippedPackets];
    if (count > 0) countSkipped(report, text, count);
  }
  if (notes.unknownInterface > 0)
    countSkipped(report, 'of an interface that is not described', notes.unknownInterface);
}

function countSkipped(report: CaptureReport, reason: string, count: number): void {
  report.skipped.set(reason, (report.skipped.get(reason) ?? 0) + count);
}

/**
 * A piece of a capture that can be read as a capture by itself: the descriptions that its packets need (the file
 * header; for pcapng the section and its interfaces), then bytes from the middle of the file.
 */
class CaptureWindow {
  /** Bytes not read yet, and the byte of the file where they begin. */
  rest: Uint8Array = new Uint8Array(0);
  restAt = 0;
  started = false;
  private pcapng = false;
  private preamble: Uint8Array = new Uint8Array(0);

  /** Adds bytes. True when there is enough to read. */
  add(chunk: Uint8Array): boolean {
    this.rest = concatenate(this.rest, chunk);
    if (this.started) return true;
    if (this.rest.length < PCAP_FILE_HEADER + 4) return false;
    this.started = true;
    this.pcapng = view(this.rest).getUint32(0) === PCAPNG_SECTION_HEADER;
    // A section header is a block like the others and is picked up when it has been read.
    if (!this.pcapng) {
      this.preamble = this.rest.slice(0, PCAP_FILE_HEADER);
      this.rest = this.rest.subarray(PCAP_FILE_HEADER);
      this.restAt = PCAP_FILE_HEADER;
    }
    return true;
  }

  get length(): number {
    return this.preamble.length + this.rest.length;
  }

  bytes(): Uint8Array {
    return concatenate(this.preamble, this.rest);
  }

  fileOffset(at: number): number {
    return this.restAt + at - this.preamble.length;
  }

  /** `bytes` was read up to `end`. */
  consume(bytes: Uint8Array, end: number): void {
    const start = this.preamble.length;
    this.restAt = this.fileOffset(end);
    this.rest = bytes.subarray(end);
    if (this.pcapng) this.keepDescriptions(bytes, start, end);
  }

  private keepDescriptions(bytes: Uint8Array, start: number, end: number): void {
    const data = view(bytes);
    let littleEndian = this.preamble.length > 0 && isLittleEndian(data, 0);
    for (let at = start; at < end; ) {
      const section = data.getUint32(at) === PCAPNG_SECTION_HEADER;
      if (section) littleEndian = isLittleEndian(data, at);
      const length = data.getUint32(at + 4, littleEndian);
      const block = bytes.subarray(at, at + length);
      if (section) this.preamble = block.slice();
      else if (data.getUint32(at, littleEndian) === PCAPNG_INTERFACE)
        this.preamble = concatenate(this.preamble, block);
      at += length;
    }
  }
}

function isLittleEndian(data: DataView, section: number): boolean {
  return data.getUint32(section + 8) === PCAPNG_LITTLE_ENDIAN;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
