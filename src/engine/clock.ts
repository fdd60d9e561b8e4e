/**
 * The engine's clock: whole milliseconds that never go back, whatever happens to the time of day. It starts at the
 * time of day of its making, so that differences between threads that share `origin` are right.
 */
export interface EngineClock {
  /** Epoch ms at which the clock was started. */
  readonly origin: number;
  now(): number;
}

/** @param origin epoch ms that the process' monotonic clock had at its zero: the same for all threads of a process */
export function createClock(origin: number): EngineClock {
  return { origin, now: () => Math.floor(origin + Number(process.hrtime.bigint() / 1000n) / 1000) };
}

/** Origin for `createClock` at this moment. */
export function clockOrigin(): number {
  return Date.now() - Number(process.hrtime.bigint() / 1000n) / 1000;
}
