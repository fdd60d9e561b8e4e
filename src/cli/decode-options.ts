import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WeirError } from '../common/index.ts';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** Splits arguments into options and the rest. Throws a WeirError `CLI_USAGE` that says what is wrong. */
export function parseOptions(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { values: OptionValues; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as OptionValues, positionals };
  } catch (cause) {
    // Node's message goes on with advice about `--` that does not concern file names.
    const message = cause instanceof Error ? cause.message.split('. ')[0] : String(cause);
    throw usageError(message, cause);
  }
}

export function usageError(message: string, cause?: unknown): WeirError {
  return new WeirError('CLI_USAGE', message, { cause });
}

/** The whole number of option `--name`, undefined when it was not given. Throws `CLI_USAGE` outside `minimum…maximum`. */
export function integerOption(
  values: OptionValues,
  name: string,
  minimum: number,
  maximum: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const number = numberOption(values, name, minimum, maximum);
  if (number !== undefined && !Number.isInteger(number))
    throw badNumber(name, values[name], minimum, maximum, 'a whole number');
  return number;
}

/** The number of option `--name`, undefined when it was not given. Throws `CLI_USAGE` outside `minimum…maximum`. */
export function numberOption(
  values: OptionValues,
  name: string,
  minimum: number,
  maximum: number,
): number | undefined {
  const text = values[name];
  if (typeof text !== 'string') return undefined;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number >= minimum && number <= maximum)) throw badNumber(name, text, minimum, maximum, 'a number');
  return number;
}

/** Every value of an option that may be given again. */
export function listOption(values: OptionValues, name: string): readonly string[] {
  const list: unknown = values[name];
  return Array.isArray(list) ? list.map(String) : [];
}

export function portOption(values: OptionValues, name: string): number | undefined {
  return integerOption(values, name, 0, 65535);
}

function badNumber(name: string, value: unknown, minimum: number, maximum: number, kind: string): WeirError {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum} up` : `from ${minimum} to ${maximum}`;
  return usageError(`--${name} takes ${kind} ${range}, not '${String(value)}'`);
}

/** `HOST:PORT` or `[IPv6]:PORT`. Throws `CLI_USAGE`. */
export function parseEndpoint(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535)
    throw usageError(`'${text}' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:6343)`);
  return { host: match[1] ?? match[2], port };
}
