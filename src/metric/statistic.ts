import type { Quartiles } from './answers.ts';

/** How the values of several data sources become one (rest-api 8.2). */
export const STATISTICS = [
  'max',
  'min',
  'sum',
  'avg',
  'var',
  'sdev',
  'med',
  'q1',
  'q2',
  'q3',
  'iqr',
  'any',
] as const;
export type Statistic = (typeof STATISTICS)[number];

const QUARTILES: ReadonlySet<Statistic> = new Set(['med', 'q1', 'q2', 'q3', 'iqr']);

export function isStatistic(text: string): text is Statistic {
  return (STATISTICS as readonly string[]).includes(text);
}

/** The statistics that need every value. */
export function isQuartile(statistic: Statistic): boolean {
  return QUARTILES.has(statistic);
}

/** Number, mean and squared deviations of values, without the values: can be added up in parts (Chan, Golub, LeVeque). */
export interface Moments {
  count: number;
  sum: number;
  mean: number;
  /** Sum of the squared deviations from the mean. */
  squares: number;
}

export function createMoments(): Moments {
  return { count: 0, sum: 0, mean: 0, squares: 0 };
}

export function addValue(moments: Moments, value: number): void {
  moments.count++;
  moments.sum += value;
  const deviation = value - moments.mean;
  moments.mean += deviation / moments.count;
  moments.squares += deviation * (value - moments.mean);
}

/** Add the values behind `other` to those behind `moments`. */
export function addMoments(moments: Moments, other: Moments): void {
  if (other.count === 0) return;
  const count = moments.count + other.count;
  const deviation = other.mean - moments.mean;
  moments.squares += other.squares + (deviation * deviation * moments.count * other.count) / count;
  moments.mean += (deviation * other.count) / count;
  moments.sum += other.sum;
  moments.count = count;
}

/** Population variance, as clients know it. */
export function variance(moments: Moments): number {
  return moments.squares / moments.count;
}

/**
 * Quartiles of one value or more. The halves overlap at the median, as clients know it: with h = ⌊n/2⌋ the lower is x0 to
 * xh, the upper x(h-1) to x(2h-1); three values are their own quartiles (rest-api 8.3).
 */
export function quartiles(values: readonly number[]): Quartiles {
  const x = Float64Array.from(values).sort();
  const n = x.length;
  const half = n >> 1;
  const med = medianBetween(x, 0, n - 1);
  const [q1, q3] =
    n === 1
      ? [x[0], x[0]]
      : n === 3
        ? [x[0], x[2]]
        : [medianBetween(x, 0, half), medianBetween(x, half - 1, 2 * half - 1)];
  return { min: x[0], q1, med, q3, max: x[n - 1] };
}

/** Median of sorted x[first] to x[last], both included. */
function medianBetween(x: Float64Array, first: number, last: number): number {
  const low = x[(first + last) >> 1];
  const high = x[(first + last + 1) >> 1];
  return low === high ? low : (low + high) / 2;
}
