/** Steps of 1, 2 and 5, and of 4 and 8 in powers of two. */
const DECIMAL_STEPS = [1, 2, 5, 10];
const BINARY_STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** The smallest step for which a range has at most `most` ticks. Range above 0. */
export function valueStep(range: number, most: number, base2 = false): number {
  const least = range / Math.max(1, most);
  const base = base2 && least >= 1 ? 1024 : 10;
  const power = base ** Math.floor(Math.log(least) / Math.log(base) + 1e-9);
  const steps = base === 1024 ? BINARY_STEPS : DECIMAL_STEPS;
  const step = steps.find((each) => each * power >= least * (1 - 1e-9)) ?? base;
  return step * power;
}

/** A range of values widened to whole and half steps, and the ticks in it. */
export interface ValueScale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/**
 * The scale for values from `low` to `high`, both of them and zero included. The ends keep to halves of a step, so that
 * the scale stays where it is while values change a little.
 */
export function valueScale(low: number, high: number, most: number, base2 = false): ValueScale {
  const from = Math.min(0, low);
  const to = Math.max(0, high);
  if (!(to > from)) return { low: 0, high: 1, ticks: [0] };
  const step = valueStep(to - from, most, base2);
  const first = Math.floor(from / (step / 2) + 1e-9) / 2;
  const last = Math.ceil(to / (step / 2) - 1e-9) / 2;
  const ticks: number[] = [];
  for (let i = Math.ceil(first); i <= last; i++) ticks.push(Number((i * step).toPrecision(12)));
  return { low: first * step, high: last * step, ticks };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 365].map((n) => n * DAY),
];

export interface TimeTick {
  /** Epoch ms. */
  readonly at: number;
  readonly label: string;
}

/** Ticks at round local times from `start` to `end` (epoch ms), at most `most`. */
export function timeTicks(start: number, end: number, most: number): TimeTick[] {
  const range = end - start;
  if (!(range > 0) || most < 1) return [];
  const step = TIME_STEPS.find((each) => range / each <= most) ?? range;
  const ticks: TimeTick[] = [];
  const offset = (at: number): number => new Date(at).getTimezoneOffset() * MINUTE;
  // Counted in local time, which clock changes within the range may shift; no tick then stands outside.
  const shift = offset(start);
  for (let local = Math.ceil((start - shift) / step) * step; ticks.length <= most; local += step) {
    const at = local + offset(local + shift);
    if (at > end) break;
    if (at >= start) ticks.push({ at, label: timeLabel(at, step) });
  }
  return ticks;
}

const two = (n: number): string => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function timeLabel(at: number, step: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  if (step >= DAY || (hours === 0 && minutes === 0 && seconds === 0))
    return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return step < MINUTE ? `${two(hours)}:${two(minutes)}:${two(seconds)}` : `${two(hours)}:${two(minutes)}`;
}

/** A moment in full, for read-outs. */
export function timeText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}
