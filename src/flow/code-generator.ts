import { evaluateKey } from './evaluate.ts';
import type { KeyExpression, KeyReference } from './expression.ts';
import type { Interner } from './interner.ts';
import type { KeySource } from './key.ts';
import { resolveKey } from './keys.ts';
import type { Lookups } from './lookups.ts';
import type { SampleContext } from './sample.ts';

/** Names values once, collects the code that reads them, and holds what the code refers to. */
export class CodeGenerator {
  readonly constants: unknown[] = [];
  private readonly reads: string[] = [];
  private readonly names = new Map<string, string>();
  private readonly constantNames = new Map<unknown, string>();
  readonly interner: Interner;
  readonly lookups: Lookups;
  /** Set when only first places are to be read: the generator that reads them all, whose words have the same layout. */
  readonly whole: CodeGenerator | undefined;
  /** Slots of records that are second or later places of keys. */
  readonly fallbacks = new Set<number>();

  constructor(interner: Interner, lookups: Lookups, whole: CodeGenerator | undefined) {
    this.interner = interner;
    this.lookups = lookups;
    this.whole = whole;
  }

  /** The places of a key that this generator reads. */
  sources(reference: KeyReference): readonly KeySource[] {
    const sources = resolveKey(reference.name)?.sources ?? [];
    return sources.filter(({ origin }, i) => {
      if (i === 0 || origin.kind !== 'record') return true;
      this.fallbacks.add(origin.slot);
      return this.whole === undefined;
    });
  }

  /** Names for the constants; outside the function, so that the compiler knows them for what they are. */
  declarations(): string[] {
    return ['"use strict";', ...this.constants.map((_, i) => `const c${i} = C[${i}];`)];
  }

  prelude(): string[] {
    return [
      'const b = s.bytes, A = s.layers.at, S = s.layers.slots, R = s.recordAt, E = s.recordEnds;',
      ...this.reads,
    ];
  }

  /** Name of a value that is read at the top of the function. */
  read(code: string): string {
    return this.once(code, 'v', (name) => `const ${name} = ${code};`);
  }

  /** Name of a variable that is set at first use, once per sample. */
  lazy(identity: string, unset: string): string {
    return this.once(identity, 'l', (name) => `let ${name} = ${unset};`);
  }

  /** Name of an object the code refers to. */
  constant(value: unknown): string {
    const known = this.constantNames.get(value);
    if (known !== undefined) return known;
    const name = `c${this.constants.push(value) - 1}`;
    this.constantNames.set(value, name);
    return name;
  }

  /** Variable with the id of an expression's text, -1 when absent, and the statement that evaluates it at first use. */
  internedText(expression: KeyExpression): { name: string; ensure: string } {
    const { interner, lookups } = this;
    const name = this.lazy(`text ${expression.text}`, '-2');
    const evaluate = (sample: SampleContext): number => {
      const text = evaluateKey(expression, sample, lookups);
      return text === undefined ? -1 : interner.intern(text);
    };
    return { name, ensure: `if (${name} === -2) ${name} = ${this.constant(evaluate)}(s);` };
  }

  private once(identity: string, prefix: string, declare: (name: string) => string): string {
    const known = this.names.get(identity);
    if (known !== undefined) return known;
    const name = `${prefix}${this.names.size}`;
    this.names.set(identity, name);
    this.reads.push(declare(name));
    return name;
  }
}
