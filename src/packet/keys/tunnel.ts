import { u16, u32 } from '../../common/index.ts';
import { LAYER, type LayerTable } from '../layers.ts';
import { layerKeys, number, type PacketKey, uint } from '../packet-key.ts';

const GRE_CHECKSUM_OR_ROUTING = 0xc000;
const GRE_KEY = 0x2000;

/** The key field of GRE, NaN when there is none. */
function greKey(bytes: Uint8Array, at: number, end: number): number {
  const flags = u16(bytes, at);
  const key = at + ((flags & GRE_CHECKSUM_OR_ROUTING) !== 0 ? 8 : 4);
  return (flags & GRE_KEY) !== 0 && key + 4 <= end ? u32(bytes, key) : Number.NaN;
}

const L2TP_CONTROL = 0x8000;
const L2TP_LENGTH = 0x4000;
const UDP_HEADER = 8;

/** Version 3 directly over IP has no version field. */
function l2tpVersion(bytes: Uint8Array, at: number, layers: LayerTable): number {
  return layers.occurrenceAt(LAYER.udp, at - UDP_HEADER) < 0 ? 3 : bytes[at + 1] & 15;
}

function l2tpTunnel(bytes: Uint8Array, at: number, end: number, layers: LayerTable): number {
  if (l2tpVersion(bytes, at, layers) === 2) return u16(bytes, at + l2tpIdentifiers(bytes, at));
  if (layers.occurrenceAt(LAYER.udp, at - UDP_HEADER) >= 0) {
    return (bytes[at] & 0x80) !== 0 ? u32(bytes, at + 4) : Number.NaN;
  }
  return u32(bytes, at) === 0 && at + 12 <= end ? u32(bytes, at + 8) : Number.NaN;
}

function l2tpSession(bytes: Uint8Array, at: number, _end: number, layers: LayerTable): number {
  if (l2tpVersion(bytes, at, layers) === 2) return u16(bytes, at + l2tpIdentifiers(bytes, at) + 2);
  if (layers.occurrenceAt(LAYER.udp, at - UDP_HEADER) >= 0) {
    return (u16(bytes, at) & L2TP_CONTROL) === 0 ? u32(bytes, at + 4) : Number.NaN;
  }
  return u32(bytes, at) === 0 ? Number.NaN : u32(bytes, at);
}

/** Where tunnel and session of version 2 stand: behind the length when there is one. */
function l2tpIdentifiers(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) & L2TP_LENGTH) !== 0 ? 4 : 2;
}

/** Layers that carry other packets. */
export const TUNNEL_KEYS: readonly PacketKey[] = [
  ...layerKeys('gre', {
    greprotocoltype: [uint(2, 2), 'EtherType of what GRE carries.'],
    greversion: [uint(1, 1, 0, 7), 'GRE version.'],
    grevsid: [
      number((bytes, at, end) => Math.floor(greKey(bytes, at, end) / 256)),
      'Virtual subnet of NVGRE: the upper 24 bits of the key.',
    ],
    greflowid: [
      number((bytes, at, end) => greKey(bytes, at, end) % 256),
      'Flow of NVGRE: the lower 8 bits of the key.',
    ],
  }),
  ...layerKeys('vxlan', { vxlanvni: [uint(4, 3), 'VXLAN network identifier.'] }),
  ...layerKeys('vxlangpe', { vxlangpevni: [uint(4, 3), 'VXLAN-GPE network identifier.'] }),
  ...layerKeys('geneve', {
    geneveprotocoltype: [uint(2, 2), 'EtherType of what Geneve carries.'],
    genevevni: [uint(4, 3), 'Geneve network identifier.'],
  }),
  ...layerKeys('gtp', {
    gtpversion: [uint(0, 1, 5), 'GTP version.'],
    gtpmsgtype: [uint(1, 1), 'GTP message type; 255 carries a packet.'],
    gtpmsglength: [uint(2, 2), 'Bytes behind the fixed header.'],
    gtptied: [uint(4, 4), 'Tunnel endpoint identifier.'],
  }),
  ...layerKeys('nsh', {
    nshspi: [uint(4, 3), 'Service path identifier.'],
    nshsi: [uint(7, 1), 'Service index.'],
  }),
  ...layerKeys('trill', {
    trillingress: [uint(4, 2), 'Nickname of the ingress RBridge.'],
    trillegress: [uint(2, 2), 'Nickname of the egress RBridge.'],
  }),
  ...layerKeys('pbb', { pbbisid: [uint(1, 3), 'Backbone service instance identifier.'] }),
  ...layerKeys('l2tp', {
    l2tpversion: [
      number((bytes, at, _end, layers) => l2tpVersion(bytes, at, layers)),
      'L2TP version, 2 or 3.',
    ],
    l2tptunnel: [number(l2tpTunnel), 'Tunnel; the control connection of version 3 control messages.'],
    l2tpsession: [number(l2tpSession), 'Session; version 3 control messages have none.'],
  }),
  ...layerKeys('erspan', {
    erspansession: [uint(2, 2, 0, 0x3ff), 'ERSPAN session.'],
    erspanvlan: [uint(0, 2, 0, 0xfff), 'VLAN of the mirrored frame.'],
  }),
];
