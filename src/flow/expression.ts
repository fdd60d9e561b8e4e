import type { TextPattern } from './pattern.ts';

/** A parsed key expression (rest-api 5.1, 5.2): a plain key, or a function call. */
export type KeyExpression = KeyReference | KeyCall;

export interface KeyReference {
  readonly kind: 'key';
  /** As written, with the occurrence suffix: `ipsource.1`. */
  readonly name: string;
  /** Canonical text; equal expressions have equal text. */
  readonly text: string;
}

export interface KeyCall {
  readonly kind: 'call';
  readonly name: string;
  /** In the order written: literals as text (numbers as numbers), keys as expressions. */
  readonly args: readonly (string | number | KeyExpression)[];
  readonly text: string;
}

/** A parsed filter (rest-api 5.3). */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly FilterExpression[] }
  | { readonly kind: 'not'; readonly term: FilterExpression }
  | FilterTest
  /** The empty filter. */
  | { readonly kind: 'pass' };

export interface FilterTest {
  readonly kind: 'test';
  readonly key: KeyExpression;
  /** `=` and `~`; `negated` makes them `!=` and `!~`. */
  readonly operator: 'equal' | 'match';
  readonly negated: boolean;
  /** Values without their quotes. */
  readonly values: readonly string[];
  /** The word `null` is among the values: it matches absence too, and not only the text (which `null:k` gives). */
  readonly orAbsent: boolean;
  /** For `match`: one compiled pattern per value; each must match the whole text. */
  readonly patterns: readonly TextPattern[];
}

/** How a value is kept: `rate` decays exponentially, the others look at a sliding window (rest-api 6.1). */
export type Statistic = 'rate' | 'avg' | 'min' | 'max' | 'count';

export interface ValueExpression {
  readonly statistic: Statistic;
  /** Plain numeric key, or for `count` any key. */
  readonly key: KeyReference;
  readonly text: string;
}

/** A definition after parsing: defaults and clamps applied (rest-api 4.1). */
export interface FlowDefinition {
  readonly name: string;
  /** Empty: one total per data source, with key `""`. */
  readonly keys: readonly KeyExpression[];
  /** `keys: ""` was given: accepted, never yields a flow. */
  readonly never: boolean;
  readonly value: ValueExpression;
  readonly values: readonly ValueExpression[];
  readonly filter: FilterExpression;
  readonly n: number;
  /** Time constant, seconds, 0.1 to 600. */
  readonly t: number;
  readonly fs: string;
  readonly log: boolean;
  readonly flowStart: boolean;
  /** Seconds. */
  readonly activeTimeout: number;
  readonly dropped: boolean;
  readonly aggMode: '' | 'EDGE' | 'AGENT';
  readonly ipfixCollectors: readonly string[];
  /** The effective definition as REST echoes it. */
  readonly echo: Readonly<Record<string, unknown>>;
}
