import type { DerivedRule, LabelRule } from './rule.ts';

/** What a step does with the bytes at its place. */
export const STEP = {
  counter32: 0,
  counter64: 1,
  gauge32: 2,
  gaugeSigned: 3,
  gauge64: 4,
  gaugeFloat: 5,
  /** Text of some words. */
  label: 6,
  /** Text of a string field. */
  string: 7,
  skip: 8,
  skipString: 9,
} as const;

/** One step through a record's bytes. All positions are into the numbers (or texts) of the record's state. */
export interface Step {
  readonly does: number;
  /** Bytes that must be there. */
  readonly size: number;
  /** Bytes to go on by. For a string that is its length word; what it counts comes on top. */
  readonly advance: number;
  /** A record may end before this step. */
  readonly optional: boolean;
  /** The metric: in the numbers, or for a label in the texts. -1: none. */
  readonly slot: number;
  /**
   * What the step remembers. Counters: the time of the previous value, then the value, high word first when it has two.
   * Labels: the words.
   */
  readonly memory: number;
  /** Gauges: the metric is the field divided by this. */
  readonly divisor: number;
  /** Counters: percent of the time that passed instead of a rate. */
  readonly ofTime: boolean;
  readonly format: LabelRule['format'];
}

export interface DerivedStep {
  readonly slot: number;
  readonly inputs: readonly number[];
  readonly ofDeltas: boolean;
  readonly compute: DerivedRule['compute'];
}

/**
 * How a record of one format becomes metrics. A metric's slot is its number in the plan: numeric metrics come first,
 * text metrics from `numberSlots` on.
 */
export interface RecordPlan {
  /** Number of this plan among all: small and dense, for caches by plan. */
  readonly index: number;
  readonly steps: readonly Step[];
  readonly derived: readonly DerivedStep[];
  /** By slot; '' for operands of derived metrics, which are no metrics themselves. */
  readonly names: readonly string[];
  readonly numberSlots: number;
  /** By numeric slot: printed without a fraction. */
  readonly integer: readonly boolean[];
  /** By numeric slot: where the metric's own time stands in the numbers, -1 when it is the record's. */
  readonly times: readonly number[];
  /** Numbers of a new state, all NaN: the metrics by slot, then what the steps remember. */
  readonly blank: readonly number[];
  /** Texts of a new state, all ''. */
  readonly blankTexts: readonly string[];
  /** Positions that a new baseline forgets. */
  readonly volatile: readonly number[];
  /** Memory of a state at most, in numbers of eight bytes. */
  readonly cost: number;
  /** Growth of each counter by slot during one update; no meaning outside it. */
  readonly deltas: Float64Array;
}
