/** How often what went wrong is told, ms. */
const EVERY_MS = 5000;

/** A count of something that goes wrong, and how it is told. */
export interface WatchedCount {
  readonly count: () => number;
  readonly text: (more: number) => string;
}

/** Tells counts that have grown, at most every few seconds, so that a flood of trouble is no flood of lines. */
export class Watch {
  private readonly watched: readonly WatchedCount[];
  private readonly say: (text: string) => void;
  private readonly before: number[];
  private readonly timer: NodeJS.Timeout;

  constructor(watched: readonly WatchedCount[], say: (text: string) => void) {
    this.watched = watched;
    this.say = say;
    this.before = watched.map(() => 0);
    this.timer = setInterval(() => this.look(), EVERY_MS);
    this.timer.unref();
  }

  /** Tells what has not been told. */
  stop(): void {
    clearInterval(this.timer);
    this.look();
  }

  private look(): void {
    this.watched.forEach(({ count, text }, i) => {
      const now = count();
      const more = now - this.before[i];
      this.before[i] = now;
      if (more > 0) this.say(text(more));
    });
  }
}

const SHOWN = 5;

/** Tells the first bad lines one by one, and the others as a number. */
export class BadLines {
  private readonly say: (text: string) => void;
  private shown = 0;
  private last = 0;
  private more = 0;

  constructor(say: (text: string) => void) {
    this.say = say;
  }

  note(number: number, reason: string): void {
    if (this.shown < SHOWN) {
      this.shown++;
      this.say(`line ${number} is no datagram and passed over: ${reason}`);
    } else {
      this.more++;
      this.last = number;
    }
  }

  /** For a `Watch`. */
  readonly watched: WatchedCount = {
    count: () => this.more,
    text: (more) => `${more} more lines are no datagrams, the last of them line ${this.last}`,
  };
}
