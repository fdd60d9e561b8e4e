import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import type { KeyExpression } from './expression.ts';
import { argumentKind } from './function.ts';
import { FUNCTIONS } from './functions.ts';
import { parseKey, parseKeys } from './parse-expression.ts';

function badKey(reason: string) {
  return expect.objectContaining({ code: 'FLOW_BAD_KEY', message: expect.stringContaining(reason) });
}

describe('parseKeys', () => {
  it('4.1: a comma list of keys and functions', () => {
    expect(parseKeys('ipsource,mask:ipdestination:24')).toEqual([
      { kind: 'key', name: 'ipsource', text: 'ipsource' },
      {
        kind: 'call',
        name: 'mask',
        args: [{ kind: 'key', name: 'ipdestination', text: 'ipdestination' }, 24],
        text: 'mask:ipdestination:24',
      },
    ]);
  });

  it('4.1: empty items are ignored', () => {
    expect(parseKeys('a,').map(({ text }) => text)).toEqual(['a']);
    expect(parseKeys(',a,,b').map(({ text }) => text)).toEqual(['a', 'b']);
    expect(parseKeys('')).toEqual([]);
    expect(parseKeys(',')).toEqual([]);
  });

  it('4.1: blanks are refused', () => {
    expect(() => parseKeys('ipsource, ipdestination')).toThrow(badKey('a blank, at character 10'));
    expect(() => parseKeys('null:vlan:no vlan')).toThrow(badKey('a blank, at character 13'));
    expect(() => parseKeys('a\nb')).toThrow(badKey('a blank'));
  });

  it('4.1: unknown plain keys are accepted', () => {
    expect(parseKeys('no_such_key.7')).toEqual([
      { kind: 'key', name: 'no_such_key.7', text: 'no_such_key.7' },
    ]);
    expect(parseKeys('group')).toHaveLength(1);
  });

  it('5.2: unknown functions are refused', () => {
    expect(() => parseKeys('ipsource,foo:bar')).toThrow(badKey('unknown function "foo", at character 10'));
    expect(() => parseKeys('toString:a')).toThrow(badKey('unknown function'));
  });

  it('5.2: functions nest in brackets', () => {
    const [key] = parseKeys('or:[group:ipsource:a:b]:[mask:[or:ipsource:ip6source]:8]');
    expect(key.text).toBe('or:[group:ipsource:a:b]:[mask:[or:ipsource:ip6source]:8]');
  });

  it('5.2: brackets around a plain key are refused', () => {
    expect(() => parseKeys('[ipsource]')).toThrow(badKey('brackets are for functions only'));
    expect(parseKeys('[mask:a:8],b').map(({ text }) => text)).toEqual(['mask:a:8', 'b']);
    expect(() => parseKeys('or:[ipsource]:vlan')).toThrow(
      badKey('brackets are for functions only, at character 4'),
    );
    expect(() => parseKeys('or:[mask:a:8')).toThrow(badKey('missing ]'));
    expect(() => parseKeys('or:a]')).toThrow(badKey('unexpected "]", at character 5'));
  });

  it('5.2: a backslash escapes : and ,', () => {
    expect(parseKeys('concat:\\::a:b,concat:\\,:a:b')).toMatchObject([
      { args: [':', { name: 'a' }, { name: 'b' }], text: 'concat:\\::a:b' },
      { args: [',', { name: 'a' }, { name: 'b' }], text: 'concat:\\,:a:b' },
    ]);
    expect(parseKey('odd\\:name')).toMatchObject({ kind: 'key', name: 'odd:name', text: 'odd\\:name' });
    expect(() => parseKey('a\\')).toThrow(badKey('at the end'));
  });

  it.each([
    'group:ipsource',
    'map:ipsource',
    'mask:a:1:2',
    'prefix:a:b',
    'prefix:a:b:1:2',
    'suffix:a',
    'first:a:b',
    'null:a:b:c',
    'null:',
    'or:',
    'eq:a:',
    'if:a:b',
    'if:a:b:c:d:e',
    'range:a',
    'range:a:1:2:3',
    'bits:a',
    'bits:a:1:2:3',
    'concat:x',
    'hash:',
    'uri:a:host:x',
    'attr:a',
    'oui:a:name:x',
    'host:a:uuid:x',
    'node:a:b',
    'link:a:b',
    'ifname:a:b',
    'country:a:name:x',
    'asn:a:both:x',
    'dns:a:b',
  ])('5.2: the wrong number of arguments is refused: %s', (text) => {
    expect(() => parseKeys(text)).toThrow(badKey('at character'));
  });

  it.each([
    ['mask:a:x', 'is not a number'],
    ['mask:a:-1', 'is not a number'],
    ['mask:a:2.5', 'is not a number'],
    ['prefix:a:.:two', 'is not a number'],
    ['prefix:a:.:0', 'at least 1'],
    ['suffix:a:.:0', 'at least 1'],
    ['range:a:x', 'is not a number'],
    ['range:a:1:0x10', 'is not a number'],
    ['bits:a:0xff', 'is not a number'],
    ['bits:a:1:99', 'at most 63'],
    ['uri:a:fish', 'unknown part'],
    ['host:a:colour', 'unknown attribute'],
  ])('5.2: bad literals are refused: %s', (text, reason) => {
    expect(() => parseKeys(text)).toThrow(badKey(reason));
  });

  it('5.2: arguments that may be left out or empty', () => {
    expect(parseKey('mask:a')).toMatchObject({ args: [{ name: 'a' }] });
    expect(parseKey('range:a::1023')).toMatchObject({
      args: [{ name: 'a' }, '', 1023],
      text: 'range:a::1023',
    });
    expect(parseKey('null:a:')).toMatchObject({ args: [{ name: 'a' }, ''] });
    expect(parseKey('concat::a:b')).toMatchObject({ args: ['', { name: 'a' }, { name: 'b' }] });
    expect(parseKey('eq:a')).toMatchObject({ args: [{ name: 'a' }] });
  });

  it('is bounded', () => {
    expect(() => parseKeys('a'.repeat(20_000))).toThrow(badKey('longer than'));
    expect(() => parseKeys('a,'.repeat(100))).toThrow(badKey('more than 64 keys'));
    expect(() => parseKeys(`or${':a'.repeat(300)}`)).toThrow(badKey('more than 256 arguments'));
    expect(() => parseKeys(`${'or:['.repeat(50)}or:a`)).toThrow(badKey('nested too deeply'));
  });

  it('throws nothing but FLOW_BAD_KEY', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...':,[]\\ =~!&|()"\'0a.é\u0000\ud83d', 'mask', 'or', 'range', 'uri', 'ipsource'),
    });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (text) => {
        try {
          parseKeys(text);
        } catch (error) {
          expect(isWeirError(error, 'FLOW_BAD_KEY')).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(expressionText(), (text) => {
        const parsed = parseKey(text);
        const again = parseKey(parsed.text);
        expect(again).toEqual(parsed);
        expect(parseKeys(`${parsed.text},${parsed.text}`)).toEqual([parsed, parsed]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Text of valid expressions, written with more escapes than needed. */
function expressionText(): fc.Arbitrary<string> {
  const escaped = (text: string): string => [...text].map((char) => `\\${char}`).join('');
  const name = fc.oneof(
    fc.constantFrom('ipsource', 'ipsource.1', 'vlan'),
    fc.string({ minLength: 1, unit: 'grapheme' }).map((text) => text.replaceAll(/./gsu, escaped)),
  );
  const literals = {
    text: fc.string({ unit: 'grapheme' }).map(escaped),
    count: fc.nat(40).map((n) => String(n + 1)),
    bound: fc.oneof(
      fc.constant(''),
      fc.integer().map(String),
      fc.constantFrom('1.5', '-0', '007', '0.000001'),
    ),
  };
  const fixed: Record<string, string[]> = { uri: ['host'], host: ['uuid'] };
  const { expression } = fc.letrec<{ expression: string; call: string; key: string }>((tie) => ({
    key: fc.oneof(
      { maxDepth: 3 },
      name,
      tie('call').map((text) => `[${text}]`),
    ),
    call: fc.constantFrom(...FUNCTIONS.values()).chain((fn) =>
      fc.nat((fn.optional?.length ?? 0) + (fn.more === undefined ? 0 : 2)).chain((further) =>
        fc
          .tuple(
            ...Array.from({ length: fn.required.length + further }, (_, i) => {
              const kind = argumentKind(fn, i) ?? 'text';
              if (kind === 'key' || kind === 'number') return tie('key');
              const allowed = fixed[fn.name];
              return allowed === undefined ? literals[kind] : fc.constantFrom(...allowed);
            }),
          )
          .map((args) => [fn.name, ...args].join(':')),
      ),
    ),
    expression: fc.oneof(name, tie('call')),
  }));
  return expression.filter((text) => depthOf(text) < 12);
}

function depthOf(text: string): number {
  return (text.match(/(?<!\\)\[/g) ?? []).length;
}

describe('canonical text', () => {
  it('is equal for equal expressions, however they are written', () => {
    const texts = (list: string[]): Set<string> =>
      new Set(list.map((text) => (parseKey(text) as KeyExpression).text));
    expect(texts(['mask:ipsource:8', 'mask:ip\\source:08', 'ma\\sk:ipsource:8'])).toEqual(
      new Set(['mask:ipsource:8']),
    );
    expect(texts(['range:a:1:2', 'range:a:1.0:+2'])).toEqual(new Set(['range:a:1:2']));
  });
});
