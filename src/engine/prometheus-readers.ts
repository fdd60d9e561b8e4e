import { WeirError } from '../common/index.ts';
import {
  type PrometheusQuestion,
  prometheusText,
  type QueryContext,
  type SeriesCount,
  type TopologyNames,
} from '../metric/index.ts';

/** Bytes of a page, about. */
const PAGE_BYTES = 512 * 1024;
/** Time that one page may take: datagrams wait meanwhile. */
const PAGE_MS = 2;
/** Texts read at a time; each holds the labels of the data sources it is about. */
const MAX_READERS = 8;
/** A text of which no page was asked for so long is given up. */
const IDLE_MS = 60_000;

/** A part of a Prometheus text. */
export interface PrometheusPage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Set with the last page: what the text had. */
  readonly end: SeriesCount | undefined;
}

interface Reader {
  readonly pieces: Generator<string, SeriesCount>;
  /** ms */
  used: number;
}

/**
 * Prometheus texts that are being read, page by page, so that datagrams are received between two pages and a text is made
 * no faster than it is read.
 */
export class PrometheusReaders {
  private readonly readers = new Map<string, Reader>();
  private readonly encoder = new TextEncoder();
  private readonly elapsed: () => number;

  /** `elapsed`: ms with fractions. */
  constructor(elapsed: () => number = () => performance.now()) {
    this.elapsed = elapsed;
  }

  /**
   * The first page of a text (`first`), or the next one of the text that is read under this name. Throws WeirError
   * ENGINE_BUSY when there are too many readers, or this one has been given up.
   */
  page(
    name: string,
    first: boolean,
    question: PrometheusQuestion,
    context: () => QueryContext,
    topology: TopologyNames | undefined,
    now: number,
  ): PrometheusPage {
    let reader = this.readers.get(name);
    if (first) {
      this.makeRoom(now);
      this.readers.set(name, (reader = { pieces: prometheusText(context(), question, topology), used: now }));
    }
    if (reader === undefined) throw new WeirError('ENGINE_BUSY', 'this Prometheus text was given up');
    reader.used = now;
    let text = '';
    const until = this.elapsed() + PAGE_MS;
    do {
      const piece = reader.pieces.next();
      if (piece.done) {
        this.readers.delete(name);
        return { bytes: this.encoder.encode(text), end: piece.value };
      }
      text += piece.value;
    } while (text.length < PAGE_BYTES && this.elapsed() < until);
    return { bytes: this.encoder.encode(text), end: undefined };
  }

  /** Its reader wants no more of it. */
  close(name: string): void {
    this.readers.delete(name);
  }

  private makeRoom(now: number): void {
    for (const [name, { used }] of this.readers) if (now - used >= IDLE_MS) this.readers.delete(name);
    if (this.readers.size >= MAX_READERS)
      throw new WeirError('ENGINE_BUSY', `${MAX_READERS} Prometheus texts are being read already`);
  }
}
