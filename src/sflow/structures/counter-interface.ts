import type { Structure } from '../schema.ts';
import { array, counter, field, i32, mac, text, u32, u64, words } from './fields.ts';

const V5 = 'sFlow v5';
const WIRELESS = 'sFlow 802.11 Structures';

/** Counters of interfaces, ports and their modules. */
export const INTERFACE: readonly Structure[] = [
  counter(1, 'if_counters', V5, [
    u32('ifIndex'),
    u32('ifType', 'IANAifType'),
    u64('ifSpeed', 'bits per second'),
    u32('ifDirection', '0 unknown, 1 full duplex, 2 half duplex, 3 in, 4 out'),
    u32('ifStatus', 'bit 0 administratively up, bit 1 operationally up'),
    u64('ifInOctets'),
    ...words('ifInUcastPkts ifInMulticastPkts ifInBroadcastPkts ifInDiscards ifInErrors ifInUnknownProtos'),
    u64('ifOutOctets'),
    ...words('ifOutUcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifOutDiscards ifOutErrors'),
    u32('ifPromiscuousMode', '1 true, 2 false'),
  ]),
  counter(
    2,
    'ethernet_counters',
    V5,
    words(
      'dot3StatsAlignmentErrors dot3StatsFCSErrors dot3StatsSingleCollisionFrames ' +
        'dot3StatsMultipleCollisionFrames dot3StatsSQETestErrors dot3StatsDeferredTransmissions ' +
        'dot3StatsLateCollisions dot3StatsExcessiveCollisions dot3StatsInternalMacTransmitErrors ' +
        'dot3StatsCarrierSenseErrors dot3StatsFrameTooLongs dot3StatsInternalMacReceiveErrors ' +
        'dot3StatsSymbolErrors',
    ),
  ),
  counter(
    3,
    'tokenring_counters',
    V5,
    words(
      'dot5StatsLineErrors dot5StatsBurstErrors dot5StatsACErrors dot5StatsAbortTransErrors ' +
        'dot5StatsInternalErrors dot5StatsLostFrameErrors dot5StatsReceiveCongestions ' +
        'dot5StatsFrameCopiedErrors dot5StatsTokenErrors dot5StatsSoftErrors dot5StatsHardErrors ' +
        'dot5StatsSignalLoss dot5StatsTransmitBeacons dot5StatsRecoverys dot5StatsLobeWires ' +
        'dot5StatsRemoves dot5StatsSingles dot5StatsFreqErrors',
    ),
  ),
  counter(4, 'vg_counters', V5, [
    u32('dot12InHighPriorityFrames'),
    u64('dot12InHighPriorityOctets'),
    u32('dot12InNormPriorityFrames'),
    u64('dot12InNormPriorityOctets'),
    ...words('dot12InIPMErrors dot12InOversizeFrameErrors dot12InDataErrors dot12InNullAddressedFrames'),
    u32('dot12OutHighPriorityFrames'),
    u64('dot12OutHighPriorityOctets'),
    u32('dot12TransitionIntoTrainings'),
    u64('dot12HCInHighPriorityOctets'),
    u64('dot12HCInNormPriorityOctets'),
    u64('dot12HCOutHighPriorityOctets'),
  ]),
  counter(5, 'vlan_counters', V5, [
    u32('vlanId'),
    u64('octets'),
    ...words('unicastPackets multicastPackets broadcastPackets discards'),
  ]),
  counter(
    6,
    'ieee80211_counters',
    WIRELESS,
    words(
      'dot11TransmittedFragmentCount dot11MulticastTransmittedFrameCount dot11FailedCount dot11RetryCount ' +
        'dot11MultipleRetryCount dot11FrameDuplicateCount dot11RTSSuccessCount dot11RTSFailureCount ' +
        'dot11ACKFailureCount dot11ReceivedFragmentCount dot11MulticastReceivedFrameCount dot11FCSErrorCount ' +
        'dot11TransmittedFrameCount dot11WEPUndecryptableCount dot11QoSDiscardedFragmentCount ' +
        'dot11AssociatedStationCount dot11QoSCFPollsReceivedCount dot11QoSCFPollsUnusedCount ' +
        'dot11QoSCFPollsUnusableCount dot11QoSCFPollsLostCount',
    ),
  ),
  counter(7, 'lag_port_stats', 'sFlow LAG Counters Structure', [
    mac('dot3adAggPortActorSystemID'),
    mac('dot3adAggPortPartnerOperSystemID'),
    u32('dot3adAggPortAttachedAggID'),
    field('dot3adAggPortState', { bytes: 4 }, 'actor admin, actor oper, partner admin, partner oper'),
    ...words(
      'dot3adAggPortStatsLACPDUsRx dot3adAggPortStatsMarkerPDUsRx dot3adAggPortStatsMarkerResponsePDUsRx ' +
        'dot3adAggPortStatsUnknownRx dot3adAggPortStatsIllegalRx dot3adAggPortStatsLACPDUsTx ' +
        'dot3adAggPortStatsMarkerPDUsTx dot3adAggPortStatsMarkerResponsePDUsTx',
    ),
  ]),
  counter(8, 'slow_path_counts', 'sFlow discussion', [
    u32('unknown'),
    u32('other'),
    u32('camMiss'),
    u32('camFull'),
    u32('noHardwareSupport'),
    u32('control'),
  ]),
  counter(9, 'ib_counters', 'sFlow InfiniBand Structures', [
    u64('portXmitPkts'),
    u64('portRcvPkts'),
    ...words(
      'symbolErrorCounter linkErrorRecoveryCounter linkDownedCounter portRcvErrors ' +
        'portRcvRemotePhysicalErrors portRcvSwitchRelayErrors portXmitDiscards portXmitConstraintErrors ' +
        'portRcvConstraintErrors localLinkIntegrityErrors excessiveBufferOverrunErrors vl15Dropped',
    ),
  ]),
  counter(10, 'sfp', 'sFlow Optical Interface Structures', [
    u32('moduleId'),
    u32('moduleNumLanes', 'lanes in the module'),
    u32('moduleSupplyVoltage', 'mV'),
    i32('moduleTemperature', '1/1000 °C'),
    array('lanes', [
      u32('index', 'from 1'),
      u32('txBiasCurrent', 'µA'),
      u32('txPower', 'µW'),
      u32('txPowerMin', 'µW'),
      u32('txPowerMax', 'µW'),
      u32('txWavelength', 'nm'),
      u32('rxPower', 'µW'),
      u32('rxPowerMin', 'µW'),
      u32('rxPowerMax', 'µW'),
      u32('rxWavelength', 'nm'),
    ]),
  ]),
  counter(1002, 'radio_utilization', WIRELESS, [
    u32('elapsedTime', 'ms'),
    u32('onChannelTime', 'ms'),
    u32('onChannelBusyTime', 'ms'),
  ]),
  counter(1003, 'queue_length', 'sFlow for queue length monitoring', [
    u32('queueIndex', 'of the queue within the port'),
    u32('segmentSize', 'bytes'),
    u32('queueSegments', 'segments that the queue has'),
    u32('queueLength0', 'packets that found the queue empty'),
    u32('queueLength1', 'packets that found one segment'),
    u32('queueLength2', 'packets that found up to 2 segments, and so on'),
    ...words('queueLength4 queueLength8 queueLength32 queueLength128 queueLength1024'),
    u32('queueLengthMore', 'packets that found more than 1024 segments'),
    u32('dropped', 'packets'),
  ]),
  counter(1004, 'of_port', 'sFlow OpenFlow Structures', [
    u64('datapathId'),
    u32('portNumber', 'with the reserved numbers of OpenFlow 1.1'),
  ]),
  counter(1005, 'port_name', 'sFlow OpenFlow Structures', [text('name', 'ifName')]),
];
