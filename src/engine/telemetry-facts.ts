import type { MetricStore } from '../metric/index.ts';
import type { AgentFact, TopologyFacts } from '../topology/index.ts';

/** How long an answer may be old before the names are read again. */
const REFRESH_MS = 1000;

/**
 * Host names and port names of agents and interfaces: what counter samples tell, and where these say nothing, what
 * others say (a user's file, SNMP).
 */
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
    for (const address of this.metrics.givenAgents())
      if (this.metrics.agent(address) === undefined) yield { address, hostName: this.hostName(address) };
  }

  *ports(agent: string): Iterable<readonly [ifIndex: string, name: string]> {
    const sources = this.metrics.agent(agent)?.sources;
    for (const name of sources?.keys() ?? []) {
      const port = this.portName(agent, name);
      if (port !== undefined) yield [name, port];
    }
    for (const named of this.metrics.givenNames(agent)) if (sources?.has(named[0]) !== true) yield named;
  }

  hostName(agent: string): string | undefined {
    return this.metrics.agentText(agent, 'host_name');
  }

  portName(agent: string, ifIndex: string): string | undefined {
    return this.metrics.text(agent, ifIndex, 'ifname');
  }
}
