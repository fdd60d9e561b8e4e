import type { JobKind } from './protocol.ts';

interface Job {
  readonly kind: JobKind;
  readonly run: () => void;
}

export interface JobQueueOptions {
  /** Told before a job runs, and with undefined when it has ended. */
  readonly onBusy: (kind: JobKind | undefined) => void;
  /** A job threw. No other job runs afterwards. */
  readonly onFault: (caught: unknown) => void;
  /** Nothing is left to do. */
  readonly onIdle: () => void;
}

/**
 * What a script has to do, one thing at a time, each in a turn of the event loop of its own, so that promises settle in
 * between. Ticks and timers go before what came in from outside: they are few, and their time counts.
 */
export class JobQueue {
  private readonly options: JobQueueOptions;
  private urgent: Job[] = [];
  private others: Job[] = [];
  /** Jobs of `others` before this one have run. */
  private at = 0;
  private isScheduled = false;
  private isStopped = false;

  constructor(options: JobQueueOptions) {
    this.options = options;
  }

  push(kind: JobKind, run: () => void): void {
    const isUrgent = kind === 'interval' || kind === 'timer';
    (isUrgent ? this.urgent : this.others).push({ kind, run });
    this.schedule();
  }

  /** Has `onIdle` called when there is nothing to do. */
  schedule(): void {
    if (this.isScheduled || this.isStopped) return;
    this.isScheduled = true;
    setImmediate(() => this.turn());
  }

  stop(): void {
    this.isStopped = true;
  }

  private turn(): void {
    this.isScheduled = false;
    if (this.isStopped) return;
    const job = this.next();
    if (job === undefined) {
      this.options.onIdle();
      return;
    }
    this.options.onBusy(job.kind);
    try {
      job.run();
    } catch (caught) {
      this.stop();
      this.options.onFault(caught);
    }
    this.options.onBusy(undefined);
    this.schedule();
  }

  private next(): Job | undefined {
    const urgent = this.urgent.shift();
    if (urgent !== undefined) return urgent;
    const job = this.others[this.at];
    if (job === undefined) return undefined;
    this.at++;
    if (this.at === this.others.length || this.at >= 1000) {
      this.others = this.others.slice(this.at);
      this.at = 0;
    }
    return job;
  }
}
