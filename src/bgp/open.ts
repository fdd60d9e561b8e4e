import { formatIPv4, parseIPv4, u16, u32, WeirError } from '../common/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Capability, encodeCapability, readCapability } from './capability.ts';
import { ERROR, type NotificationMessage, notification, OPEN_ERROR } from './notification.ts';

/** AS_TRANS (RFC 6793): stands for a number of four octets where only two fit. */
export const AS_TRANS = 23456;

/** OPEN (RFC 4271 4.2). */
export interface OpenMessage {
  readonly type: 'open';
  /**
   * AS number of the speaker, the one of the four-octet capability where it is there. Encoding writes AS_TRANS into
   * the fixed part when it is above 65535; the capability is not added, it belongs into `capabilities`.
   */
  readonly as: number;
  /** Seconds: 0 (no timers) or 3 and more. */
  readonly holdTime: number;
  /** BGP identifier, dotted quad. */
  readonly identifier: string;
  /** In the order of the message. */
  readonly capabilities: readonly Capability[];
}

/** What ends the session: the NOTIFICATION to send and a reason for the log. */
export interface SessionError {
  readonly ok: false;
  readonly notification: NotificationMessage;
  readonly reason: string;
}

const CAPABILITIES_PARAMETER = 2;
const EXTENDED_LENGTH = 255;

/** Reads the body of an OPEN, which is at least 10 bytes. Errors are those of RFC 4271 6.2. */
export function readOpen(
  body: Uint8Array,
): { readonly ok: true; readonly message: OpenMessage } | SessionError {
  if (body[0] !== 4) {
    return refuse(OPEN_ERROR.version, `BGP version ${body[0]} is not 4`, Uint8Array.of(0, 4));
  }
  const holdTime = u16(body, 3);
  const identifier = u32(body, 5);
  const capabilities: Capability[] = [];
  const problem = readParameters(body, capabilities);
  if (problem !== undefined) return problem;
  let as = u16(body, 1);
  for (const capability of capabilities) if (capability.kind === 'four-octet-as') as = capability.as;
  if (as === 0) return refuse(OPEN_ERROR.peerAs, 'AS number 0 is reserved (RFC 7607)');
  if (holdTime === 1 || holdTime === 2) {
    return refuse(OPEN_ERROR.holdTime, `hold time of ${holdTime} s is neither 0 nor at least 3`);
  }
  if (identifier === 0) return refuse(OPEN_ERROR.identifier, 'BGP identifier is 0.0.0.0');
  return {
    ok: true,
    message: { type: 'open', as, holdTime, identifier: formatIPv4(identifier), capabilities },
  };
}

function readParameters(body: Uint8Array, capabilities: Capability[]): SessionError | undefined {
  let at = 10;
  let length = body[9];
  // RFC 9072: a first parameter of type 255 says that lengths have two octets.
  const extended = length !== 0 && body[10] === EXTENDED_LENGTH;
  if (extended) {
    if (body.length < 13) return refuse(OPEN_ERROR.unspecific, 'extended parameters are cut short');
    length = u16(body, 11);
    at = 13;
  }
  if (at + length !== body.length) {
    return refuse(OPEN_ERROR.unspecific, `parameters of ${length} bytes in ${body.length - at} bytes`);
  }
  const headerSize = extended ? 3 : 2;
  while (at < body.length) {
    if (body.length - at < headerSize) return refuse(OPEN_ERROR.unspecific, 'a parameter is cut short');
    const type = body[at];
    const size = extended ? u16(body, at + 1) : body[at + 1];
    at += headerSize;
    if (size > body.length - at) return refuse(OPEN_ERROR.unspecific, `parameter ${type} is cut short`);
    if (type !== CAPABILITIES_PARAMETER) {
      return refuse(OPEN_ERROR.optionalParameter, `optional parameter ${type} is not known`);
    }
    if (!readCapabilities(body.subarray(at, at + size), capabilities)) {
      return refuse(OPEN_ERROR.unspecific, 'a capability is cut short');
    }
    at += size;
  }
  return undefined;
}

function readCapabilities(bytes: Uint8Array, capabilities: Capability[]): boolean {
  let at = 0;
  while (at < bytes.length) {
    const end = at + 2 + bytes[at + 1];
    if (bytes.length - at < 2 || end > bytes.length) return false;
    capabilities.push(readCapability(bytes[at], bytes.subarray(at + 2, end)));
    at = end;
  }
  return true;
}

function refuse(subcode: number, reason: string, data?: Uint8Array): SessionError {
  return { ok: false, notification: notification(ERROR.open, subcode, data), reason };
}

/** Body of an OPEN: one capability for each optional parameter, the form that every speaker reads. */
export function encodeOpenBody(message: OpenMessage): Uint8Array {
  const identifier = parseIPv4(message.identifier);
  if (identifier === undefined) {
    throw new WeirError('BGP_BAD_IDENTIFIER', `BGP identifier ${message.identifier} is not a dotted quad`);
  }
  const capabilities = message.capabilities.map(encodeCapability);
  const total = capabilities.reduce((sum, bytes) => sum + 2 + bytes.length, 0);
  const extended = total > 255 || capabilities.some((bytes) => bytes.length > 255);
  const writer = new ByteWriter()
    .u8(4)
    .u16(message.as > 0xffff ? AS_TRANS : message.as)
    .u16(message.holdTime)
    .u32(identifier);
  if (extended)
    writer
      .u8(255)
      .u8(EXTENDED_LENGTH)
      .u16(total + capabilities.length);
  else writer.u8(total);
  for (const bytes of capabilities) {
    writer.u8(CAPABILITIES_PARAMETER);
    if (extended) writer.u16(bytes.length);
    else writer.u8(bytes.length);
    writer.append(bytes);
  }
  return writer.finish();
}
