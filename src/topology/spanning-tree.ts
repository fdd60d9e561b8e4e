import type { ResolvedTopology } from './resolved.ts';

/**
 * Names of as few links as connect everything that is connected at all: a spanning tree of each part of the network
 * (Kruskal, all links weigh the same). Earlier links of the document go before later ones.
 */
export function minimumSpanningTree(topology: ResolvedTopology | undefined): string[] {
  if (topology === undefined) return [];
  const { nodes, links } = topology.graph;
  const parts = new DisjointSets(nodes.length);
  return links
    .filter(
      ({ end1, end2 }) =>
        end1 !== undefined && end2 !== undefined && parts.unite(end1.node.index, end2.node.index),
    )
    .map(({ name }) => name);
}

class DisjointSets {
  private readonly parents: Int32Array;

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  /** False: they were one already. */
  unite(one: number, other: number): boolean {
    const root1 = this.root(one);
    const root2 = this.root(other);
    this.parents[root1] = root2;
    return root1 !== root2;
  }

  /** Each node on the way is hung onto its grandparent, which keeps later ways short. */
  private root(start: number): number {
    const { parents } = this;
    let node = start;
    while (parents[node] !== node) node = parents[node] = parents[parents[node]];
    return node;
  }
}
