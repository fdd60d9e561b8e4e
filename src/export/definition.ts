import { WeirError } from '../common/index.ts';
import { Members } from './members.ts';
import type { PipelineOptions } from './pipeline.ts';
import type { Sink } from './sink.ts';
import { graphiteSink } from './sinks/graphite.ts';
import { influxdbSink } from './sinks/influxdb.ts';
import { kafkaSink } from './sinks/kafka.ts';
import { natsSink } from './sinks/nats.ts';
import { remoteWriteSink } from './sinks/remote-write.ts';
import { syslogSink } from './sinks/syslog.ts';
import { webhookSink } from './sinks/webhook.ts';

/** What is sent. */
export type SourceDefinition =
  /** Events of these thresholds, of all when there are none. */
  | { readonly type: 'events'; readonly thresholds: readonly string[] }
  /** Records of the flow log of these definitions, of all when there are none. */
  | { readonly type: 'flows'; readonly flows: readonly string[] }
  | TopFlowsSource
  | MetricsSource;

export interface TopFlowsSource {
  readonly type: 'topflows';
  readonly flows: readonly string[];
  readonly agents: string;
  readonly maxFlows: number;
  readonly minValue: number;
  readonly aggMode: string;
  readonly intervalMs: number;
}

export interface MetricsSource {
  readonly type: 'metrics';
  readonly agents: string;
  /** Names, or ALL alone. */
  readonly metrics: readonly string[];
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly intervalMs: number;
}

export interface ExportDefinition {
  readonly enabled: boolean;
  readonly source: SourceDefinition;
  readonly pipeline: PipelineOptions;
  readonly createSink: () => Sink;
  /** As REST shows it: with effective values, secrets hidden. */
  readonly echo: Readonly<Record<string, unknown>>;
}

/** Reads the members of a sink; what it gives makes the sink itself. */
const SINKS: Readonly<Record<string, (members: Members) => () => Sink>> = {
  influxdb: influxdbSink,
  graphite: graphiteSink,
  syslog: syslogSink,
  http: webhookSink,
  nats: natsSink,
  kafka: kafkaSink,
  remotewrite: remoteWriteSink,
};

const SOURCES = ['events', 'flows', 'topflows', 'metrics'] as const;
const AGG_MODES = ['', 'max', 'sum', 'avg', 'edge', 'core'];

const NAME = /^[A-Za-z0-9_-]{1,100}$/;
const QUEUE = { minimum: 1, maximum: 1_000_000, default: 10_000 };
const BATCH = { minimum: 1, maximum: 10_000, default: 500 };
const LINGER_S = { minimum: 0, maximum: 60, default: 0.5 };
const RETRIES = { minimum: 0, maximum: 1_000_000, default: 20 };
const INTERVAL_S = { minimum: 1, maximum: 86_400, default: 30 };
const MAX_FLOWS = { minimum: 1, maximum: 1000, default: 20 };
const MIN_VALUE = { minimum: 0, maximum: Number.MAX_VALUE, default: 0 };

/** Members that are never shown. */
const SECRETS = new Set(['password', 'token', 'key']);

/** Reads the definition of an export. Throws WeirError `EXPORT_BAD` or `EXPORT_BAD_NAME` that says what is wrong. */
export function parseExport(name: string, specification: unknown): ExportDefinition {
  if (!NAME.test(name))
    throw new WeirError('EXPORT_BAD_NAME', 'the name of an export is made of letters, digits, _ and -');
  const members = new Members(specification, '');
  const enabled = members.flag('enabled', true);
  const source = parseSource(members.object('source'));
  const sinkMembers = members.object('sink');
  const type = sinkMembers.choice('type', Object.keys(SINKS));
  const createSink = SINKS[type](sinkMembers);
  sinkMembers.done();
  const pipeline = {
    queue: members.integer('queue', QUEUE),
    batch: members.integer('batch', BATCH),
    lingerMs: members.number('linger', LINGER_S) * 1000,
    retries: members.integer('retries', RETRIES),
  };
  members.done();
  const given = specification as Record<string, unknown>;
  return {
    enabled,
    source,
    pipeline,
    createSink,
    echo: {
      enabled,
      source: echoSource(source),
      sink: hideSecrets(given['sink']),
      queue: pipeline.queue,
      batch: pipeline.batch,
      linger: pipeline.lingerMs / 1000,
      retries: pipeline.retries,
    },
  };
}

function parseSource(members: Members): SourceDefinition {
  const type = members.choice('type', SOURCES);
  const source = sourceOf(type, members);
  members.done();
  return source;
}

function sourceOf(type: (typeof SOURCES)[number], members: Members): SourceDefinition {
  switch (type) {
    case 'events':
      return { type, thresholds: members.texts('thresholds') };
    case 'flows':
      return { type, flows: members.texts('flows') };
    case 'topflows': {
      const flows = members.texts('flows');
      if (flows.length === 0) throw members.fault('flows', 'is missing');
      return {
        type,
        flows,
        agents: members.text('agents', 'ALL'),
        maxFlows: members.integer('maxFlows', MAX_FLOWS),
        minValue: members.number('minValue', MIN_VALUE),
        aggMode: AGG_MODES.includes(members.optionalText('aggMode') ?? '')
          ? (members.optionalText('aggMode') ?? '')
          : failed(members.fault('aggMode', 'is max, sum, avg, edge or core')),
        intervalMs: members.number('interval', INTERVAL_S) * 1000,
      };
    }
    case 'metrics': {
      const metrics = members.texts('metrics');
      return {
        type,
        agents: members.text('agents', 'ALL'),
        metrics: metrics.length === 0 ? ['ALL'] : metrics,
        filters: Object.fromEntries(
          Object.entries(members.record('filters')).map(([name, glob]) => [name, [glob]]),
        ),
        intervalMs: members.number('interval', INTERVAL_S) * 1000,
      };
    }
  }
}

function failed(error: Error): never {
  throw error;
}

function echoSource(source: SourceDefinition): Record<string, unknown> {
  if (!('intervalMs' in source)) return { ...source };
  const { intervalMs, ...rest } = source;
  const filters =
    'filters' in rest
      ? { filters: Object.fromEntries(Object.entries(rest.filters).map(([name, [glob]]) => [name, glob])) }
      : {};
  return { ...rest, ...filters, interval: intervalMs / 1000 };
}

/** A copy in which secrets, and all headers, are hidden. */
function hideSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (SECRETS.has(name)) return [name, '***'];
      if (name === 'headers' && typeof member === 'object' && member !== null)
        return [name, Object.fromEntries(Object.keys(member).map((header) => [header, '***']))];
      return [name, hideSecrets(member)];
    }),
  );
}
