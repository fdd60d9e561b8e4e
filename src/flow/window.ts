/**
 * Sliding windows for the statistics that do not decay: avg, min, max and count over the last 4t/3 (rest-api 6.1).
 * A flow's window keeps each sample of that time; a pool of them has a ceiling on the samples it holds in all.
 */
export class FlowWindow {
  /** ms on the engine's clock, oldest first from `head`. */
  private times: number[] = [];
  /** One array per windowed value: the raw number, or for `count` an id of the key's text. */
  private readonly columns: number[][];
  private head = 0;

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => []);
  }

  get length(): number {
    return this.times.length - this.head;
  }

  push(now: number, values: readonly number[]): void {
    this.times.push(now);
    for (let i = 0; i < this.columns.length; i++) this.columns[i].push(values[i]);
  }

  /** Forget samples that came at or before `limit`. Returns how many. */
  expire(limit: number): number {
    const { times } = this;
    const from = this.head;
    while (this.head < times.length && times[this.head] <= limit) this.head++;
    const expired = this.head - from;
    // Arrays are cut now and then, not at each sample, so that expiry costs a constant per sample.
    if (this.head > 32 && this.head * 2 > times.length) {
      this.times = times.slice(this.head);
      for (let i = 0; i < this.columns.length; i++) this.columns[i] = this.columns[i].slice(this.head);
      this.head = 0;
    }
    return expired;
  }

  /** Forget the oldest sample. */
  dropOldest(): void {
    if (this.length > 0) this.head++;
  }

  mean(column: number): number {
    const values = this.columns[column];
    let sum = 0;
    let n = 0;
    for (let i = this.head; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      sum += values[i];
      n++;
    }
    return n === 0 ? 0 : sum / n;
  }

  /** Smallest (`sign` −1) or largest (1) number in the window; 0 when it is empty. */
  extreme(column: number, sign: 1 | -1): number {
    const values = this.columns[column];
    let best = Number.NaN;
    for (let i = this.head; i < values.length; i++) {
      const value = values[i];
      if (!Number.isNaN(value) && !(sign * value <= sign * best)) best = value;
    }
    return Number.isNaN(best) ? 0 : best;
  }

  distinct(column: number): number {
    const values = this.columns[column];
    const seen = new Set<number>();
    for (let i = this.head; i < values.length; i++) if (!Number.isNaN(values[i])) seen.add(values[i]);
    return seen.size;
  }

  /** Visit the values of a column in the window. */
  forEach(column: number, visit: (value: number) => void): void {
    const values = this.columns[column];
    for (let i = this.head; i < values.length; i++) visit(values[i]);
  }
}
