/** The time, as sessions see it: tests hold the hands of the clock. */
export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs once after so many milliseconds, unless the function that it gives is called before. */
  after(ms: number, run: () => void): () => void;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
}

/** RFC 4271 10: three quarters to the whole of a time, so that speakers that started together do not stay together. */
export function jittered(ms: number, timers: Pick<Timers, 'random'>): number {
  return ms * (0.75 + 0.25 * timers.random());
}
