import type { ServerResponse } from 'node:http';
import type { ApiLog } from './context.ts';

/** Longest part of a request target that goes into the log. */
const MAX_TARGET = 300;

/** A request for a change, as the log tells it. */
export interface AuditedChange {
  readonly who: string;
  /** Address of the client. */
  readonly from: string;
  readonly method: string;
  readonly target: string;
}

/** Writes a line about a change when its outcome is known: who, from where, what, and the status. */
export function auditChange(change: AuditedChange, response: ServerResponse, log: ApiLog): void {
  const { who, from, method } = change;
  const target = change.target.slice(0, MAX_TARGET);
  response.once('close', () => {
    const status = response.statusCode;
    log.info({ audit: { who, from, method, target, status } }, `${method} ${target} by ${who}: ${status}`);
  });
}
