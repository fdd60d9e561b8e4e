/** Words of an entry. */
const ENTRY = { pathId: 0, attributes: 1, next: 2, seen: 3 } as const;
const ENTRY_SHIFT = 2;

/** Several paths for each route (RFC 7911), by their identifiers: chains of entries in one array. */
export class PathLists {
  /** First entry of each route, 0 for none. */
  private heads: Int32Array = new Int32Array(1024);
  private entries: Int32Array = new Int32Array(1024);
  private used = 1;
  private readonly free: number[] = [];

  get bytes(): number {
    return this.heads.byteLength + this.entries.byteLength;
  }

  first(route: number): number {
    return route < this.heads.length ? this.heads[route] : 0;
  }

  next(entry: number): number {
    return this.entries[(entry << ENTRY_SHIFT) + ENTRY.next];
  }

  pathId(entry: number): number {
    return this.entries[(entry << ENTRY_SHIFT) + ENTRY.pathId] >>> 0;
  }

  attributes(entry: number): number {
    return this.entries[(entry << ENTRY_SHIFT) + ENTRY.attributes];
  }

  setAttributes(entry: number, attributes: number): void {
    this.entries[(entry << ENTRY_SHIFT) + ENTRY.attributes] = attributes;
  }

  isSeen(entry: number): boolean {
    return this.entries[(entry << ENTRY_SHIFT) + ENTRY.seen] !== 0;
  }

  setSeen(entry: number): void {
    this.entries[(entry << ENTRY_SHIFT) + ENTRY.seen] = 1;
  }

  forgetSeen(): void {
    for (let entry = 1; entry < this.used; entry++) this.entries[(entry << ENTRY_SHIFT) + ENTRY.seen] = 0;
  }

  /** The path of an identifier, 0 for none. */
  find(route: number, pathId: number): number {
    let entry = this.first(route);
    while (entry !== 0 && this.pathId(entry) !== pathId) entry = this.next(entry);
    return entry;
  }

  /** Add a path that is not there yet. */
  add(route: number, pathId: number, attributes: number): number {
    if (route >= this.heads.length) this.heads = grown(this.heads, route + 1);
    const entry = this.free.pop() ?? this.used++;
    const at = entry << ENTRY_SHIFT;
    if (at + 4 > this.entries.length) this.entries = grown(this.entries, at + 4);
    this.entries[at + ENTRY.pathId] = pathId;
    this.entries[at + ENTRY.attributes] = attributes;
    this.entries[at + ENTRY.next] = this.heads[route];
    this.entries[at + ENTRY.seen] = 1;
    this.heads[route] = entry;
    return entry;
  }

  remove(route: number, entry: number): void {
    const next = this.next(entry);
    if (this.heads[route] === entry) this.heads[route] = next;
    else {
      let before = this.heads[route];
      while (this.next(before) !== entry) before = this.next(before);
      this.entries[(before << ENTRY_SHIFT) + ENTRY.next] = next;
    }
    this.free.push(entry);
  }
}

function grown(words: Int32Array, least: number): Int32Array {
  const larger = new Int32Array(Math.max(least, words.length * 2));
  larger.set(words);
  return larger;
}
