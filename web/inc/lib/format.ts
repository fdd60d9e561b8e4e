const ABOVE = ['', 'K', 'M', 'G', 'T', 'P', 'E'];
const MILLI = '<i>m</i>';

/**
 * A number for people, with at most three decimals and a suffix of thousands: 1234 is `1.234K`. The sign is left out,
 * because mirrored charts count both ways from zero. `includeMillis` shows what is below one in thousandths, with an
 * italic m; `base2` counts in 1024s. Anything that is no number is ''.
 */
export function valueStr(value: unknown, includeMillis = false, base2 = false): string {
  const size =
    typeof value === 'string' && value !== '' ? Math.abs(Number(value)) : Math.abs(value as number);
  if (typeof size !== 'number' || !Number.isFinite(size)) return '';
  if (size === 0) return '0';
  if (includeMillis && size < 1) return `${decimals(size * 1000)}${MILLI}`;
  const base = base2 ? 1024 : 1000;
  let scaled = size;
  let power = 0;
  // What rounds to the next suffix is written with it: 999999 is 1M, not 1000K.
  while (power < ABOVE.length - 1 && Number(scaled.toFixed(3)) >= base) {
    scaled /= base;
    power++;
  }
  return decimals(scaled) + ABOVE[power];
}

function decimals(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** The same as plain text, of about three significant digits: for read-outs and legends, where more would only flicker. */
export function shortValue(value: number, includeMillis = false, base2 = false): string {
  const text = valueStr(value, includeMillis, base2).replace(MILLI, 'm');
  const [, digits, suffix] = /^([\d.]*)(.*)$/.exec(text) ?? ['', text, ''];
  const short = Number(digits) >= 1 ? Number(Number(digits).toPrecision(3)) : Number(digits);
  return (value < 0 && text !== '0' ? '−' : '') + short + suffix;
}
