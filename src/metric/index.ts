/**
 * Counter metrics: counter records become gauges, rates and labels per data source (`MetricStore`), over which the
 * queries of the REST API are pure functions. With several stores each answers for itself and the parts are merged:
 * `collectMetric` and `finishMetric`, `mergeTables`, `mergeMetricNames`; the other answers are simply joined.
 */
export type { AgentNames, InterfaceNames } from './agent-names.ts';
export type * from './answers.ts';
export {
  type FlowMetrics,
  type FlowMetricValue,
  type IncludeDataSource,
  NO_FLOW_METRICS,
} from './flow-metrics.ts';
export { compileGlob, type Glob } from './glob.ts';
export { dataSourceName } from './label.ts';
export {
  type PrometheusForm,
  type PrometheusQuestion,
  prometheusText,
  type SeriesCount,
} from './prometheus.ts';
export { escapeLabelValue, type TopologyNames } from './prometheus-labels.ts';
export { mergeTables, queryDump, queryTable } from './query-cells.ts';
export type { QueryContext } from './query-context.ts';
export { collectMetric, finishMetric, type MetricPartial, queryMetric } from './query-metric.ts';
export { agentMetrics, mergeMetricNames, metricNames } from './query-names.ts';
export { parseSelection, type Selection, type TopologyMember } from './selection.ts';
export { createReading, MetricName, type MetricSource, type Reading } from './source.ts';
export {
  type AgentMetrics,
  MetricStore,
  type MetricStoreOptions,
  type MetricStoreRefusals,
} from './store.ts';
