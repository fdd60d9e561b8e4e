import type { Structure } from '../schema.ts';
import { address, array, field, flow, text, u32, u64, words } from './fields.ts';

const V5 = 'sFlow v5';
const INFINIBAND = 'sFlow InfiniBand Structures';
const VLAN_STACK = 'TPID and TCI of each 802.1Q tag in one word, outermost first';
const UNKNOWN = '0xffffffff when unknown';

/** How the switch or router forwarded the packet. */
export const FORWARDING: readonly Structure[] = [
  flow(1001, 'extended_switch', V5, [
    u32('sourceVlan', UNKNOWN),
    u32('sourcePriority', UNKNOWN),
    u32('destinationVlan', UNKNOWN),
    u32('destinationPriority', UNKNOWN),
  ]),
  flow(1002, 'extended_router', V5, [
    address('nextHop'),
    u32('sourceMaskLength', 'bits'),
    u32('destinationMaskLength', 'bits'),
  ]),
  flow(1003, 'extended_gateway', V5, [
    address('nextHop', 'border router for the destination'),
    u32('asNumber', 'of the router'),
    u32('sourceAs'),
    u32('sourcePeerAs'),
    array('destinationAsPath', [u32('type', '1 AS_SET, 2 AS_SEQUENCE'), array('asNumbers', 'u32')]),
    array('communities', 'u32', 'AS in the upper, value in the lower 16 bits'),
    u32('localPreference'),
  ]),
  flow(1004, 'extended_user', V5, [
    u32('sourceCharset', 'IANA MIBenum (RFC 2978), 106 UTF-8, 0 unknown'),
    text('sourceUser'),
    u32('destinationCharset', 'IANA MIBenum (RFC 2978), 106 UTF-8, 0 unknown'),
    text('destinationUser'),
  ]),
  flow(1005, 'extended_url', V5, [
    u32('direction', 'which address the URL belongs to: 1 source, 2 destination'),
    text('url'),
    text('host'),
  ]),
  flow(1006, 'extended_mpls', V5, [
    address('nextHop'),
    array('inputStack', 'u32', 'label stack entries (RFC 3032), top first'),
    array('outputStack', 'u32', 'label stack entries (RFC 3032), top first'),
  ]),
  flow(1007, 'extended_nat', V5, [address('sourceAddress'), address('destinationAddress')]),
  flow(1008, 'extended_mpls_tunnel', V5, [text('tunnelLspName'), u32('tunnelId'), u32('tunnelCos')]),
  flow(1009, 'extended_mpls_vc', V5, [text('vcInstanceName'), u32('vllVcId'), u32('vcLabelCos')]),
  flow(1010, 'extended_mpls_ftn', V5, [text('mplsFtnDescription'), u32('mplsFtnMask')]),
  flow(1011, 'extended_mpls_ldp_fec', V5, [u32('mplsFecAddressPrefixLength', 'bits')]),
  flow(1012, 'extended_vlantunnel', V5, [array('stack', 'u32', VLAN_STACK)]),
  flow(1017, 'extended_openflow_v1', 'sFlow OpenFlow Structures (draft, deprecated)', [
    u64('flowCookie'),
    u32('flowMatch', 'wildcards of ofp_match (OpenFlow 1.0)'),
    u32('flowActions', 'bit n set: an action of ofp_action_type n applies'),
  ]),
  flow(1018, 'extended_fc', 'sFlow, CEE and FCoE', [
    u32('sourceMaskLength', 'bits'),
    u32('destinationMaskLength', 'bits'),
    u32('nextHop', 'Fibre Channel address, 24 bits'),
    u32('metric', 'route type (1 bit), protocol (7 bits) and metric (24 bits) of RFC 4625'),
  ]),
  flow(1019, 'extended_queue_length', 'sFlow for queue length monitoring', [
    u32('queueIndex', 'of the queue within the port'),
    u32('queueLength', 'segments that the packet found in the queue'),
  ]),
  flow(1020, 'extended_nat_port', 'sFlow Port NAT Structures', words('sourcePort destinationPort')),
  flow(1031, 'extended_ib_lrh', INFINIBAND, [
    u32('sourceVl', 'virtual lane'),
    u32('sourceSl', 'service level'),
    u32('sourceDlid', 'destination local identifier on the source side'),
    u32('sourceSlid', 'source local identifier on the source side'),
    u32('sourceLnh', 'link next header'),
    u32('destinationVl', 'virtual lane'),
    u32('destinationSl', 'service level'),
    u32('destinationDlid', 'destination local identifier on the destination side'),
    u32('destinationSlid', 'source local identifier on the destination side'),
    u32('destinationLnh', 'link next header'),
  ]),
  flow(1032, 'extended_ib_grh', INFINIBAND, [
    u32('flowLabel'),
    u32('trafficClass'),
    field('sourceGid', { bytes: 16 }),
    field('destinationGid', { bytes: 16 }),
    u32('nextHeader'),
    u32('length', 'bytes of the payload'),
  ]),
  flow(1033, 'extended_ib_bth', INFINIBAND, [
    u32('partitionKey'),
    u32('destinationQueuePair'),
    u32('opcode'),
  ]),
  flow(1034, 'extended_vlanin', 'sFlow discussion', [array('stack', 'u32', VLAN_STACK)]),
  flow(1035, 'extended_vlanout', 'sFlow discussion', [array('stack', 'u32', VLAN_STACK)]),
];

const DROPS = 'sFlow Dropped Packet Notification Structures';
const TRANSIT = 'sFlow Transit Delay Structures';
const HOST_SFLOW = 'Host sFlow';

/** What happened to the packet inside the switch: its queue, its delay, and why it was dropped. */
export const TRANSIT_AND_DROPS: readonly Structure[] = [
  flow(1036, 'extended_egress_queue', DROPS, [u32('queue', 'number of the egress queue')]),
  flow(1037, 'extended_acl', DROPS, [
    u32('number'),
    text('name'),
    u32('direction', '0 unknown, 1 ingress, 2 egress'),
  ]),
  flow(1038, 'extended_function', DROPS, [text('symbol', 'function of the network stack that dropped it')]),
  flow(1039, 'extended_transit', TRANSIT, [u32('delay', 'ns; 0xffffffff: that much or more')]),
  flow(1040, 'extended_queue', TRANSIT, [u32('depth', 'bytes in the queue')]),
  flow(1041, 'extended_hw_trap', HOST_SFLOW, [text('group'), text('trap', 'name of the Linux devlink trap')]),
  flow(1042, 'extended_linux_drop_reason', HOST_SFLOW, [text('reason', 'of Linux drop_monitor')]),
  flow(1043, 'extended_timestamp', HOST_SFLOW, [u64('timestamp', 'ns since 1970-01-01 UTC')]),
  flow([4413, 1], 'bst_egress_queue', 'sFlow Broadcom Peak Buffer Utilization Structures', [
    u32('queue', 'number of the egress queue'),
  ]),
];
