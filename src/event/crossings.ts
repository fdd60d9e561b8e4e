/**
 * Who is above a threshold, and since when it was last seen there. A threshold fires when a value at or above it comes
 * while it is armed; it is armed when no such value was seen for longer than its timeout (rest-api 9.2).
 */
export class Crossings {
  private readonly lastAbove = new Map<string, number>();
  private readonly timeoutMs: number;
  private readonly limit: number;

  /** @param limit how many (data sources, flows) are remembered at most; beyond it crossings are not told */
  constructor(timeoutSeconds: number, limit: number) {
    this.timeoutMs = timeoutSeconds * 1000;
    this.limit = limit;
  }

  /** A value at or above the threshold was seen. True when that fires. */
  seen(who: string, now: number): boolean {
    const last = this.lastAbove.get(who);
    if (last === undefined && this.lastAbove.size >= this.limit) {
      this.forget(now);
      if (this.lastAbove.size >= this.limit) return false;
    }
    this.lastAbove.set(who, now);
    return last === undefined || now - last > this.timeoutMs;
  }

  /** Whether a value at or above the threshold was seen no longer ago than the timeout. */
  isAbove(who: string, now: number): boolean {
    const last = this.lastAbove.get(who);
    return last !== undefined && now - last <= this.timeoutMs;
  }

  /** Forget who has been below for longer than the timeout: that is to be armed. */
  forget(now: number): void {
    for (const [who, last] of this.lastAbove) if (now - last > this.timeoutMs) this.lastAbove.delete(who);
  }
}
