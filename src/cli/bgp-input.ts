import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { WeirError } from '../common/index.ts';

/** Hexadecimal with what people put between the bytes. */
const HEX = /^(?:0x)?[0-9a-f\s:]+$/i;

/** What an argument of `weir bgp` stands for: itself, a file, or standard input. Throws WeirError `BGP_INPUT`. */
export async function readInput(
  argument: string,
  stdin: Readable,
  isText: (text: string) => boolean,
): Promise<Uint8Array> {
  if (argument === '-') return new Uint8Array(await buffer(stdin));
  if (isText(argument) && !existsSync(argument)) return new TextEncoder().encode(argument);
  try {
    return new Uint8Array(readFileSync(argument));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError('BGP_INPUT', `cannot read ${argument}: ${reason}`, { cause });
  }
}

export function isHex(text: string): boolean {
  return HEX.test(text);
}

/** Bytes of hexadecimal (`isHex`). Throws WeirError `BGP_INPUT` for half a byte. */
export function bytesOfText(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (digits.length % 2 !== 0)
    throw new WeirError('BGP_INPUT', `${digits.length} hexadecimal digits are not whole bytes`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
