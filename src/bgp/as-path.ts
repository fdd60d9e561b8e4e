import { u16, u32 } from '../common/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { AS_TRANS } from './open.ts';
import { bad, good, type Result } from './result.ts';

/** One segment of an AS_PATH (RFC 4271 4.3, RFC 5065). */
export interface AsPathSegment {
  readonly kind: 'set' | 'sequence' | 'confederation-sequence' | 'confederation-set';
  readonly numbers: readonly number[];
}

/** The segments nearest to us first; empty for a route of our own AS. */
export type AsPath = readonly AsPathSegment[];

const KINDS = ['set', 'sequence', 'confederation-sequence', 'confederation-set'] as const;

/** A path that is one sequence, or empty. */
export function asSequence(numbers: readonly number[]): AsPath {
  return numbers.length === 0 ? [] : [{ kind: 'sequence', numbers }];
}

/** Reads the value of AS_PATH or AS4_PATH whose numbers have `width` bytes, 2 or 4. */
export function readAsPath(value: Uint8Array, width: 2 | 4): Result<AsPath> {
  const path: AsPathSegment[] = [];
  let at = 0;
  while (at < value.length) {
    const kind = KINDS[value[at] - 1];
    const count = value[at + 1];
    if (kind === undefined) return bad(`path segment of type ${value[at]}`);
    if (count === undefined || at + 2 + count * width > value.length)
      return bad('a path segment is cut short');
    if (count === 0) return bad('a path segment is empty');
    at += 2;
    const numbers: number[] = [];
    for (let i = 0; i < count; i++, at += width) {
      const number = width === 4 ? u32(value, at) : u16(value, at);
      if (number === 0) return bad('AS number 0 in the path (RFC 7607)');
      numbers.push(number);
    }
    path.push({ kind, numbers });
  }
  return good(path);
}

/** Value of AS_PATH or AS4_PATH; with two octets AS_TRANS stands for what does not fit. */
export function encodeAsPath(path: AsPath, width: 2 | 4): Uint8Array {
  const writer = new ByteWriter();
  for (const { kind, numbers } of path) {
    // A segment counts its numbers in one byte: longer ones are written as several.
    for (let from = 0; from < numbers.length; from += 255) {
      const part = numbers.slice(from, from + 255);
      writer.u8(KINDS.indexOf(kind) + 1).u8(part.length);
      for (const number of part) {
        if (width === 4) writer.u32(number);
        else writer.u16(number > 0xffff ? AS_TRANS : number);
      }
    }
  }
  return writer.finish();
}

/** True when two octets are not enough for a number of the path. */
export function needsFourOctets(path: AsPath): boolean {
  return path.some(({ numbers }) => numbers.some((number) => number > 0xffff));
}

/** The path without the segments of a confederation: what AS4_PATH may carry (RFC 6793 3). */
export function withoutConfederation(path: AsPath): AsPath {
  return path.filter(({ kind }) => kind === 'set' || kind === 'sequence');
}

/** Length for the choice of a route (RFC 4271 9.1.2.2, RFC 5065 5.3): a set counts one, a confederation nothing. */
export function asPathLength(path: AsPath): number {
  let length = 0;
  for (const { kind, numbers } of path) {
    if (kind === 'sequence') length += numbers.length;
    else if (kind === 'set') length += 1;
  }
  return length;
}

/**
 * The path of four octets that a two-octet AS_PATH and its AS4_PATH tell (RFC 6793 4.2.3): what the AS_PATH has in
 * front, then the AS4_PATH; the AS_PATH alone when it is the shorter one.
 */
export function mergeAsPaths(path: AsPath, as4: AsPath): AsPath {
  let leading = asPathLength(path) - asPathLength(as4);
  if (leading < 0) return path;
  const merged: AsPathSegment[] = [];
  for (const segment of path) {
    const { kind, numbers } = segment;
    if (kind === 'sequence') {
      if (leading === 0) break;
      merged.push({ kind, numbers: numbers.slice(0, leading) });
      leading -= Math.min(leading, numbers.length);
    } else if (kind === 'set') {
      if (leading === 0) break;
      merged.push(segment);
      leading--;
    } else merged.push(segment);
  }
  for (const segment of as4) {
    const last = merged.at(-1);
    if (last?.kind === 'sequence' && segment.kind === 'sequence') {
      merged[merged.length - 1] = { kind: 'sequence', numbers: [...last.numbers, ...segment.numbers] };
    } else merged.push(segment);
  }
  return merged;
}

/** `65001-65010`; a set as `{65001,65002}`, segments of a confederation in `()` and `[]`. Empty for an empty path. */
export function formatAsPath(path: AsPath): string {
  return path.map(formatSegment).join('-');
}

function formatSegment({ kind, numbers }: AsPathSegment): string {
  if (kind === 'sequence') return numbers.join('-');
  if (kind === 'set') return `{${numbers.join(',')}}`;
  return kind === 'confederation-sequence' ? `(${numbers.join('-')})` : `[${numbers.join(',')}]`;
}

/** Reads `65010-65011`; the empty text is the empty path. */
export function parseAsPath(text: string): Result<AsPath> {
  if (text === '') return good([]);
  const numbers: number[] = [];
  for (const part of text.split('-')) {
    const number = /^\d{1,10}$/.test(part) ? Number(part) : 0;
    if (number < 1 || number > 0xffffffff)
      return bad(`${JSON.stringify(part)} is not an AS number (1 to 4294967295)`);
    numbers.push(number);
  }
  return good(asSequence(numbers));
}
