/** What a page gives to a strip chart. */
export interface StripData {
  /** Epoch ms, ascending. */
  readonly times: readonly number[];
  /** One list for each series, as long as `times`; anything that is no number is a gap. */
  readonly values: readonly (readonly unknown[])[];
  /** Ends of the time axis; the first and last of `times` when absent. */
  readonly start?: Date | number;
  readonly end?: Date | number;
  /** Title of the value axis. */
  readonly units?: string;
  /** Colour of each series, instead of the option's. */
  readonly colors?: readonly string[];
  /** Name of each series for the read-out. */
  readonly labels?: readonly string[];
  /** Horizontal lines; those with `scale` are kept in view. */
  readonly hrules?: readonly { readonly value: number; readonly color?: string; readonly scale?: boolean }[];
  /** Room above the largest value, as a fraction of it. */
  readonly ymargin?: number;
}

export interface SeriesOptions {
  readonly stack: boolean;
  readonly mirror: boolean;
}

/** A series as it is drawn: from `base` to `top` at each time, NaN where there is nothing. */
export interface Series {
  readonly value: Float64Array;
  readonly base: Float64Array;
  readonly top: Float64Array;
}

export interface SeriesSet {
  readonly series: readonly Series[];
  readonly low: number;
  readonly high: number;
}

/**
 * Lays series on top of each other (`stack`), or each on zero; with `mirror` every second one goes down from zero. In a
 * stack a gap counts as zero, unless all series have one.
 */
export function layOut(data: StripData, { stack, mirror }: SeriesOptions): SeriesSet {
  const points = data.times.length;
  const values = data.values.map((list) => numbers(list, points));
  const up = new Float64Array(points);
  const down = new Float64Array(points);
  const empty = new Uint8Array(points).fill(1);
  for (const list of values) for (let i = 0; i < points; i++) if (!Number.isNaN(list[i])) empty[i] = 0;
  let low = 0;
  let high = 0;
  const series = values.map((value, index): Series => {
    const below = mirror && index % 2 === 1;
    const base = new Float64Array(points);
    const top = new Float64Array(points);
    const sum = below ? down : up;
    for (let i = 0; i < points; i++) {
      let size = value[i];
      if (stack && Number.isNaN(size) && empty[i] === 0) size = 0;
      if (below) size = -size;
      if (stack) {
        base[i] = sum[i];
        top[i] = sum[i] + size;
        if (!Number.isNaN(size)) sum[i] = top[i];
      } else top[i] = size;
      if (top[i] < low) low = top[i];
      if (top[i] > high) high = top[i];
    }
    return { value, base, top };
  });
  return { series, low, high };
}

function numbers(list: readonly unknown[] | undefined, points: number): Float64Array {
  const result = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    const value = list?.[i];
    result[i] = typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN;
  }
  return result;
}

/** Index of the time nearest to `at`; -1 when there is none. */
export function nearest(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - times[low - 1] < times[low] - at ? low - 1 : low;
}
