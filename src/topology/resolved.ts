import type { TopologyGraph } from './graph.ts';
import type { TopologyLink, TopologyNode, TopologyPort } from './model.ts';
import type { Resolution } from './resolve.ts';

/** An interface that a port of the topology is. */
export interface TopologyInterface {
  readonly agent: string;
  /** As its data source is named. */
  readonly ifIndex: string;
  readonly port: TopologyPort;
  /** The link that ends here; only links of which both ends are known interfaces count. */
  readonly link: InterfaceLink | undefined;
}

/** A link as seen from one of its interfaces. */
export interface InterfaceLink {
  readonly name: string;
  readonly local: TopologyPort;
  readonly remote: TopologyPort;
}

/** Where /flowlocations shows a flow (rest-api 6.4). */
export type FlowPlace =
  | { readonly node: string; readonly port: string }
  | {
      readonly localnode: string;
      readonly localport: string;
      readonly remotenode: string;
      readonly remoteport: string;
      readonly linkname: string;
    };

interface AgentPart {
  readonly nodes: TopologyNode[];
  readonly interfaces: Map<string, GrowingInterface>;
}

interface GrowingInterface extends TopologyInterface {
  link: InterfaceLink | undefined;
}

/** The data source of tables that add up all data sources of an agent (rest-api 6.3). */
const WHOLE_AGENT = '0';

/**
 * A topology over agents and their data sources. Immutable; every answer about a data source takes the time of two
 * look-ups. Agents are given as they are known by, data sources by their name (rest-api 3.7). Of two ports that claim
 * one interface, and of two links that claim one, the first in the document has it.
 */
export class ResolvedTopology {
  readonly graph: TopologyGraph;
  readonly resolution: Resolution;
  private readonly agents = new Map<string, AgentPart>();

  constructor(graph: TopologyGraph, resolution: Resolution) {
    this.graph = graph;
    this.resolution = resolution;
    for (const node of graph.nodes) this.addNode(node);
    for (const port of graph.ports) this.addPort(port);
    for (const link of graph.links) this.addLink(link);
  }

  /**
   * Whether a data source belongs to the topology, to its edge, to its core (rest-api 11.2). CORE are the ends of links
   * of which both ends are known; EDGE is everything else. An agent as a whole, data source `0`, is neither (6.3).
   */
  member(part: 'TOPOLOGY' | 'EDGE' | 'CORE', agent: string, dataSource: string): boolean {
    const found = this.agents.get(agent);
    if (found === undefined) return false;
    if (part === 'TOPOLOGY') return true;
    const isCore = found.interfaces.get(dataSource)?.link !== undefined;
    return part === 'CORE' ? isCore : !isCore && dataSource !== WHOLE_AGENT;
  }

  interface(agent: string, dataSource: string): TopologyInterface | undefined {
    return this.agents.get(agent)?.interfaces.get(dataSource);
  }

  /** Nodes that are this agent, in the order of the document. */
  nodesOf(agent: string): readonly TopologyNode[] {
    return this.agents.get(agent)?.nodes ?? [];
  }

  agentOf(node: TopologyNode): string | undefined {
    return this.resolution.agents[node.index];
  }

  ifIndexOf(port: TopologyPort): string | undefined {
    return this.resolution.ifIndexes[port.index];
  }

  /** Name of the node whose port the data source is; for others, and without one, of the first node that is the agent. */
  node(agent: string, dataSource?: string): string | undefined {
    const found = this.agents.get(agent);
    if (found === undefined) return undefined;
    const owner = dataSource === undefined ? undefined : found.interfaces.get(dataSource)?.port.node;
    return (owner ?? found.nodes[0]).name;
  }

  port(agent: string, dataSource: string): string | undefined {
    return this.interface(agent, dataSource)?.port.name;
  }

  link(agent: string, dataSource: string): string | undefined {
    return this.interface(agent, dataSource)?.link?.name;
  }

  placeOf(agent: string, dataSource: string): FlowPlace | undefined {
    const found = this.interface(agent, dataSource);
    if (found === undefined) return undefined;
    const { port, link } = found;
    if (link === undefined) return { node: port.node.name, port: port.name };
    const { local, remote, name } = link;
    return {
      localnode: local.node.name,
      localport: local.name,
      remotenode: remote.node.name,
      remoteport: remote.name,
      linkname: name,
    };
  }

  private addNode(node: TopologyNode): void {
    const agent = this.agentOf(node);
    if (agent === undefined) return;
    const known = this.agents.get(agent);
    if (known === undefined) this.agents.set(agent, { nodes: [node], interfaces: new Map() });
    else known.nodes.push(node);
  }

  private addPort(port: TopologyPort): void {
    const agent = this.agentOf(port.node);
    const ifIndex = this.ifIndexOf(port);
    if (agent === undefined || ifIndex === undefined) return;
    const { interfaces } = this.agents.get(agent)!;
    if (!interfaces.has(ifIndex)) interfaces.set(ifIndex, { agent, ifIndex, port, link: undefined });
  }

  private addLink({ name, end1, end2 }: TopologyLink): void {
    const port1 = end1?.port;
    const port2 = end2?.port;
    const interface1 = port1 && this.interfaceOf(port1);
    const interface2 = port2 && this.interfaceOf(port2);
    if (interface1 === undefined || interface2 === undefined) return;
    interface1.link ??= { name, local: port1!, remote: port2! };
    interface2.link ??= { name, local: port2!, remote: port1! };
  }

  private interfaceOf(port: TopologyPort): GrowingInterface | undefined {
    const agent = this.agentOf(port.node);
    const ifIndex = this.ifIndexOf(port);
    if (agent === undefined || ifIndex === undefined) return undefined;
    return this.agents.get(agent)?.interfaces.get(ifIndex);
  }
}
