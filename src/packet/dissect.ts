import { i32, u16 } from '../common/index.ts';
import {
  fibreChannel,
  infinibandGlobalRoute,
  lacp,
  llc,
  mpls,
  ppp,
  pppoe,
  pseudowire,
  slowProtocol,
} from './dissect-link.ts';
import {
  authenticationHeader,
  backboneBridge,
  erspan,
  geneve,
  gre,
  gtp,
  l2tp,
  networkService,
  trill,
  vxlan,
  vxlanGpe,
} from './dissect-tunnel.ts';
import { LAYER, LAYER_BYTES, LAYER_NAMES, type LayerTable, MAX_LAYERS, SLOT } from './layers.ts';
import {
  etherTypeLayer,
  ipProtocolLayer,
  isHttpStart,
  isTlsRecord,
  STOP,
  udpServiceLayer,
} from './next-layer.ts';

/** `header_protocol` of the sFlow v5 sampled_header record. */
export const HEADER_PROTOCOL = { ethernet: 1, ppp: 7, ieee80211: 15, ipv4: 11, ipv6: 12, mpls: 13 } as const;

const { eth: ETH, q: Q, llc: LLC, ip: IP, ip6: IP6, tcp: TCP, udp: UDP, icmp: ICMP, icmp6: ICMP6 } = LAYER;
const ETHERNET_TYPE = SLOT.ethernetType;
const UPPER = SLOT.ip6Upper;
const FIRST_EXTENSION = SLOT.ip6FirstExtension;
const FRAGMENT_OFFSET = SLOT.ip6FragmentOffset;
const FIXED_BYTES = Uint8Array.from(LAYER_NAMES, (name) => LAYER_BYTES[name]);

/**
 * Find the layers of a sampled header: `bytes[start, end)`, beginning with `headerProtocol`. Fills `table` (after
 * resetting it); never throws; reads nothing outside the given bytes; enters only layers whose fixed header is whole.
 *
 * Header protocols other than Ethernet, IPv4 and IPv6 give no layers (rest-api 5.1).
 *
 * How it walks: the dissector of each layer enters it, moves `table.cursor` behind it and returns the number of the
 * next layer. Every step enters a layer or is the last, so a packet takes at most MAX_LAYERS + 1 steps.
 */
export function dissect(
  table: LayerTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  headerProtocol: number,
): void {
  table.reset(bytes, end, start);
  let next =
    headerProtocol === HEADER_PROTOCOL.ethernet
      ? ETH
      : headerProtocol === HEADER_PROTOCOL.ipv4
        ? IP
        : headerProtocol === HEADER_PROTOCOL.ipv6
          ? IP6
          : STOP;
  while (next !== STOP && table.count < MAX_LAYERS) {
    if (next === ETH) next = ethernet(table, bytes);
    else if (next === IP) next = ipv4(table, bytes);
    else if (next === TCP) next = tcp(table, bytes);
    else if (next === UDP) next = udp(table, bytes);
    else if (next === IP6) next = ipv6(table, bytes);
    else next = lessCommon(next, table, bytes);
  }
}

function ethernet(table: LayerTable, bytes: Uint8Array): number {
  let at = table.cursor;
  const limit = table.limit;
  if (limit - at < 14) return STOP;
  const occurrence = table.enter(ETH, at);
  let type = u16(bytes, at + 12);
  at += 14;
  while (isTag(type) && limit - at >= 4 && table.count < MAX_LAYERS) {
    table.enter(Q, at);
    type = u16(bytes, at + 2);
    at += 4;
  }
  table.setSlot(ETHERNET_TYPE, occurrence, type);
  table.cursor = at;
  if (type === 0x0800) return IP;
  if (type === 0x86dd) return IP6;
  return type < 0x600 ? LLC : etherTypeLayer(type);
}

/** TPIDs of VLAN tags: 802.1Q, 802.1ad, and the two in use before it. */
function isTag(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;
}

function ipv4(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const room = table.limit - at;
  if (room < 20) return STOP;
  const first = bytes[at];
  if (first >>> 4 !== 4) return STOP;
  table.enter(IP, at);
  const headerLength = (first & 15) << 2;
  // Neither the first fragment nor a later one is followed.
  if (headerLength < 20 || (u16(bytes, at + 6) & 0x3fff) !== 0) return STOP;
  const total = u16(bytes, at + 2);
  // A total length of 0 is left by segmentation offload.
  if (total >= headerLength && total < room) table.limit = at + total;
  table.cursor = at + headerLength;
  const protocol = bytes[at + 9];
  return protocol === 6 ? TCP : protocol === 17 ? UDP : ipProtocolLayer(protocol);
}

function ipv6(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const room = table.limit - at - 40;
  if (room < 0 || bytes[at] >>> 4 !== 6) return STOP;
  const occurrence = table.enter(IP6, at);
  const payload = u16(bytes, at + 4);
  // A payload length of 0 is a jumbogram's, or left by segmentation offload.
  if (payload > 0 && payload < room) table.limit = at + 40 + payload;
  const protocol = bytes[at + 6];
  table.cursor = at + 40;
  table.setSlot(FIRST_EXTENSION, occurrence, -1);
  table.setSlot(FRAGMENT_OFFSET, occurrence, -1);
  table.setSlot(UPPER, occurrence, protocol);
  if (protocol === 6) return TCP;
  if (protocol === 17) return UDP;
  return isExtension(protocol) ? extensions(table, bytes, occurrence, protocol) : ipProtocolLayer(protocol);
}

const FRAGMENT = 44;

/** Extension headers that are stepped over: hop-by-hop, routing, fragment, destination options, mobility, HIP, shim6. */
function isExtension(protocol: number): boolean {
  return (
    protocol === 0 ||
    protocol === 43 ||
    protocol === FRAGMENT ||
    protocol === 60 ||
    protocol === 135 ||
    protocol === 139 ||
    protocol === 140
  );
}

/** Step over the extension headers at the cursor (RFC 8200 4). Each has eight bytes at least, so the bytes bound the loop. */
function extensions(table: LayerTable, bytes: Uint8Array, occurrence: number, first: number): number {
  table.setSlot(FIRST_EXTENSION, occurrence, first);
  const limit = table.limit;
  let at = table.cursor;
  let protocol = first;
  let fragmented = false;
  while (isExtension(protocol)) {
    if (limit - at < 8) return STOP;
    let length = (bytes[at + 1] + 1) << 3;
    if (protocol === FRAGMENT) {
      length = 8;
      table.setSlot(FRAGMENT_OFFSET, occurrence, at);
      // Offset and the more-fragments flag both 0: a whole packet (RFC 6946).
      if ((u16(bytes, at + 2) & 0xfff9) !== 0) fragmented = true;
    }
    protocol = bytes[at];
    at += length;
    table.setSlot(UPPER, occurrence, protocol);
    if (fragmented) return STOP;
  }
  table.cursor = at;
  return ipProtocolLayer(protocol);
}

function tcp(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const limit = table.limit;
  if (limit - at < 20) return STOP;
  table.enter(TCP, at);
  const headerLength = (bytes[at + 12] >>> 4) << 2;
  const payload = at + headerLength;
  if (headerLength < 20 || limit - payload < 5) return STOP;
  const source = u16(bytes, at);
  const destination = u16(bytes, at + 2);
  if (source === 80 || destination === 80) {
    if (!isHttpStart(i32(bytes, payload))) return STOP;
    table.cursor = payload;
    return LAYER.http;
  }
  if (source === 53 || destination === 53) {
    // The message follows its length (RFC 1035 4.2.2).
    table.cursor = payload + 2;
    return LAYER.dns;
  }
  if (!isTlsRecord(bytes, payload)) return STOP;
  table.cursor = payload;
  return LAYER.tls;
}

function udp(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < 8) return STOP;
  table.enter(UDP, at);
  table.cursor = at + 8;
  return udpServiceLayer(u16(bytes, at), u16(bytes, at + 2));
}

function lessCommon(layer: number, table: LayerTable, bytes: Uint8Array): number {
  switch (layer) {
    case ICMP:
    case ICMP6:
      return lastLayer(layer, table);
    case LAYER.arp:
      return arp(table, bytes);
    case LLC:
      return llc(table, bytes);
    case LAYER.mpls:
      return mpls(table, bytes);
    case LAYER.pw:
      return pseudowire(table);
    case LAYER.gre:
      return gre(table, bytes);
    case LAYER.vxlan:
      return vxlan(table);
    case LAYER.vxlangpe:
      return vxlanGpe(table, bytes);
    case LAYER.geneve:
      return geneve(table, bytes);
    case LAYER.gtp:
      return gtp(table, bytes);
    case LAYER.nsh:
      return networkService(table, bytes);
    case LAYER.trill:
      return trill(table, bytes);
    case LAYER.pbb:
      return backboneBridge(table);
    case LAYER.slow:
      return slowProtocol(table, bytes);
    case LAYER.lacp:
      return lacp(table);
    case LAYER.fc:
      return fibreChannel(table);
    case LAYER.ibgr:
      return infinibandGlobalRoute(table, bytes);
    case LAYER.ah:
      return authenticationHeader(table, bytes);
    case LAYER.pppoe:
      return pppoe(table, bytes);
    case LAYER.ppp:
      return ppp(table, bytes);
    case LAYER.l2tp:
      return l2tp(table, bytes);
    case LAYER.erspan:
      return erspan(table, bytes);
    case LAYER.quic:
      return quic(table, bytes);
    default:
      return lastLayer(layer, table);
  }
}

/** A layer behind which nothing is looked for. */
function lastLayer(layer: number, table: LayerTable): number {
  const at = table.cursor;
  if (table.limit - at >= FIXED_BYTES[layer]) table.enter(layer, at);
  return STOP;
}

/** Only ARP of Ethernet and IPv4: its fields then have fixed places. */
function arp(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  if (table.limit - at < FIXED_BYTES[LAYER.arp] || bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return STOP;
  table.enter(LAYER.arp, at);
  return STOP;
}

/** UDP port 443 is QUIC when the fixed bit is set (RFC 9000 17), or for a version negotiation packet. */
function quic(table: LayerTable, bytes: Uint8Array): number {
  const at = table.cursor;
  const room = table.limit - at;
  if (room < 1) return STOP;
  const fixedBit = (bytes[at] & 0x40) !== 0;
  const negotiation = bytes[at] >= 0x80 && room >= 5 && i32(bytes, at + 1) === 0;
  if (fixedBit || negotiation) table.enter(LAYER.quic, at);
  return STOP;
}
