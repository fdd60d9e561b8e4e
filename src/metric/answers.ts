/** The answers to metric queries, member for member as REST gives them. */

/** A key of a flow metric (rest-api 8.3). */
export interface TopKey {
  key: string;
  value: number;
  values?: number[];
  /** ms ago */
  lastUpdate: number;
}

/** Filters of metric queries: name → glob patterns (OR inside, AND between; rest-api 8.1). */
export type MetricFilters = Readonly<Record<string, readonly string[]>>;

export interface MetricQuestion {
  /** Decoded path segment: list of addresses, or ALL, TOPOLOGY, EDGE, CORE. */
  agents: string;
  /** The requested metrics as written, in request order. */
  metrics: readonly string[];
  filters: MetricFilters;
}

export interface Quartiles {
  min: number;
  q1: number;
  med: number;
  q3: number;
  max: number;
}

/** An element of /metric (8.3): only metricName when there is no data. */
export interface MetricElement {
  metricName: string;
  metricValue?: number | string;
  metricN?: number;
  agent?: string;
  dataSource?: string;
  /** ms ago: of the value shown, of the newest and of the oldest value it was chosen or computed from. */
  lastUpdate?: number;
  lastUpdateMin?: number;
  lastUpdateMax?: number;
  quartiles?: Quartiles;
  topKeys?: TopKey[];
}

/** A cell of /table and /dump (8.4, 8.5). */
export interface MetricCell {
  agent: string;
  dataSource: string;
  metricName: string;
  metricValue: number | string;
  /** ms ago */
  lastUpdate: number;
  topKeys?: TopKey[];
}
