import { ScriptError } from './host.ts';
import type { JobQueue } from './job-queue.ts';

type Run = (...args: never[]) => unknown;

/** Node's timers cannot wait longer than this, and would fire at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** `setTimeout` and `clearTimeout` of a script (section 3); the number of timers is bounded. */
export class Timers {
  private readonly queue: JobQueue;
  private readonly limit: number;
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private nextId = 1;

  constructor(queue: JobQueue, limit: number) {
    this.queue = queue;
    this.limit = limit;
  }

  get size(): number {
    return this.timers.size;
  }

  /** @param call how to call the script's function */
  set(
    run: unknown,
    ms: unknown,
    args: readonly unknown[],
    call: (run: Run, args: readonly unknown[]) => void,
  ): number {
    if (typeof run !== 'function') throw new ScriptError('Expected first argument to be a function');
    if (this.timers.size >= this.limit)
      throw new ScriptError(`too many timers: there are ${this.limit} already`);
    const id = this.nextId++;
    const wait = Number(ms ?? 0);
    const due = () =>
      this.queue.push('timer', () => {
        // It may have been cleared while it waited for its turn.
        if (this.timers.delete(id)) call(run as Run, args);
      });
    this.timers.set(id, setTimeout(due, Math.min(Math.max(wait, 0) || 0, LONGEST_WAIT_MS)));
    return id;
  }

  clear(id: unknown): void {
    const timer = this.timers.get(Number(id));
    clearTimeout(timer);
    if (this.timers.delete(Number(id))) this.queue.schedule();
  }
}
