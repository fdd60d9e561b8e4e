import { describe, expect, it } from 'vitest';
import { shortValue, valueStr } from './format.ts';

describe('valueStr', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1K'],
    [1234, '1.234K'],
    [1.5e6, '1.5M'],
    [1e9, '1G'],
    [0.001, '0.001'],
    [-5, '5'],
    [-1234, '1.234K'],
    [999_999.9, '1M'],
    [2e21, '2000E'],
    ['1500', '1.5K'],
  ])('%s is %s', (value, text) => expect(valueStr(value)).toBe(text));

  it('counts in thousandths on demand', () => {
    expect(valueStr(0.001, true)).toBe('1<i>m</i>');
    expect(valueStr(0.25, true)).toBe('250<i>m</i>');
    expect(valueStr(2, true)).toBe('2');
  });

  it('counts in 1024s on demand', () => {
    expect(valueStr(2048, false, true)).toBe('2K');
    expect(valueStr(1000, false, true)).toBe('1000');
    expect(valueStr(3 * 1024 ** 3, false, true)).toBe('3G');
  });

  it.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 'x', ''])(
    '%s is nothing or zero',
    (value) => expect(['', '0']).toContain(valueStr(value)),
  );
});

it('shortValue keeps the sign and three digits', () => {
  expect(shortValue(-1234.5)).toBe('−1.23K');
  expect(shortValue(0.0123)).toBe('0.012');
  expect(shortValue(0.5, true)).toBe('500m');
  expect(shortValue(0)).toBe('0');
});
