/**
 * Exponential decay with one time constant, shared by all tables that use it.
 *
 * A rate with time constant of N ms is v ← v·q^Δ + 1000·x/(N+1), q = N/(N+1), on a sample Δ ms after the one before
 * (rest-api 6.1). Instead of scaling v down at each update, tables keep S = Σ x·q^-(τ-L) for a landmark L: an update
 * is one addition of x times `weight`, and v = S·`readFactor`. Before S could overflow the landmark moves and every
 * table scales its S down once.
 */
export class Decay {
  /** ln((N+1)/N), per ms. */
  readonly lambda: number;
  /** 1000/(N+1). */
  readonly unit: number;
  /** L, ms on the engine's clock. */
  landmark: number;
  /** q^-(now-L) for the time of the last `advance`. */
  weight = 1;
  /** now − L of the last `advance`, ms. */
  elapsed = 0;
  private readonly tables = new Set<DecayingTable>();

  constructor(seconds: number, now: number) {
    const n = seconds * 1000;
    this.lambda = Math.log1p(1 / n);
    this.unit = 1000 / (n + 1);
    this.landmark = now;
  }

  attach(table: DecayingTable): void {
    this.tables.add(table);
  }

  /** Returns how many tables still use this decay. */
  detach(table: DecayingTable): number {
    this.tables.delete(table);
    return this.tables.size;
  }

  /** Make `weight` and `elapsed` right for `now`. Cheap when the time has not changed. */
  advance(now: number): void {
    const elapsed = now - this.landmark;
    if (elapsed === this.elapsed) return;
    if (elapsed * this.lambda > MAX_EXPONENT || elapsed > MAX_SPAN) {
      const factor = Math.exp(-elapsed * this.lambda);
      for (const table of this.tables) table.rebase(factor, elapsed);
      this.landmark = now;
      this.elapsed = 0;
      this.weight = 1;
      return;
    }
    this.elapsed = elapsed;
    this.weight = Math.exp(elapsed * this.lambda);
  }

  /** Factor that turns an accumulator into the rate at `now`. */
  readFactor(now: number): number {
    return this.unit * Math.exp(-(now - this.landmark) * this.lambda);
  }
}

export interface DecayingTable {
  /** Scale all accumulators by `factor`; the landmark moves `span` ms forward. */
  rebase(factor: number, span: number): void;
}

/** exp() of this leaves room to the largest double for large values and many of them. */
const MAX_EXPONENT = 500;
/** Times are kept as signed words of ms relative to the landmark. */
export const MAX_SPAN = 1 << 30;
