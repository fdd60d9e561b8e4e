import { describe, expect, it } from 'vitest';
import { AnswerCache } from './answer-cache.ts';

/** A cache over answers that take `cost` ms each; the answers are numbered. */
function cacheOf(cost: number) {
  const cache = new AnswerCache();
  let now = 0;
  let found = 0;
  return {
    cache,
    wait: (ms: number) => {
      now += ms;
    },
    ask: (question: string) =>
      cache.answer(
        question,
        () => {
          now += cost;
          return ++found;
        },
        () => now,
      ),
  };
}

describe('answer cache', () => {
  it('finds cheap answers anew each time', () => {
    const { ask } = cacheOf(0.2);
    expect([ask('a'), ask('a'), ask('a')]).toEqual([1, 2, 3]);
  });

  it('gives a dear answer again for fifty times its cost', () => {
    const { ask, wait } = cacheOf(1);
    expect(ask('a')).toBe(1);
    wait(48);
    expect(ask('a')).toBe(1);
    expect(ask('b')).toBe(2);
    wait(1);
    expect(ask('a')).toBe(3);
  });

  it('never for longer than a tenth of a second', () => {
    const { ask, wait } = cacheOf(50);
    expect(ask('a')).toBe(1);
    wait(99);
    expect(ask('a')).toBe(1);
    wait(1);
    expect(ask('a')).toBe(2);
  });

  it('forgets when something changes, and keeps a bounded number', () => {
    const { ask, cache } = cacheOf(10);
    ask('a');
    cache.clear();
    expect(ask('a')).toBe(2);
    for (let i = 0; i < 1000; i++) ask(`question ${i}`);
    expect(ask('a')).toBe(1003);
  });
});
