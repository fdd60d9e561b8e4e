import { expect, it } from 'vitest';
import { RecentCache } from './recent-cache.ts';

it('keeps what is set, and what replaces it', () => {
  const cache = new RecentCache<string, number>(10);
  cache.set('a', 1);
  cache.set('a', 2);
  expect(cache.get('a')).toBe(2);
  expect(cache.get('b')).toBeUndefined();
  expect(cache.size).toBe(1);
});

it('never holds more than it may', () => {
  const cache = new RecentCache<number, number>(100);
  for (let i = 0; i < 1000; i++) {
    cache.set(i, i);
    if (i % 3 === 0) cache.get(i >> 1);
    expect(cache.size).toBeLessThanOrEqual(100);
  }
  expect(cache.get(999)).toBe(999);
});

it('keeps what is used through a flood of what is not', () => {
  const cache = new RecentCache<string, number>(100);
  cache.set('used', 1);
  cache.set('unused', 1);
  for (let i = 0; i < 10_000; i++) {
    cache.set(`flood ${i}`, i);
    if (i % 40 === 0) expect(cache.get('used')).toBe(1);
  }
  expect(cache.get('unused')).toBeUndefined();
});

it('gives the newer value of a key in both generations', () => {
  const cache = new RecentCache<string, number>(4);
  cache.set('a', 1);
  cache.set('b', 1);
  cache.set('a', 2);
  cache.set('c', 1);
  expect(cache.get('a')).toBe(2);
});

it('forgets all when it is cleared', () => {
  const cache = new RecentCache<string, number>(4);
  for (const key of ['a', 'b', 'c']) cache.set(key, 1);
  cache.clear();
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined]);
});
