import type { Random } from '../random.ts';

/** How often counters are sent, ms. */
export const POLLING_INTERVAL = 4000;

/** Tells when a data source's counters are due: at a random moment of every polling interval, always the same one. */
export class PollTimer {
  private readonly phase: number;
  private next: number | undefined;

  constructor(random: Random) {
    this.phase = random.unit();
  }

  /** True once per interval, the first time within one interval of the first call; `now` in ms. */
  due(now: number): boolean {
    this.next ??= now + this.phase * POLLING_INTERVAL;
    if (now < this.next) return false;
    this.next += POLLING_INTERVAL;
    return true;
  }
}
