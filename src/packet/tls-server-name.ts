import { u16 } from '../common/index.ts';
import { safeText } from './formats.ts';

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
/** Record header, handshake header, version and random come before the session identifier. */
const SESSION_ID = 5 + 4 + 2 + 32;

/**
 * The server name of a TLS ClientHello (RFC 6066 3) whose record begins at `at`; undefined when it is no ClientHello,
 * has no such extension, or the captured bytes end before it.
 */
export function tlsServerName(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (at + SESSION_ID >= end || bytes[at] !== HANDSHAKE || bytes[at + 5] !== CLIENT_HELLO) return undefined;
  let next = at + SESSION_ID;
  next += 1 + bytes[next];
  if (next + 2 > end) return undefined;
  next += 2 + u16(bytes, next);
  if (next + 1 > end) return undefined;
  next += 1 + bytes[next];
  next += 2;
  while (next + 4 <= end) {
    const type = u16(bytes, next);
    const length = u16(bytes, next + 2);
    if (type === SERVER_NAME) return hostName(bytes, next + 4, Math.min(end, next + 4 + length));
    next += 4 + length;
  }
  return undefined;
}

/** The list has one name in practice, and one of each type by rule. */
function hostName(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (at + 5 > end || bytes[at + 2] !== HOST_NAME) return undefined;
  const length = u16(bytes, at + 3);
  const name = at + 5;
  return length === 0 || name + length > end ? undefined : safeText(bytes, name, name + length);
}
