import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, isWeirError, parseIPv4, parseIPv6 } from '../common/index.ts';
import { createGroup, type Group } from './group.ts';

function labelOf(group: Group, address: string): string | undefined {
  const word = parseIPv4(address);
  if (word !== undefined) return group.labels[group.lookup4(word)];
  const words = parseIPv6(address)!;
  return group.labels[group.lookup6(words[0], words[1], words[2], words[3])];
}

function failure(content: unknown): { code: string; message: string } {
  try {
    createGroup(content);
  } catch (error) {
    if (isWeirError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('longest prefix over all labels', () => {
  const group = createGroup({
    ten: ['10.0/16', '10.1.0.0/16'],
    inner: ['10.0.5.0/24', '2001:db8:5::/48'],
    host: ['10.0.5.9', '2001:db8:5::9'],
    six: ['2001:DB8::/32'],
    empty: [],
  });

  it.each([
    ['9.255.255.255', undefined],
    ['10.0.0.0', 'ten'],
    ['10.0.4.255', 'ten'],
    ['10.0.5.0', 'inner'],
    ['10.0.5.8', 'inner'],
    ['10.0.5.9', 'host'],
    ['10.0.5.10', 'inner'],
    ['10.0.6.0', 'ten'],
    ['10.1.255.255', 'ten'],
    ['10.2.0.0', undefined],
    ['255.255.255.255', undefined],
    ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', undefined],
    ['2001:db8::', 'six'],
    ['2001:db8:5::8', 'inner'],
    ['2001:db8:5::9', 'host'],
    ['2001:db8:6::', 'six'],
    ['2001:db9::', undefined],
    ['::ffff:10.0.5.9', undefined],
  ])('%s → %s', (address, label) => {
    expect(labelOf(group, address)).toBe(label);
  });
});

describe('spellings', () => {
  it.each([
    ['10/8', '10.255.255.255'],
    ['172.16/12', '172.31.255.255'],
    ['10.1.2.3/8', '10.200.0.1'],
    ['0/0', '192.0.2.1'],
    ['0.0.0.0/0', '255.255.255.255'],
    ['255.255.255.255/32', '255.255.255.255'],
    ['::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['fe80::1/10', 'febf::1'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:192.0.2.0/120', '::ffff:192.0.2.255'],
  ])('%s covers %s', (prefix, address) => {
    expect(labelOf(createGroup({ x: [prefix] }), address)).toBe('x');
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.1-10.0.0.9',
    '10.0.*.*',
    '10.0',
    '10.0.0.0.0/8',
    '256.0.0.0/8',
    '/8',
    '',
    'host.example',
    '::/129',
    '1:2:3',
    ' 10.0.0.0/8',
  ])('"%s" is refused, named with its label', (value) => {
    const { code, message } = failure({ good: ['10.0.0.1'], 'my label': [value] });
    expect(code).toBe('GROUP_BAD');
    expect(message).toContain('"my label"');
    expect(message).toContain(JSON.stringify(value));
  });

  it.each([
    [{}],
    [[]],
    [null],
    ['text'],
    [undefined],
    [{ x: '10.0.0.0/8' }],
    [{ x: [10] }],
    [{ x: [null] }],
    [{ x: { y: [] } }],
  ])('%j is refused', (content) => {
    expect(failure(content).code).toBe('GROUP_BAD');
  });

  it('shortens what it quotes', () => {
    expect(failure({ x: ['9'.repeat(100_000)] }).message.length).toBeLessThan(200);
  });

  it('treats names of object members as labels like others', () => {
    const content = JSON.parse('{"__proto__": ["10.0.0.0/8"], "constructor": ["192.0.2.0/24"]}');
    expect(labelOf(createGroup(content), '10.0.0.1')).toBe('__proto__');
    expect(labelOf(createGroup(content), '192.0.2.1')).toBe('constructor');
  });
});

it('gives the first label when two have the same prefix', () => {
  const group = createGroup({ z: ['10.0.0.0/8', 'fd00::/8'], y: ['10.0.0.0/8', 'fd00::/8'] });
  expect(labelOf(group, '10.1.1.1')).toBe('z');
  expect(labelOf(group, 'fd00::1')).toBe('z');
});

// Few leading bits, so that random prefixes nest, touch, and repeat.
const crowdedWord = fc.tuple(
  fc.constantFrom(0, 0x0a000000, -1, 0x7fffff00),
  fc.integer({ min: 0, max: 255 }),
);
const crowded = crowdedWord.map(([base, low]) => (base ^ low) | 0);

describe('equals the naive search', () => {
  it('for IPv4', () => {
    const prefix = fc.record({ word: crowded, length: fc.integer({ min: 0, max: 32 }) });
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 100 }),
        fc.array(crowded, { maxLength: 50 }),
        (prefixes, addresses) => {
          const content: Record<string, string[]> = { none: [] };
          for (const [i, { word, length }] of prefixes.entries())
            content[`l${i}`] = [`${formatIPv4(word)}/${length}`];
          const group = createGroup(content);
          for (const address of [...addresses, ...prefixes.map(({ word }) => word)]) {
            let best = -1;
            for (const [i, { word, length }] of prefixes.entries()) {
              const covers = length === 0 || (word ^ address) >>> (32 - length) === 0;
              if (covers && (best < 0 || length > prefixes[best].length)) best = i;
            }
            expect(group.labels[group.lookup4(address)]).toBe(best < 0 ? undefined : `l${best}`);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('for IPv6', () => {
    const address = fc.tuple(crowded, crowded, crowded, crowded);
    const prefix = fc.record({ words: address, length: fc.integer({ min: 0, max: 128 }) });
    const covers = (words: readonly number[], length: number, other: readonly number[]): boolean =>
      words.every((word, i) => {
        const bits = Math.min(32, Math.max(0, length - 32 * i));
        return bits === 0 || (word ^ other[i]) >>> (32 - bits) === 0;
      });
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 60 }),
        fc.array(address, { maxLength: 30 }),
        (prefixes, addresses) => {
          const content: Record<string, string[]> = { none: [] };
          for (const [i, { words, length }] of prefixes.entries())
            content[`l${i}`] = [`${formatIPv6(...words)}/${length}`];
          const group = createGroup(content);
          for (const other of [...addresses, ...prefixes.map(({ words }) => words)]) {
            let best = -1;
            for (const [i, { words, length }] of prefixes.entries())
              if (covers(words, length, other) && (best < 0 || length > prefixes[best].length)) best = i;
            expect(group.labels[group.lookup6(...other)]).toBe(best < 0 ? undefined : `l${best}`);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('builds a hundred thousand prefixes in well under a second, and finds each', () => {
  const content: Record<string, string[]> = { a: [], b: [] };
  for (let i = 0; i < 50_000; i++) {
    content[i % 2 === 0 ? 'a' : 'b'].push(`${formatIPv4((i * 48271) << 8)}/24`);
    content[i % 2 === 0 ? 'b' : 'a'].push(`2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::/64`);
  }
  const before = performance.now();
  const group = createGroup(content);
  expect(performance.now() - before).toBeLessThan(1000);
  for (let i = 0; i < 50_000; i++) {
    expect(group.lookup4(((i * 48271) << 8) | 77)).toBe(i % 2);
    expect(group.lookup6(0x20010db8, ((i >> 8) << 16) | (i & 255), 0, i)).toBe(1 - (i % 2));
  }
});
