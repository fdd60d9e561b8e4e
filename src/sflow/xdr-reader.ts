import { i32, ipv4At, ipv6At, macAt, u32, u64big } from '../common/index.ts';
import { decodeText } from './xdr-text.ts';

/** Where and why reading stopped. */
export interface Fault {
  /** Byte of the datagram. */
  readonly at: number;
  readonly problem: string;
}

/**
 * Reads XDR (RFC 4506) from a part of a datagram. It never throws: the first read that the bytes do not allow sets
 * `fault`, and from then on every read gives a zero of its type and moves nothing.
 */
export class XdrReader {
  /** Offset of the next byte in the datagram. */
  at: number;
  fault: Fault | undefined = undefined;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.end = end;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.at;
  }

  /** Stop here. Only the first fault is kept. */
  fail(problem: string, at = this.at): void {
    this.fault ??= { at, problem };
  }

  /** A reader over the next `length` bytes, which this one steps over. The caller has made sure that they are there. */
  part(length: number): XdrReader {
    const start = this.at;
    this.at += length;
    return new XdrReader(this.bytes, start, this.at);
  }

  u32(): number {
    return this.has(4) ? u32(this.bytes, this.advance(4)) : 0;
  }

  i32(): number {
    return this.has(4) ? i32(this.bytes, this.advance(4)) : 0;
  }

  u64(): bigint {
    return this.has(8) ? u64big(this.bytes, this.advance(8)) : 0n;
  }

  f32(): number {
    return this.has(4) ? this.view.getFloat32(this.advance(4)) : 0;
  }

  f64(): number {
    return this.has(8) ? this.view.getFloat64(this.advance(8)) : 0;
  }

  /** A copy of the next `length` bytes; the padding to four after them may be missing where the part ends. */
  fixed(length: number): Uint8Array {
    if (!this.has(length)) return new Uint8Array(0);
    const start = this.at;
    this.at = Math.min(start + ((length + 3) & ~3), this.end);
    return this.copy(start, start + length);
  }

  /** A copy of the bytes from `start`, an offset in the datagram, to `end` or the end of the part. Reads nothing. */
  copy(start: number, end = this.end): Uint8Array {
    const copy = new Uint8Array(end - start);
    copy.set(this.bytes.subarray(start, end));
    return copy;
  }

  /** Length word and bytes. */
  opaque(): Uint8Array {
    const at = this.at;
    const length = this.u32();
    if (length <= this.remaining) return this.fixed(length);
    this.fail(`length ${length}, but ${this.remaining} bytes left`, at);
    return new Uint8Array(0);
  }

  string(): string {
    return decodeText(this.opaque());
  }

  ipv4(): string {
    return this.has(4) ? ipv4At(this.bytes, this.advance(4)) : '0.0.0.0';
  }

  ipv6(): string {
    return this.has(16) ? ipv6At(this.bytes, this.advance(16)) : '::';
  }

  /** The union of sFlow v5 `address`: null for type 0. */
  address(): string | null {
    const at = this.at;
    const type = this.u32();
    if (type === 1) return this.ipv4();
    if (type === 2) return this.ipv6();
    if (type !== 0) this.fail(`address type ${type}`, at);
    return null;
  }

  /** Six bytes, and two of padding. */
  mac(): string {
    return this.has(8) ? macAt(this.bytes, this.advance(8)) : '000000000000';
  }

  /** Six bytes. */
  mac6(): string {
    return this.has(6) ? macAt(this.bytes, this.advance(6)) : '000000000000';
  }

  /** Sixteen bytes as 8-4-4-4-12 lower-case hex digits. */
  uuid(): string {
    let digits = '';
    for (const byte of this.fixed(16)) digits += byte.toString(16).padStart(2, '0');
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  private has(length: number): boolean {
    if (this.fault !== undefined) return false;
    if (length <= this.remaining) return true;
    this.fail(`${length} bytes needed, ${this.remaining} left`);
    return false;
  }

  private advance(length: number): number {
    const at = this.at;
    this.at += length;
    return at;
  }
}
