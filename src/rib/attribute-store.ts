import { SET, SET_SHIFT } from './attribute-layout.ts';
import type { RouteMemory } from './memory.ts';
import { SEGMENT_WORDS } from './shared-words.ts';

/** Longest set: what one segment holds. */
export const MAX_SET_WORDS = SEGMENT_WORDS;

/** Keeps each set of attributes once, as long as a route has it. */
export class AttributeStore {
  /** Sets that are there. */
  count = 0;
  private readonly memory: RouteMemory;
  /** Sets by hash, open addressing; 0 is free. */
  private slots = new Int32Array(FIRST_SLOTS);
  /** First word that has never been used. Word 0 is not: id 0 means none. */
  private end = 1 << SET_SHIFT;
  /** Free sets by their size in words. */
  private readonly free = new Map<number, number[]>();

  constructor(memory: RouteMemory) {
    this.memory = memory;
  }

  /** Memory beside what is shared. */
  get privateBytes(): number {
    return this.slots.byteLength;
  }

  /**
   * The set whose words from `SET.flags` on are `content[SET.flags … end)`, with one reference more; 0 when it is longer
   * than a segment.
   */
  acquire(content: Int32Array, end: number): number {
    const hash = hashOf(content, end);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const id = this.slots[slot];
      if (this.word(id, SET.hash) !== hash || !this.equals(id, content, end)) continue;
      this.set(id, SET.references, this.word(id, SET.references) + 1);
      return id;
    }
    const id = this.allocate((end + 3) & ~3);
    if (id === 0) return 0;
    const { segment, at } = this.memory.attributes.place(id << SET_SHIFT);
    segment.set(content.subarray(SET.flags, end), at + SET.flags);
    this.set(id, SET.hash, hash);
    this.set(id, SET.references, 1);
    this.set(id, SET.serial, this.memory.nextSerial());
    this.slots[slot] = id;
    if (++this.count * 2 > this.slots.length) this.grow();
    return id;
  }

  /** One more route has the set. */
  share(id: number): void {
    this.set(id, SET.references, this.word(id, SET.references) + 1);
  }

  /** A route has the set no more. */
  release(id: number): void {
    const references = this.word(id, SET.references) - 1;
    this.set(id, SET.references, references);
    if (references > 0) return;
    this.forget(id);
    this.count--;
    const size = this.word(id, SET.size);
    let free = this.free.get(size);
    if (free === undefined) {
      free = [];
      this.free.set(size, free);
    }
    this.memory.retire(free, id);
  }

  private allocate(size: number): number {
    if (size > MAX_SET_WORDS) return 0;
    const { attributes } = this.memory;
    let id = this.free.get(size)?.pop() ?? 0;
    if (id === 0) {
      // A set lies in one segment.
      if (this.end % SEGMENT_WORDS > SEGMENT_WORDS - size)
        this.end += SEGMENT_WORDS - (this.end % SEGMENT_WORDS);
      id = this.end >> SET_SHIFT;
      this.end += size;
      attributes.reserve(this.end);
    }
    this.set(id, SET.size, size);
    return id;
  }

  private equals(id: number, content: Int32Array, end: number): boolean {
    if (this.word(id, SET.size) !== ((end + 3) & ~3)) return false;
    const { segment, at } = this.memory.attributes.place(id << SET_SHIFT);
    // The counts at the beginning say where the content ends, so that what is behind it need not be looked at.
    for (let i: number = SET.flags; i < end; i++) if (segment[at + i] !== content[i]) return false;
    return true;
  }

  private forget(id: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let hole = this.word(id, SET.hash) & mask;
    while (slots[hole] !== id) hole = (hole + 1) & mask;
    for (let i = (hole + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const home = this.word(slots[i], SET.hash) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      slots[hole] = slots[i];
      hole = i;
    }
    slots[hole] = 0;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(before.length * 2);
    const mask = this.slots.length - 1;
    for (const id of before) {
      if (id === 0) continue;
      let slot = this.word(id, SET.hash) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id;
    }
  }

  /** A word of a set, by SET. */
  word(id: number, word: number): number {
    return this.memory.attributes.get((id << SET_SHIFT) + word);
  }

  private set(id: number, word: number, value: number): void {
    this.memory.attributes.set((id << SET_SHIFT) + word, value);
  }
}

/** A power of two. */
const FIRST_SLOTS = 256;

function hashOf(content: Int32Array, end: number): number {
  let h = end;
  for (let i: number = SET.flags; i < end; i++) {
    h = Math.imul(h ^ content[i], 0x85ebca6b);
    h ^= h >>> 15;
  }
  return h;
}
