/** What telemetry tells of agents and their interfaces, for nodes and ports that a topology leaves open (rest-api 11.1). */
export interface TopologyFacts {
  /** Another number whenever one of the answers below may be another. */
  readonly version: number;
  /** Agents, with the host name they give themselves (host_descr, or sysName). Of two with one name the first counts. */
  agents(): Iterable<AgentFact>;
  /** Interfaces of an agent by the name of their port (port_name, or ifName). Of two with one name the first counts. */
  ports(agent: string): Iterable<readonly [ifIndex: string, name: string]>;
  hostName(agent: string): string | undefined;
  portName(agent: string, ifIndex: string): string | undefined;
}

export interface AgentFact {
  /** As agents are known by: IPv6 compressed and in lower case. */
  readonly address: string;
  readonly hostName: string | undefined;
}

/** Nothing has been learned. */
export const NO_FACTS: TopologyFacts = {
  version: 0,
  agents: () => [],
  ports: () => [],
  hostName: () => undefined,
  portName: () => undefined,
};
