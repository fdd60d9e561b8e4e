import { Automaton } from './pattern-automaton.ts';
import { parsePattern } from './pattern-parse.ts';

/** A compiled regular expression. */
export interface TextPattern {
  /** As written. */
  readonly source: string;
  /** Whether the *whole* text matches. Takes time proportional to the text's length, whatever the pattern. */
  test(text: string): boolean;
}

/**
 * Compile a regular expression of Java's syntax. The language's own RegExp would backtrack: a sender who knows the
 * filter could stall the engine with one name. So patterns become automata, built lazily and bounded in size.
 *
 * Supported: everything regular, `(?i)` and `(?s)`, `\Q…\E`, POSIX classes and general categories, class unions and
 * intersections, `\b`, and lookahead at the very start (`(?!10\.).*`). Possessive quantifiers and atomic groups match
 * like their plain forms. Not supported: back references, lookbehind, lookahead elsewhere.
 *
 * @throws WeirError `FLOW_BAD_PATTERN` with the reason and the position.
 */
export function compilePattern(source: string): TextPattern {
  const branches = parsePattern(source).map(({ conditions, body }) => ({
    body: new Automaton(body, source),
    conditions: conditions.map(({ negated, node }) => ({ negated, automaton: new Automaton(node, source) })),
  }));
  return {
    source,
    test: (text) =>
      branches.some(
        ({ body, conditions }) =>
          body.test(text) && conditions.every(({ negated, automaton }) => automaton.test(text) !== negated),
      ),
  };
}
