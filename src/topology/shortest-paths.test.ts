import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PathStep, shortestPath, shortestPaths } from './shortest-paths.ts';
import { arbitraryLinks, edgesOf } from './testing/arbitrary-links.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';

const fabric = topologyOf(FABRIC);

describe('topologyShortestPath', () => {
  it('names each link in the direction it is walked', () => {
    expect(shortestPath(fabric, 'leaf1', 'leaf2')).toEqual([
      { linkname: 'L1', startnode: 'leaf1', startport: 'swp1', endnode: 'spine1', endport: 'swp1' },
      { linkname: 'L2', startnode: 'spine1', startport: 'swp2', endnode: 'leaf2', endport: 'swp1' },
    ]);
  });

  it('is [] from a node to itself', () => {
    expect(shortestPath(fabric, 'leaf1', 'leaf1')).toEqual([]);
  });

  it('does not need agents, and leaves out ports that links do not name', () => {
    const topology = topologyOf({ links: { l: { node1: 'a', node2: 'b', port2: 'p' } } });
    expect(shortestPath(topology, 'a', 'b')).toEqual([
      { linkname: 'l', startnode: 'a', endnode: 'b', endport: 'p' },
    ]);
  });

  it('is null between parts that are not connected', () => {
    const topology = topologyOf({ links: { l: { node1: 'a', node2: 'b' }, m: { node1: 'c', node2: 'd' } } });
    expect(shortestPath(topology, 'a', 'c')).toBeNull();
  });

  it.each([
    ['unknown', 'nowhere'],
    ['without a link', 'alone'],
    ['linked to itself only', 'self'],
  ])('throws for a node that is %s', (_, node) => {
    const topology = topologyOf({
      nodes: { ...FABRIC.nodes, alone: {} },
      links: { ...FABRIC.links, self: { node1: 'self', node2: 'self' } },
    });
    expect(() => shortestPath(topology, 'leaf1', node)).toThrow('Graph must contain the sink vertex!');
    expect(() => shortestPath(topology, node, 'leaf1')).toThrow('Graph must contain the source vertex!');
    expect(() => shortestPath(topology, node, node)).toThrow('Graph must contain');
  });

  it('throws without a topology', () => {
    expect(() => shortestPath(undefined, 'leaf1', 'leaf2')).toThrow('Graph must contain the source vertex!');
  });
});

describe('topologyShortestPaths', () => {
  const square = topologyOf({
    links: {
      ab: { node1: 'a', node2: 'b' },
      bc: { node1: 'b', node2: 'c' },
      bc2: { node1: 'c', node2: 'b' },
      cd: { node1: 'c', node2: 'd' },
      da: { node1: 'd', node2: 'a' },
      ac: { node1: 'a', node2: 'c' },
    },
  });

  it('gives the shortest first, and links side by side each a path', () => {
    expect(names(shortestPaths(square, 'a', 'c', 10)!)).toEqual(['ac', 'ab bc', 'da cd', 'ab bc2']);
  });

  it('gives no more than asked for', () => {
    expect(names(shortestPaths(square, 'a', 'c', 2)!)).toEqual(['ac', 'ab bc']);
    expect(shortestPaths(square, 'a', 'c', 0)).toEqual([]);
    expect(shortestPaths(square, 'a', 'c', -1)).toEqual([]);
  });

  it('is null without a number', () => {
    expect(shortestPaths(square, 'a', 'c', undefined)).toBeNull();
  });

  it('is the one empty path from a node to itself', () => {
    expect(shortestPaths(square, 'a', 'a', 3)).toEqual([[]]);
  });

  it('finds every path, in the order of their length, as trying all does', () => {
    fc.assert(
      fc.property(arbitraryLinks, fc.integer({ min: 1, max: 40 }), (links, count) => {
        const edges = edgesOf(links);
        fc.pre(edges.length > 0);
        const [from, to] = [edges[0][1], edges[edges.length - 1][2]];
        const found = shortestPaths(topologyOf({ links }), from, to, count)!;
        const all = allPaths(edges, from, to).sort((one, other) => one.length - other.length);
        expect(found.map((path) => path.length)).toEqual(all.slice(0, count).map((path) => path.length));
        const known = new Set(all.map((path) => path.join(' ')));
        const foundNames = names(found);
        expect(new Set(foundNames).size).toBe(found.length);
        expect(foundNames.every((path) => known.has(path))).toBe(true);
        for (const path of found) expectConnected(path, from, to);
      }),
      { numRuns: 500 },
    );
  });

  it('ends early rather than search for minutes', () => {
    const size = 40;
    const links: Record<string, object> = {};
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) links[`${i}-${j}`] = { node1: `n${i}`, node2: `n${j}` };
    const started = performance.now();
    expect(shortestPaths(topologyOf({ links }), 'n0', 'n1', 1e9)!.length).toBeGreaterThan(1000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

/** Links of each path. */
function names(paths: readonly PathStep[][]): string[] {
  return paths.map((path) => path.map(({ linkname }) => linkname).join(' '));
}

function expectConnected(path: readonly PathStep[], from: string, to: string): void {
  let at = from;
  for (const { startnode, endnode } of path) {
    expect(startnode).toBe(at);
    at = endnode;
  }
  expect(at).toBe(to);
}

function allPaths(
  edges: readonly [name: string, one: string, other: string][],
  from: string,
  to: string,
  past: readonly string[] = [],
): string[][] {
  if (from === to) return [[]];
  return edges.flatMap(([name, one, other]) => {
    const next = one === from ? other : other === from ? one : undefined;
    if (next === undefined || past.includes(next)) return [];
    return allPaths(edges, next, to, [...past, from]).map((rest) => [name, ...rest]);
  });
}
