/*
 * How words of packets are shown. Each form is one function: keys whose forms are the same function can share code.
 */

const binary =
  (width: number) =>
  (value: number): string =>
    value.toString(2).padStart(width, '0');

/** Bit fields, as text of fixed width. */
export const bits2 = binary(2);
export const bits3 = binary(3);
export const bits8 = binary(8);
export const bits9 = binary(9);

/** `true` or `false`; `notFlag` the other way round. */
export const flag = (value: number): string => (value === 0 ? 'false' : 'true');
export const notFlag = (value: number): string => (value === 0 ? 'true' : 'false');

/** A three-byte Fibre Channel address, byte by byte: `4.5.6`. */
export function fibreChannelAddress(value: number): string {
  return `${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** Lower-case hexadecimal of `bytes[from, to)`. */
export function hexText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (bytes[i] + 256).toString(16).slice(1);
  return text;
}

/**
 * Text of `bytes[from, to)`: printable ASCII as it is, every other byte (and the backslash) as a backslash and three
 * decimal digits, as DNS master files do (RFC 1035 5.1). What anybody may have sent can then go into logs and pages.
 */
export function safeText(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += safeCharacter(bytes[i]);
  return text;
}

const BACKSLASH = 0x5c;

export function safeCharacter(byte: number): string {
  if (byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH) return String.fromCharCode(byte);
  return `\\${String(byte).padStart(3, '0')}`;
}
