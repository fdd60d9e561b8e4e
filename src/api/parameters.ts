import type { TSchema } from '@sinclair/typebox';
import { WeirError } from '../common/index.ts';
import type { QuerySchema } from './route.ts';

/** Parameters as they came: each name with its values in order. */
export type GivenParameters = ReadonlyMap<string, readonly string[]>;

const INTEGER_LIMIT = 0x7fffffff;

/**
 * The query of a request target, decoded. A name given several times keeps all its values; `+` is a blank; a name
 * without `=` has the value ''. Throws `HTTP_BAD_ENCODING` for percent signs that encode no UTF-8 text.
 */
export function parseQuery(target: string): Map<string, string[]> {
  const given = new Map<string, string[]>();
  const from = target.indexOf('?');
  if (from < 0) return given;
  for (const pair of target.slice(from + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else values.push(value);
  }
  return given;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new WeirError('HTTP_BAD_ENCODING', 'the query holds a percent sign that encodes nothing', {
      cause,
    });
  }
}

/**
 * Values of the declared parameters, typed as their schemas say: the first value given, or all of them for an array.
 * A schema that takes any name (metric filters) yields every parameter. Undeclared parameters are ignored.
 * Throws `HTTP_BAD_PARAMETER` for a value that is not what the schema asks for.
 */
export function readParameters(schema: QuerySchema, given: GivenParameters): Record<string, unknown> {
  // A null prototype: the names are the client's.
  const values: Record<string, unknown> = Object.create(null);
  if ('patternProperties' in schema) {
    for (const [name, texts] of given) values[name] = texts;
    return values;
  }
  for (const [name, rule] of Object.entries<TSchema>(schema.properties)) {
    const texts = given.get(name);
    if (texts !== undefined) {
      if (texts.length > (rule['maxItems'] ?? Number.POSITIVE_INFINITY))
        throw badParameter(name, `must not be given more than ${rule['maxItems']} times`);
      values[name] =
        rule['type'] === 'array'
          ? texts.map((one) => readValue(name, rule['items'], one))
          : readValue(name, rule, texts[0]);
    } else if (rule.default !== undefined) values[name] = rule.default;
    else if (schema.required?.includes(name)) throw badParameter(name, 'is required');
  }
  return values;
}

function readValue(name: string, rule: TSchema, text: string): string | number {
  switch (rule['type']) {
    case 'integer':
      return readInteger(name, rule, text);
    case 'number':
      if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw badParameter(name, 'must be a number');
      return Number(text);
    default:
      if (rule['pattern'] !== undefined && !new RegExp(rule['pattern']).test(text)) {
        throw badParameter(name, `must match ${rule['pattern']}`);
      }
      return text;
  }
}

function readInteger(name: string, rule: TSchema, text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) > INTEGER_LIMIT) {
    throw badParameter(name, 'must be an integer of 32 bits');
  }
  if (value < (rule['minimum'] ?? -INTEGER_LIMIT))
    throw badParameter(name, `must be at least ${rule['minimum']}`);
  if (value > (rule['maximum'] ?? INTEGER_LIMIT))
    throw badParameter(name, `must be at most ${rule['maximum']}`);
  return value;
}

function badParameter(name: string, problem: string): WeirError {
  return new WeirError('HTTP_BAD_PARAMETER', `${name} ${problem}`);
}
