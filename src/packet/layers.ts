/**
 * The layers the dissector knows. The text is the one shown in the key `stack` and used to name a layer's
 * offset key (`ip_offset`). Order is the layer's number.
 */
export const LAYER_NAMES = [
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
  'snap',
] as const; // prettier-ignore

export type LayerName = (typeof LAYER_NAMES)[number];

/** Number of a layer by its name. */
export const LAYER: Readonly<Record<LayerName, number>> = Object.freeze(
  Object.fromEntries(LAYER_NAMES.map((name, number) => [name, number])) as Record<LayerName, number>,
);

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
  /** Number of bytes of IPv6 extension headers. */
  'ip6ExtensionBytes',
  /** First extension header's type (0 hop-by-hop, 44 fragment, …), -1 when there is none. */
  'ip6FirstExtension',
  /** Byte offset of an IPv6 fragment header, -1 when there is none. */
  'ip6FragmentOffset',
  /** Number of label stack entries of an MPLS stack. */
  'mplsDepth',
] as const;
export type SlotName = (typeof SLOT_NAMES)[number];
export const SLOT: Readonly<Record<SlotName, number>> = Object.freeze(
  Object.fromEntries(SLOT_NAMES.map((name, number) => [name, number])) as Record<SlotName, number>,
);

/**
 * Where the layers of one sampled header begin. One table is filled again and again: nothing is allocated per
 * packet. A layer is entered only when its fixed header lies whole inside the captured bytes, so fields of the
 * fixed header may be read without a further check; anything of variable length is checked against `end`.
 */
export class LayerTable {
  /** `at[layer * MAX_OCCURRENCES + occurrence]`: byte offset of the layer's first byte, -1 when absent. */
  readonly at = new Int32Array(LAYER_NAMES.length * MAX_OCCURRENCES).fill(-1);
  /** `slots[slot * MAX_OCCURRENCES + occurrence]`, valid only when the layer occurrence is present. */
  readonly slots = new Int32Array(SLOT_NAMES.length * MAX_OCCURRENCES);
  /** Layers in packet order; the first `count` entries are valid. */
  readonly order = new Uint8Array(MAX_LAYERS);
  /** Occurrences seen of each layer. */
  readonly seen = new Uint8Array(LAYER_NAMES.length);
  count = 0;
  /** The bytes the offsets refer to, and the end of the captured header in them. */
  bytes: Uint8Array = EMPTY;
  end = 0;

  /** Forget the previous packet. Cost is proportional to the layers it had. */
  reset(bytes: Uint8Array, end: number): void {
    for (let i = 0; i < this.count; i++) {
      const layer = this.order[i];
      const base = layer * MAX_OCCURRENCES;
      for (let k = Math.min(this.seen[layer], MAX_OCCURRENCES) - 1; k >= 0; k--) this.at[base + k] = -1;
      this.seen[layer] = 0;
    }
    this.count = 0;
    this.bytes = bytes;
    this.end = end;
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

  /** Dot-joined layer names in packet order: `eth.ip.tcp`. Allocates; for answers, not for the hot path. */
  stack(): string {
    let text = '';
    for (let i = 0; i < this.count; i++) text += (i === 0 ? '' : '.') + LAYER_NAMES[this.order[i]];
    return text;
  }
}

const EMPTY = new Uint8Array(0);
