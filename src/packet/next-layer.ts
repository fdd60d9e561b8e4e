import { u16 } from '../common/index.ts';
import { LAYER } from './layers.ts';

/** Nothing follows, or nothing that is known. */
export const STOP = -1;

const TRANSPARENT_ETHERNET = 0x6558;
/** EtherType of ERSPAN types I and II. */
export const ERSPAN_2 = 0x88be;
const ERSPAN_3 = 0x22eb;
const PPP_IN_GRE = 0x880b;

/** Layer behind an EtherType (IEEE 802 numbers), STOP for others. Tags are not looked for here. */
export function etherTypeLayer(type: number): number {
  switch (type) {
    case 0x0800:
      return LAYER.ip;
    case 0x86dd:
      return LAYER.ip6;
    case 0x0806:
      return LAYER.arp;
    case 0x8847:
    case 0x8848:
      return LAYER.mpls;
    case 0x8863:
    case 0x8864:
      return LAYER.pppoe;
    case 0x8809:
      return LAYER.slow;
    case 0x88cc:
      return LAYER.lldp;
    case 0x88e5:
      return LAYER.macsec;
    case 0x88e7:
      return LAYER.pbb;
    case 0x88f7:
      return LAYER.ptp;
    case 0x8906:
      return LAYER.fc;
    case 0x8915:
      return LAYER.ibgr;
    case 0x894f:
      return LAYER.nsh;
    case 0x22f3:
      return LAYER.trill;
    default:
      return STOP;
  }
}

/** Layer behind the protocol type of GRE and Geneve, which are EtherTypes and a few more. */
export function tunnelTypeLayer(type: number): number {
  switch (type) {
    case TRANSPARENT_ETHERNET:
      return LAYER.eth;
    case ERSPAN_2:
    case ERSPAN_3:
      return LAYER.erspan;
    case PPP_IN_GRE:
      return LAYER.ppp;
    default:
      return etherTypeLayer(type);
  }
}

/** Layer behind an IP protocol number, STOP for others. */
export function ipProtocolLayer(protocol: number): number {
  switch (protocol) {
    case 6:
      return LAYER.tcp;
    case 17:
      return LAYER.udp;
    case 1:
      return LAYER.icmp;
    case 58:
      return LAYER.icmp6;
    case 2:
      return LAYER.igmp;
    case 4:
      return LAYER.ip;
    case 41:
      return LAYER.ip6;
    case 47:
      return LAYER.gre;
    case 50:
      return LAYER.esp;
    case 51:
      return LAYER.ah;
    case 89:
      return LAYER.ospf;
    case 103:
      return LAYER.pim;
    case 112:
      return LAYER.vrrp;
    case 115:
      return LAYER.l2tp;
    case 132:
      return LAYER.sctp;
    case 137:
      return LAYER.mpls;
    default:
      return STOP;
  }
}

/** Next protocol of NSH (RFC 8300) and of VXLAN-GPE, which share their numbers. */
export function serviceProtocolLayer(protocol: number): number {
  switch (protocol) {
    case 1:
      return LAYER.ip;
    case 2:
      return LAYER.ip6;
    case 3:
      return LAYER.eth;
    case 4:
      return LAYER.nsh;
    case 5:
      return LAYER.mpls;
    default:
      return STOP;
  }
}

/** PPP protocol numbers of packets that are carried (the control protocols stop). */
export function pppProtocolLayer(protocol: number): number {
  switch (protocol) {
    case 0x0021:
      return LAYER.ip;
    case 0x0057:
      return LAYER.ip6;
    case 0x0281:
      return LAYER.mpls;
    default:
      return STOP;
  }
}

/** IP by its version nibble, where nothing else tells (GTP, MPLS). */
export function ipVersionLayer(first: number): number {
  const version = first >>> 4;
  return version === 4 ? LAYER.ip : version === 6 ? LAYER.ip6 : STOP;
}

/**
 * What a UDP datagram carries, by its ports. Tunnels are known by their destination (the source port is a hash of the
 * flow inside), services by either side. The contract's services come before ours, so that a reply from port 53 is
 * `dns` whatever port it goes to.
 */
export function udpServiceLayer(source: number, destination: number): number {
  switch (destination) {
    case 4789:
      return LAYER.vxlan;
    case 4790:
      return LAYER.vxlangpe;
    case 4791:
      return LAYER.ibbt;
    case 6081:
      return LAYER.geneve;
  }
  let layer = knownService(destination);
  if (layer === STOP) layer = knownService(source);
  if (layer === STOP) layer = furtherService(destination);
  if (layer === STOP) layer = furtherService(source);
  return layer;
}

function knownService(port: number): number {
  switch (port) {
    case 53:
      return LAYER.dns;
    case 67:
    case 68:
      return LAYER.dhcp;
    case 123:
      return LAYER.ntp;
    case 1900:
      return LAYER.ssdp;
    case 2152:
      return LAYER.gtp;
    default:
      return STOP;
  }
}

function furtherService(port: number): number {
  switch (port) {
    case 319:
    case 320:
      return LAYER.ptp;
    case 443:
      return LAYER.quic;
    case 520:
      return LAYER.rip;
    case 546:
    case 547:
      return LAYER.dhcp6;
    case 1701:
      return LAYER.l2tp;
    case 3784:
    case 4784:
      return LAYER.bfd;
    case 5353:
      return LAYER.mdns;
    default:
      return STOP;
  }
}

const HTTP_STARTS: ReadonlySet<number> = new Set(
  ['GET ', 'HEAD', 'POST', 'PUT ', 'DELE', 'CONN', 'OPTI', 'TRAC', 'PATC', 'HTTP'].map((start) =>
    [...start].reduce((word, c) => (word << 8) | c.charCodeAt(0), 0),
  ),
);

/** True for the first four bytes (a signed word) of an HTTP/1 request or reply. */
export function isHttpStart(word: number): boolean {
  return HTTP_STARTS.has(word);
}

/** Longest TLS record (RFC 8446 5.2, and RFC 5246 6.2.3 before it). */
const MAX_TLS_RECORD = 16384 + 2048;

/** True when a TLS record header stands at `at` (five bytes must be there): content type 20…23, version 3.0…3.4, a legal length. */
export function isTlsRecord(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at];
  if (type < 20 || type > 23 || bytes[at + 1] !== 3 || bytes[at + 2] > 4) return false;
  const length = u16(bytes, at + 3);
  return length > 0 && length <= MAX_TLS_RECORD;
}
