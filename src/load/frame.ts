/** EtherTypes, as `FrameWriter.etherType` takes them. */
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;

/** IP protocol numbers used by the generators. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

/** TCP flag bits (RFC 9293, 3.1). */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** Smallest and largest Ethernet frame without VLAN tag, in bytes with frame check sequence (IEEE 802.3, 3.2.7). */
export const FRAME_BYTES = { smallest: 64, largest: 1518 } as const;

/** An IP address as words: one for IPv4, four for IPv6. */
export type AddressWords = readonly [number] | readonly [number, number, number, number];

export interface IpOptions {
  /** Bytes of the packet from the IP header on. */
  readonly length: number;
  readonly protocol: number;
  /** Differentiated services code point, 0 to 63. */
  readonly dscp?: number;
  readonly ttl?: number;
  /** IPv4 identification. */
  readonly id?: number;
  /** IPv4: more fragments follow this one, which is the first. */
  readonly moreFragments?: boolean;
}

export interface TcpOptions {
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly window?: number;
}

/**
 * Writes the beginning of an Ethernet frame, header by header, as a switch would have sampled it. It only ever
 * writes inside `[start, limit)`: what does not fit is cut, as a sampled header is.
 */
export class FrameWriter {
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly limit: number;

  constructor(bytes: Uint8Array, start: number, limit: number) {
    this.bytes = bytes;
    this.at = start;
    this.limit = limit;
  }

  /** Offset of the next byte to be written. */
  get position(): number {
    return this.at;
  }

  /** MAC addresses as 48-bit numbers. */
  macs(destination: number, source: number): this {
    return this.u16(destination / 4294967296)
      .u32(destination)
      .u16(source / 4294967296)
      .u32(source); // prettier-ignore
  }

  /** IEEE 802.1Q tag; the EtherType of what is tagged follows by `etherType`. */
  vlan(id: number, priority = 0): this {
    return this.u16(ETHERTYPE.vlan).u16((priority << 13) | id);
  }

  etherType(type: number): this {
    return this.u16(type);
  }

  /** An IP header with its EtherType before it, of the version that the addresses have. */
  ip(source: AddressWords, destination: AddressWords, options: IpOptions): this {
    return source.length === 1
      ? this.ipv4(source[0], destination[0], options)
      : this.ipv6(source, destination as readonly [number, number, number, number], options);
  }

  tcp(sourcePort: number, destinationPort: number, options: TcpOptions = {}): this {
    const { flags = TCP_FLAG.ack, sequence = 0, acknowledgement = 0, window = 4096 } = options;
    return this.u16(sourcePort)
      .u16(destinationPort)
      .u32(sequence)
      .u32(acknowledgement)
      .u16(0x5000 | flags)
      .u16(window)
      .u32(0);
  }

  /** `length` counts the UDP header. The checksum is 0, not computed (RFC 768). */
  udp(sourcePort: number, destinationPort: number, length: number): this {
    return this.u16(sourcePort).u16(destinationPort).u16(length).u16(0);
  }

  /** ICMP or ICMPv6 echo (RFC 792, RFC 4443). */
  echo(type: number, id: number, sequence: number): this {
    return this.u8(type).u8(0).u16(0).u16(id).u16(sequence);
  }

  /** VXLAN header (RFC 7348, 5); the inner frame follows. */
  vxlan(vni: number): this {
    return this.u32(0x08000000).u32(vni << 8);
  }

  /** InfiniBand base transport header, as RoCEv2 carries it (IBTA specification, 9.2). */
  infiniBand(opcode: number, queuePair: number, sequence: number): this {
    return this.u8(opcode)
      .u8(0x40)
      .u16(0xffff)
      .u32(queuePair & 0xffffff)
      .u32(sequence & 0xffffff); // prettier-ignore
  }

  /** DNS header and one question (RFC 1035, 4.1). */
  dns(options: { id: number; response: boolean; name: string; type: number; answers: number }): this {
    this.u16(options.id)
      .u16(options.response ? 0x8180 : 0x0100)
      .u16(1)
      .u16(options.answers)
      .u16(0)
      .u16(0);
    for (const label of options.name.split('.')) {
      if (label === '') continue;
      this.u8(label.length);
      this.text(label);
    }
    return this.u8(0).u16(options.type).u16(1);
  }

  /** Characters of ASCII text. */
  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i));
    return this;
  }

  /** Payload that means nothing, up to byte offset `end`. */
  pad(end: number): this {
    while (this.at < Math.min(end, this.limit)) this.bytes[this.at++] = 0x55;
    return this;
  }

  private ipv4(source: number, destination: number, options: IpOptions): this {
    this.etherType(ETHERTYPE.ipv4);
    const start = this.at;
    this.u8(0x45)
      .u8((options.dscp ?? 0) << 2)
      .u16(options.length)
      .u16(options.id ?? 0)
      .u16(options.moreFragments ? 0x2000 : 0)
      .u8(options.ttl ?? 64)
      .u8(options.protocol)
      .u16(0)
      .u32(source)
      .u32(destination);
    if (this.at - start === 20) writeIpv4Checksum(this.bytes, start);
    return this;
  }

  private ipv6(source: readonly number[], destination: readonly number[], options: IpOptions): this {
    this.etherType(ETHERTYPE.ipv6);
    this.u32(0x60000000 | ((options.dscp ?? 0) << 22))
      .u16(options.length - 40)
      .u8(options.protocol)
      .u8(options.ttl ?? 64);
    for (const word of source) this.u32(word);
    for (const word of destination) this.u32(word);
    return this;
  }

  private u8(value: number): this {
    if (this.at < this.limit) this.bytes[this.at++] = value;
    return this;
  }

  private u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  private u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }
}

/** Compute the header checksum of the IPv4 header without options at `at` (RFC 1071). */
function writeIpv4Checksum(bytes: Uint8Array, at: number): void {
  bytes[at + 10] = 0;
  bytes[at + 11] = 0;
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += (bytes[at + i] << 8) | bytes[at + i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  bytes[at + 10] = ~sum >>> 8;
  bytes[at + 11] = ~sum;
}
