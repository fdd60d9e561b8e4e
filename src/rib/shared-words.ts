/** Words of a segment as a power of two: 1 MB. */
export const SEGMENT_SHIFT = 18;
export const SEGMENT_WORDS = 1 << SEGMENT_SHIFT;
export const SEGMENT_MASK = SEGMENT_WORDS - 1;

/**
 * An array of words in shared memory that grows by segments. What is there never moves, so that readers in other
 * threads need no more than the new segment; until they have it, indexes beyond what they know mean nothing to them.
 */
export class SharedWords {
  readonly segments: Int32Array[] = [];
  /** Called when a segment was added. */
  private readonly onGrow: () => void;

  constructor(onGrow: () => void) {
    this.onGrow = onGrow;
  }

  get capacity(): number {
    return this.segments.length * SEGMENT_WORDS;
  }

  get bytes(): number {
    return this.capacity * 4;
  }

  /** Make room for `words` words. */
  reserve(words: number): void {
    while (this.capacity < words) {
      this.segments.push(new Int32Array(new SharedArrayBuffer(SEGMENT_WORDS * 4)));
      this.onGrow();
    }
  }

  /** The segment that holds a word, and where in it. */
  place(at: number): { segment: Int32Array; at: number } {
    return { segment: this.segments[at >>> SEGMENT_SHIFT], at: at & SEGMENT_MASK };
  }

  get(at: number): number {
    return this.segments[at >>> SEGMENT_SHIFT][at & SEGMENT_MASK];
  }

  set(at: number, word: number): void {
    this.segments[at >>> SEGMENT_SHIFT][at & SEGMENT_MASK] = word;
  }

  /** Set a word by which readers find others: those must be seen once this one is. */
  publish(at: number, word: number): void {
    Atomics.store(this.segments[at >>> SEGMENT_SHIFT], at & SEGMENT_MASK, word);
  }
}
