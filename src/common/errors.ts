/**
 * The one base of every error Weir raises on purpose. `code` is stable and machine readable
 * (`FLOW_BAD_KEY`, `CONFIG_BAD_VALUE`, …); `message` says what is wrong and where.
 */
export class WeirError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'WeirError';
    this.code = code;
  }
}

/** True for an error raised by Weir, optionally of one code. */
export function isWeirError(error: unknown, code?: string): error is WeirError {
  return error instanceof WeirError && (code === undefined || error.code === code);
}
