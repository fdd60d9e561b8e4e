import { u16 } from '../common/index.ts';
import { LAYER, LAYER_BYTES, type LayerTable } from './layers.ts';
import {
  ERSPAN_2,
  ipProtocolLayer,
  ipVersionLayer,
  STOP,
  serviceProtocolLayer,
  tunnelTypeLayer,
} from './next-layer.ts';

/*
 * Layers that carry another packet. Each function enters its layer at `table.cursor`, moves the cursor behind it
 * and returns the number of the next layer, or STOP. A length from the wire may move the cursor beyond the limit;
 * the next layer finds no room then.
 */

const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_ACKNOWLEDGEMENT = 0x0080;

/** RFC 2784 and 2890, NVGRE (RFC 7637), and version 1 of PPTP (RFC 2637). */
export function gre(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.gre) return STOP;
  table.enter(LAYER.gre, at);
  const flags = u16(bytes, at);
  let length = 4;
  if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) !== 0) length += 4;
  if ((flags & GRE_KEY) !== 0) length += 4;
  if ((flags & GRE_SEQUENCE) !== 0) length += 4;
  if ((flags & 7) === 1 && (flags & GRE_ACKNOWLEDGEMENT) !== 0) length += 4;
  table.cursor = at + length;
  // Source routes (RFC 1701) have a length of their own and are not in use.
  if ((flags & GRE_ROUTING) !== 0) return STOP;
  const type = u16(bytes, at + 2);
  // ERSPAN type I has no header of its own and no sequence number; nothing else tells it from type II.
  return type === ERSPAN_2 && (flags & GRE_SEQUENCE) === 0 ? STOP : tunnelTypeLayer(type);
}

/** RFC 7348. */
export function vxlan(table: LayerTable): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.vxlan) return STOP;
  table.enter(LAYER.vxlan, at);
  table.cursor = at + 8;
  return LAYER.eth;
}

const NEXT_PROTOCOL_GIVEN = 0x04;

/** Without the flag that the next protocol is given, it is plain VXLAN. */
export function vxlanGpe(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.vxlangpe) return STOP;
  table.enter(LAYER.vxlangpe, at);
  table.cursor = at + 8;
  return (bytes[at] & NEXT_PROTOCOL_GIVEN) === 0 ? LAYER.eth : serviceProtocolLayer(bytes[at + 3]);
}

/** RFC 8926. */
export function geneve(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.geneve) return STOP;
  table.enter(LAYER.geneve, at);
  table.cursor = at + 8 + (bytes[at] & 0x3f) * 4;
  return tunnelTypeLayer(u16(bytes, at + 2));
}

const GTP_VERSION_1 = 1;
const GTP_EXTENSION = 0x04;
const GTP_OPTIONAL = 0x07;
const GTP_T_PDU = 255;

/** User plane (3GPP TS 29.281): optional fields and extension headers, each a multiple of four bytes. */
export function gtp(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const limit = table.limit;
  if (limit - at < LAYER_BYTES.gtp) return STOP;
  table.enter(LAYER.gtp, at);
  const flags = bytes[at];
  if (flags >>> 5 !== GTP_VERSION_1 || bytes[at + 1] !== GTP_T_PDU) return STOP;
  let inner = at + ((flags & GTP_OPTIONAL) !== 0 ? 12 : 8);
  if ((flags & GTP_EXTENSION) !== 0) {
    // The byte before each extension header tells its type; 0 is none.
    while (inner < limit && bytes[inner - 1] !== 0) {
      if (bytes[inner] === 0) return STOP;
      inner += bytes[inner] * 4;
    }
  }
  if (inner >= limit) return STOP;
  table.cursor = inner;
  return ipVersionLayer(bytes[inner]);
}

/** RFC 8300. */
export function networkService(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.nsh) return STOP;
  table.enter(LAYER.nsh, at);
  const length = (bytes[at + 1] & 0x3f) * 4;
  if (length < 8) return STOP;
  table.cursor = at + length;
  return serviceProtocolLayer(bytes[at + 3]);
}

/** RFC 6325: options in units of four bytes, then the inner Ethernet frame. */
export function trill(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.trill) return STOP;
  table.enter(LAYER.trill, at);
  table.cursor = at + 6 + ((u16(bytes, at) >>> 6) & 0x1f) * 4;
  return LAYER.eth;
}

/** IEEE 802.1ah: the service tag, then the customer's frame. */
export function backboneBridge(table: LayerTable): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.pbb) return STOP;
  table.enter(LAYER.pbb, at);
  table.cursor = at + 4;
  return LAYER.eth;
}

/** RFC 4302: the length counts words, two less than there are. */
export function authenticationHeader(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.ah) return STOP;
  table.enter(LAYER.ah, at);
  table.cursor = at + (bytes[at + 1] + 2) * 4;
  return ipProtocolLayer(bytes[at]);
}

const L2TP_CONTROL = 0x8000;
const L2TP_LENGTH = 0x4000;
const L2TP_SEQUENCE = 0x0800;
const L2TP_OFFSET = 0x0200;

/**
 * Version 2 (RFC 2661) carries PPP and says so. Version 3 (RFC 3931) does not say what it carries nor how long its
 * cookie is, so nothing is looked for behind it; directly over IP it has no version field at all.
 */
export function l2tp(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const room = table.limit - at;
  if (room < LAYER_BYTES.l2tp) return STOP;
  if (table.order[table.count - 1] !== LAYER.udp) {
    table.enter(LAYER.l2tp, at);
    return STOP;
  }
  const flags = u16(bytes, at);
  const version = flags & 15;
  if (version === 3 && room >= 8) table.enter(LAYER.l2tp, at);
  if (version !== 2) return STOP;
  let length = (flags & L2TP_LENGTH) !== 0 ? 8 : 6;
  if (room < length) return STOP;
  table.enter(LAYER.l2tp, at);
  if ((flags & L2TP_CONTROL) !== 0) return STOP;
  if ((flags & L2TP_SEQUENCE) !== 0) length += 4;
  if ((flags & L2TP_OFFSET) !== 0) {
    if (room < length + 2) return STOP;
    length += 2 + u16(bytes, at + length);
  }
  table.cursor = at + length;
  return LAYER.ppp;
}

/** Types II and III, told by their version; type III says whether a platform header follows its twelve bytes. */
export function erspan(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const room = table.limit - at;
  if (room < LAYER_BYTES.erspan) return STOP;
  const version = bytes[at] >>> 4;
  if (version === 1) table.cursor = at + 8;
  else if (version === 2 && room >= 12) table.cursor = at + ((bytes[at + 11] & 1) !== 0 ? 20 : 12);
  else return STOP;
  table.enter(LAYER.erspan, at);
  return LAYER.eth;
}
