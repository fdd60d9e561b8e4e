import { bytesOfHex } from '../byte-writer.ts';

/** Bytes of hexadecimal text that a test is sure of. */
export function hex(text: string): Uint8Array {
  const bytes = bytesOfHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

/** A whole message: header before `body`. */
export function message(type: number, body: string): Uint8Array {
  const bytes = hex(body);
  const whole = new Uint8Array(19 + bytes.length).fill(0xff, 0, 16);
  whole[16] = whole.length >> 8;
  whole[17] = whole.length & 255;
  whole[18] = type;
  whole.set(bytes, 19);
  return whole;
}
