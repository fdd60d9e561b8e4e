import { i32, u32 } from '../common/index.ts';
import { float32 } from './float.ts';
import { type RecordPlan, STEP, type Step } from './plan.ts';
import { readText, stringEnd } from './text.ts';

const ALL_ONES = 0xffffffff;
const TWO_32 = 4294967296;
const TWO_31 = 2147483648;
const TWO_64 = TWO_32 * TWO_32;
const TWO_63 = TWO_31 * TWO_32;

/** What is kept of one record of one data source. */
export interface RecordState {
  /** Format word, as it was given. */
  readonly format: number;
  plan: RecordPlan;
  /** Laid out by the plan. NaN: absent. Only doubles, so that the array stays unboxed. */
  numbers: number[];
  /** By text slot; '': absent. */
  texts: string[];
  /** Arrival of the latest record, ms; -1: none yet. */
  updated: number;
  /** The data source's baseline that the counters belong to. */
  baseline: number;
}

export function createRecordState(format: number, plan: RecordPlan, baseline: number): RecordState {
  return { format, plan, numbers: plan.blank.slice(), texts: plan.blankTexts.slice(), updated: -1, baseline };
}

/** Forget the counters: the next record is a first one. Gauges and texts stay. */
export function forgetCounters(state: RecordState): void {
  for (const position of state.plan.volatile) state.numbers[position] = Number.NaN;
}

/**
 * Take in the record in `bytes[at, end)`. False: it ends too soon, or a string in it reaches beyond it; what stood before
 * that counts. Allocates nothing unless a text has changed.
 */
export function updateRecord(
  state: RecordState,
  bytes: Uint8Array,
  at: number,
  end: number,
  now: number,
): boolean {
  const { plan, numbers } = state;
  // The clock went back: there is no telling how much time has passed.
  if (now < state.updated) forgetCounters(state);
  plan.deltas.fill(Number.NaN);
  const whole = readSteps(state, bytes, at, end, now);
  state.updated = now;
  for (const derived of plan.derived) {
    if (derived.ofDeltas) {
      const value = derived.compute(plan.deltas, derived.inputs);
      if (!Number.isNaN(value)) numbers[derived.slot] = value;
    } else numbers[derived.slot] = derived.compute(numbers, derived.inputs);
  }
  return whole;
}

function readSteps(state: RecordState, bytes: Uint8Array, start: number, end: number, now: number): boolean {
  const { plan, numbers } = state;
  let at = start;
  for (const step of plan.steps) {
    if (end - at < step.size) return step.optional;
    switch (step.does) {
      case STEP.counter32:
        count(state, step, 0, u32(bytes, at), now);
        break;
      case STEP.counter64:
        count(state, step, u32(bytes, at), u32(bytes, at + 4), now);
        break;
      case STEP.gauge32: {
        const value = u32(bytes, at);
        if (value !== ALL_ONES) numbers[step.slot] = value / step.divisor;
        break;
      }
      case STEP.gaugeSigned: {
        const value = i32(bytes, at);
        if (value !== -1) numbers[step.slot] = value / step.divisor;
        break;
      }
      case STEP.gauge64: {
        const high = u32(bytes, at);
        const low = u32(bytes, at + 4);
        if (high !== ALL_ONES || low !== ALL_ONES) numbers[step.slot] = (high * TWO_32 + low) / step.divisor;
        break;
      }
      case STEP.gaugeFloat: {
        const value = float32(i32(bytes, at));
        if (!Number.isNaN(value)) numbers[step.slot] = value / step.divisor;
        break;
      }
      case STEP.label:
        relabel(state, step, bytes, at);
        break;
      case STEP.string:
      case STEP.skipString: {
        const textEnd = stringEnd(bytes, at, end);
        if (textEnd < 0) return false;
        if (step.slot >= 0) state.texts[step.slot] = readText(state.texts[step.slot], bytes, at + 4, textEnd);
        at += (textEnd - at - 4 + 3) & ~3;
      }
    }
    at += step.advance;
  }
  return true;
}

/**
 * Take in a counter's value. All ones: not supported, nothing happens, so that the next valid value gives the rate over
 * the whole gap. Twice in the same millisecond: the next one gives the rate of both.
 */
function count(state: RecordState, step: Step, high: number, low: number, now: number): void {
  const { numbers } = state;
  const long = step.does === STEP.counter64;
  if (low === ALL_ONES && (!long || high === ALL_ONES)) return;
  const time = step.memory;
  const before = numbers[time];
  if (before === now) return;
  const lowAt = long ? time + 2 : time + 1;
  if (!Number.isNaN(before)) {
    const grown = long
      ? growth64(high, low, numbers[time + 1], numbers[lowAt])
      : growth32(low, numbers[lowAt]);
    state.plan.deltas[step.slot] = grown;
    const elapsed = now - before;
    numbers[step.slot] = step.ofTime ? (grown * 100) / elapsed : grown * (1000 / elapsed);
  }
  numbers[time] = now;
  if (long) numbers[time + 1] = high;
  numbers[lowAt] = low;
}

/** By how much a 32-bit counter has grown. A decrease is a wrap when the counter then moved by less than half its range, else 0. */
export function growth32(now: number, before: number): number {
  const difference = now - before;
  if (difference >= 0) return difference;
  return difference + TWO_32 < TWO_31 ? difference + TWO_32 : 0;
}

/** The same for 64 bits, in two unsigned words; exact below 2^53. */
export function growth64(high: number, low: number, highBefore: number, lowBefore: number): number {
  const difference = (high - highBefore) * TWO_32 + (low - lowBefore);
  if (difference >= 0) return difference;
  if (difference + TWO_64 >= TWO_63) return 0;
  return (high - highBefore + TWO_32) * TWO_32 + (low - lowBefore);
}

function relabel(state: RecordState, step: Step, bytes: Uint8Array, at: number): void {
  const { numbers } = state;
  // Unsupported. In longer fields (a MAC address, a UUID) all ones would be a value.
  if (step.size === 4 && u32(bytes, at) === ALL_ONES) return;
  let changed = false;
  for (let i = 0; i < step.size / 4; i++) {
    const word = u32(bytes, at + 4 * i);
    if (numbers[step.memory + i] !== word) {
      numbers[step.memory + i] = word;
      changed = true;
    }
  }
  if (changed) state.texts[step.slot] = step.format(bytes, at);
}
