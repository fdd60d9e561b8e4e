import type { MetricElement, MetricQuestion, TopKey } from './answers.ts';
import type { IncludeDataSource } from './flow-metrics.ts';
import { elapsed, type QueryContext, Scope } from './query-context.ts';
import { createReading, MetricName, type MetricSource, type Reading } from './source.ts';
import {
  addMoments,
  addValue,
  createMoments,
  isQuartile,
  isStatistic,
  type Moments,
  quartiles,
  type Statistic,
  variance,
} from './statistic.ts';

/** A value and where it comes from. */
interface Report {
  value: number | string;
  agent: string;
  dataSource: string;
  /** ms, on the clock of `now`. */
  updated: number;
  topKeys?: TopKey[];
}

/** What is known of the values of one type, numbers or texts. */
interface Tally {
  count: number;
  newest: number;
  oldest: number;
  /** The winner, for max, min and any. */
  best: Report | undefined;
}

/** One shard's part of an element of /metric: plain data that may be sent between threads. */
export interface MetricPartial {
  /** As requested. */
  readonly metricName: string;
  /** undefined: there is no such statistic. */
  readonly statistic: Statistic | undefined;
  readonly numbers: Tally;
  readonly texts: Tally;
  readonly moments: Moments;
  /** All numbers, for quartiles only. */
  readonly values: number[];
}

/** A requested metric, `[statistic:][data source.]name`. */
interface Request {
  readonly statistic: Statistic | undefined;
  /** The name as a whole, on every data source. Names of custom metrics may have dots of their own. */
  readonly anywhere: MetricName;
  /** Readings of it as data source and name. */
  readonly onSource: ReadonlyMap<string, MetricName>;
}

/** Answer /metric (rest-api 8.2, 8.3) from one store. */
export function queryMetric(context: QueryContext, question: MetricQuestion): MetricElement[] {
  return finishMetric([collectMetric(context, question)], context.now);
}

/** One store's part of the answer, in request order. */
export function collectMetric(context: QueryContext, question: MetricQuestion): MetricPartial[] {
  const requests = question.metrics.map(parseRequest);
  const partials = question.metrics.map((metricName, i) => createPartial(metricName, requests[i].statistic));
  const asked = requests
    .map((request, i) => [request, partials[i]] as const)
    .filter(([{ statistic }]) => statistic);
  const scope = new Scope(context, question.agents, question.filters);
  const reading = createReading();
  for (const source of scope.sources()) {
    for (const [request, partial] of asked) {
      if (!readRequest(source, request, reading)) continue;
      addReport(partial, reading.value, source.agent, source.name, reading.updated, undefined);
    }
  }
  const flowNames = new Set(context.flows.names());
  for (const [request, partial] of asked) addFlows(partial, request, context, scope.include, flowNames);
  return partials;
}

/** The answer from the parts of all stores, each in request order. */
export function finishMetric(parts: readonly (readonly MetricPartial[])[], now: number): MetricElement[] {
  if (parts.length === 0) return [];
  return parts[0].map((first, i) => {
    const total = createPartial(first.metricName, first.statistic);
    for (const part of parts) mergeInto(total, part[i]);
    return finish(total, now);
  });
}

function parseRequest(text: string): Request {
  const colon = text.indexOf(':');
  const prefix = colon < 0 ? 'max' : text.slice(0, colon);
  const name = text.slice(colon + 1);
  const onSource = new Map<string, MetricName>();
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    onSource.set(name.slice(0, dot), new MetricName(name.slice(dot + 1)));
  return { statistic: isStatistic(prefix) ? prefix : undefined, anywhere: new MetricName(name), onSource };
}

function readRequest(source: MetricSource, request: Request, reading: Reading): boolean {
  if (source.read(request.anywhere, reading)) return true;
  const here = request.onSource.get(source.name);
  return here !== undefined && source.read(here, reading);
}

function addFlows(
  partial: MetricPartial,
  request: Request,
  context: QueryContext,
  include: IncludeDataSource,
  flowNames: ReadonlySet<string>,
): void {
  const add = (name: string, filter: IncludeDataSource): void => {
    if (!flowNames.has(name)) return;
    for (const { value, agent, dataSource, lastUpdate, topKeys } of context.flows.values(name, filter))
      addReport(partial, value, agent, dataSource, lastUpdate, topKeys);
  };
  add(request.anywhere.name, include);
  for (const [on, metric] of request.onSource)
    add(metric.name, (agent, dataSource) => dataSource === on && include(agent, dataSource));
}

function createPartial(metricName: string, statistic: Statistic | undefined): MetricPartial {
  return {
    metricName,
    statistic,
    numbers: createTally(),
    texts: createTally(),
    moments: createMoments(),
    values: [],
  };
}

function createTally(): Tally {
  return { count: 0, newest: Number.NEGATIVE_INFINITY, oldest: Number.POSITIVE_INFINITY, best: undefined };
}

function addReport(
  partial: MetricPartial,
  value: number | string,
  agent: string,
  dataSource: string,
  updated: number,
  topKeys: TopKey[] | undefined,
): void {
  const tally = typeof value === 'number' ? partial.numbers : partial.texts;
  tally.count++;
  if (updated > tally.newest) tally.newest = updated;
  if (updated < tally.oldest) tally.oldest = updated;
  if (isBetter(partial.statistic, value, tally.best)) {
    tally.best = { value, agent, dataSource, updated };
    if (topKeys !== undefined) tally.best.topKeys = topKeys;
  }
  if (typeof value !== 'number') return;
  addValue(partial.moments, value);
  if (isQuartile(partial.statistic as Statistic)) partial.values.push(value);
}

/** Numbers by size, texts by code units; any: the first. */
function isBetter(
  statistic: Statistic | undefined,
  value: number | string,
  best: Report | undefined,
): boolean {
  switch (statistic) {
    case 'max':
      return best === undefined || value > best.value;
    case 'min':
      return best === undefined || value < best.value;
    case 'any':
      return best === undefined;
    default:
      return false;
  }
}

function mergeInto(total: MetricPartial, part: MetricPartial): void {
  mergeTally(total.statistic, total.numbers, part.numbers);
  mergeTally(total.statistic, total.texts, part.texts);
  addMoments(total.moments, part.moments);
  for (const value of part.values) total.values.push(value);
}

function mergeTally(statistic: Statistic | undefined, total: Tally, part: Tally): void {
  total.count += part.count;
  total.newest = Math.max(total.newest, part.newest);
  total.oldest = Math.min(total.oldest, part.oldest);
  if (part.best !== undefined && isBetter(statistic, part.best.value, total.best)) total.best = part.best;
}

/** Where numbers and texts share a name (custom metrics), the numbers count. */
function finish(partial: MetricPartial, now: number): MetricElement {
  const { metricName, statistic, numbers, texts } = partial;
  const isNumber = numbers.count > 0;
  const { count, newest, oldest, best } = isNumber ? numbers : texts;
  const value = best?.value ?? (isNumber ? compute(partial) : undefined);
  if (value === undefined) return { metricName };
  return {
    metricName,
    metricValue: value,
    metricN: count,
    ...(best && { agent: best.agent, dataSource: best.dataSource }),
    ...(best && statistic !== 'any' && { lastUpdate: elapsed(now, best.updated) }),
    lastUpdateMin: elapsed(now, newest),
    lastUpdateMax: elapsed(now, oldest),
    ...(partial.values.length > 0 && { quartiles: quartiles(partial.values) }),
    ...(best?.topKeys && { topKeys: best.topKeys }),
  };
}

/** Value of a statistic that has no winner, of one number or more. */
function compute({ statistic, moments, values }: MetricPartial): number | undefined {
  switch (statistic) {
    case 'sum':
      return moments.sum;
    case 'avg':
      return moments.sum / moments.count;
    case 'var':
      return variance(moments);
    case 'sdev':
      return Math.sqrt(variance(moments));
    case 'med':
    case 'q2':
      return quartiles(values).med;
    case 'q1':
      return quartiles(values).q1;
    case 'q3':
      return quartiles(values).q3;
    case 'iqr': {
      const { q1, q3 } = quartiles(values);
      return q3 - q1;
    }
    default:
      return undefined;
  }
}
