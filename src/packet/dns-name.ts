import { u16 } from '../common/index.ts';
import { safeCharacter } from './formats.ts';

const HEADER = 12;
const POINTER = 0xc0;
/** Longest name in octets (RFC 1035 2.3.4); also bounds the pointers followed. */
const MAX_NAME = 255;
const DOT = 0x2e;

/** The first question's name in a DNS message at `at`, with its final dot; undefined without a question, or when it is cut or malformed. */
export function questionName(bytes: Uint8Array, at: number, end: number): string | undefined {
  return hasQuestion(bytes, at) ? nameText(bytes, at, at + HEADER, end) : undefined;
}

/** The first question's type, NaN as above. */
export function questionType(bytes: Uint8Array, at: number, end: number): number {
  return questionWord(bytes, at, end, 0);
}

/** The first question's class, NaN as above. */
export function questionClass(bytes: Uint8Array, at: number, end: number): number {
  return questionWord(bytes, at, end, 2);
}

function questionWord(bytes: Uint8Array, at: number, end: number, offset: number): number {
  const after = hasQuestion(bytes, at) ? nameEnd(bytes, at + HEADER, end) : -1;
  return after < 0 || after + offset + 2 > end ? Number.NaN : u16(bytes, after + offset);
}

function hasQuestion(bytes: Uint8Array, at: number): boolean {
  return u16(bytes, at + 4) > 0;
}

/** Offset behind the name at `at`, -1 when it is cut or malformed. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && next - at < MAX_NAME) {
    const length = bytes[next];
    if (length === 0) return next + 1;
    if (length >= POINTER) return next + 2 <= end ? next + 2 : -1;
    if (length > 63) return -1;
    next += length + 1;
  }
  return -1;
}

function nameText(bytes: Uint8Array, message: number, at: number, end: number): string | undefined {
  let text = '';
  let octets = 0;
  let next = at;
  // A pointer may only go back, so that names cannot go round in circles.
  let lowest = at;
  while (next < end) {
    const length = bytes[next];
    if (length === 0) return text === '' ? '.' : text;
    if (length >= POINTER) {
      if (next + 2 > end) return undefined;
      const target = message + (u16(bytes, next) & 0x3fff);
      if (target >= lowest) return undefined;
      lowest = target;
      next = target;
      continue;
    }
    octets += length + 1;
    if (length > 63 || octets > MAX_NAME || next + 1 + length > end) return undefined;
    for (let i = next + 1; i <= next + length; i++)
      text += bytes[i] === DOT ? '\\.' : safeCharacter(bytes[i]);
    text += '.';
    next += length + 1;
  }
  return undefined;
}
