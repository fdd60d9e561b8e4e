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
  flows.sort((a, b) => b.value - a.value);
  return flows.slice(0, query.maxFlows);
}

/** The largest flows of one table that are not below the least value; in no order, and perhaps some more than asked for. */
function topOfTable(
  state: FlowState,
  table: FlowTable,
  layout: KeyLayout,
  query: TopQuery,
  now: number,
): TopFlow[] {
  const scan = new Scan(state, table, layout, query, now);
  const merged = query.mode === 'max' ? mergeLargest(scan, query.maxFlows) : mergeAll(scan, query.mode);
  return merged.largest(query.maxFlows, query.minValue).map((number) => {
    const entry = merged.entryOf(number);
    return {
      key: layout.format(table.words, entry + table.keyAt),
      value: merged.valueOf(number),
      reports: merged.reportsOf(number),
      scope: table.scopeOf(entry),
      values: query.mode === 'max' ? state.extraValues(table, entry, now) : merged.extrasOf(number),
    };
  });
}

/** Entries looked at per flow asked for, before the search is widened. */
const CANDIDATES = 4;

/**
 * Merge by the largest report. The flows asked for are among the keys of the largest entries, so these are looked for
 * first, and of the other entries only those that report the same keys are merged, which counts them.
 */
function mergeLargest(scan: Scan, wanted: number): Merged {
  // Few entries are merged sooner than searched.
  if (scan.count <= wanted * CANDIDATES * 4) return mergeAll(scan, 'max');
  const merged = new Merged(scan, 'max');
  for (let take = wanted * CANDIDATES; ; take *= 4) {
    const candidates = scan.largestEntries(take);
    for (const entry of candidates) merged.know(entry);
    if (merged.size >= wanted || candidates.length < take) break;
  }
  for (let i = 0; i < scan.count; i++) merged.addKnown(scan.entries[i], scan.values[i]);
  return merged;
}

function mergeAll(scan: Scan, mode: MergeMode): Merged {
  const merged = new Merged(scan, mode);
  for (let i = 0; i < scan.count; i++) merged.add(scan.entries[i], scan.values[i]);
  return merged;
}

/** Goes over the entries of a table that a query means. */
class Scan {
  readonly table: FlowTable;
  readonly state: FlowState;
  readonly now: number;
  /** The first `count` are what the query means. */
  readonly entries: Int32Array;
  readonly values: Float64Array;
  count = 0;
  private readonly layout: KeyLayout;
  private readonly included: ScopeVerdicts;
  private readonly wanted: readonly string[] | undefined;

  constructor(state: FlowState, table: FlowTable, layout: KeyLayout, query: TopQuery, now: number) {
    this.state = state;
    this.table = table;
    this.layout = layout;
    this.now = now;
    this.included = new ScopeVerdicts(query.include);
    this.wanted = query.fields?.some((field) => field !== '') === true ? query.fields : undefined;
    this.entries = new Int32Array(table.count);
    this.values = new Float64Array(table.count);
    this.select();
  }

  /** Entries and their main values, found once. */
  private select(): void {
    const { state, table, now, included, wanted, entries, values } = this;
    const { words, doubles, stride, keyAt, size } = table;
    const factor = table.decay.readFactor(now);
    const byAccumulator = state.rankedByAccumulator;
    for (let entry = 0; entry < size; entry += stride) {
      const first = words[entry + keyAt];
      if (first === 0 || !included.of(first & SCOPE_MASK)) continue;
      if (!byAccumulator && !state.isListed(table, entry, now)) continue;
      if (wanted !== undefined && !matches(this.layout.fields(words, entry + keyAt), wanted)) continue;
      entries[this.count] = entry;
      values[this.count++] = byAccumulator ? doubles[entry >> 1] * factor : state.value(table, entry, 0, now);
    }
  }

  /**
   * The `n` entries with the largest values; all when there are fewer. Entries
   * pass through a small buffer whose own n-th largest value is the bar for those that follow.
   */
  largestEntries(n: number): Int32Array {
    const room = Math.min(4 * n, this.count + 1);
    const entries = new Int32Array(room);
    const values = new Float64Array(room);
    let filled = 0;
    let bar = Number.NEGATIVE_INFINITY;
    const cut = (): void => {
      bar = nthLargest(values.slice(0, filled), n);
      let larger = 0;
      for (let i = 0; i < filled; i++) if (values[i] > bar) larger++;
      // Of those that tie with the last just as many stay as there is room for.
      let ties = n - larger;
      let kept = 0;
      for (let i = 0; i < filled; i++) {
        if (values[i] < bar || (values[i] === bar && ties-- <= 0)) continue;
        entries[kept] = entries[i];
        values[kept++] = values[i];
      }
      filled = kept;
    };
    for (let i = 0; i < this.count; i++) {
      const value = this.values[i];
      if (value < bar) continue;
      if (filled === room) cut();
      if (value < bar) continue;
      entries[filled] = this.entries[i];
      values[filled++] = value;
    }
    if (filled > n) cut();
    return entries.subarray(0, filled);
  }
}

/** Reports by key: what each key's come to, and the largest of them. Plain arrays of numbers, for there may be many. */
class Merged {
  private readonly index: KeyIndex;
  private readonly scan: Scan;
  private readonly mode: MergeMode;
  private entries = new Int32Array(INITIAL_KEYS);
  private best = new Float64Array(INITIAL_KEYS);
  private sums = new Float64Array(INITIAL_KEYS);
  private reports = new Int32Array(INITIAL_KEYS);
  /** Sums of the values of `values:`, one array for each. */
  private readonly extras: Float64Array[];

  constructor(scan: Scan, mode: MergeMode) {
    this.scan = scan;
    this.mode = mode;
    this.index = new KeyIndex(scan.table, scan.count);
    const extras = mode === 'max' ? [] : scan.state.definition.values;
    this.extras = extras.map(() => new Float64Array(INITIAL_KEYS));
  }

  get size(): number {
    return this.index.size;
  }

  /** Count reports of the entry's key from now on. */
  know(entry: number): void {
    const number = this.index.add(entry);
    if (number >= this.entries.length) this.grow();
    this.entries[number] = entry;
  }

  /** Add a report of a key that is known; others are left out. */
  addKnown(entry: number, value: number): void {
    const number = this.index.find(entry);
    if (number >= 0) this.report(number, entry, value);
  }

  add(entry: number, value: number): void {
    const number = this.index.add(entry);
    if (number >= this.entries.length) this.grow();
    this.report(number, entry, value);
  }

  /** Numbers of the `n` largest keys that are at least `least`, and of those that tie with the last. */
  largest(n: number, least: number): number[] {
    const values = new Float64Array(this.size);
    for (let number = 0; number < values.length; number++) values[number] = this.valueOf(number);
    const bar = n < values.length ? Math.max(least, nthLargest(values.slice(), n)) : least;
    const numbers: number[] = [];
    for (let number = 0; number < values.length; number++) if (values[number] >= bar) numbers.push(number);
    return numbers;
  }

  entryOf(number: number): number {
    return this.entries[number];
  }

  valueOf(number: number): number {
    if (this.mode === 'max') return this.best[number];
    return this.mode === 'sum' ? this.sums[number] : this.sums[number] / this.reports[number];
  }

  reportsOf(number: number): number {
    return this.reports[number];
  }

  extrasOf(number: number): number[] | undefined {
    if (this.extras.length === 0) return undefined;
    return this.extras.map((sums) =>
      this.mode === 'sum' ? sums[number] : sums[number] / this.reports[number],
    );
  }

  private report(number: number, entry: number, value: number): void {
    if (this.reports[number]++ === 0 || value > this.best[number]) {
      this.best[number] = value;
      this.entries[number] = entry;
    }
    this.sums[number] += value;
    if (this.extras.length === 0) return;
    const extra = this.scan.state.extraValues(this.scan.table, entry, this.scan.now);
    for (let i = 0; i < this.extras.length; i++) this.extras[i][number] += extra?.[i] ?? 0;
  }

  private grow(): void {
    this.entries = longer(this.entries, new Int32Array(this.entries.length * 2));
    this.best = longer(this.best, new Float64Array(this.best.length * 2));
    this.sums = longer(this.sums, new Float64Array(this.sums.length * 2));
    this.reports = longer(this.reports, new Int32Array(this.reports.length * 2));
    for (let i = 0; i < this.extras.length; i++) {
      this.extras[i] = longer(this.extras[i], new Float64Array(this.extras[i].length * 2));
    }
  }
}

const INITIAL_KEYS = 256;

/** Copy `from` to the beginning of `to`. */
function longer<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function matches(fields: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((text, i) => text === '' || text === (fields[i] ?? ''));
}

/** Asks of each scope once whether it is meant. */
class ScopeVerdicts {
  private verdicts = new Uint8Array(512);
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

const MOST_SEEN_BITS = 16;

/** Numbers the distinct keys among entries, the scope left aside. */
class KeyIndex {
  size = 0;
  /** Hashes of one word of the keys added: tells most other keys apart without looking them up. */
  private readonly seen: Uint8Array;
  /** What is left of a hash when its upper bits are a place in `seen`. */
  private readonly seenShift: number;
  private readonly words: Int32Array;
  /** Places of an entry's first and last key word; the first holds the scope, which does not count. */
  private readonly first: number;
  private readonly last: number;
  private slots: Int32Array;
  private entries: number[] = [];

  /** @param most how many entries there are: with few of them little memory is to be cleared */
  constructor({ words, keyAt, shape }: FlowTable, most: number) {
    const bits = Math.min(MOST_SEEN_BITS, 34 - Math.clz32(most));
    this.seen = new Uint8Array(1 << bits);
    this.seenShift = 32 - bits;
    this.slots = new Int32Array(Math.min(1024, 1 << bits)).fill(-1);
    this.words = words;
    this.first = keyAt;
    this.last = keyAt + shape.keyWords - 1;
  }

  /** Number of the entry's key, or -1. */
  find(entry: number): number {
    return this.seen[this.mark(entry)] === 0 ? -1 : this.slots[this.slotOf(entry)];
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
    const { words, first, last } = this;
    let word = words[entry + first] & ~SCOPE_MASK;
    if (last > first) word ^= words[entry + first + 1] ^ Math.imul(words[entry + last], 0x85ebca6b);
    return Math.imul(word, 0x9e3779b1) >>> this.seenShift;
  }

  private slotOf(entry: number): number {
    const { words, first, last, slots } = this;
    const mask = slots.length - 1;
    let h = Math.imul(words[entry + first] & ~SCOPE_MASK, 0x85ebca6b);
    for (let at = first + 1; at <= last; at++) {
      h = Math.imul(h ^ words[entry + at], 0x85ebca6b);
      h ^= h >>> 15;
    }
    let slot = h & mask;
    while (slots[slot] >= 0 && !this.sameKey(this.entries[slots[slot]], entry)) slot = (slot + 1) & mask;
    return slot;
  }

  private sameKey(a: number, b: number): boolean {
    const { words, first, last } = this;
    if (((words[a + first] ^ words[b + first]) & ~SCOPE_MASK) !== 0) return false;
    for (let at = first + 1; at <= last; at++) if (words[a + at] !== words[b + at]) return false;
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
  const found = new Map<number, ScopedFlow[]>();
  for (const { table, layout } of state.tables()) {
    for (const [scope, flows] of topOfScopes(state, table, layout, include, n, now)) {
      const others = found.get(scope);
      const all =
        others === undefined ? flows : [...others, ...flows].sort((a, b) => b.value - a.value).slice(0, n);
      found.set(scope, all);
    }
  }
  return found;
}

/** Entries and values stand in plain arrays, `n` places for each scope, so that a scan makes no objects. */
function* topOfScopes(
  state: FlowState,
  table: FlowTable,
  layout: KeyLayout,
  include: (scope: number) => boolean,
  n: number,
  now: number,
): Iterable<[scope: number, flows: ScopedFlow[]]> {
  const { words, doubles, stride, keyAt, size } = table;
  const factor = table.decay.readFactor(now);
  const byAccumulator = state.rankedByAccumulator;
  const included = new ScopeVerdicts(include);
  let places = new Int32Array(4096).fill(-1);
  const scopes: number[] = [];
  let filled = new Uint8Array(INITIAL_KEYS);
  let entries = new Int32Array(INITIAL_KEYS * n);
  let values = new Float64Array(INITIAL_KEYS * n);
  for (let entry = 0; entry < size; entry += stride) {
    const scope = words[entry + keyAt] & SCOPE_MASK;
    if (scope === 0 || !included.of(scope)) continue;
    if (!byAccumulator && !state.isListed(table, entry, now)) continue;
    const value = byAccumulator ? doubles[entry >> 1] * factor : state.value(table, entry, 0, now);
    if (scope >= places.length) {
      const wider = new Int32Array(Math.max(scope + 1, places.length * 2)).fill(-1);
      wider.set(places);
      places = wider;
    }
    let place = places[scope];
    if (place < 0) {
      place = scopes.push(scope) - 1;
      places[scope] = place;
      if (place >= filled.length) {
        const more = new Uint8Array(filled.length * 2);
        more.set(filled);
        filled = more;
        entries = longer(entries, new Int32Array(entries.length * 2));
        values = longer(values, new Float64Array(values.length * 2));
      }
    }
    const from = place * n;
    let at = filled[place];
    if (at === n) {
      if (value <= values[from + n - 1]) continue;
      at--;
    } else filled[place]++;
    for (; at > 0 && values[from + at - 1] < value; at--) {
      values[from + at] = values[from + at - 1];
      entries[from + at] = entries[from + at - 1];
    }
    values[from + at] = value;
    entries[from + at] = entry;
  }
  for (const [place, scope] of scopes.entries()) {
    const flows: ScopedFlow[] = [];
    for (let i = place * n; i < place * n + filled[place]; i++) {
      flows.push({ table, layout, entry: entries[i], value: values[i] });
    }
    yield [scope, flows];
  }
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
export function flowByKey(state: FlowState, scope: number, key: string, now: number): ScopedFlow | undefined {
  for (const { table, layout } of state.tables()) {
    let found: ScopedFlow | undefined;
    table.visit((entry) => {
      if (found !== undefined || table.scopeOf(entry) !== scope || !state.isListed(table, entry, now)) return;
      if (layout.format(table.words, entry + table.keyAt) === key)
        found = { table, layout, entry, value: state.value(table, entry, 0, now) };
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
