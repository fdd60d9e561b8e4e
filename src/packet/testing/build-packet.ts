/** Packets for tests, built from the inside out: `eth(0x0800, ip(6, tcp(1000, 80)))`. Fields not given have plain defaults. */

/** Bytes of hexadecimal text (blanks allowed), of numbers 0…255, and of other byte arrays, one behind the other. */
export function bytes(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const out: number[] = [];
  for (const part of parts) {
    if (typeof part === 'number') out.push(part & 255);
    else if (typeof part !== 'string') out.push(...part);
    else {
      const digits = part.replace(/\s/g, '');
      if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new Error(`not hexadecimal: ${part}`);
      for (let i = 0; i < digits.length; i += 2) out.push(Number.parseInt(digits.slice(i, i + 2), 16));
    }
  }
  return Uint8Array.from(out);
}

export const u8 = (value: number): Uint8Array => bytes(value);
export const u16 = (value: number): Uint8Array => bytes(value >>> 8, value);
export const u24 = (value: number): Uint8Array => bytes(value >>> 16, value >>> 8, value);
export const u32 = (value: number): Uint8Array => bytes(value >>> 24, value >>> 16, value >>> 8, value);
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** Dotted quad to four bytes. */
export const address4 = (value: string): Uint8Array => Uint8Array.from(value.split('.'), Number);

/** Eight groups of four hexadecimal digits, written in full, to sixteen bytes. */
export const address6 = (value: string): Uint8Array => bytes(value.replace(/:/g, ''));

export const SOURCE6 = '2001:0db8:0000:0000:0000:0000:0000:0001';
export const DESTINATION6 = '2001:0db8:0000:0000:0000:0000:0000:0002';

export interface EthOptions {
  readonly source?: string;
  readonly destination?: string;
  /** Tags, outermost first: [TPID, tag control information]. */
  readonly tags?: readonly (readonly [number, number])[];
}

export function eth(type: number, payload: Uint8Array, options: EthOptions = {}): Uint8Array {
  const { source = '000C29AABBCC', destination = '000C29DDEEFF', tags = [] } = options;
  return bytes(
    destination,
    source,
    ...tags.flatMap(([tpid, tci]) => [u16(tpid), u16(tci)]),
    u16(type),
    payload,
  );
}

export interface IpOptions {
  readonly source?: string;
  readonly destination?: string;
  readonly tos?: number;
  readonly ttl?: number;
  readonly id?: number;
  /** Flags and fragment offset, as on the wire. */
  readonly fragment?: number;
  readonly options?: Uint8Array;
  readonly totalLength?: number;
}

export function ip(protocol: number, payload: Uint8Array, given: IpOptions = {}): Uint8Array {
  const { source = '10.0.0.1', destination = '10.0.0.2', tos = 0, ttl = 64, id = 1, fragment = 0 } = given;
  const options = given.options ?? zeros(0);
  const headerLength = 20 + options.length;
  const total = given.totalLength ?? headerLength + payload.length;
  return bytes(
    0x40 | (headerLength / 4),
    tos,
    u16(total),
    u16(id),
    u16(fragment),
    ttl,
    protocol,
    u16(0),
    address4(source),
    address4(destination),
    options,
    payload,
  );
}

export interface Ip6Options {
  readonly source?: string;
  readonly destination?: string;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  readonly hopLimit?: number;
  readonly payloadLength?: number;
}

export function ip6(next: number, payload: Uint8Array, given: Ip6Options = {}): Uint8Array {
  const {
    source = SOURCE6,
    destination = DESTINATION6,
    trafficClass = 0,
    flowLabel = 0,
    hopLimit = 64,
  } = given;
  return bytes(
    u32((6 << 28) | (trafficClass << 20) | flowLabel),
    u16(given.payloadLength ?? payload.length),
    next,
    hopLimit,
    address6(source),
    address6(destination),
    payload,
  );
}

export interface TcpOptions {
  /** Nine bits, NS first. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly window?: number;
  readonly options?: Uint8Array;
}

export function tcp(
  source: number,
  destination: number,
  payload = zeros(0),
  given: TcpOptions = {},
): Uint8Array {
  const { flags = 0x10, sequence = 1000, acknowledgement = 2000, window = 1024, options = zeros(0) } = given;
  return bytes(
    u16(source),
    u16(destination),
    u32(sequence),
    u32(acknowledgement),
    u16(((5 + options.length / 4) << 12) | flags),
    u16(window),
    u32(0),
    options,
    payload,
  );
}

export function udp(source: number, destination: number, payload = zeros(0)): Uint8Array {
  return bytes(u16(source), u16(destination), u16(8 + payload.length), u16(0), payload);
}

/** A name in DNS wire form. */
export function dnsName(name: string): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '');
  return bytes(...labels.flatMap((label) => [label.length, text(label)]), 0);
}

export function dnsQuery(
  name: string,
  type = 1,
  given: { readonly id?: number; readonly flags?: number } = {},
): Uint8Array {
  const { id = 7, flags = 0x0100 } = given;
  return bytes(u16(id), u16(flags), u16(1), u16(0), u16(0), u16(0), dnsName(name), u16(type), u16(1));
}
