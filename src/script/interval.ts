import type { JobQueue } from './job-queue.ts';

const DEFAULT_SECONDS = 5;
/** Node's timers cannot wait longer than 2^31 ms. */
const LONGEST_WAIT_MS = 3_600_000;

/** Whole seconds, 5 unless given, at least 1. */
export function periodOf(seconds: unknown): number {
  if (seconds === undefined || seconds === null) return DEFAULT_SECONDS * 1000;
  const whole = Math.floor(Number(seconds));
  return (whole >= 1 ? Math.min(whole, Number.MAX_SAFE_INTEGER / 1000) : 1) * 1000;
}

/**
 * Ticks at wall-clock multiples of a period (script-api section 3). A tick that falls due while the thread does something
 * else comes late, with the time it was due at; those that fall due until then are dropped, and so are those that fall
 * due while the handler itself runs.
 */
export class Interval {
  private readonly periodMs: number;
  private readonly queue: JobQueue;
  private readonly tick: (due: number) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(periodMs: number, queue: JobQueue, tick: (due: number) => void) {
    this.periodMs = periodMs;
    this.queue = queue;
    this.tick = tick;
    this.next();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private next(): void {
    this.wait(Math.floor(Date.now() / this.periodMs) * this.periodMs + this.periodMs);
  }

  private wait(due: number): void {
    const left = due - Date.now();
    this.timer = setTimeout(
      () => (Date.now() < due ? this.wait(due) : this.queue.push('interval', () => this.run(due))),
      Math.min(Math.max(left, 1), LONGEST_WAIT_MS),
    );
  }

  private run(due: number): void {
    if (this.timer === undefined) return;
    const { timer } = this;
    this.tick(due);
    // Unless the handler has cleared it.
    if (this.timer === timer) this.next();
  }
}
