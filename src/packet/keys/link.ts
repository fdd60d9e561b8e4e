import { hex, u16, u32 } from '../../common/index.ts';
import { bits8, fibreChannelAddress, flag, hexText, notFlag } from '../formats.ts';
import { LAYER, type LayerTable, MAX_OCCURRENCES, SLOT } from '../layers.ts';
import { ipv4, layerKeys, mac, number, type PacketKey, shown, slot, text, uint } from '../packet-key.ts';

const SNAP = 0xaa;

function isBroadcast(bytes: Uint8Array, at: number): boolean {
  return u16(bytes, at) === 0xffff && u32(bytes, at + 2) === 0xffffffff;
}

function isMulticast(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] & 1) !== 0 && !isBroadcast(bytes, at);
}

function hasSnap(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 8 <= end && bytes[at] === SNAP && bytes[at + 1] === SNAP;
}

/** More labels than any network stacks; a header full of them makes no endless key. */
const MAX_LABELS = 16;

function labels(bytes: Uint8Array, at: number, layers: LayerTable): string | undefined {
  const occurrence = layers.occurrenceAt(LAYER.mpls, at);
  if (occurrence < 0) return undefined;
  const depth = Math.min(layers.slots[SLOT.mplsDepth * MAX_OCCURRENCES + occurrence], MAX_LABELS);
  let joined = String(u32(bytes, at) >>> 12);
  for (let i = 1; i < depth; i++) joined += `-${u32(bytes, at + 4 * i) >>> 12}`;
  return joined;
}

/** Ethernet, tags and what stands next to IP behind an EtherType. */
export const LINK_KEYS: readonly PacketKey[] = [
  ...layerKeys('eth', {
    macsource: [mac(6), 'Source MAC address, twelve upper-case hexadecimal digits.'],
    macdestination: [mac(0), 'Destination MAC address.'],
    ethernetprotocol: [slot('ethernetType'), 'EtherType behind all VLAN tags; the length of an 802.3 frame.'],
    isunicast: [shown(notFlag, 0, 1, 0, 1), '`true` when the destination MAC address is of one station.'],
    ismulticast: [
      text((bytes, at) => String(isMulticast(bytes, at))),
      '`true` when it is of a group other than broadcast.',
    ],
    isbroadcast: [
      text((bytes, at) => String(isBroadcast(bytes, at))),
      '`true` when it is the broadcast address.',
    ],
  }),
  ...layerKeys('q', {
    vlan: [uint(0, 2, 0, 0xfff), 'VLAN identifier of an 802.1Q tag, outermost first.'],
    priority: [uint(0, 1, 5), 'Priority code point of an 802.1Q tag.'],
  }),
  ...layerKeys('llc', {
    llcbytes: [number((bytes, at) => u16(bytes, at - 2)), 'Length field of an 802.3 frame.'],
    llcdsap: [uint(0, 1), 'Destination service access point.'],
    llcssap: [uint(1, 1), 'Source service access point.'],
    llcctl: [uint(2, 1), 'Control field (its first byte).'],
    llcsnapoui: [
      text((bytes, at, end) => (hasSnap(bytes, at, end) ? hex(u32(bytes, at + 2) & 0xffffff, 6) : undefined)),
      'SNAP organization, six upper-case hexadecimal digits.',
    ],
    llcsnapprotocol: [
      number((bytes, at, end) => (hasSnap(bytes, at, end) ? u16(bytes, at + 6) : Number.NaN)),
      'SNAP protocol.',
    ],
  }),
  ...layerKeys('arp', {
    arphardwaretype: [uint(0, 2), 'Hardware type; 1 is Ethernet.'],
    arpprotocoltype: [uint(2, 2), 'Protocol type; 2048 is IPv4.'],
    arpoperation: [uint(6, 2), '1 request, 2 reply.'],
    arpmacsender: [mac(8), 'MAC address of the sender.'],
    arpipsender: [ipv4(14), 'IPv4 address of the sender.'],
    arpmactarget: [mac(18), 'MAC address of the target.'],
    arpiptarget: [ipv4(24), 'IPv4 address of the target.'],
  }),
  ...layerKeys('mpls', {
    mplslabels: [
      text((bytes, at, _end, layers) => labels(bytes, at, layers)),
      'Labels, outermost first, joined by `-`; sixteen at most.',
    ],
  }),
  ...layerKeys('pw', { pwseqno: [uint(2, 2), 'Sequence number of the pseudowire control word.'] }),
  ...layerKeys('fc', {
    fcsource: [shown(fibreChannelAddress, 5, 3), 'Fibre Channel source, three decimal bytes: `4.5.6`.'],
    fcdestination: [shown(fibreChannelAddress, 1, 3), 'Fibre Channel destination.'],
  }),
  ...layerKeys('slow', { slowsubtype: [uint(0, 1), 'Slow protocol: 1 LACP, 2 marker, 3 OAM, 10 OSSP.'] }),
  ...layerKeys('lacp', {
    lacpactorpriority: [uint(3, 2), 'System priority of the sender.'],
    lacpactorsystem: [mac(5), 'System of the sender, a MAC address.'],
    lacpactorkey: [uint(11, 2), 'Aggregation key of the sender.'],
    lacpactorport: [uint(15, 2), 'Port of the sender.'],
    lacpactorstate: [shown(bits8, 17, 1), 'State of the sender, eight bits (activity is the last).'],
    lacppartnerpriority: [uint(23, 2), 'System priority of the partner as the sender knows it.'],
    lacppartnersystem: [mac(25), 'System of the partner.'],
    lacppartnerkey: [uint(31, 2), 'Aggregation key of the partner.'],
    lacppartnerport: [uint(35, 2), 'Port of the partner.'],
    lacppartnerstate: [shown(bits8, 37, 1), 'State of the partner.'],
  }),
  ...layerKeys('pppoe', {
    pppoecode: [uint(1, 1), 'PPPoE code: 0 session data, 9 PADI, 7 PADO, 25 PADR, 101 PADS, 167 PADT.'],
    pppoesession: [uint(2, 2), 'PPPoE session.'],
  }),
  ...layerKeys('ppp', {
    pppprotocol: [
      number((bytes, at) => ((bytes[at] & 1) !== 0 ? bytes[at] : u16(bytes, at))),
      'PPP protocol; 33 is IPv4, 87 IPv6.',
    ],
  }),
  ...layerKeys('macsec', {
    macsecan: [uint(0, 1, 0, 3), 'MACsec association number.'],
    macsecencrypted: [shown(flag, 0, 1, 3, 1), '`true` when the payload is encrypted.'],
    macsecpn: [uint(2, 4), 'MACsec packet number.'],
    macsecsci: [
      text((bytes, at, end) =>
        (bytes[at] & 0x20) !== 0 && at + 14 <= end ? hexText(bytes, at + 6, at + 14) : undefined,
      ),
      'MACsec secure channel, sixteen hexadecimal digits, when the packet has it.',
    ],
  }),
  ...layerKeys('ptp', {
    ptpmessagetype: [
      uint(0, 1, 0, 15),
      'PTP message: 0 Sync, 1 Delay_Req, 8 Follow_Up, 9 Delay_Resp, 11 Announce.',
    ],
    ptpdomain: [uint(4, 1), 'PTP domain.'],
    ptpseqno: [uint(30, 2), 'PTP sequence number.'],
  }),
];
