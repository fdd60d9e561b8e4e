import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, numberOf, textOf } from './arguments.ts';

const DEFAULT_WINDOW = 180;
const MIN_WINDOW = 10;
const DEFAULT_SENSITIVITY = 2;
const DEFAULT_REPEAT = 1;
/** Baselines of one script. */
const MAX_BASELINES = 100_000;

/** Section 8: what is usual, learned from the values themselves. */
export const baselineFunctions: ScriptArea = (host) => {
  const baselines = new Map<string, Baseline>();
  return {
    baselineCreate(name, window, sensitivity, repeat) {
      if (isAbsent(name)) throw host.error('missing name');
      const length = option(host, 'window', window, DEFAULT_WINDOW);
      if (length < MIN_WINDOW) throw host.error(`window must be >= ${MIN_WINDOW}, ${length}`);
      if (!baselines.has(String(name)) && baselines.size >= MAX_BASELINES)
        throw host.error(`more than ${MAX_BASELINES} baselines`);
      const deviations = option(host, 'sensitivity', sensitivity, DEFAULT_SENSITIVITY);
      const times = Math.max(1, option(host, 'repeat', repeat, DEFAULT_REPEAT));
      baselines.set(String(name), new Baseline(Math.trunc(length), deviations, Math.trunc(times)));
    },
    baselineCheck(name, value) {
      const baseline = baselines.get(textOf(name) ?? '');
      if (baseline === undefined) throw host.error(`does not exist, ${name}`);
      const number = numberOf(value);
      if (number === undefined || !Number.isFinite(number)) throw host.error(`not a number, ${value}`);
      return baseline.check(number);
    },
    baselineStatistics: (name) => baselines.get(textOf(name) ?? '')?.statistics() ?? null,
    baselineReset: (name) => baselines.get(textOf(name) ?? '')?.reset(),
    baselineDelete: (name) => void baselines.delete(textOf(name) ?? ''),
  };
};

function option(host: ScriptHost, what: string, given: unknown, otherwise: number): number {
  if (isAbsent(given)) return otherwise;
  const number = numberOf(given);
  if (number === undefined) throw host.error(`${what} must be a number, ${given}`);
  return number;
}

export interface BaselineStatistics {
  readonly mean: number;
  readonly variance: number;
  readonly sdev: number;
  /** The normal range: `sensitivity` standard deviations about the mean. */
  readonly min: number;
  readonly max: number;
}

/**
 * Mean and variance, of all values while the window fills, weighted exponentially (1 / window) afterwards. A value out of
 * range counts for them only once it has come `repeat` times in a row and so is told: what is unusual for a moment does
 * not become usual, what stays does.
 */
class Baseline {
  private readonly window: number;
  private readonly sensitivity: number;
  private readonly repeat: number;
  private count = 0;
  private mean = 0;
  private variance = 0;
  /** Values in a row that were above (positive) or below. */
  private run = 0;

  constructor(window: number, sensitivity: number, repeat: number) {
    this.window = window;
    this.sensitivity = sensitivity;
    this.repeat = repeat;
  }

  check(value: number): 'learning' | 'normal' | 'low' | 'high' {
    if (this.count < this.window) {
      this.count++;
      this.learn(value, 1 / this.count);
      return 'learning';
    }
    const { min, max } = this.statistics();
    const side = value > max ? 1 : value < min ? -1 : 0;
    this.run = side === 0 ? 0 : side * this.run > 0 ? this.run + side : side;
    if (side !== 0 && Math.abs(this.run) < this.repeat) return 'normal';
    this.run = 0;
    this.learn(value, 1 / this.window);
    return side === 0 ? 'normal' : side > 0 ? 'high' : 'low';
  }

  statistics(): BaselineStatistics {
    const { mean, variance } = this;
    const sdev = Math.sqrt(variance);
    const reach = this.sensitivity * sdev;
    return { mean, variance, sdev, min: mean - reach, max: mean + reach };
  }

  reset(): void {
    this.count = 0;
    this.mean = 0;
    this.variance = 0;
    this.run = 0;
  }

  /** With a weight of 1/n these are mean and variance of n values. */
  private learn(value: number, weight: number): void {
    const difference = value - this.mean;
    this.mean += weight * difference;
    this.variance = (1 - weight) * (this.variance + weight * difference * difference);
  }
}
