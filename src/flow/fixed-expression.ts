import { formatIPv4 } from '../common/index.ts';
import type { CodeGenerator } from './code-generator.ts';
import type { KeyCall, KeyExpression } from './expression.ts';
import { fixedKey, parseWords, type SourceCode } from './source-code.ts';

/** Code of an expression that is made of words alone: plain keys, and the functions that have a direct form. */
export function fixedExpression(expression: KeyExpression, g: CodeGenerator): SourceCode | undefined {
  if (expression.kind === 'key') return fixedKey(expression, g);
  switch (expression.name) {
    case 'mask':
      return fixedMask(expression, g);
    case 'or':
      return fixedOr(expression, g);
    case 'null':
      return fixedNull(expression, g);
    default:
      return undefined;
  }
}

/** `mask:` of an IPv4 key. */
function fixedMask({ args: [key, bits] }: KeyCall, g: CodeGenerator): SourceCode | undefined {
  if (typeof key !== 'object' || key.kind !== 'key' || bits === undefined) return undefined;
  const length = Number(bits);
  const source = fixedKey(key, g);
  if (source?.form !== 'ipv4' || !Number.isInteger(length) || length < 0 || length > 32) return undefined;
  const mask = length === 0 ? 0 : -1 << (32 - length);
  return {
    ...source,
    words: [g.read(`${source.words[0]} & ${mask}`)],
    format: (values) => `${formatIPv4(values[0])}/${length}`,
    form: `ipv4/${length}`,
    numeric: false,
  };
}

/** `or:` of expressions made of words: the first that is there. */
function fixedOr({ args }: KeyCall, g: CodeGenerator): SourceCode | undefined {
  const choices = args.map((arg) => (typeof arg === 'object' ? fixedExpression(arg, g) : undefined));
  return choices.every((choice) => choice !== undefined) ? choose(choices, g) : undefined;
}

/** `null:k:text`: the text when the key is absent. */
function fixedNull({ args: [key, text] }: KeyCall, g: CodeGenerator): SourceCode | undefined {
  const source = typeof key === 'object' ? fixedExpression(key, g) : undefined;
  if (source === undefined || source.present === '') return source;
  const literal = text === undefined ? 'null' : String(text);
  // The literal may be what the key itself would print: then it is that value, not another text.
  const same = parseWords(source, literal);
  if (same === 'unknown') return undefined;
  const constant: SourceCode =
    same === undefined
      ? { present: '', words: [], bits: [], format: () => literal, form: `text ${literal}`, numeric: false }
      : { ...source, present: '', words: same.map((word) => String(word | 0)) };
  return choose([source, constant], g);
}

/**
 * The first of several that is there. Where their texts differ in form one more piece tells which form it is. Forms
 * with a name never print the same text; of those made by functions nobody knows, so two of them are left to the
 * interpreter: equal texts have to be one flow.
 */
function choose(choices: readonly SourceCode[], g: CodeGenerator): SourceCode | undefined {
  const forms = [...new Set(choices.map(({ form }) => form))];
  if (forms.length > 1 && !forms.every((form) => typeof form === 'string')) return undefined;
  const width = Math.max(...choices.map(({ words }) => words.length));
  const words = Array.from({ length: width }, (_, w) =>
    g.read(pickCode(choices, ({ words }) => words[w] ?? '0')),
  );
  const bits = Array.from({ length: width }, (_, w) => Math.max(...choices.map(({ bits }) => bits[w] ?? 0)));
  const present = choices.some((choice) => choice.present === '')
    ? ''
    : `(${choices.map((choice) => choice.present).join(' || ')})`;
  if (forms.length === 1) return { ...choices[0], present, words, bits };
  const formats = forms.map((form) => choices.find((choice) => choice.form === form)?.format);
  return {
    present,
    words: [...words, g.read(pickCode(choices, ({ form }) => String(forms.indexOf(form))))],
    bits: [...bits, 32 - Math.clz32(forms.length - 1)],
    format: (values) => formats[values[width]]?.(values) ?? '',
    form: undefined,
    numeric: false,
  };
}

/** Code of the first choice that is there; of the last one when none is. */
function pickCode(choices: readonly SourceCode[], codeOf: (choice: SourceCode) => string): string {
  const [first, ...rest] = choices;
  if (rest.length === 0 || first.present === '') return codeOf(first);
  return `(${first.present} ? ${codeOf(first)} : ${pickCode(rest, codeOf)})`;
}

/** Names of the groups and the word of `group:` of an IPv4 key; undefined for anything else. */
export function groupOfIPv4(
  expression: KeyExpression,
  g: CodeGenerator,
): { names: string[]; word: string; present: string } | undefined {
  if (expression.kind !== 'call' || expression.name !== 'group') return undefined;
  const [key, ...rest] = expression.args;
  if (typeof key !== 'object' || key.kind !== 'key') return undefined;
  const source = fixedKey(key, g);
  if (source === undefined || source.form !== 'ipv4') return undefined;
  const names = rest.filter((arg) => typeof arg === 'string');
  return { names, word: source.words[0], present: source.present === '' ? 'true' : source.present };
}
