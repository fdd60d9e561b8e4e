import { expect, it } from 'vitest';
import { arcPath, gaugeFraction } from './gauge.ts';

it.each([
  [50, 100, false, 0.5],
  [150, 100, false, 1],
  [-5, 100, false, 0],
  [5, 0, false, 0],
  [Number.NaN, 100, false, 0],
  [1, 10_000, true, 0],
  [100, 10_000, true, 0.5],
  [0, 10_000, true, 0],
  [5, 1, true, Math.log10(5)],
] as const)('%d of %d, logarithmic %s, is at %d', (value, most, logScale, fraction) =>
  expect(gaugeFraction(value, most, logScale)).toBeCloseTo(fraction),
);

it('arcs are nothing, small or large', () => {
  expect(arcPath(0, 0)).toBe('');
  expect(arcPath(0, 0.5)).toContain('A74 74 0 0 1');
  expect(arcPath(0, 1)).toContain('A74 74 0 1 1');
});
