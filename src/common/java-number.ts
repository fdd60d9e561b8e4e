/**
 * Text of a double as Java prints it, which is what established clients of the Prometheus endpoint read: always a
 * fraction (`0.0`, `42.0`), plain between 1e-3 and 1e7, else `1.0E7`, `8.0E-4`; `NaN`, `Infinity`.
 */
export function formatJavaDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  let [digits, exponent] = value.toExponential().split('e');
  // With a single digit Java takes the nearest of the two-digit texts: 4.9E-324, where the shortest is 5E-324.
  if (!digits.includes('.')) [digits, exponent] = value.toExponential(1).split('e');
  return `${digits}E${Number(exponent)}`;
}
