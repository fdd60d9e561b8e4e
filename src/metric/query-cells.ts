import { WeirError } from '../common/index.ts';
import type { MetricCell, MetricQuestion } from './answers.ts';
import type { FlowMetricValue } from './flow-metrics.ts';
import { elapsed, FlowValues, type QueryContext, Scope } from './query-context.ts';
import { createReading, MetricName, type Reading } from './source.ts';

/** The word for every metric, valid only alone. */
const ALL = 'ALL';

/** A column of a table, or a metric of a dump. */
interface Column {
  readonly metric: MetricName;
  /** Set when it is a flow definition. */
  readonly flows: FlowValues | undefined;
}

interface Sort {
  readonly column: number;
  readonly descending: boolean;
  /** Rows at most; 0: all. */
  readonly limit: number;
}

/**
 * Answer /table (rest-api 8.4) from one store: a row for each data source that has all columns. A column that only one data
 * source of the agent has is joined to the rows of its other data sources. Throws a WeirError `METRIC_BAD_QUERY` for a
 * statistic, a data source, a second or a bad sort.
 */
export function queryTable(context: QueryContext, question: MetricQuestion): MetricCell[][] {
  const { names, sort } = parseTable(question.metrics);
  if (names.length === 1 && names[0] === ALL) return [];
  const scope = new Scope(context, question.agents, question.filters);
  const inAgents = (agent: string) => scope.selection.addresses?.has(agent) ?? true;
  // Joined columns may come from data sources outside the selection, so whole agents are read.
  const columns = createColumns(context, names, inAgents);
  const rows: MetricCell[][] = [];
  for (const address of agentsOf(scope, columns)) addRows(rows, context, address, columns, scope);
  return arrange(rows, sort);
}

/** Tables of several stores as one. */
export function mergeTables(
  question: Pick<MetricQuestion, 'metrics'>,
  parts: readonly MetricCell[][][],
): MetricCell[][] {
  return arrange(parts.flat(), parseTable(question.metrics).sort);
}

/**
 * Answer /dump (rest-api 8.5): a cell for every data source that has the metric, by agent, then metric as requested, then
 * data source. Throws a WeirError `METRIC_BAD_QUERY` for a statistic, a data source or a pattern. Dumps of several stores
 * are simply joined.
 */
export function queryDump(context: QueryContext, question: MetricQuestion): MetricCell[] {
  question.metrics.forEach(requirePlainName);
  const scope = new Scope(context, question.agents, question.filters);
  const isAll = question.metrics.length === 1 && question.metrics[0] === ALL;
  const columns = createColumns(context, isAll ? context.flows.names() : question.metrics, scope.include);
  const cells: MetricCell[] = [];
  for (const address of agentsOf(scope, columns)) {
    if (isAll) dumpAll(cells, context, address, scope);
    for (const column of columns) dumpColumn(cells, context, address, column, scope, !isAll);
  }
  return cells;
}

function createColumns(
  { flows }: QueryContext,
  names: readonly string[],
  include: (agent: string, dataSource: string) => boolean,
): Column[] {
  const flowNames = new Set(flows.names());
  return names.map((name) => ({
    metric: new MetricName(name),
    flows: flowNames.has(name) ? new FlowValues(flows, name, include) : undefined,
  }));
}

/** Agents with counters, and those with flows only. */
function* agentsOf(scope: Scope, columns: readonly Column[]): Iterable<string> {
  const seen = new Set<string>();
  for (const { address } of scope.agents()) {
    seen.add(address);
    yield address;
  }
  for (const { flows } of columns) {
    for (const address of flows?.agents() ?? []) {
      if (seen.has(address)) continue;
      seen.add(address);
      yield address;
    }
  }
}

function dumpAll(cells: MetricCell[], { store, now }: QueryContext, address: string, scope: Scope): void {
  for (const source of store.agent(address)?.sources.values() ?? []) {
    if (!scope.include(address, source.name)) continue;
    source.visit((name, reading) => {
      cells.push(counterCell(address, source.name, name, reading, now));
    });
  }
}

function dumpColumn(
  cells: MetricCell[],
  { store, now }: QueryContext,
  address: string,
  { metric, flows }: Column,
  scope: Scope,
  counters: boolean,
): void {
  const reading = createReading();
  if (counters) {
    for (const source of store.agent(address)?.sources.values() ?? []) {
      if (!scope.include(address, source.name) || !source.read(metric, reading)) continue;
      cells.push(counterCell(address, source.name, metric.name, reading, now));
    }
  }
  for (const value of flows?.ofAgent(address).values() ?? []) cells.push(flowCell(metric.name, value, now));
}

/** Cells of one agent by column, by data source. */
type AgentColumns = readonly ReadonlyMap<string, MetricCell>[];

function addRows(
  rows: MetricCell[][],
  context: QueryContext,
  address: string,
  columns: readonly Column[],
  scope: Scope,
): void {
  const cells = readColumns(context, address, columns);
  if (cells.some((column) => column.size === 0)) return;
  // A column on several data sources must be the row's own. Rows are sought among the holders of such a column.
  const own = cells.find((column) => column.size > 1);
  if (own === undefined) {
    // Everything is there once: one row, if any of the data sources it comes from is asked for.
    const row = cells.map((column) => column.values().next().value as MetricCell);
    if (row.some((cell) => scope.include(address, cell.dataSource))) rows.push(row);
    return;
  }
  for (const dataSource of own.keys()) {
    const row = rowOf(cells, dataSource);
    if (row !== undefined && scope.include(address, dataSource)) rows.push(row);
  }
}

function rowOf(cells: AgentColumns, dataSource: string): MetricCell[] | undefined {
  const row: MetricCell[] = [];
  for (const column of cells) {
    const cell = column.size > 1 ? column.get(dataSource) : column.values().next().value;
    if (cell === undefined) return undefined;
    row.push(cell);
  }
  return row;
}

function readColumns(
  { store, now }: QueryContext,
  address: string,
  columns: readonly Column[],
): AgentColumns {
  const reading = createReading();
  const sources = store.agent(address)?.sources;
  return columns.map(({ metric, flows }) => {
    const cells = new Map<string, MetricCell>();
    for (const source of sources?.values() ?? [])
      if (source.read(metric, reading))
        cells.set(source.name, counterCell(address, source.name, metric.name, reading, now));
    for (const value of flows?.ofAgent(address).values() ?? [])
      if (!cells.has(value.dataSource)) cells.set(value.dataSource, flowCell(metric.name, value, now));
    return cells;
  });
}

function counterCell(
  agent: string,
  dataSource: string,
  metricName: string,
  { value, updated }: Reading,
  now: number,
): MetricCell {
  return { agent, dataSource, metricName, metricValue: value, lastUpdate: elapsed(now, updated) };
}

function flowCell(metricName: string, flow: FlowMetricValue, now: number): MetricCell {
  const { agent, dataSource, value, lastUpdate, topKeys } = flow;
  return { agent, dataSource, metricName, metricValue: value, lastUpdate: elapsed(now, lastUpdate), topKeys };
}

/** `sort:name[:N]` may stand for one column: ascending, for negative N descending, at most |N| rows. */
function parseTable(metrics: readonly string[]): { names: string[]; sort: Sort | undefined } {
  let sort: Sort | undefined;
  const names = metrics.map((text, column) => {
    if (!text.startsWith('sort:')) return requirePlainName(text);
    if (sort !== undefined) throw badQuery('more than one sort');
    const [, name, count = '0', ...rest] = text.split(':');
    if (rest.length > 0 || !/^[+-]?\d+$/.test(count)) throw badQuery(`sort by ${text}: not a number of rows`);
    const rows = Number(count);
    sort = { column, descending: rows < 0, limit: Math.abs(rows) };
    return requirePlainName(name);
  });
  return { names, sort };
}

function requirePlainName(name: string): string {
  if (/[:.*]/.test(name)) throw badQuery(`${name} is not a plain metric name`);
  return name;
}

function badQuery(what: string): WeirError {
  return new WeirError('METRIC_BAD_QUERY', what);
}

function arrange(rows: MetricCell[][], sort: Sort | undefined): MetricCell[][] {
  if (sort === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  rows.sort((a, b) => sign * compare(a[sort.column].metricValue, b[sort.column].metricValue));
  return sort.limit > 0 ? rows.slice(0, sort.limit) : rows;
}

/** Numbers by size and before texts, texts by code units. */
function compare(a: number | string, b: number | string): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
