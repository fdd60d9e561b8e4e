export interface LogQuestion<T> {
  readonly matches: (record: T) => boolean;
  /** Only records with a larger number; undefined for all. */
  readonly after: number | undefined;
  /** The newest that are wanted. */
  readonly limit: number;
  /** How long to wait for a record, ms; undefined: not at all. */
  readonly timeoutMs: number | undefined;
  /** Ends the waiting: the client is gone. */
  readonly signal: AbortSignal | undefined;
}

interface Numbered<T> {
  readonly id: number;
  readonly record: T;
}

interface Waiter<T> {
  readonly question: LogQuestion<T>;
  readonly answer: () => void;
}

/** The last records of a log, numbered from 0 (rest-api 6.5, 9.3). The oldest make room for new ones; numbers go on. */
export class RecordLog<T> {
  private readonly capacity: number;
  private readonly records: Numbered<T>[] = [];
  private readonly waiters = new Set<Waiter<T>>();
  private nextId = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Records so far, those that were dropped included. */
  get total(): number {
    return this.nextId;
  }

  /** Add what `make` gives for the next number; returns the record. */
  add(make: (id: number) => T): T {
    const id = this.nextId++;
    const record = make(id);
    this.records.push({ id, record });
    return record;
  }

  /** Number records that are not kept: they came in a flood of which only the last are. */
  skip(count: number): void {
    this.nextId += count;
  }

  /** To be called after records were added: forget the oldest, answer who waits. */
  flush(): void {
    if (this.records.length > this.capacity) this.records.splice(0, this.records.length - this.capacity);
    for (const waiter of [...this.waiters]) if (this.find(waiter.question).length > 0) waiter.answer();
  }

  /** Newest first. With `after` and `timeoutMs` it waits until there is something, else it answers at once. */
  query(question: LogQuestion<T>): Promise<T[]> {
    const found = this.find(question);
    const { after, timeoutMs, signal } = question;
    if (found.length > 0 || after === undefined || timeoutMs === undefined || signal?.aborted === true) {
      return Promise.resolve(found);
    }
    return new Promise((resolve) => {
      const answer = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', answer);
        this.waiters.delete(waiter);
        resolve(this.find(question));
      };
      const waiter = { question, answer };
      const timer = setTimeout(answer, Math.min(timeoutMs, MAX_TIMER_MS));
      signal?.addEventListener('abort', answer);
      this.waiters.add(waiter);
    });
  }

  /** Answer everybody who waits: the engine stops. */
  close(): void {
    for (const waiter of [...this.waiters]) waiter.answer();
  }

  private find({ matches, after, limit }: LogQuestion<T>): T[] {
    // A number that was never given out, or is no longer held, comes from another time: the client gets everything.
    const known = after !== undefined && after < this.nextId && after >= (this.records[0]?.id ?? 0) - 1;
    const found: T[] = [];
    for (let i = this.records.length - 1; i >= 0 && found.length < limit; i--) {
      const { id, record } = this.records[i];
      if (known && id <= after) break;
      if (matches(record)) found.push(record);
    }
    return found;
  }
}

/** Longest delay setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
