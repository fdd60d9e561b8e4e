/**
 * Entries of a table of fixed size, chained by the hash of a key that the table keeps. One chain per hash:
 * `for (let e = chains.first(hash); e >= 0; e = chains.next(e))` visits the entries that may have the key.
 */
export class HashChains {
  /** Entry + 1, so that fresh memory is empty chains and a large table costs nothing until it fills. */
  private readonly heads: Int32Array;
  private readonly followers: Int32Array;
  private readonly mask: number;

  /** @param capacity number of entries */
  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.heads = new Int32Array(size);
    this.followers = new Int32Array(capacity);
    this.mask = size - 1;
  }

  first(hash: number): number {
    return this.heads[hash & this.mask] - 1;
  }

  next(entry: number): number {
    return this.followers[entry] - 1;
  }

  add(hash: number, entry: number): void {
    const head = hash & this.mask;
    this.followers[entry] = this.heads[head];
    this.heads[head] = entry + 1;
  }

  /** The entry must be in the chain of that hash. */
  remove(hash: number, entry: number): void {
    const head = hash & this.mask;
    let at = this.heads[head] - 1;
    if (at === entry) {
      this.heads[head] = this.followers[entry];
      return;
    }
    while (this.followers[at] - 1 !== entry) at = this.followers[at] - 1;
    this.followers[at] = this.followers[entry];
  }
}

/** One more word into a hash; the seed of the hash is its start. */
export function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
