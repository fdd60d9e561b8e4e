import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathAttributes } from './attributes.ts';
import {
  COMPONENT_TYPES,
  type ComponentName,
  componentForm,
  type FlowSpecComponent,
  inTypeOrder,
} from './flowspec-component.ts';
import { formatMatch, parseMatch } from './flowspec-match-json.ts';
import { encodeComponents, readComponents } from './flowspec-nlri.ts';
import {
  decodeMessage,
  encodeMessage,
  frameMessage,
  INITIAL_CONTEXT,
  type MessageContext,
} from './messages.ts';
import { formatPrefix, makePrefix, type Prefix, parsePrefix } from './prefix.ts';
import { message } from './testing/hex.ts';
import type { UpdateMessage } from './update.ts';

const SESSION: MessageContext = { ...INITIAL_CONTEXT, fourOctetAs: true, external: false };
const ADD_PATH: MessageContext = {
  ...INITIAL_CONTEXT,
  addPath: new Set(['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec']),
};

const word = fc.integer({ min: 0, max: 0xffffffff });
const signed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const quad = fc.ipV4();

function prefixes(version: 4 | 6): fc.Arbitrary<Prefix> {
  return fc
    .tuple(fc.integer({ min: 0, max: version === 4 ? 32 : 128 }), signed, signed, signed, signed)
    .map(([length, a, b, c, d]) =>
      makePrefix(version, length, a, ...(version === 4 ? ([0, 0, 0] as const) : ([b, c, d] as const))),
    );
}

const value = fc.oneof(fc.integer({ min: 0, max: 300 }), word, fc.maxSafeNat());

function component(name: ComponentName, version: 4 | 6): fc.Arbitrary<FlowSpecComponent> {
  const and = fc.boolean();
  const bit = fc.boolean();
  const terms = <Term extends { and: boolean }>(term: fc.Arbitrary<Term>) =>
    fc
      .array(term, { minLength: 1, maxLength: 5 })
      .map((list) => list.map((item, i) => ({ ...item, and: i > 0 && item.and })));
  switch (componentForm(name)) {
    case 'prefix':
      return prefixes(version).map((prefix) => ({ name, prefix, offset: 0 }) as FlowSpecComponent);
    case 'bitmask':
      return terms(fc.record({ and, not: bit, match: bit, value })).map(
        (list) => ({ name, terms: list }) as FlowSpecComponent,
      );
    case 'numeric':
      return terms(fc.record({ and, less: bit, greater: bit, equal: bit, value })).map(
        (list) => ({ name, terms: list }) as FlowSpecComponent,
      );
  }
}

function components(version: 4 | 6): fc.Arbitrary<FlowSpecComponent[]> {
  const names = (Object.keys(COMPONENT_TYPES) as ComponentName[]).slice(0, version === 4 ? 12 : 13);
  return fc
    .subarray(names, { minLength: 1 })
    .chain((chosen) => fc.tuple(...chosen.map((name) => component(name, version))))
    .map(inTypeOrder);
}

const attributes: fc.Arbitrary<PathAttributes> = fc.record(
  {
    med: word,
    localPref: word,
    atomicAggregate: fc.constant<true>(true),
    aggregator: fc.record({ as: fc.integer({ min: 1, max: 0xffffffff }), address: quad }),
    communities: fc.array(word, { minLength: 1 }),
    originatorId: quad,
    clusterList: fc.array(quad, { minLength: 1 }),
    extendedCommunities: fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), {
      minLength: 1,
      maxLength: 40,
    }),
    largeCommunities: fc.array(fc.tuple(word, word, word), { minLength: 1 }),
  },
  { requiredKeys: [] },
);

const updates: fc.Arbitrary<UpdateMessage> = fc
  .record({
    attributes,
    announced: fc.array(prefixes(4), { minLength: 1, maxLength: 9 }),
    withdrawn: fc.array(prefixes(4), { maxLength: 9 }),
    six: fc.array(prefixes(6), { minLength: 1, maxLength: 9 }),
    flow: components(6),
    numbers: fc.array(fc.integer({ min: 1, max: 0xffffffff }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ attributes: some, announced, withdrawn, six, flow, numbers }) => ({
    type: 'update' as const,
    withdrawn: withdrawn.map((prefix) => ({ prefix, pathId: undefined })),
    announced: announced.map((prefix) => ({ prefix, pathId: undefined })),
    attributes: {
      origin: 'IGP' as const,
      asPath: [{ kind: 'sequence' as const, numbers }],
      nextHop: '192.0.2.1',
      ...some,
    },
    reach: {
      family: 'ipv6-unicast' as const,
      nextHop: { address: '2001:db8::1' },
      nlri: six.map((prefix) => ({ prefix, pathId: undefined })),
    },
    unreach: { family: 'ipv6-flowspec' as const, nlri: [{ components: flow, pathId: undefined }] },
  }));

describe('what is written is read again', () => {
  it('prefixes as text', () => {
    fc.assert(
      fc.property(fc.oneof(prefixes(4), prefixes(6)), (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });

  it.each([4, 6] as const)('FlowSpec components of IPv%d, in any order', (version) => {
    fc.assert(
      fc.property(components(version), (list) => {
        expect(readComponents(encodeComponents(list), version)).toEqual({ ok: true, value: list });
        expect(encodeComponents(list.toReversed())).toEqual(encodeComponents(list));
      }),
    );
  });

  it.each([4, 6] as const)('FlowSpec components of IPv%d as text', (version) => {
    fc.assert(
      fc.property(components(version), (list) => {
        expect(parseMatch(formatMatch(version, list))).toEqual({
          ok: true,
          value: { version, components: list, ignored: [] },
        });
      }),
    );
  });

  it('offsets of IPv6 prefixes, as text and as bytes', () => {
    const cases = fc
      .tuple(prefixes(6), fc.nat({ max: 127 }))
      .filter(([prefix, offset]) => offset < prefix.length);
    fc.assert(
      fc.property(cases, ([prefix, offset]) => {
        const parsed = parseMatch({ source: formatPrefix(prefix).replace('/', `/${offset}-`) });
        if (!parsed.ok) throw new Error(parsed.reason);
        const list = parsed.value.components;
        expect(readComponents(encodeComponents(list), 6)).toEqual({ ok: true, value: list });
        const again = parseMatch(formatMatch(6, list));
        expect(again.ok && again.value.components).toEqual(list);
      }),
    );
  });

  it('UPDATE, to speakers new and old', () => {
    fc.assert(
      fc.property(updates, fc.boolean(), (sent, fourOctetAs) => {
        const context: MessageContext = { ...SESSION, fourOctetAs, extendedMessage: true };
        const reading = decodeMessage(encodeMessage(sent, context), context);
        expect(reading).toEqual({ ok: true, message: sent, treatAsWithdraw: false, faults: [] });
      }),
      { numRuns: 60 },
    );
  });
});

describe('nothing from outside throws', () => {
  it.each([1, 2, 3, 4, 5, 6])('bytes of message type %d', (type) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (body) => {
        const bytes = message(type, '');
        const whole = new Uint8Array([...bytes, ...body]);
        whole[17] = whole.length;
        for (const context of [SESSION, ADD_PATH]) decodeMessage(whole, context);
      }),
    );
  });

  it('a stream of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const framing = frameMessage(bytes, 0, bytes.length, SESSION);
        expect(framing.status === 'message' ? framing.length : 0).toBeLessThanOrEqual(bytes.length);
        decodeMessage(bytes, SESSION);
      }),
    );
  });

  it('an UPDATE with changed bytes, or cut with its length set right', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(updates, changes, fc.nat(), (sent, list, cut) => {
        const good = encodeMessage(sent, { ...SESSION, extendedMessage: true });
        const changed = good.slice();
        for (const [at, byte] of list) changed[19 + (at % (changed.length - 19))] = byte;
        const short = good.slice(0, 19 + (cut % (good.length - 18)));
        short[16] = short.length >> 8;
        short[17] = short.length & 255;
        for (const bytes of [changed, short]) {
          const reading = decodeMessage(bytes, { ...SESSION, extendedMessage: true });
          // What was read well can be sent on.
          if (reading.ok && !reading.treatAsWithdraw)
            encodeMessage(reading.message, { ...SESSION, extendedMessage: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});
