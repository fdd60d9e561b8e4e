/**
 * Patterns of metric filters (rest-api 8.1): `*` any text, `?` one character, `[ab0-9]` one of a class (`[!…]` one
 * not of it), `\` takes the next character literally; everything else stands for itself. The whole text must match.
 * A `[` that is never closed is an ordinary character.
 */
export interface Glob {
  readonly pattern: string;
  /** Time is at most proportional to the square of the text, memory constant: safe for patterns from anybody. */
  matches(text: string): boolean;
}

type Token = typeof ANY_TEXT | ((code: number) => boolean);

const ANY_TEXT = null;

export function compileGlob(pattern: string): Glob {
  const tokens = parse(pattern);
  const shortest = tokens.filter((token) => token !== ANY_TEXT).length;
  return { pattern, matches: (text) => text.length >= shortest && match(tokens, text) };
}

/**
 * Only the last `*` met is ever revisited: what stood before it has matched its shortest text, and a longer one
 * could not help what follows.
 */
function match(tokens: readonly Token[], text: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = token < tokens.length ? tokens[token] : undefined;
    if (expected === ANY_TEXT) {
      star = token++;
      starAt = at;
    } else if (expected?.(text.charCodeAt(at))) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (token < tokens.length && tokens[token] === ANY_TEXT) token++;
  return token === tokens.length;
}

function parse(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '*') {
      if (tokens.at(-1) !== ANY_TEXT) tokens.push(ANY_TEXT);
    } else if (char === '?') tokens.push(() => true);
    else if (char === '[') {
      const close = pattern.indexOf(']', at + 2); // a `]` right after the bracket belongs to the class
      if (close < 0) tokens.push(literal(char));
      else {
        tokens.push(characterClass(pattern.slice(at + 1, close)));
        at = close;
      }
    } else if (char === '\\' && at + 1 < pattern.length) tokens.push(literal(pattern[++at]));
    else tokens.push(literal(char));
  }
  return tokens;
}

function literal(char: string): Token {
  const wanted = char.charCodeAt(0);
  return (code) => code === wanted;
}

function characterClass(body: string): Token {
  const negated = body.length > 1 && (body[0] === '!' || body[0] === '^');
  const ranges: [number, number][] = [];
  for (let at = negated ? 1 : 0; at < body.length; at++) {
    const from = body.charCodeAt(at);
    const isRange = body[at + 1] === '-' && at + 2 < body.length;
    ranges.push([from, isRange ? body.charCodeAt(at + 2) : from]);
    if (isRange) at += 2;
  }
  return (code) => ranges.some(([from, to]) => code >= from && code <= to) !== negated;
}
