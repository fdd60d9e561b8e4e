import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { parseFilter } from './parse-filter.ts';

const test = (name: string, ...values: string[]) => ({
  kind: 'test',
  key: { name },
  operator: 'equal',
  negated: false,
  values,
});

function badFilter(reason: string) {
  return expect.objectContaining({ code: 'FLOW_BAD_FILTER', message: expect.stringContaining(reason) });
}

describe('parseFilter', () => {
  it.each([
    ['k=v', 'equal', false],
    ['k!=v', 'equal', true],
    ['k~v', 'match', false],
    ['k!~v', 'match', true],
  ])('5.3: the operators: %s', (text, operator, negated) => {
    expect(parseFilter(text)).toMatchObject({
      kind: 'test',
      key: { name: 'k' },
      operator,
      negated,
      values: ['v'],
    });
  });

  it.each(['k==v', 'k<5', 'k>5', 'k<=5', 'k=', 'k', 'k!', '=v', 'k=a&j'])(
    '5.3: no other operators, no value or key left out: %s',
    (text) => {
      expect(() => parseFilter(text)).toThrow(badFilter('at character'));
    },
  );

  it('5.3: & and | join, parentheses group', () => {
    expect(parseFilter('a=1&b=2&c=3')).toMatchObject({
      kind: 'and',
      terms: [test('a', '1'), test('b', '2'), test('c', '3')],
    });
    expect(parseFilter('a=1|(b=2&c=3)')).toMatchObject({
      kind: 'or',
      terms: [test('a', '1'), { kind: 'and', terms: [test('b', '2'), test('c', '3')] }],
    });
  });

  it('5.3: & and | at one level without parentheses are refused', () => {
    expect(() => parseFilter('a=1&b=2|c=3')).toThrow(badFilter('mixed; use parentheses, at character 8'));
    expect(() => parseFilter('(a=1|b=2&c=3)')).toThrow(badFilter('mixed'));
  });

  it('5.3: ! needs parentheses', () => {
    expect(parseFilter('!(a=1)')).toMatchObject({ kind: 'not', term: test('a', '1') });
    expect(parseFilter('! ( a=1 )')).toMatchObject({ kind: 'not', term: test('a', '1') });
    expect(() => parseFilter('!a=1')).toThrow(badFilter('! must be followed by ('));
  });

  it('5.3: the key is a key or function exactly as in keys', () => {
    expect(parseFilter('group:ipsource:g=a,b')).toMatchObject({
      key: { text: 'group:ipsource:g' },
      values: ['a', 'b'],
    });
    expect(parseFilter('range:tcpsourceport:0:1023=true')).toMatchObject({
      key: { text: 'range:tcpsourceport:0:1023' },
    });
    expect(parseFilter('or:a:b=x')).toMatchObject({ key: { text: 'or:a:b' } });
    expect(parseFilter('concat:\\&:a:b=x\\&y')).toMatchObject({
      key: { args: ['&', {}, {}] },
      values: ['x&y'],
    });
    expect(() => parseFilter('a=1&[b]=2')).toThrow(
      badFilter('brackets are for functions only, at character 5'),
    );
    expect(() => parseFilter('foo:a=1')).toThrow(badFilter('unknown function'));
    expect(parseFilter('nobody_knows_this=1')).toMatchObject({ key: { name: 'nobody_knows_this' } });
  });

  it('5.3: values may be quoted; quotes are removed', () => {
    expect(parseFilter('k="a b,c=(d)|&"')).toMatchObject({ values: ['a b,c=(d)|&'] });
    expect(parseFilter('k=\'it is "so"\'')).toMatchObject({ values: ['it is "so"'] });
    expect(parseFilter('k="say \\"hi\\""')).toMatchObject({ values: ['say "hi"'] });
    expect(parseFilter('k=""')).toMatchObject({ values: [''] });
    expect(() => parseFilter('k="abc')).toThrow(badFilter('a quote is not closed, at character 3'));
    expect(() => parseFilter('k="a"b')).toThrow(badFilter('unexpected "b"'));
  });

  it('5.3: backslashes escape the signs of the grammar, and stay in a regular expression', () => {
    const filter = parseFilter('k~\\(a\\|b\\)\\.c');
    expect(filter).toMatchObject({ values: ['(a|b)\\.c'] });
    expect(
      filter.kind === 'test' && ['a.c', 'b.c', 'axc', '(a'].map((text) => filter.patterns[0].test(text)),
    ).toEqual([true, true, false, false]);
    expect(parseFilter('k~"(a|b)\\.c"')).toMatchObject({ values: ['(a|b)\\.c'] });
    expect(parseFilter('k=a\\,b,c')).toMatchObject({ values: ['a,b', 'c'] });
  });

  it('5.3: blanks around tokens are ignored, inside an unquoted value refused', () => {
    expect(parseFilter('  a = 1 , 2  &  ( b != 3 ) ')).toMatchObject({
      terms: [test('a', '1', '2'), { ...test('b', '3'), negated: true }],
    });
    expect(() => parseFilter('a=b c')).toThrow(badFilter('a blank in a value'));
    expect(() => parseFilter('a b=c')).toThrow(badFilter('a blank'));
  });

  it('5.3: a second = in a value and an empty list item are refused', () => {
    expect(() => parseFilter('k=a=b')).toThrow(badFilter('= in a value; use quotes, at character 4'));
    expect(() => parseFilter('k=80,')).toThrow(badFilter('a value is missing'));
    expect(() => parseFilter('k=80,,90')).toThrow(badFilter('a value is missing'));
    expect(() => parseFilter('k=a(b')).toThrow(badFilter('( in a value'));
  });

  it('5.3: empty filters pass everything', () => {
    for (const text of ['', '  ', '()', ' ( ) ']) expect(parseFilter(text)).toEqual({ kind: 'pass' });
    expect(parseFilter('()&a=1')).toMatchObject({ kind: 'and', terms: [{ kind: 'pass' }, test('a', '1')] });
  });

  it('5.3: a stray trailing & or ) is tolerated, anything else stray is not', () => {
    for (const text of ['a=1&', 'a=1)', 'a=1 & ', '(a=1))'])
      expect(parseFilter(text)).toMatchObject(test('a', '1'));
    for (const text of [
      '(a=1',
      '((a=1)',
      '&a=1',
      'a=1&&b=2',
      'a=1|',
      ')',
      '(a=1&)',
      'a=1)b=2',
      '(a=1) b=2',
    ]) {
      expect(() => parseFilter(text)).toThrow(badFilter('at character'));
    }
  });

  it('5.3: the word null matches absence', () => {
    expect(parseFilter('k=null')).toMatchObject({ orAbsent: true });
    expect(parseFilter('k=a,null')).toMatchObject({ orAbsent: true, values: ['a', 'null'] });
    expect(parseFilter('k=nulls')).toMatchObject({ orAbsent: false });
  });

  it('5.3: a bad regular expression is refused, with its place', () => {
    expect(() => parseFilter('a=1&k~"(a"')).toThrow(badFilter('in the pattern at character 7: missing )'));
  });

  it('is bounded', () => {
    expect(() => parseFilter('a=1&'.repeat(1500))).toThrow(badFilter('more than 1000 tests'));
    expect(() => parseFilter(`${'('.repeat(100)}a=1`)).toThrow(badFilter('nested too deeply'));
    expect(() => parseFilter(`a=${'b'.repeat(20_000)}`)).toThrow(badFilter('longer than'));
  });

  it('throws nothing but FLOW_BAD_FILTER', () => {
    const unit = fc.constantFrom(...'ab=~!&|()"\'\\, :[].*+{?null1é'.split(''), 'k=v', '&', 'or:');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        try {
          parseFilter(text);
        } catch (error) {
          expect(isWeirError(error, 'FLOW_BAD_FILTER')).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
