import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMoments, addValue, createMoments, quartiles, variance } from './statistic.ts';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('8.3 moments', () => {
  it('equal the plain sums, however the values are split', () => {
    fc.assert(
      fc.property(numbers, fc.nat(40), (values, split) => {
        const whole = createMoments();
        const rest = createMoments();
        for (const [i, value] of values.entries()) addValue(i < split ? whole : rest, value);
        addMoments(whole, rest);
        const sum = values.reduce((total, value) => total + value, 0);
        const mean = sum / values.length;
        const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
        expect(whole.count).toBe(values.length);
        expect(whole.sum).toBeCloseTo(sum, 4);
        expect(whole.mean).toBeCloseTo(mean, 4);
        expect(Math.abs(variance(whole) - squares / values.length)).toBeLessThanOrEqual(1e-9 * (1 + squares));
      }),
    );
  });
});

describe('8.3 quartiles', () => {
  it.each([
    [[5], 5, 5, 5],
    [[1, 3], 2, 2, 2],
    [[10, 20, 40], 10, 20, 40],
    [[1, 2, 3, 4], 2, 2.5, 3],
    [[1, 2, 3, 4, 5], 2, 3, 3],
    [[1, 2, 3, 4, 5, 6], 2.5, 3.5, 4.5],
    [[4, 2, 6, 1, 8, 7, 3, 5], 3, 4.5, 6],
  ])('of %j are %d, %d, %d', (values, q1, med, q3) => {
    expect(quartiles(values)).toEqual({ min: Math.min(...values), q1, med, q3, max: Math.max(...values) });
  });

  it('follow the rule in its words', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const x = [...values].sort((a, b) => a - b);
        const n = x.length;
        const h = Math.floor(n / 2);
        const expected =
          n === 1
            ? [x[0], x[0]]
            : n === 3
              ? [x[0], x[2]]
              : [median(x.slice(0, h + 1)), median(x.slice(h - 1, 2 * h))];
        const { min, q1, med, q3, max } = quartiles(values);
        expect([min, max]).toEqual([x[0], x[n - 1]]);
        expect(med).toBeCloseTo(median(x), 9);
        expect(q1).toBeCloseTo(expected[0], 9);
        expect(q3).toBeCloseTo(expected[1], 9);
      }),
    );
  });
});

/** The usual median of sorted values. */
function median(x: readonly number[]): number {
  const h = x.length >> 1;
  return x.length % 2 === 1 ? x[h] : (x[h - 1] + x[h]) / 2;
}
