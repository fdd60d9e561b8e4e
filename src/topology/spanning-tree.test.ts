import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimumSpanningTree } from './spanning-tree.ts';
import { arbitraryLinks, edgesOf } from './testing/arbitrary-links.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';

describe('topologyMinimumSpanningTree', () => {
  it('is [] without a topology', () => {
    expect(minimumSpanningTree(undefined)).toEqual([]);
  });

  it('is every link of a tree, and all but one of a ring', () => {
    expect(minimumSpanningTree(topologyOf(FABRIC))).toEqual(['L1', 'L2']);
    const L3 = { node1: 'leaf1', node2: 'leaf2' };
    expect(minimumSpanningTree(topologyOf({ ...FABRIC, links: { ...FABRIC.links, L3 } }))).toEqual([
      'L1',
      'L2',
    ]);
  });

  it('connects what the links connect, with no link to spare', () => {
    fc.assert(
      fc.property(arbitraryLinks, (links) => {
        const edges = edgesOf(links);
        const tree = minimumSpanningTree(topologyOf({ links }));
        const chosen = edges.filter(([name]) => tree.includes(name));
        const nodes = new Set(edges.flatMap(([, one, other]) => [one, other]));
        expect(chosen).toHaveLength(tree.length);
        expect(parts(chosen, nodes)).toEqual(parts(edges, nodes));
        expect(tree.length).toBe(nodes.size - new Set(parts(edges, nodes).values()).size);
      }),
      { numRuns: 500 },
    );
  });
});

/** Node → the least name in its part of the network, by spreading names until nothing changes. */
function parts(
  edges: readonly [name: string, one: string, other: string][],
  nodes: Iterable<string>,
): Map<string, string> {
  const part = new Map([...nodes].map((node) => [node, node]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [, one, other] of edges) {
      const [first, second] = [part.get(one)!, part.get(other)!];
      if (first === second) continue;
      const [least] = [first, second].sort();
      part.set(one, least).set(other, least);
      changed = true;
    }
  }
  return part;
}
