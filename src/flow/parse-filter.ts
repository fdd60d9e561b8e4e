import { isWeirError, WeirError } from '../common/index.ts';
import type { FilterExpression, FilterTest } from './expression.ts';
import { parseKey } from './parse-expression.ts';
import { compilePattern, type TextPattern } from './pattern.ts';

const MAX_LENGTH = 16_384;
const MAX_DEPTH = 32;
const MAX_TESTS = 1000;

/** Matches absence, and the text `null`. */
const ABSENT = 'null';
const BLANK = /\s/;
/** What follows a whole filter and is overlooked. */
const STRAY = /^[\s&)]*$/;

/**
 * Parse a filter (rest-api 5.3):
 *
 *     expr := term { '&' term } | term { '|' term }
 *     term := '!' '(' expr ')' | '(' expr ')' | test
 *     test := key op value { ',' value }
 *     op   := '=' | '!=' | '~' | '!~'
 *
 * `&` and `|` at one level need parentheses. An empty filter, or `()`, passes everything.
 *
 * @throws WeirError `FLOW_BAD_FILTER` with the reason and the position, counted from 1.
 */
export function parseFilter(text: string): FilterExpression {
  return new FilterParser(text).filter();
}

class FilterParser {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  private tests = 0;

  constructor(text: string) {
    this.text = text;
    if (text.length > MAX_LENGTH) this.fail(`longer than ${MAX_LENGTH} characters`);
  }

  filter(): FilterExpression {
    this.skipBlanks();
    if (this.at >= this.text.length) return { kind: 'pass' };
    const filter = this.expression();
    if (!this.onlyStrayFollows()) this.fail(`unexpected "${this.text[this.at]}"`);
    return filter;
  }

  private expression(): FilterExpression {
    const terms = [this.term()];
    let joint = '';
    for (;;) {
      this.skipBlanks();
      const char = this.text[this.at];
      if (char !== '&' && char !== '|') break;
      if (this.depth === 0 && this.onlyStrayFollows()) break;
      if (joint !== '' && char !== joint) this.fail('& and | mixed; use parentheses');
      joint = char;
      this.at++;
      terms.push(this.term());
    }
    if (terms.length === 1) return terms[0];
    return { kind: joint === '&' ? 'and' : 'or', terms };
  }

  private term(): FilterExpression {
    this.skipBlanks();
    const start = this.at;
    const negated = this.take('!');
    if (negated) this.skipBlanks();
    if (this.take('(')) {
      const inner = this.parenthesised(start);
      return negated ? { kind: 'not', term: inner } : inner;
    }
    if (negated) this.fail('! must be followed by (; for one test use != or !~', start);
    return this.test();
  }

  /** Behind an opening parenthesis, up to and with the closing one. */
  private parenthesised(start: number): FilterExpression {
    if (++this.depth > MAX_DEPTH) this.fail('nested too deeply');
    this.skipBlanks();
    const inner: FilterExpression = this.text[this.at] === ')' ? { kind: 'pass' } : this.expression();
    if (!this.take(')')) this.fail('( is not closed', start);
    this.depth--;
    return inner;
  }

  private test(): FilterTest {
    if (++this.tests > MAX_TESTS) this.fail(`more than ${MAX_TESTS} tests`);
    const start = this.at;
    this.skipKey();
    const key = this.rephrase(() => parseKey(this.text.slice(start, this.at).trimEnd(), start));
    const negated = this.take('!');
    const operator = this.take('=') ? 'equal' : 'match';
    if (operator === 'match' && !this.take('~')) this.fail('one of = != ~ !~ is missing');
    const values: string[] = [];
    const patterns: TextPattern[] = [];
    do {
      this.skipBlanks();
      const valueStart = this.at;
      const value = this.value();
      values.push(value);
      if (operator === 'match') patterns.push(this.pattern(value, valueStart));
      this.skipBlanks();
    } while (this.take(','));
    return { kind: 'test', key, operator, negated, values, orAbsent: values.includes(ABSENT), patterns };
  }

  /** To the operator behind a key. */
  private skipKey(): void {
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === '\\') this.at++;
      else if (char === '=' || char === '~' || char === '!') return;
      else if ('&|(),'.includes(char)) break;
    }
    this.fail('a test is a key, one of = != ~ !~, and values', Math.min(this.at, this.text.length));
  }

  private value(): string {
    const quote = this.text[this.at];
    return quote === '"' || quote === "'" ? this.quoted(quote) : this.unquoted();
  }

  /** Between quotes everything is literal; a backslash keeps the quote that follows it from ending the text. */
  private quoted(quote: string): string {
    const start = this.at++;
    let value = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === quote) {
        this.at++;
        return value;
      }
      if (char !== '\\' || this.at + 1 >= this.text.length) {
        value += char;
        continue;
      }
      const next = this.text[++this.at];
      value += next === quote ? next : char + next;
    }
    return this.fail('a quote is not closed', start);
  }

  /** Up to a sign of the grammar. A backslash makes a sign of the grammar or a blank literal; elsewhere it belongs to the value. */
  private unquoted(): string {
    const start = this.at;
    let value = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === '\\' && this.at + 1 < this.text.length) {
        const next = this.text[++this.at];
        value += '()|&,= '.includes(next) ? next : char + next;
      } else if ('()|&,'.includes(char)) break;
      else if (BLANK.test(char)) {
        this.skipBlanks();
        if (this.at < this.text.length && !'()|&,'.includes(this.text[this.at])) {
          this.fail('a blank in a value; use quotes');
        }
        break;
      } else if (char === '=') this.fail('= in a value; use quotes');
      else value += char;
    }
    if (this.text[this.at] === '(') this.fail('( in a value; use quotes or \\(');
    return value === '' ? this.fail('a value is missing', start) : value;
  }

  private pattern(value: string, start: number): TextPattern {
    return this.rephrase(() => compilePattern(value), `in the pattern at character ${start + 1}: `);
  }

  /** Run a parser of a part, and tell its complaints as the filter's. */
  private rephrase<T>(parse: () => T, where = ''): T {
    try {
      return parse();
    } catch (error) {
      if (!isWeirError(error)) throw error;
      throw new WeirError('FLOW_BAD_FILTER', where + error.message, { cause: error });
    }
  }

  private onlyStrayFollows(): boolean {
    return STRAY.test(this.text.slice(this.at));
  }

  private skipBlanks(): void {
    while (this.at < this.text.length && BLANK.test(this.text[this.at])) this.at++;
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private fail(reason: string, at = this.at): never {
    throw new WeirError('FLOW_BAD_FILTER', `${reason}, at character ${at + 1}`);
  }
}
