import { expect, it } from 'vitest';
import { segmentsOf } from './sunburst.ts';

it('children share what their parent has', () => {
  const segments = segmentsOf({
    children: [
      {
        name: 'a',
        children: [
          { name: 'a1', value: 1 },
          { name: 'a2', value: 2 },
        ],
      },
      { name: 'b', value: 1 },
      { name: 'none', value: 0 },
      { name: 'wrong', value: Number.NaN },
    ],
  });
  expect(segments.map(({ node, from, to, depth, branch }) => [node.name, from, to, depth, branch])).toEqual([
    ['a', 0, 0.75, 1, 0],
    ['a1', 0, 0.25, 2, 0],
    ['a2', 0.25, 0.75, 2, 0],
    ['b', 0.75, 1, 1, 1],
  ]);
});

it('nothing gives nothing', () => {
  expect(segmentsOf({})).toEqual([]);
  expect(segmentsOf({ children: [] })).toEqual([]);
});
