import { type Decay, MAX_SPAN } from './decay.ts';

/**
 * The flow table: open addressing with linear probing over one ArrayBuffer, in which an entry's value and key words
 * lie side by side, so that an update touches one cache line.
 *
 * ```
 *  words of an entry (`stride` of them, 8-byte aligned)
 *  ┌──────────────┬─ … ─┬──────────┬────────────┬───────┬──────┬─ … ─┐
 *  │ accumulators (f64) │ updated  │ attachment │ key 0 │ key 1│     │
 *  │ one per rate       │ ms − L   │ (optional) │ scope │      │     │
 *  └──────────────┴─ … ─┴──────────┴────────────┴───────┴──────┴─ … ─┘
 * ```
 *
 * Key word 0 holds the scope (data source or agent, never 0) and so tells a used entry from a free one.
 *
 * **Decay costs nothing per update**: accumulators hold sums weighted from a landmark L (see decay.ts); within a
 * table they compare like the rates they stand for.
 *
 * **Memory has a ceiling.** A table grows by half until `limitBytes`. A full table first drops entries of scopes that
 * are gone, then the entries with the smallest present value, a quarter of them at a time; both are counted.
 */

export interface TableShape {
  /** Rate accumulators per entry (main value first), 0 or more. */
  readonly rates: number;
  /** True when entries carry an attachment word (windows, log records). */
  readonly attachment: boolean;
  /** Bytes that what is attached to an entry takes elsewhere, about; they count towards the limit. */
  readonly attachmentBytes?: number;
  /** Key words, the scope's included. */
  readonly keyWords: number;
}

/** Where tables get their memory. */
export interface TableMemory {
  /** Gives that many 32-bit words, all zero, beginning at a multiple of eight bytes. */
  allocate(count: number): Int32Array<ArrayBuffer>;
  /** Words given before are of no use any more, and nobody will look at them. */
  release(words: Int32Array<ArrayBuffer>): void;
}

export interface TableHooks {
  /** False for a scope whose data source or agent is gone. */
  isLive(scope: number): boolean;
  /** Present value of an entry whose main value is no rate, for choosing what to drop. */
  rank?(table: FlowTable, entry: number, now: number): number;
  /** An entry is about to be dropped. */
  onDrop?(table: FlowTable, entry: number, now: number, reason: 'full' | 'gone' | 'clear'): void;
  /** Plain arrays unless given. */
  readonly memory?: TableMemory | undefined;
  /** An entry with an attachment lies elsewhere now. */
  onMove?(table: FlowTable, entry: number): void;
}

const INITIAL_CAPACITY = 256;
const MAX_LOAD = 0.8;
const GROWTH = 1.5;
/** Share of the entries that stays when a full table drops the smallest. */
const KEEP = 0.75;
/** A table is not full any more when it is filled to this share after what is gone was dropped. */
const ROOMY = 0.9;
/** Scope of key word 0: the low 24 bits. */
export const SCOPE_BITS = 24;
export const SCOPE_MASK = 0xffffff;
/** The scope of network-wide tables (aggMode EDGE); no data source or agent has it. */
export const NETWORK_SCOPE = 1;

export class FlowTable {
  readonly shape: TableShape;
  /** 32-bit words per entry; even. */
  readonly stride: number;
  /** Word offsets in an entry. */
  readonly updatedAt: number;
  readonly attachmentAt: number;
  readonly keyAt: number;
  /** Bytes this table and what is attached to its entries may use. */
  limitBytes: number;

  /** The entries, seen as words and as doubles. Replaced when the table grows. */
  words: Int32Array<ArrayBuffer>;
  doubles: Float64Array;
  capacity: number;
  /** `capacity / 2^32`: a hash times this is an entry number. */
  scale: number;
  /** Words in use: `capacity * stride`. */
  size: number;
  count = 0;
  growAt: number;

  readonly decay: Decay;

  /** Entries dropped because the table was full. */
  dropped = 0;

  readonly seed: number;
  private readonly hooks: TableHooks;
  /** Bytes that a place for an entry costs: the place, and at the highest load what is attached to its entry. */
  private readonly placeBytes: number;

  /**
   * @param seed secret start of the hash, so that nobody outside can aim at one chain
   */
  constructor(shape: TableShape, decay: Decay, seed: number, limitBytes: number, hooks: TableHooks) {
    this.shape = shape;
    this.updatedAt = 2 * shape.rates;
    this.attachmentAt = this.updatedAt + 1;
    this.keyAt = this.updatedAt + 1 + (shape.attachment ? 1 : 0);
    this.stride = (this.keyAt + shape.keyWords + 1) & ~1;
    this.placeBytes = this.stride * 4 + MAX_LOAD * (shape.attachmentBytes ?? 0);
    this.limitBytes = limitBytes;
    this.decay = decay;
    decay.attach(this);
    this.seed = seed | 0;
    this.hooks = hooks;
    this.capacity = INITIAL_CAPACITY;
    this.words = this.allocate(this.capacity * this.stride);
    this.doubles = doublesOf(this.words);
    this.scale = this.capacity / 4294967296;
    this.size = this.capacity * this.stride;
    this.growAt = Math.floor(this.capacity * MAX_LOAD);
  }

  /** In use: the places, and what is attached to entries. */
  get bytes(): number {
    return this.words.byteLength + this.count * (this.shape.attachmentBytes ?? 0);
  }

  /** Hash of key words as the generated code computes it. `keys[at …]`, `keyWords` of them. */
  hash(keys: Int32Array, at: number): number {
    let h = this.seed;
    for (let i = 0; i < this.shape.keyWords; i++) {
      h = Math.imul(h ^ keys[at + i], 0x85ebca6b);
      h ^= h >>> 15;
    }
    return h;
  }

  /** Word offset of the entry with these key words, or -1. */
  find(keys: Int32Array, at: number): number {
    const { words, stride, keyAt, size } = this;
    const n = this.shape.keyWords;
    let entry = (((this.hash(keys, at) >>> 0) * this.scale) | 0) * stride;
    for (;;) {
      const k = entry + keyAt;
      if (words[k] === 0) return -1;
      let i = 0;
      while (i < n && words[k + i] === keys[at + i]) i++;
      if (i === n) return entry;
      entry += stride;
      if (entry === size) entry = 0;
    }
  }

  /**
   * Word offset of the entry with these key words, made if need be. What the generated code does inline; this form
   * serves the reference path.
   */
  obtain(keys: Int32Array, at: number, now: number): number {
    const found = this.find(keys, at);
    if (found >= 0) return found;
    if (this.count >= this.growAt) this.makeRoom(now);
    const { words, stride, keyAt, size } = this;
    let entry = (((this.hash(keys, at) >>> 0) * this.scale) | 0) * stride;
    while (words[entry + keyAt] !== 0) {
      entry += stride;
      if (entry === size) entry = 0;
    }
    for (let i = 0; i < this.shape.keyWords; i++) words[entry + keyAt + i] = keys[at + i];
    words[entry + this.updatedAt] = now - this.decay.landmark;
    this.count++;
    return entry;
  }

  /** Visit every entry. The visitor must not change the table. */
  visit(visit: (entry: number) => void): void {
    const { words, stride, keyAt, size } = this;
    for (let entry = 0; entry < size; entry += stride) if (words[entry + keyAt] !== 0) visit(entry);
  }

  scopeOf(entry: number): number {
    return this.words[entry + this.keyAt] & SCOPE_MASK;
  }

  /** ms on the engine's clock of the entry's last sample. */
  updated(entry: number): number {
    return this.decay.landmark + this.words[entry + this.updatedAt];
  }

  /** Drop all entries of scopes that are no longer live. */
  reap(now: number): void {
    this.retain(now, 'gone', (entry) => this.hooks.isLive(this.scopeOf(entry)));
  }

  /** Drop everything. */
  clear(now: number): void {
    this.retain(now, 'clear', () => false);
  }

  /** Lower the ceiling (more definitions share the memory now): drops the smallest until the table fits. */
  setLimit(limitBytes: number, now: number): void {
    this.limitBytes = limitBytes;
    if (this.capacity * this.placeBytes <= limitBytes) return;
    const capacity = Math.max(INITIAL_CAPACITY, Math.floor(limitBytes / this.placeBytes));
    this.keepLargest(Math.floor(capacity * MAX_LOAD * KEEP), now);
    this.resize(capacity);
  }

  /** Make sure that one more entry fits: grow, or drop what is gone, or drop the smallest. Entries move. */
  makeRoom(now: number): void {
    const capacity = Math.ceil(this.capacity * GROWTH);
    if (capacity * this.placeBytes <= this.limitBytes) {
      this.resize(capacity);
      return;
    }
    this.reap(now);
    if (this.count > this.growAt * ROOMY) this.keepLargest(Math.floor(this.growAt * KEEP), now);
  }

  /** Drop all but the `keep` largest. */
  keepLargest(keep: number, now: number): void {
    if (this.count <= keep) return;
    const ranks = new Float64Array(this.count);
    let n = 0;
    this.visit((entry) => {
      ranks[n++] = this.rank(entry, now);
    });
    const threshold = nthLargest(ranks, keep);
    let above = 0;
    for (let i = 0; i < n; i++) if (ranks[i] > threshold) above++;
    // Of entries that tie at the threshold just as many stay as there is room for.
    let ties = keep - above;
    const before = this.count;
    this.retain(now, 'full', (entry) => {
      const rank = this.rank(entry, now);
      return rank > threshold || (rank === threshold && ties-- > 0);
    });
    this.dropped += before - this.count;
  }

  private rank(entry: number, now: number): number {
    const { rank } = this.hooks;
    return rank === undefined ? this.doubles[entry >> 1] : rank(this, entry, now);
  }

  /**
   * Keep the entries that `keep` names, in place. Walking begins behind a free place, so each survivor moves only
   * towards its home, into places that were walked already.
   */
  private retain(now: number, reason: 'full' | 'gone' | 'clear', keep: (entry: number) => boolean): void {
    const { words, stride, keyAt, size, hooks } = this;
    if (this.count === 0) return;
    let start = 0;
    while (words[start + keyAt] !== 0) start += stride; // the load factor leaves free places
    const moved = new Int32Array(stride);
    for (let step = stride; step <= size; step += stride) {
      let entry = start + step;
      if (entry >= size) entry -= size;
      if (words[entry + keyAt] === 0) continue;
      if (!keep(entry)) {
        hooks.onDrop?.(this, entry, now, reason);
        words.fill(0, entry, entry + stride);
        this.count--;
        continue;
      }
      const home = (((this.hash(words, entry + keyAt) >>> 0) * this.scale) | 0) * stride;
      if (home === entry) continue;
      for (let i = 0; i < stride; i++) moved[i] = words[entry + i];
      words.fill(0, entry, entry + stride);
      let to = home;
      while (words[to + keyAt] !== 0) {
        to += stride;
        if (to === size) to = 0;
      }
      words.set(moved, to);
      if (to !== entry) hooks.onMove?.(this, to);
    }
  }

  private allocate(count: number): Int32Array<ArrayBuffer> {
    return this.hooks.memory?.allocate(count) ?? new Int32Array(count);
  }

  private resize(capacity: number): void {
    const old = this.words;
    const oldSize = this.size;
    const { stride, keyAt, hooks } = this;
    const words = this.allocate(capacity * stride);
    this.words = words;
    this.doubles = doublesOf(words);
    this.capacity = capacity;
    this.scale = capacity / 4294967296;
    this.size = capacity * stride;
    this.growAt = Math.floor(capacity * MAX_LOAD);
    const { size } = this;
    for (let from = 0; from < oldSize; from += stride) {
      if (old[from + keyAt] === 0) continue;
      let to = (((this.hash(old, from + keyAt) >>> 0) * this.scale) | 0) * stride;
      while (words[to + keyAt] !== 0) {
        to += stride;
        if (to === size) to = 0;
      }
      for (let i = 0; i < stride; i++) words[to + i] = old[from + i];
      hooks.onMove?.(this, to);
    }
    hooks.memory?.release(old);
  }

  /** See DecayingTable. */
  rebase(factor: number, span: number): void {
    const { words, doubles, updatedAt } = this;
    const { rates } = this.shape;
    this.visit((entry) => {
      const d = entry >> 1;
      for (let r = 0; r < rates; r++) doubles[d + r] *= factor;
      words[entry + updatedAt] = Math.max(words[entry + updatedAt] - span, -MAX_SPAN);
    });
  }
}

/** The same memory as doubles. */
export function doublesOf(words: Int32Array): Float64Array {
  return new Float64Array(words.buffer, words.byteOffset, words.length >> 1);
}

/** The value of rank `n` (1 = largest) of an array, which is reordered: Hoare's selection, middle element as pivot. */
export function nthLargest(values: Float64Array, n: number): number {
  let low = 0;
  let high = values.length - 1;
  const target = n - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i++] = values[j];
        values[j--] = swap;
      }
    }
    if (target <= j) high = j;
    else if (target >= i) low = i;
    else break;
  }
  return values[target];
}
