import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { compilePattern } from './pattern.ts';

function matches(pattern: string, text: string): boolean {
  return compilePattern(pattern).test(text);
}

describe('compilePattern', () => {
  it('matches the whole text, not a part of it', () => {
    expect(matches('10\\.', '10.0.0.1')).toBe(false);
    expect(matches('10\\..*', '10.0.0.1')).toBe(true);
    expect(matches('a|bc', 'bc')).toBe(true);
    expect(matches('', '')).toBe(true);
    expect(matches('', 'a')).toBe(false);
  });

  it.each([
    ['[a-c&&[^b]]+', 'acca', 'abc'],
    ['[a[xy]]+', 'axy', 'ab'],
    ['[]a]+', ']a', 'b'],
    ['[^]a]', 'b', ']'],
    ['[a\\-c]+', 'a-c', 'b'],
    ['[a-]+', 'a-', 'b'],
    ['\\Qa.b*\\E+', 'a.b**', 'axb'],
    ['(?i)get|post', 'PoSt', 'put'],
    ['(?i:a)b', 'Ab', 'AB'],
    ['a(?i)b', 'aB', 'AB'],
    ['(?i)[^a]', 'b', 'A'],
    ['(?s).', '\n', ''],
    ['.', 'x', '\n'],
    ['\\p{Alpha}\\p{Digit}\\p{XDigit}\\P{Upper}', 'a1Fx', 'a1FX'],
    ['\\pL+', 'äß', 'a1'],
    ['\\x41\\u0042\\x{43}\\0104\\t\\cA', 'ABCD\t\u0001', 'ABCD'],
    ['a{2}b{1,2}c{0,}', 'aabbcc', 'aabbbc'],
    ['a*+b?+c++', 'aaabc', 'aaab'],
    ['(?<name>a)(?>b)', 'ab', 'a'],
    ['.*\\bcurl\\b.*', 'a curl/7', 'libcurl/7'],
    ['a\\Bb', 'ab', 'a'],
    ['^ab$', 'ab', 'abc'],
    ['\\Aab\\z', 'ab', 'b'],
    ['(?!10\\.).*', '192.0.2.1', '10.0.0.1'],
    ['^(?=.*a)(?=.*b)\\w+$', 'xbxa', 'xbx'],
    ['(?i)(?!a).*', 'b', 'A'],
    ['(?!a).|ab', 'ab', 'a'],
    ['\\d+\\s\\w\\D\\S\\W', '12 ax-!', '12 ax--x'],
    ['a\\Rb', 'a\r\nb', 'ab'],
    ['(a|b|)*c', 'abbac', 'abd'],
  ])('%s matches %j and not %j', (pattern, yes, no) => {
    expect(matches(pattern, yes)).toBe(true);
    expect(matches(pattern, no)).toBe(false);
  });

  it.each([
    ['a)', 'unmatched )'],
    ['(a', 'missing )'],
    ['[a', 'missing ]'],
    ['*a', 'nothing to repeat'],
    ['a**', 'nothing to repeat'],
    ['a{2', 'bad repetition'],
    ['a{3,2}', 'bad repetition range'],
    ['{', 'no repetition'],
    ['a{5000}', 'repetitions'],
    ['(a{1000}){1000}', 'too large'],
    ['(a)\\1', 'back references'],
    ['\\k<a>', 'back references'],
    ['(?<=a)b', 'lookbehind'],
    ['a(?=b)', 'lookahead'],
    ['\\y', 'unknown escape'],
    ['\\', 'at the end'],
    ['[b-a]', 'bad range'],
    ['\\p{Nonsense}', 'unknown character property'],
    ['\\xZZ', 'bad character code'],
    ['(?q)a', 'unsupported flag'],
    ['('.repeat(40) + ')'.repeat(40), 'too deeply'],
    ['a'.repeat(2000), 'longer than'],
  ])('refuses %.30j: %s', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'FLOW_BAD_PATTERN' }));
    expect(() => compilePattern(pattern)).toThrow(reason);
  });

  it('takes time proportional to the text where backtracking takes forever', () => {
    const text = `${'a'.repeat(60_000)}b`;
    const begin = process.cpuUsage().user;
    for (const pattern of ['(a+)+', '(a|aa)+', '(.*)(.*)(.*)(.*)c', '(a?){50}a{50}']) {
      expect(matches(pattern, text)).toBe(false);
    }
    expect(process.cpuUsage().user - begin).toBeLessThan(2_000_000);
  });

  it('stays bounded when a pattern has very many states', () => {
    const pattern = compilePattern('.*a.{14}');
    const random = fc.sample(
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 3000, maxLength: 3000 }),
      3,
    );
    for (const text of random) expect(pattern.test(text)).toBe(text[text.length - 15] === 'a');
  });

  it('agrees with RegExp where the two languages are one', () => {
    const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
      atom: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom('a', 'b', '-', '.', '[ab]', '[^a]', '\\w', '\\W', '\\b', '\\B', '^', '$', '[a-c]'),
        tie('pattern').map((inner) => `(?:${inner})`),
      ),
      pattern: fc
        .array(
          fc.array(
            fc
              .tuple(tie('atom'), fc.constantFrom('', '', '?', '*', '+', '{2}', '{0,2}', '*?'))
              .map(([atom, times]) => (/^(\^|\$|\\[bB])$/.test(atom) ? atom : atom + times)),
            { maxLength: 4 },
          ),
          { minLength: 1, maxLength: 3 },
        )
        .map((branches) => branches.map((items) => items.join('')).join('|')),
    }));
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 6 }),
        (source, text) => {
          expect(matches(source, text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('throws nothing but WeirError', () => {
    const unit = fc.constantFrom(...'ab(){}[]^$|?*+\\.-&=!<>:,0123pPQEdwsbuxkiR'.split(''));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (source) => {
        try {
          compilePattern(source).test('ab');
        } catch (error) {
          expect(isWeirError(error, 'FLOW_BAD_PATTERN')).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
