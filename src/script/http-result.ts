import type { ScriptResponse } from './http-exchange.ts';
import type { Realm } from './realm.ts';

/** What a handler returned, as section 4 has it answered. */
export function answerOf(result: unknown, format: string, realm: Realm, indent: number): ScriptResponse {
  if (result === undefined || result === null) return { status: 204 };
  if (format === 'json')
    return { status: 200, contentType: 'application/json', body: jsonOf(result, realm, indent) };
  return { status: 200, contentType: 'text/plain;charset=utf-8', body: realm.text(result) };
}

/** A function gives the word `undefined`; what JSON cannot say falls back to what String says. */
function jsonOf(result: unknown, realm: Realm, indent: number): string {
  try {
    return realm.stringify(result, indent) ?? 'undefined';
  } catch {
    try {
      return realm.text(result);
    } catch {
      return '[object Object]';
    }
  }
}

const STATUS: Readonly<Record<string, number>> = {
  bad_request: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  internal_server_error: 500,
  service_unavailable: 503,
};

/** The status for what a throw statement of a handler threw. */
export function statusOfThrown(thrown: unknown): number {
  const name = typeof thrown === 'string' ? thrown.toLowerCase() : '';
  return Object.hasOwn(STATUS, name) ? STATUS[name] : 500;
}
