import { WeirError } from '../common/index.ts';
import { type CharSet, contains } from './char-set.ts';
import { type Assertion, type PatternNode, WORD } from './pattern-parse.ts';

/** Steps of a compiled pattern, by number. */
type Step =
  | { readonly kind: 'set'; readonly set: CharSet; readonly next: number }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'match' };

/** What lies on one side of a place in the text: nothing, a character of a word, or another. */
const SIDE = { none: 0, word: 1, other: 2 } as const;

/** Where the automaton can be after some text: the steps to take next, and what the last character was. */
interface State {
  readonly threads: readonly number[];
  readonly before: number;
  /** Following state by class of the next character, made when first needed. */
  readonly after: (State | undefined)[];
  accepts: boolean | undefined;
}

const MAX_STEPS = 2000;
/** States kept at a time; past it, they are made anew. */
const MAX_STATES = 512;

/**
 * Decides whether a whole text matches. The steps of the pattern (Thompson's construction) are followed all at once;
 * each set of steps reached is a state, kept with its transitions, so that a character costs one array access after
 * the first time. Characters that no set of the pattern tells apart share a class.
 */
export class Automaton {
  private readonly steps: Step[] = [{ kind: 'match' }];
  private readonly start: number;
  /** First character of each class but the first, ascending; the class of a character is how many are not above it. */
  private readonly boundaries: readonly number[];
  private readonly asciiClasses = new Uint16Array(128);
  /** Only then does it matter what the last character was. */
  private readonly looksBack: boolean;
  private states = new Map<string, State>();
  private readonly initial: State;

  /** @throws WeirError `FLOW_BAD_PATTERN` when the pattern is too large once its repetitions are written out. */
  constructor(node: PatternNode, source: string) {
    if (stepsOf(node) > MAX_STEPS) {
      throw new WeirError(
        'FLOW_BAD_PATTERN',
        `the pattern ${JSON.stringify(source)} is too large once its repetitions are written out`,
      );
    }
    this.start = this.compile(node, 0);
    this.looksBack = this.steps.some((step) => step.kind === 'assert');
    this.boundaries = boundariesOf(this.steps);
    for (let char = 0; char < 128; char++) this.asciiClasses[char] = this.search(char);
    this.initial = this.state([this.start], SIDE.none);
  }

  test(text: string): boolean {
    let state = this.initial;
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      const charClass = char < 128 ? this.asciiClasses[char] : this.search(char);
      state = state.after[charClass] ?? this.advance(state, charClass, char);
      if (state.threads.length === 0) return false;
    }
    return (state.accepts ??= this.follow(state, SIDE.none).accepts);
  }

  /** Number of the step that matches `node` and goes on at `next`. */
  private compile(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.add({ kind: 'set', set: node.set, next });
      case 'assert':
        return this.add({ kind: 'assert', what: node.what, next });
      case 'sequence':
        return node.items.reduceRight((following, item) => this.compile(item, following), next);
      case 'choice':
        return node.options
          .map((option) => this.compile(option, next))
          .reduceRight((second, first) => this.add({ kind: 'split', first, second }));
      case 'repeat': {
        let at = next;
        if (node.maximum === Infinity) {
          const loop = { kind: 'split' as const, first: 0, second: next };
          at = this.add(loop);
          loop.first = this.compile(node.item, at);
        } else {
          for (let i = node.minimum; i < node.maximum; i++) {
            at = this.add({ kind: 'split', first: this.compile(node.item, at), second: next });
          }
        }
        for (let i = 0; i < node.minimum; i++) at = this.compile(node.item, at);
        return at;
      }
    }
  }

  private add(step: Step): number {
    return this.steps.push(step) - 1;
  }

  private advance(from: State, charClass: number, char: number): State {
    const side = contains(WORD, char) ? SIDE.word : SIDE.other;
    const threads = new Set<number>();
    for (const step of this.follow(from, side).sets) if (contains(step.set, char)) threads.add(step.next);
    const to = this.state(
      [...threads].sort((a, b) => a - b),
      this.looksBack ? side : SIDE.none,
    );
    from.after[charClass] = to;
    return to;
  }

  /** The sets that may take the next character, which is `ahead`; and whether the pattern may end here. */
  private follow(from: State, ahead: number): { sets: Extract<Step, { kind: 'set' }>[]; accepts: boolean } {
    const sets: Extract<Step, { kind: 'set' }>[] = [];
    let accepts = false;
    const seen = new Uint8Array(this.steps.length);
    const pending = [...from.threads];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const step = this.steps[at];
      if (step.kind === 'set') sets.push(step);
      else if (step.kind === 'match') accepts = true;
      else if (step.kind === 'split') pending.push(step.second, step.first);
      else if (holds(step.what, from.before, ahead)) pending.push(step.next);
    }
    return { sets, accepts };
  }

  private state(threads: readonly number[], before: number): State {
    const key = `${before} ${threads.join(' ')}`;
    const known = this.states.get(key);
    if (known !== undefined) return known;
    if (this.states.size >= MAX_STATES) this.forget();
    const state: State = { threads, before, after: [], accepts: undefined };
    this.states.set(key, state);
    return state;
  }

  private forget(): void {
    this.initial.after.length = 0;
    this.states = new Map();
  }

  private search(char: number): number {
    let low = 0;
    let high = this.boundaries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.boundaries[middle] <= char) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function holds(what: Assertion, before: number, ahead: number): boolean {
  switch (what) {
    case 'start':
      return before === SIDE.none;
    case 'end':
      return ahead === SIDE.none;
    case 'wordBoundary':
      return (before === SIDE.word) !== (ahead === SIDE.word);
    case 'noWordBoundary':
      return (before === SIDE.word) === (ahead === SIDE.word);
  }
}

/** How many steps a node compiles to, at most. */
function stepsOf(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + stepsOf(item), 0);
    case 'choice':
      return node.options.reduce((sum, option) => sum + stepsOf(option) + 1, 0);
    case 'repeat': {
      const copies = node.maximum === Infinity ? node.minimum + 1 : node.maximum;
      return copies * (stepsOf(node.item) + 1);
    }
  }
}

/** Where the sets of the steps begin and end. Word characters are a set when an assertion looks at them. */
function boundariesOf(steps: readonly Step[]): number[] {
  const boundaries = new Set<number>();
  for (const step of steps) {
    const set = step.kind === 'set' ? step.set : step.kind === 'assert' ? WORD : [];
    for (let i = 0; i < set.length; i += 2) boundaries.add(set[i]).add(set[i + 1] + 1);
  }
  return [...boundaries].sort((a, b) => a - b);
}
