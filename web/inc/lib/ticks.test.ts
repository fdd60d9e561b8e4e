import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeTicks, valueScale } from './ticks.ts';

describe('valueScale', () => {
  it('has round ticks, and holds all values', () => {
    expect(valueScale(0, 93, 5)).toEqual({ low: 0, high: 100, ticks: [0, 20, 40, 60, 80, 100] });
    expect(valueScale(0, 0.31, 4).ticks).toEqual([0, 0.1, 0.2, 0.3]);
    expect(valueScale(-30, 55, 5)).toEqual({ low: -30, high: 60, ticks: [-20, 0, 20, 40, 60] });
    expect(valueScale(0, 3000, 4, true).ticks).toEqual([0, 1024, 2048, 3072]);
  });

  it('is something for no values', () => {
    expect(valueScale(0, 0, 5)).toEqual({ low: 0, high: 1, ticks: [0] });
    expect(valueScale(Number.NaN, Number.NaN, 5).ticks).toEqual([0]);
  });

  it('holds whatever there is, with few ticks', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
        fc.integer({ min: 2, max: 9 }),
        fc.boolean(),
        (low, range, most, base2) => {
          const scale = valueScale(low, low + range, most, base2);
          const slack = 1e-6 * (scale.high - scale.low);
          expect(scale.low).toBeLessThanOrEqual(Math.min(low, 0) + slack);
          expect(scale.high).toBeGreaterThanOrEqual(Math.max(low + range, 0) - slack);
          expect(scale.ticks.length).toBeLessThanOrEqual(most + 2);
          for (const tick of scale.ticks) {
            expect(tick).toBeGreaterThanOrEqual(scale.low - slack);
            expect(tick).toBeLessThanOrEqual(scale.high + slack);
          }
        },
      ),
    );
  });
});

describe('timeTicks', () => {
  const at = (hours: number, minutes: number, seconds = 0): number =>
    new Date(2024, 4, 7, hours, minutes, seconds).getTime();

  it('stand at round local times', () => {
    expect(timeTicks(at(9, 58, 20), at(10, 3, 20), 5).map(({ label }) => label)).toEqual([
      '09:59',
      '10:00',
      '10:01',
      '10:02',
      '10:03',
    ]);
    expect(timeTicks(at(9, 0), at(9, 0, 20), 4).map(({ label }) => label)).toEqual(
      ['09:00:00', '09:00:05', '09:00:10', '09:00:15', '09:00:20'].slice(0, 5),
    );
  });

  it('name the day at midnight', () => {
    expect(timeTicks(at(22, 0), at(26, 0), 4).map(({ label }) => label)).toEqual([
      '22:00',
      '23:00',
      '8 May',
      '01:00',
      '02:00',
    ]);
  });

  it('are none without a range', () => {
    expect(timeTicks(5, 5, 5)).toEqual([]);
    expect(timeTicks(Number.NaN, 5, 5)).toEqual([]);
  });

  it('stay within the range, in order, and are few', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 1000, max: 4e10 }),
        fc.integer({ min: 1, max: 20 }),
        (start, range, most) => {
          const ticks = timeTicks(start, start + range, most).map((tick) => tick.at);
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          for (const [i, tick] of ticks.entries()) {
            expect(tick).toBeGreaterThanOrEqual(i === 0 ? start : ticks[i - 1]);
            expect(tick).toBeLessThanOrEqual(start + range);
          }
        },
      ),
    );
  });
});
