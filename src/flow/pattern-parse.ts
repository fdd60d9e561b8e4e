import { WeirError } from '../common/index.ts';
import {
  ANY_CHAR,
  type CharSet,
  charRange,
  charsOf,
  complement,
  foldCase,
  intersect,
  NO_CHAR,
  unite,
} from './char-set.ts';

/** What a pattern is made of. */
export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  /** `maximum` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly item: PatternNode;
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly kind: 'assert'; readonly what: Assertion };

export type Assertion = 'start' | 'end' | 'wordBoundary' | 'noWordBoundary';

/** One top-level alternative: its lookaheads at the start (each followed by anything), and the rest. */
export interface PatternBranch {
  readonly conditions: readonly { readonly negated: boolean; readonly node: PatternNode }[];
  readonly body: PatternNode;
}

const MAX_LENGTH = 1024;
const MAX_DEPTH = 32;
const MAX_REPEAT = 1000;

const DIGIT = charRange(0x30, 0x39);
const UPPER = charRange(0x41, 0x5a);
const LOWER = charRange(0x61, 0x7a);
const ALPHA = unite([UPPER, LOWER]);
const ALNUM = unite([ALPHA, DIGIT]);
const PUNCT = charsOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
const SPACE = charsOf(' \t\n\v\f\r');
const LINE_END = charsOf('\n\r\u0085\u2028\u2029');
const ANYTHING: PatternNode = {
  kind: 'repeat',
  item: { kind: 'set', set: ANY_CHAR },
  minimum: 0,
  maximum: Infinity,
};

/** `\w` of Java: ASCII. */
export const WORD: CharSet = unite([ALNUM, charsOf('_')]);

const CLASS_ESCAPES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  s: SPACE,
  w: WORD,
  h: charsOf(
    ' \t\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000',
  ),
  v: charsOf('\n\v\f\r\u0085\u2028\u2029'),
};

const LINE_BREAK: PatternNode = {
  kind: 'choice',
  options: [
    {
      kind: 'sequence',
      items: [
        { kind: 'set', set: charsOf('\r') },
        { kind: 'set', set: charsOf('\n') },
      ],
    },
    { kind: 'set', set: CLASS_ESCAPES['v'] },
  ],
};

const POSIX_CLASSES: Readonly<Record<string, CharSet>> = {
  Lower: LOWER,
  Upper: UPPER,
  ASCII: charRange(0, 0x7f),
  Alpha: ALPHA,
  Digit: DIGIT,
  Alnum: ALNUM,
  Punct: PUNCT,
  Graph: unite([ALNUM, PUNCT]),
  Print: unite([ALNUM, PUNCT, charsOf(' ')]),
  Blank: charsOf(' \t'),
  Cntrl: unite([charRange(0, 0x1f), charsOf('\x7f')]),
  XDigit: unite([DIGIT, charRange(0x41, 0x46), charRange(0x61, 0x66)]),
  Space: SPACE,
};

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/**
 * Parse a regular expression of Java's syntax.
 *
 * @throws WeirError `FLOW_BAD_PATTERN`.
 */
export function parsePattern(source: string): PatternBranch[] {
  return new PatternParser(source).branches();
}

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
}

class PatternParser {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  private flags: Flags = { ignoreCase: false, dotAll: false };

  constructor(text: string) {
    this.text = text;
    if (text.length > MAX_LENGTH) this.fail(`longer than ${MAX_LENGTH} characters`);
  }

  branches(): PatternBranch[] {
    const branches: PatternBranch[] = [];
    do branches.push(this.branch());
    while (this.take('|'));
    if (this.at < this.text.length) this.fail('unmatched )');
    return branches;
  }

  private branch(): PatternBranch {
    const conditions: { negated: boolean; node: PatternNode }[] = [];
    for (;;) {
      if (this.take('^') || this.take('\\A')) continue;
      if (/^\(\?[is-]+\)/.test(this.text.slice(this.at, this.at + 8))) {
        this.group();
        continue;
      }
      const negated = this.take('(?!');
      if (!negated && !this.take('(?=')) break;
      conditions.push({ negated, node: { kind: 'sequence', items: [this.groupBody(), ANYTHING] } });
    }
    return { conditions, body: this.sequence() };
  }

  private choice(): PatternNode {
    const options = [this.sequence()];
    while (this.take('|')) options.push(this.sequence());
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  private sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.at < this.text.length && !this.ahead('|') && !this.ahead(')')) {
      if (this.take('\\Q')) {
        const end = this.text.indexOf('\\E', this.at);
        const quoted = this.text.slice(this.at, end < 0 ? undefined : end);
        this.at = end < 0 ? this.text.length : end + 2;
        const literals = quoted.split('').map((char) => this.literal(char.charCodeAt(0)));
        const last = literals.pop();
        items.push(...literals);
        if (last !== undefined) items.push(this.quantified(last));
        continue;
      }
      const item = this.atom();
      if (item !== undefined) items.push(this.quantified(item));
    }
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  }

  private quantified(item: PatternNode): PatternNode {
    const bounds = this.quantifier();
    if (bounds === undefined) return item;
    // Greedy or reluctant, the same texts match as a whole; possessive is taken for greedy.
    if (!this.take('?')) this.take('+');
    const [minimum, maximum] = bounds;
    return { kind: 'repeat', item, minimum, maximum };
  }

  private quantifier(): [number, number] | undefined {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    if (!this.ahead('{')) return undefined;
    const match = /^\{(\d{1,9})(,(\d{1,9})?)?\}/.exec(this.text.slice(this.at, this.at + 24));
    if (match === null) return this.fail('bad repetition');
    const minimum = Number(match[1]);
    const maximum = match[2] === undefined ? minimum : match[3] === undefined ? Infinity : Number(match[3]);
    if (maximum < minimum) this.fail('bad repetition range');
    if (minimum > MAX_REPEAT || (maximum > MAX_REPEAT && maximum !== Infinity)) {
      this.fail(`more than ${MAX_REPEAT} repetitions`);
    }
    this.at += match[0].length;
    return [minimum, maximum];
  }

  /** One unit; undefined for what only sets flags. */
  private atom(): PatternNode | undefined {
    const char = this.text[this.at];
    switch (char) {
      case '(':
        return this.group();
      case '[':
        this.at++;
        return this.set(this.charClass());
      case '.':
        this.at++;
        return { kind: 'set', set: this.flags.dotAll ? ANY_CHAR : complement(LINE_END) };
      case '^':
        this.at++;
        return { kind: 'assert', what: 'start' };
      case '$':
        this.at++;
        return { kind: 'assert', what: 'end' };
      case '*':
      case '+':
      case '?':
        return this.fail('nothing to repeat');
      case '{':
        return this.fail('a { that is no repetition; write \\{');
      case '\\':
        return this.escape();
      default:
        this.at++;
        return this.literal(char.charCodeAt(0));
    }
  }

  private group(): PatternNode | undefined {
    for (const [opening, reason] of [
      ['(?<=', 'lookbehind'],
      ['(?<!', 'lookbehind'],
      ['(?=', 'lookahead other than at the start'],
      ['(?!', 'lookahead other than at the start'],
    ]) {
      if (this.ahead(opening)) this.fail(`${reason} is not supported`);
    }
    if (this.take('(?:') || this.take('(?>')) return this.groupBody();
    if (this.ahead('(?<')) {
      const name = /^\(\?<[A-Za-z][A-Za-z0-9]*>/.exec(this.text.slice(this.at));
      if (name === null) return this.fail('bad group name');
      this.at += name[0].length;
      return this.groupBody();
    }
    if (this.take('(?')) return this.flagGroup();
    this.at++;
    return this.groupBody();
  }

  /** Behind `(?`: `i)` changes the flags of the rest of the group, `i:…)` those of the content. */
  private flagGroup(): PatternNode | undefined {
    const before = this.flags;
    const flags = { ...before };
    let value = true;
    for (;;) {
      const char = this.text[this.at++];
      if (char === '-') value = false;
      else if (char === 'i') flags.ignoreCase = value;
      else if (char === 's') flags.dotAll = value;
      else if (char === ')') {
        this.flags = flags;
        return undefined;
      } else if (char === ':') {
        this.flags = flags;
        const body = this.groupBody();
        this.flags = before;
        return body;
      } else {
        this.at--;
        return this.fail('unsupported flag');
      }
    }
  }

  /** Content of a group up to its closing parenthesis. Flags set inside end there. */
  private groupBody(): PatternNode {
    const before = this.flags;
    if (++this.depth > MAX_DEPTH) this.fail('nested too deeply');
    const body = this.choice();
    if (!this.take(')')) this.fail('missing )');
    this.depth--;
    this.flags = before;
    return body;
  }

  private escape(): PatternNode {
    const letter = this.text[this.at + 1];
    switch (letter) {
      case 'A':
        return this.assertion('start');
      case 'z':
      case 'Z':
        return this.assertion('end');
      case 'b':
        return this.assertion('wordBoundary');
      case 'B':
        return this.assertion('noWordBoundary');
      case 'k':
        return this.fail('back references are not supported');
      case 'R':
        this.at += 2;
        return LINE_BREAK;
      default:
        if (letter !== undefined && letter >= '1' && letter <= '9')
          this.fail('back references are not supported');
        this.at++;
        return this.set(this.escapedSet());
    }
  }

  private assertion(what: Assertion): PatternNode {
    this.at += 2;
    return { kind: 'assert', what };
  }

  private literal(char: number): PatternNode {
    return this.set(charRange(char, char));
  }

  private set(set: CharSet): PatternNode {
    return { kind: 'set', set: this.flags.ignoreCase ? foldCase(set) : set };
  }

  /** Behind `[`, up to and with the closing `]`. */
  private charClass(): CharSet {
    if (++this.depth > MAX_DEPTH) this.fail('nested too deeply');
    const negated = this.take('^');
    let whole: CharSet | undefined;
    let part: CharSet[] = [];
    const close = (): CharSet => (whole === undefined ? unite(part) : intersect(whole, unite(part)));
    for (let first = true; ; first = false) {
      if (this.at >= this.text.length) this.fail('missing ]');
      if (!first && this.take(']')) break;
      if (this.take('&&')) {
        whole = close();
        part = [];
      } else if (this.take('[')) part.push(this.charClass());
      else part.push(this.classItem());
    }
    this.depth--;
    // Case is folded before the class is negated: [^a] with (?i) excludes A too.
    const set = this.flags.ignoreCase ? foldCase(close()) : close();
    return negated ? complement(set) : set;
  }

  /** One character, range or class escape inside brackets. */
  private classItem(): CharSet {
    const from = this.classChar();
    if (from.length !== 2 || from[0] !== from[1] || !this.ahead('-')) return from;
    const next = this.text[this.at + 1];
    if (next === undefined || next === ']' || next === '[') return from;
    this.at++;
    const to = this.classChar();
    if (to.length !== 2 || to[0] !== to[1] || to[0] < from[0]) this.fail('bad range');
    return charRange(from[0], to[0]);
  }

  private classChar(): CharSet {
    if (this.take('\\')) return this.escapedSet();
    const char = this.text.charCodeAt(this.at++);
    return Number.isNaN(char) ? this.fail('missing ]') : charRange(char, char);
  }

  /** Behind a backslash: the characters an escape stands for. */
  private escapedSet(): CharSet {
    const char = this.text[this.at++];
    if (char === undefined) return this.fail('a \\ at the end');
    const positive = CLASS_ESCAPES[char];
    if (positive !== undefined) return positive;
    const negative = CLASS_ESCAPES[char.toLowerCase()];
    if (negative !== undefined) return complement(negative);
    if (char === 'p' || char === 'P') {
      const set = this.property();
      return char === 'P' ? complement(set) : set;
    }
    const code = this.escapedCode(char);
    return code > 0xffff ? NO_CHAR : charRange(code, code);
  }

  private escapedCode(char: string): number {
    if (Object.hasOwn(CONTROL_ESCAPES, char)) return CONTROL_ESCAPES[char];
    if (char === 'x') return this.number(/^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/, 16);
    if (char === 'u') return this.number(/^([0-9A-Fa-f]{4})/, 16);
    if (char === '0') return this.number(/^([0-3]?[0-7]{1,2})/, 8);
    if (char === 'c' && this.at < this.text.length) return this.text.charCodeAt(this.at++) ^ 64;
    if (/[A-Za-z0-9]/.test(char)) return this.fail(`unknown escape \\${char}`);
    return char.charCodeAt(0);
  }

  private number(form: RegExp, radix: number): number {
    const match = form.exec(this.text.slice(this.at, this.at + 10));
    if (match === null) return this.fail('bad character code');
    this.at += match[0].length;
    return Number.parseInt(match[1] ?? match[2], radix);
  }

  /** Behind `\p`: `{Name}` or one letter. */
  private property(): CharSet {
    const match = /^(?:\{([A-Za-z_]{1,32})\}|([A-Z]))/.exec(this.text.slice(this.at, this.at + 36));
    if (match === null) return this.fail('bad character property');
    const name = match[1] ?? match[2];
    const set = Object.hasOwn(POSIX_CLASSES, name) ? POSIX_CLASSES[name] : generalCategory(name);
    if (set === undefined) return this.fail(`unknown character property ${name}`);
    this.at += match[0].length;
    return set;
  }

  private ahead(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  private take(text: string): boolean {
    if (!this.ahead(text)) return false;
    this.at += text.length;
    return true;
  }

  private fail(reason: string): never {
    throw new WeirError('FLOW_BAD_PATTERN', `${reason}, at character ${this.at + 1} of the pattern`);
  }
}

/** Categories asked for so far: at most the forty or so there are, each takes a pass over all characters. */
const CATEGORIES = new Map<string, CharSet | undefined>();

/** The characters of a Unicode general category (`L`, `Lu`, `IsLu`, …). */
function generalCategory(name: string): CharSet | undefined {
  const category = /^(?:Is)?([CLMNPSZ][a-z]?)$/.exec(name)?.[1];
  if (category === undefined) return undefined;
  if (!CATEGORIES.has(category)) CATEGORIES.set(category, charactersOf(category));
  return CATEGORIES.get(category);
}

function charactersOf(category: string): CharSet | undefined {
  let member: RegExp;
  try {
    member = new RegExp(`\\p{${category}}`, 'u');
  } catch {
    return undefined;
  }
  const set: number[] = [];
  for (let char = 0; char <= 0xffff; char++) {
    if (!member.test(String.fromCharCode(char))) continue;
    if (set.length > 0 && set[set.length - 1] === char - 1) set[set.length - 1] = char;
    else set.push(char, char);
  }
  return set;
}
