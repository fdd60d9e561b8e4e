import { WeirError } from '../common/index.ts';

/** A threshold definition (rest-api 9.1). */
export interface Threshold {
  readonly name: string;
  readonly metric: string;
  readonly value: number;
  /** Seconds. */
  readonly timeout: number;
  readonly byFlow: boolean;
  /** Metric name → glob patterns: OR inside, AND between. */
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** The effective definition as REST echoes it. */
  readonly echo: Readonly<Record<string, unknown>>;
}

const DEFAULT_TIMEOUT = 60;
const MAX_PATTERNS = 1000;

/**
 * Read what a user wrote. `{}` stores nothing: undefined. Throws a WeirError THRESHOLD_BAD that names the member. A
 * metric of `""` or with a data source prefix is accepted and never fires.
 */
export function parseThreshold(name: string, specification: unknown): Threshold | undefined {
  if (!isObject(specification)) throw bad(`threshold ${name}`, 'must be an object');
  if (Object.keys(specification).length === 0) return undefined;
  const metric = specification['metric'];
  if (typeof metric !== 'string') throw bad('metric', 'must be a metric name');
  if (/[\s:]/.test(metric)) throw bad('metric', `must be a plain metric name, not ${JSON.stringify(metric)}`);
  const value = numberOf(specification['value'], 'value');
  if (value === undefined) throw bad('value', 'is required');
  const timeout = Math.max(0, numberOf(specification['timeout'], 'timeout') ?? DEFAULT_TIMEOUT);
  const byFlow = booleanOf(specification['byFlow']);
  const filter = filterOf(specification['filter']);
  const echo: Record<string, unknown> = { metric, value, timeout };
  if (byFlow) echo['byFlow'] = true;
  if (Object.keys(filter).length > 0) echo['filter'] = filter;
  return { name, metric, value, timeout, byFlow, filter, echo };
}

/** True when a definition says the same as another: then its state stays (rest-api 9.2). */
export function sameThreshold(a: Threshold, b: Threshold): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical({ metric, value, timeout, byFlow, filter }: Threshold): unknown {
  return [metric, value, timeout, byFlow, Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1))];
}

function numberOf(given: unknown, member: string): number | undefined {
  if (given === undefined) return undefined;
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw bad(member, 'must be a number');
  return number;
}

function booleanOf(given: unknown): boolean {
  if (given === undefined || given === false || given === 'false') return false;
  if (given === true || given === 'true') return true;
  throw bad('byFlow', 'must be true or false');
}

function filterOf(given: unknown): Record<string, string[]> {
  if (given === undefined) return {};
  if (!isObject(given)) throw bad('filter', 'must be an object of metric name and patterns');
  const filter: Record<string, string[]> = {};
  let patterns = 0;
  for (const [metric, values] of Object.entries(given)) {
    const isList =
      Array.isArray(values) && values.every((v) => typeof v === 'string' || typeof v === 'number');
    if (!isList) throw bad(`filter.${metric}`, 'must be an array of texts');
    patterns += values.length;
    if (patterns > MAX_PATTERNS) throw bad('filter', `has more than ${MAX_PATTERNS} patterns`);
    filter[metric] = values.map(String);
  }
  return filter;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(member: string, problem: string): WeirError {
  return new WeirError('THRESHOLD_BAD', `${member} ${problem}`);
}
