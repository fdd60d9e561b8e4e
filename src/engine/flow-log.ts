import type { LoggedFlow } from './index.ts';
import type { UnnumberedFlow } from './protocol.ts';

export interface LogQuestion {
  readonly names: readonly string[];
  /** Only later records; undefined for all. */
  readonly flowID: number | undefined;
  readonly maxFlows: number;
  /** How long to wait for a record, ms; undefined: not at all. */
  readonly timeoutMs: number | undefined;
  /** Ends the waiting: the client is gone. */
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly question: LogQuestion;
  readonly answer: () => void;
}

/** The last records of the flow log, numbered over all definitions (rest-api 6.5). The oldest make room for new ones. */
export class FlowLogBuffer {
  private readonly limit: number;
  private readonly records: LoggedFlow[] = [];
  private readonly waiters = new Set<Waiter>();
  private nextId = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Records so far. */
  get generated(): number {
    return this.nextId;
  }

  add(flows: readonly UnnumberedFlow[]): void {
    for (const flow of flows) {
      const { values, ...rest } = flow;
      this.records.push({
        flowID: this.nextId++,
        ...rest,
        ...(values === undefined ? {} : { values: [...values] }),
      });
    }
    if (this.records.length > this.limit) this.records.splice(0, this.records.length - this.limit);
    for (const waiter of [...this.waiters]) if (this.find(waiter.question).length > 0) waiter.answer();
  }

  /** Newest first. With `flowID` and `timeoutMs` it waits until there is something, else it answers at once. */
  query(question: LogQuestion): Promise<LoggedFlow[]> {
    const found = this.find(question);
    const { flowID, timeoutMs, signal } = question;
    if (found.length > 0 || flowID === undefined || timeoutMs === undefined || signal?.aborted === true) {
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

  private find({ names, flowID, maxFlows }: LogQuestion): LoggedFlow[] {
    // A number that was never given out comes from before a restart: the client gets everything.
    const after = flowID === undefined || flowID >= this.nextId ? -1 : flowID;
    const found: LoggedFlow[] = [];
    for (let i = this.records.length - 1; i >= 0 && found.length < maxFlows; i--) {
      const record = this.records[i];
      if (record.flowID <= after) break;
      if (names.length === 0 || names.includes(record.name)) found.push(record);
    }
    return found;
  }
}

/** Longest delay setTimeout takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
