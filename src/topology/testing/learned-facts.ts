import type { AgentFact, TopologyFacts } from '../facts.ts';

/** Facts that a test changes as it goes: agent → host name and names of its interfaces. */
export class LearnedFacts implements TopologyFacts {
  version = 0;
  /** How often everything was asked for. */
  passes = 0;
  private readonly known = new Map<string, { hostName?: string; ports: Map<string, string> }>();

  learn(address: string, hostName?: string, ports: Record<string, string> = {}): this {
    this.known.set(address, {
      ...(hostName !== undefined && { hostName }),
      ports: new Map(Object.entries(ports)),
    });
    this.version++;
    return this;
  }

  forget(address: string): void {
    this.known.delete(address);
    this.version++;
  }

  *agents(): Iterable<AgentFact> {
    this.passes++;
    for (const [address, { hostName }] of this.known) yield { address, hostName };
  }

  ports(agent: string): Iterable<readonly [string, string]> {
    return this.known.get(agent)?.ports ?? [];
  }

  hostName(agent: string): string | undefined {
    return this.known.get(agent)?.hostName;
  }

  portName(agent: string, ifIndex: string): string | undefined {
    return this.known.get(agent)?.ports.get(ifIndex);
  }
}
