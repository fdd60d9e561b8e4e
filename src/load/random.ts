/**
 * A seeded source of random numbers (sfc32, Chris Doty-Humphrey's small fast counting generator). Equal seeds give
 * equal sequences on every machine, which is what makes a generated load repeatable. Not for secrets.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  constructor(seed: number) {
    this.a = 0x9e3779b9 ^ seed;
    this.b = 0x243f6a88 ^ Math.floor(seed / 4294967296);
    this.c = 0xb7e15162;
    for (let i = 0; i < 15; i++) this.word();
  }

  /** A signed 32-bit word. */
  word(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result;
  }

  /** In [0, 1), 32 bits fine. */
  unit(): number {
    return (this.word() >>> 0) / 4294967296;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** An element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Exponentially distributed with this mean: the time between independent events. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /**
   * A rank in [0, count), rank r about as likely as 1/(r + 1) (Zipf's law with exponent 1, by the inverse of its
   * continuous form): a heavy head and a long tail, like flows in a network.
   */
  zipf(count: number): number {
    return Math.min(count - 1, Math.floor((count + 1) ** this.unit()) - 1);
  }
}

/** Scramble a 32-bit word (the finisher of MurmurHash3): every input bit changes about half of the output bits. */
export function scramble(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
