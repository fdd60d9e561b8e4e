import { type MetricCell, type QueryContext, queryDump } from '../metric/index.ts';
import { linkMetric, type ResolvedTopology } from '../topology/index.ts';
import type { Questions } from './index.ts';

/** Throws a WeirError METRIC_BAD_QUERY for what is no plain name of a metric. */
export function linkCells(
  topology: ResolvedTopology | undefined,
  context: QueryContext,
  { link, metrics }: Questions['linkMetric']['question'],
): Questions['linkMetric']['answer'] {
  const cellOf = (agent: string, dataSource: string, metric: string): MetricCell | undefined =>
    queryDump(context, { agents: agent, metrics: [metric], filters: {} }).find(
      (cell) => cell.dataSource === dataSource,
    );
  return linkMetric(topology, link, metrics, cellOf);
}
