/** A question asked again may be given the answer of at most this long ago. */
const LONGEST_MS = 100;
/** An answer is given again for this many times as long as it took to find. */
const TIMES_COST = 50;
/** What is found faster is found anew. */
const WORTH_MS = 0.25;
const MAX_ANSWERS = 64;

interface Kept {
  readonly answer: unknown;
  readonly until: number;
}

/**
 * Answers that were dear and may be asked for again at once: many clients that watch the same table. While it is used,
 * the same question takes a fiftieth of the thread's time at most, however often it is asked, and no answer is older than
 * a tenth of a second. Cheap answers are always new.
 */
export class AnswerCache {
  private readonly kept = new Map<string, Kept>();

  /** The answer to a question: a kept one, or that of `find`. `clock` gives ms with fractions. */
  answer(question: string, find: () => unknown, clock: () => number): unknown {
    const began = clock();
    const known = this.kept.get(question);
    if (known !== undefined) {
      if (began < known.until) return known.answer;
      this.kept.delete(question);
    }
    const answer = find();
    const ended = clock();
    const cost = ended - began;
    if (cost >= WORTH_MS) {
      if (this.kept.size >= MAX_ANSWERS) this.kept.clear();
      this.kept.set(question, { answer, until: ended + Math.min(LONGEST_MS, TIMES_COST * cost) });
    }
    return answer;
  }

  /** Something was defined or removed: what was found before no longer holds. */
  clear(): void {
    this.kept.clear();
  }
}
