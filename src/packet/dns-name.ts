import { u16 } from '../common/index.ts';
import { safeCharacter } from './formats.ts';

const HEADER = 12;
/** Longest name in octets (RFC 1035 2.3.4). */
const MAX_NAME = 255;
const MAX_LABEL = 63;
const DOT = 0x2e;

/** The first question's name in a DNS message at `at`, with its final dot; undefined without a question, or when it is cut or malformed. */
export function questionName(bytes: Uint8Array, at: number, end: number): string | undefined {
  return hasQuestion(bytes, at) ? nameText(bytes, at + HEADER, end) : undefined;
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

/**
 * Offset behind the name at `at`, -1 when it is cut or malformed. The first question's name has nothing before it that
 * a compression pointer could mean, so pointers are malformed here.
 */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && next - at < MAX_NAME) {
    const length = bytes[next];
    if (length === 0) return next + 1;
    if (length > MAX_LABEL) return -1;
    next += length + 1;
  }
  return -1;
}

function nameText(bytes: Uint8Array, at: number, end: number): string | undefined {
  const after = nameEnd(bytes, at, end);
  if (after < 0) return undefined;
  let text = '';
  let label = at;
  while (bytes[label] !== 0) {
    const next = label + bytes[label] + 1;
    for (let i = label + 1; i < next; i++) text += bytes[i] === DOT ? '\\.' : safeCharacter(bytes[i]);
    text += '.';
    label = next;
  }
  return text === '' ? '.' : text;
}
