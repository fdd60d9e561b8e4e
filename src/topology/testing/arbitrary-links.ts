import fc from 'fast-check';
import type { LinkDocument } from '../document.ts';

/** Links between a few nodes `a`…`g`: some side by side, some from a node to itself, some with an end missing. */
export const arbitraryLinks: fc.Arbitrary<Record<string, LinkDocument>> = fc
  .array(fc.tuple(arbitraryEnd(), arbitraryEnd()), { minLength: 1, maxLength: 12 })
  .map((ends) =>
    Object.fromEntries(
      ends.map(([node1, node2], i) => [
        `L${i}`,
        {
          ...(node1 !== '' && { node1, port1: `to${i}` }),
          ...(node2 !== '' && { node2, port2: `from${i}` }),
        },
      ]),
    ),
  );

function arbitraryEnd(): fc.Arbitrary<string> {
  return fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', '');
}

/** Links that lead from one node to another. */
export function edgesOf(links: Record<string, LinkDocument>): [name: string, one: string, other: string][] {
  return Object.entries(links).flatMap(([name, { node1, node2 }]) =>
    node1 === undefined || node2 === undefined || node1 === node2 ? [] : [[name, node1, node2]],
  );
}
