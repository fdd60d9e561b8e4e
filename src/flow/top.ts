import type { FlowState } from './flow-state.ts';
import type { KeyLayout } from './key-layout.ts';
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
  const { entries, values } = select(state, table, layout, query, now);
  const index = new KeyIndex(table);
  const merged: Merged[] = [];
  const merge = (entry: number, value: number, known: number): void => {
    merged[known] ??= { entry, best: value, sum: 0, reports: 0, sums: undefined };
    const flow = merged[known];
    if (value > flow.best) {
      flow.best = value;
      flow.entry = entry;
    }
    flow.sum += value;
    flow.reports++;
    if (query.mode === 'max') return;
    const extra = state.extraValues(table, entry, now);
    if (extra !== undefined) flow.sums = flow.sums?.map((sum, i) => sum + extra[i]) ?? extra;
  };
  if (query.mode === 'max' && entries.length > query.maxFlows * CANDIDATES) {
    // A merged value is the largest report, so the flows asked for are among the keys of the largest entries; the
    // other entries only add to the count of reports.
    addCandidates(entries, values, query.maxFlows, index);
    for (let i = 0; i < entries.length; i++) {
      const known = index.find(entries[i]);
      if (known >= 0) merge(entries[i], values[i], known);
    }
  } else for (let i = 0; i < entries.length; i++) merge(entries[i], values[i], index.add(entries[i]));
  return merged.map((flow) => {
    const scale = query.mode === 'avg' ? 1 / flow.reports : 1;
    return {
      key: layout.format(table.words, flow.entry + table.keyAt),
      value: query.mode === 'max' ? flow.best : flow.sum * scale,
      reports: flow.reports,
      scope: table.scopeOf(flow.entry),
      values:
        query.mode === 'max'
          ? state.extraValues(table, flow.entry, now)
          : flow.sums?.map((sum) => sum * scale),
    };
  });
}

/** Entries looked at per flow asked for, before the search is widened. */
const CANDIDATES = 4;

/** Put the keys of at least `wanted` distinct largest flows into `index`. */
function addCandidates(entries: Int32Array, values: Float64Array, wanted: number, index: KeyIndex): void {
  for (let take = wanted * CANDIDATES; ; take *= 4) {
    const threshold = take >= entries.length ? Number.NEGATIVE_INFINITY : largestOf(values, take);
    for (let i = 0; i < entries.length; i++) if (values[i] >= threshold) index.add(entries[i]);
    if (index.size >= wanted || take >= entries.length) return;
  }
}

/**
 * The `n`-th largest value. Values pass through a small buffer whose own n-th largest is the bar for those that follow,
 * so most are only compared once.
 */
function largestOf(values: Float64Array, n: number): number {
  const buffer = new Float64Array(4 * n);
  let filled = 0;
  let bar = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < bar) continue;
    if (filled === buffer.length) {
      bar = nthLargest(buffer, n);
      filled = n; // the selection has put the n largest first
      if (value < bar) continue;
    }
    buffer[filled++] = value;
  }
  return nthLargest(buffer.subarray(0, filled), n);
}

/** Entries that a query means, by their offsets, and their main values. */
interface Selected {
  readonly entries: Int32Array;
  readonly values: Float64Array;
}

function select(
  state: FlowState,
  table: FlowTable,
  layout: KeyLayout,
  query: TopQuery,
  now: number,
): Selected {
  const entries = new Int32Array(table.count);
  const values = new Float64Array(table.count);
  const { words, doubles, stride, keyAt, size } = table;
  const factor = table.decay.readFactor(now);
  const byAccumulator = state.rankedByAccumulator;
  const included = new ScopeVerdicts(query.include);
  const wanted = query.fields?.some((field) => field !== '') === true ? query.fields : undefined;
  let n = 0;
  for (let entry = 0; entry < size; entry += stride) {
    const first = words[entry + keyAt];
    if (first === 0 || !included.of(first & SCOPE_MASK)) continue;
    if (!byAccumulator && !state.isListed(table, entry, now)) continue;
    if (wanted !== undefined && !matches(layout.fields(words, entry + keyAt), wanted)) continue;
    entries[n] = entry;
    values[n++] = byAccumulator ? doubles[entry >> 1] * factor : state.value(table, entry, 0, now);
  }
  return { entries: entries.subarray(0, n), values: values.subarray(0, n) };
}

function matches(fields: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((text, i) => text === '' || text === (fields[i] ?? ''));
}

/** Asks of each scope once whether it is meant. */
class ScopeVerdicts {
  private verdicts = new Uint8Array(4096);
  private readonly include: (scope: number) => boolean;

  constructor(include: (scope: number) => boolean) {
    this.include = include;
  }

  of(scope: number): boolean {
    const known = scope < this.verdicts.length ? this.verdicts[scope] : 0;
    return known === 0 ? this.ask(scope) : known === 1;
  }

  private ask(scope: number): boolean {
    const verdict = this.include(scope);
    if (scope >= this.verdicts.length) {
      const longer = new Uint8Array(Math.max(scope + 1, this.verdicts.length * 2));
      longer.set(this.verdicts);
      this.verdicts = longer;
    }
    this.verdicts[scope] = verdict ? 1 : 2;
    return verdict;
  }
}

/** Numbers the distinct keys among entries, the scope left aside. */
class KeyIndex {
  size = 0;
  /** Hashes of one word of the keys added: tells most other keys apart without looking them up. */
  private readonly seen = new Uint8Array(65536);
  private readonly table: FlowTable;
  private slots: Int32Array = new Int32Array(1024).fill(-1);
  private entries: number[] = [];

  constructor(table: FlowTable) {
    this.table = table;
  }

  /** Number of the entry's key, or -1. */
  find(entry: number): number {
    if (this.seen[this.mark(entry)] === 0) return -1;
    return this.slots[this.slotOf(entry)];
  }

  /** Number of the entry's key, given the next free one when it is new. */
  add(entry: number): number {
    const slot = this.slotOf(entry);
    if (this.slots[slot] >= 0) return this.slots[slot];
    const number = this.size++;
    this.slots[slot] = number;
    this.entries.push(entry);
    this.seen[this.mark(entry)] = 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return number;
  }

  private mark(entry: number): number {
    const { words, keyAt, shape } = this.table;
    const at = entry + keyAt;
    const last = at + shape.keyWords - 1;
    let word = words[at] & ~SCOPE_MASK;
    if (last > at) word ^= words[at + 1] ^ Math.imul(words[last], 0x85ebca6b);
    return Math.imul(word, 0x9e3779b1) >>> 16;
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
  const included = new ScopeVerdicts(include);
  const tops: ScopedFlow[][] = [];
  for (const { table, layout } of state.tables()) {
    const { words, doubles, stride, keyAt, size } = table;
    const factor = table.decay.readFactor(now);
    const byAccumulator = state.rankedByAccumulator;
    for (let entry = 0; entry < size; entry += stride) {
      const scope = words[entry + keyAt] & SCOPE_MASK;
      if (scope === 0 || !included.of(scope)) continue;
      if (!byAccumulator && !state.isListed(table, entry, now)) continue;
      const value = byAccumulator ? doubles[entry >> 1] * factor : state.value(table, entry, 0, now);
      tops[scope] ??= [];
      const top = tops[scope];
      if (top.length === n && value <= top[n - 1].value) continue;
      let at = top.length;
      while (at > 0 && top[at - 1].value < value) at--;
      top.splice(at, 0, { table, layout, entry, value });
      if (top.length > n) top.pop();
    }
  }
  const found = new Map<number, ScopedFlow[]>();
  tops.forEach((top, scope) => {
    found.set(scope, top);
  });
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
