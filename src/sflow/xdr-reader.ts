import { i32, ipv4At, ipv6At, macAt, u32, u64big } from '../common/index.ts';
import { decodeText } from './xdr-text.ts';

/** Where and why reading stopped. */
interface Fault {
  /** Names that lead to what was being read. */
  readonly path: string;
  readonly problem: string;
  /** Byte of the datagram. */
  readonly at: number;
}

/** What the readers of one datagram share. */
interface Noted {
  first: string | undefined;
}

/**
 * Reads XDR (RFC 4506) from a datagram or a part of it. It never throws: the first read that the bytes do not allow
 * sets `fault`, and from then on every read gives a zero of its type and moves nothing.
 */
export class XdrReader {
  /** Offset of the next byte in the datagram. */
  at = 0;
  fault: Fault | undefined = undefined;
  /** How many records this part is in; 0 outside of records. */
  recordDepth = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private end: number;
  private path: string[] = [];
  private noted: Noted = { first: undefined };

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.at;
  }

  /** What `read` returns; faults in it say that they were inside `name`. */
  inside<Value>(name: string, read: () => Value): Value {
    this.path.push(name);
    const value = read();
    this.path.pop();
    return value;
  }

  /** A reader inside `name` over the next `length` bytes, which this one steps over. The caller has made sure that they are there. */
  part(name: string, length: number): XdrReader {
    const part = new XdrReader(this.bytes);
    part.at = this.at;
    this.at += length;
    part.end = this.at;
    part.path = [...this.path, name];
    part.noted = this.noted;
    part.recordDepth = this.recordDepth;
    return part;
  }

  /** Stop here. Only the first fault is kept. */
  fail(problem: string, at = this.at): void {
    this.fault ??= { path: this.path.join('.'), problem, at };
  }

  /** The fault as text, which is also noted for the whole datagram. Undefined when there is none. */
  noteFault(): string | undefined {
    if (this.fault === undefined) return undefined;
    const { path, problem, at } = this.fault;
    const text = `${path}: ${problem} at byte ${at}`;
    this.noted.first ??= text;
    return text;
  }

  /** The first fault that was noted in the datagram, here or in another part. */
  get firstFault(): string | undefined {
    return this.noted.first;
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

  /** A copy of the next `length` bytes, without padding. The caller has made sure that they are there. */
  raw(length: number): Uint8Array {
    const start = this.at;
    this.at += length;
    return this.copy(start, this.at);
  }

  /** A copy of all that is left, or of all from `start`, an offset in the datagram; it does not count as read. */
  rest(start = this.at): Uint8Array {
    return this.copy(start, this.end);
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

  private copy(start: number, end: number): Uint8Array {
    const copy = new Uint8Array(end - start);
    copy.set(this.bytes.subarray(start, end));
    return copy;
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
