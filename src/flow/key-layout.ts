import type { CodeGenerator } from './code-generator.ts';
import type { FlowDefinition, KeyExpression } from './expression.ts';
import { fixedExpression, groupOfIPv4 } from './fixed-expression.ts';
import type { Interner } from './interner.ts';
import { SCOPE_BITS } from './table.ts';

/** How the entries of one definition's table look, and how their keys become text. */
export interface KeyLayout {
  readonly keyWords: number;
  /** True when some key words are ids of interned texts. */
  readonly holdsText: boolean;
  /** Text of the key words at `words[at …]`, fields joined by the definition's separator. */
  format(words: Int32Array, at: number): string;
  /** The fields of the key, for wildcard filters. */
  fields(words: Int32Array, at: number): string[];
  /** Interner ids in the key words at `words[at …]`. */
  markInterned(words: Int32Array, at: number): void;
}

/** A part of a key as a table keeps it. */
interface Piece {
  readonly bits: number;
  /** Expression that gives the unsigned or signed word. */
  readonly code: string;
}

/** Where a piece lies in an entry's key words. */
interface PieceSlot {
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

interface CompiledKey {
  /** Condition for the key to be there; '' when it always is. Evaluated before anything lazy. */
  readonly present: string;
  /** Statements that must run before `lazyPresent` and the pieces are used; '' when none. */
  readonly lazy: string;
  readonly lazyPresent: string;
  readonly pieces: readonly Piece[];
  readonly format: (values: readonly number[], interner: Interner) => string;
  /** Pieces that are interner ids, so that a sweep can mark them. */
  readonly interned: boolean;
}

export interface KeyPlan {
  readonly keys: readonly CompiledKey[];
  /** Where each piece of each key lies. */
  readonly slots: readonly (readonly PieceSlot[])[];
  readonly keyWords: number;
}

/** Pack the pieces of all keys into words: word 0 holds the scope and up to eight bits more. */
export function planKeys(definition: FlowDefinition, g: CodeGenerator): KeyPlan {
  const keys = definition.keys.map((expression) => compileKey(expression, g));
  const free = [32 - SCOPE_BITS];
  const slots: PieceSlot[][] = keys.map(() => []);
  const pieces = keys.flatMap((key, k) => key.pieces.map((piece, p) => ({ k, p, bits: piece.bits })));
  // Wide pieces first: the narrow ones fill what is left.
  for (const { k, p, bits } of pieces.sort((a, b) => b.bits - a.bits)) {
    let word = free.findIndex((left) => left >= bits);
    if (word < 0) word = free.push(32) - 1;
    slots[k][p] = { word, shift: 32 - free[word], bits };
    free[word] -= bits;
  }
  return { keys, slots, keyWords: free.length };
}

export class PlannedLayout implements KeyLayout {
  readonly keyWords: number;
  readonly holdsText: boolean;
  private readonly plan: KeyPlan;
  private readonly separator: string;
  private readonly interner: Interner;

  constructor(plan: KeyPlan, separator: string, interner: Interner) {
    this.plan = plan;
    this.keyWords = plan.keyWords;
    this.holdsText = plan.keys.some((key) => key.interned);
    this.separator = separator;
    this.interner = interner;
  }

  format(words: Int32Array, at: number): string {
    return this.fields(words, at).join(this.separator);
  }

  fields(words: Int32Array, at: number): string[] {
    return this.plan.keys.map((key, k) => {
      const values = this.plan.slots[k].map(({ word, shift, bits }) =>
        extract(words[at + word], shift, bits),
      );
      return key.format(values, this.interner);
    });
  }

  markInterned(words: Int32Array, at: number): void {
    this.plan.keys.forEach((key, k) => {
      if (!key.interned) return;
      for (const { word, shift, bits } of this.plan.slots[k])
        this.interner.mark(extract(words[at + word], shift, bits));
    });
  }
}

function extract(word: number, shift: number, bits: number): number {
  return bits === 32 ? word : (word >>> shift) & (2 ** bits - 1);
}

function compileKey(expression: KeyExpression, g: CodeGenerator): CompiledKey {
  const fixed = fixedExpression(expression, g);
  if (fixed !== undefined) {
    return {
      present: fixed.present,
      lazy: '',
      lazyPresent: '',
      pieces: fixed.words.map((code, i) => ({ code, bits: fixed.bits[i] })),
      format: (values) => fixed.format(values),
      interned: false,
    };
  }
  const text = groupLabel(expression, g) ?? g.internedText(expression);
  return {
    present: '',
    lazy: text.ensure,
    lazyPresent: `${text.name} !== -1`,
    pieces: [{ code: text.name, bits: 32 }],
    format: (values, interner) => interner.text(values[0]),
    interned: true,
  };
}

/** `group:` of an IPv4 key: looked up by the word, the label interned. */
function groupLabel(
  expression: KeyExpression,
  g: CodeGenerator,
): { name: string; ensure: string } | undefined {
  const group = groupOfIPv4(expression, g);
  if (group === undefined) return undefined;
  const { interner, lookups } = g;
  const name = g.lazy(`text ${expression.text}`, '-2');
  const lookup = (word: number): number => {
    const label = lookups.lookupIPv4(group.names, word);
    return label === undefined ? -1 : interner.intern(label);
  };
  return {
    name,
    ensure: `if (${name} === -2) ${name} = ${group.present} ? ${g.constant(lookup)}(${group.word}) : -1;`,
  };
}
