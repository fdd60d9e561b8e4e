/** Longest-prefix match for IPv6: disjoint ranges and a binary search, as {@link PrefixTable4} does for IPv4. */
export class PrefixTable6 {
  /** First address of each range in four words, ascending; the first is ::. */
  readonly #starts: Uint32Array;
  /** Label of each range, -1 for none. */
  readonly #labels: Int32Array;

  constructor(starts: Uint32Array, labels: Int32Array) {
    this.#starts = starts;
    this.#labels = labels;
  }

  /** Label of the longest prefix that covers the address, or -1. The words may be signed. */
  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = this.#labels.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (startsAtOrBefore(starts, middle * 4, w0 >>> 0, w1 >>> 0, w2 >>> 0, w3 >>> 0)) low = middle;
      else high = middle - 1;
    }
    return this.#labels[low];
  }
}

function startsAtOrBefore(
  starts: Uint32Array,
  at: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (starts[at] !== w0) return starts[at] < w0;
  if (starts[at + 1] !== w1) return starts[at + 1] < w1;
  if (starts[at + 2] !== w2) return starts[at + 2] < w2;
  return starts[at + 3] <= w3;
}

/** Collects prefixes and makes a table of them. Of two equal prefixes the first rules. */
export class PrefixTable6Builder {
  /** Four words of each prefix, bits beyond its length cleared, one after the other. */
  readonly #words: number[] = [];
  readonly #lengths: number[] = [];
  readonly #labels: number[] = [];

  add(words: Int32Array, length: number, label: number): void {
    for (let i = 0; i < 4; i++) this.#words.push((words[i] & maskWord(length, i)) >>> 0);
    this.#lengths.push(length);
    this.#labels.push(label);
  }

  build(): PrefixTable6 {
    const count = this.#lengths.length;
    const words = Uint32Array.from(this.#words);
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    order.sort(
      (a, b) => compareWords(words, a * 4, words, b * 4) || this.#lengths[a] - this.#lengths[b] || a - b,
    );

    const starts = new Uint32Array(4 * (2 * count + 1));
    const labels = new Int32Array(2 * count + 1);
    labels[0] = -1;
    let ranges = 1;
    const begin = (start: Uint32Array, label: number): void => {
      if (compareWords(starts, (ranges - 1) * 4, start, 0) === 0) ranges--;
      if (ranges > 0 && labels[ranges - 1] === label) return;
      starts.set(start, ranges * 4);
      labels[ranges++] = label;
    };

    // The prefixes that cover the address reached so far, the longest last. An end is the address after the last,
    // undefined when there is none.
    const ends: (Uint32Array | undefined)[] = [];
    const covering: number[] = [-1];
    const close = (): void => {
      const end = ends.pop();
      covering.pop();
      if (end !== undefined) begin(end, covering[covering.length - 1]);
    };
    let last = -1;
    for (const i of order) {
      if (
        last >= 0 &&
        this.#lengths[i] === this.#lengths[last] &&
        compareWords(words, i * 4, words, last * 4) === 0
      )
        continue;
      last = i;
      const start = words.subarray(i * 4, i * 4 + 4);
      for (let end = ends.at(-1); end !== undefined && compareWords(end, 0, start, 0) <= 0; end = ends.at(-1))
        close();
      begin(start, this.#labels[i]);
      ends.push(addressAfter(start, this.#lengths[i]));
      covering.push(this.#labels[i]);
    }
    while (ends.length > 0) close();
    return new PrefixTable6(starts.slice(0, ranges * 4), labels.slice(0, ranges));
  }
}

/** The part of a prefix's mask that lies in word `i`. */
function maskWord(length: number, i: number): number {
  const bits = Math.min(32, Math.max(0, length - 32 * i));
  return bits === 0 ? 0 : -1 << (32 - bits);
}

/** The address after the last one of a prefix, or undefined when that is the last of all. */
function addressAfter(start: Uint32Array, length: number): Uint32Array | undefined {
  const end = start.slice();
  // Add one at the last bit of the prefix, and carry.
  let word = (length - 1) >> 5;
  let carry = 2 ** (31 - ((length - 1) & 31));
  for (; word >= 0; word--) {
    const sum = end[word] + carry;
    end[word] = sum;
    if (sum <= 0xffffffff) return end;
    carry = 1;
  }
  return undefined;
}

function compareWords(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  for (let i = 0; i < 4; i++) {
    const difference = a[atA + i] - b[atB + i];
    if (difference !== 0) return difference;
  }
  return 0;
}
