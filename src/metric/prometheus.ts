import { formatJavaDouble } from '../common/index.ts';
import type { MetricQuestion } from './answers.ts';
import { type QueryContext, Scope } from './query-context.ts';
import { createReading, MetricName, type MetricSource, type Reading } from './source.ts';
import type { MetricStore } from './store.ts';

/** What labels take from a topology. Interfaces are data sources. */
export interface TopologyNames {
  /** Name of the node whose port the data source is, or that the agent is. */
  node(agent: string, dataSource: string): string | undefined;
  /** Name of the node's port that the interface is. */
  port(agent: string, dataSource: string): string | undefined;
  /** Name of the link that the interface is an end of. */
  link(agent: string, dataSource: string): string | undefined;
}

export interface PrometheusQuestion extends MetricQuestion {
  /** Before every metric's name; `sflow_` is what clients expect. */
  readonly prefix: string;
  /** Put a backslash before `\` and `"` in labels as the format demands. Clients expect them as they are, which is the default. */
  readonly escapeLabels?: boolean;
}

/** Characters of one piece of the answer. */
const PIECE = 64 * 1024;

/** A host itself, as a data source. */
const HOST_SOURCE = '2.1';

/**
 * The counter metrics in Prometheus' text form, in pieces of at most 64 Ki characters: a line for each number, without
 * HELP, TYPE and times (rest-api 10). `metrics` are plain names, or ALL alone; unknown ones give nothing.
 */
export function* prometheusText(
  context: QueryContext,
  question: PrometheusQuestion,
  topology?: TopologyNames,
): Generator<string> {
  const isAll = question.metrics.length === 1 && question.metrics[0] === 'ALL';
  const metrics = isAll ? undefined : question.metrics.map((name) => new MetricName(name));
  const scope = new Scope(context, question.agents, question.filters);
  const labels = new Labels(context.store, topology, question.escapeLabels ?? false);
  let piece = '';
  for (const source of scope.sources()) {
    for (const line of sourceLines(source, metrics, question.prefix, labels)) {
      if (piece.length + line.length > PIECE) {
        yield piece;
        piece = '';
      }
      piece += line;
    }
  }
  if (piece !== '') yield piece;
}

/** Lines of one data source, of all its metrics when none are named. */
function sourceLines(
  source: MetricSource,
  metrics: readonly MetricName[] | undefined,
  prefix: string,
  labels: Labels,
): string[] {
  const lines: string[] = [];
  let text: string | undefined;
  const add = (name: string, { value, integer }: Reading): void => {
    if (typeof value !== 'number') return;
    text ??= labels.of(source);
    lines.push(`${prefix}${metricWord(name)}{${text}} ${integer ? value : formatJavaDouble(value)}\n`);
  };
  if (metrics === undefined) source.visit(add);
  else {
    const reading = createReading();
    for (const metric of metrics) if (source.read(metric, reading)) add(metric.name, reading);
  }
  return lines;
}

/** What the data sources of an agent say alike. */
interface AgentLabels {
  readonly address: string;
  readonly hostName: string | undefined;
  readonly host: readonly [label: string, value: string | undefined][];
}

/** Makes the labels of data sources, agent by agent. */
class Labels {
  private readonly store: MetricStore;
  private readonly topology: TopologyNames | undefined;
  private readonly escapes: boolean;
  private agent: AgentLabels | undefined;

  constructor(store: MetricStore, topology: TopologyNames | undefined, escapes: boolean) {
    this.store = store;
    this.topology = topology;
    this.escapes = escapes;
  }

  /** In the order clients know, each only when it is known. */
  of(source: MetricSource): string {
    const { agent, name } = source;
    if (this.agent?.address !== agent) this.agent = this.agentLabels(agent);
    const text = (metric: string) => this.store.text(agent, name, metric);
    const port = this.topology?.port(agent, name);
    const link = this.topology?.link(agent, name);
    const labels: [label: string, value: string | undefined][] = [
      ['agent', agent],
      ['datasource', name],
      ['host', this.hostOf(source, port !== undefined || link !== undefined)],
      ...this.agent.host,
      ['svc_type', source.isVirtualMachine ? 'vm' : undefined],
    ];
    if (source.isInterface) {
      labels.push(
        ['ifindex', text('ifindex')],
        ['ifname', port ?? text('ifname')],
        ['link', link],
        ['ifspeed', shortSpeed(this.store.value(agent, name, 'ifspeed'))],
        ['iftype', text('iftype')],
        ['ifadminstatus', text('ifadminstatus')],
        ['ifoperstatus', text('ifoperstatus')],
      );
    } else if (source.isCustom) labels.push(['ifindex', name]);
    return labels
      .flatMap(([label, value]) => (value === undefined ? [] : `${label}="${this.quotable(value)}"`))
      .join();
  }

  /** On the host itself and on ports and link ends of a node: its name. Elsewhere the name the host gives itself comes first. */
  private hostOf({ agent, name }: MetricSource, isPort: boolean): string | undefined {
    const node = this.topology?.node(agent, name);
    const hostName = this.agent?.hostName;
    return name === HOST_SOURCE || isPort ? (node ?? hostName) : (hostName ?? node);
  }

  private agentLabels(address: string): AgentLabels {
    const text = (metric: string) => this.store.agentText(address, metric);
    return {
      address,
      hostName: text('host_name'),
      host: ['machine_type', 'os_name', 'os_release'].map((label) => [label, text(label)]),
    };
  }

  /** A value must at least not end its line: senders choose it. */
  private quotable(value: string): string {
    const line = /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, ' ') : value;
    return this.escapes ? line.replaceAll(/[\\"]/g, '\\$&') : line;
  }
}

/** `1G`, `2.5G`, `100M`, `999`. */
function shortSpeed(speed: number | string | undefined): string | undefined {
  if (typeof speed !== 'number') return undefined;
  for (const [size, unit] of SPEED_UNITS)
    if (speed >= size) return `${Math.round((10 * speed) / size) / 10}${unit}`;
  return String(speed);
}

const SPEED_UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

/** Senders name custom metrics as they like; Prometheus takes letters, digits, `_` and `:`. */
function metricWord(name: string): string {
  return /^[a-zA-Z0-9_:]*$/.test(name) ? name : name.replaceAll(/[^a-zA-Z0-9_:]/g, '_');
}
