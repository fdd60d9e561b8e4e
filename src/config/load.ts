import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { WeirError } from '../common/index.ts';
import type { Config, Machine, PropertySchema } from './config.ts';
import { CONFIG_FILE_VARIABLE, environmentName, propertyOfEnvironment } from './environment.ts';
import { parsePropertiesFile } from './file.ts';
import { nearestName } from './nearest.ts';
import { PROPERTIES } from './properties.ts';
import { describeAllowed, type PropertyValue, parseValue } from './value.ts';

/** Read from the working directory when no file is named. */
const DEFAULT_FILE = 'weir.conf';

/** A packet of `sflow.rcvpktsbuffer`. */
const BYTES_PER_PACKET = 2048;

export interface LoadOptions {
  /** Command line arguments; those of the form `-Dname=value` are read, the others are somebody else's. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * A properties file that must be there; '' reads none. Without it the one in `WEIR_CONFIG`, then `weir.conf` if
   * there is one.
   */
  readonly file?: string;
  /** Where `weir.conf` is looked for. */
  readonly directory?: string;
  readonly machine?: Machine;
}

/** A value as somebody wrote it. */
interface Setting {
  readonly text: string;
  /** Where it was written, in words. */
  readonly origin: string;
  /** The name as written there. */
  readonly written: string;
}

/**
 * Properties from the command line, the environment, a file, and the defaults; the first that has one rules.
 * Throws WeirError: CONFIG_BAD_VALUE (one line for each ill-typed property), CONFIG_BAD_FILE, CONFIG_NO_FILE.
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const env = options.env ?? {};
  const warnings: string[] = [];
  const settings = new Map<string, Setting>([
    ...fileSettings(options, env, warnings),
    ...environmentSettings(env),
    ...argumentSettings(options.argv ?? []),
  ]);
  return buildConfig(settings, warnings, options.machine ?? thisMachine());
}

/** A configuration of these properties and the defaults, and nothing from outside: for tests and for embedding. */
export function createConfig(properties: Readonly<Record<string, string>> = {}): Config {
  return loadConfig({
    argv: Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    file: '',
  });
}

function argumentSettings(argv: readonly string[]): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const argument of argv) {
    if (!argument.startsWith('-D')) continue;
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals < 0 ? undefined : equals);
    const text = equals < 0 ? '' : argument.slice(equals + 1);
    if (name !== '') settings.set(name, { text, origin: 'command line', written: name });
  }
  return settings;
}

function environmentSettings(env: Readonly<Record<string, string | undefined>>): Map<string, Setting> {
  const declared = new Map(PROPERTIES.map(({ name }) => [environmentName(name), name]));
  const settings = new Map<string, Setting>();
  for (const [variable, text] of Object.entries(env)) {
    const name = declared.get(variable) ?? propertyOfEnvironment(variable);
    if (name !== undefined && text !== undefined)
      settings.set(name, { text, origin: 'environment', written: variable });
  }
  return settings;
}

function fileSettings(
  options: LoadOptions,
  env: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): Map<string, Setting> {
  const named = options.file ?? env[CONFIG_FILE_VARIABLE];
  const settings = new Map<string, Setting>();
  if (named === '') return settings;
  const file = named ?? join(options.directory ?? '.', DEFAULT_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (named === undefined && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return settings;
    throw new WeirError('CONFIG_NO_FILE', `cannot read the properties file ${file}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  for (const { name, value, line } of parsePropertiesFile(text, file)) {
    const earlier = settings.get(name);
    if (earlier !== undefined)
      warnings.push(`${name} is set twice: ${earlier.origin} and line ${line}; the later rules`);
    settings.set(name, { text: value, origin: `${file} line ${line}`, written: name });
  }
  return settings;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^(\w+): ([^,]*),.*$/, '$2') : String(error);
}

function buildConfig(settings: Map<string, Setting>, warnings: string[], machine: Machine): Config {
  const values = new Map<string, PropertyValue>();
  const texts = new Map<string, string>();
  const schemas = new Map<string, PropertySchema>();
  const faults: string[] = [];

  for (const [name, { text }] of settings) texts.set(name, text);
  for (const schema of PROPERTIES) {
    schemas.set(schema.name, schema);
    const setting = settings.get(schema.name);
    const text = setting?.text ?? defaultText(schema, settings, machine);
    const value = parseValue(schema, text);
    if (value === undefined) {
      faults.push(describeFault(schema, text, setting));
      continue;
    }
    values.set(schema.name, value);
    if (setting === undefined && text !== '') texts.set(schema.name, text);
    if (setting !== undefined && schema.unused !== undefined)
      warnings.push(`${setting.written} (${setting.origin}) has no effect: ${schema.unused}`);
  }
  if (faults.length > 0) throw new WeirError('CONFIG_BAD_VALUE', faults.join('\n'));

  for (const [name, { origin, written }] of settings) {
    const meant = schemas.has(name) ? undefined : nearestName(name, schemas.keys());
    if (meant === undefined) continue;
    const suggestion = origin === 'environment' ? environmentName(meant) : meant;
    warnings.push(`${written} (${origin}) is not a property of Weir; did you mean ${suggestion}?`);
  }

  const get = (name: string, type: PropertySchema['type']): PropertyValue => {
    const schema = schemas.get(name);
    if (schema === undefined) throw new Error(`the property ${name} is not declared`);
    if (schema.type !== type) throw new Error(`the property ${name} is of type ${schema.type}, not ${type}`);
    return values.get(name) as PropertyValue;
  };
  return {
    string: (name) => get(name, 'string') as string,
    integer: (name) => get(name, 'integer') as number,
    number: (name) => get(name, 'number') as number,
    boolean: (name) => get(name, 'boolean') as boolean,
    list: (name) => get(name, 'list') as readonly string[],
    raw: (name) => texts.get(name),
    names: () => [...new Set([...schemas.keys(), ...settings.keys()])],
    warnings,
  };
}

function describeFault(schema: PropertySchema, text: string, setting: Setting | undefined): string {
  const where = setting === undefined ? 'default' : setting.origin;
  return `${setting?.written ?? schema.name}=${text} (${where}) is not allowed: ${schema.name} must be ${describeAllowed(schema)}`;
}

function defaultText(schema: PropertySchema, settings: Map<string, Setting>, machine: Machine): string {
  if (schema.name === 'sflow.buffer') {
    const packets = Number(settings.get('sflow.rcvpktsbuffer')?.text ?? 0);
    if (packets > 0) return String(packets * BYTES_PER_PACKET);
  }
  if (schema.defaultLimit !== undefined) {
    const limit = Math.max(schema.minimum ?? 0, schema.defaultLimit.of(machine));
    if ((parseValue(schema, schema.default) as number) > limit) return String(limit);
  }
  return schema.default;
}

function thisMachine(): Machine {
  const memory = totalmem();
  // 0 or an absurdly large number when nothing constrains the process.
  const constrained = process.constrainedMemory();
  return { memory: constrained > 0 ? Math.min(memory, constrained) : memory };
}
