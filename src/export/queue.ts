/** A queue of bounded length. When it is full the oldest goes. */
export class BoundedQueue<T> {
  private readonly ring: (T | undefined)[] = [];
  private readonly capacity: number;
  private head = 0;
  private count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.count;
  }

  /** False: the oldest had to go for it. */
  push(item: T): boolean {
    const { ring, capacity } = this;
    if (this.count === capacity) {
      ring[this.head] = item;
      this.head = (this.head + 1) % capacity;
      return false;
    }
    ring[(this.head + this.count) % capacity] = item;
    this.count++;
    return true;
  }

  /** The oldest, at most so many. */
  take(most: number): T[] {
    const taken: T[] = [];
    for (let left = Math.min(most, this.count); left > 0; left--) {
      taken.push(this.ring[this.head] as T);
      this.ring[this.head] = undefined;
      this.head = (this.head + 1) % this.capacity;
    }
    this.count -= taken.length;
    return taken;
  }
}
