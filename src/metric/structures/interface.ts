import { ifAdminStatusName, ifDirectionName, ifOperStatusName, ifTypeName } from '../enumerations.ts';
import { bits, decimal, hex64, macLabel, named } from '../label.ts';
import { counter, each, gauge, operand, perGrowth, ratio, type StructureRules, sum, text } from '../rule.ts';

/** Interfaces, ports and their modules. */
export const INTERFACE: readonly StructureRules[] = [
  {
    structure: 'if_counters',
    fields: {
      ifIndex: decimal('ifindex'),
      ifType: named('iftype', ifTypeName),
      ifSpeed: gauge('ifspeed'),
      ifDirection: named('ifdirection', ifDirectionName),
      ifStatus: [named('ifadminstatus', ifAdminStatusName), named('ifoperstatus', ifOperStatusName)],
      ...each(
        counter,
        'if',
        `ifInOctets inoctets ifInUcastPkts inucastpkts ifInMulticastPkts inmulticastpkts
        ifInBroadcastPkts inbroadcastpkts ifInDiscards indiscards ifInErrors inerrors
        ifInUnknownProtos inunknownprotos ifOutOctets outoctets ifOutUcastPkts outucastpkts
        ifOutMulticastPkts outmulticastpkts ifOutBroadcastPkts outbroadcastpkts ifOutDiscards outdiscards
        ifOutErrors outerrors`,
      ),
    },
    derived: [
      sum('ifinpkts', ['ifinucastpkts', 'ifinmulticastpkts', 'ifinbroadcastpkts']),
      sum('ifoutpkts', ['ifoutucastpkts', 'ifoutmulticastpkts', 'ifoutbroadcastpkts']),
      // bytes per second to percent of bits per second
      ratio('ifinutilization', 'ifinoctets', ['ifspeed'], 800),
      ratio('ifoututilization', 'ifoutoctets', ['ifspeed'], 800),
    ],
  },
  {
    structure: 'ethernet_counters',
    fields: each(
      counter,
      'eth_',
      `dot3StatsAlignmentErrors alignmenterrors dot3StatsFCSErrors fcserrors
      dot3StatsSingleCollisionFrames singlecollisions dot3StatsMultipleCollisionFrames multiplecollisions
      dot3StatsSQETestErrors sqetesterrors dot3StatsDeferredTransmissions deferredtx
      dot3StatsLateCollisions latecollisions dot3StatsExcessiveCollisions excessivecollisions
      dot3StatsInternalMacTransmitErrors internalmactxerrors dot3StatsCarrierSenseErrors carriersenseerrors
      dot3StatsFrameTooLongs toolongs dot3StatsInternalMacReceiveErrors internalmacrxerrors
      dot3StatsSymbolErrors symbolerrors`,
    ),
    derived: [],
  },
  {
    structure: 'ieee80211_counters',
    fields: {
      ...each(
        counter,
        'wifi_',
        `dot11TransmittedFragmentCount txfragments dot11MulticastTransmittedFrameCount txmulticasts
        dot11FailedCount failures dot11RetryCount retries dot11MultipleRetryCount multiretries
        dot11FrameDuplicateCount duplicates dot11RTSSuccessCount rtssuccesses dot11RTSFailureCount rtsfailures
        dot11ACKFailureCount ackfailures dot11ReceivedFragmentCount rxfragments
        dot11MulticastReceivedFrameCount rxmulticasts dot11FCSErrorCount fcserrors
        dot11TransmittedFrameCount txframes dot11WEPUndecryptableCount wepunencryptable
        dot11QoSDiscardedFragmentCount qosdiscardedfragments dot11QoSCFPollsReceivedCount qoscfprx
        dot11QoSCFPollsUnusedCount qoscfpunused dot11QoSCFPollsUnusableCount qoscfpunuseable
        dot11QoSCFPollsLostCount qoscfplost`,
      ),
      dot11AssociatedStationCount: gauge('wifi_associations'),
    },
    derived: [],
  },
  {
    structure: 'lag_port_stats',
    fields: {
      dot3adAggPortActorSystemID: macLabel('agg_actorsystemid'),
      dot3adAggPortPartnerOperSystemID: macLabel('agg_partneropersystemid'),
      dot3adAggPortAttachedAggID: decimal('agg_attachedaggid'),
      dot3adAggPortState: [
        bits('agg_actoradminstate', 0),
        bits('agg_actoroperstate', 1),
        bits('agg_partneradminstate', 2),
        bits('agg_partneroperstate', 3),
      ],
      ...each(
        counter,
        'agg_',
        `dot3adAggPortStatsLACPDUsRx lacpdusrx dot3adAggPortStatsMarkerPDUsRx markerpdusrx
        dot3adAggPortStatsMarkerResponsePDUsRx markerresponsepdusrx dot3adAggPortStatsUnknownRx unknownrx
        dot3adAggPortStatsIllegalRx illegalrx dot3adAggPortStatsLACPDUsTx lacpdustx
        dot3adAggPortStatsMarkerPDUsTx markerpdustx dot3adAggPortStatsMarkerResponsePDUsTx markerresponsepdustx`,
      ),
    },
    derived: [],
  },
  {
    structure: 'sfp',
    fields: each(
      gauge,
      'opt_module_',
      'moduleId id moduleNumLanes lanes moduleSupplyVoltage voltage moduleTemperature temperature',
    ),
    derived: [],
    elements: {
      field: 'lanes',
      count: 'opt_num_lanes',
      gauges: {
        index: 'opt_index',
        txBiasCurrent: 'opt_tx_bias_current',
        txPower: 'opt_tx_power',
        txPowerMin: 'opt_tx_power_min',
        txPowerMax: 'opt_tx_power_max',
        txWavelength: 'opt_tx_wavelength',
        rxPower: 'opt_rx_power',
        rxPowerMin: 'opt_rx_power_min',
        rxPowerMax: 'opt_rx_power_max',
        rxWavelength: 'opt_rx_wavelength',
      },
    },
  },
  {
    structure: 'radio_utilization',
    fields: each(operand, '', 'elapsedTime elapsed onChannelTime onChannel onChannelBusyTime busy'),
    derived: [
      perGrowth('radio_on_channel', 'onChannel', ['elapsed'], 100),
      perGrowth('radio_on_channel_busy', 'busy', ['elapsed'], 100),
    ],
  },
  {
    structure: 'of_port',
    fields: { datapathId: hex64('of_dpid'), portNumber: decimal('of_port') },
    derived: [],
  },
  { structure: 'port_name', fields: { name: text('ifname') }, derived: [] },
];
