import type { Structure, StructureField } from '../schema.ts';
import { array, field, flow, mac, text, u32, u64 } from './fields.ts';

const SOURCE = 'sFlow 802.11 Structures';

const RADIO: readonly StructureField[] = [
  text('ssid'),
  mac('bssid'),
  u32('version', '1 802.11a, 2 802.11b, 3 802.11g, 4 802.11n'),
];

/** Frames on a wireless link. */
export const WIRELESS: readonly Structure[] = [
  flow(1013, 'extended_80211_payload', SOURCE, [
    u32('cipherSuite', 'OUI in the upper 24 bits, suite type in the lower 8'),
    field('data', 'opaque', 'bytes of the payload before encryption'),
  ]),
  flow(1014, 'extended_80211_rx', SOURCE, [
    ...RADIO,
    u32('channel'),
    u64('speed', 'bits per second'),
    u32('rsni', 'received signal to noise ratio'),
    u32('rcpi', 'received channel power'),
    u32('packetDuration', 'µs'),
  ]),
  flow(1015, 'extended_80211_tx', SOURCE, [
    ...RADIO,
    u32('transmissions', '0 unknown, 1 sent once, n: n-1 retransmissions'),
    u32('packetDuration', 'µs that the successful transmission took'),
    u32('retransmissionDuration', 'µs that failed attempts took'),
    u32('channel'),
    u64('speed', 'bits per second'),
    u32('power', 'mW'),
  ]),
  flow(1016, 'extended_80211_aggregation', SOURCE, [
    array(
      'pdus',
      [field('flowRecords', { records: 'flow' })],
      'the aggregated frames, each with its records',
    ),
  ]),
];
