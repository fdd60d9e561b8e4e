import { WeirError } from '../common/index.ts';
import { quote } from '../lookup/content.ts';
import type { Adjacency } from './adjacency.ts';
import { present } from './present.ts';
import type { ResolvedTopology } from './resolved.ts';

/** One link of a path, in the direction it is walked. Ports only where the link names them. */
export interface PathStep {
  linkname: string;
  startnode: string;
  startport?: string;
  endnode: string;
  endport?: string;
}

/** Links looked at in one search for several paths: about a second. What was found by then is the answer. */
const WORK_LIMIT = 50_000_000;

/**
 * A path over the fewest links, `[]` from a node to itself, null when there is none. Of several always the same.
 * Throws WeirError TOPOLOGY_NO_VERTEX for a node that is unknown or has no link to another.
 */
export function shortestPath(
  topology: ResolvedTopology | undefined,
  from: string,
  to: string,
): PathStep[] | null {
  return shortestPaths(topology, from, to, 1)?.[0] ?? null;
}

/**
 * Up to `count` paths without a repeated node, the shortest first; links side by side make paths of their own. null
 * without a count. Throws as `shortestPath` does. The work is bounded: in a network so large that it would take
 * seconds, there may be fewer paths than exist.
 */
export function shortestPaths(
  topology: ResolvedTopology | undefined,
  from: string,
  to: string,
  count: number | undefined,
): PathStep[][] | null {
  if (count === undefined) return null;
  const source = vertex(topology, from, 'source');
  const sink = vertex(topology, to, 'sink');
  const { adjacency } = topology!.graph;
  return new PathSearch(adjacency, source, sink)
    .shortest(count)
    .map((steps) => steps.map((step) => pathStep(adjacency, step)));
}

/** Place of a node that has steps. */
function vertex(topology: ResolvedTopology | undefined, name: string, role: 'source' | 'sink'): number {
  const node = topology?.graph.node(name);
  if (node === undefined || !topology!.graph.adjacency.hasSteps(node.index))
    throw new WeirError(
      'TOPOLOGY_NO_VERTEX',
      `Graph must contain the ${role} vertex! The node ${quote(name)} is unknown or has no link.`,
    );
  return node.index;
}

function pathStep({ ends }: Adjacency, step: number): PathStep {
  const { link, node, port, opposite } = ends[step];
  return present<PathStep>({
    linkname: link.name,
    startnode: node.name,
    startport: port?.name,
    endnode: opposite!.node.name,
    endport: opposite!.port?.name,
  });
}

/** Steps of a path; before `branch` they are those of the path that it was derived from. */
interface Path {
  readonly steps: readonly number[];
  readonly branch: number;
}

/**
 * The shortest paths between two nodes, found by Yen's method as Lawler improved it: each next path leaves one of those
 * before it at some node and returns to the sink on a detour. A path is branched only from where it itself branched
 * off, so that none is found twice.
 */
class PathSearch {
  private readonly adjacency: Adjacency;
  private readonly source: number;
  private readonly sink: number;
  private readonly found: Path[] = [];
  /** Paths yet to be taken, by their length. */
  private readonly candidates: Path[][] = [];
  private work = 0;

  /** Marks of one search each: `seen[node] === round` for visited nodes and those to stay away from. */
  private readonly seen: Int32Array;
  private readonly stepTo: Int32Array;
  private readonly queue: Int32Array;
  private round = 0;

  constructor(adjacency: Adjacency, source: number, sink: number) {
    this.adjacency = adjacency;
    this.source = source;
    this.sink = sink;
    this.seen = new Int32Array(adjacency.nodeCount);
    this.stepTo = new Int32Array(adjacency.nodeCount);
    this.queue = new Int32Array(adjacency.nodeCount);
  }

  shortest(count: number): readonly (readonly number[])[] {
    this.propose([], 0, NO_STEPS);
    while (this.found.length < count && this.work < WORK_LIMIT) {
      const path = this.candidates.find((paths) => paths?.length > 0)?.shift();
      if (path === undefined) break;
      this.found.push(path);
      if (this.found.length < count) this.branchFrom(path);
    }
    return this.found.map(({ steps }) => steps);
  }

  private branchFrom({ steps, branch }: Path): void {
    for (let at = branch; at < steps.length && this.work < WORK_LIMIT; at++) {
      const root = steps.slice(0, at);
      this.work += this.found.length;
      const taken = this.found.filter((path) => startsWith(path.steps, root)).map((path) => path.steps[at]);
      this.propose(root, at, new Set(taken));
    }
  }

  /** The shortest path that begins with `root` and goes on with none of the steps `without`, if there is one. */
  private propose(root: readonly number[], branch: number, without: ReadonlySet<number>): void {
    const { adjacency, seen } = this;
    const round = ++this.round;
    let start = this.source;
    for (const step of root) {
      seen[start] = round;
      start = adjacency.to[step];
    }
    const rest = this.walk(start, without);
    if (rest === undefined) return;
    const steps = [...root, ...rest];
    (this.candidates[steps.length] ??= []).push({ steps, branch });
  }

  /** Fewest steps to the sink past nodes that are not yet seen. */
  private walk(start: number, without: ReadonlySet<number>): number[] | undefined {
    const { adjacency, seen, stepTo, queue, round, sink } = this;
    const { first, to } = adjacency;
    seen[start] = round;
    queue[0] = start;
    for (let head = 0, tail = 1; head < tail; head++) {
      const node = queue[head];
      if (node === sink) return this.stepsBack(start);
      this.work += first[node + 1] - first[node];
      for (let step = first[node]; step < first[node + 1]; step++) {
        const next = to[step];
        if (seen[next] === round || (node === start && without.has(step))) continue;
        seen[next] = round;
        stepTo[next] = step;
        queue[tail++] = next;
      }
    }
    return undefined;
  }

  private stepsBack(start: number): number[] {
    const steps: number[] = [];
    for (let node = this.sink; node !== start; ) {
      const step = this.stepTo[node];
      steps.push(step);
      node = this.adjacency.ends[step].node.index;
    }
    return steps.reverse();
  }
}

const NO_STEPS: ReadonlySet<number> = new Set();

function startsWith(steps: readonly number[], root: readonly number[]): boolean {
  return root.every((step, i) => step === steps[i]);
}
