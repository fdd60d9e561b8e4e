import type { ExportMessage } from './message.ts';
import { BoundedQueue } from './queue.ts';
import { type Sink, SinkError } from './sink.ts';

export interface PipelineOptions {
  /** Messages that wait at most. */
  readonly queue: number;
  /** Messages sent together at most. */
  readonly batch: number;
  /** How long fewer wait for more, ms. */
  readonly lingerMs: number;
  /** How often a batch is tried again before it is given up. */
  readonly retries: number;
}

export interface PipelineDependencies {
  readonly sink: Sink;
  /** Hears once that messages cannot be delivered, every now and then that this is still so, and that it is over. */
  readonly log: { info(message: string): void; warn(message: string): void };
  /** What it is called in the log. */
  readonly name: string;
  /** epoch ms */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Since start. A message ends in one of sent, dropped and failed; until then it is queued. */
export interface PipelineStatus {
  sent: number;
  /** The queue was full. */
  dropped: number;
  /** Refused by the other side, or given up after all retries. */
  failed: number;
  /** Times that a batch was tried again. */
  retried: number;
  /** Messages that wait, those being sent included. */
  queued: number;
  /** epoch ms */
  lastSent?: number;
  lastError?: string;
  lastErrorTime?: number;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** Longest time that the delivery of one batch may take. */
const SEND_WITHIN_MS = 15_000;
/** What is left when the program ends is tried once, for so long. */
const LAST_SEND_MS = 300;
const WARN_EVERY_MS = 60_000;

/**
 * A queue and what empties it: in batches, which are tried again after a pause that grows and is never the same twice, so
 * that many senders do not come back at once.
 */
export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly deps: PipelineDependencies;
  private readonly waiting: BoundedQueue<ExportMessage>;
  private readonly stopping = new AbortController();
  private readonly counts = { sent: 0, dropped: 0, failed: 0, retried: 0 };
  private sending: readonly ExportMessage[] = [];
  private wake: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private lastSent: number | undefined;
  private lastError: string | undefined;
  private lastErrorTime: number | undefined;
  private warned = Number.NEGATIVE_INFINITY;
  /** The last attempt failed. */
  failing = false;

  constructor(options: PipelineOptions, deps: PipelineDependencies) {
    this.options = options;
    this.deps = deps;
    this.waiting = new BoundedQueue(options.queue);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Tries once to deliver what is left. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the export ends'));
    this.wake?.();
    await this.running;
    const left = [...this.sending, ...this.waiting.take(this.options.batch)].slice(0, this.options.batch);
    if (left.length > 0 && !this.failing) {
      const end = AbortSignal.timeout(LAST_SEND_MS);
      await this.deps.sink.send(left, end).then(
        () => undefined,
        () => undefined, // it was the last attempt
      );
    }
    await this.deps.sink.close();
  }

  offer(message: ExportMessage): void {
    if (!this.waiting.push(message)) this.counts.dropped++;
    this.wake?.();
  }

  /** Share of the queue that is taken. */
  get fill(): number {
    return this.waiting.length / this.options.queue;
  }

  status(): PipelineStatus {
    const { lastSent, lastError, lastErrorTime } = this;
    return {
      ...this.counts,
      queued: this.waiting.length + this.sending.length,
      ...(lastSent !== undefined && { lastSent }),
      ...(lastError !== undefined && { lastError }),
      ...(lastErrorTime !== undefined && { lastErrorTime }),
    };
  }

  private async run(): Promise<void> {
    const { batch, lingerMs } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.waiting.length === 0) await this.somethingWaits();
      if (this.waiting.length < batch && lingerMs > 0) await this.pause(lingerMs);
      if (signal.aborted) return;
      this.sending = this.waiting.take(batch);
      await this.deliver();
    }
  }

  private somethingWaits(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
      if (this.stopping.signal.aborted) this.wake();
    });
  }

  private async deliver(): Promise<void> {
    const { counts } = this;
    const { signal } = this.stopping;
    for (let attempt = 0; this.sending.length > 0 && !signal.aborted; ) {
      try {
        await this.deps.sink.send(
          this.sending,
          AbortSignal.any([signal, AbortSignal.timeout(SEND_WITHIN_MS)]),
        );
        counts.sent += this.sending.length;
        this.sending = [];
        this.succeeded();
      } catch (error) {
        if (signal.aborted) return;
        const fault = error instanceof SinkError ? error : new SinkError(textOf(error));
        counts.sent += fault.delivered;
        this.sending = this.sending.slice(fault.delivered);
        this.failedWith(fault.message);
        if (fault.delivered > 0) attempt = 0;
        if (fault.permanent || attempt >= this.options.retries) {
          const lost = Math.min(
            fault.permanent ? fault.refused : Number.POSITIVE_INFINITY,
            this.sending.length,
          );
          counts.failed += lost;
          this.sending = this.sending.slice(lost);
          attempt = 0;
        } else {
          counts.retried++;
          await this.pause(this.backoff(attempt++));
        }
      }
    }
  }

  private backoff(attempt: number): number {
    const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
    return longest * (0.5 + this.deps.random() / 2);
  }

  /** Shorter when the pipeline is to stop. */
  private pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener('abort', finish);
    });
  }

  private succeeded(): void {
    this.lastSent = this.deps.now();
    if (this.failing) this.deps.log.info(`export ${this.deps.name}: messages are delivered again`);
    this.failing = false;
  }

  private failedWith(message: string): void {
    const now = this.deps.now();
    this.lastError = message;
    this.lastErrorTime = now;
    this.failing = true;
    if (now - this.warned < WARN_EVERY_MS) return;
    this.warned = now;
    this.deps.log.warn(`export ${this.deps.name}: messages are not delivered: ${message}`);
  }
}

/** Connections that are tried at several addresses fail with an error that says nothing itself. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ');
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no answer in ${SEND_WITHIN_MS / 1000} s`;
  return error instanceof Error ? error.message : String(error);
}
