import { parseIPv4, parseIPv6, WeirError } from '../common/index.ts';
import type { FieldValue } from './model.ts';
import { encodeText } from './xdr-text.ts';

const WORD = 0x100000000;
const LONG = 0x10000000000000000n;

/**
 * Writes XDR (RFC 4506) into a buffer that grows. A value that does not fit its type raises `SFLOW_ENCODE`, naming the
 * field by the names that `inside` was given.
 */
export class XdrWriter {
  /** Bytes written so far. */
  length = 0;
  /** How many records are being written inside each other. */
  recordDepth = 0;
  private bytes = new Uint8Array(2048);
  private view = new DataView(this.bytes.buffer);
  private readonly path: string[] = [];

  /** A copy of what was written. */
  result(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Run `write`; errors that it raises say that they were inside `name`. */
  inside(name: string, write: () => void): void {
    this.path.push(name);
    write();
    this.path.pop();
  }

  fail(problem: string): never {
    throw new WeirError('SFLOW_ENCODE', `${this.path.join('.')}: ${problem}`);
  }

  /** Leave room for a length word; call the result when what it measures is written. */
  lengthWord(): () => void {
    const at = this.advance(4);
    return () => this.view.setUint32(at, this.length - at - 4);
  }

  u32(value: FieldValue | undefined): void {
    const word = this.integer(value, 0, WORD - 1);
    const at = this.advance(4);
    this.view.setUint32(at, word);
  }

  /** Unsigned words: the members of `object` that `names` lists. */
  numbers<Name extends string>(object: Readonly<Record<Name, number>>, names: readonly Name[]): void {
    for (const name of names) this.inside(name, () => this.u32(object[name]));
  }

  i32(value: FieldValue | undefined): void {
    const word = this.integer(value, -WORD / 2, WORD / 2 - 1);
    const at = this.advance(4);
    this.view.setInt32(at, word);
  }

  u64(value: FieldValue | undefined): void {
    if (typeof value !== 'bigint' || value < 0n || value >= LONG) this.mismatch(value, 'a bigint of 64 bits');
    const at = this.advance(8);
    this.view.setBigUint64(at, value);
  }

  f32(value: FieldValue | undefined): void {
    if (typeof value !== 'number') this.mismatch(value, 'a number');
    const at = this.advance(4);
    this.view.setFloat32(at, value);
  }

  f64(value: FieldValue | undefined): void {
    if (typeof value !== 'number') this.mismatch(value, 'a number');
    const at = this.advance(8);
    this.view.setFloat64(at, value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.advance(value.length);
    this.bytes.set(value, at);
  }

  /** Exactly `length` bytes, padded to four. */
  fixed(value: FieldValue | undefined, length: number): void {
    if (!(value instanceof Uint8Array) || value.length !== length) this.mismatch(value, `${length} bytes`);
    this.raw(value);
    this.pad(length);
  }

  opaque(value: FieldValue | undefined): void {
    if (!(value instanceof Uint8Array)) this.mismatch(value, 'bytes');
    this.u32(value.length);
    this.raw(value);
    this.pad(value.length);
  }

  string(value: FieldValue | undefined): void {
    if (typeof value !== 'string') this.mismatch(value, 'text');
    this.opaque(encodeText(value));
  }

  ipv4(value: FieldValue | undefined): void {
    const word = typeof value === 'string' ? parseIPv4(value) : undefined;
    if (word === undefined) this.mismatch(value, 'an IPv4 address');
    const at = this.advance(4);
    this.view.setInt32(at, word);
  }

  ipv6(value: FieldValue | undefined): void {
    const words = typeof value === 'string' ? parseIPv6(value) : undefined;
    if (words === undefined) this.mismatch(value, 'an IPv6 address');
    for (const word of words) this.i32(word);
  }

  /** The union of sFlow v5 `address`; null is type 0. */
  address(value: FieldValue | undefined): void {
    if (value === null) this.u32(0);
    else if (typeof value === 'string' && value.includes(':')) {
      this.u32(2);
      this.ipv6(value);
    } else {
      this.u32(1);
      this.ipv4(value);
    }
  }

  /** Six bytes, and two of padding. */
  mac(value: FieldValue | undefined): void {
    this.mac6(value);
    this.advance(2);
  }

  /** Six bytes. */
  mac6(value: FieldValue | undefined): void {
    if (typeof value !== 'string' || !/^[0-9A-Fa-f]{12}$/.test(value))
      this.mismatch(value, 'twelve hex digits');
    this.hex(value);
  }

  uuid(value: FieldValue | undefined): void {
    if (typeof value !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
      this.mismatch(value, 'a UUID');
    this.hex(value.replaceAll('-', ''));
  }

  /** Refuse a value that is not `expected`. */
  mismatch(value: FieldValue | undefined, expected: string): never {
    this.fail(value === undefined ? 'is missing' : `${describe(value)} is not ${expected}`);
  }

  private integer(value: FieldValue | undefined, minimum: number, maximum: number): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum)
      this.mismatch(value, `an integer of ${minimum} to ${maximum}`);
    return value;
  }

  private hex(digits: string): void {
    const at = this.advance(digits.length / 2);
    for (let i = 0; i < digits.length; i += 2) {
      this.bytes[at + i / 2] = Number.parseInt(digits.slice(i, i + 2), 16);
    }
  }

  private pad(length: number): void {
    this.advance(-length & 3);
  }

  /** Take `count` zero bytes; returns where they start. It may replace `bytes` and `view`. */
  private advance(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}

function describe(value: FieldValue): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
