import { describe, expect, it } from 'vitest';
import { asSequence, formatAsPath, mergeAsPaths, parseAsPath } from './as-path.ts';
import type { PathAttributes } from './attributes.ts';
import { hexOfBytes } from './byte-writer.ts';
import { decodeMessage, encodeMessage, INITIAL_CONTEXT, type MessageContext } from './messages.ts';
import { formatPrefix, parsePrefix } from './prefix.ts';
import { hex, message } from './testing/hex.ts';
import { endOfRib, endOfRibFamily, type UpdateMessage } from './update.ts';

const SESSION: MessageContext = { ...INITIAL_CONTEXT, fourOctetAs: true };
const INTERNAL: MessageContext = { ...SESSION, external: false };
const OLD: MessageContext = { ...SESSION, fourOctetAs: false };

const ORIGIN = '40010100';
const PATH = '4002060201' + '0000fde8';
const NEXT_HOP = '400304c0000201';
const GOOD = ORIGIN + PATH + NEXT_HOP;
const HOST = '200a090909';

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(text);
  return { prefix: parsed, pathId: undefined };
}

function update(fields: Partial<UpdateMessage>): UpdateMessage {
  return {
    type: 'update',
    withdrawn: [],
    announced: [],
    attributes: {},
    reach: undefined,
    unreach: undefined,
    ...fields,
  };
}

/** An UPDATE of IPv4 with these attributes and destinations. */
function wire(attributes: string, nlri = HOST, withdrawn = ''): Uint8Array {
  const length = (text: string): string => hex(text).length.toString(16).padStart(4, '0');
  return message(2, length(withdrawn) + withdrawn + length(attributes) + attributes + nlri);
}

/** `3/9 data` for an error that ends the session, else faults as `withdraw 1`, and what came of the route. */
function outcome(bytes: Uint8Array, context: MessageContext = SESSION): string {
  const result = decodeMessage(bytes, context);
  if (!result.ok) {
    const { code, subcode, data } = result.notification;
    return `${code}/${subcode} ${hexOfBytes(data)}`.trimEnd();
  }
  const faults = result.faults.map(({ action, attribute }) => `${action} ${attribute}`).join(', ');
  return `${faults} ${result.treatAsWithdraw ? 'withdrawn' : 'kept'}`.trimStart();
}

function attributesOf(bytes: Uint8Array, context: MessageContext = SESSION): PathAttributes {
  const result = decodeMessage(bytes, context);
  if (!result.ok || result.message.type !== 'update') throw new Error('not an UPDATE');
  return result.message.attributes;
}

describe('UPDATE', () => {
  it('announces a blackhole, byte for byte', () => {
    const sent = update({
      attributes: {
        origin: 'IGP',
        asPath: asSequence([65000]),
        nextHop: '192.0.2.1',
        localPref: 100,
        communities: [0xffff029a],
      },
      announced: [prefix('10.9.9.9/32')],
    });
    const bytes = encodeMessage(sent, SESSION);
    expect(bytes).toHaveLength(62);
    expect(hexOfBytes(bytes.subarray(19))).toBe(`00000022${GOOD}40050400000064c00804ffff029a${HOST}`);
    expect(decodeMessage(bytes, INTERNAL)).toEqual({
      ok: true,
      message: sent,
      treatAsWithdraw: false,
      faults: [],
    });
  });

  it('carries every attribute there and back', () => {
    const attributes: PathAttributes = {
      origin: 'INCOMPLETE',
      asPath: [
        { kind: 'confederation-sequence', numbers: [65101] },
        { kind: 'sequence', numbers: [65001, 4200000001] },
        { kind: 'set', numbers: [1, 2] },
      ],
      nextHop: '192.0.2.1',
      med: 4294967295,
      localPref: 0,
      atomicAggregate: true,
      aggregator: { as: 4200000001, address: '192.0.2.9' },
      communities: [1, 0xffffffff],
      originatorId: '1.2.3.4',
      clusterList: ['5.6.7.8', '9.9.9.9'],
      extendedCommunities: [hex('0002fde800000001')],
      ipv6ExtendedCommunities: [hex('000220010db8000000000000000000000001029a')],
      largeCommunities: [[4200000001, 2, 3]],
      unknown: [{ code: 99, flags: 0xe0, value: hex('010203') }],
    };
    const sent = update({ attributes, announced: [prefix('10.0.0.0/8'), prefix('0.0.0.0/0')] });
    const reading = decodeMessage(encodeMessage(sent, INTERNAL), INTERNAL);
    expect(reading).toEqual({ ok: true, message: sent, treatAsWithdraw: false, faults: [] });
  });

  it('carries IPv6 in both directions, with a link-local next hop', () => {
    const sent = update({
      attributes: { origin: 'IGP', asPath: [] },
      reach: {
        family: 'ipv6-unicast',
        nextHop: { address: '2001:db8::1', linkLocal: 'fe80::1' },
        nlri: [prefix('2001:db8:1::/48')],
      },
      unreach: { family: 'ipv6-unicast', nlri: [prefix('2001:db8:2::/47')] },
    });
    const bytes = encodeMessage(sent, SESSION);
    expect(hexOfBytes(bytes)).toContain(
      '00020120' +
        '20010db8000000000000000000000001' +
        'fe800000000000000000000000000001' +
        '003020010db80001',
    );
    expect(decodeMessage(bytes, SESSION)).toMatchObject({ ok: true, message: sent, faults: [] });
  });

  it('reads path identifiers where they were agreed on', () => {
    const context: MessageContext = { ...SESSION, addPath: new Set(['ipv4-unicast']) };
    const reading = decodeMessage(wire(GOOD, `00000007${HOST}`, `00000001${HOST}`), context);
    expect(reading).toMatchObject({
      message: { withdrawn: [{ pathId: 1 }], announced: [{ ...prefix('10.9.9.9'), pathId: 7 }] },
    });
  });

  it('keeps destinations of families that it does not know as bytes', () => {
    const reading = decodeMessage(wire(`800e0a00194104c00002010042${ORIGIN}${PATH}`, ''), SESSION);
    expect(reading).toMatchObject({
      ok: true,
      message: {
        reach: { family: 'unknown', afi: 25, safi: 65, bytes: hex('42'), nextHop: { address: '192.0.2.1' } },
      },
    });
  });

  it.each(['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec'] as const)(
    'ends the RIB of %s',
    (family) => {
      const bytes = encodeMessage(endOfRib(family), SESSION);
      expect(bytes).toHaveLength(family === 'ipv4-unicast' ? 23 : 29);
      const reading = decodeMessage(bytes, SESSION);
      expect(reading.ok && reading.message.type === 'update' && endOfRibFamily(reading.message)).toBe(family);
      expect(endOfRibFamily(update({ withdrawn: [prefix('10.0.0.0/8')] }))).toBeUndefined();
    },
  );
});

describe('four octets among two (RFC 6793)', () => {
  it('writes AS4_PATH for an older peer, and reads it back', () => {
    const attributes: PathAttributes = {
      origin: 'IGP',
      asPath: asSequence([65000, 4200000001]),
      nextHop: '192.0.2.1',
      aggregator: { as: 4200000001, address: '192.0.2.9' },
    };
    const bytes = encodeMessage(update({ attributes, announced: [prefix('10.0.0.0/8')] }), OLD);
    expect(hexOfBytes(bytes)).toContain('4002060202fde85ba0');
    expect(hexOfBytes(bytes)).toContain('c0110a02020000fde8fa56ea01');
    expect(hexOfBytes(bytes)).toContain('c01208fa56ea01c0000209');
    expect(attributesOf(bytes, OLD)).toEqual(attributes);
  });

  it('believes AS4_PATH only where no older speaker has aggregated since', () => {
    const path = '4002060202fde85ba0';
    const as4 = 'c0110602010000ffff';
    const aggregated = 'c00706fde8c0000209' + 'c0120800000001c0000209';
    expect(formatAsPath(attributesOf(wire(ORIGIN + path + NEXT_HOP + as4), OLD).asPath ?? [])).toBe(
      '65000-65535',
    );
    const reading = attributesOf(wire(ORIGIN + path + NEXT_HOP + as4 + aggregated), OLD);
    expect(formatAsPath(reading.asPath ?? [])).toBe('65000-23456');
    expect(reading.aggregator).toEqual({ as: 65000, address: '192.0.2.9' });
  });

  it('ignores an AS4_PATH that is longer', () => {
    expect(mergeAsPaths(asSequence([1]), asSequence([2, 3]))).toEqual(asSequence([1]));
    expect(mergeAsPaths(asSequence([1, 2]), asSequence([3, 4]))).toEqual(asSequence([3, 4]));
    const set = { kind: 'set' as const, numbers: [7, 8] };
    expect(formatAsPath(mergeAsPaths([set, ...asSequence([1, 2])], asSequence([9])))).toBe('{7,8}-1-9');
  });

  it.each([
    ['65010-65011', '65010-65011'],
    ['', ''],
    ['4294967295', '4294967295'],
    ['0', undefined],
    ['65010,65011', undefined],
    ['4294967296', undefined],
  ])('reads the path %j', (text, expected) => {
    const parsed = parseAsPath(text);
    expect(parsed.ok ? formatAsPath(parsed.value) : undefined).toBe(expected);
  });
});

describe('errors (RFC 7606)', () => {
  it.each<[string, string, MessageContext?]>([
    [GOOD, 'kept'],
    [PATH + NEXT_HOP, 'withdraw 1 withdrawn'],
    [ORIGIN + NEXT_HOP, 'withdraw 2 withdrawn'],
    [ORIGIN + PATH, 'withdraw 3 withdrawn'],
    [`40010103${PATH}${NEXT_HOP}`, 'withdraw 1 withdrawn'],
    [`4001020000${PATH}${NEXT_HOP}`, 'withdraw 1 withdrawn'],
    [`c0010100${PATH}${NEXT_HOP}`, 'withdraw 1 withdrawn'],
    [`${ORIGIN}4002060501${'0000fde8'}${NEXT_HOP}`, 'withdraw 2 withdrawn'],
    [`${ORIGIN}4002060202${'0000fde8'}${NEXT_HOP}`, 'withdraw 2 withdrawn'],
    [`${ORIGIN}4002020200${NEXT_HOP}`, 'withdraw 2 withdrawn'],
    [`${ORIGIN}4002060201${'00000000'}${NEXT_HOP}`, 'withdraw 2 withdrawn'],
    [`${ORIGIN}${PATH}400305c000020100`, 'withdraw 3 withdrawn'],
    [`${ORIGIN}${PATH}400304e0000001`, 'withdraw 3 withdrawn'],
    [`${GOOD}800403000001`, 'withdraw 4 withdrawn'],
    [`${GOOD}40050400000064`, 'discard 5 kept'],
    [`${GOOD}4005020064`, 'withdraw 5 withdrawn', INTERNAL],
    [`${GOOD}40060100`, 'discard 6 kept'],
    [`${GOOD}c00706fde8c0000209`, 'discard 7 kept'],
    [`${GOOD}c0080300029a`, 'withdraw 8 withdrawn'],
    [`${GOOD}c00800`, 'withdraw 8 withdrawn'],
    [`${GOOD}80090401020304`, 'discard 9 kept'],
    [`${GOOD}800a00`, 'withdraw 10 withdrawn', INTERNAL],
    [`${GOOD}c01007${'00'.repeat(7)}`, 'withdraw 16 withdrawn'],
    [`${GOOD}c0110602010000ffff`, 'discard 17 kept'],
    [`${GOOD}c01908${'00'.repeat(8)}`, 'withdraw 25 withdrawn'],
    [`${GOOD}c02008${'00'.repeat(8)}`, 'withdraw 32 withdrawn'],
    [GOOD + ORIGIN, 'discard 1 kept'],
    [`${GOOD}c0`, 'withdraw 0 withdrawn'],
    [`${GOOD}c0080500`, 'withdraw 8 withdrawn'],
    [`${GOOD}80630101`, 'kept'],
    [`${GOOD}40630101`, '3/2 40630101'],
    [`${GOOD}800e03000101`, '3/9 800e03000101'],
    [`${GOOD}800f04000201ff`, '3/9 800f04000201ff'],
    [`${GOOD}800f03000201800f03000201`, '3/1'],
    [
      `800e0e000185` + '0000' + '080120' + '0a010101' + '0381',
      '3/9 800e0e000185' + '0000' + '080120' + '0a010101' + '0381',
    ],
  ])('%s: %s', (attributes, expected, context = SESSION) => {
    expect(outcome(wire(attributes), context)).toBe(expected);
  });

  it('ends the session where what was to be announced is lost', () => {
    expect(outcome(wire('40010103', ''))).toBe('3/1');
    expect(outcome(message(2, '0005'.padEnd(8, '0')))).toBe('3/1');
    expect(outcome(message(2, '00000001'))).toBe('3/1');
    expect(outcome(message(2, '0001210000'))).toBe('3/10');
    expect(outcome(wire(GOOD, '280a0909090a'))).toBe('3/10');
    expect(outcome(wire(GOOD, '200a09'))).toBe('3/10');
  });

  it('still tells which routes are withdrawn', () => {
    const result = decodeMessage(wire(`40010103${PATH}${NEXT_HOP}`, HOST, '080b'), SESSION);
    if (!result.ok || result.message.type !== 'update') throw new Error('not an UPDATE');
    expect(result.message.withdrawn.map((item) => formatPrefix(item.prefix))).toEqual(['11.0.0.0/8']);
    expect(result.message.announced.map((item) => formatPrefix(item.prefix))).toEqual(['10.9.9.9/32']);
  });

  it('passes unknown transitive attributes on with the Partial bit', () => {
    expect(attributesOf(wire(`${GOOD}c0630101`)).unknown).toEqual([
      { code: 99, flags: 0xe0, value: hex('01') },
    ]);
  });
});
