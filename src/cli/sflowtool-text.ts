import { parseIPv6, u16 } from '../common/index.ts';
import type { FieldValue } from '../sflow/index.ts';

/** Lower-case hex of `bytes[start, end)`, no separators. */
export function lowerHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i++) text += bytes[i].toString(16).padStart(2, '0');
  return text;
}

/** IPv6 text of the sixteen bytes at `at` with all eight groups of four digits. */
export function fullIPv6(bytes: Uint8Array, at: number): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2)
    groups.push(
      u16(bytes, at + i)
        .toString(16)
        .padStart(4, '0'),
    );
  return groups.join(':');
}

/** An address of the object model in sflowtool's form; `-` when there is none. */
export function addressText(address: string | null | undefined): string {
  if (address === null || address === undefined) return '-';
  const words = address.includes(':') ? parseIPv6(address) : undefined;
  if (words === undefined) return address;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setInt32(4 * i, word);
  });
  return fullIPv6(bytes, 0);
}

/** A float with three decimals, as C prints it. */
export function floatText(value: FieldValue): string {
  const number = Number(value);
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf';
  return number.toFixed(3);
}

/** ISO 8601 with seconds and the offset of the local time zone, `2023-11-14T22:13:21+0000`; `seconds` since the epoch. */
export function localTimestamp(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}${zone}`;
}
