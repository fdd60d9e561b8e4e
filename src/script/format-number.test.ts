import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatByPattern, parseNumberPattern } from './format-number.ts';

function format(number: number, pattern: string): string {
  return formatByPattern(number, parseNumberPattern(pattern));
}

describe('script-api 10, formatNumber: patterns of java.text.DecimalFormat', () => {
  it.each([
    [0, '0', '0'],
    [5, '000', '005'],
    [1234567.891, '#,##0.00', '1,234,567.89'],
    [1234567, '#,###', '1,234,567'],
    [123456789, '#,####', '1,2345,6789'],
    [12, '#,##0', '12'],
    [7, '0,000', '0,007'],
    [0, '#,###', '0'],
    [0, '#', '0'],
    [0.5, '#.##', '0.5'],
    [0.5, '#.00', '.50'],
    [0, '#.00', '.00'],
    [0.5, '.00', '.50'],
    [3, '#.', '3.'],
    [3, '0.#', '3'],
    [7.1416, '0.###', '7.142'],
    [3.1, '0.000#', '3.100'],
    [1e-7, '0.0000000', '0.0000001'],
    [1e21, '0', '1000000000000000000000'],
    [-1.5, '0.0', '-1.5'],
    [-1.5, '0.0;(0.0)', '(1.5)'],
    [-0.001, '0.0', '-0.0'],
    [-0, '0', '-0'],
    // Half to even, by what the number is and not by how it is written.
    [0.5, '0', '0'],
    [1.5, '0', '2'],
    [2.5, '0', '2'],
    [0.125, '0.00', '0.12'],
    [0.375, '0.00', '0.38'],
    [0.15, '0.0', '0.1'],
    [0.35, '0.0', '0.3'],
    [1.005, '0.00', '1.00'],
    [2.675, '0.00', '2.67'],
    [999.995, '0.00', '1000.00'],
    [9.999, '0.00', '10.00'],
    [0.25, '0%', '25%'],
    [0.125, '#.#%', '12.5%'],
    [0.0125, '0.0\u2030', '12.5\u2030'],
    [12.5, "0.0' ms'", '12.5 ms'],
    [12.5, "'#'0.0", '#12.5'],
    [12, "0 o''clock", "12 o'clock"],
    [12, '\u00a40', '$12'],
    [12, 'a 0 b', 'a 12 b'],
    [12345, '0.###E0', '1.234E4'],
    [12345, '00.###E0', '12.345E3'],
    [12345, '##0.#####E0', '12.345E3'],
    [123456, '##0.#####E0', '123.456E3'],
    [0.00012, '0.0E0', '1.2E-4'],
    [0.00012, '##0.#E0', '120E-6'],
    [0, '0.0E0', '0.0E0'],
    [12345, '0.0E00', '1.2E04'],
    [-12345, '0.0E0', '-1.2E4'],
    [Number.NaN, '#,##0', 'NaN'],
    [Number.POSITIVE_INFINITY, '#,##0 b', '∞ b'],
    [Number.NEGATIVE_INFINITY, '#,##0', '-∞'],
    [1234.5678, '', '1234.5678'],
    [-3, '', '-3'],
    [0, '', '0'],
    [1e21, '', '1000000000000000000000'],
  ])('%d by "%s" is %s', (number, pattern, text) => {
    expect(format(number, pattern)).toBe(text);
  });

  it.each([
    ['#0#', 'Malformed pattern "#0#"'],
    ['0#0', `Unquoted special character '0' in pattern "0#0"`],
    ['0.0.0', 'Multiple decimal separators in pattern "0.0.0"'],
    ['#,', 'Malformed pattern "#,"'],
    ["0'", `Malformed pattern "0'"`],
    ['0E', 'Malformed exponential pattern "0E"'],
    ['0 0', `Unquoted special character '0' in pattern "0 0"`],
    ['0%%', 'Too many percent/per mille characters in pattern "0%%"'],
    ['0'.repeat(1001), 'Malformed pattern: longer than 1000 characters'],
  ])('refuses "%s"', (pattern, message) => {
    expect(() => parseNumberPattern(pattern)).toThrow(message);
  });

  it('with enough digits reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(Number(format(number, '')) + 0).toBe(number + 0);
      }),
    );
  });

  it('is as near as the digits allow', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.integer({ min: 0, max: 6 }),
        (n, digits) => {
          const text = format(n, digits === 0 ? '0' : `0.${'0'.repeat(digits)}`);
          expect(text).toMatch(digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${digits}}$`));
          expect(Math.abs(Number(text) - n)).toBeLessThanOrEqual(0.5 * 10 ** -digits * (1 + 1e-9) + 1e-7);
        },
      ),
    );
  });
});
