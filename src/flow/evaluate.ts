import type { FilterExpression, FilterTest, KeyCall, KeyExpression, KeyReference } from './expression.ts';
import { type ArgumentValue, argumentKind } from './function.ts';
import { FUNCTIONS } from './functions.ts';
import type { KeySource } from './key.ts';
import { resolveKey } from './keys.ts';
import { CUSTOM_SAMPLE_KEYS } from './keys-sample.ts';
import type { Lookups } from './lookups.ts';
import { sourceNumber, sourceText } from './read-source.ts';
import { SAMPLE_KIND, type SampleContext } from './sample.ts';

/**
 * The meaning of keys, functions and filters, as plainly as it can be put. The compiler uses it for what has no fixed
 * place in the bytes, and is tested against it for the rest.
 */

/** Text of a key or function in a sample (rest-api 5.1, 5.2); undefined when it is absent. */
export function evaluateKey(
  expression: KeyExpression,
  sample: SampleContext,
  lookups: Lookups,
): string | undefined {
  return expression.kind === 'key' ? keyText(expression.name, sample) : callText(expression, sample, lookups);
}

/** Number of a numeric key in a sample; NaN when it is absent, or not numeric. */
export function evaluateNumber(key: KeyReference, sample: SampleContext): number {
  if (sample.custom?.has(key.name)) {
    const value = sample.custom.get(key.name);
    return typeof value === 'number' ? value : Number.NaN;
  }
  for (const source of sourcesOf(key.name, sample)) {
    const value = sourceNumber(source, sample);
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
}

/** Whether a sample passes a filter (rest-api 5.3). */
export function evaluateFilter(filter: FilterExpression, sample: SampleContext, lookups: Lookups): boolean {
  switch (filter.kind) {
    case 'pass':
      return true;
    case 'and':
      return filter.terms.every((term) => evaluateFilter(term, sample, lookups));
    case 'or':
      return filter.terms.some((term) => evaluateFilter(term, sample, lookups));
    case 'not':
      return !evaluateFilter(filter.term, sample, lookups);
    case 'test':
      return testMatches(filter, evaluateKey(filter.key, sample, lookups)) !== filter.negated;
  }
}

function testMatches(test: FilterTest, text: string | undefined): boolean {
  if (text === undefined) return test.orAbsent;
  if (test.operator === 'equal') return test.values.includes(text);
  return test.patterns.some((pattern) => pattern.test(text));
}

/** Text of a plain key in a sample; undefined when it is absent. */
function keyText(name: string, sample: SampleContext): string | undefined {
  const custom = sample.custom?.get(name);
  if (custom !== undefined) return String(custom);
  for (const source of sourcesOf(name, sample)) {
    const text = sourceText(source, sample);
    if (text !== undefined) return text;
  }
  return undefined;
}

function sourcesOf(name: string, sample: SampleContext): readonly KeySource[] {
  if (sample.kind === SAMPLE_KIND.custom && !CUSTOM_SAMPLE_KEYS.includes(name)) return [];
  return resolveKey(name)?.sources ?? [];
}

function callText(call: KeyCall, sample: SampleContext, lookups: Lookups): string | undefined {
  const fn = FUNCTIONS.get(call.name);
  if (fn === undefined) return undefined;
  const values = call.args.map((arg, i): ArgumentValue => {
    if (typeof arg !== 'object') return arg;
    return argumentKind(fn, i) === 'number'
      ? argumentNumber(arg, sample, lookups)
      : evaluateKey(arg, sample, lookups);
  });
  if (fn.seesAbsent !== true && values.includes(undefined)) return undefined;
  return fn.evaluate(values, { agent: sample.agent, lookups });
}

/** Number of a numeric key, or of a function's decimal text. */
function argumentNumber(
  expression: KeyExpression,
  sample: SampleContext,
  lookups: Lookups,
): number | undefined {
  if (expression.kind === 'key') {
    const value = evaluateNumber(expression, sample);
    return Number.isNaN(value) ? undefined : value;
  }
  const text = callText(expression, sample, lookups);
  return text !== undefined && /^-?(0|[1-9]\d{0,15})(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
