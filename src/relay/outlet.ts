import type { Writable } from 'node:stream';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { BatchQueue } from './batch-queue.ts';
import { droppedFrame, type StreamFormat, startOfFrames } from './stream-format.ts';

export interface OutletOptions {
  readonly format: StreamFormat;
  readonly compress: boolean;
  /** The other end tells how many datagrams it has; nothing is sent before it has told so first. Frames only. */
  readonly acknowledged: boolean;
  /** Datagrams sent over earlier connections. */
  readonly sentBefore: number;
}

/** Bytes handed to the stream that it has not passed on; the rest waits in the queue, where the oldest can be dropped. */
const IN_STREAM_BYTES = 1 << 18;
/** Bytes sent and not acknowledged: what may be lost with the connection. Enough for 80 MB/s at 100 ms. */
const WINDOW_BYTES = 8 << 20;
/** When the end is near: a reader that takes nothing for so long is waited for no longer, and none for longer than that, ms. */
const STALLED_MS = 4000;
const DRAINED_WITHIN_MS = 15_000;
/** Compressed data goes out after so long at the latest, ms. */
const FLUSH_MS = 20;

/** Writes what waits in a queue to a stream, never more than the stream takes. */
export class Outlet {
  /** Datagrams written to the stream. */
  written = 0;
  /** Datagrams that the other end has told it has. */
  acknowledged = 0;
  private readonly queue: BatchQueue;
  private readonly options: OutletOptions;
  /** The compressor, or the stream itself. */
  private readonly first: Writable;
  private readonly gzip: Gzip | undefined;
  private flushTimer: NodeJS.Timeout | undefined;
  private open: boolean;
  private closed = false;
  /** Batches that are not acknowledged: number of the last datagram, and bytes. */
  private underWay: { readonly last: number; readonly bytes: number }[] = [];
  private underWayBytes = 0;
  private idle: () => void = () => {};

  /** `stream` must have an error listener of its own. */
  constructor(queue: BatchQueue, stream: Writable, options: OutletOptions) {
    this.queue = queue;
    this.options = options;
    this.open = !options.acknowledged;
    if (options.compress) {
      this.gzip = createGzip({ level: constants.Z_BEST_SPEED });
      this.gzip.pipe(stream);
    }
    this.first = this.gzip ?? stream;
    if (options.format === 'frames') {
      this.first.write(startOfFrames(options.acknowledged, options.sentBefore));
      this.flushSoon();
    }
  }

  /** Write what may be written: to be called when something has been put into the queue. */
  readonly pump = (): void => {
    while (this.mayWrite()) {
      const dropped = this.options.format === 'frames' ? this.queue.takeDropped() : 0;
      const batch = this.queue.shift();
      if (batch === undefined) break;
      if (dropped > 0) this.first.write(droppedFrame(dropped));
      this.written += batch.datagrams;
      if (this.options.acknowledged) {
        this.underWay.push({ last: this.written, bytes: batch.bytes.length });
        this.underWayBytes += batch.bytes.length;
      }
      this.first.write(batch.bytes, this.pump);
      this.flushSoon();
    }
    if (this.isIdle()) this.idle();
  };

  /** The other end has `count` datagrams of this outlet. */
  acknowledge(count: number): void {
    this.open = true;
    this.acknowledged = Math.min(count, this.written);
    let passed = 0;
    while (passed < this.underWay.length && this.underWay[passed].last <= this.acknowledged)
      this.underWayBytes -= this.underWay[passed++].bytes;
    if (passed > 0) this.underWay.splice(0, passed);
    this.pump();
  }

  /** Something that is no datagram and tells the reader that this end lives; and this end, whether the reader does. */
  keepAlive(): void {
    if (this.options.format !== 'frames' || this.closed) return;
    this.first.write(droppedFrame(this.queue.takeDropped()));
    this.flushSoon();
  }

  /**
   * Resolves when nothing waits any more (all is acknowledged, where that is told), the outlet is closed, the reader has
   * taken nothing for a while, or it takes too long.
   */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const end = performance.now() + DRAINED_WITHIN_MS;
      let before = -1;
      const look = setInterval(() => {
        const now = this.written + this.acknowledged;
        if (now === before || performance.now() > end) this.idle();
        before = now;
      }, STALLED_MS);
      this.idle = () => {
        clearInterval(look);
        resolve();
      };
      if (this.isIdle()) this.idle();
    });
  }

  /** Ends the stream behind what has been written. */
  end(): void {
    if (this.closed) return;
    this.close();
    this.first.end();
  }

  /** The stream is gone: nothing more is written. */
  close(): void {
    this.closed = true;
    clearTimeout(this.flushTimer);
    this.idle();
  }

  private mayWrite(): boolean {
    return (
      this.open &&
      !this.closed &&
      this.first.writableLength < IN_STREAM_BYTES &&
      this.underWayBytes < WINDOW_BYTES
    );
  }

  private isIdle(): boolean {
    if (this.closed) return true;
    const arrived = this.options.acknowledged ? this.acknowledged === this.written : true;
    return this.open && arrived && this.queue.datagrams === 0 && this.first.writableLength === 0;
  }

  private flushSoon(): void {
    const { gzip } = this;
    if (gzip === undefined) return;
    this.flushTimer ??= setTimeout(() => {
      this.flushTimer = undefined;
      if (!this.closed) gzip.flush(constants.Z_SYNC_FLUSH);
    }, FLUSH_MS);
  }
}
