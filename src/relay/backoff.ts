const FIRST_MS = 500;
const LONGEST_MS = 60_000;
/** A connection that lasted so long was a good one, ms. */
const GOOD_AFTER_MS = 10_000;

/** How long to wait before the next try: twice as long each time, by chance up to half of it less, so that many do not try at once. */
export class Backoff {
  private readonly random: () => number;
  private failures = 0;

  /** @param random gives numbers from 0 up to 1 */
  constructor(random: () => number = Math.random) {
    this.random = random;
  }

  /** A try ended after the connection had lasted so long (0: there was none). Gives the ms to wait. */
  next(lastedMs: number): number {
    if (lastedMs >= GOOD_AFTER_MS) this.failures = 0;
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.failures++, 20));
    return full * (1 - this.random() / 2);
  }
}
