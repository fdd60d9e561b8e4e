import { isWeirError, WeirError } from '../common/index.ts';
import type {
  FilterExpression,
  FlowDefinition,
  KeyExpression,
  Statistic,
  ValueExpression,
} from './expression.ts';
import { IPFIX_KEYS, IPFIX_VALUES } from './ipfix.ts';
import { parseKey, parseKeys } from './parse-expression.ts';
import { parseFilter } from './parse-filter.ts';

/** Limits and defaults of rest-api 4.1. */
const FLOWS = { minimum: 5, maximum: 20, default: 5 };
const TIME_CONSTANT_S = { minimum: 0.1, maximum: 600, default: 2 };
const ACTIVE_TIMEOUT_S = { minimum: 10, maximum: 2_147_483_647, default: 60 };

const MAX_VALUES = 64;

const NAME = /^[A-Za-z0-9_-]{1,1000}$/;
const STATISTICS: readonly string[] = ['rate', 'avg', 'min', 'max', 'count'] satisfies Statistic[];

/**
 * Read a flow definition as a user wrote it (rest-api 4.1): unknown members are ignored, numbers are clamped, defaults
 * applied. Undefined for `{}`, which defines nothing.
 *
 * @throws WeirError `FLOW_BAD_NAME`; `FLOW_BAD_DEFINITION`, `FLOW_BAD_KEY` or `FLOW_BAD_FILTER` naming the member.
 */
export function parseDefinition(name: string, specification: unknown): FlowDefinition | undefined {
  if (!NAME.test(name)) {
    throw new WeirError(
      'FLOW_BAD_NAME',
      `a flow's name is made of letters, digits, _ and -, not ${JSON.stringify(name)}`,
    );
  }
  if (typeof specification !== 'object' || specification === null || Array.isArray(specification)) {
    throw new WeirError('FLOW_BAD_DEFINITION', 'a flow definition is an object');
  }
  if (Object.keys(specification).length === 0) return undefined;
  return define(name, new Members(specification as Record<string, unknown>));
}

/** Whether two definitions are the same once defaults are applied, so that flows may stay. */
export function sameDefinition(a: FlowDefinition, b: FlowDefinition): boolean {
  return a.name === b.name && JSON.stringify(a.echo) === JSON.stringify(b.echo);
}

function define(name: string, members: Members): FlowDefinition {
  const keysText = members.text('keys');
  const valueText = members.text('value');
  if (valueText === undefined) throw bad('value', 'is required');
  const valuesText = members.text('values');
  const filterText = members.text('filter');
  const aggMode = members.aggMode();
  const ipfixCollectors = members.texts('ipfixCollectors');
  const options = {
    n: Math.trunc(members.number('n', FLOWS)),
    t: members.number('t', TIME_CONSTANT_S),
    fs: members.text('fs') ?? ',',
    activeTimeout: Math.trunc(members.number('activeTimeout', ACTIVE_TIMEOUT_S)),
  };
  const flags = {
    log: members.flag('log'),
    flowStart: members.flag('flowStart'),
    dropped: members.flag('dropped'),
  };
  const keys = parsed('keys', () => parseKeys(keysText ?? ''));
  const value = parseValue('value', valueText);
  const values = splitValues(valuesText ?? '').map((text) => parseValue('values', text));
  if (values.length > MAX_VALUES) throw bad('values', `has more than ${MAX_VALUES} items`);
  const filter = parsed('filter', (): FilterExpression => parseFilter(filterText ?? ''));
  if (ipfixCollectors !== undefined) checkIpfix(keys, [value, ...values]);
  return {
    name,
    keys,
    never: keysText !== undefined && keys.length === 0,
    value,
    values,
    filter,
    ...options,
    ...flags,
    aggMode: aggMode ?? '',
    ipfixCollectors: ipfixCollectors ?? [],
    // Always in this order: definitions are compared by it.
    echo: {
      ...(keysText === undefined ? {} : { keys: keysText }),
      value: valueText,
      ...(valuesText === undefined ? {} : { values: valuesText }),
      ...(filterText === undefined ? {} : { filter: filterText }),
      ...options,
      ...Object.fromEntries(Object.entries(flags).filter(([, set]) => set)),
      ...(aggMode === undefined ? {} : { aggMode }),
      ...(ipfixCollectors === undefined ? {} : { ipfixCollectors }),
    },
  };
}

/** Typed access to the members of a specification. A member that is null is of the wrong type. */
class Members {
  private readonly members: Record<string, unknown>;

  constructor(members: Record<string, unknown>) {
    this.members = members;
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value !== undefined && typeof value !== 'string') throw bad(name, 'must be text');
    return value;
  }

  texts(name: string): string[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw bad(name, 'must be an array of texts');
    }
    return [...value];
  }

  /** A number, or its text, brought into its limits. */
  number(name: string, limits: { minimum: number; maximum: number; default: number }): number {
    const value = this.get(name);
    if (value === undefined) return limits.default;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw bad(name, 'must be a number');
    return Math.min(Math.max(number, limits.minimum), limits.maximum);
  }

  flag(name: string): boolean {
    const value = this.get(name);
    if (value === undefined) return false;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw bad(name, 'must be true or false');
  }

  aggMode(): 'EDGE' | 'AGENT' | undefined {
    const mode = this.text('aggMode')?.toUpperCase();
    if (mode !== undefined && mode !== 'EDGE' && mode !== 'AGENT')
      throw bad('aggMode', 'must be EDGE or AGENT');
    return mode;
  }

  private get(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }
}

/** `bytes`, `rate:bytes`, `count:ipsource`, … */
function parseValue(member: string, text: string): ValueExpression {
  const colon = /^([^\\:]*):/.exec(text);
  const statistic = colon?.[1];
  if (statistic !== undefined && !STATISTICS.includes(statistic)) {
    throw bad(member, `"${statistic}" is none of ${STATISTICS.join(', ')}`);
  }
  const key = parsed(member, () => parseKey(text.slice(colon?.[0].length ?? 0), colon?.[0].length));
  if (key.kind !== 'key') throw bad(member, 'must be a key, not a function');
  return { statistic: (statistic ?? 'rate') as Statistic, key, text };
}

/** Items of a comma list; empty ones are ignored. */
function splitValues(text: string): string[] {
  return text.match(/(?:[^,\\]|\\.)+/gs) ?? [];
}

function checkIpfix(keys: readonly KeyExpression[], values: readonly ValueExpression[]): void {
  const key = keys.find(({ kind, text }) => kind !== 'key' || !IPFIX_KEYS.has(text));
  if (key !== undefined) throw bad('ipfixCollectors', `IPFIX cannot carry the key "${key.text}"`);
  const value = values.find(({ statistic, key: of }) => statistic !== 'rate' || !IPFIX_VALUES.has(of.name));
  if (value !== undefined) throw bad('ipfixCollectors', `IPFIX cannot carry the value "${value.text}"`);
}

/** Run a parser of a member, and name the member in its complaints. */
function parsed<T>(member: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isWeirError(error)) throw error;
    throw new WeirError(error.code, `${member}: ${error.message}`, { cause: error });
  }
}

function bad(member: string, reason: string): WeirError {
  return new WeirError('FLOW_BAD_DEFINITION', `${member} ${reason}`);
}
