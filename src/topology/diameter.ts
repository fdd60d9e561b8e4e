import type { ResolvedTopology } from './resolved.ts';

/** Steps looked at before the search ends with the longest distance seen so far: about a second. */
const WORK_LIMIT = 50_000_000;

/** Nodes that are searched from at the same time: bits of a word. */
const BATCH = 32;

/**
 * Links on the longest of all shortest paths (a triangle: 1); 0 without a topology or links. Of a network in several
 * parts that of the part with the longest. The work is bounded: from tens of thousands of nodes on it may be an
 * estimate, never above the true one.
 */
export function diameter(topology: ResolvedTopology | undefined): number {
  if (topology === undefined) return 0;
  const { first, to, nodeCount } = topology.graph.adjacency;
  // One bit for each node of a batch: who has been reached from it before, in this round, in the round before.
  const reached = new Int32Array(nodeCount);
  const arriving = new Int32Array(nodeCount);
  const arrived = new Int32Array(nodeCount);
  let longest = 0;
  let work = 0;
  for (let base = 0; base < nodeCount && work < WORK_LIMIT; base += BATCH) {
    reached.fill(0);
    let frontier: number[] = [];
    for (let node = base; node < Math.min(base + BATCH, nodeCount); node++) {
      reached[node] = arrived[node] = 1 << (node - base);
      frontier.push(node);
    }
    for (let distance = 0; frontier.length > 0; distance++) {
      longest = Math.max(longest, distance);
      const next: number[] = [];
      for (const node of frontier) {
        work += first[node + 1] - first[node];
        for (let step = first[node]; step < first[node + 1]; step++) {
          const neighbour = to[step];
          const fresh = arrived[node] & ~reached[neighbour];
          if (fresh === 0) continue;
          if (arriving[neighbour] === 0) next.push(neighbour);
          arriving[neighbour] |= fresh;
        }
      }
      for (const node of next) {
        arrived[node] = arriving[node];
        reached[node] |= arriving[node];
        arriving[node] = 0;
      }
      frontier = next;
    }
    work += nodeCount;
  }
  return longest;
}
