import type { LinkEnd, TopologyNode } from './model.ts';

/**
 * The links of a graph as steps from node to node, in arrays: for walks over a whole network. The steps of node
 * `n` are `first[n]` up to `first[n + 1]`, in the order of the links; each leads to node `to[step]`. Links that lack a
 * node, or lead back to the node they start from, are no steps.
 */
export class Adjacency {
  readonly nodeCount: number;
  readonly first: Int32Array;
  readonly to: Int32Array;
  /** The end of the link where a step starts. */
  readonly ends: readonly LinkEnd[];

  constructor(nodes: readonly TopologyNode[]) {
    const ends: LinkEnd[] = [];
    this.nodeCount = nodes.length;
    this.first = new Int32Array(nodes.length + 1);
    for (const node of nodes) {
      for (const end of node.ends)
        if (end.opposite !== undefined && end.opposite.node !== node) ends.push(end);
      this.first[node.index + 1] = ends.length;
    }
    this.ends = ends;
    this.to = Int32Array.from(ends, ({ opposite }) => opposite!.node.index);
  }

  hasSteps(node: number): boolean {
    return this.first[node] < this.first[node + 1];
  }
}
