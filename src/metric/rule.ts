/**
 * How the fields of a counter structure become metrics: data, written down per structure in structures/ and compiled
 * into plans (plan.ts). The layout of a structure is not repeated here; rules name its fields.
 */

/** What a field gives. A field all ones is unsupported: it gives nothing, and what it gave before stays (rest-api 7.1). */
export type FieldRule = CounterRule | GaugeRule | LabelRule;

export interface CounterRule {
  readonly kind: 'counter';
  readonly name: string;
  /**
   * - `second`: increase per second
   * - `time`: the field counts ms of some activity; percent of the time that passed
   * - `operand`: not a metric itself, only for derived ones
   */
  readonly per: 'second' | 'time' | 'operand';
}

export interface GaugeRule {
  readonly kind: 'gauge';
  readonly name: string;
  /** The metric is the field divided by this. */
  readonly divisor: number;
}

export interface LabelRule {
  readonly kind: 'label';
  readonly name: string;
  /** Text of the field's bytes, called only when they have changed. Unused for fields of type string. */
  readonly format: (bytes: Uint8Array, at: number) => string;
  /** Bytes that the text is made from when they are not those of the field alone: then of the following fields too. */
  readonly size?: number;
}

/** A metric computed from others of the same record. */
export interface DerivedRule {
  readonly name: string;
  readonly inputs: readonly string[];
  /**
   * What the inputs are: their present `values`, or the `deltas` by which counters grew since the previous record.
   * NaN: not there. When the result is NaN the metric is absent (`values`) or stays as it was (`deltas`).
   */
  readonly of: 'values' | 'deltas';
  /** How, for the reference. */
  readonly formula: string;
  /** An integer as long as its inputs are: printed without a fraction. */
  readonly integer: boolean;
  /** `at[i]` is where input i stands in `x`. */
  readonly compute: (x: ArrayLike<number>, at: readonly number[]) => number;
}

/** The elements of the structure's array field become numbered metrics, `NAME_0`, `NAME_1`, … */
export interface ElementsRule {
  readonly field: string;
  /** Metric of the number of elements. */
  readonly count: string;
  /** By field of an element; all are gauges. */
  readonly gauges: Readonly<Record<string, string>>;
}

export interface StructureRules {
  /** The structure's name in the sflow room. */
  readonly structure: string;
  readonly fields: Readonly<Record<string, FieldRule | readonly FieldRule[]>>;
  readonly derived: readonly DerivedRule[];
  readonly elements?: ElementsRule;
  /** On data sources of virtual machines (those with host_parent) the metrics are called `vir_…` (rest-api 7.2). */
  readonly virtualPrefix?: string;
}

export function counter(name: string): CounterRule {
  return { kind: 'counter', name, per: 'second' };
}

/** Percent of the time that passed, from a counter of ms. */
export function busy(name: string): CounterRule {
  return { kind: 'counter', name, per: 'time' };
}

export function operand(name: string): CounterRule {
  return { kind: 'counter', name, per: 'operand' };
}

export function gauge(name: string, divisor = 1): GaugeRule {
  return { kind: 'gauge', name, divisor };
}

export function label(name: string, format: LabelRule['format'], size?: number): LabelRule {
  return size === undefined ? { kind: 'label', name, format } : { kind: 'label', name, format, size };
}

/** Label of a field of type string. */
export function text(name: string): LabelRule {
  return { kind: 'label', name, format: () => '' };
}

/** Rules for several fields, all of one kind; `names` pairs field and metric: `field metric field metric …`. */
export function each(
  rule: (name: string) => FieldRule,
  prefix: string,
  pairs: string,
): Record<string, FieldRule> {
  const words = pairs.trim().split(/\s+/);
  const rules: Record<string, FieldRule> = {};
  for (let i = 0; i < words.length; i += 2) rules[words[i]] = rule(prefix + words[i + 1]);
  return rules;
}

/** Sum of those inputs that are there; absent when none is. */
export function sum(name: string, inputs: readonly string[]): DerivedRule {
  return {
    name,
    inputs,
    of: 'values',
    formula: inputs.join(' + '),
    integer: false,
    compute: (x, at) => sumFrom(0, x, at),
  };
}

/** `from` less `minus`, and less those of `optional` that are there. */
export function difference(
  name: string,
  from: string,
  minus: string,
  optional: readonly string[] = [],
): DerivedRule {
  return {
    name,
    inputs: [from, minus, ...optional],
    of: 'values',
    formula: [from, minus, ...optional].join(' − '),
    integer: true,
    compute: (x, at) => {
      const rest = x[at[0]] - x[at[1]];
      const further = sumFrom(2, x, at);
      return Number.isNaN(further) ? rest : rest - further;
    },
  };
}

/** `factor · part / sum of whole`; absent when the whole is 0. */
export function ratio(name: string, part: string, whole: readonly string[], factor = 1): DerivedRule {
  return {
    name,
    inputs: [part, ...whole],
    of: 'values',
    formula: `${times(factor)}${part} / ${inParentheses(whole)}`,
    integer: false,
    compute: (x, at) => {
      const total = sumFrom(1, x, at);
      return total > 0 ? (x[at[0]] * factor) / total : Number.NaN;
    },
  };
}

export function percent(name: string, part: string, ...whole: readonly string[]): DerivedRule {
  return ratio(name, part, whole, 100);
}

/** Percent of `whole` that is not `free`. */
export function percentUsed(name: string, free: string, whole: string): DerivedRule {
  return {
    name,
    inputs: [free, whole],
    of: 'values',
    formula: `100 · (${whole} − ${free}) / ${whole}`,
    integer: false,
    compute: (x, at) => (x[at[1]] > 0 ? (100 * (x[at[1]] - x[at[0]])) / x[at[1]] : Number.NaN),
  };
}

/** 100 less a percentage. */
export function complement(name: string, of: string): DerivedRule {
  return {
    name,
    inputs: [of],
    of: 'values',
    formula: `100 − ${of}`,
    integer: false,
    compute: (x, at) => 100 - x[at[0]],
  };
}

/** Percent of the growth of `whole` (those that are there) that is `part`'s. Nothing new when nothing has grown. */
export function share(name: string, part: string, whole: readonly string[]): DerivedRule {
  return {
    name,
    inputs: [part, ...whole],
    of: 'deltas',
    formula: `100 · Δ${part} / Δ${inParentheses(whole)}`,
    integer: false,
    compute: (x, at) => {
      const total = sumFrom(1, x, at);
      return total > 0 ? (100 * x[at[0]]) / total : Number.NaN;
    },
  };
}

/** Growth of `part` for each unit by which `whole` has grown, times `factor`; 0 when it has not grown. */
export function perGrowth(name: string, part: string, whole: readonly string[], factor = 1): DerivedRule {
  return {
    name,
    inputs: [part, ...whole],
    of: 'deltas',
    formula: `${times(factor)}Δ${part} / Δ${inParentheses(whole)}`,
    integer: false,
    compute: (x, at) => {
      const total = sumFrom(1, x, at);
      const grown = x[at[0]];
      if (Number.isNaN(grown) || Number.isNaN(total)) return Number.NaN;
      return total > 0 ? (factor * grown) / total : 0;
    },
  };
}

/** Sum of the inputs from number `first` on that are there; NaN when none is. */
function sumFrom(first: number, x: ArrayLike<number>, at: readonly number[]): number {
  let total = Number.NaN;
  for (let i = first; i < at.length; i++) {
    const value = x[at[i]];
    if (!Number.isNaN(value)) total = Number.isNaN(total) ? value : total + value;
  }
  return total;
}

function times(factor: number): string {
  return factor === 1 ? '' : `${factor} · `;
}

function inParentheses(terms: readonly string[]): string {
  return terms.length === 1 ? terms[0] : `(${terms.join(' + ')})`;
}
