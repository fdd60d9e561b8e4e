import { Parser } from 'acorn';
import { type LegacyMarks, legacySyntax } from './legacy-syntax.ts';

/** Name of the one global that translated code calls; see `realm.ts`. */
export const HELPER = '__weir';

const LegacyParser = Parser.extend(legacySyntax);

/** A node as acorn makes it, with whatever members it has. */
interface SyntaxNode extends LegacyMarks {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * The source with every `throw X` as `throw helper.thrown((X), file, line)`, which gives X back and notes where it came
 * from, with the legacy constructs as standard ones, and with `let` in a case of a switch as `var` where other cases use
 * the variable: Rhino has no dead zone before a `let`, and scripts rely on that. Lines stay where they are. Throws a SyntaxError (acorn's) for
 * what neither standard nor legacy syntax explains.
 * @param file number that the helper gets
 */
export function translate(source: string, file: number): string {
  const tree = LegacyParser.parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowHashBang: true,
    locations: false,
  }) as unknown as SyntaxNode;
  const edits = new Edits(source, file);
  edits.visit(tree);
  return edits.apply();
}

class Edits {
  private text: string;
  private readonly file: number;
  private readonly lineStarts: number[];
  private readonly before: Insertion[] = [];
  private readonly after: Insertion[] = [];

  constructor(source: string, file: number) {
    this.text = source;
    this.file = file;
    this.lineStarts = [0];
    for (const { index, 0: end } of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
      this.lineStarts.push(index + end.length);
  }

  visit(node: SyntaxNode): void {
    const closing = this.open(node);
    for (const child of childrenOf(node)) this.visit(child);
    // After those of the children, which end at the same place at the latest.
    if (closing !== undefined) this.after.push(closing);
  }

  /** What goes before a node; gives back what goes behind it. */
  private open(node: SyntaxNode): Insertion | undefined {
    if (node.type === 'ThrowStatement') {
      const { start, end } = node['argument'] as SyntaxNode;
      this.before.push({ at: start, text: `${HELPER}.thrown((` });
      return { at: end, text: `),${this.file},${this.lineOf(node.start)})` };
    }
    if (node.type === 'SwitchStatement') this.shareVariables(node['cases'] as SyntaxNode[]);
    if (node.closure !== undefined) {
      this.before.push({ at: node.closure.start, text: '{return (' });
      return { at: node.closure.end, text: ')}' };
    }
    if (node.each === undefined) return undefined;
    if (node.type !== 'ForInStatement')
      throw new SyntaxError(`for each needs in (${this.lineOf(node.start)})`);
    const left = node['left'] as SyntaxNode;
    const right = node['right'] as SyntaxNode;
    this.overwrite(node.each, '    ');
    this.overwrite(wordAfter(this.text, left.end), 'of');
    this.before.push({ at: right.start, text: `${HELPER}.each((` });
    return { at: right.end, text: '))' };
  }

  private shareVariables(cases: readonly SyntaxNode[]): void {
    for (const one of cases)
      for (const statement of one['consequent'] as SyntaxNode[]) {
        if (statement.type !== 'VariableDeclaration' || statement['kind'] !== 'let') continue;
        const names = new Set((statement['declarations'] as SyntaxNode[]).flatMap(namesOf));
        if (cases.some((other) => other !== one && uses(other, names)))
          this.overwrite(statement.start, 'var');
      }
  }

  /** In place: nothing moves. */
  private overwrite(at: number, text: string): void {
    this.text = this.text.slice(0, at) + text + this.text.slice(at + text.length);
  }

  private lineOf(at: number): number {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.lineStarts[middle] <= at) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  apply(): string {
    // Stable: where several stand at one place, what closes comes first, the innermost foremost.
    const all = [...this.after, ...this.before].sort((a, b) => a.at - b.at);
    let result = '';
    let from = 0;
    for (const { at, text } of all) {
      result += this.text.slice(from, at) + text;
      from = at;
    }
    return result + this.text.slice(from);
  }
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flat().filter(isNode);
}

/** The variables that a declarator declares. */
function namesOf(declarator: SyntaxNode): string[] {
  const within = (node: SyntaxNode): string[] =>
    node.type === 'Identifier' ? [String(node['name'])] : childrenOf(node).flatMap(within);
  return within(declarator['id'] as SyntaxNode);
}

/** Whether one of the variables is mentioned; a member of the same name is none. */
function uses(node: SyntaxNode, names: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier') return names.has(String(node['name']));
  const own = node['computed'] === false ? (node['property'] ?? node['key']) : undefined;
  return childrenOf(node).some((child) => child !== own && uses(child, names));
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** Where the next word starts, past blanks, closing parentheses and comments. */
function wordAfter(text: string, at: number): number {
  const gap = /(?:[\s)]|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
  gap.lastIndex = at;
  gap.exec(text);
  return gap.lastIndex;
}
