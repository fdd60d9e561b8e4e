import { hex, i32, macAt, u32 } from '../common/index.ts';
import { type LabelRule, label } from './rule.ts';

/** A word as decimal text. */
export function decimal(name: string): LabelRule {
  return label(name, (bytes, at) => String(u32(bytes, at)));
}

/** A word as one of a list of names. */
export function named(name: string, nameOf: (value: number) => string): LabelRule {
  return label(name, (bytes, at) => nameOf(u32(bytes, at)));
}

export function macLabel(name: string): LabelRule {
  return label(name, macAt);
}

/** Sixteen hex digits, lower case: an OpenFlow datapath identifier. */
export function hex64(name: string): LabelRule {
  return label(name, (bytes, at) => hexDigits(bytes, at, 8));
}

/** A UUID with its dashes (RFC 9562), lower case. */
export function uuidLabel(name: string): LabelRule {
  return label(name, (bytes, at) => {
    const digits = hexDigits(bytes, at, 16);
    return [
      [0, 8],
      [8, 12],
      [12, 16],
      [16, 20],
      [20, 32],
    ]
      .map(([from, to]) => digits.slice(from, to))
      .join('-');
  });
}

/** One byte of a field as eight binary digits. */
export function bits(name: string, byte: number): LabelRule {
  return label(name, (bytes, at) => bytes[at + byte].toString(2).padStart(8, '0'));
}

/** The data source named by a class word and an index word. */
export function dataSourceLabel(name: string): LabelRule {
  return label(name, (bytes, at) => dataSourceName(u32(bytes, at), u32(bytes, at + 4)), 8);
}

/** Name of a data source (rest-api 3.7): `3` for an interface, else class and index, `2.1`. */
export function dataSourceName(sourceClass: number, index: number): string {
  return sourceClass === 0 ? String(index) : `${sourceClass}.${index}`;
}

function hexDigits(bytes: Uint8Array, at: number, count: number): string {
  let digits = '';
  for (let i = 0; i < count; i += 4) digits += hex(i32(bytes, at + i), 8);
  return digits.toLowerCase();
}
