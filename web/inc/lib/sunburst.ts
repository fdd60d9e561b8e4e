export interface SunburstNode {
  readonly name?: string;
  /** Of a leaf; a node with children has their sum. */
  readonly value?: number;
  readonly color?: string;
  readonly children?: readonly SunburstNode[];
}

/** A part of a ring. */
export interface Segment {
  readonly node: SunburstNode;
  readonly value: number;
  /** Ring, 1 is innermost. */
  readonly depth: number;
  /** Parts of a turn, 0 to 1. */
  readonly from: number;
  readonly to: number;
  /** Place of the innermost ancestor among its siblings: they share a hue. */
  readonly branch: number;
}

const DEEPEST = 12;

/** The sum of a node: its children's, or its own value; what is no positive number is 0. */
export function sumOf(node: SunburstNode, depth = 0): number {
  const { children, value } = node;
  if (Array.isArray(children) && children.length > 0 && depth < DEEPEST)
    return children.reduce((sum, child) => sum + sumOf(child, depth + 1), 0);
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 0;
}

/** The segments of all rings around the root. */
export function segmentsOf(root: SunburstNode): Segment[] {
  const segments: Segment[] = [];
  const visit = (node: SunburstNode, from: number, to: number, depth: number, branch: number): void => {
    const children = Array.isArray(node.children) ? node.children : [];
    const whole = sumOf(node);
    if (whole === 0 || depth >= DEEPEST) return;
    let at = from;
    for (const [i, child] of children.entries()) {
      const value = sumOf(child);
      if (value === 0) continue;
      const end = at + ((to - from) * value) / whole;
      const own = depth === 0 ? i : branch;
      segments.push({ node: child, value, depth: depth + 1, from: at, to: end, branch: own });
      visit(child, at, end, depth + 1, own);
      at = end;
    }
  };
  visit(root, 0, 1, 0, 0);
  return segments;
}
