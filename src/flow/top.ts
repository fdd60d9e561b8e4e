import type { KeyLayout } from './compile.ts';
import type { FlowState } from './flow-state.ts';
import { type FlowTable, nthLargest, SCOPE_MASK } from './table.ts';

/** How reports of one key from several data sources become one value (rest-api 6.2). */
export type MergeMode = 'max' | 'sum' | 'avg';

/** One merged flow. `scope` is that of the largest report. */
export interface TopFlow {
  key: string;
  value: number;
  reports: number;
  scope: number;
  values: number[] | undefined;
}

export interface TopQuery {
  readonly include: (scope: number) => boolean;
  readonly mode: MergeMode;
  readonly maxFlows: number;
  readonly minValue: number;
  /** One element per key, '' a wildcard; undefined for no filter. */
  readonly fields: readonly string[] | undefined;
}

/** The largest flows of a definition, merged over data sources, largest first. */
export function topFlows(state: FlowState, query: TopQuery, now: number): TopFlow[] {
  if (query.maxFlows <= 0) return [];
  if (query.fields !== undefined && query.fields.length !== Math.max(1, state.definition.keys.length))
    return [];
  const flows = state.tables().flatMap(({ table, layout }) => topOfTable(state, table, layout, query, now));
  const kept = flows.filter((flow) => flow.value >= query.minValue);
  kept.sort((a, b) => b.value - a.value);
  return kept.slice(0, query.maxFlows);
}

/** Reports of one key. */
interface Merged {
  /** Entry of the largest report, and its value. */
  entry: number;
  best: number;
  sum: number;
  reports: number;
  sums: number[] | undefined;
}

function topOfTable(
  state: FlowState,
  table: FlowTable,
  layout: KeyLayout,
  query: TopQuery,
  now: number,
): TopFlow[] {
  const entries = select(state, table, layout, query, now);
  const factor = table.decay.readFactor(now);
  const valueAt = state.rankedByAccumulator
    ? (entry: number): number => table.doubles[entry >> 1] * factor
    : (entry: number): number => state.value(table, entry, 0, now);
  const index = new KeyIndex(table);
  const merged: Merged[] = [];
  const merge = (entry: number, known: number): void => {
    const value = valueAt(entry);
    merged[known] ??= { entry, best: value, sum: 0, reports: 0, sums: undefined };
    const flow = merged[known];
    if (value > flow.best) {
      flow.best = value;
      flow.entry = entry;
    }
    flow.sum += value;
    flow.reports++;
    if (query.mode === 'max') return;
    const values = state.extraValues(table, entry, now);
    if (values !== undefined) flow.sums = flow.sums?.map((sum, i) => sum + values[i]) ?? values;
  };
  if (query.mode === 'max' && entries.length > query.maxFlows * CANDIDATES) {
    // A merged value is the largest report, so the flows asked for are among the keys of the largest entries; the
    // other entries only add to the count of reports.
    candidates(entries, valueAt, query.maxFlows, index);
    for (const entry of entries) {
      const known = index.find(entry);
      if (known >= 0) merge(entry, known);
    }
  } else for (const entry of entries) merge(entry, index.add(entry));
  return merged.map((flow) => {
    const scale = query.mode === 'avg' ? 1 / flow.reports : 1;
    const values =
      query.mode === 'max' ? state.extraValues(table, flow.entry, now) : flow.sums?.map((sum) => sum * scale);
    return {
      key: layout.format(table.words, flow.entry + table.keyAt),
      value: query.mode === 'max' ? flow.best : flow.sum * scale,
      reports: flow.reports,
      scope: table.scopeOf(flow.entry),
      values,
    };
  });
}

/** Entries looked at per flow asked for, before the search is widened. */
const CANDIDATES = 4;

/** Put the keys of at least `wanted` distinct largest flows into `index`. */
function candidates(
  entries: Int32Array,
  valueAt: (entry: number) => number,
  wanted: number,
  index: KeyIndex,
): void {
  const values = new Float64Array(entries.length);
  for (let i = 0; i < entries.length; i++) values[i] = valueAt(entries[i]);
  for (let take = wanted * CANDIDATES; ; take *= 4) {
    const threshold = take >= entries.length ? Number.NEGATIVE_INFINITY : nthLargest(values.slice(), take);
    for (let i = 0; i < entries.length; i++) if (values[i] >= threshold) index.add(entries[i]);
    if (index.size >= wanted || take >= entries.length) return;
  }
}

/** Offsets of the entries that a query means. */
function select(
  state: FlowState,
  table: FlowTable,
  layout: KeyLayout,
  query: TopQuery,
  now: number,
): Int32Array {
  const selected = new Int32Array(table.count);
  const verdicts = new Map<number, boolean>();
  const included = (scope: number): boolean => {
    let verdict = verdicts.get(scope);
    if (verdict === undefined) {
      verdict = query.include(scope);
      verdicts.set(scope, verdict);
    }
    return verdict;
  };
  const { fields } = query;
  const wanted = fields?.some((field) => field !== '') === true ? fields : undefined;
  let n = 0;
  table.visit((entry) => {
    if (!included(table.scopeOf(entry)) || !state.isListed(table, entry, now)) return;
    if (wanted !== undefined && !matches(layout.fields(table.words, entry + table.keyAt), wanted)) return;
    selected[n++] = entry;
  });
  return selected.subarray(0, n);
}

function matches(fields: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((text, i) => text === '' || text === (fields[i] ?? ''));
}

/** Numbers the distinct keys among entries, the scope left aside. */
class KeyIndex {
  size = 0;
  private readonly table: FlowTable;
  private slots: Int32Array = new Int32Array(1024).fill(-1);
  private entries: number[] = [];

  constructor(table: FlowTable) {
    this.table = table;
  }

  /** Number of the entry's key, or -1. */
  find(entry: number): number {
    return this.slots[this.slotOf(entry)];
  }

  /** Number of the entry's key, given the next free one when it is new. */
  add(entry: number): number {
    const slot = this.slotOf(entry);
    if (this.slots[slot] >= 0) return this.slots[slot];
    const number = this.size++;
    this.slots[slot] = number;
    this.entries.push(entry);
    if (this.size * 2 > this.slots.length) this.grow();
    return number;
  }

  private slotOf(entry: number): number {
    const { words, keyAt, shape } = this.table;
    const mask = this.slots.length - 1;
    const at = entry + keyAt;
    let h = 0;
    for (let i = 0; i < shape.keyWords; i++) {
      h = Math.imul(h ^ (i === 0 ? words[at] & ~SCOPE_MASK : words[at + i]), 0x85ebca6b);
      h ^= h >>> 15;
    }
    let slot = h & mask;
    while (this.slots[slot] >= 0 && !this.sameKey(this.entries[this.slots[slot]], entry))
      slot = (slot + 1) & mask;
    return slot;
  }

  private sameKey(a: number, b: number): boolean {
    const { words, keyAt, shape } = this.table;
    if (((words[a + keyAt] ^ words[b + keyAt]) & ~SCOPE_MASK) !== 0) return false;
    for (let i = 1; i < shape.keyWords; i++) if (words[a + keyAt + i] !== words[b + keyAt + i]) return false;
    return true;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 4).fill(-1);
    for (let number = 0; number < this.entries.length; number++)
      this.slots[this.slotOf(this.entries[number])] = number;
  }
}

/** A flow of one data source, for `topKeys` and /flowvalue. */
export interface ScopedFlow {
  readonly table: FlowTable;
  readonly layout: KeyLayout;
  readonly entry: number;
  readonly value: number;
}

/** The `n` largest flows of each included scope, largest first. */
export function topByScope(
  state: FlowState,
  include: (scope: number) => boolean,
  n: number,
  now: number,
): Map<number, ScopedFlow[]> {
  const tops = new Map<number, ScopedFlow[] | undefined>();
  for (const { table, layout } of state.tables()) {
    const factor = table.decay.readFactor(now);
    table.visit((entry) => {
      const scope = table.scopeOf(entry);
      let top = tops.get(scope);
      if (top === undefined) {
        if (tops.has(scope)) return;
        top = include(scope) ? [] : undefined;
        tops.set(scope, top);
        if (top === undefined) return;
      }
      if (!state.isListed(table, entry, now)) return;
      const value = state.rankedByAccumulator
        ? table.doubles[entry >> 1] * factor
        : state.value(table, entry, 0, now);
      if (top.length === n && value <= top[n - 1].value) return;
      let at = top.length;
      while (at > 0 && top[at - 1].value < value) at--;
      top.splice(at, 0, { table, layout, entry, value });
      if (top.length > n) top.pop();
    });
  }
  const found = new Map<number, ScopedFlow[]>();
  for (const [scope, top] of tops) if (top !== undefined && top.length > 0) found.set(scope, top);
  return found;
}

/** Every report of a key: one for each data source that has it. */
export function reportsOf(state: FlowState, key: string, now: number): { scope: number; value: number }[] {
  const reports: { scope: number; value: number }[] = [];
  for (const { table, layout } of state.tables()) {
    table.visit((entry) => {
      if (layout.format(table.words, entry + table.keyAt) !== key || !state.isListed(table, entry, now))
        return;
      reports.push({ scope: table.scopeOf(entry), value: state.value(table, entry, 0, now) });
    });
  }
  return reports;
}

/** The flow of one data source with this key text, undefined when there is none. */
export function flowByKey(state: FlowState, scope: number, key: string, now: number): number | undefined {
  for (const { table, layout } of state.tables()) {
    let value: number | undefined;
    table.visit((entry) => {
      if (value !== undefined || table.scopeOf(entry) !== scope || !state.isListed(table, entry, now)) return;
      if (layout.format(table.words, entry + table.keyAt) === key) value = state.value(table, entry, 0, now);
    });
    if (value !== undefined) return value;
  }
  return undefined;
}
