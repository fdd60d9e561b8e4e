/** With fewer ranges than this, the search is short without an index. */
const INDEX_FROM = 64;

/** More than the number of prefix lengths. */
const LENGTHS = 64;

/**
 * Longest-prefix match for IPv4, by flattening: nested prefixes become disjoint ranges, each with the label of the
 * longest prefix that covers it, so that a lookup is one search for the last range that begins at or before the
 * address. An index over the upper half of the address makes that search a few steps long.
 */
export class PrefixTable4 {
  /** First address of each range, ascending; the first is 0. */
  readonly #starts: Uint32Array;
  /** Label of each range, -1 for none. */
  readonly #labels: Int32Array;
  /** For each upper half h: the range that holds h·2^16; one more at the end. */
  readonly #index: Uint32Array | undefined;

  constructor(starts: Uint32Array, labels: Int32Array) {
    this.#starts = starts;
    this.#labels = labels;
    this.#index = starts.length > INDEX_FROM ? indexRanges(starts) : undefined;
  }

  /** Label of the longest prefix that covers the address, or -1. The word may be signed. */
  lookup(word: number): number {
    const address = word >>> 0;
    const starts = this.#starts;
    let low = 0;
    let high = starts.length - 1;
    if (this.#index !== undefined) {
      low = this.#index[address >>> 16];
      high = this.#index[(address >>> 16) + 1];
    }
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle] <= address) low = middle;
      else high = middle - 1;
    }
    return this.#labels[low];
  }
}

function indexRanges(starts: Uint32Array): Uint32Array {
  const index = new Uint32Array(65537);
  let range = 0;
  for (let half = 0; half < 65536; half++) {
    while (range + 1 < starts.length && starts[range + 1] <= half * 65536) range++;
    index[half] = range;
  }
  index[65536] = starts.length - 1;
  return index;
}

/** Collects prefixes and makes a table of them. Of two equal prefixes the first rules. */
export class PrefixTable4Builder {
  /** Start and length of a prefix in one number, so that numeric order is the order of nesting → label. */
  readonly #prefixes = new Map<number, number>();

  add(word: number, length: number, label: number): void {
    const mask = length === 0 ? 0 : -1 << (32 - length);
    const key = ((word & mask) >>> 0) * LENGTHS + length;
    if (!this.#prefixes.has(key)) this.#prefixes.set(key, label);
  }

  build(): PrefixTable4 {
    const keys = Float64Array.from(this.#prefixes.keys()).sort();
    const starts = new Uint32Array(2 * keys.length + 1);
    const labels = new Int32Array(2 * keys.length + 1);
    labels[0] = -1;
    let ranges = 1;
    const begin = (start: number, label: number): void => {
      if (starts[ranges - 1] === start) ranges--;
      if (ranges > 0 && labels[ranges - 1] === label) return;
      starts[ranges] = start;
      labels[ranges++] = label;
    };

    // The prefixes that cover the address reached so far, the longest last. An end is the address after the last.
    const ends: number[] = [];
    const covering: number[] = [-1];
    const closeUpTo = (address: number): void => {
      while (ends.length > 0 && ends[ends.length - 1] <= address) {
        const end = ends.pop()!;
        covering.pop();
        if (end <= 0xffffffff) begin(end, covering[covering.length - 1]);
      }
    };
    for (const key of keys) {
      const start = Math.floor(key / LENGTHS);
      const label = this.#prefixes.get(key)!;
      closeUpTo(start);
      begin(start, label);
      ends.push(start + 2 ** (32 - (key % LENGTHS)));
      covering.push(label);
    }
    closeUpTo(Infinity);
    return new PrefixTable4(starts.slice(0, ranges), labels.slice(0, ranges));
  }
}
