import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJavaDouble } from './java-number.ts';

describe('formatJavaDouble', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-42, '-42.0'],
    [0.001, '0.001'],
    [0.0008, '8.0E-4'],
    [0.00012345, '1.2345E-4'],
    [9999999, '9999999.0'],
    [9999999.5, '9999999.5'],
    [1e7, '1.0E7'],
    [-1.17e7, '-1.17E7'],
    [123456789.125, '1.23456789125E8'],
    [1e21, '1.0E21'],
    [2e23, '2.0E23'],
    [1001.0010010010011, '1001.0010010010011'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
    [Number.MIN_VALUE, '4.9E-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d is %s', (value, text) => {
    expect(formatJavaDouble(value)).toBe(text);
  });

  it('reads back as the same number, and always shows a fraction', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatJavaDouble(value);
        expect(text).toMatch(/^-?\d+\.\d+(E-?\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });
});
