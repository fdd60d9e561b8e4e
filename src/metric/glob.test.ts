import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.ts';

describe('8.1 filter patterns', () => {
  it.each([
    ['*web.*', 'frontweb.example', true],
    ['*web.*', 'web', false],
    ['web?', 'web1', true],
    ['web?', 'web', false],
    ['web[12]', 'web2', true],
    ['web[12]', 'web3', false],
    ['web[0-9a]x', 'web7x', true],
    ['web[0-9a]x', 'webax', true],
    ['web[!0-9]', 'webx', true],
    ['web[!0-9]', 'web5', false],
    ['Web', 'web', false],
    ['we', 'web', false],
    ['1000000000', '1000000000', true],
    ['1.0E9', '1000000000', false],
    ['a.c', 'abc', false],
    ['(a|b)+$', '(a|b)+$', true],
    ['a,b', 'a', false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['[', '[', true],
    ['a[b', 'a[b', true],
    ['[]]', ']', true],
    ['[!]', '!', true],
    ['[a-]', '-', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['\\', '\\', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern).matches(text)).toBe(expected);
  });

  it('equals a naive matcher', () => {
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 10 });
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(compileGlob(pattern).matches(text)).toBe(naive(pattern, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('stays quick on a pattern that would ruin a backtracking matcher', () => {
    const text = 'a'.repeat(20_000);
    const started = performance.now();
    expect(compileGlob(`${'*a'.repeat(50)}*b`).matches(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && naive(pattern.slice(1), text.slice(1))
  );
}
