import { i32, u32 } from '../common/index.ts';
import { float32, float64 } from './float.ts';
import { growth32, growth64 } from './record-state.ts';
import { behindString, readText, stringEnd } from './text.ts';

/** Types of a custom metric (rest-api 7.6). */
const TYPE = { string: 0, counter32: 1, counter64: 2, gauge32: 3, gauge64: 4, float: 5, double: 6 } as const;

/** Bytes of a value by type; of a string the length word. */
const SIZES: readonly number[] = [4, 4, 8, 4, 8, 4, 8];

/** One custom metric of one data source. */
export interface CustomMetric {
  readonly name: string;
  type: number;
  /** NaN: absent. */
  value: number;
  text: string;
  /** Arrival of the latest value, ms. */
  updated: number;
  /** Counters: the latest value, high word and low word. */
  high: number;
  low: number;
}

/** Bounds on names that anybody may make up. */
export interface CustomMetricsBudget {
  /** Names per data source. */
  readonly perSource: number;
  /** Names that may still be added, of all data sources together. */
  left: number;
  /** Values left out because there were too many names already. */
  refused: number;
}

/** The metrics that senders name themselves (sample type 4300:1002), of one data source. */
export class CustomMetrics {
  private readonly metrics: CustomMetric[] = [];
  private readonly byName = new Map<string, CustomMetric>();
  private readonly budget: CustomMetricsBudget;
  private updated = -1;

  constructor(budget: CustomMetricsBudget) {
    this.budget = budget;
  }

  /** Take in the metrics in `bytes[at, end)`: a count, then name, type, value. False: cut short, or of an unknown type; those before count. */
  update(bytes: Uint8Array, start: number, end: number, now: number): boolean {
    if (end - start < 4) return false;
    // The clock went back: there is no telling how much time has passed.
    if (now < this.updated) this.forgetCounters();
    this.updated = now;
    let left = u32(bytes, start);
    let at = start + 4;
    for (let i = 0; left > 0; i++, left--) {
      const nameEnd = stringEnd(bytes, at, end);
      if (nameEnd < 0) return false;
      const nameAt = at + 4;
      at = behindString(nameAt, nameEnd);
      if (end - at < 4) return false;
      const type = u32(bytes, at);
      at += 4;
      const size = SIZES[type];
      if (size === undefined || end - at < size) return false;
      const textEnd = type === TYPE.string ? stringEnd(bytes, at, end) : 0;
      if (textEnd < 0) return false;
      const metric = this.metric(i, type, bytes, nameAt, nameEnd);
      if (metric === undefined) this.budget.refused++;
      else take(metric, bytes, at, textEnd, now);
      at = type === TYPE.string ? behindString(at + 4, textEnd) : at + size;
    }
    return true;
  }

  /** The next counters are first ones. */
  forgetCounters(): void {
    for (const metric of this.metrics) if (isCounter(metric.type)) reset(metric, metric.type);
  }

  /** Give the names back to the budget: this data source is gone. */
  release(): void {
    this.budget.left += this.metrics.length;
  }

  get list(): readonly Readonly<CustomMetric>[] {
    return this.metrics;
  }

  get(name: string): Readonly<CustomMetric> | undefined {
    return this.byName.get(name);
  }

  /** Metric of the name in `bytes[start, end)`; most senders keep their order, so that the i-th is tried first and no text is made. */
  private metric(
    i: number,
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): CustomMetric | undefined {
    const expected = i < this.metrics.length ? this.metrics[i].name : '';
    const name = readText(expected, bytes, start, end);
    let metric = name === expected && name !== '' ? this.metrics[i] : this.byName.get(name);
    if (metric === undefined) {
      if (name === '' || this.metrics.length >= this.budget.perSource || this.budget.left <= 0)
        return undefined;
      this.budget.left--;
      metric = { name, type, value: Number.NaN, text: '', updated: -1, high: 0, low: 0 };
      this.metrics.push(metric);
      this.byName.set(name, metric);
    } else if (metric.type !== type) reset(metric, type);
    return metric;
  }
}

/** Printed without a fraction. */
export function isIntegerType(type: number): boolean {
  return type === TYPE.gauge32 || type === TYPE.gauge64;
}

export function isTextType(type: number): boolean {
  return type === TYPE.string;
}

function isCounter(type: number): boolean {
  return type === TYPE.counter32 || type === TYPE.counter64;
}

function reset(metric: CustomMetric, type: number): void {
  metric.type = type;
  metric.value = Number.NaN;
  metric.text = '';
  metric.updated = -1;
}

/** As in records: a value all ones is not there. */
function take(metric: CustomMetric, bytes: Uint8Array, at: number, textEnd: number, now: number): void {
  const word = i32(bytes, at);
  const long = SIZES[metric.type] === 8;
  if (metric.type !== TYPE.string && word === -1 && (!long || i32(bytes, at + 4) === -1)) return;
  switch (metric.type) {
    case TYPE.string:
      metric.text = readText(metric.text, bytes, at + 4, textEnd);
      break;
    case TYPE.counter32:
      if (metric.updated === now) return;
      countUp(metric, 0, word >>> 0, now);
      break;
    case TYPE.counter64:
      if (metric.updated === now) return;
      countUp(metric, word >>> 0, u32(bytes, at + 4), now);
      break;
    case TYPE.gauge32:
      metric.value = word >>> 0;
      break;
    case TYPE.gauge64:
      metric.value = (word >>> 0) * 2 ** 32 + u32(bytes, at + 4);
      break;
    default: {
      const value = long ? float64(word, u32(bytes, at + 4)) : float32(word);
      if (Number.isNaN(value)) return;
      metric.value = value;
    }
  }
  metric.updated = now;
}

function countUp(metric: CustomMetric, high: number, low: number, now: number): void {
  if (metric.updated >= 0) {
    const grown =
      metric.type === TYPE.counter64
        ? growth64(high, low, metric.high, metric.low)
        : growth32(low, metric.low);
    metric.value = grown * (1000 / (now - metric.updated));
  }
  metric.high = high;
  metric.low = low;
}
