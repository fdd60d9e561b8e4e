import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diameter } from './diameter.ts';
import { arbitraryLinks, edgesOf } from './testing/arbitrary-links.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';

function linked(...pairs: [string, string][]) {
  return topologyOf({
    links: Object.fromEntries(pairs.map(([node1, node2], i) => [`L${i}`, { node1, node2 }])),
  });
}

describe('topologyDiameter', () => {
  it('is 0 without a topology or without links', () => {
    expect(diameter(undefined)).toBe(0);
    expect(diameter(topologyOf({ nodes: FABRIC.nodes }))).toBe(0);
  });

  it('is 1 for a triangle, 2 for a leaf and spine', () => {
    expect(diameter(linked(['a', 'b'], ['b', 'c'], ['c', 'a']))).toBe(1);
    expect(diameter(topologyOf(FABRIC))).toBe(2);
  });

  it('is that of the widest part when there are several', () => {
    expect(diameter(linked(['a', 'b'], ['x', 'y'], ['y', 'z']))).toBe(2);
  });

  it('spans more nodes than are searched from at a time', () => {
    expect(
      diameter(linked(...Array.from({ length: 99 }, (_, i): [string, string] => [`${i}n`, `${i + 1}n`]))),
    ).toBe(99);
  });

  it('equals the longest distance of all pairs', () => {
    fc.assert(
      fc.property(arbitraryLinks, (links) => {
        expect(diameter(topologyOf({ links }))).toBe(longestDistance(edgesOf(links)));
      }),
      { numRuns: 500 },
    );
  });
});

/** By Floyd and Warshall. */
function longestDistance(edges: readonly [name: string, one: string, other: string][]): number {
  const nodes = [...new Set(edges.flatMap(([, one, other]) => [one, other]))];
  const distance = new Map<string, number>();
  const between = (one: string, other: string) =>
    one === other ? 0 : (distance.get(`${one} ${other}`) ?? Number.POSITIVE_INFINITY);
  for (const [, one, other] of edges) {
    distance.set(`${one} ${other}`, 1);
    distance.set(`${other} ${one}`, 1);
  }
  for (const middle of nodes)
    for (const one of nodes)
      for (const other of nodes)
        distance.set(
          `${one} ${other}`,
          Math.min(between(one, other), between(one, middle) + between(middle, other)),
        );
  return Math.max(0, ...[...distance.values()].filter(Number.isFinite));
}
