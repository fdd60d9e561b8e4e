import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createGunzip } from 'node:zlib';
import { WeirError } from '../common/index.ts';
import type { ConnectedSender } from '../udp/index.ts';
import { StreamDecoder } from './stream-decoder.ts';
import type { Arrival } from './stream-format.ts';

/** Takes datagrams besides a sender: a recording. */
export interface DatagramSink {
  add(bytes: Uint8Array, start: number, end: number, arrival: Arrival | undefined): void;
  flush(): Promise<void>;
}

export interface ReceiveOptions {
  readonly sender: ConnectedSender | undefined;
  readonly sink: DatagramSink | undefined;
  /** Datagrams per second at most; undefined for as fast as they come. */
  readonly rate: number | undefined;
  /** Line `number` is none. */
  readonly onBadLine: (number: number, reason: string) => void;
  /** So many datagrams have come; called when the other end asked for it. */
  readonly acknowledge: (count: number) => void;
}

export interface ReceiveCounts {
  /** Datagrams that came through the stream, and their bytes. */
  datagrams: number;
  bytes: number;
  badLines: number;
  /** What the sender said it gave up. */
  dropped: number;
}

const GZIP_FIRST_BYTE = 0x1f;
/** How often the other end is told what has come, ms. */
const ACKNOWLEDGE_MS = 50;

/** Reads datagrams from a stream and sends them on, as fast as the target's socket takes them. */
export class StreamReceiver {
  readonly counts: ReceiveCounts = { datagrams: 0, bytes: 0, badLines: 0, dropped: 0 };
  private readonly options: ReceiveOptions;
  private readonly decoder: StreamDecoder;
  private readonly begin = performance.now();
  private acknowledges = false;
  private acknowledged = -1;
  private acknowledgedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ReceiveOptions) {
    this.options = options;
    this.decoder = new StreamDecoder({
      datagram: (bytes, start, end, arrival) => {
        this.counts.datagrams++;
        this.counts.bytes += end - start;
        options.sender?.send(bytes, start, end);
        options.sink?.add(bytes, start, end, arrival);
      },
      badLine: (number, reason) => {
        this.counts.badLines++;
        options.onBadLine(number, reason);
      },
      dropped: (count) => {
        this.counts.dropped += count;
      },
      start: (acknowledge) => {
        this.acknowledges = acknowledge;
      },
    });
  }

  /** Reads to the end. Throws a WeirError `RELAY_BAD_STREAM` for a stream that cannot be understood any further. */
  async run(input: Readable): Promise<void> {
    const chunks = (input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      if (!first.done) {
        const all = withFirst(first.value, chunks);
        if (first.value[0] === GZIP_FIRST_BYTE) await this.readCompressed(all);
        else for await (const chunk of all) await this.take(chunk);
      }
      this.decoder.end();
    } finally {
      await this.passOn();
      clearTimeout(this.timer);
      if (this.acknowledges) this.tell();
    }
  }

  private async readCompressed(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    // What was flushed before a connection broke is good; the missing end is no reason to give it up.
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    const fed = pipeline(Readable.from(chunks), gunzip);
    // A failure destroys the other end as well, where it is told.
    fed.catch(() => {});
    try {
      for await (const chunk of gunzip as AsyncIterable<Uint8Array>) await this.take(chunk);
    } catch (cause) {
      if (cause instanceof WeirError || !isZlibError(cause)) throw cause;
      throw new WeirError('RELAY_BAD_STREAM', `the compressed stream is damaged: ${cause.message}`, {
        cause,
      });
    }
  }

  private async take(chunk: Uint8Array): Promise<void> {
    try {
      this.decoder.push(chunk);
    } finally {
      await this.passOn();
    }
    const { rate } = this.options;
    if (rate !== undefined) {
      const aheadMs = (this.counts.datagrams / rate) * 1000 - (performance.now() - this.begin);
      if (aheadMs > 1) await sleep(aheadMs);
    }
    if (this.acknowledges) this.acknowledgeSoon();
  }

  private async passOn(): Promise<void> {
    await this.options.sender?.flush();
    await this.options.sink?.flush();
  }

  private acknowledgeSoon(): void {
    if (this.timer !== undefined) return;
    const waitMs = this.acknowledgedAt + ACKNOWLEDGE_MS - performance.now();
    if (waitMs <= 0) this.tell();
    else this.timer = setTimeout(() => this.tell(), waitMs);
  }

  private tell(): void {
    this.timer = undefined;
    this.acknowledgedAt = performance.now();
    if (this.acknowledged === this.counts.datagrams) return;
    this.acknowledged = this.counts.datagrams;
    this.options.acknowledge(this.counts.datagrams);
  }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Codes of zlib are Z_DATA_ERROR and the like. */
function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
