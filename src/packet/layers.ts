/**
 * Layers that the key `stack` shows; clients compare that text, so this list and what is found in it are fixed by the
 * contract (rest-api 5.1).
 */
const SHOWN_LAYER_NAMES = [
  'eth',
  'q',
  'llc',
  'arp',
  'ip',
  'ip6',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'esp',
  'gre',
  'mpls',
  'pw',
  'vxlan',
  'vxlangpe',
  'geneve',
  'gtp',
  'dns',
  'dhcp',
  'ntp',
  'ssdp',
  'http',
  'trill',
  'pbb',
  'slow',
  'fc',
  'ibgr',
  'ibbt',
  'lldp',
  'nsh',
] as const;

/** Layers beyond the contract: they give keys and offsets, but neither they nor what lies behind them are in `stack`. */
const FURTHER_LAYER_NAMES = [
  'sctp',
  'ah',
  'igmp',
  'pppoe',
  'ppp',
  'l2tp',
  'erspan',
  'quic',
  'tls',
  'mdns',
  'lacp',
  'ospf',
  'pim',
  'vrrp',
  'macsec',
  'ptp',
  'dhcp6',
  'bfd',
  'rip',
] as const;

/**
 * The layers the dissector knows. The text is the one shown in the key `stack` and used to name a layer's
 * offset key (`ip_offset`). Order is the layer's number.
 */
export const LAYER_NAMES = [...SHOWN_LAYER_NAMES, ...FURTHER_LAYER_NAMES] as const;

export type LayerName = (typeof LAYER_NAMES)[number];

/** Number of a layer by its name. */
export const LAYER: Readonly<Record<LayerName, number>> = Object.freeze(
  Object.fromEntries(LAYER_NAMES.map((name, number) => [name, number])) as Record<LayerName, number>,
);

/** How many layer numbers, from 0, `stack` shows. */
const SHOWN_LAYERS = SHOWN_LAYER_NAMES.length;

/**
 * Bytes of a layer that are certainly captured when it is in the table, counted from its first byte: its fixed header.
 * Application layers that are known by their port alone are entered whenever there is a payload.
 */
export const LAYER_BYTES: Readonly<Record<LayerName, number>> = Object.freeze({
  eth: 14,
  /** Tag control information and the EtherType behind it. */
  q: 4,
  llc: 3,
  /** Ethernet and IPv4 addresses; others are not entered. */
  arp: 28,
  ip: 20,
  ip6: 40,
  tcp: 20,
  udp: 8,
  icmp: 8,
  icmp6: 8,
  esp: 8,
  gre: 4,
  /** One label stack entry. */
  mpls: 4,
  /** The control word. */
  pw: 4,
  vxlan: 8,
  vxlangpe: 8,
  geneve: 8,
  gtp: 8,
  dns: 12,
  dhcp: 1,
  ntp: 1,
  ssdp: 1,
  http: 4,
  trill: 6,
  pbb: 4,
  slow: 1,
  /** The Fibre Channel frame header, behind the FCoE header. */
  fc: 24,
  ibgr: 40,
  ibbt: 12,
  lldp: 2,
  nsh: 8,
  sctp: 12,
  ah: 12,
  igmp: 8,
  pppoe: 6,
  /** The protocol field, one or two bytes. */
  ppp: 2,
  l2tp: 4,
  erspan: 8,
  quic: 1,
  tls: 5,
  mdns: 12,
  /** From the version number, which follows the slow protocol's subtype, to the partner's state. */
  lacp: 38,
  ospf: 16,
  pim: 4,
  vrrp: 8,
  macsec: 6,
  ptp: 34,
  dhcp6: 4,
  bfd: 24,
  rip: 4,
});

/** How many occurrences of one layer are addressable: `ipsource`, `ipsource.1`, … `ipsource.3`. */
export const MAX_OCCURRENCES = 4;

/** How many layers of one packet are decoded; what is deeper is left. */
export const MAX_LAYERS = 24;

/**
 * Values that are found while walking the layers and cannot be read at a fixed place of one layer. One per layer
 * occurrence, like the offsets.
 */
export const SLOT_NAMES = [
  /** EtherType behind all tags of an Ethernet header (or the length field of an 802.3 frame). */
  'ethernetType',
  /** Upper-layer protocol of an IPv6 packet, behind its extension headers. */
  'ip6Upper',
  /** First extension header's type (0 hop-by-hop, 44 fragment, …), -1 when there is none. */
  'ip6FirstExtension',
  /** Byte offset of an IPv6 fragment header, -1 when there is none. */
  'ip6FragmentOffset',
  /** Number of label stack entries of an MPLS stack that were captured whole. */
  'mplsDepth',
] as const;
export type SlotName = (typeof SLOT_NAMES)[number];
export const SLOT: Readonly<Record<SlotName, number>> = Object.freeze(
  Object.fromEntries(SLOT_NAMES.map((name, number) => [name, number])) as Record<SlotName, number>,
);

/** The layer whose occurrence counts for a slot. */
export const SLOT_LAYER: Readonly<Record<SlotName, LayerName>> = Object.freeze({
  ethernetType: 'eth',
  ip6Upper: 'ip6',
  ip6FirstExtension: 'ip6',
  ip6FragmentOffset: 'ip6',
  mplsDepth: 'mpls',
});

/**
 * Where the layers of one sampled header begin. One table is filled again and again: nothing is allocated per
 * packet. A layer is entered only when its fixed header (LAYER_BYTES) lies whole inside the captured bytes, so fields
 * of the fixed header may be read without a further check; anything of variable length is checked against `end`.
 */
export class LayerTable {
  /** `at[layer * MAX_OCCURRENCES + occurrence]`: byte offset of the layer's first byte, -1 when absent. */
  readonly at = new Int32Array(LAYER_NAMES.length * MAX_OCCURRENCES).fill(-1);
  /** `slots[slot * MAX_OCCURRENCES + occurrence]`, valid only when the layer occurrence is present. */
  readonly slots = new Int32Array(SLOT_NAMES.length * MAX_OCCURRENCES);
  /** Layers in packet order; the first `count` entries are valid. */
  readonly order = new Uint8Array(MAX_LAYERS);
  /** Addressable occurrences of each layer. */
  readonly seen = new Uint8Array(LAYER_NAMES.length);
  count = 0;
  /** The bytes the offsets refer to, and the extent of the captured header in them. */
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;

  /** Where the dissector stands: the byte offset of the next layer. */
  cursor = 0;
  /** No layer reaches beyond this: `end`, or the end of the innermost IP packet when padding follows it. */
  limit = 0;

  /** Forget the previous packet. Cost is proportional to the layers it had. */
  reset(bytes: Uint8Array, end: number, start = 0): void {
    for (let i = 0; i < this.count; i++) {
      const layer = this.order[i];
      const base = layer * MAX_OCCURRENCES;
      for (let k = this.seen[layer] - 1; k >= 0; k--) this.at[base + k] = -1;
      this.seen[layer] = 0;
    }
    this.count = 0;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.cursor = start;
    this.limit = end;
  }

  /**
   * Enter a layer at byte `offset`. Returns its occurrence (0 for the first), or -1 when the table is full or the
   * layer has occurred MAX_OCCURRENCES times already (then only `order` and `count` know of it).
   */
  enter(layer: number, offset: number): number {
    if (this.count >= MAX_LAYERS) return -1;
    this.order[this.count++] = layer;
    const occurrence = this.seen[layer];
    if (occurrence >= MAX_OCCURRENCES) return -1;
    this.seen[layer] = occurrence + 1;
    this.at[layer * MAX_OCCURRENCES + occurrence] = offset;
    return occurrence;
  }

  /** Set a walked value of a layer occurrence. */
  setSlot(slot: number, occurrence: number, value: number): void {
    if (occurrence >= 0) this.slots[slot * MAX_OCCURRENCES + occurrence] = value;
  }

  /** Which occurrence of a layer begins at byte `offset`, -1 when none does. */
  occurrenceAt(layer: number, offset: number): number {
    const base = layer * MAX_OCCURRENCES;
    for (let k = 0; k < this.seen[layer]; k++) if (this.at[base + k] === offset) return k;
    return -1;
  }

  /** Byte offset of the innermost occurrence of a layer that begins before `offset`, -1 when none does. */
  nearestBefore(layer: number, offset: number): number {
    const base = layer * MAX_OCCURRENCES;
    let nearest = -1;
    for (let k = 0; k < this.seen[layer]; k++) {
      const at = this.at[base + k];
      if (at < offset && at > nearest) nearest = at;
    }
    return nearest;
  }

  /**
   * The key `stack`: dot-joined names in packet order (`eth.ip.tcp`) up to the first layer that is not in the
   * contract's list, since clients compare this text: AH stays `eth.ip` though the layers behind it are in the table.
   * Allocates; for answers, not for the hot path.
   */
  stack(): string {
    let text = '';
    for (let i = 0; i < this.count && this.order[i] < SHOWN_LAYERS; i++) {
      text += (i === 0 ? '' : '.') + LAYER_NAMES[this.order[i]];
    }
    return text;
  }

  /** Names of all layers in packet order, those that `stack` leaves out included. Allocates. */
  names(): LayerName[] {
    return Array.from(this.order.subarray(0, this.count), (layer) => LAYER_NAMES[layer]);
  }
}

const EMPTY = new Uint8Array(0);
