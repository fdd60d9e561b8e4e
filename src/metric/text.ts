import { u32 } from '../common/index.ts';

/** Longer names and texts are cut: the structures allow at most 255 bytes. */
export const MAX_TEXT = 255;

const REPLACEMENT = 0xfffd;

/** End of the XDR string whose length word stands at `at`, or -1 when it does not fit before `end`. */
export function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) return -1;
  const length = u32(bytes, at);
  return length > end - at - 4 ? -1 : at + 4 + length;
}

/** Where what follows an XDR string begins: behind its padding, which may be missing at the end of a sample. */
export function behindString(start: number, textEnd: number): number {
  return start + ((textEnd - start + 3) & ~3);
}

/**
 * Text of `bytes[start, end)`: ASCII, each byte above 0x7F one U+FFFD (rest-api 13), cut at MAX_TEXT. When it is the
 * same as `before`, that is returned and nothing is allocated.
 */
export function readText(before: string, bytes: Uint8Array, start: number, end: number): string {
  const length = Math.min(end - start, MAX_TEXT);
  if (before.length === length) {
    let i = 0;
    while (i < length && before.charCodeAt(i) === codeOf(bytes[start + i])) i++;
    if (i === length) return before;
  }
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(codeOf(bytes[start + i]));
  return text;
}

function codeOf(byte: number): number {
  return byte > 0x7f ? REPLACEMENT : byte;
}
