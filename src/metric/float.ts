/** IEEE 754 numbers from their words, without a view onto the bytes. Infinities are NaN: they are no measurements. */

/** A float from its word. */
export function float32(word: number): number {
  const exponent = (word >>> 23) & 0xff;
  if (exponent === 0xff) return Number.NaN;
  const fraction = word & 0x7fffff;
  const size = exponent === 0 ? fraction * 2 ** -149 : (fraction + 2 ** 23) * 2 ** (exponent - 150);
  return word < 0 ? -size : size;
}

/** A double from its signed high word and its unsigned low word. */
export function float64(high: number, low: number): number {
  const exponent = (high >>> 20) & 0x7ff;
  if (exponent === 0x7ff) return Number.NaN;
  const fraction = (high & 0xfffff) * 2 ** 32 + low;
  const size = exponent === 0 ? fraction * 2 ** -1074 : (fraction + 2 ** 52) * 2 ** (exponent - 1075);
  return high < 0 ? -size : size;
}
