/** Does work once for all who want it at about the same time. */
export interface Share {
  /** The outcome of work of the same key that began a moment ago, or of this work. */
  <T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Forgets all outcomes. */
  clear(): void;
}

/** Outcomes remembered; beyond it, those too old to be given again are dropped. */
const MAX_OUTCOMES = 256;

/** An outcome is given again for `maxAgeMs`. `now`: ms clock. */
export function createShare(now: () => number, maxAgeMs: number): Share {
  const outcomes = new Map<string, { readonly at: number; readonly outcome: Promise<unknown> }>();

  function share<T>(key: string, work: () => Promise<T>): Promise<T> {
    const at = now();
    const known = outcomes.get(key);
    if (known !== undefined && at - known.at < maxAgeMs) return known.outcome as Promise<T>;
    if (outcomes.size >= MAX_OUTCOMES)
      for (const [old, { at: began }] of outcomes) if (at - began >= maxAgeMs) outcomes.delete(old);
    const outcome = work();
    outcomes.set(key, { at, outcome });
    return outcome;
  }
  return Object.assign(share, { clear: () => outcomes.clear() });
}
