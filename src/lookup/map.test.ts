import { expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { createMap } from './map.ts';

it('finds the label of a value', () => {
  const map = createMap({ web: ['80', '443'], mail: ['25'], none: [] });
  expect(map.labels).toEqual(['web', 'mail', 'none']);
  expect(['80', '443', '25', '8', '', 'web'].map((value) => map.lookup(value))).toEqual([
    0, 0, 1, -1, -1, -1,
  ]);
});

it('gives the last label of a value that several list', () => {
  const map = createMap({ a: ['x', 'y'], b: ['x'] });
  expect(map.lookup('x')).toBe(1);
  expect(map.lookup('y')).toBe(0);
});

it('is not confused by names of object members', () => {
  const map = createMap(JSON.parse('{"__proto__": ["constructor"]}'));
  expect(map.labels[map.lookup('constructor')]).toBe('__proto__');
  expect(map.lookup('toString')).toBe(-1);
});

it.each([[{}], [[]], [null], [7], [{ x: 'y' }], [{ x: [80] }], [{ x: [['80']] }]])(
  '%j is refused',
  (content) => {
    expect(() => createMap(content)).toThrow(expect.toSatisfy((error) => isWeirError(error, 'MAP_BAD')));
  },
);

it('names the label and the value that is wrong', () => {
  expect(() => createMap({ good: ['1'], bad: ['2', 443] })).toThrow('label "bad": 443 must be a string');
});
