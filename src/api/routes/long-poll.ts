/** Long polls beyond this many seconds end early: timers of the platform cannot be longer. */
const MAX_WAIT_SECONDS = 86_400;

/** How a question to a log waits for its answer. */
export interface Wait {
  /** undefined: not at all. */
  readonly timeoutMs: number | undefined;
  /** Aborted when whoever asked has gone. */
  readonly signal?: AbortSignal;
}

/** A question waits when it says what it has seen already and how many seconds to wait (sections 6.5 and 9.3). */
export function waitFor(
  lastID: number | undefined,
  seconds: number | undefined,
  gone: () => AbortSignal,
): Wait {
  if (lastID === undefined || seconds === undefined || seconds <= 0) return { timeoutMs: undefined };
  return { timeoutMs: Math.min(seconds, MAX_WAIT_SECONDS) * 1000, signal: gone() };
}
