import type { Parser, TokenType } from 'acorn';

/**
 * Two constructs that V8 does not have, and published scripts use (script-api section 2): `for each (x in y)` and
 * functions whose body is an expression, `function(x) x * 2`. A parser extended by this marks the nodes:
 */
export interface LegacyMarks {
  /** Where the word `each` of a loop starts. */
  each?: number;
  /** Where an expression that is a body starts and ends. */
  closure?: { start: number; end: number };
}

/** What an acorn parser has besides its declared methods, as far as it is used here. */
interface ParserInside {
  readonly type: TokenType;
  readonly start: number;
  readonly end: number;
  readonly lastTokEnd: number;
  readonly input: string;
  /** What the tokenizer is inside of, the innermost last. */
  readonly context: { readonly token: string }[];
  next(): void;
  isContextual(name: string): boolean;
  expect(type: TokenType): void;
  exitScope(): void;
  checkParams(node: object, allowDuplicates: boolean): void;
  parseMaybeAssign(forInit: unknown): object;
  parseForStatement(node: object): object;
  parseFunctionBody(node: object, isArrow: boolean, isMethod: boolean, forInit: unknown): void;
}

type ParserClass = new (...args: never[]) => ParserInside;

/** A plugin for `Parser.extend`. */
export function legacySyntax(base: typeof Parser): typeof Parser {
  const Base = base as unknown as ParserClass & { acorn: { tokTypes: Record<string, TokenType> } };
  const { parenL, braceL } = Base.acorn.tokTypes;

  class LegacyParser extends Base {
    /** Set from the word `for` to its parenthesis. */
    private eachOf: LegacyMarks | undefined;

    override parseForStatement(node: object & LegacyMarks): object {
      this.eachOf = node;
      return super.parseForStatement(node);
    }

    override expect(type: TokenType): void {
      const loop = this.eachOf;
      this.eachOf = undefined;
      if (loop !== undefined && type === parenL && this.isContextual('each')) {
        loop.each = this.start;
        this.next();
      }
      super.expect(type);
    }

    override parseFunctionBody(
      node: object & LegacyMarks & { body?: object },
      isArrow: boolean,
      isMethod: boolean,
      forInit: unknown,
    ): void {
      if (isArrow || this.type === braceL) {
        super.parseFunctionBody(node, isArrow, isMethod, forInit);
        return;
      }
      // The tokenizer waits for the brace that ends the function; another's would be taken for it.
      this.context.splice(
        this.context.findLastIndex(({ token }) => token === 'function'),
        1,
      );
      const { start } = this;
      node.body = this.parseMaybeAssign(forInit);
      node.closure = { start, end: this.lastTokEnd };
      this.checkParams(node, false);
      this.exitScope();
    }
  }
  return LegacyParser as unknown as typeof Parser;
}
