/**
 * IPv4 prefix and length → record. Open addressing over the numbers of records; what they are, `keyOf` and `lengthOf`
 * tell.
 */
export class PrefixIndex {
  private slots = new Int32Array(FIRST_SLOTS);
  private count = 0;
  private readonly keyOf: (record: number) => number;
  private readonly lengthOf: (record: number) => number;

  constructor(keyOf: (record: number) => number, lengthOf: (record: number) => number) {
    this.keyOf = keyOf;
    this.lengthOf = lengthOf;
  }

  get bytes(): number {
    return this.slots.byteLength;
  }

  /** The record, 0 for none. */
  find(key: number, length: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let i = hash(key, length) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const record = slots[i];
      if (this.keyOf(record) === key && this.lengthOf(record) === length) return record;
    }
    return 0;
  }

  /** Add a record that is not there yet. */
  add(record: number): void {
    if ((this.count + 1) * 2 > this.slots.length) this.grow();
    this.put(record);
    this.count++;
  }

  /** Remove a record that is there. */
  remove(record: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let hole = this.home(record);
    while (slots[hole] !== record) hole = (hole + 1) & mask;
    // What was put further on because the place was taken moves back into it.
    for (let i = (hole + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      if (((i - this.home(slots[i])) & mask) < ((i - hole) & mask)) continue;
      slots[hole] = slots[i];
      hole = i;
    }
    slots[hole] = 0;
    this.count--;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(before.length * 2);
    for (const record of before) if (record !== 0) this.put(record);
  }

  private put(record: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let i = this.home(record);
    while (slots[i] !== 0) i = (i + 1) & mask;
    slots[i] = record;
  }

  private home(record: number): number {
    return hash(this.keyOf(record), this.lengthOf(record)) & (this.slots.length - 1);
  }
}

/** A power of two. */
const FIRST_SLOTS = 1024;

function hash(key: number, length: number): number {
  let h = Math.imul(key ^ (length * 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
