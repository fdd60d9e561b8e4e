import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteReader } from '../rib/index.ts';
import { AdjRibIn } from './adj-rib-in.ts';
import { asSequence } from './as-path.ts';
import type { PathAttributes } from './attributes.ts';
import { formatPrefix, makePrefix, type Prefix } from './prefix.ts';
import { announcement, CONTEXT, type Destination, withdrawal } from './testing/learn.ts';
import type { UpdateMessage } from './update.ts';

const ATTRIBUTES: PathAttributes = {
  origin: 'IGP',
  asPath: asSequence([65001, 65010]),
  nextHop: '192.0.2.1',
};

function announce(list: readonly Destination[], attributes: PathAttributes = ATTRIBUTES): UpdateMessage {
  return announcement(list, attributes);
}

function match(rib: AdjRibIn, address: string): string | undefined {
  return rib.routeForAddress(address)?.prefix;
}

describe('learnt routes', () => {
  it('finds the longest match, and what is below it again once it is gone', () => {
    const rib = new AdjRibIn();
    const list = [
      '0.0.0.0/0',
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.0/23',
      '10.1.2.0/24',
      '10.1.2.128/25',
      '10.1.2.129/32',
    ];
    rib.update(announce(list), CONTEXT);
    expect(match(rib, '10.1.2.129')).toBe('10.1.2.129/32');
    expect(match(rib, '192.0.2.1')).toBe('0.0.0.0/0');
    for (let i = list.length - 1; i > 0; i--) {
      rib.update(withdrawal([list[i]]), CONTEXT);
      expect(match(rib, '10.1.2.129')).toBe(list[i - 1]);
    }
    rib.update(withdrawal(['0.0.0.0/0']), CONTEXT);
    expect(match(rib, '10.1.2.129')).toBeUndefined();
    expect(rib.counters(4)).toEqual({ prefixes: 0, added: 7, removed: 7, refused: 0 });
  });

  it('does so for IPv6', () => {
    const rib = new AdjRibIn();
    const list = ['::/0', '2001:db8::/32', '2001:db8:1::/48', '2001:db8:1::/64', '2001:db8:1::7/128'];
    rib.update(announce(list), CONTEXT);
    for (let i = list.length - 1; i > 0; i--) {
      expect(match(rib, '2001:db8:1::7')).toBe(list[i]);
      rib.update(withdrawal([list[i]]), CONTEXT);
    }
    expect(match(rib, '2001:db8:1::7')).toBe('::/0');
    expect(match(rib, 'no address')).toBeUndefined();
    expect(rib.routeForAddress('2001:db8::7')?.paths[0]).toMatchObject({
      nextHop: '2001:db8::1',
      linkLocal: 'fe80::1',
    });
  });

  it('tells all of a route', () => {
    const rib = new AdjRibIn();
    const attributes: PathAttributes = {
      origin: 'EGP',
      asPath: [
        { kind: 'sequence', numbers: [65001, 4200000001] },
        { kind: 'set', numbers: [1, 2] },
      ],
      nextHop: '192.0.2.9',
      med: 4294967295,
      localPref: 200,
      communities: [0xffff029a],
      extendedCommunities: [Uint8Array.of(0x80, 6, 0, 0, 0, 0, 0, 0)],
      largeCommunities: [[65001, 1, 4294967295]],
    };
    rib.update(announce(['10.0.0.0/8'], attributes), CONTEXT);
    expect(rib.routeForAddress('10.0.0.1')).toMatchObject({
      prefix: '10.0.0.0/8',
      paths: [
        {
          pathId: undefined,
          nextHop: '192.0.2.9',
          asPath: '65001-4200000001-{1,2}',
          origin: 'EGP',
          med: 4294967295,
          localPref: 200,
          communities: [0xffff029a],
          extendedCommunities: [[0x80060000, 0]],
          largeCommunities: [[65001, 1, 4294967295]],
        },
      ],
    });
  });

  it('keeps equal attributes once, and forgets them with their last route', () => {
    const rib = new AdjRibIn();
    const other = { ...ATTRIBUTES, med: 7 };
    rib.update(announce(['10.0.0.0/8', '11.0.0.0/8']), CONTEXT);
    rib.update(announce(['12.0.0.0/8']), CONTEXT);
    expect(rib.size().attributeSets).toBe(1);
    rib.update(announce(['12.0.0.0/8'], other), CONTEXT);
    expect(rib.size().attributeSets).toBe(2);
    expect(rib.counters(4)).toMatchObject({ prefixes: 3, added: 3, removed: 0 });
    rib.update(withdrawal(['10.0.0.0/8', '11.0.0.0/8']), CONTEXT);
    expect(rib.size().attributeSets).toBe(1);
    expect(rib.routeForAddress('12.1.1.1')?.paths[0].med).toBe(7);
  });

  it('keeps several paths by their identifiers, the best first', () => {
    const rib = new AdjRibIn();
    const context = { ...CONTEXT, addPath: new Set(['ipv4-unicast'] as const) };
    const long = { ...ATTRIBUTES, asPath: asSequence([65001, 65002, 65010]) };
    rib.update(announce([['10.0.0.0/8', 1]], long), context);
    rib.update(announce([['10.0.0.0/8', 2]]), context);
    rib.update(announce([['10.0.0.0/8', 3]], { ...long, localPref: 50 }), context);
    const ids = (): (number | undefined)[] | undefined =>
      rib.routeForAddress('10.0.0.1')?.paths.map(({ pathId }) => pathId);
    expect(ids()?.[0]).toBe(2);
    expect(ids()?.sort()).toEqual([1, 2, 3]);
    expect(rib.counters(4)).toMatchObject({ prefixes: 1, added: 3 });
    rib.update(announce([['10.0.0.0/8', 3]], { ...long, localPref: 500 }), context);
    expect(ids()?.[0]).toBe(3);
    rib.update(
      withdrawal([
        ['10.0.0.0/8', 3],
        ['10.0.0.0/8', 9],
      ]),
      context,
    );
    expect(ids()?.[0]).toBe(2);
    rib.update(
      withdrawal([
        ['10.0.0.0/8', 2],
        ['10.0.0.0/8', 1],
      ]),
      context,
    );
    expect(rib.routeForAddress('10.0.0.1')).toBeUndefined();
    expect(rib.counters(4)).toMatchObject({ prefixes: 0, added: 3, removed: 3 });
    expect(rib.size().attributeSets).toBe(0);
  });

  it('removes what an UPDATE with errors tries to announce', () => {
    const rib = new AdjRibIn();
    rib.update(announce(['10.0.0.0/8']), CONTEXT);
    rib.update(announce(['10.0.0.0/8'], {}), { ...CONTEXT, treatAsWithdraw: true });
    expect(match(rib, '10.0.0.1')).toBeUndefined();
  });

  it('removes what does not come again in a refresh', () => {
    const rib = new AdjRibIn();
    const context = { ...CONTEXT, addPath: new Set(['ipv6-unicast'] as const) };
    rib.update(announce(['10.0.0.0/8', '11.0.0.0/8', ['2001:db8::/32', 1]]), context);
    rib.update(
      announce([
        ['2001:db8::/32', 2],
        ['2001:db8:1::/48', 1],
      ]),
      context,
    );
    rib.refresh('ipv4-unicast', 'begin');
    rib.refresh('ipv6-unicast', 'begin');
    rib.refresh('ipv4-flowspec', 'begin');
    rib.update(announce(['11.0.0.0/8', '12.0.0.0/8', ['2001:db8::/32', 2]]), context);
    rib.refresh('ipv4-unicast', 'end');
    rib.refresh('ipv6-unicast', 'end');
    expect([...rib.routes(4)].map(({ prefix }) => prefix).sort()).toEqual(['11.0.0.0/8', '12.0.0.0/8']);
    expect([...rib.routes(6)]).toMatchObject([{ prefix: '2001:db8::/32', paths: [{ pathId: 2 }] }]);
  });

  it('forgets everything when the session ends, for readers that have the old memory, too', () => {
    const shared: number[] = [];
    const rib = new AdjRibIn({ onShare: () => shared.push(1) });
    rib.update(announce(['10.0.0.0/8', '2001:db8::/32']), CONTEXT);
    const reader = new RouteReader(rib.share());
    expect(reader.lookup4(0x0a000001)).not.toBe(0);
    expect(reader.peerAs).toBe(65001);
    rib.clear();
    expect(reader.lookup4(0x0a000001)).toBe(0);
    expect(reader.lookup6(0x20010db8, 0, 0, 0)).toBe(0);
    expect(match(rib, '10.0.0.1')).toBeUndefined();
    expect(shared).toHaveLength(2);
    rib.update(announce(['11.0.0.0/8']), CONTEXT);
    expect(match(rib, '11.0.0.1')).toBe('11.0.0.0/8');
    expect(rib.counters(4)).toEqual({ prefixes: 1, added: 1, removed: 0, refused: 0 });
  });

  it('refuses, and counts, what there is no room for', () => {
    const reasons: string[] = [];
    const rib = new AdjRibIn({ maxPrefixes: 2, onRefused: (reason) => reasons.push(reason) });
    rib.update(announce(['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8', '13.0.0.0/8']), CONTEXT);
    expect(rib.counters(4)).toEqual({ prefixes: 2, added: 2, removed: 0, refused: 2 });
    expect(reasons).toEqual(['there are 2 prefixes']);
    const small = new AdjRibIn({ maxAttributeBytes: 1 });
    small.update(announce(['10.0.0.0/8']), CONTEXT);
    small.update(announce(['10.0.0.0/8'], { ...ATTRIBUTES, med: 1 }), CONTEXT);
    expect(small.counters(4)).toEqual({ prefixes: 0, added: 1, removed: 1, refused: 1 });
  });
});

/** Prefixes that lie in one another often: few addresses, all lengths. */
function prefixes(version: 4 | 6): fc.Arbitrary<Prefix> {
  const nearby = fc.constantFrom(
    0,
    1,
    0x0a000000,
    0x0a000001,
    0x0a0000ff,
    0x0a00ff00,
    0x0a0a0a0a,
    -1,
    0x80000000 | 0,
  );
  const length = fc.oneof(
    fc.integer({ min: 0, max: version === 4 ? 32 : 128 }),
    fc.constantFrom(8, 16, 17, 24, 25, 32),
  );
  return fc
    .tuple(length, nearby, nearby, nearby, nearby)
    .map(([bits, a, b, c, d]) =>
      makePrefix(version, bits, a, ...(version === 4 ? ([0, 0, 0] as const) : ([b, c, d] as const))),
    );
}

interface Step {
  readonly prefix: Prefix;
  /** undefined withdraws. */
  readonly med: number | undefined;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    prefix: fc.oneof(prefixes(4), prefixes(6)),
    med: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  }),
  { maxLength: 60 },
);

function covers(prefix: Prefix, address: Prefix): boolean {
  if (prefix.version !== address.version) return false;
  const { version, length, w0, w1, w2, w3 } = prefix;
  const cut = makePrefix(version, length, address.w0, address.w1, address.w2, address.w3);
  return cut.w0 === w0 && cut.w1 === w1 && cut.w2 === w2 && cut.w3 === w3;
}

describe('compared with a plain list', () => {
  it('every address finds the same route', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.oneof(prefixes(4), prefixes(6)), { maxLength: 20 }), (list, more) => {
        const rib = new AdjRibIn();
        const plain = new Map<string, Step>();
        for (const step of list) {
          const one = formatPrefix(step.prefix);
          if (step.med === undefined) {
            rib.update(withdrawal([one]), CONTEXT);
            plain.delete(formatPrefix(step.prefix));
          } else {
            rib.update(announce([one], { ...ATTRIBUTES, med: step.med }), CONTEXT);
            plain.set(formatPrefix(step.prefix), step);
          }
        }
        for (const { prefix } of [...list, ...more.map((prefix) => ({ prefix }))]) {
          const address = formatPrefix(prefix).split('/')[0];
          const found = rib.routeForAddress(address);
          const [best] = [...plain.values()]
            .filter((step) => covers(step.prefix, prefix))
            .sort((a, b) => b.prefix.length - a.prefix.length);
          expect(found?.prefix).toBe(best === undefined ? undefined : formatPrefix(best.prefix));
          expect(found?.paths[0].med).toBe(best?.med);
        }
        const count = rib.counters(4).prefixes + rib.counters(6).prefixes;
        expect(count).toBe(plain.size);
        expect([...rib.routes(4), ...rib.routes(6)].map(({ prefix }) => prefix).sort()).toEqual(
          [...plain.keys()].sort(),
        );
        // After all is withdrawn nothing is left.
        for (const { prefix } of plain.values()) rib.update(withdrawal([formatPrefix(prefix)]), CONTEXT);
        expect(rib.size().attributeSets).toBe(0);
        expect(rib.routeForAddress('10.0.0.0')).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
