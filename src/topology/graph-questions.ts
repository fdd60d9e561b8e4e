/**
 * What scripts ask of the nodes and links of a topology (names of the answers' members are those of the script API).
 * `null`: not known. The topology is undefined while there is none.
 */
import type { LinkDocument, Tags } from './document.ts';
import { present } from './present.ts';
import type { ResolvedTopology } from './resolved.ts';

type Topology = ResolvedTopology | undefined;

/** Nodes, those that only links name included; null without a topology. */
export function nodeNames(topology: Topology): string[] | null {
  return topology === undefined ? null : topology.graph.nodes.map(({ name }) => name);
}

export function linkNames(topology: Topology): string[] | null {
  return topology === undefined ? null : topology.graph.links.map(({ name }) => name);
}

/** Ports of a node, those that only links name included; null for an unknown node. */
export function nodePortNames(topology: Topology, node: string): string[] | null {
  const found = topology?.graph.node(node);
  return found === undefined ? null : [...found.ports.keys()];
}

export interface NodeLink {
  linkname: string;
  localport?: string;
  remotenode?: string;
  remoteport?: string;
}

/** Links at a node, without the members that the document does not give; null for an unknown node. */
export function nodeLinks(topology: Topology, node: string): NodeLink[] | null {
  const found = topology?.graph.node(node);
  if (found === undefined) return null;
  return found.ends.map(({ link, port, opposite }) =>
    present<NodeLink>({
      linkname: link.name,
      localport: port?.name,
      remotenode: opposite?.node.name,
      remoteport: opposite?.port?.name,
    }),
  );
}

/** A link as the document has it. */
export function link(topology: Topology, name: string): LinkDocument | null {
  return topology?.graph.link(name)?.document ?? null;
}

/** Names of all tags of nodes, ports and links, each once. */
export function tagNames(topology: Topology): string[] {
  if (topology === undefined) return [];
  const { nodes, ports, links } = topology.graph;
  const names = new Set<string>();
  for (const { tags } of [...nodes, ...ports, ...links.map(({ document }) => document)])
    for (const name of Object.keys(tags ?? {})) names.add(name);
  return [...names];
}

export function nodeTag(topology: Topology, node: string, tag: string): string | null {
  return tagOf(topology?.graph.node(node)?.tags, tag);
}

export function portTag(topology: Topology, node: string, port: string, tag: string): string | null {
  return tagOf(topology?.graph.node(node)?.ports.get(port)?.tags, tag);
}

export function linkTag(topology: Topology, link: string, tag: string): string | null {
  return tagOf(topology?.graph.link(link)?.document.tags, tag);
}

function tagOf(tags: Tags | undefined, tag: string): string | null {
  return tags !== undefined && Object.hasOwn(tags, tag) ? tags[tag] : null;
}
