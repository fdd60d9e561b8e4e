/** What an outbox hands over: the newest items, and how many older ones were left out. */
export interface Parcel<T> {
  readonly items: readonly T[];
  readonly skipped: number;
}

/** Time in which at most `limit` items are handed over. */
const WINDOW_MS = 100;

/**
 * Items on their way to another thread. Normally they go at once; in a flood at most `limit` go in a tenth of a second,
 * the newest, and the others are counted: whoever receives them keeps no more than that anyway.
 */
export class Outbox<T> {
  private readonly limit: number;
  private items: T[] = [];
  private skipped = 0;
  private windowStart = Number.NEGATIVE_INFINITY;
  private sent = 0;

  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  push(item: T): void {
    this.items.push(item);
    if (this.items.length >= 2 * this.limit) this.trim();
  }

  /** What may go now; undefined when there is nothing, or has to wait. */
  take(now: number): Parcel<T> | undefined {
    if (this.items.length === 0) return undefined;
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.sent = 0;
    }
    if (this.sent >= this.limit) return undefined;
    this.trim();
    const parcel = { items: this.items, skipped: this.skipped };
    this.sent += this.items.length;
    this.items = [];
    this.skipped = 0;
    return parcel;
  }

  /** Leave out all but the newest `limit`. */
  private trim(): void {
    const excess = this.items.length - this.limit;
    if (excess <= 0) return;
    this.items = this.items.slice(excess);
    this.skipped += excess;
  }
}
