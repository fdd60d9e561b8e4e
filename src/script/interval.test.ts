import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Interval, periodOf } from './interval.ts';
import { JobQueue } from './job-queue.ts';

beforeEach(() => void vi.useFakeTimers({ now: 10_400 }));
afterEach(() => void vi.useRealTimers());

function setUp(period: number, handle: (due: number) => void = () => {}) {
  const ticks: [due: number, at: number][] = [];
  const queue = new JobQueue({
    onBusy: () => {},
    onFault: (caught) => {
      throw caught;
    },
    onIdle: () => {},
  });
  const interval = new Interval(period, queue, (due) => {
    ticks.push([due, Date.now()]);
    handle(due);
  });
  return { ticks, queue, interval };
}

it.each([
  [undefined, 5000],
  [null, 5000],
  [0, 1000],
  [0.5, 1000],
  [-3, 1000],
  [1, 1000],
  [2.5, 2000],
  ['10', 10_000],
  ['x', 1000],
  [{}, 1000],
])('a period of %j is %i ms', (given, period) => expect(periodOf(given)).toBe(period));

it('ticks at multiples of the period', async () => {
  const { ticks } = setUp(1000);
  await vi.advanceTimersByTimeAsync(3000);
  expect(ticks.map(([due]) => due)).toEqual([11_000, 12_000, 13_000].slice(0, ticks.length));
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  for (const [due, at] of ticks) expect(at - due).toBeLessThan(10);
});

it('ticks missed while something else runs collapse into a late one', async () => {
  const { ticks, queue } = setUp(1000);
  queue.push('http', () => vi.setSystemTime(14_254));
  await vi.advanceTimersByTimeAsync(2000);
  expect(ticks[0][0]).toBe(11_000);
  expect(ticks[0][1]).toBeGreaterThanOrEqual(14_254);
  expect(ticks[1][0] - ticks[0][0]).toBeGreaterThanOrEqual(4000);
});

it('ticks that fall due while it runs itself are dropped', async () => {
  const { ticks } = setUp(1000, (due) => {
    if (due === 11_000) vi.setSystemTime(13_300);
  });
  await vi.advanceTimersByTimeAsync(2500);
  expect(ticks.slice(0, 2).map(([due]) => due)).toEqual([11_000, 14_000]);
});

it('a handler may stop it', async () => {
  const stopping: { interval?: Interval } = {};
  const { ticks, interval } = setUp(1000, () => stopping.interval?.stop());
  stopping.interval = interval;
  await vi.advanceTimersByTimeAsync(5000);
  expect(ticks).toHaveLength(1);
});

it('waits longer than a timer can', async () => {
  const { ticks } = setUp(90 * 24 * 3_600_000);
  await vi.advanceTimersByTimeAsync(91 * 24 * 3_600_000);
  expect(ticks.map(([due]) => due)).toEqual([90 * 24 * 3_600_000]);
});
