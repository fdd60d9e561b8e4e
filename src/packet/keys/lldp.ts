import { formatIPv4, ipv6At, macAt, u16, u32 } from '../../common/index.ts';
import { hexText, safeText } from '../formats.ts';
import { layerKeys, number, type PacketKey, text } from '../packet-key.ts';

const LLDP_CHASSIS = 1;
const LLDP_PORT = 2;
const LLDP_TTL = 3;
const LLDP_PORT_DESCRIPTION = 4;
const LLDP_SYSTEM_NAME = 5;
const LLDP_SYSTEM_DESCRIPTION = 6;
const LLDP_MANAGEMENT_ADDRESS = 8;

/** Byte offset of the first TLV of a type whose value is wholly captured, -1 when there is none. */
function findTlv(bytes: Uint8Array, at: number, end: number, type: number): number {
  let next = at;
  while (next + 2 <= end) {
    const found = bytes[next] >>> 1;
    const length = tlvLength(bytes, next);
    if (found === 0 || next + 2 + length > end) return -1;
    if (found === type) return next;
    next += 2 + length;
  }
  return -1;
}

function tlvLength(bytes: Uint8Array, tlv: number): number {
  return u16(bytes, tlv) & 0x1ff;
}

function tlvText(type: number) {
  return text((bytes, at, end) => {
    const tlv = findTlv(bytes, at, end, type);
    return tlv < 0 ? undefined : safeText(bytes, tlv + 2, tlv + 2 + tlvLength(bytes, tlv));
  });
}

/** An address behind its IANA family number: 1 IPv4, 2 IPv6; others in hexadecimal. */
function familyAddress(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (end - at === 5 && bytes[at] === 1) return formatIPv4(u32(bytes, at + 1));
  if (end - at === 17 && bytes[at] === 2) return ipv6At(bytes, at + 1);
  return end > at ? hexText(bytes, at, end) : undefined;
}

type IdentifierForm = 'text' | 'mac' | 'address';

/** Key suffix and form of a chassis or port identifier, by its subtype from 1 (IEEE 802.1AB 8.5.2, 8.5.3). */
const CHASSIS_FORMS: readonly (readonly [string, IdentifierForm])[] = [
  ['component', 'text'],
  ['ifalias', 'text'],
  ['portcomponent', 'text'],
  ['mac', 'mac'],
  ['address', 'address'],
  ['ifname', 'text'],
  ['local', 'text'],
];
const PORT_FORMS: readonly (readonly [string, IdentifierForm])[] = [
  ['ifalias', 'text'],
  ['component', 'text'],
  ['mac', 'mac'],
  ['address', 'address'],
  ['ifname', 'text'],
  ['circuitid', 'text'],
  ['local', 'text'],
];

/** The identifier of a chassis or port TLV; with `only`, when it is of that subtype. */
function identifier(type: number, forms: readonly (readonly [string, IdentifierForm])[], only?: number) {
  return text((bytes, at, end) => {
    const tlv = findTlv(bytes, at, end, type);
    const length = tlv < 0 ? 0 : tlvLength(bytes, tlv);
    if (length < 2) return undefined;
    const subtype = bytes[tlv + 2];
    if (only !== undefined && subtype !== only) return undefined;
    const from = tlv + 3;
    const to = tlv + 2 + length;
    const form = forms[subtype - 1]?.[1];
    if (form === 'mac' && length === 7) return macAt(bytes, from);
    return form === 'address' ? familyAddress(bytes, from, to) : safeText(bytes, from, to);
  });
}

function managementAddress(bytes: Uint8Array, at: number, end: number): string | undefined {
  const tlv = findTlv(bytes, at, end, LLDP_MANAGEMENT_ADDRESS);
  if (tlv < 0) return undefined;
  const from = tlv + 3;
  const to = from + bytes[tlv + 2];
  return tlvLength(bytes, tlv) < 2 || to > tlv + 2 + tlvLength(bytes, tlv)
    ? undefined
    : familyAddress(bytes, from, to);
}

function timeToLive(bytes: Uint8Array, at: number, end: number): number {
  const tlv = findTlv(bytes, at, end, LLDP_TTL);
  return tlv < 0 || tlvLength(bytes, tlv) < 2 ? Number.NaN : u16(bytes, tlv + 2);
}

function bySubtype(prefix: string, type: number, forms: typeof CHASSIS_FORMS, what: string): PacketKey[] {
  return forms.flatMap(([suffix], i) =>
    layerKeys('lldp', {
      [prefix + suffix]: [identifier(type, forms, i + 1), `${what} of subtype ${i + 1}.`],
    }),
  );
}

/** Link layer discovery (IEEE 802.1AB). */
export const LLDP_KEYS: readonly PacketKey[] = [
  ...layerKeys('lldp', {
    lldpchassisid: [identifier(LLDP_CHASSIS, CHASSIS_FORMS), 'Chassis identifier of any subtype.'],
    lldpportid: [identifier(LLDP_PORT, PORT_FORMS), 'Port identifier of any subtype.'],
    lldpttl: [number(timeToLive), 'Seconds the information is good for.'],
    lldpportdescr: [tlvText(LLDP_PORT_DESCRIPTION), 'Description of the port.'],
    lldpsysname: [tlvText(LLDP_SYSTEM_NAME), 'Name of the system.'],
    lldpsysdescr: [tlvText(LLDP_SYSTEM_DESCRIPTION), 'Description of the system.'],
    lldpmanagementaddress: [text(managementAddress), 'First management address.'],
  }),
  ...bySubtype('lldpchassis', LLDP_CHASSIS, CHASSIS_FORMS, 'Chassis identifier'),
  ...bySubtype('lldpport', LLDP_PORT, PORT_FORMS, 'Port identifier'),
];
