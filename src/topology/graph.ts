import { canonicalAddress } from '../common/index.ts';
import { Adjacency } from './adjacency.ts';
import type { LinkDocument, NodeDocument, PortDocument, Tags, TopologyDocument } from './document.ts';
import type { LinkEnd, TopologyLink, TopologyNode, TopologyPort } from './model.ts';

/** While the graph is being built. */
interface GrowingNode extends TopologyNode {
  readonly ports: Map<string, TopologyPort>;
  readonly ends: LinkEnd[];
}
interface GrowingLink extends TopologyLink {
  end1: LinkEnd | undefined;
  end2: LinkEnd | undefined;
}
interface GrowingEnd extends LinkEnd {
  opposite: LinkEnd | undefined;
}

const NO_TAGS: Tags = {};

/**
 * A document as nodes, ports and links that refer to each other. Nodes and ports that only a link names are there too,
 * behind those of `nodes`. It says nothing of agents and interfaces that have to be learned.
 */
export class TopologyGraph {
  readonly document: TopologyDocument;
  readonly nodes: readonly TopologyNode[];
  readonly ports: readonly TopologyPort[];
  readonly links: readonly TopologyLink[];
  private readonly nodesByName = new Map<string, GrowingNode>();
  private readonly linksByName = new Map<string, TopologyLink>();
  private readonly allPorts: TopologyPort[] = [];
  private steps: Adjacency | undefined;

  constructor(document: TopologyDocument) {
    this.document = document;
    for (const [name, content] of Object.entries(document.nodes ?? {})) this.addNode(name, content);
    for (const [name, content] of Object.entries(document.links ?? {})) this.addLink(name, content);
    this.nodes = [...this.nodesByName.values()];
    this.links = [...this.linksByName.values()];
    this.ports = this.allPorts;
  }

  node(name: string): TopologyNode | undefined {
    return this.nodesByName.get(name);
  }

  link(name: string): TopologyLink | undefined {
    return this.linksByName.get(name);
  }

  /** Made when it is first asked for: only paths need it. */
  get adjacency(): Adjacency {
    return (this.steps ??= new Adjacency(this.nodes));
  }

  private addNode(name: string, content: NodeDocument): GrowingNode {
    const node: GrowingNode = {
      index: this.nodesByName.size,
      name,
      agent: content.agent === undefined ? undefined : given(canonicalAddress(content.agent)),
      tags: content.tags ?? NO_TAGS,
      ports: new Map(),
      ends: [],
    };
    this.nodesByName.set(name, node);
    for (const [portName, port] of Object.entries(content.ports ?? {})) this.addPort(node, portName, port);
    return node;
  }

  private addPort(node: GrowingNode, name: string, content: PortDocument): TopologyPort {
    const port: TopologyPort = {
      index: this.allPorts.length,
      name,
      node,
      ifIndex: given(content.ifindex),
      tags: content.tags ?? NO_TAGS,
    };
    node.ports.set(name, port);
    this.allPorts.push(port);
    return port;
  }

  private addLink(name: string, document: LinkDocument): void {
    const { node1, port1, node2, port2 } = document;
    const link: GrowingLink = { name, document, end1: undefined, end2: undefined };
    const end1 = this.endOf(link, node1, port1);
    const end2 = this.endOf(link, node2, port2);
    link.end1 = end1;
    link.end2 = end2;
    if (end1 !== undefined) end1.opposite = end2;
    if (end2 !== undefined) end2.opposite = end1;
    this.linksByName.set(name, link);
  }

  private endOf(
    link: TopologyLink,
    nodeName: string | undefined,
    portName: string | undefined,
  ): GrowingEnd | undefined {
    if (nodeName === undefined) return undefined;
    const node = this.nodesByName.get(nodeName) ?? this.addNode(nodeName, {});
    const port =
      portName === undefined ? undefined : (node.ports.get(portName) ?? this.addPort(node, portName, {}));
    const end: GrowingEnd = { link, node, port, opposite: undefined };
    node.ends.push(end);
    return end;
  }
}

/** Nothing is given by an empty text. */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
