import type { MetricSource } from './source.ts';
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

/** A host itself, as a data source. */
const HOST_SOURCE = '2.1';

/** What the data sources of an agent say alike. */
interface AgentLabels {
  readonly address: string;
  readonly hostName: string | undefined;
  readonly host: readonly [label: string, value: string | undefined][];
}

/** Makes the labels of data sources, agent by agent. */
export class PrometheusLabels {
  private readonly store: MetricStore;
  private readonly topology: TopologyNames | undefined;
  private readonly quotable: (value: string) => string;
  private agent: AgentLabels | undefined;

  /** `raw`: values are not escaped (rest-api 10). */
  constructor(store: MetricStore, topology: TopologyNames | undefined, raw: boolean) {
    this.store = store;
    this.topology = topology;
    this.quotable = raw ? withoutLineEnds : escapeLabelValue;
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
}

/** The value of a label as the exposition formats want it between its quotes. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n\r]/.test(value)
    ? value.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', ' ')
    : value;
}

/** A value must at least not end its line: senders choose it. */
function withoutLineEnds(value: string): string {
  return /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, ' ') : value;
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
