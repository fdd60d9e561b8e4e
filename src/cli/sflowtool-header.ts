import { i32, ipv4At, u16 } from '../common/index.ts';
import { fullIPv6, lowerHex } from './sflowtool-text.ts';
import type { SflowtoolWriter } from './sflowtool-writer.ts';

/** A sampled header (0:1): what was captured of a packet, and its size on the wire. */
export interface SampledHeader {
  readonly protocol: number;
  /** Bytes on the wire. */
  readonly frameLength: number;
  /** Bytes removed from the frame before sampling; absent before version 5. */
  readonly stripped: number | undefined;
  readonly bytes: Uint8Array;
}

/** `header_protocol` values that sflowtool looks into (sFlow v5 `sampled_header`). */
const HEADER_PROTOCOL = { ethernet: 1, ipv4: 11, ipv6: 12, ieee80211: 15 } as const;
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300]);
const IPX_TYPES: ReadonlySet<number> = new Set([0x0200, 0x0201, 0x0600]);
const IPV6_EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 51, 60]);
const LARGEST_LENGTH_FIELD = 1500;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** Where the IP packet begins, when there is one. */
interface IpStart {
  readonly version: 4 | 6;
  readonly at: number;
}

/**
 * The fields that sflowtool derives from a sampled header. It reads less than Weir's dissector (no tunnels, no
 * MPLS), and a few things in its own way; both are kept, because scripts that were written for it rely on them:
 * `IPID` is the identification with its bytes swapped, an authentication header of IPv6 is measured like the other
 * extension headers, and a later fragment of IPv6 shows ports. What lies beyond the captured bytes is left out.
 */
export function writeSampledHeader(out: SflowtoolWriter, header: SampledHeader): void {
  const { protocol, frameLength, stripped, bytes } = header;
  out.field('flowSampleType', 'HEADER');
  out.field('headerProtocol', protocol);
  out.field('sampledPacketSize', frameLength);
  if (stripped !== undefined) out.field('strippedBytes', stripped);
  out.field('headerLen', bytes.length);
  out.field('headerBytes', dashedHex(bytes));

  const ip = findIp(out, protocol, bytes);
  if (ip === undefined) return;
  out.field('IPSize', (frameLength - (stripped ?? 0) - ip.at) | 0);
  if (ip.version === 4) writeIPv4(out, bytes, ip.at);
  else writeIPv6(out, bytes, ip.at);
}

function findIp(out: SflowtoolWriter, protocol: number, bytes: Uint8Array): IpStart | undefined {
  switch (protocol) {
    case HEADER_PROTOCOL.ethernet:
      return writeEthernet(out, bytes);
    case HEADER_PROTOCOL.ipv4:
      return { version: 4, at: 0 };
    case HEADER_PROTOCOL.ipv6:
      return { version: 6, at: 0 };
    case HEADER_PROTOCOL.ieee80211:
      writeWifi(out, bytes);
      return undefined;
    default:
      return undefined;
  }
}

function writeEthernet(out: SflowtoolWriter, bytes: Uint8Array): IpStart | undefined {
  const end = bytes.length;
  if (end < 14) return undefined;
  out.field('dstMAC', lowerHex(bytes, 0, 6));
  out.field('srcMAC', lowerHex(bytes, 6, 12));
  let type = u16(bytes, 12);
  let at = 14;
  for (let depth = 0; VLAN_TYPES.has(type); depth++) {
    if (end - at < 4) return undefined;
    const tag = u16(bytes, at);
    const suffix = depth === 0 ? '' : `.${depth}`;
    out.field(`decodedVLAN${suffix}`, tag & 0x0fff);
    out.field(`decodedPriority${suffix}`, tag >> 13);
    type = u16(bytes, at + 2);
    at += 4;
  }
  if (end < IPV4_HEADER || isIpx(bytes, at, type)) return undefined;
  if (type <= LARGEST_LENGTH_FIELD) {
    const inner = writeLlc(out, bytes, at);
    if (inner === undefined) return undefined;
    ({ type, at } = inner);
  }
  out.field('ethernet_type', type);
  if (type === 0x0800 && end - at >= IPV4_HEADER && bytes[at] >> 4 === 4 && (bytes[at] & 15) >= 5)
    return { version: 4, at };
  if (type === 0x86dd && end > at && bytes[at] >> 4 === 6) return { version: 6, at };
  return undefined;
}

function isIpx(bytes: Uint8Array, at: number, type: number): boolean {
  if (!IPX_TYPES.has(type) || bytes.length - at < 4 || u16(bytes, at) !== 0xffff) return false;
  const length = u16(bytes, at + 2);
  return length >= 30 && length <= 30 + 546;
}

/** An 802.3 frame: the EtherType of a SNAP header, or IP by its service access point. */
function writeLlc(
  out: SflowtoolWriter,
  bytes: Uint8Array,
  at: number,
): { type: number; at: number } | undefined {
  const room = bytes.length - at;
  if (room < 3) return undefined;
  if (bytes[at] === 0x06 && bytes[at + 1] === 0x06 && (bytes[at + 2] & 1) === 1)
    return { type: 0x0800, at: at + 3 };
  if (room < 8 || bytes[at] !== 0xaa || bytes[at + 1] !== 0xaa || bytes[at + 2] !== 0x03) return undefined;
  const organization = bytes.subarray(at + 3, at + 6);
  if (organization.some((byte) => byte !== 0)) {
    out.field('VSNAP_OUI', dashedHex(organization));
    return undefined;
  }
  return { type: u16(bytes, at + 6), at: at + 8 };
}

function writeWifi(out: SflowtoolWriter, bytes: Uint8Array): void {
  if (bytes.length < 24) return;
  const dataFrame = (bytes[0] >> 2) & 3;
  if (dataFrame !== 2) return;
  const toDistribution = bytes[1] & 1;
  const fromDistribution = (bytes[1] >> 1) & 1;
  const address = (at: number) => lowerHex(bytes, at, at + 6);
  const [first, second, third, fourth] = [4, 10, 16, 24];
  let source = second;
  if (fromDistribution === 1) source = toDistribution === 1 ? fourth : third;
  if (source + 6 <= bytes.length) out.field('srcMAC', address(source));
  out.field('dstMAC', address(toDistribution === 1 ? third : first));
  out.field('txMAC', address(second));
  out.field('rxMAC', address(first));
}

function writeIPv4(out: SflowtoolWriter, bytes: Uint8Array, at: number): void {
  if (bytes.length - at < IPV4_HEADER) return;
  const protocol = bytes[at + 9];
  out.field('ip.tot_len', u16(bytes, at + 2));
  out.field('srcIP', ipv4At(bytes, at + 12));
  out.field('dstIP', ipv4At(bytes, at + 16));
  out.field('IPProtocol', protocol);
  out.field('IPTOS', bytes[at + 1]);
  out.field('IPTTL', bytes[at + 8]);
  out.field('IPID', bytes[at + 4] | (bytes[at + 5] << 8));
  const fragmentOffset = u16(bytes, at + 6) & 0x1fff;
  if (fragmentOffset > 0) {
    out.field('IPFragmentOffset', fragmentOffset);
    return;
  }
  writeTransport(out, bytes, at + (bytes[at] & 15) * 4, protocol);
}

function writeIPv6(out: SflowtoolWriter, bytes: Uint8Array, start: number): void {
  const end = bytes.length;
  if (end - start < IPV6_HEADER || bytes[start] >> 4 !== 6) return;
  const payloadLength = u16(bytes, start + 4);
  out.field('IPTOS', (u16(bytes, start) >> 4) & 0xff);
  out.field('IP6_label', `0x${(i32(bytes, start) & 0xfffff).toString(16)}`);
  out.field('IPV6_payloadLen', payloadLength === 0 ? '<jumbo>' : payloadLength);
  out.field('IPTTL', bytes[start + 7]);
  out.field('srcIP6', fullIPv6(bytes, start + 8));
  out.field('dstIP6', fullIPv6(bytes, start + 24));
  let next = bytes[start + 6];
  let at = start + IPV6_HEADER;
  while (IPV6_EXTENSIONS.has(next)) {
    out.field('IP6HeaderExtension', next);
    if (end - at < 2) return;
    next = bytes[at];
    at += 8 * (bytes[at + 1] + 1);
    if (at > end) return;
  }
  out.field('IPProtocol', next);
  writeTransport(out, bytes, at, next);
}

function writeTransport(out: SflowtoolWriter, bytes: Uint8Array, at: number, protocol: number): void {
  const room = bytes.length - at;
  if (room < 8) return;
  switch (protocol) {
    case 1:
      out.field('ICMPType', bytes[at]);
      out.field('ICMPCode', bytes[at + 1]);
      break;
    case 6:
      out.field('TCPSrcPort', u16(bytes, at));
      out.field('TCPDstPort', u16(bytes, at + 2));
      if (room >= 14) out.field('TCPFlags', bytes[at + 13]);
      break;
    case 17:
      out.field('UDPSrcPort', u16(bytes, at));
      out.field('UDPDstPort', u16(bytes, at + 2));
      out.field('UDPBytes', u16(bytes, at + 4));
      break;
  }
}

function dashedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('-')
    .toUpperCase();
}
