import type { Structure } from '../schema.ts';
import { flow, u32 } from './fields.ts';
import { ETHERNET_FIELDS, IPV4_FIELDS, IPV6_FIELDS } from './flow-sampled.ts';

const SOURCE = 'sFlow Tunnel Structures';
const OFFSET = 'byte of the sampled header at which the inner header starts';

/** Outer headers that were removed on ingress or will be added on egress, and virtual network identifiers. */
export const TUNNEL: readonly Structure[] = [
  flow(1021, 'extended_l2_tunnel_egress', SOURCE, ETHERNET_FIELDS),
  flow(1022, 'extended_l2_tunnel_ingress', SOURCE, ETHERNET_FIELDS),
  flow(1023, 'extended_ipv4_tunnel_egress', SOURCE, IPV4_FIELDS),
  flow(1024, 'extended_ipv4_tunnel_ingress', SOURCE, IPV4_FIELDS),
  flow(1025, 'extended_ipv6_tunnel_egress', SOURCE, IPV6_FIELDS),
  flow(1026, 'extended_ipv6_tunnel_ingress', SOURCE, IPV6_FIELDS),
  flow(1027, 'extended_decapsulate_egress', SOURCE, [u32('innerHeaderOffset', OFFSET)]),
  flow(1028, 'extended_decapsulate_ingress', SOURCE, [u32('innerHeaderOffset', OFFSET)]),
  flow(1029, 'extended_vni_egress', SOURCE, [u32('vni')]),
  flow(1030, 'extended_vni_ingress', SOURCE, [u32('vni')]),
];
