import type { Structure, StructureField } from '../schema.ts';
import { field, flow, ipv4, ipv6, mac, u32 } from './fields.ts';

const SOURCE = 'sFlow v5';
const LENGTH_WITH_FCS = 'bytes on the wire, frame check sequence included';

export const ETHERNET_FIELDS: readonly StructureField[] = [
  u32('length', LENGTH_WITH_FCS),
  mac('sourceMac'),
  mac('destinationMac'),
  u32('ethernetType'),
];

export const IPV4_FIELDS: readonly StructureField[] = [
  u32('length', 'bytes of the IP packet'),
  u32('protocol', 'IP protocol number'),
  ipv4('sourceIp'),
  ipv4('destinationIp'),
  u32('sourcePort', 'TCP or UDP port, 0 when there is none'),
  u32('destinationPort', 'TCP or UDP port, 0 when there is none'),
  u32('tcpFlags'),
  u32('tos', 'type of service octet'),
];

export const IPV6_FIELDS: readonly StructureField[] = [
  u32('length', 'bytes of the IP packet'),
  u32('protocol', 'upper layer protocol number'),
  ipv6('sourceIp'),
  ipv6('destinationIp'),
  u32('sourcePort', 'TCP or UDP port, 0 when there is none'),
  u32('destinationPort', 'TCP or UDP port, 0 when there is none'),
  u32('tcpFlags'),
  u32('priority', 'traffic class octet'),
];

/** What was sampled: the packet's first bytes, or fields of its headers. */
export const SAMPLED: readonly Structure[] = [
  flow(1, 'sampled_header', SOURCE, [
    u32('protocol', 'header_protocol: 1 Ethernet, 7 PPP, 11 IPv4, 12 IPv6, 13 MPLS, 15 to 17 802.11, …'),
    u32('frameLength', LENGTH_WITH_FCS),
    u32('stripped', 'bytes removed from the frame before its header was taken, trailers included'),
    field('header', 'opaque'),
  ]),
  flow(2, 'sampled_ethernet', SOURCE, ETHERNET_FIELDS),
  flow(3, 'sampled_ipv4', SOURCE, IPV4_FIELDS),
  flow(4, 'sampled_ipv6', SOURCE, IPV6_FIELDS),
];
