import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6 } from '../common/index.ts';
import { NameCache, reverseName } from './name-cache.ts';

const MINUTE = 60_000;
const named = (address: string, name: string) => ({ address, name, failed: false });
const nameless = (address: string) => ({ address, name: undefined, failed: false });
const failed = (address: string) => ({ address, name: undefined, failed: true });

describe('NameCache', () => {
  it('wants an address once, and gives its name when it has come', () => {
    const cache = new NameCache();
    expect(cache.lookup('10.0.0.1')).toBeUndefined();
    expect(cache.lookup('10.0.0.1')).toBeUndefined();
    expect(cache.takeWanted()).toEqual(['10.0.0.1']);
    expect(cache.lookup('10.0.0.1')).toBeUndefined();
    expect(cache.takeWanted()).toEqual([]);
    cache.answer([named('10.0.0.1', 'a.example.net.')]);
    expect(cache.lookup('10.0.0.1')).toBe('a.example.net.');
    expect(cache.takeWanted()).toEqual([]);
  });

  it('asks again for a name after half an hour, giving the old one meanwhile', () => {
    const cache = new NameCache();
    cache.lookup('10.0.0.1');
    cache.takeWanted();
    cache.answer([named('10.0.0.1', 'a.')]);
    cache.advance(29 * MINUTE);
    expect(cache.lookup('10.0.0.1')).toBe('a.');
    expect(cache.takeWanted()).toEqual([]);
    cache.advance(30 * MINUTE);
    expect(cache.lookup('10.0.0.1')).toBe('a.');
    expect(cache.takeWanted()).toEqual(['10.0.0.1']);
    cache.answer([named('10.0.0.1', 'b.')]);
    expect(cache.lookup('10.0.0.1')).toBe('b.');
  });

  it('asks again after five minutes for what has no name', () => {
    const cache = new NameCache();
    cache.answer([nameless('10.0.0.1')]);
    cache.advance(5 * MINUTE - 1);
    expect(cache.lookup('10.0.0.1')).toBeUndefined();
    expect(cache.takeWanted()).toEqual([]);
    cache.advance(5 * MINUTE);
    cache.lookup('10.0.0.1');
    expect(cache.takeWanted()).toEqual(['10.0.0.1']);
  });

  it('asks again after half a minute when there was no answer; a name that was known stays', () => {
    const cache = new NameCache();
    cache.answer([named('10.0.0.1', 'a.'), failed('10.0.0.2')]);
    cache.advance(30 * MINUTE);
    cache.lookup('10.0.0.1');
    cache.lookup('10.0.0.2');
    expect(cache.takeWanted()).toEqual(['10.0.0.1', '10.0.0.2']);
    cache.answer([failed('10.0.0.1'), failed('10.0.0.2')]);
    cache.advance(30 * MINUTE + 29_999);
    expect([cache.lookup('10.0.0.1'), cache.lookup('10.0.0.2')]).toEqual(['a.', undefined]);
    expect(cache.takeWanted()).toEqual([]);
    cache.advance(30 * MINUTE + 30_000);
    expect([cache.lookup('10.0.0.1'), cache.lookup('10.0.0.2')]).toEqual(['a.', undefined]);
    expect(cache.takeWanted()).toEqual(['10.0.0.1', '10.0.0.2']);
    cache.answer([nameless('10.0.0.1')]);
    expect(cache.lookup('10.0.0.1')).toBeUndefined();
  });

  it('wants no more than a thousand addresses at a time', () => {
    const cache = new NameCache();
    for (let i = 0; i < 5000; i++) cache.lookup(formatIPv4(i));
    const wanted = cache.takeWanted();
    expect(wanted).toHaveLength(1000);
    cache.lookup('10.0.0.1');
    expect(cache.takeWanted()).toEqual([]);
    cache.answer([nameless(wanted[0])]);
    cache.lookup('10.0.0.1');
    expect(cache.takeWanted()).toEqual(['10.0.0.1']);
  });
});

describe('reverseName', () => {
  it('is that of RFC 1035 and RFC 3596', () => {
    expect(reverseName('10.2.0.52')).toBe('52.0.2.10.in-addr.arpa');
    expect(reverseName('4321:0:1:2:3:4:567:89ab')).toBe(
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
    );
  });

  it.each(['', '10.0.0', '000C29AABBCC', 'example.net', 'fe80:'])('is undefined for %j', (text) => {
    expect(reverseName(text)).toBeUndefined();
  });

  it('reads back as the address', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(word, fc.tuple(word, word, word, word), (word4, words6) => {
        const labels4 = reverseName(formatIPv4(word4))?.split('.') ?? [];
        expect(labels4.slice(0, 4).reverse().join('.')).toBe(formatIPv4(word4));
        const labels6 = reverseName(formatIPv6(...words6))?.split('.') ?? [];
        expect(labels6).toHaveLength(34);
        const digits = labels6.slice(0, 32).reverse().join('');
        expect(digits).toBe(words6.map((one) => (one >>> 0).toString(16).padStart(8, '0')).join(''));
      }),
    );
  });
});
