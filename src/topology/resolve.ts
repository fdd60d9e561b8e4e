import type { TopologyFacts } from './facts.ts';
import type { TopologyGraph } from './graph.ts';
import type { TopologyNode } from './model.ts';

/**
 * Which agent each node is, and which interface each port: by their place in the graph, undefined where neither the
 * document nor telemetry tells. Plain data, so that whoever has the document can be told the rest.
 */
export interface Resolution {
  readonly agents: readonly (string | undefined)[];
  readonly ifIndexes: readonly (string | undefined)[];
}

/** Takes from the document what it gives, and the rest from telemetry (rest-api 11.1). Linear in the size of both. */
export function resolveNames(graph: TopologyGraph, facts: TopologyFacts): Resolution {
  const agents = resolveAgents(graph, facts);
  return { agents, ifIndexes: resolvePorts(graph, agents, facts) };
}

export function sameResolution(one: Resolution, other: Resolution): boolean {
  return sameTexts(one.agents, other.agents) && sameTexts(one.ifIndexes, other.ifIndexes);
}

function resolveAgents({ nodes }: TopologyGraph, facts: TopologyFacts): (string | undefined)[] {
  if (nodes.every(({ agent }) => agent !== undefined)) return nodes.map(({ agent }) => agent);
  const agentByHostName = new Map<string, string>();
  for (const { address, hostName } of facts.agents())
    if (hostName !== undefined && !agentByHostName.has(hostName)) agentByHostName.set(hostName, address);
  return nodes.map(({ agent, name }) => agent ?? agentByHostName.get(name));
}

function resolvePorts(
  { ports }: TopologyGraph,
  agents: readonly (string | undefined)[],
  facts: TopologyFacts,
): (string | undefined)[] {
  // Many nodes may be one agent, such as the bridges of a host.
  const portsByAgent = new Map<string, ReadonlyMap<string, string>>();
  const learned = (node: TopologyNode, name: string): string | undefined => {
    const agent = agents[node.index];
    if (agent === undefined) return undefined;
    let indexes = portsByAgent.get(agent);
    if (indexes === undefined) portsByAgent.set(agent, (indexes = indexByName(facts.ports(agent))));
    return indexes.get(name);
  };
  return ports.map(({ ifIndex, node, name }) => ifIndex ?? learned(node, name));
}

function indexByName(ports: Iterable<readonly [ifIndex: string, name: string]>): ReadonlyMap<string, string> {
  const indexes = new Map<string, string>();
  for (const [ifIndex, name] of ports) if (!indexes.has(name)) indexes.set(name, ifIndex);
  return indexes;
}

function sameTexts(one: readonly (string | undefined)[], other: readonly (string | undefined)[]): boolean {
  return one.length === other.length && one.every((text, i) => text === other[i]);
}
