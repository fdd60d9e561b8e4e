/** Words of enumerated keys (rest-api 14.2, 14.3). Numbers outside a list read `unknown(N)`. */

/** ICMP destination unreachable codes (RFC 1812 5.2.7.1), spelled as clients know them. */
const UNREACHABLE_REASONS = `
  net_unreachable host_unreachable protocol_unreachable port_unreachable frag_needed src_route_failed
  dst_net_unknown dst_host_unknown src_host_isolated dst_net_prohibited dst_host_prohibited
  dst_net_tos_unreachable dst_host_tos_unreacheable comm_admin_prohibited host_precedence_violation
  precedence_cutoff
`
  .trim()
  .split(/\s+/);

/** From 256 on (sFlow Dropped Packet Notification Structures). */
const FIRST_OTHER_REASON = 256;
const OTHER_REASONS = `
  unknown ttl_exceeded acl no_buffer_space red traffic_shaping pkt_too_big src_mac_is_multicast
  vlan_tag_mismatch ingress_vlan_filter ingress_spanning_tree_filter port_list_is_empty port_loopback_filter
  blackhole_route non_ip uc_dip_over_mc_dmac dip_is_loopback_address sip_is_mc sip_is_loopback_address
  ip_header_corrupted ipv4_sip_is_limited_bc ipv6_mc_dip_reserved_scope ipv6_mc_dip_interface_local_scope
  unresolved_neigh mc_reverse_path_forwarding non_routable_packet decap_error overlay_smac_is_mc unknown_l2
  unknown_l3 unknown_l3_exception unknown_buffer unknown_tunnel unknown_l4 sip_is_unspecified
  mlag_port_isolation blackhole_arp_neigh src_mac_is_dmac dmac_is_reserved sip_is_class_e mc_dmac_mismatch
  sip_is_dip dip_is_local_network dip_is_link_local overlay_smac_is_dmac egress_vlan_filter
  uc_reverse_path_forwarding split_horizon locked_port dmac_filter blackhole_nexthop vxlan_parsing
  llc_snap_parsing vlan_parsing
`
  .trim()
  .split(/\s+/);

/** Why a packet was discarded. */
export function discardReason(code: number): string {
  return UNREACHABLE_REASONS[code] ?? OTHER_REASONS[code - FIRST_OTHER_REASON] ?? `unknown_code_${code}`;
}

export const httpMethod = words('OTHER OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT');

/** `1.1` for 1001: major × 1000 + minor. */
export function httpProtocol(version: number): string {
  return `${Math.floor(version / 1000)}.${version % 1000}`;
}

export const memcacheProtocol = words('OTHER ASCII BINARY');

export const memcacheCommand = words(
  'OTHER SET ADD REPLACE APPEND PREPEND CAS GET GETS INCR DECR DELETE STATS FLUSH VERSION QUIT TOUCH',
);

export const memcacheStatus = words(
  'UNKNOWN OK ERROR CLIENT_ERROR SERVER_ERROR STORED NOT_STORED EXISTS NOT_FOUND DELETED',
);

export const appStatus = words(
  'SUCCESS OTHER TIMEOUT INTERNAL_ERROR BAD_REQUEST FORBIDDEN TOO_LARGE NOT_IMPLEMENTED NOT_FOUND UNAVAILABLE UNAUTHORIZED',
);

/** Which way the packet of a TCP connection went, seen from the host that reports it. */
export const tcpDirection = words('unknown received sent');

export const aclDirection = words('unknown ingress egress');

function words(list: string): (code: number) => string {
  const names = list.split(' ');
  return (code) => names[code] ?? `unknown(${code})`;
}
