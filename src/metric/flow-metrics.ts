import type { TopKey } from './answers.ts';

/** The metric that a flow definition is on one data source (rest-api 7.3): its largest flow. */
export interface FlowMetricValue {
  agent: string;
  dataSource: string;
  value: number;
  /** When the flow was last updated, ms on the clock of the query's `now`. */
  lastUpdate: number;
  /** Largest first, at most n; their `lastUpdate` is ms ago. */
  topKeys: TopKey[];
}

/** Which data sources a question is about. */
export type IncludeDataSource = (agent: string, dataSource: string) => boolean;

/** Flow definitions as metrics. Those with an aggMode are not visible as metrics. */
export interface FlowMetrics {
  names(): readonly string[];
  /** One value for each data source that has a flow and is included. Nothing for a name that is no definition. */
  values(name: string, include: IncludeDataSource): Iterable<FlowMetricValue>;
}

export const NO_FLOW_METRICS: FlowMetrics = { names: () => [], values: () => [] };
