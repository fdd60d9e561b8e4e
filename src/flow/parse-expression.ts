import { WeirError } from '../common/index.ts';
import type { KeyCall, KeyExpression, KeyReference } from './expression.ts';
import { type ArgumentKind, argumentKind, type KeyFunction } from './function.ts';
import { FUNCTIONS } from './functions.ts';

const MAX_LENGTH = 16_384;
const MAX_KEYS = 64;
const MAX_ARGUMENTS = 256;
const MAX_DEPTH = 16;

/** What a plain key's name does not hold unless escaped: the signs of the filter grammar. */
const NOT_IN_NAMES = '<>=~!&|()[]"\'';
/** What must be escaped to be read back as it is. */
const NEEDS_ESCAPE = /[\\:,[\]<>=~!&|()"'\s\p{Cc}]/gu;
const BLANK = /[\s\p{Cc}]/u;

/**
 * Parse a comma list of keys and functions (rest-api 5.1, 5.2). Empty items are ignored. A backslash makes the next
 * character literal.
 *
 * @throws WeirError `FLOW_BAD_KEY` with the reason and the position, counted from 1.
 */
export function parseKeys(text: string): KeyExpression[] {
  return new KeyParser(text, 0).list();
}

/**
 * Parse one key or function; the whole text must be it. Positions in errors count from `offset`: where the text
 * stands in a larger one.
 *
 * @throws WeirError `FLOW_BAD_KEY`.
 */
export function parseKey(text: string, offset = 0): KeyExpression {
  return new KeyParser(text, offset).single();
}

class KeyParser {
  private readonly text: string;
  private readonly offset: number;
  private at = 0;

  constructor(text: string, offset: number) {
    this.text = text;
    this.offset = offset;
    if (text.length > MAX_LENGTH) this.fail(`longer than ${MAX_LENGTH} characters`);
  }

  list(): KeyExpression[] {
    const keys: KeyExpression[] = [];
    while (this.at < this.text.length) {
      if (this.take(',')) continue;
      keys.push(this.item());
      if (keys.length > MAX_KEYS) this.fail(`more than ${MAX_KEYS} keys`);
      if (this.at < this.text.length && !this.take(',')) this.fail(`unexpected "${this.text[this.at]}"`);
    }
    return keys;
  }

  single(): KeyExpression {
    const key = this.item();
    if (this.at < this.text.length) this.fail(`unexpected "${this.text[this.at]}"`);
    return key;
  }

  /** A key or a function; applications write functions in brackets also where they are no argument. */
  private item(): KeyExpression {
    return this.text[this.at] === '[' ? this.keyArgument(0) : this.expression(0);
  }

  /** A key or a function; inside brackets (`depth` above 0) it ends at the closing one. */
  private expression(depth: number): KeyExpression {
    const start = this.at;
    const name = this.word(':,]', NOT_IN_NAMES);
    if (name === '') this.fail('a key is missing');
    if (!this.take(':')) return reference(name);
    const fn = FUNCTIONS.get(name);
    if (fn === undefined) return this.fail(`unknown function "${name}"`, start);
    const args = this.args(fn, depth);
    const reason = fn.check?.(args);
    if (reason !== undefined) this.fail(`${fn.name}: ${reason}`, start);
    return call(name, args);
  }

  private args(fn: KeyFunction, depth: number): KeyCall['args'] {
    const args: (string | number | KeyExpression)[] = [];
    do {
      const kind = argumentKind(fn, args.length);
      if (kind === undefined) return this.fail(`too many arguments, the form is ${fn.usage}`);
      if (args.length >= MAX_ARGUMENTS) this.fail(`more than ${MAX_ARGUMENTS} arguments`);
      args.push(this.argument(fn, kind, depth));
    } while (this.take(':'));
    if (args.length < fn.required.length) this.fail(`too few arguments, the form is ${fn.usage}`);
    return args;
  }

  private argument(fn: KeyFunction, kind: ArgumentKind, depth: number): string | number | KeyExpression {
    if (kind === 'key' || kind === 'number') return this.keyArgument(depth);
    const start = this.at;
    const literal = this.word(depth > 0 ? ':,]' : ':,', '');
    if (kind === 'text' || (kind === 'bound' && literal === '')) return literal;
    const form = kind === 'count' ? /^\d{1,15}$/ : /^[+-]?\d{1,15}(\.\d{1,6})?$/;
    if (!form.test(literal)) this.fail(`"${literal}" is not a number, the form is ${fn.usage}`, start);
    return Number(literal) + 0; // no -0: it prints as 0
  }

  private keyArgument(depth: number): KeyExpression {
    const start = this.at;
    if (!this.take('[')) {
      const name = this.word(':,]', NOT_IN_NAMES);
      return name === '' ? this.fail('a key is missing') : reference(name);
    }
    if (depth + 1 > MAX_DEPTH) this.fail('nested too deeply');
    const inner = this.expression(depth + 1);
    if (inner.kind !== 'call') this.fail('brackets are for functions only', start);
    if (!this.take(']')) this.fail('missing ]');
    return inner;
  }

  /** Characters up to one of `ends`, or the end, with escapes resolved; none of `not` among them. */
  private word(ends: string, not: string): string {
    let word = '';
    for (; this.at < this.text.length; this.at++) {
      let char = this.text[this.at];
      if (char === '\\') {
        if (this.at + 1 >= this.text.length) this.fail('a \\ at the end');
        char = this.text[++this.at];
      } else if (ends.includes(char)) break;
      else if (BLANK.test(char)) this.fail('a blank');
      else if (not.includes(char)) this.fail(`unexpected "${char}"`);
      word += char;
    }
    return word;
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private fail(reason: string, at = this.at): never {
    throw new WeirError('FLOW_BAD_KEY', `${reason}, at character ${this.offset + at + 1}`);
  }
}

function reference(name: string): KeyReference {
  return { kind: 'key', name, text: escaped(name) };
}

function call(name: string, args: KeyCall['args']): KeyCall {
  const texts = args.map((arg) => {
    if (typeof arg === 'number') return String(arg);
    if (typeof arg === 'string') return escaped(arg);
    return arg.kind === 'call' ? `[${arg.text}]` : arg.text;
  });
  return { kind: 'call', name, args, text: [name, ...texts].join(':') };
}

function escaped(text: string): string {
  return text.replace(NEEDS_ESCAPE, '\\$&');
}
