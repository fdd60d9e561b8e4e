import type { Timers } from '../timers.ts';

/** A clock that stands still until it is moved. Random numbers are one half. */
export class ManualTimers implements Timers {
  private time = 1_000_000;
  private readonly waiting = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.waiting.add(timer);
    return () => this.waiting.delete(timer);
  }

  random(): number {
    return 0.5;
  }

  /** Moves on, and runs what has come due on the way, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.waiting.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }
}
