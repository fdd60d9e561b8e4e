import type { LinkDocument, Tags } from './document.ts';

export interface TopologyNode {
  /** Place in `TopologyGraph.nodes`. */
  readonly index: number;
  readonly name: string;
  /** Agent address that the document gives, as agents are known by. */
  readonly agent: string | undefined;
  readonly tags: Tags;
  readonly ports: ReadonlyMap<string, TopologyPort>;
  /** Ends of links at this node, in the order of the links. */
  readonly ends: readonly LinkEnd[];
}

export interface TopologyPort {
  /** Place in `TopologyGraph.ports`. */
  readonly index: number;
  readonly name: string;
  readonly node: TopologyNode;
  /** ifIndex that the document gives. */
  readonly ifIndex: string | undefined;
  readonly tags: Tags;
}

/** One end of a link, seen from its node. */
export interface LinkEnd {
  readonly link: TopologyLink;
  readonly node: TopologyNode;
  readonly port: TopologyPort | undefined;
  /** undefined: the link names no node there. */
  readonly opposite: LinkEnd | undefined;
}

export interface TopologyLink {
  readonly name: string;
  readonly document: LinkDocument;
  readonly end1: LinkEnd | undefined;
  readonly end2: LinkEnd | undefined;
}
