import { u16, u32, u64 } from '../common/index.ts';
import type { FlowSpecNlri } from './attributes.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  type BitmaskTerm,
  COMPONENT_TYPES,
  componentForm,
  componentName,
  type FlowSpecComponent,
  inTypeOrder,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericTerm,
  type PrefixComponent,
} from './flowspec-component.ts';
import { bytesOfBits, makePrefix, type Prefix, prefixAt, writePrefixBytes } from './prefix.ts';
import { bad, good, type Result } from './result.ts';

/** Bits of an operator (RFC 8955 4.2.1). */
const OPERATOR = { end: 0x80, and: 0x40, less: 4, greater: 2, equal: 1, not: 2, match: 1 } as const;

/** Lengths from here on take two bytes (RFC 8955 4.1). */
const LONG = 240;

/** The longest NLRI whose length can be written. */
export const MAXIMUM_FLOWSPEC_LENGTH = 4095;

/** Reads the FlowSpec NLRI in the bytes from `at` to `end`. A malformed one makes all unreadable (RFC 8955 10). */
export function readFlowSpecNlri(
  bytes: Uint8Array,
  at: number,
  end: number,
  version: 4 | 6,
  addPath: boolean,
): Result<FlowSpecNlri[]> {
  const list: FlowSpecNlri[] = [];
  while (at < end) {
    let pathId: number | undefined;
    if (addPath) {
      if (end - at < 5) return bad('a path identifier is cut short');
      pathId = u32(bytes, at);
      at += 4;
    }
    let length = bytes[at++];
    if (length >= LONG) {
      if (at === end) return bad('the length of a flow specification is cut short');
      length = ((length & 15) << 8) | bytes[at++];
    }
    if (length > end - at) return bad(`a flow specification of ${length} bytes in ${end - at} bytes`);
    const components = readComponents(bytes.subarray(at, at + length), version);
    if (!components.ok) return components;
    list.push({ components: components.value, pathId });
    at += length;
  }
  return good(list);
}

/** Reads the components of one NLRI, without its length. There is at least one, and types go up. */
export function readComponents(bytes: Uint8Array, version: 4 | 6): Result<FlowSpecComponent[]> {
  if (bytes.length === 0) return bad('a flow specification without components');
  const reader = { bytes, at: 0 };
  const components: FlowSpecComponent[] = [];
  let before = 0;
  while (reader.at < bytes.length) {
    const type = bytes[reader.at++];
    const name = componentName(type, version);
    if (name === undefined) return bad(`component type ${type} is not known for IPv${version}`);
    if (type <= before) return bad(`component type ${type} after ${before}`);
    before = type;
    const form = componentForm(name);
    const component = form === 'prefix' ? readPrefix(reader, version) : readTerms(reader, form === 'bitmask');
    if (!component.ok) return bad(`${name}: ${component.reason}`);
    // The form was chosen by the name, so that the two belong together.
    components.push({ name, ...component.value } as FlowSpecComponent);
  }
  return good(components);
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function readPrefix(reader: Reader, version: 4 | 6): Result<{ prefix: Prefix; offset: number }> {
  const { bytes } = reader;
  const length = bytes[reader.at++];
  if (length === undefined) return bad('cut short');
  if (length > (version === 4 ? 32 : 128)) return bad(`prefix length ${length}`);
  let offset = 0;
  if (version === 6) {
    if (reader.at === bytes.length) return bad('cut short');
    offset = bytes[reader.at++];
    if (offset > 0 && offset >= length) return bad(`offset ${offset} of a prefix of ${length} bits`);
  }
  const size = bytesOfBits(length - offset);
  if (size > bytes.length - reader.at) return bad('cut short');
  const pattern = prefixAt(bytes, reader.at, version, length - offset);
  reader.at += size;
  return good({ prefix: offset === 0 ? pattern : shift(pattern, offset, length), offset });
}

/** The prefix whose bits from `offset` on are those of `pattern`, or with a negative offset the pattern of a prefix. */
function shift(pattern: Prefix, offset: number, length: number): Prefix {
  const bits =
    (BigInt(pattern.w0 >>> 0) << 96n) |
    (BigInt(pattern.w1 >>> 0) << 64n) |
    (BigInt(pattern.w2 >>> 0) << 32n) |
    BigInt(pattern.w3 >>> 0);
  const moved = offset >= 0 ? bits >> BigInt(offset) : bits << BigInt(-offset);
  const word = (index: bigint): number => Number(BigInt.asIntN(32, moved >> (96n - 32n * index)));
  return makePrefix(6, length, word(0n), word(1n), word(2n), word(3n));
}

function readTerms(reader: Reader, bitmask: boolean): Result<{ terms: NumericTerm[] | BitmaskTerm[] }> {
  const { bytes } = reader;
  const numeric: NumericTerm[] = [];
  const masks: BitmaskTerm[] = [];
  for (let first = true; ; first = false) {
    const operator = bytes[reader.at++];
    if (operator === undefined) return bad('the list has no end');
    const width = 1 << ((operator >> 4) & 3);
    if (width > bytes.length - reader.at) return bad('cut short');
    const value = readUnsigned(bytes, reader.at, width);
    reader.at += width;
    // The first term has nothing before it to be joined to (RFC 8955 4.2.1.1).
    const and = !first && (operator & OPERATOR.and) !== 0;
    if (bitmask) {
      const not = (operator & OPERATOR.not) !== 0;
      masks.push({ and, not, match: (operator & OPERATOR.match) !== 0, value });
    } else {
      const less = (operator & OPERATOR.less) !== 0;
      const greater = (operator & OPERATOR.greater) !== 0;
      numeric.push({ and, less, greater, equal: (operator & OPERATOR.equal) !== 0, value });
    }
    if ((operator & OPERATOR.end) !== 0) return good({ terms: bitmask ? masks : numeric });
  }
}

function readUnsigned(bytes: Uint8Array, at: number, width: number): number {
  if (width === 1) return bytes[at];
  if (width === 2) return u16(bytes, at);
  if (width === 4) return u32(bytes, at);
  // No field of a packet comes near: comparing with the limit has the same outcome.
  return Math.min(u64(bytes, at), Number.MAX_SAFE_INTEGER);
}

/**
 * One NLRI with its length. The form is canonical: components in the order of types, every value in the fewest bytes.
 * Says why when it is longer than 4095 bytes.
 */
export function encodeFlowSpecNlri(components: readonly FlowSpecComponent[]): Result<Uint8Array> {
  const value = encodeComponents(components);
  if (value.length > MAXIMUM_FLOWSPEC_LENGTH) {
    return bad(`the match takes ${value.length} bytes, at most ${MAXIMUM_FLOWSPEC_LENGTH} can be sent`);
  }
  const writer = new ByteWriter();
  if (value.length < LONG) writer.u8(value.length);
  else writer.u16(0xf000 | value.length);
  return good(writer.append(value).finish());
}

/** The components without the length before them: the key by which rules of one family are told apart. */
export function encodeComponents(components: readonly FlowSpecComponent[]): Uint8Array {
  const writer = new ByteWriter();
  for (const component of inTypeOrder(components)) {
    writer.u8(COMPONENT_TYPES[component.name]);
    if (isPrefixComponent(component)) writePrefix(writer, component);
    else if (isBitmaskComponent(component)) {
      writeTerms(
        writer,
        component.terms,
        (term) => (term.not ? OPERATOR.not : 0) | (term.match ? OPERATOR.match : 0),
      );
    } else writeTerms(writer, component.terms, numericOperator);
  }
  return writer.finish();
}

function writePrefix(writer: ByteWriter, { prefix, offset }: PrefixComponent): void {
  writer.u8(prefix.length);
  if (prefix.version === 6) writer.u8(offset);
  writePrefixBytes(writer, offset === 0 ? prefix : shift(prefix, -offset, prefix.length - offset));
}

function numericOperator(term: NumericTerm): number {
  return (
    (term.less ? OPERATOR.less : 0) |
    (term.greater ? OPERATOR.greater : 0) |
    (term.equal ? OPERATOR.equal : 0)
  );
}

function writeTerms<Term extends { readonly and: boolean; readonly value: number }>(
  writer: ByteWriter,
  terms: readonly Term[],
  operatorOf: (term: Term) => number,
): void {
  for (const [index, term] of terms.entries()) {
    const sizeCode = term.value <= 0xff ? 0 : term.value <= 0xffff ? 1 : term.value <= 0xffffffff ? 2 : 3;
    const end = index === terms.length - 1 ? OPERATOR.end : 0;
    const and = index > 0 && term.and ? OPERATOR.and : 0;
    writer.u8(end | and | (sizeCode << 4) | operatorOf(term)).unsigned(term.value, 1 << sizeCode);
  }
}
