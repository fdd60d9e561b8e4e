/**
 * sflowtool's names for the fields of a structure, in the order of the wire, separated by blanks. A name that ends
 * in `%` holds hundredths of a percent. Structures that it prints in another order or form are in
 * sflowtool-records.ts; what is in neither it does not name, and shows only the tag.
 */
export interface FieldNames {
  /** A first field that tells the kind of a flow record: its name and value. */
  readonly kind?: readonly ['extendedType' | 'flowSampleType', string];
  readonly names: string;
}

const extended = (kind: string, names: string): FieldNames => ({ kind: ['extendedType', kind], names });

/** By `enterprise:format`. */
export const FLOW_FIELD_NAMES: Readonly<Record<string, FieldNames>> = {
  '0:1001': extended('SWITCH', 'in_vlan in_priority out_vlan out_priority'),
  '0:1002': extended('ROUTER', 'nextHop srcSubnetMask dstSubnetMask'),
  '0:1007': extended('NAT', 'nat_src nat_dst'),
  '0:1008': { names: 'mpls_tunnel_lsp_name mpls_tunnel_id mpls_tunnel_cos' },
  '0:1009': { names: 'mpls_vc_name mpls_vll_vc_id mpls_vc_cos' },
  '0:1010': { names: 'mpls_ftn_descr mpls_ftn_mask' },
  '0:1011': { names: 'mpls_fec_addr_prefix_len' },
  '0:1013': { names: 'cipher_suite' },
  '0:1014': { names: 'rx_SSID rx_BSSID rx_version rx_channel rx_speed rx_rsni rx_rcpi rx_packet_uS' },
  '0:1015': {
    names:
      'tx_SSID tx_BSSID tx_version tx_transmissions tx_packet_uS tx_retrans_uS tx_channel tx_speed tx_power_mW',
  },
  '0:1020': extended('NAT PORT', 'nat_src_port nat_dst_port'),
  '0:1027': extended('out_decap', 'out_decap_inner_header_offset'),
  '0:1028': extended('in_decap', 'in_decap_inner_header_offset'),
  '0:1029': extended('out_VNI', 'out_VNI'),
  '0:1030': extended('in_VNI', 'in_VNI'),
  '0:1036': extended('egress_queue', 'egress_queue_id'),
  '0:1038': extended('function', 'symbol'),
  '0:1039': extended('transit_delay', 'transit_delay_nS'),
  '0:1040': extended('queue_depth', 'queue_depth_bytes'),
  '0:1041': extended('hw_trap', 'hw_trap_group hw_trap_name'),
  '0:1042': extended('linux_reason', 'linux_drop_reason'),
  '0:1043': extended('timestamp', 'timestamp_nS'),
  '0:2100': extended('socket4', socket('socket4')),
  '0:2101': extended('socket6', socket('socket6')),
  '0:2102': extended('proxy_socket4', socket('proxy_socket4')),
  '0:2103': extended('proxy_socket6', socket('proxy_socket6')),
  '0:2201': { kind: ['flowSampleType', 'http'], names: httpRequest('') },
  '0:2203': {
    names: 'server_context_application server_context_operation server_context_attributes',
  },
  '0:2204': { names: 'actor_initiator' },
  '0:2205': { names: 'actor_target' },
  '0:2206': { kind: ['flowSampleType', 'http'], names: httpRequest('http_protocol ') },
  '0:2210': extended(
    'entities',
    'entities_src_class entities_src_index entities_dst_class entities_dst_index',
  ),
};

function socket(prefix: string): string {
  return ['ip_protocol', 'local_ip', 'remote_ip', 'local_port', 'remote_port']
    .map((name) => `${prefix}_${name}`)
    .join(' ');
}

function httpRequest(protocol: string): string {
  return (
    `http_method ${protocol}http_uri http_host http_referrer http_useragent http_xff http_authuser http_mimetype ` +
    'http_request_bytes http_bytes http_duration_uS http_status'
  );
}

/** By `enterprise:format`. */
export const COUNTER_FIELD_NAMES: Readonly<Record<string, FieldNames>> = {
  '0:1': {
    names:
      'ifIndex networkType ifSpeed ifDirection ifStatus ifInOctets ifInUcastPkts ifInMulticastPkts ifInBroadcastPkts ' +
      'ifInDiscards ifInErrors ifInUnknownProtos ifOutOctets ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ' +
      'ifOutDiscards ifOutErrors ifPromiscuousMode',
  },
  '0:2': {
    names:
      'dot3StatsAlignmentErrors dot3StatsFCSErrors dot3StatsSingleCollisionFrames dot3StatsMultipleCollisionFrames ' +
      'dot3StatsSQETestErrors dot3StatsDeferredTransmissions dot3StatsLateCollisions dot3StatsExcessiveCollisions ' +
      'dot3StatsInternalMacTransmitErrors dot3StatsCarrierSenseErrors dot3StatsFrameTooLongs ' +
      'dot3StatsInternalMacReceiveErrors dot3StatsSymbolErrors',
  },
  '0:3': {
    names:
      'dot5StatsLineErrors dot5StatsBurstErrors dot5StatsACErrors dot5StatsAbortTransErrors dot5StatsInternalErrors ' +
      'dot5StatsLostFrameErrors dot5StatsReceiveCongestions dot5StatsFrameCopiedErrors dot5StatsTokenErrors ' +
      'dot5StatsSoftErrors dot5StatsHardErrors dot5StatsSignalLoss dot5StatsTransmitBeacons dot5StatsRecoverys ' +
      'dot5StatsLobeWires dot5StatsRemoves dot5StatsSingles dot5StatsFreqErrors',
  },
  '0:4': {
    names:
      'dot12InHighPriorityFrames dot12InHighPriorityOctets dot12InNormPriorityFrames dot12InNormPriorityOctets ' +
      'dot12InIPMErrors dot12InOversizeFrameErrors dot12InDataErrors dot12InNullAddressedFrames ' +
      'dot12OutHighPriorityFrames dot12OutHighPriorityOctets dot12TransitionIntoTrainings ' +
      'dot12HCInHighPriorityOctets dot12HCInNormPriorityOctets dot12HCOutHighPriorityOctets',
  },
  '0:5': { names: 'in_vlan octets ucastPkts multicastPkts broadcastPkts discards' },
  '0:6': {
    names:
      'dot11TransmittedFragmentCount dot11MulticastTransmittedFrameCount dot11FailedCount dot11RetryCount ' +
      'dot11MultipleRetryCount dot11FrameDuplicateCount dot11RTSSuccessCount dot11RTSFailureCount ' +
      'dot11ACKFailureCount dot11ReceivedFragmentCount dot11MulticastReceivedFrameCount dot11FCSErrorCount ' +
      'dot11TransmittedFrameCount dot11WEPUndecryptableCount dot11QoSDiscardedFragmentCount ' +
      'dot11AssociatedStationCount dot11QoSCFPollsReceivedCount dot11QoSCFPollsUnusedCount ' +
      'dot11QoSCFPollsUnusableCount dot11QoSCFPollsLostCount',
  },
  '0:1001': { names: '5s_cpu% 1m_cpu% 5m_cpu% total_memory_bytes free_memory_bytes' },
  '0:1002': { names: 'radio_elapsed_time radio_on_channel_time radio_on_channel_busy_time' },
  '0:1005': { names: 'ifName' },
  '0:2000': { names: 'hostname UUID machine_type os_name os_release' },
  '0:2002': { names: 'parent_dsClass parent_dsIndex' },
  '0:2003': {
    names:
      'cpu_load_one cpu_load_five cpu_load_fifteen cpu_proc_run cpu_proc_total cpu_num cpu_speed cpu_uptime cpu_user ' +
      'cpu_nice cpu_system cpu_idle cpu_wio cpuintr cpu_sintr cpuinterrupts cpu_contexts cpu_steal cpu_guest ' +
      'cpu_guest_nice',
  },
  '0:2004': {
    names:
      'mem_total mem_free mem_shared mem_buffers mem_cached swap_total swap_free page_in page_out swap_in swap_out',
  },
  '0:2005': {
    names:
      'disk_total disk_free disk_partition_max_used% disk_reads disk_bytes_read disk_read_time disk_writes ' +
      'disk_bytes_written disk_write_time',
  },
  '0:2006': { names: inputOutput('nio') },
  '0:2007': {
    names:
      'ipForwarding ipDefaultTTL ipInReceives ipInHdrErrors ipInAddrErrors ipForwDatagrams ipInUnknownProtos ' +
      'ipInDiscards ipInDelivers ipOutRequests ipOutDiscards ipOutNoRoutes ipReasmTimeout ipReasmReqds ipReasmOKs ' +
      'ipReasmFails ipFragOKs ipFragFails ipFragCreates',
  },
  '0:2008': {
    names:
      'icmpInMsgs icmpInErrors icmpInDestUnreachs icmpInTimeExcds icmpInParamProbs icmpInSrcQuenchs icmpInRedirects ' +
      'icmpInEchos icmpInEchoReps icmpInTimestamps icmpInAddrMasks icmpInAddrMaskReps icmpOutMsgs icmpOutErrors ' +
      'icmpOutDestUnreachs icmpOutTimeExcds icmpOutParamProbs icmpOutSrcQuenchs icmpOutRedirects icmpOutEchos ' +
      'icmpOutEchoReps icmpOutTimestamps icmpOutTimestampReps icmpOutAddrMasks icmpOutAddrMaskReps',
  },
  '0:2009': {
    names:
      'tcpRtoAlgorithm tcpRtoMin tcpRtoMax tcpMaxConn tcpActiveOpens tcpPassiveOpens tcpAttemptFails tcpEstabResets ' +
      'tcpCurrEstab tcpInSegs tcpOutSegs tcpRetransSegs tcpInErrs tcpOutRsts tcpInCsumErrors',
  },
  '0:2010': {
    names:
      'udpInDatagrams udpNoPorts udpInErrors udpOutDatagrams udpRcvbufErrors udpSndbufErrors udpInCsumErrors',
  },
  '0:2100': { names: 'vnode_mhz vnode_cpus vnode_memory vnode_memory_free vnode_num_domains' },
  '0:2101': { names: 'vcpu_state vcpu_cpu_mS vcpu_cpuCount' },
  '0:2102': { names: 'vmem_memory vmem_maxMemory' },
  '0:2103': {
    names:
      'vdsk_capacity vdsk_allocation vdsk_available vdsk_rd_req vdsk_rd_bytes vdsk_wr_req vdsk_wr_bytes vdsk_errs',
  },
  '0:2104': { names: inputOutput('vnio') },
  '0:2105': { names: 'jvm_name jvm_vendor jvm_version' },
  '0:2106': {
    names:
      'heap_mem_initial heap_mem_used heap_mem_committed heap_mem_max non_heap_mem_initial non_heap_mem_used ' +
      'non_heap_mem_committed non_heap_mem_max gc_count gc_mS classes_loaded classes_total classes_unloaded ' +
      'compilation_mS threads_live threads_daemon threads_started fds_open fds_max',
  },
  '0:2200': {
    names: memcache(
      'uptime rusage_user rusage_system curr_connections total_connections connection_structures cmd_get cmd_set ' +
        'cmd_flush get_hits get_misses delete_misses delete_hits incr_misses incr_hits decr_misses decr_hits ' +
        'cas_misses cas_hits cas_badval auth_cmds auth_errors bytes_read bytes_written limit_maxbytes ' +
        'accepting_conns listen_disabled_num threads conn_yields bytes curr_items total_items evictions',
    ),
  },
  '0:2201': {
    names:
      'http_method_option_count http_method_get_count http_method_head_count http_method_post_count ' +
      'http_method_put_count http_method_delete_count http_method_trace_count http_methd_connect_count ' +
      'http_method_other_count http_status_1XX_count http_status_2XX_count http_status_3XX_count ' +
      'http_status_4XX_count http_status_5XX_count http_status_other_count',
  },
  '0:2202': {
    names:
      'application status_OK errors_OTHER errors_TIMEOUT errors_INTERNAL_ERROR errors_BAD_REQUEST errors_FORBIDDEN ' +
      'errors_TOO_LARGE errors_NOT_IMPLEMENTED errors_NOT_FOUND errors_UNAVAILABLE errors_UNAUTHORIZED',
  },
  '0:2203': {
    names:
      'user_time system_time memory_used memory_max files_open files_max connections_open connections_max',
  },
  '0:2204': {
    names: memcache(
      'cmd_set cmd_touch cmd_flush get_hits get_misses delete_hits delete_misses incr_hits incr_misses decr_hits ' +
        'decr_misses cas_hits cas_misses cas_badval auth_cmds auth_errors threads conn_yields listen_disabled_num ' +
        'curr_connections rejected_connections total_connections connection_structures evictions reclaimed ' +
        'curr_items total_items bytes_read bytes_written bytes limit_maxbytes',
    ),
  },
  '0:2205': {
    names:
      'vdi_sessions_current vdi_sessions_total vdi_sessions_duration vdi_rx_bytes vdi_tx_bytes vdi_rx_packets ' +
      'vdi_tx_packets vdi_rx_packets_lost vdi_tx_packets_lost vdi_rtt_min_ms vdi_rtt_max_ms vdi_rtt_avg_ms ' +
      'vdi_audio_rx_bytes vdi_audio_tx_bytes vdi_audio_tx_limit vdi_img_rx_bytes vdi_img_tx_bytes vdi_img_frames ' +
      'vdi_img_qual_min vdi_img_qual_max vdi_img_qual_avg vdi_usb_rx_bytes vdi_usb_tx_bytes',
  },
  '0:2206': { names: 'workers_active workers_idle workers_max requests_delayed requests_dropped' },
  '0:2207': { names: 'OVS_dp_hits OVS_dp_misses OVS_dp_lost OVS_dp_mask_hits OVS_dp_flows OVS_dp_masks' },
  '4413:3': {
    names:
      'bcm_asic_host_entries bcm_host_entries_max bcm_ipv4_entries bcm_ipv4_entries_max bcm_ipv6_entries ' +
      'bcm_ipv6_entries_max bcm_ipv4_ipv6_entries bcm_ipv4_ipv6_entries_max bcm_long_ipv6_entries ' +
      'bcm_long_ipv6_entries_max bcm_total_routes bcm_total_routes_max bcm_ecmp_nexthops bcm_ecmp_nexthops_max ' +
      'bcm_mac_entries bcm_mac_entries_max bcm_ipv4_neighbors bcm_ipv6_neighbors bcm_ipv4_routes bcm_ipv6_routes ' +
      'bcm_acl_ingress_entries bcm_acl_ingress_entries_max bcm_acl_ingress_counters bcm_acl_ingress_counters_max ' +
      'bcm_acl_ingress_meters bcm_acl_ingress_meters_max bcm_acl_ingress_slices bcm_acl_ingress_slices_max ' +
      'bcm_acl_egress_entries bcm_acl_egress_entries_max bcm_acl_egress_counters bcm_acl_egress_counters_max ' +
      'bcm_acl_egress_meters bcm_acl_egress_meters_max bcm_acl_egress_slices bcm_acl_egress_slices_max',
  },
  '5703:1': {
    names:
      'nvml_device_count nvml_processes nvml_gpu_mS nvml_mem_mS nvml_mem_bytes_total nvml_mem_bytes_free ' +
      'nvml_ecc_errors nvml_energy_mJ nvml_temperature_C nvml_fan_speed_pc',
  },
};

function inputOutput(prefix: string): string {
  return ['bytes_in', 'pkts_in', 'errs_in', 'drops_in', 'bytes_out', 'pkts_out', 'errs_out', 'drops_out']
    .map((name) => `${prefix}_${name}`)
    .join(' ');
}

function memcache(names: string): string {
  return names.replaceAll(/\S+/g, 'memcache_$&');
}

/** By code: what sflowtool calls the reason of a discard (sFlow Dropped Packet Notification Structures). */
export const DISCARD_REASONS: ReadonlyMap<number, string> = new Map([
  ...numbered(
    0,
    'net_unreachable host_unreachable protocol_unreachable port_unreachable frag_needed src_route_failed ' +
      'dst_net_unknown dst_host_unknown src_host_isolated dst_net_prohibited dst_host_prohibited ' +
      'dst_net_tos_unreachable dst_host_tos_unreacheable comm_admin_prohibited host_precedence_violation ' +
      'precedence_cutoff',
  ),
  ...numbered(
    256,
    'unknown ttl_exceeded acl no_buffer_space red traffic_shaping pkt_too_big src_mac_is_multicast ' +
      'vlan_tag_mismatch ingress_vlan_filter ingress_spanning_tree_filter port_list_is_empty port_loopback_filter ' +
      'blackhole_route non_ip uc_dip_over_mc_dmac dip_is_loopback_address sip_is_mc sip_is_loopback_address ' +
      'ip_header_corrupted ipv4_sip_is_limited_bc ipv6_mc_dip_reserved_scope ipv6_mc_dip_interface_local_scope ' +
      'unresolved_neigh mc_reverse_path_forwarding non_routable_packet decap_error overlay_smac_is_mc unknown_l2 ' +
      'unknown_l3 unknown_l3_exception unknown_buffer unknown_tunnel unknown_l4 sip_is_unspecified ' +
      'mlag_port_isolation blackhole_arp_neigh src_mac_is_dmac dmac_is_reserved sip_is_class_e mc_dmac_mismatch ' +
      'sip_is_dip dip_is_local_network dip_is_link_local overlay_smac_is_dmac egress_vlan_filter ' +
      'uc_reverse_path_forwarding split_horizon locked_port dmac_filter blackhole_nexthop vxlan_parsing ' +
      'llc_snap_parsing vlan_parsing pppoe_ppp_parsing mpls_parsing arp_parsing ip_1_parsing ip_n_parsing ' +
      'gre_parsing udp_parsing tcp_parsing ipsec_parsing sctp_parsing dccp_parsing gtp_parsing esp_parsing ' +
      'unknown_parsing pkt_too_small unhandled_proto ipv6disabled invalid_proto ip_noproto skb_csum ' +
      'skb_ucopy_fault dev_ready dev_hdr dup_frag skb_gso_seg reverse_path_forwarding icmp_parsing ' +
      'tcp_md5notfound tcp_md5unexpected tcp_md5failure tcp_flags tcp_zerowindow tcp_old_data tcp_overwindow ' +
      'tcp_ofomerge tcp_rfc7323_paws tcp_invalid_sequence tcp_reset tcp_invalid_syn tcp_close tcp_fastopen ' +
      'tcp_old_ack tcp_too_old_ack tcp_ack_unsent_data tcp_ofo_queue_prune tcp_ofo_drop tcp_minttl ' +
      'ipv6_bad_exthdr ipv6_ndisc_frag ipv6_ndisc_hop_limit ipv6_ndisc_bad_code ipv6_ndisc_bad_options ' +
      'ipv6_ndisc_ns_otherhost tap_filter tap_txfilter tc_ingress tc_egress xdp cpu_backlog bpf_cgroup_egress ' +
      'xfrm_policy socket_filter',
  ),
]);

function numbered(first: number, names: string): [number, string][] {
  return names.split(' ').map((name, i) => [first + i, name]);
}
