import { WeirError } from '../common/index.ts';
import {
  type Arrival,
  DATAGRAM_HEADER_BYTES,
  FRAME,
  FRAME_HEADER_BYTES,
  FRAMES_BEGIN,
  NEWLINE,
  START_ACKNOWLEDGE,
  WORD,
} from './stream-format.ts';

/** What a stream turns out to contain, in its order. */
export interface StreamHandlers {
  /** A datagram: `bytes[start, end)`, which are written again afterwards; `arrival` when the other end is Weir. */
  datagram(bytes: Uint8Array, start: number, end: number, arrival: Arrival | undefined): void;
  /** Line `number`, from 1, is no datagram. */
  badLine(number: number, reason: string): void;
  /** The sender gave up so many datagrams here. */
  dropped(count: number): void;
  /** Frames begin. */
  start(acknowledge: boolean, sentBefore: number): void;
}

/** The longest datagram that UDP can carry; what claims to be longer is none. */
const LONGEST_DATAGRAM = 65_527;
/** With blanks between the digits. */
const LONGEST_LINE = 4 * LONGEST_DATAGRAM;
const CARRIAGE_RETURN = 0x0d;

/** Value of a digit; BLANK between digits; BAD for anything else. */
const BLANK = -1;
const BAD = -2;
const DIGITS = new Int8Array(256).fill(BAD);
for (let i = 0; i < 16; i++) {
  DIGITS[i.toString(16).charCodeAt(0)] = i;
  DIGITS[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}
for (const blank of [' ', '\t', '\r', '\v', '\f']) DIGITS[blank.charCodeAt(0)] = BLANK;

/** Takes a stream apart, whichever form it has (`stream-format.ts`), however it is cut into chunks. */
export class StreamDecoder {
  private readonly handlers: StreamHandlers;
  private mode: 'lines' | 'frames' = 'lines';
  private lineNumber = 1;
  /** The beginning of a line or frame whose end has not come. */
  private rest: Uint8Array = new Uint8Array(0);
  /** In a line that is too long, and told so: to be passed over up to its end. */
  private skipping = false;
  private readonly datagram = new Uint8Array(LONGEST_LINE);

  constructor(handlers: StreamHandlers) {
    this.handlers = handlers;
  }

  /** Throws a WeirError `RELAY_BAD_STREAM` when frames are damaged: what follows cannot be understood. */
  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    if (this.mode === 'lines') at = this.readLines(bytes);
    if (this.mode === 'frames') at = this.readFrames(bytes, at);
    // A copy: the caller may write the chunk again, and a view would keep all of it.
    this.rest = bytes.slice(at);
  }

  /** The stream has ended. What was begun and not finished is not guessed at. */
  end(): void {
    if (this.rest.length === 0) return;
    if (this.mode === 'lines') this.bad('cut off: no newline at its end');
    else this.bad(`the stream was cut off inside a frame, ${this.rest.length} bytes after its beginning`);
    this.rest = new Uint8Array(0);
  }

  /** Position from which on bytes are left over. */
  private readLines(bytes: Uint8Array): number {
    let at = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline < 0) break;
      if (this.skipping) this.skipping = false;
      else if (isFramesBegin(bytes, at, newline)) {
        this.mode = 'frames';
        return newline + 1;
      } else this.readLine(bytes, at, newline);
      this.lineNumber++;
      at = newline + 1;
    }
    if (this.skipping) return bytes.length;
    if (bytes.length - at <= LONGEST_LINE) return at;
    this.bad(`longer than any datagram (over ${LONGEST_LINE} characters)`);
    this.skipping = true;
    return bytes.length;
  }

  private readLine(bytes: Uint8Array, start: number, newline: number): void {
    const end = newline > start && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline;
    const { datagram } = this;
    let length = 0;
    let at = start;
    for (; at + 1 < end; at += 2) {
      const value = (DIGITS[bytes[at]] << 4) | DIGITS[bytes[at + 1]];
      if (value < 0) break;
      datagram[length++] = value;
    }
    if (at < end) {
      const fault = this.readUnevenly(bytes, at, end, start, length);
      if (typeof fault === 'string') {
        this.bad(fault);
        return;
      }
      length = fault;
    }
    // A line without digits is no datagram, and no fault either.
    if (length === 0) return;
    if (length > LONGEST_DATAGRAM) {
      this.bad(`${length} bytes are longer than any datagram`);
      return;
    }
    this.handlers.datagram(datagram, 0, length, undefined);
  }

  /** The rest of a line with blanks in it: the length of the datagram, or what is wrong. */
  private readUnevenly(
    bytes: Uint8Array,
    from: number,
    end: number,
    lineStart: number,
    length: number,
  ): number | string {
    let high = BLANK;
    for (let at = from; at < end; at++) {
      const digit = DIGITS[bytes[at]];
      if (digit === BLANK) continue;
      if (digit === BAD)
        return `${characterText(bytes[at])} at column ${at - lineStart + 1} is no hexadecimal digit`;
      if (high === BLANK) high = digit;
      else {
        this.datagram[length++] = (high << 4) | digit;
        high = BLANK;
      }
    }
    return high === BLANK ? length : 'an odd number of digits';
  }

  private readFrames(bytes: Uint8Array, from: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const header = view.getUint32(at);
      const type = header >>> 24;
      const length = header & 0xffffff;
      if (length > LONGEST_DATAGRAM + DATAGRAM_HEADER_BYTES) throw badStream(`a frame of ${length} bytes`);
      const body = at + FRAME_HEADER_BYTES;
      if (bytes.length - body < length) break;
      this.readFrame(type, bytes, view, body, length);
      at = body + length;
    }
    return at;
  }

  private readFrame(type: number, bytes: Uint8Array, view: DataView, at: number, length: number): void {
    if (type === FRAME.datagram) {
      if (length < DATAGRAM_HEADER_BYTES) throw badStream(`a datagram's frame of ${length} bytes`);
      this.handlers.datagram(bytes, at + DATAGRAM_HEADER_BYTES, at + length, {
        timeMicros: view.getUint32(at) * WORD + view.getUint32(at + 4),
        source: [
          view.getInt32(at + 8),
          view.getInt32(at + 12),
          view.getInt32(at + 16),
          view.getInt32(at + 20),
        ],
        port: view.getUint16(at + 24),
      });
    } else if (type === FRAME.dropped && length >= 4) this.handlers.dropped(view.getUint32(at));
    else if (type === FRAME.start && length >= 9) {
      const sentBefore = view.getUint32(at + 1) * WORD + view.getUint32(at + 5);
      this.handlers.start((bytes[at] & START_ACKNOWLEDGE) !== 0, sentBefore);
    } else if (type === 0) throw badStream('a frame of type 0');
  }

  private bad(reason: string): void {
    this.handlers.badLine(this.lineNumber, reason);
  }
}

function isFramesBegin(bytes: Uint8Array, start: number, newline: number): boolean {
  const length = FRAMES_BEGIN.length;
  return newline - start === length - 1 && FRAMES_BEGIN.every((byte, i) => bytes[start + i] === byte);
}

function characterText(code: number): string {
  return code > 0x20 && code < 0x7f
    ? `'${String.fromCharCode(code)}'`
    : `byte 0x${code.toString(16).padStart(2, '0')}`;
}

function badStream(what: string): WeirError {
  return new WeirError('RELAY_BAD_STREAM', `the stream is damaged: ${what}; nothing behind it can be read`);
}
