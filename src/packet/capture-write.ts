/** Writing capture files: classic pcap, microseconds, little-endian, Ethernet, UDP datagrams whole. */

const MAGIC = 0xa1b2c3d4;
const SNAP_LENGTH = 262_144;
const ETHERNET = 1;
const PCAP_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_UDP = 17;
const HOP_LIMIT = 64;

/** An end of a datagram: its address as four words, IPv4 mapped, and its port. */
export interface UdpEnd {
  readonly words: readonly [number, number, number, number];
  readonly port: number;
}

/** Bytes that a datagram's headers take in a capture file at most. */
export const CAPTURE_OVERHEAD_BYTES = PCAP_HEADER_BYTES + ETHERNET_BYTES + IPV6_BYTES + UDP_BYTES;

/** With these bytes a capture file begins. */
export function captureFileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_LENGTH, true);
  view.setUint32(20, ETHERNET, true);
  return new Uint8Array(view.buffer);
}

/**
 * Write a datagram as a captured packet to `out` from `at` on, where CAPTURE_OVERHEAD_BYTES and the datagram must have
 * room. Its Ethernet addresses are zero; the packet is one of IPv4 when both ends are, and otherwise one of IPv6.
 * Gives the position behind it.
 */
export function writeCapturedUdp(
  out: Uint8Array,
  at: number,
  timeMicros: number,
  from: UdpEnd,
  to: UdpEnd,
  payload: Uint8Array,
): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const isV4 = isMapped(from) && isMapped(to);
  const udpLength = UDP_BYTES + payload.length;
  const ipBytes = isV4 ? IPV4_BYTES : IPV6_BYTES;
  const length = ETHERNET_BYTES + ipBytes + udpLength;
  view.setUint32(at, Math.floor(timeMicros / 1e6), true);
  view.setUint32(at + 4, timeMicros % 1e6, true);
  view.setUint32(at + 8, length, true);
  view.setUint32(at + 12, length, true);
  const ethernet = at + PCAP_HEADER_BYTES;
  out.fill(0, ethernet, ethernet + 12);
  view.setUint16(ethernet + 12, isV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
  const ip = ethernet + ETHERNET_BYTES;
  if (isV4) writeIpv4(out, view, ip, from, to, udpLength);
  else writeIpv6(view, ip, from, to, udpLength);
  const udp = ip + ipBytes;
  view.setUint16(udp, from.port);
  view.setUint16(udp + 2, to.port);
  view.setUint16(udp + 4, udpLength);
  view.setUint16(udp + 6, 0);
  out.set(payload, udp + UDP_BYTES);
  // The pseudo header: the addresses, which lie at the end of either header, protocol and length.
  const addresses = ip + (isV4 ? 12 : 8);
  const sum = sumOf(out, addresses, udp) + PROTOCOL_UDP + udpLength + sumOf(out, udp, udp + udpLength);
  view.setUint16(udp + 6, folded(sum) || 0xffff);
  return udp + udpLength;
}

function writeIpv4(
  out: Uint8Array,
  view: DataView,
  at: number,
  from: UdpEnd,
  to: UdpEnd,
  udpLength: number,
): void {
  view.setUint32(at, 0x4500_0000 + IPV4_BYTES + udpLength);
  view.setUint32(at + 4, 0);
  view.setUint32(at + 8, HOP_LIMIT * 0x1000000 + PROTOCOL_UDP * 0x10000);
  view.setInt32(at + 12, from.words[3]);
  view.setInt32(at + 16, to.words[3]);
  view.setUint16(at + 10, folded(sumOf(out, at, at + IPV4_BYTES)));
}

function writeIpv6(view: DataView, at: number, from: UdpEnd, to: UdpEnd, udpLength: number): void {
  view.setUint32(at, 0x6000_0000);
  view.setUint16(at + 4, udpLength);
  view.setUint8(at + 6, PROTOCOL_UDP);
  view.setUint8(at + 7, HOP_LIMIT);
  for (let i = 0; i < 4; i++) {
    view.setInt32(at + 8 + 4 * i, from.words[i]);
    view.setInt32(at + 24 + 4 * i, to.words[i]);
  }
}

function isMapped({ words }: UdpEnd): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** RFC 1071: the sum of 16-bit words, an odd byte at the end padded. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at + 1 < end; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  return (end - start) % 2 === 0 ? sum : sum + (bytes[end - 1] << 8);
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}
