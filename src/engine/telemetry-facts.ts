import type { MetricStore } from '../metric/index.ts';
import type { AgentFact, TopologyFacts } from '../topology/index.ts';

/** How long an answer may be old before the names are read again. */
const REFRESH_MS = 1000;

/** What counter samples tell of agents and interfaces: host names and port names. */
export class TelemetryFacts implements TopologyFacts {
  private readonly metrics: MetricStore;
  private now = 0;

  constructor(metrics: MetricStore) {
    this.metrics = metrics;
  }

  /** Names are texts among many metrics; instead of watching each, they count as changed once a second. */
  get version(): number {
    return Math.floor(this.now / REFRESH_MS);
  }

  advance(now: number): void {
    this.now = now;
  }

  *agents(): Iterable<AgentFact> {
    for (const { address } of this.metrics.agents()) yield { address, hostName: this.hostName(address) };
  }

  *ports(agent: string): Iterable<readonly [ifIndex: string, name: string]> {
    for (const { name } of this.metrics.agent(agent)?.sources.values() ?? []) {
      const port = this.portName(agent, name);
      if (port !== undefined) yield [name, port];
    }
  }

  hostName(agent: string): string | undefined {
    return this.metrics.agentText(agent, 'host_name');
  }

  portName(agent: string, ifIndex: string): string | undefined {
    return this.metrics.text(agent, ifIndex, 'ifname');
  }
}
