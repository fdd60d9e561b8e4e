const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How soon after the stop signal was obeyed the process must be gone, ms. */
const GRACE_MS = 200;

/** The part of `process` that signals need. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** Resolves at the first signal that asks the process to end; the second one ends it at once. */
export function untilStopSignal(source: SignalSource = process): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) source.exit(1);
      asked = true;
      resolve(signal);
    };
    for (const signal of STOP_SIGNALS) source.on(signal, onSignal);
  });
}

/** Ends the process soon, also when something still holds it. */
export function exitSoon(code: number): void {
  setTimeout(() => process.exit(code), GRACE_MS).unref();
}
