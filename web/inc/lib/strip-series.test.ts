import { describe, expect, it } from 'vitest';
import { layOut, nearest } from './strip-series.ts';

const lists = (set: ReturnType<typeof layOut>): number[][] => set.series.map(({ top }) => [...top]);

describe('layOut', () => {
  const data = { times: [1, 2, 3], values: [[1, 2, 3], [10, undefined, 30], []] };

  it('keeps lines where they are, with gaps', () => {
    const set = layOut(data, { stack: false, mirror: false });
    expect(lists(set)).toEqual([
      [1, 2, 3],
      [10, Number.NaN, 30],
      [Number.NaN, Number.NaN, Number.NaN],
    ]);
    expect([set.low, set.high]).toEqual([0, 30]);
  });

  it('stacks; a gap is zero where others have a value', () => {
    const set = layOut(data, { stack: true, mirror: false });
    expect(lists(set)).toEqual([
      [1, 2, 3],
      [11, 2, 33],
      [11, 2, 33],
    ]);
    expect(set.high).toBe(33);
  });

  it('keeps a gap of all series', () => {
    const set = layOut(
      {
        times: [1, 2],
        values: [
          [1, null],
          [2, 'x'],
        ],
      },
      { stack: true, mirror: false },
    );
    expect(lists(set)).toEqual([
      [1, Number.NaN],
      [3, Number.NaN],
    ]);
  });

  it('mirrors every second series, each side stacked for itself', () => {
    const set = layOut({ times: [1], values: [[1], [2], [3], [4]] }, { stack: true, mirror: true });
    expect(lists(set)).toEqual([[1], [-2], [4], [-6]]);
    expect([set.low, set.high]).toEqual([-6, 4]);
  });
});

it('nearest finds the nearest', () => {
  const times = [10, 20, 40];
  expect([0, 14, 16, 29, 31, 99].map((at) => times[nearest(times, at)])).toEqual([10, 10, 20, 20, 40, 40]);
  expect(nearest([], 5)).toBe(-1);
});
