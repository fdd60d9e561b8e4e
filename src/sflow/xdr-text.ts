const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const UTF8_ENCODER = new TextEncoder();
/** Lone surrogates that stand for the bytes 0x80 to 0xff; with the `u` flag, surrogate pairs do not match. */
const ESCAPED_BYTE = /[\udc80-\udcff]/u;
const ESCAPE = 0xdc00;

/**
 * Text of the bytes, read as UTF-8. Agents also send other encodings: when the bytes are not UTF-8, each of 0x80 and
 * above becomes the lone surrogate U+DC00 + byte, so that nothing is lost and `encodeText` gives the same bytes back.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8_DECODER.decode(bytes);
  } catch {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : ESCAPE + byte);
    return text;
  }
}

/** The inverse of `decodeText`. */
export function encodeText(text: string): Uint8Array {
  if (!ESCAPED_BYTE.test(text)) return UTF8_ENCODER.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    if (ESCAPED_BYTE.test(character)) bytes.push(character.charCodeAt(0) - ESCAPE);
    else bytes.push(...UTF8_ENCODER.encode(character));
  }
  return Uint8Array.from(bytes);
}
