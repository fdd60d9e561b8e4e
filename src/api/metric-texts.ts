import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isWeirError } from '../common/index.ts';
import type { Engine, PrometheusPage, PrometheusQuestion } from '../engine/index.ts';
import type { Answer } from './answer.ts';
import { CONTENT_TYPES } from './exposition.ts';
import { acceptsGzip } from './send.ts';

/** Counts of Prometheus texts, since start. */
export interface MetricTextCounters {
  texts: number;
  series: number;
  /** Series that were left out, because a text had as many as it may have. */
  leftOut: number;
  /** Texts that were not read to their end: given up by the client, or by us because it read too slowly. */
  cutOff: number;
}

/** Counter metrics as Prometheus text, of any length: it is made as it is read. */
export interface MetricTexts {
  readonly counters: Readonly<MetricTextCounters>;
  answer(
    question: Omit<PrometheusQuestion, 'prefix' | 'maxSeries'>,
    headers: IncomingHttpHeaders,
  ): Promise<Answer>;
}

export interface MetricTextsOptions {
  readonly engine: Engine;
  readonly prefix: string;
  readonly maxSeries: number;
  /** A client that takes nothing for so long is cut off, ms. */
  readonly stallMs: number;
  /** Longest time that a text may take to be read, ms. */
  readonly longestMs?: number;
  readonly now: () => number;
  /** Hears of faults. */
  readonly fault: (error: unknown) => void;
}

const LONGEST_MS = 120_000;
/** The text repeats itself so much that the fastest level takes nearly all of it away. */
const GZIP_LEVEL = 1;
const WATCH_MS = 250;

export function createMetricTexts(options: MetricTextsOptions): MetricTexts {
  const { engine, prefix, maxSeries, stallMs, longestMs = LONGEST_MS, now, fault } = options;
  const counters: MetricTextCounters = { texts: 0, series: 0, leftOut: 0, cutOff: 0 };

  function count({ end }: PrometheusPage): void {
    if (end === undefined) return;
    counters.texts++;
    counters.series += end.series;
    counters.leftOut += end.leftOut;
  }

  /** Sends the first page and all that follow; the next one is made while one is sent. */
  async function send(
    first: PrometheusPage,
    next: () => Promise<PrometheusPage>,
    gzip: boolean,
    response: ServerResponse,
  ): Promise<void> {
    const began = now();
    let taken = began;
    let waiting = false;
    async function* pages(): AsyncGenerator<Uint8Array> {
      for (let page = first; ; ) {
        if (page.bytes.length > 0) yield page.bytes;
        taken = now();
        if (page.end !== undefined) return;
        waiting = true;
        page = await next();
        count(page);
        waiting = false;
      }
    }
    // The clock of the engine does not count against the client.
    const watch = setInterval(
      () => {
        const at = now();
        if ((!waiting && at - taken > stallMs) || at - began > longestMs) response.destroy();
      },
      Math.min(WATCH_MS, stallMs),
    );
    try {
      const source = Readable.from(pages(), { highWaterMark: 1, objectMode: true });
      if (gzip) await pipeline(source, createGzip({ level: GZIP_LEVEL, chunkSize: 64 * 1024 }), response);
      else await pipeline(source, response);
    } finally {
      clearInterval(watch);
    }
  }

  return {
    counters,
    async answer(asked, headers) {
      const reader = randomUUID();
      const question = { ...asked, prefix, maxSeries, reader };
      const first = await engine.ask('prometheus', { ...question, first: true });
      const contentType = CONTENT_TYPES[asked.form];
      count(first);
      if (first.end !== undefined) return { status: 200, contentType, body: Buffer.from(first.bytes) };
      const gzip = acceptsGzip(headers['accept-encoding']);
      const next = (): Promise<PrometheusPage> => engine.ask('prometheus', { ...question, first: false });
      return {
        status: 200,
        contentType,
        unwanted: () => void engine.ask('prometheusEnd', { reader }).catch(fault),
        ...(gzip && { headers: { 'Content-Encoding': 'gzip' } }),
        stream: (response) => {
          send(first, next, gzip, response).catch((error: unknown) => {
            counters.cutOff++;
            // The client sees that the text is not whole: its connection ends before the text does.
            response.destroy();
            if (isWeirError(error)) fault(error);
            engine.ask('prometheusEnd', { reader }).catch(fault);
          });
        },
      };
    },
  };
}
