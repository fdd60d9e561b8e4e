import { describe, expect, it } from 'vitest';
import { createColorKeeper, keyParts, topSeries } from './top-series.ts';

describe('topSeries', () => {
  it('finds the largest keys; empty moments are zero', () => {
    expect(topSeries([0, { a: 1, b: 5 }, null, { a: 10 }], 5)).toEqual({
      keys: ['a', 'b'],
      values: [
        [0, 1, 0, 10],
        [0, 5, 0, 0],
      ],
      other: undefined,
    });
  });

  it('adds up what is left over', () => {
    const { keys, other } = topSeries(
      [
        { a: 9, b: 5, c: 1 },
        { c: 2, d: 3, e: 'x' },
      ],
      2,
    );
    expect([keys, other]).toEqual([
      ['a', 'b'],
      [1, 5],
    ]);
  });

  it('takes names of the language for names', () => {
    expect(topSeries([JSON.parse('{"__proto__": 1, "constructor": 2}')], 5).keys).toEqual([
      'constructor',
      '__proto__',
    ]);
  });
});

describe('colours', () => {
  it('stay with their keys, and come free when these leave', () => {
    const keep = createColorKeeper(5);
    expect(keep(['a', 'b', 'c'])).toEqual([0, 1, 2]);
    expect(keep(['c', 'a'])).toEqual([2, 0]);
    expect(keep(['d', 'c', 'a', 'e'])).toEqual([1, 2, 0, 3]);
  });

  it('are used again when there are too few', () => {
    const keep = createColorKeeper(2);
    const colors = keep(['a', 'b', 'c', 'd', 'e']);
    expect(colors.slice(0, 2)).toEqual([0, 1]);
    expect(colors.every((color) => color === 0 || color === 1)).toBe(true);
  });
});

it('keyParts gives a part to each column', () => {
  expect(keyParts('a,b,c', ',', 3)).toEqual(['a', 'b', 'c']);
  expect(keyParts('a,b,c', ',', 2)).toEqual(['a', 'b,c']);
  expect(keyParts('a,b', ',', 1)).toEqual(['a,b']);
  expect(keyParts('a_SEP_b', '_SEP_', 2)).toEqual(['a', 'b']);
  expect(keyParts('a', ',', 3)).toEqual(['a']);
});
