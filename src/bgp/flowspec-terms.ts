import type { BitmaskComponentName, BitmaskTerm, NumericTerm } from './flowspec-component.ts';
import { bad, good, type Result } from './result.ts';

/** Letters of the TCP flags from the lowest bit on: FIN SYN RST PSH ACK URG ECE CWR NS. */
const TCP_LETTERS = 'FSRPAUECN';

/** Letters of the bits about fragments: do not fragment, is a fragment, first, last. */
const FRAGMENT_LETTERS = 'DIFL';

/** Operators by what they compare: less 4, greater 2, equal 1. */
const OPERATORS: readonly string[] = ['', '=', '>', '>=', '<', '<=', '!=', '<=>'];

/** The operator of a term in text: nothing for one that never matches, `<=>` for one that always does. */
export function operatorText(term: NumericTerm): string {
  return OPERATORS[(term.less ? 4 : 0) | (term.greater ? 2 : 0) | (term.equal ? 1 : 0)];
}

/** Reads `=53|=80`, `>=1000&<=2000`: terms joined with `|` (or) and `&` (and). */
export function parseNumericTerms(text: string): Result<NumericTerm[]> {
  const terms: NumericTerm[] = [];
  for (const { and, item } of split(text)) {
    const [, operator, digits] = /^([<>=!]*)(\d{1,16})$/.exec(item) ?? [];
    const index = OPERATORS.indexOf(operator);
    if (index < 0 || !Number.isSafeInteger(Number(digits))) {
      return bad(`${JSON.stringify(item)} is not a number with one of = != < > <= >= before it`);
    }
    const less = (index & 4) !== 0;
    const greater = (index & 2) !== 0;
    terms.push({ and, less, greater, equal: (index & 1) !== 0, value: Number(digits) });
  }
  return good(terms);
}

/** The text that `parseNumericTerms` reads. */
export function formatNumericTerms(terms: readonly NumericTerm[]): string {
  return join(terms, (term) => operatorText(term) + term.value);
}

/**
 * Reads `=SA`, `!S`, `F|S`: letters of bits after `=` (all of them), `!` (not), `!=` (not all) or nothing (any). A mask
 * of other bits is `0x600`.
 */
export function parseBitmaskTerms(text: string, name: BitmaskComponentName): Result<BitmaskTerm[]> {
  const letters = lettersOf(name);
  const terms: BitmaskTerm[] = [];
  for (const { and, item } of split(text)) {
    const [, operator = '', mask = ''] = /^(!?=?)([A-Z]+|0x[0-9a-f]{1,14})$/.exec(item) ?? [];
    const value = mask.startsWith('0x') ? Number(mask) : maskOf(mask, letters);
    if (value === undefined || !Number.isSafeInteger(value)) {
      return bad(`${JSON.stringify(item)} is not letters of ${letters}, with = or ! before them`);
    }
    terms.push({ and, not: operator.includes('!'), match: operator.includes('='), value });
  }
  return good(terms);
}

/** The text that `parseBitmaskTerms` reads. */
export function formatBitmaskTerms(terms: readonly BitmaskTerm[], name: BitmaskComponentName): string {
  return join(terms, ({ not, match, value }) => {
    const letters = flagLetters(value, name);
    const isWhole = maskOf(letters, lettersOf(name)) === value;
    return (not ? '!' : '') + (match ? '=' : '') + (isWhole ? letters : `0x${value.toString(16)}`);
  });
}

/** The mask of letters, or undefined when there are none or others. */
function maskOf(flags: string, letters: string): number | undefined {
  const bits = [...flags].map((letter) => letters.indexOf(letter));
  if (bits.length === 0 || bits.includes(-1)) return undefined;
  return bits.reduce((mask, bit) => mask | (1 << bit), 0);
}

/** The letters of the bits of a mask, the lowest first; bits without a letter are left out. */
export function flagLetters(value: number, name: BitmaskComponentName): string {
  return [...lettersOf(name)].filter((_, bit) => (value & (1 << bit)) !== 0).join('');
}

function lettersOf(name: BitmaskComponentName): string {
  return name === 'tcp-flags' ? TCP_LETTERS : FRAGMENT_LETTERS;
}

function split(text: string): { and: boolean; item: string }[] {
  // The separators stay in the list, between the items.
  const parts = text.split(/([|&])/);
  return parts
    .filter((_, i) => i % 2 === 0)
    .map((item, i) => ({ and: i > 0 && parts[2 * i - 1] === '&', item }));
}

function join<Term extends { readonly and: boolean }>(
  terms: readonly Term[],
  textOf: (term: Term) => string,
): string {
  return terms.map((term, i) => (i === 0 ? '' : term.and ? '&' : '|') + textOf(term)).join('');
}
