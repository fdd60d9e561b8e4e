/** What is sent to other systems: docs/reference/export.md. All times are epoch ms. */
export type ExportMessage = EventMessage | FlowMessage | TopFlowMessage | MetricMessage;

/** A threshold was crossed. */
export interface EventMessage {
  readonly type: 'event';
  readonly time: number;
  readonly thresholdID: string;
  readonly eventID: number;
  readonly metric: string;
  readonly threshold: number;
  readonly value: number;
  readonly agent: string;
  readonly dataSource: string;
  readonly flowKey?: string;
}

/** A flow of a definition with `log` has ended. */
export interface FlowMessage {
  readonly type: 'flow';
  /** Its end. */
  readonly time: number;
  readonly start: number;
  readonly name: string;
  readonly flowID: number;
  readonly agent: string;
  readonly dataSource: string;
  readonly flowKeys: string;
  /** The same by the names of the definition's keys, when it still has as many. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly values?: readonly number[];
}

/** One of the largest flows now. */
export interface TopFlowMessage {
  readonly type: 'topflow';
  readonly time: number;
  readonly name: string;
  readonly flowKeys: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly values?: readonly number[];
  /** Data sources that report it. */
  readonly flowN: number;
  readonly agent?: string;
  readonly dataSource?: string;
}

/** A counter metric now. */
export interface MetricMessage {
  readonly type: 'metric';
  readonly time: number;
  readonly metric: string;
  readonly value: number;
  readonly agent: string;
  readonly dataSource: string;
  /** What else is known of the data source, as in Prometheus text: `host`, `ifname`, `ifspeed`, … */
  readonly labels: Readonly<Record<string, string>>;
}

/** A message as systems that keep time series want it. */
export interface Point {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly time: number;
}

/** What a message is about, for topics and subjects: the threshold, the flow definition, the metric. */
export function messageName(message: ExportMessage): string {
  switch (message.type) {
    case 'event':
      return message.thresholdID;
    case 'metric':
      return message.metric;
    default:
      return message.name;
  }
}

/** The message as a point of a time series. undefined: its value is no number that such systems take. */
export function pointOf(message: ExportMessage, prefix: string): Point | undefined {
  const { value, time } = message;
  if (!Number.isFinite(value)) return undefined;
  return { name: prefix + seriesName(message), labels: seriesLabels(message), value, time };
}

function seriesName(message: ExportMessage): string {
  switch (message.type) {
    case 'event':
      return 'event';
    case 'flow':
      return `ended_${message.name}`;
    case 'topflow':
      return `flow_${message.name}`;
    case 'metric':
      return message.metric;
  }
}

function seriesLabels(message: ExportMessage): Record<string, string> {
  const { agent, dataSource } = message;
  const place = {
    ...(agent !== undefined && { agent }),
    ...(dataSource !== undefined && { datasource: dataSource }),
  };
  switch (message.type) {
    case 'event': {
      const { thresholdID, metric, flowKey } = message;
      return { ...place, threshold: thresholdID, metric, ...(flowKey !== undefined && { key: flowKey }) };
    }
    case 'metric':
      return { ...message.labels, ...place };
    default:
      return { ...(message.keys ?? { key: message.flowKeys }), ...place };
  }
}
