/** Counts by name with a ceiling on the names: what comes beyond is counted under `other`. */
export class NamedCounts {
  private readonly counts = new Map<string, number>();
  private readonly limit: number;

  constructor(limit = 1000) {
    this.limit = limit;
  }

  add(name: string, n = 1): void {
    const known = this.counts.get(name);
    const key = known === undefined && this.counts.size >= this.limit ? 'other' : name;
    this.counts.set(key, (known ?? this.counts.get(key) ?? 0) + n);
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}

/** Counts by a format word (enterprise << 12 | format), without making text per count. */
export class FormatCounts {
  private readonly counts = new Map<number, number>();
  private readonly limit: number;
  private others = 0;

  constructor(limit = 1000) {
    this.limit = limit;
  }

  add(format: number): void {
    const known = this.counts.get(format);
    if (known !== undefined) this.counts.set(format, known + 1);
    else if (this.counts.size < this.limit) this.counts.set(format, 1);
    else this.others++;
  }

  /** By `prefix enterprise:format`. */
  toObject(prefix = ''): Record<string, number> {
    const named: Record<string, number> = {};
    for (const [format, n] of this.counts) named[`${prefix}${format >>> 12}:${format & 0xfff}`] = n;
    if (this.others > 0) named[`${prefix}other`] = this.others;
    return named;
  }
}
