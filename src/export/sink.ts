import type { ExportMessage } from './message.ts';

/** Where messages go. */
export interface Sink {
  /**
   * Delivers these messages, in order. Throws a `SinkError` that says whether to try again. Ends early when the signal
   * fires.
   */
  send(messages: readonly ExportMessage[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface SinkFault {
  /** It is of no use to send them again. */
  readonly permanent?: boolean;
  /** So many of the messages have been delivered. */
  readonly delivered?: number;
  /** When permanent: so many behind them are refused; all unless said. */
  readonly refused?: number;
  readonly cause?: unknown;
}

/** Messages were not delivered. */
export class SinkError extends Error {
  readonly permanent: boolean;
  readonly delivered: number;
  readonly refused: number;

  constructor(message: string, { permanent = false, delivered = 0, refused, cause }: SinkFault = {}) {
    super(message, { cause });
    this.permanent = permanent;
    this.delivered = delivered;
    this.refused = refused ?? Number.POSITIVE_INFINITY;
  }
}

/** Settles as the promise does, or rejects when the signal fires first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener('abort', abort);
  });
  // It may fail when nobody waits for it any more.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}
