import { u16, WeirError } from '../common/index.ts';
import { ATTRIBUTE, attributeName, type MpReach, type MpUnreach, type PathAttributes } from './attributes.ts';
import { ByteWriter } from './byte-writer.ts';
import { isEmpty } from './destinations.ts';
import { type Family, isFlowSpec } from './family.ts';
import { readUnicastNlri, type UnicastNlri, writeUnicastNlri } from './nlri.ts';
import { ERROR, notification, UPDATE_ERROR } from './notification.ts';
import type { SessionError } from './open.ts';
import {
  type AttributeContext,
  type AttributeFault,
  type AttributeList,
  readAttributes,
} from './read-attributes.ts';
import { encodeAttributes } from './write-attributes.ts';

/** UPDATE (RFC 4271 4.3, RFC 4760): routes that come and routes that go. */
export interface UpdateMessage {
  readonly type: 'update';
  /** IPv4 unicast destinations in the fixed part of the message. */
  readonly withdrawn: readonly UnicastNlri[];
  readonly announced: readonly UnicastNlri[];
  readonly attributes: PathAttributes;
  /** Destinations of any family, in MP_REACH_NLRI and MP_UNREACH_NLRI. */
  readonly reach: MpReach | undefined;
  readonly unreach: MpUnreach | undefined;
}

/** What an UPDATE gives after errors have been dealt with. */
export interface UpdateReading {
  readonly ok: true;
  readonly message: UpdateMessage;
  /**
   * Set when the routes announced are to be treated as withdrawn (RFC 7606): `announced` and `reach` then hold what
   * the peer tried to announce, for the reader to remove; the attributes are not to be used.
   */
  readonly treatAsWithdraw: boolean;
  /** For the log and counters. */
  readonly faults: readonly AttributeFault[];
}

/** Reads the body of an UPDATE, which has at least 4 bytes. */
export function readUpdate(body: Uint8Array, context: AttributeContext): UpdateReading | SessionError {
  const withdrawnLength = u16(body, 0);
  const attributesAt = 4 + withdrawnLength;
  if (attributesAt > body.length) {
    return refuse(UPDATE_ERROR.attributeList, `withdrawn routes of ${withdrawnLength} bytes do not fit`);
  }
  const attributesLength = u16(body, 2 + withdrawnLength);
  const nlriAt = attributesAt + attributesLength;
  if (nlriAt > body.length) {
    return refuse(UPDATE_ERROR.attributeList, `path attributes of ${attributesLength} bytes do not fit`);
  }
  const addPath = context.addPath.has('ipv4-unicast');
  const withdrawn = readUnicastNlri(body, 2, 2 + withdrawnLength, 4, addPath);
  if (!withdrawn.ok) return refuse(UPDATE_ERROR.networkField, `withdrawn routes: ${withdrawn.reason}`);
  const announced = readUnicastNlri(body, nlriAt, body.length, 4, addPath);
  if (!announced.ok) return refuse(UPDATE_ERROR.networkField, `announced routes: ${announced.reason}`);
  const list = readAttributes(body.subarray(attributesAt, nlriAt), context);
  if (!list.ok) return list;
  return judge(withdrawn.value, announced.value, list);
}

function judge(
  withdrawn: readonly UnicastNlri[],
  announced: readonly UnicastNlri[],
  list: AttributeList,
): UpdateReading | SessionError {
  const { attributes, reach, unreach } = list;
  const announces = announced.length > 0 || (reach !== undefined && !isEmpty(reach));
  const faults = [...list.faults];
  if (announces) {
    for (const code of missingAttributes(attributes, announced.length > 0)) {
      // One with a fault of its own has been told of.
      if (faults.some(({ attribute }) => attribute === code)) continue;
      faults.push({ action: 'withdraw', attribute: code, reason: `${attributeName(code)} is missing` });
    }
  }
  const fault = faults.find(({ action }) => action === 'withdraw');
  if (fault !== undefined && !announces) {
    // RFC 7606 5.2: what was to be announced cannot be told, so that nothing less will do.
    return refuse(UPDATE_ERROR.attributeList, fault.reason);
  }
  const message: UpdateMessage = { type: 'update', withdrawn, announced, attributes, reach, unreach };
  return { ok: true, message, treatAsWithdraw: fault !== undefined, faults };
}

function missingAttributes(attributes: PathAttributes, needsNextHop: boolean): number[] {
  const codes: number[] = [];
  if (attributes.origin === undefined) codes.push(ATTRIBUTE.origin);
  if (attributes.asPath === undefined) codes.push(ATTRIBUTE.asPath);
  if (needsNextHop && attributes.nextHop === undefined) codes.push(ATTRIBUTE.nextHop);
  return codes;
}

function refuse(subcode: number, reason: string): SessionError {
  return { ok: false, notification: notification(ERROR.update, subcode), reason };
}

/** Body of an UPDATE. Throws WeirError where the message cannot be put into bytes. */
export function encodeUpdateBody(message: UpdateMessage, fourOctetAs: boolean): Uint8Array {
  const withdrawn = new ByteWriter();
  writeUnicastNlri(withdrawn, message.withdrawn);
  const attributes = encodeAttributes(message.attributes, message.reach, message.unreach, fourOctetAs);
  if (withdrawn.length > 0xffff || attributes.length > 0xffff) {
    throw new WeirError('BGP_TOO_LONG', 'the routes of one UPDATE take more than 65535 bytes');
  }
  const writer = new ByteWriter()
    .u16(withdrawn.length)
    .append(withdrawn.finish())
    .u16(attributes.length)
    .append(attributes);
  writeUnicastNlri(writer, message.announced);
  return writer.finish();
}

/** The mark that a family has been sent completely (RFC 4724 2): an empty UPDATE, or an empty MP_UNREACH_NLRI. */
export function endOfRib(family: Family): UpdateMessage {
  let unreach: MpUnreach | undefined;
  if (isFlowSpec(family)) unreach = { family, nlri: [] };
  else if (family !== 'ipv4-unicast') unreach = { family, nlri: [] };
  return { type: 'update', withdrawn: [], announced: [], attributes: {}, reach: undefined, unreach };
}

/** The family whose End-of-RIB this is, or undefined for an UPDATE that tells of routes. */
export function endOfRibFamily(message: UpdateMessage): Family | undefined {
  const { withdrawn, announced, attributes, reach, unreach } = message;
  if (withdrawn.length + announced.length > 0 || reach !== undefined) return undefined;
  if (Object.keys(attributes).length > 0) return undefined;
  if (unreach === undefined) return 'ipv4-unicast';
  return unreach.family !== 'unknown' && unreach.nlri.length === 0 ? unreach.family : undefined;
}
