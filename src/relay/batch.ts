import {
  DATAGRAM_HEADER_BYTES,
  FRAME,
  FRAME_HEADER_BYTES,
  NEWLINE,
  type StreamFormat,
  WORD,
  writeFrameHeader,
} from './stream-format.ts';

/** Datagrams in the form of the stream, one after the other. */
export interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly datagrams: number;
}

const FIRST_BYTES = 1 << 16;
/** No batch grows beyond this by much: it is what the queue drops at a time. */
export const FULL_BATCH_BYTES = 1 << 18;

/** Gathers datagrams into a batch. */
export class BatchWriter {
  datagrams = 0;
  used = 0;
  private readonly format: StreamFormat;
  private bytes = Buffer.from(new ArrayBuffer(FIRST_BYTES));
  private view = Buffer.alloc(0);

  constructor(format: StreamFormat) {
    this.format = format;
  }

  /** Add `bytes[start, end)`, which came from the source given as four words and a port at `timeMicros`. */
  add(
    bytes: Uint8Array,
    start: number,
    end: number,
    s0: number,
    s1: number,
    s2: number,
    s3: number,
    port: number,
    timeMicros: number,
  ): void {
    const length = end - start;
    if (this.format === 'lines') {
      this.reserve(2 * length + 1);
      const text = this.viewOf(bytes).toString('hex', start, end);
      this.used += this.bytes.write(text, this.used, 'latin1');
      this.bytes[this.used++] = NEWLINE;
    } else {
      const body = DATAGRAM_HEADER_BYTES + length;
      this.reserve(FRAME_HEADER_BYTES + body);
      const out = this.bytes;
      writeFrameHeader(out, this.used, FRAME.datagram, body);
      const at = this.used + FRAME_HEADER_BYTES;
      out.writeUInt32BE(Math.floor(timeMicros / WORD), at);
      out.writeUInt32BE(timeMicros % WORD, at + 4);
      out.writeInt32BE(s0 | 0, at + 8);
      out.writeInt32BE(s1 | 0, at + 12);
      out.writeInt32BE(s2 | 0, at + 16);
      out.writeInt32BE(s3 | 0, at + 20);
      out.writeUInt16BE(port, at + 24);
      out.set(bytes.subarray(start, end), at + DATAGRAM_HEADER_BYTES);
      this.used += FRAME_HEADER_BYTES + body;
    }
    this.datagrams++;
  }

  /** What was gathered; undefined when that is nothing. Then the next batch begins. */
  take(): Batch | undefined {
    if (this.datagrams === 0) return undefined;
    // A copy of its own size: it may wait long in a queue whose bound counts bytes.
    const bytes = new Uint8Array(this.used);
    bytes.set(this.bytes.subarray(0, this.used));
    const batch = { bytes, datagrams: this.datagrams };
    this.datagrams = 0;
    this.used = 0;
    return batch;
  }

  private reserve(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(2 ** Math.ceil(Math.log2(this.used + more))));
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }

  /** Receivers hand over views of one and the same memory. */
  private viewOf(bytes: Uint8Array): Buffer {
    if (Buffer.isBuffer(bytes)) return bytes;
    const { view } = this;
    if (view.buffer !== bytes.buffer || view.byteOffset !== bytes.byteOffset || view.length !== bytes.length)
      this.view = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    return this.view;
  }
}
