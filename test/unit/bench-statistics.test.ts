import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile } from '../../bench/lib/statistics.mjs';

const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });

describe('a quantile', () => {
  it.each([
    [[7], 0.99, 7],
    [[3, 1, 2], 0, 1],
    [[3, 1, 2], 1, 3],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[10, 20], 0.25, 12.5],
    // The 99th of a hundred lies a hundredth of the way from the second largest to the largest.
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99.01],
  ])('of %j at %d', (values, share, expected) => {
    expect(quantile(values, share)).toBeCloseTo(expected, 10);
  });

  it('is none of nothing', () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([Number.NaN], 0.5)).toBeNaN();
  });

  it('leaves out what was not measured', () => {
    expect(quantile([1, Number.NaN, 3, Number.POSITIVE_INFINITY], 1)).toBe(3);
  });

  it('leaves the values as they are', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('has at least its share of the values at or below it, and the rest at or above', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const at = quantile(values, share);
        const below = values.filter((value) => value <= at).length;
        const above = values.filter((value) => value >= at).length;
        expect(below).toBeGreaterThanOrEqual(Math.floor((values.length - 1) * share) + 1);
        expect(above).toBeGreaterThanOrEqual(values.length - Math.ceil((values.length - 1) * share));
      }),
    );
  });
});

describe('the median', () => {
  it('is the middle one, or lies between the two', () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([5, 1, 9, 7])).toBe(6);
  });
});
