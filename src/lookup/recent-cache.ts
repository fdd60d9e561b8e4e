/**
 * A map of bounded size that keeps what was used recently. Two generations: what is used moves to the young one; when
 * that is full, the old one is dropped and the young one becomes old. So a flood of keys that are used once cannot
 * displace those in use, and no use costs more than a few steps.
 */
export class RecentCache<K, V> {
  private readonly generation: number;
  private young = new Map<K, V>();
  private old = new Map<K, V>();

  /** @param max most entries, at least 2 */
  constructor(max: number) {
    this.generation = max >> 1;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(key: K): V | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.old.delete(key);
    this.young.set(key, value);
    if (this.young.size < this.generation) return;
    this.old = this.young;
    this.young = new Map();
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
