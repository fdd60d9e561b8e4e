import { u16 } from '../common/index.ts';
import type { AfiSafi } from './family.ts';
import { ERROR, notification } from './notification.ts';
import type { SessionError } from './open.ts';

/** ROUTE-REFRESH (RFC 2918), with the marks of begin and end of RFC 7313. */
export interface RouteRefreshMessage extends AfiSafi {
  readonly type: 'route-refresh';
  /** 0 asks for the routes, 1 and 2 mark begin and end of sending them; others are to be ignored. */
  readonly subtype: number;
}

/** Subtypes of ROUTE-REFRESH (RFC 7313 3.2). */
export const REFRESH = { request: 0, begin: 1, end: 2 } as const;

/** Reads the body of a ROUTE-REFRESH, at least 4 bytes. `message` is the whole one: what a NOTIFICATION returns. */
export function readRouteRefresh(
  body: Uint8Array,
  message: Uint8Array,
): { readonly ok: true; readonly message: RouteRefreshMessage } | SessionError {
  const subtype = body[2];
  // Outbound route filters (RFC 5291) may follow a request; a mark is exactly four bytes.
  if (body.length !== 4 && (subtype === REFRESH.begin || subtype === REFRESH.end)) {
    const reason = `ROUTE-REFRESH with subtype ${subtype} has ${body.length} bytes instead of 4`;
    return { ok: false, notification: notification(ERROR.routeRefresh, 1, message.slice()), reason };
  }
  return { ok: true, message: { type: 'route-refresh', afi: u16(body, 0), safi: body[3], subtype } };
}
