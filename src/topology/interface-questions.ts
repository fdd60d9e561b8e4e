/**
 * What scripts ask of agents and interfaces of a topology (names of the answers' members are those of the script API).
 * `null`: not known. The topology is undefined while there is none.
 */
import { WeirError } from '../common/index.ts';
import { quote } from '../lookup/content.ts';
import type { TopologyFacts } from './facts.ts';
import type { LinkEnd, TopologyLink } from './model.ts';
import { present } from './present.ts';
import type { ResolvedTopology } from './resolved.ts';

type Topology = ResolvedTopology | undefined;

/** Address of the agent that a node is. */
export function agentForNode(topology: Topology, node: string): string | null {
  const found = topology?.graph.node(node);
  return (found && topology?.agentOf(found)) ?? null;
}

/** Names of the nodes that are the agent; with an ifIndex only of the node whose port that interface is. */
export function nodesForAgent(topology: Topology, agent: string, ifIndex?: string): string[] | null {
  if (topology === undefined) return null;
  if (ifIndex !== undefined) {
    const port = topology.interface(agent, ifIndex)?.port;
    return port === undefined ? null : [port.node.name];
  }
  const nodes = topology.nodesOf(agent);
  return nodes.length === 0 ? null : nodes.map(({ name }) => name);
}

export interface InterfaceLinkAnswer {
  linkname: string;
  localnode: string;
  localport: string;
  remotenode: string;
  remoteport: string;
  remoteagent: string;
  remoteifindex: string;
}

/** The link that ends at an interface. */
export function interfaceToLink(
  topology: Topology,
  agent: string,
  ifIndex: string,
): InterfaceLinkAnswer | null {
  const link = topology?.interface(agent, ifIndex)?.link;
  if (topology === undefined || link === undefined) return null;
  const { name, local, remote } = link;
  return {
    linkname: name,
    localnode: local.node.name,
    localport: local.name,
    remotenode: remote.node.name,
    remoteport: remote.name,
    remoteagent: topology.agentOf(remote.node)!,
    remoteifindex: topology.ifIndexOf(remote)!,
  };
}

export interface PortAnswer {
  node?: string;
  port?: string;
}

/**
 * Node and port that an interface is. One that is no port of the topology: what the agent itself says, its host name
 * and the name of the interface, each when known.
 */
export function interfaceToPort(
  topology: Topology,
  facts: TopologyFacts,
  agent: string,
  ifIndex: string,
): PortAnswer | null {
  const port = topology?.interface(agent, ifIndex)?.port;
  if (port !== undefined) return { node: port.node.name, port: port.name };
  const hostName = facts.hostName(agent);
  const portName = facts.portName(agent, ifIndex);
  if (hostName === undefined && portName === undefined) return null;
  return present<PortAnswer>({ node: hostName, port: portName });
}

/** Name of an interface: that of its port in the topology, else the one it sends. */
export function ifName(
  topology: Topology,
  facts: TopologyFacts,
  agent: string,
  ifIndex: string,
): string | null {
  return topology?.port(agent, ifIndex) ?? facts.portName(agent, ifIndex) ?? null;
}

/**
 * Name that the key function `node:` shows (rest-api 5.2, 10): the node whose port the interface is, else the host
 * name of the agent, else the node that is the agent.
 */
export function nodeName(
  topology: Topology,
  facts: TopologyFacts,
  agent: string,
  ifIndex: string,
): string | undefined {
  const port = topology?.interface(agent, ifIndex)?.port;
  return port?.node.name ?? facts.hostName(agent) ?? topology?.node(agent);
}

export interface InterfaceAnswer {
  agent?: string;
  ifindex?: string;
}

/**
 * Agent and interface that a port is, each when known; null for an unknown node. Throws WeirError TOPOLOGY_UNKNOWN_PORT
 * when the node has no such port.
 */
export function portToInterface(topology: Topology, node: string, port: string): InterfaceAnswer | null {
  const foundNode = topology?.graph.node(node);
  if (topology === undefined || foundNode === undefined) return null;
  const foundPort = foundNode.ports.get(port);
  if (foundPort === undefined)
    throw new WeirError('TOPOLOGY_UNKNOWN_PORT', `topology: node ${quote(node)} has no port ${quote(port)}`);
  return present<InterfaceAnswer>({
    agent: topology.agentOf(foundNode),
    ifindex: topology.ifIndexOf(foundPort),
  });
}

/** The two ends of a link: node, port, agent and ifindex of each, as far as they are known. */
export interface LinkInterfaces {
  node1?: string;
  port1?: string;
  node2?: string;
  port2?: string;
  agent1?: string;
  ifindex1?: string;
  agent2?: string;
  ifindex2?: string;
}

/** Throws WeirError TOPOLOGY_UNKNOWN_LINK. */
export function linkToInterfaces(topology: Topology, name: string): LinkInterfaces {
  const found = topology?.graph.link(name);
  if (topology === undefined || found === undefined)
    throw new WeirError('TOPOLOGY_UNKNOWN_LINK', `topology: there is no link ${quote(name)}`);
  const { node1, port1, node2, port2 } = found.document;
  const [first, second] = endsOf(topology, found);
  return present<LinkInterfaces>({
    node1,
    port1,
    node2,
    port2,
    agent1: first.agent,
    ifindex1: first.ifIndex,
    agent2: second.agent,
    ifindex2: second.ifIndex,
  });
}

/**
 * Metrics at both ends of a link: all of the first end in the order asked for, then all of the second; `{}` for each
 * that is missing. `metrics` are names with commas between; `cellOf` gives the cell that a dump shows.
 */
export function linkMetric<Cell extends object>(
  topology: Topology,
  name: string,
  metrics: string,
  cellOf: (agent: string, dataSource: string, metric: string) => Cell | undefined,
): (Cell | Record<string, never>)[] {
  const found = topology?.graph.link(name);
  const ends = topology === undefined || found === undefined ? [NO_END, NO_END] : endsOf(topology, found);
  const cellAt = ({ agent, ifIndex }: KnownEnd, metric: string) =>
    agent === undefined || ifIndex === undefined ? undefined : cellOf(agent, ifIndex, metric);
  return ends.flatMap((end) => metrics.split(',').map((metric) => cellAt(end, metric) ?? {}));
}

/** What is known of an end of a link. */
interface KnownEnd {
  readonly agent: string | undefined;
  readonly ifIndex: string | undefined;
}

const NO_END: KnownEnd = { agent: undefined, ifIndex: undefined };

function endsOf(topology: ResolvedTopology, { end1, end2 }: TopologyLink): [KnownEnd, KnownEnd] {
  const known = (end: LinkEnd | undefined): KnownEnd => ({
    agent: end && topology.agentOf(end.node),
    ifIndex: end?.port && topology.ifIndexOf(end.port),
  });
  return [known(end1), known(end2)];
}
