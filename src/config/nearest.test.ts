import { expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest.ts';

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['abc', 'ac', 1],
  ['ac', 'abc', 1],
  ['abc', 'axc', 1],
  ['abcd', 'acbd', 1],
  ['kitten', 'sitting', 3],
])('the distance of %s and %s is %d', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});

it('is the closest candidate, and none that is far', () => {
  expect(nearestName('flows.mx', ['flow.max', 'flows.max', 'events.max'])).toBe('flows.max');
  expect(nearestName('sevre', ['serve', 'version'])).toBe('serve');
  expect(nearestName('abc', ['xyz', 'abcde'])).toBeUndefined();
  expect(nearestName('my.setting', ['http.port'])).toBeUndefined();
});
