import { doublesOf, type TableMemory } from '../flow/index.ts';

/**
 * What a flow sample reads and writes of its data source, in one row of 64 bytes: a sample costs one or two cache lines
 * here, where an object of numbers would cost one for nearly each of them. Rows are found by open addressing, and move
 * when the table grows or shrinks; `item` tells whose they are.
 */
export const ROW = {
  /** Id of the agent; 0 in a free row. */
  agent: 0,
  sourceClass: 1,
  index: 2,
  /** Scope of its flows in the tables. */
  scope: 3,
  /** Bits: what has begun (FLAG). */
  flags: 4,
  /** Seconds, on the engine's clock. */
  lastSeen: 5,
  flowSequence: 6,
  flowDrops: 7,
  /** Pool of the last accepted flow sample. */
  pool: 8,
  reportedRate: 9,
  /** Smoothed sampling rate, a double: `doubles[(row + ROW.smoothedRate) / 2]`. */
  smoothedRate: 10,
  counterSequence: 12,
  discardSequence: 13,
  discardDrops: 14,
  /** Number of the data source's object. */
  item: 15,
} as const;

/** Sequences that have begun, and the directions in which packets were sampled. */
export const FLAG = { flow: 1, counter: 2, discard: 4, ingress: 8, egress: 16 } as const;

/** `FLAG.ingress` and `FLAG.egress` of a sample's direction: 1 ingress, 2 egress, 0 not known. */
export const DIRECTION_SHIFT = 3;

const ROW_WORDS = 16;
const KEY_WORDS = 3;
const INITIAL_ROWS = 64;

export class DataSourceRows {
  /** All rows; replaced when the table grows. */
  words: Int32Array<ArrayBuffer>;
  doubles: Float64Array;
  count = 0;
  private mask = INITIAL_ROWS - 1;
  private readonly seed = (Math.random() * 4294967296) | 0;
  private readonly moved: (item: number, row: number) => void;
  private readonly memory: TableMemory | undefined;

  /** @param moved the row of an item lies elsewhere now */
  constructor(moved: (item: number, row: number) => void, memory: TableMemory | undefined) {
    this.moved = moved;
    this.memory = memory;
    this.words = this.allocate(INITIAL_ROWS * ROW_WORDS);
    this.doubles = doublesOf(this.words);
  }

  /** Word offset of a row, or -1. */
  find(agent: number, sourceClass: number, index: number): number {
    const { words, mask } = this;
    for (let slot = this.home(agent, sourceClass, index); ; slot = (slot + 1) & mask) {
      const row = slot * ROW_WORDS;
      if (words[row] === 0) return -1;
      if (words[row] === agent && words[row + 1] === sourceClass && words[row + 2] === index) return row;
    }
  }

  /** A new row, zero but for its key and item; the key must not be there yet. */
  add(agent: number, sourceClass: number, index: number, item: number): number {
    if ((this.count + 1) * 2 > this.mask + 1) this.grow();
    const row = this.freeRow(agent, sourceClass, index);
    this.words[row] = agent;
    this.words[row + 1] = sourceClass;
    this.words[row + 2] = index;
    this.words[row + ROW.item] = item;
    this.count++;
    return row;
  }

  /** Free a row. Rows behind it move up, so that look-ups stay short. */
  remove(row: number): void {
    const { words, mask } = this;
    let free = row / ROW_WORDS;
    for (let slot = (free + 1) & mask; ; slot = (slot + 1) & mask) {
      const from = slot * ROW_WORDS;
      if (words[from] === 0) break;
      const home = this.home(words[from], words[from + 1], words[from + 2]);
      if (((slot - home) & mask) < ((slot - free) & mask)) continue;
      words.copyWithin(free * ROW_WORDS, from, from + ROW_WORDS);
      this.moved(words[from + ROW.item], free * ROW_WORDS);
      free = slot;
    }
    words.fill(0, free * ROW_WORDS, (free + 1) * ROW_WORDS);
    this.count--;
  }

  private home(agent: number, sourceClass: number, index: number): number {
    let h = Math.imul(this.seed ^ agent, 0x85ebca6b);
    h ^= h >>> 15;
    h = Math.imul(h ^ sourceClass, 0x85ebca6b);
    h ^= h >>> 15;
    h = Math.imul(h ^ index, 0x85ebca6b);
    return (h ^ (h >>> 15)) & this.mask;
  }

  private freeRow(agent: number, sourceClass: number, index: number): number {
    let slot = this.home(agent, sourceClass, index);
    while (this.words[slot * ROW_WORDS] !== 0) slot = (slot + 1) & this.mask;
    return slot * ROW_WORDS;
  }

  private allocate(count: number): Int32Array<ArrayBuffer> {
    return this.memory?.allocate(count) ?? new Int32Array(count);
  }

  private grow(): void {
    const old = this.words;
    this.words = this.allocate(old.length * 2);
    this.doubles = doublesOf(this.words);
    this.mask = this.mask * 2 + 1;
    for (let from = 0; from < old.length; from += ROW_WORDS) {
      if (old[from] === 0) continue;
      const row = this.freeRow(old[from], old[from + 1], old[from + KEY_WORDS - 1]);
      for (let i = 0; i < ROW_WORDS; i++) this.words[row + i] = old[from + i];
      this.moved(old[from + ROW.item], row);
    }
    this.memory?.release(old);
  }
}
