/**
 * Text as numbers: each distinct text has a small positive id while something refers to it. The tables of a shard
 * share one interner; when it grows past its limit, the tables mark what they still hold and the rest is forgotten,
 * so that a flood of random names cannot grow it without end.
 */
export class Interner {
  private readonly ids = new Map<string, number>();
  private readonly texts: (string | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private marks: Uint8Array | undefined;
  /** Approximate bytes held: two per UTF-16 unit and a fixed cost per entry. */
  bytes = 0;

  /** Id of a text, from 1. */
  intern(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.free.pop() ?? this.texts.length;
    this.texts[id] = text;
    this.ids.set(text, id);
    this.bytes += cost(text);
    return id;
  }

  /** Id of a text that is held already, else 0. */
  find(text: string): number {
    return this.ids.get(text) ?? 0;
  }

  /** Text of an id given out before and still held. */
  text(id: number): string {
    return this.texts[id] ?? '';
  }

  get size(): number {
    return this.ids.size;
  }

  /** Begin a sweep: afterwards `mark` every id in use, then `finishSweep`. */
  startSweep(): void {
    this.marks = new Uint8Array(this.texts.length);
  }

  mark(id: number): void {
    if (this.marks !== undefined) this.marks[id] = 1;
  }

  /** Forget what was not marked. Returns how many texts that were. */
  finishSweep(): number {
    const marks = this.marks;
    if (marks === undefined) return 0;
    this.marks = undefined;
    let dropped = 0;
    for (let id = 1; id < marks.length; id++) {
      const text = this.texts[id];
      if (text === undefined || marks[id] === 1) continue;
      this.ids.delete(text);
      this.texts[id] = undefined;
      this.free.push(id);
      this.bytes -= cost(text);
      dropped++;
    }
    return dropped;
  }
}

/** A Map entry, an array slot and a string header come to about a hundred bytes. */
function cost(text: string): number {
  return 100 + 2 * text.length;
}
