/** Entries of a table of fixed size in the order in which they were last used. Every operation takes constant time. */
export class RecencyList {
  private readonly newer: Int32Array;
  private readonly older: Int32Array;
  private newestEntry = -1;
  private oldestEntry = -1;

  /** @param capacity number of entries */
  constructor(capacity: number) {
    this.newer = new Int32Array(capacity);
    this.older = new Int32Array(capacity);
  }

  /** -1: the list is empty. */
  get newest(): number {
    return this.newestEntry;
  }

  get oldest(): number {
    return this.oldestEntry;
  }

  /** The entry used before this one; -1: it is the oldest. */
  before(entry: number): number {
    return this.older[entry];
  }

  /** An entry that is not in the list becomes its newest. */
  add(entry: number): void {
    this.newer[entry] = -1;
    this.older[entry] = this.newestEntry;
    if (this.newestEntry >= 0) this.newer[this.newestEntry] = entry;
    else this.oldestEntry = entry;
    this.newestEntry = entry;
  }

  remove(entry: number): void {
    const newer = this.newer[entry];
    const older = this.older[entry];
    if (newer >= 0) this.older[newer] = older;
    else this.newestEntry = older;
    if (older >= 0) this.newer[older] = newer;
    else this.oldestEntry = newer;
  }
}
