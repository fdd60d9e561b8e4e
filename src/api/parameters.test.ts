import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutPathParameters } from './dispatch.ts';
import { parseQuery, readParameters } from './parameters.ts';
import { acceptsGzip } from './send.ts';

describe('parseQuery', () => {
  it.each([
    ['/a', []],
    ['/a?', []],
    ['/a?&&', []],
    ['/a?x', [['x', ['']]]],
    ['/a?x=', [['x', ['']]]],
    ['/a?=x', [['', ['x']]]],
    [
      '/a?x=1&y=2&x=3',
      [
        ['x', ['1', '3']],
        ['y', ['2']],
      ],
    ],
    ['/a?x=a=b?c', [['x', ['a=b?c']]]],
    ['/a?x=a+b%2Bc%26d', [['x', ['a b+c&d']]]],
    ['/a?%C3%A4=%E2%82%AC', [['ä', ['€']]]],
    ['/a?x=a;b', [['x', ['a;b']]]],
  ])('%s', (target, parameters) => {
    expect([...parseQuery(target)]).toEqual(parameters);
  });

  it.each(['/a?x=%', '/a?x=%4', '/a?%zz=1', '/a?x=%ff'])('%s is refused', (target) => {
    expect(() => parseQuery(target)).toThrow(expect.objectContaining({ code: 'HTTP_BAD_ENCODING' }));
  });

  it('gives back what was encoded', () => {
    const pairs = fc.array(
      fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })),
    );
    fc.assert(
      fc.property(pairs, (given) => {
        const query = given.map(
          ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
        );
        const expected = new Map<string, string[]>();
        for (const [name, value] of given) expected.set(name, [...(expected.get(name) ?? []), value]);
        expect(parseQuery(`/a?${query.join('&')}`)).toEqual(expected);
      }),
    );
  });
});

describe('readParameters', () => {
  const schema = Type.Object({
    count: Type.Integer({ default: 5, minimum: 1 }),
    ratio: Type.Optional(Type.Number()),
    name: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
    tags: Type.Optional(Type.Array(Type.String())),
    ids: Type.Optional(Type.Array(Type.Integer())),
  });
  const read = (query: string) => ({ ...readParameters(schema, parseQuery(`?${query}`)) });

  it.each([
    ['', { count: 5 }],
    ['count=7', { count: 7 }],
    ['count=7&count=x', { count: 7 }],
    ['count=%2B007', { count: 7 }],
    ['ratio=-1.5e-3', { count: 5, ratio: -0.0015 }],
    ['ratio=1.', { count: 5, ratio: 1 }],
    ['name=abc', { count: 5, name: 'abc' }],
    ['tags=a&tags=b', { count: 5, tags: ['a', 'b'] }],
    ['ids=1&ids=2', { count: 5, ids: [1, 2] }],
    ['other=1', { count: 5 }],
  ])('?%s', (query, values) => {
    expect(read(query)).toEqual(values);
  });

  it.each([
    ['count=x', 'count must be an integer of 32 bits'],
    ['count=2147483648', 'count must be an integer of 32 bits'],
    ['count=0', 'count must be at least 1'],
    ['ratio=1e', 'ratio must be a number'],
    ['ratio=NaN', 'ratio must be a number'],
    ['name=A', 'name must match ^[a-z]+$'],
    ['ids=1&ids=x', 'ids must be an integer of 32 bits'],
  ])('?%s: %s', (query, message) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code: 'HTTP_BAD_PARAMETER', message }));
  });

  it('misses what is required', () => {
    const required = Type.Object({ key: Type.String() });
    expect(() => readParameters(required, new Map())).toThrow('key is required');
  });
});

describe('2 path parameters after a raw semicolon', () => {
  it.each([
    ['/a/b/json', '/a/b/json'],
    ['/a;x=1/b;/json;y', '/a/b/json'],
    ['/a;x;y/b', '/a/b'],
    ['/a/b?c=d;e/f', '/a/b?c=d;e/f'],
    ['/a;x?c=d;e', '/a?c=d;e'],
    ['/a%3Bx', '/a%3Bx'],
  ])('%s is %s', (target, without) => {
    expect(withoutPathParameters(target)).toBe(without);
  });
});

describe('1 Accept-Encoding', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['identity', false],
    ['deflate, br', false],
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['*;q=0', false],
    ['gzip;q=0', false],
    ['gzip; q=0.000, *', false],
    ['*;q=0, gzip', true],
    ['gzip;q=1.0', true],
  ])('%s: %s', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});
