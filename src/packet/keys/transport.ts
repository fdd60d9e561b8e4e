import { u16 } from '../../common/index.ts';
import { bits9 } from '../formats.ts';
import { LAYER, type LayerTable } from '../layers.ts';
import { layerKeys, number, type PacketKey, shown, uint } from '../packet-key.ts';

/** First byte behind the IP packet that carries the layer at `at`, by that packet's own length; NaN when it gives none. */
function internetEnd(bytes: Uint8Array, at: number, layers: LayerTable): number {
  const ip = layers.nearestBefore(LAYER.ip, at);
  const ip6 = layers.nearestBefore(LAYER.ip6, at);
  const length = ip > ip6 ? u16(bytes, ip + 2) : ip6 >= 0 ? u16(bytes, ip6 + 4) : 0;
  if (length === 0) return Number.NaN;
  return ip > ip6 ? ip + length : ip6 + 40 + length;
}

function tcpPayload(bytes: Uint8Array, at: number, _end: number, layers: LayerTable): number {
  const payload = internetEnd(bytes, at, layers) - at - (bytes[at + 12] >>> 4) * 4;
  return payload >= 0 ? payload : Number.NaN;
}

/** TCP, UDP and SCTP. */
export const TRANSPORT_KEYS: readonly PacketKey[] = [
  ...layerKeys('tcp', {
    tcpsourceport: [uint(0, 2), 'TCP source port.'],
    tcpdestinationport: [uint(2, 2), 'TCP destination port.'],
    tcpflags: [shown(bits9, 12, 2, 0, 0x1ff), 'Flags, nine bits: NS CWR ECE URG ACK PSH RST SYN FIN.'],
    tcpseqno: [uint(4, 4), 'Sequence number.'],
    tcpackno: [uint(8, 4), 'Acknowledgement number.'],
    tcpoffset: [uint(12, 1, 4), 'Data offset, in words of four bytes.'],
    tcpwindow: [uint(14, 2), 'Window as sent, unscaled.'],
    tcppayloadbytes: [number(tcpPayload), 'Bytes of payload: the IP packet’s length without headers.'],
  }),
  ...layerKeys('udp', {
    udpsourceport: [uint(0, 2), 'UDP source port.'],
    udpdestinationport: [uint(2, 2), 'UDP destination port.'],
    udpbytes: [uint(4, 2), 'UDP length with header, bytes.'],
  }),
  ...layerKeys('sctp', {
    sctpsourceport: [uint(0, 2), 'SCTP source port.'],
    sctpdestinationport: [uint(2, 2), 'SCTP destination port.'],
    sctpverificationtag: [uint(4, 4), 'Verification tag.'],
    sctpchunktype: [
      number((bytes, at, end) => (at + 12 < end ? bytes[at + 12] : Number.NaN)),
      'Type of the first chunk: 0 DATA, 1 INIT, 2 INIT ACK, 3 SACK.',
    ],
  }),
];
