import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { along, createRandom, emission, type Side, wayOf } from './particles.ts';

const frame = { left: 10, top: 20, right: 110, bottom: 220 };

describe('the way of a flow', () => {
  it('goes from place to place', () => {
    const way = wayOf({ startSide: 'W', startVal: 0.5, endSide: 'N', endVal: 1, frequency: 3 }, frame);
    expect(along(way, 0)).toEqual({ x: 10, y: 120 });
    expect(along(way, 1)).toEqual({ x: 110, y: 20 });
  });

  it('is a way for any places, wrong ones too', () => {
    const side = fc.constantFrom<Side>('N', 'S', 'E', 'W');
    fc.assert(
      fc.property(side, side, fc.double(), fc.double(), (startSide, endSide, startVal, endVal) => {
        const way = wayOf({ startSide, startVal, endSide, endVal, frequency: 1 }, frame);
        expect(way.length).toBeGreaterThan(0);
        for (const { x, y } of [way.from, way.to]) {
          expect(x).toBeGreaterThanOrEqual(10);
          expect(x).toBeLessThanOrEqual(110);
          expect(y).toBeGreaterThanOrEqual(20);
          expect(y).toBeLessThanOrEqual(220);
        }
      }),
    );
  });
});

it('larger rates send more', () => {
  expect(emission(6, 6, 0.1)).toBe(0.1);
  expect(emission(5, 6, 0.1)).toBeLessThan(0.05);
  expect(emission(-3, 6, 0.1)).toBeCloseTo(0.004);
  expect(emission(Number.NaN, 6, 0.1)).toBeGreaterThan(0);
});

it('the same seed gives the same numbers', () => {
  const [a, b, other] = [createRandom(1234), createRandom(1234), createRandom(1)];
  const numbers = Array.from({ length: 5 }, () => a());
  expect(Array.from({ length: 5 }, () => b())).toEqual(numbers);
  expect(other()).not.toBe(numbers[0]);
  for (const number of numbers) expect(number >= 0 && number < 1).toBe(true);
});
