import type { CodeGenerator } from './code-generator.ts';
import { evaluateFilter } from './evaluate.ts';
import type { FilterExpression, FilterTest, KeyExpression, KeyReference } from './expression.ts';
import { fixedExpression, groupOfIPv4 } from './fixed-expression.ts';
import type { SampleContext } from './sample.ts';
import { fixedKey, parseWords, type SourceCode } from './source-code.ts';

/** Expression that is true when the sample passes. */
export function filterCode(filter: FilterExpression, g: CodeGenerator): string {
  switch (filter.kind) {
    case 'pass':
      return 'true';
    case 'and':
      return `(${filter.terms.map((term) => filterCode(term, g)).join(' && ')})`;
    case 'or':
      return `(${filter.terms.map((term) => filterCode(term, g)).join(' || ')})`;
    case 'not':
      return `!(${filterCode(filter.term, g)})`;
    case 'test':
      return testCode(filter, g);
  }
}

/** Functions whose text depends on the text of their first argument alone. */
const FUNCTIONS_OF_ONE_KEY = new Set(['range', 'bits', 'prefix', 'suffix', 'first', 'hash']);

function testCode(test: FilterTest, g: CodeGenerator): string {
  const { lookups } = g;
  const interpreted = (): string =>
    `${g.constant((sample: SampleContext) => evaluateFilter(test, sample, lookups))}(s)`;
  const own = fixedExpression(test.key, g);
  const argument = own === undefined ? soleKey(test.key) : undefined;
  const fixed = own ?? (argument === undefined ? undefined : fixedKey(argument, g));
  if (fixed === undefined) return groupTestCode(test, g) ?? interpreted();
  const whenAbsent = test.negated ? !test.orAbsent : test.orAbsent;
  const inPlace = (code: string): string =>
    fixed.present === '' ? code : `(${fixed.present} ? ${code} : ${whenAbsent})`;
  if (own !== undefined && test.operator === 'equal') {
    const constants = test.values.map((value) => parseWords(fixed, value));
    if (constants.every((words) => words !== 'unknown')) {
      const options = constants.flatMap((words) =>
        words === undefined ? [] : [equalCode(fixed, words as number[])],
      );
      const equal = options.length === 0 ? 'false' : `(${options.join(' || ')})`;
      return inPlace(test.negated ? `!${equal}` : equal);
    }
  }
  if (fixed.words.length !== 1) return interpreted();
  // Small words (ports, types, flags) are judged once each by the interpreter and remembered.
  const verdicts = new Uint8Array(REMEMBERED);
  const judge = (word: number, sample: SampleContext): boolean => {
    const verdict = evaluateFilter(test, sample, lookups);
    if (word < REMEMBERED) verdicts[word] = verdict ? 1 : 2;
    return verdict;
  };
  const memory = g.constant(verdicts);
  const word = `(${fixed.words[0]} >>> 0)`;
  return inPlace(`(${memory}[${word}] > 0 ? ${memory}[${word}] === 1 : ${g.constant(judge)}(${word}, s))`);
}

const REMEMBERED = 65536;

/** The plain key on whose text alone a function depends, if there is one. */
function soleKey(expression: KeyExpression): KeyReference | undefined {
  if (expression.kind === 'key') return undefined;
  const keys = expression.args.filter((arg) => typeof arg === 'object');
  const only = keys[0];
  if (keys.length !== 1 || !FUNCTIONS_OF_ONE_KEY.has(expression.name)) return undefined;
  return typeof only === 'object' && only.kind === 'key' ? only : undefined;
}

/** `group:k:g=label` of an IPv4 key: looked up by the word, no text made. */
function groupTestCode(test: FilterTest, g: CodeGenerator): string | undefined {
  const group = groupOfIPv4(test.key, g);
  if (group === undefined) return undefined;
  const { lookups } = g;
  const whenAbsent = test.negated ? !test.orAbsent : test.orAbsent;
  const judge = (word: number): boolean => {
    const label = lookups.lookupIPv4(group.names, word);
    if (label === undefined) return whenAbsent;
    const matches =
      test.operator === 'equal'
        ? test.values.includes(label)
        : test.patterns.some((pattern) => pattern.test(label));
    return matches !== test.negated;
  };
  return `(${group.present} ? ${g.constant(judge)}(${group.word}) : ${whenAbsent})`;
}

function equalCode(source: SourceCode, words: readonly number[]): string {
  return `(${words.map((word, i) => `(${source.words[i]} | 0) === ${word | 0}`).join(' && ')})`;
}
