import { u16 } from '../common/index.ts';
import { LAYER, LAYER_BYTES, type LayerTable, SLOT } from './layers.ts';
import { etherTypeLayer, ipVersionLayer, pppProtocolLayer, STOP } from './next-layer.ts';

/*
 * Link layers less common than Ethernet and its tags. Each function enters its layer at `table.cursor`, moves the
 * cursor behind it and returns the number of the next layer, or STOP.
 */

const SNAP = 0xaa;
const UNNUMBERED = 3;

/** 802.2, with SNAP when the service access points say so; RFC 1042 puts an EtherType behind OUI 0. */
export function llc(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const length = u16(bytes, at - 2);
  if (length > 0 && length < table.limit - at) table.limit = at + length;
  const room = table.limit - at;
  if (room < LAYER_BYTES.llc) return STOP;
  table.enter(LAYER.llc, at);
  if (room < 8 || bytes[at] !== SNAP || bytes[at + 1] !== SNAP || bytes[at + 2] !== UNNUMBERED) return STOP;
  if ((bytes[at + 3] | bytes[at + 4] | bytes[at + 5]) !== 0) return STOP;
  table.cursor = at + 8;
  return etherTypeLayer(u16(bytes, at + 6));
}

/** A label stack is one layer. What follows it is not said on the wire: it is told by its first bytes (RFC 4928). */
export function mpls(table: LayerTable, bytes: Uint8Array): number {
  const limit = table.limit;
  let at = table.cursor;
  if (limit - at < LAYER_BYTES.mpls) return STOP;
  const occurrence = table.enter(LAYER.mpls, at);
  let depth = 0;
  let bottom = false;
  while (!bottom && limit - at >= 4) {
    bottom = (bytes[at + 2] & 1) !== 0;
    depth++;
    at += 4;
  }
  table.setSlot(SLOT.mplsDepth, occurrence, depth);
  if (!bottom || at >= limit) return STOP;
  table.cursor = at;
  const first = bytes[at] >>> 4;
  if (first === 4 || first === 6) return ipVersionLayer(bytes[at]);
  if (first === 0 && (isEthernet(bytes, at + 4, limit) || !isEthernet(bytes, at, limit))) return LAYER.pw;
  return isEthernet(bytes, at, limit) ? LAYER.eth : STOP;
}

/** True when the EtherType of an Ethernet header at `at` is one we know. */
function isEthernet(bytes: Uint8Array, at: number, limit: number): boolean {
  if (limit - at < 14) return false;
  const type = u16(bytes, at + 12);
  return type === 0x8100 || type === 0x88a8 || etherTypeLayer(type) !== STOP;
}

/** The control word of an Ethernet pseudowire (RFC 4448 4.6). */
export function pseudowire(table: LayerTable): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.pw) return STOP;
  table.enter(LAYER.pw, at);
  table.cursor = at + 4;
  return LAYER.eth;
}

const LACP_SUBTYPE = 1;

/** Slow protocols (IEEE 802.3 annex 57A): the subtype tells which. */
export function slowProtocol(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.slow) return STOP;
  table.enter(LAYER.slow, at);
  table.cursor = at + 1;
  return bytes[at] === LACP_SUBTYPE ? LAYER.lacp : STOP;
}

/** The actor's and the partner's information have fixed places (IEEE 802.1AX 6.4.2.3). */
export function lacp(table: LayerTable): number {
  if (table.limit - table.cursor >= LAYER_BYTES.lacp) table.enter(LAYER.lacp, table.cursor);
  return STOP;
}

const FCOE_HEADER = 14;

/** The layer is the Fibre Channel frame; the FCoE header before it has nothing but a version and the start delimiter. */
export function fibreChannel(table: LayerTable): number {
  const at = table.cursor + FCOE_HEADER;
  if (table.limit - at >= LAYER_BYTES.fc) table.enter(LAYER.fc, at);
  return STOP;
}

const BASE_TRANSPORT = 0x1b;

/** RoCE version 1: InfiniBand's global route header right behind Ethernet. */
export function infinibandGlobalRoute(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.ibgr) return STOP;
  table.enter(LAYER.ibgr, at);
  table.cursor = at + 40;
  return bytes[at + 6] === BASE_TRANSPORT ? LAYER.ibbt : STOP;
}

const PPPOE_SESSION_DATA = 0;

/** RFC 2516. Discovery packets have another code than session data. */
export function pppoe(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < LAYER_BYTES.pppoe || bytes[at] !== 0x11) return STOP;
  table.enter(LAYER.pppoe, at);
  table.cursor = at + 6;
  return bytes[at + 1] === PPPOE_SESSION_DATA ? LAYER.ppp : STOP;
}

/** RFC 1661: the protocol field, compressed to one byte when that is odd, and RFC 1662's address and control before it. */
export function ppp(table: LayerTable, bytes: Uint8Array): number {
  let at = table.cursor;
  if (table.limit - at >= 2 && bytes[at] === 0xff && bytes[at + 1] === 3) at += 2;
  if (table.limit - at < LAYER_BYTES.ppp) return STOP;
  table.enter(LAYER.ppp, at);
  const compressed = (bytes[at] & 1) !== 0;
  table.cursor = at + (compressed ? 1 : 2);
  return pppProtocolLayer(compressed ? bytes[at] : u16(bytes, at));
}
