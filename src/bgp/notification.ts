import { hexOfBytes } from './byte-writer.ts';
import { peerText } from './peer-text.ts';

/** NOTIFICATION (RFC 4271 4.5): why a session ends. */
export interface NotificationMessage {
  readonly type: 'notification';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** Error codes. */
export const ERROR = {
  header: 1,
  open: 2,
  update: 3,
  holdTimer: 4,
  stateMachine: 5,
  cease: 6,
  routeRefresh: 7,
  /** RFC 9687 */
  sendHoldTimer: 8,
} as const;

/** Subcodes of errors in the header (RFC 4271 6.1). */
export const HEADER_ERROR = { notSynchronized: 1, badLength: 2, badType: 3 } as const;

/** Subcodes of errors in OPEN (RFC 4271 6.2, RFC 5492). */
export const OPEN_ERROR = {
  unspecific: 0,
  version: 1,
  peerAs: 2,
  identifier: 3,
  optionalParameter: 4,
  holdTime: 6,
  capability: 7,
} as const;

/** Subcodes of errors in UPDATE (RFC 4271 6.3) that RFC 7606 leaves to end a session. */
export const UPDATE_ERROR = {
  attributeList: 1,
  unrecognizedWellKnown: 2,
  attributeLength: 5,
  optionalAttribute: 9,
  networkField: 10,
} as const;

/** Subcodes of Cease (RFC 4486, RFC 8538, RFC 9384). */
export const CEASE = {
  maximumPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  configurationChange: 6,
  collision: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

const CODES: readonly string[] = [
  '',
  'Message Header Error',
  'OPEN Message Error',
  'UPDATE Message Error',
  'Hold Timer Expired',
  'Finite State Machine Error',
  'Cease',
  'ROUTE-REFRESH Message Error',
  'Send Hold Timer Expired',
];

const SUBCODES: readonly (readonly string[])[] = [
  [],
  ['', 'Connection Not Synchronized', 'Bad Message Length', 'Bad Message Type'],
  [
    'Unspecific',
    'Unsupported Version Number',
    'Bad Peer AS',
    'Bad BGP Identifier',
    'Unsupported Optional Parameter',
    'Authentication Failure',
    'Unacceptable Hold Time',
    'Unsupported Capability',
    '',
    '',
    '',
    'Role Mismatch',
  ],
  [
    'Unspecific',
    'Malformed Attribute List',
    'Unrecognized Well-known Attribute',
    'Missing Well-known Attribute',
    'Attribute Flags Error',
    'Attribute Length Error',
    'Invalid ORIGIN Attribute',
    'AS Routing Loop',
    'Invalid NEXT_HOP Attribute',
    'Optional Attribute Error',
    'Invalid Network Field',
    'Malformed AS_PATH',
  ],
  [],
  [
    'Unspecified Error',
    'Unexpected Message in OpenSent State',
    'Unexpected Message in OpenConfirm State',
    'Unexpected Message in Established State',
  ],
  [
    '',
    'Maximum Number of Prefixes Reached',
    'Administrative Shutdown',
    'Peer De-configured',
    'Administrative Reset',
    'Connection Rejected',
    'Other Configuration Change',
    'Connection Collision Resolution',
    'Out of Resources',
    'Hard Reset',
    'BFD Down',
  ],
  ['', 'Invalid Message Length'],
];

const NO_DATA = new Uint8Array(0);

/** The longest data: what the largest message leaves (RFC 4271 4.1). */
const MAXIMUM_DATA = 4096 - 21;

/** A NOTIFICATION. Data from the message of a peer are cut to what can be sent back. */
export function notification(code: number, subcode: number, data: Uint8Array = NO_DATA): NotificationMessage {
  return { type: 'notification', code, subcode, data: data.subarray(0, MAXIMUM_DATA) };
}

/**
 * Code and subcode in words, and what the data tell: the text of a shutdown (RFC 9003), else the bytes in hex.
 * `Cease: Administrative Shutdown (2 in the morning)`, `UPDATE Message Error: subcode 77`.
 */
export function notificationText(message: NotificationMessage): string {
  const { code, subcode, data } = message;
  const parts = [CODES[code] || `error code ${code}`];
  const words = SUBCODES[code]?.[subcode] || (subcode === 0 ? '' : `subcode ${subcode}`);
  if (words !== '') parts.push(words);
  const text = shutdownText(message) ?? (data.length > 0 ? `data ${hexOfBytes(data.subarray(0, 64))}` : '');
  return parts.join(': ') + (text === '' ? '' : ` (${text})`);
}

/** Administrative Shutdown or Reset with a text for the operator of the peer, cut to 255 bytes of UTF-8 (RFC 9003). */
export function shutdownNotification(subcode: number, text: string): NotificationMessage {
  let bytes = new TextEncoder().encode(text);
  let end = Math.min(bytes.length, 255);
  // Never between the bytes of one character.
  while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) end--;
  bytes = bytes.slice(0, end);
  const data = new Uint8Array(1 + bytes.length);
  data[0] = bytes.length;
  data.set(bytes, 1);
  return notification(ERROR.cease, subcode, data);
}

function shutdownText({ code, subcode, data }: NotificationMessage): string | undefined {
  if (code !== ERROR.cease) return undefined;
  if (subcode !== CEASE.administrativeShutdown && subcode !== CEASE.administrativeReset) return undefined;
  if (data.length < 2 || data[0] + 1 !== data.length) return undefined;
  return peerText(data.subarray(1));
}
