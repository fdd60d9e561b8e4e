import { u16, WeirError } from '../common/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { ERROR, HEADER_ERROR, type NotificationMessage, notification } from './notification.ts';
import { encodeOpenBody, type OpenMessage, readOpen, type SessionError } from './open.ts';
import type { AttributeContext, AttributeFault } from './read-attributes.ts';
import { type RouteRefreshMessage, readRouteRefresh } from './route-refresh.ts';
import { encodeUpdateBody, readUpdate, type UpdateMessage } from './update.ts';

/** KEEPALIVE (RFC 4271 4.4). */
export interface KeepaliveMessage {
  readonly type: 'keepalive';
}

export type BgpMessage =
  | OpenMessage
  | UpdateMessage
  | NotificationMessage
  | KeepaliveMessage
  | RouteRefreshMessage;

export const KEEPALIVE: KeepaliveMessage = { type: 'keepalive' };

/** Marker, length and type. */
export const HEADER_LENGTH = 19;

/** Longest message, and longest with the capability of extended messages (RFC 8654). */
export const MAXIMUM_LENGTH = 4096;
export const MAXIMUM_EXTENDED_LENGTH = 65535;

/** What a session has agreed on, as far as messages depend on it. */
export interface MessageContext extends AttributeContext {
  /** Messages up to 65535 bytes, OPEN and KEEPALIVE excepted. */
  readonly extendedMessage: boolean;
}

/** The context before the OPEN of the peer has been read. */
export const INITIAL_CONTEXT: MessageContext = {
  fourOctetAs: false,
  external: true,
  addPath: new Set(),
  extendedMessage: false,
};

const TYPES = ['open', 'update', 'notification', 'keepalive', 'route-refresh'] as const;

/** Fewest bytes of each type. */
const MINIMUM_LENGTH: Readonly<Record<BgpMessage['type'], number>> = {
  open: 29,
  update: 23,
  notification: 21,
  keepalive: 19,
  'route-refresh': 23,
};

/** What the bytes received so far begin with. */
export type Framing =
  | { readonly status: 'message'; readonly length: number }
  | { readonly status: 'incomplete' }
  | ({ readonly status: 'error' } & SessionError);

/**
 * Finds the message at `at` of a stream of bytes received up to `end`: its length when all of it is there. A header
 * that is wrong is told as soon as it is there, so that no more than one message needs to be kept.
 */
export function frameMessage(
  bytes: Uint8Array,
  at: number,
  end: number,
  context: Pick<MessageContext, 'extendedMessage'>,
): Framing {
  for (let i = at; i < Math.min(at + 16, end); i++) {
    if (bytes[i] !== 0xff) {
      return headerError(HEADER_ERROR.notSynchronized, `byte ${i - at} of the marker is ${bytes[i]}`);
    }
  }
  if (end - at < HEADER_LENGTH) return { status: 'incomplete' };
  const length = u16(bytes, at + 16);
  const type = TYPES[bytes[at + 18] - 1];
  const badLength = (): Framing =>
    headerError(
      HEADER_ERROR.badLength,
      `a length of ${length} bytes for ${type ?? `type ${bytes[at + 18]}`}`,
      bytes.slice(at + 16, at + 18),
    );
  if (length < HEADER_LENGTH || length > maximumLength(type, context.extendedMessage)) return badLength();
  if (type === undefined) {
    const reason = `message type ${bytes[at + 18]} is not known`;
    return headerError(HEADER_ERROR.badType, reason, bytes.slice(at + 18, at + 19));
  }
  if (length < MINIMUM_LENGTH[type] || (type === 'keepalive' && length !== HEADER_LENGTH)) return badLength();
  return end - at < length ? { status: 'incomplete' } : { status: 'message', length };
}

function maximumLength(type: BgpMessage['type'] | undefined, extended: boolean): number {
  return extended && type !== 'open' && type !== 'keepalive' ? MAXIMUM_EXTENDED_LENGTH : MAXIMUM_LENGTH;
}

function headerError(subcode: number, reason: string, data?: Uint8Array): Framing {
  return { status: 'error', ok: false, notification: notification(ERROR.header, subcode, data), reason };
}

/** A message that has been read. */
export interface MessageReading {
  readonly ok: true;
  readonly message: BgpMessage;
  /** For an UPDATE: its routes count as withdrawn (RFC 7606). */
  readonly treatAsWithdraw: boolean;
  /** Errors in an UPDATE that do not end the session. */
  readonly faults: readonly AttributeFault[];
}

/**
 * Reads one whole message, header included. Never throws: an error that ends the session comes with the NOTIFICATION
 * to send.
 */
export function decodeMessage(bytes: Uint8Array, context: MessageContext): MessageReading | SessionError {
  const framing = frameMessage(bytes, 0, bytes.length, context);
  if (framing.status === 'error') return framing;
  if (framing.status === 'incomplete' || framing.length !== bytes.length) {
    const reason = `${bytes.length} bytes are not one message`;
    return { ok: false, notification: notification(ERROR.header, HEADER_ERROR.badLength), reason };
  }
  const body = bytes.subarray(HEADER_LENGTH);
  switch (TYPES[bytes[18] - 1]) {
    case 'open':
      return whole(readOpen(body));
    case 'update':
      return readUpdate(body, context);
    case 'notification':
      return whole({ ok: true, message: notification(body[0], body[1], body.slice(2)) });
    case 'keepalive':
      return whole({ ok: true, message: KEEPALIVE });
    case 'route-refresh':
      return whole(readRouteRefresh(body, bytes));
  }
}

function whole(
  result: { readonly ok: true; readonly message: BgpMessage } | SessionError,
): MessageReading | SessionError {
  return result.ok ? { ...result, treatAsWithdraw: false, faults: [] } : result;
}

/**
 * One message in bytes, header included. Throws WeirError `BGP_TOO_LONG` where it does not fit into what the session
 * allows, and others where an address in it is not one.
 */
export function encodeMessage(
  message: BgpMessage,
  context: Pick<MessageContext, 'fourOctetAs' | 'extendedMessage'>,
): Uint8Array {
  const body = encodeBody(message, context.fourOctetAs);
  const length = HEADER_LENGTH + body.length;
  const most = maximumLength(message.type, context.extendedMessage);
  if (length > most) {
    throw new WeirError('BGP_TOO_LONG', `${message.type} takes ${length} bytes, at most ${most} can be sent`);
  }
  const writer = new ByteWriter();
  for (let i = 0; i < 4; i++) writer.u32(0xffffffff);
  writer.u16(length).u8(TYPES.indexOf(message.type) + 1);
  return writer.append(body).finish();
}

function encodeBody(message: BgpMessage, fourOctetAs: boolean): Uint8Array {
  switch (message.type) {
    case 'open':
      return encodeOpenBody(message);
    case 'update':
      return encodeUpdateBody(message, fourOctetAs);
    case 'notification':
      return new ByteWriter().u8(message.code).u8(message.subcode).append(message.data).finish();
    case 'keepalive':
      return new Uint8Array(0);
    case 'route-refresh':
      return new ByteWriter().u16(message.afi).u8(message.subtype).u8(message.safi).finish();
  }
}
