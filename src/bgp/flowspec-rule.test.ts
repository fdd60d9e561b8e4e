import { describe, expect, it } from 'vitest';
import { hexOfBytes } from './byte-writer.ts';
import { announceFlowSpecRule, ruleRoute, rulesOfUpdate, withdrawFlowSpecRule } from './flowspec-rule.ts';
import { validateFlowSpecRule } from './flowspec-validate.ts';
import { type FlowSpecRule, formatFlowSpecRule, parseFlowSpecMatch, parseFlowSpecRule } from './index.ts';
import { decodeMessage, encodeMessage } from './messages.ts';

const SESSION = { fourOctetAs: true, external: true, addPath: new Set<never>(), extendedMessage: false };
const DROP = { 'traffic-rate': '0' };
const HOST = { destination: '10.1.1.1' };

function json(match: unknown, what: unknown): unknown {
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
  return { match, then: what };
}

function rule(match: object, what: object): FlowSpecRule {
  const parsed = parseFlowSpecRule(json(match, what));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value.rule;
}

/** The path attributes of the UPDATE of a rule, in hex. */
function attributesOf(update: ReturnType<typeof withdrawFlowSpecRule>): string {
  return hexOfBytes(encodeMessage(update, SESSION).subarray(23));
}

function extendedCommunities(what: object, match: object = HOST): string {
  const { attributes } = announceFlowSpecRule(rule(match, what), ruleRoute(65000, true));
  return (attributes.extendedCommunities ?? []).map(hexOfBytes).join(' ');
}

describe('UPDATE of a rule', () => {
  it('drops traffic to a host', () => {
    const announce = announceFlowSpecRule(rule(HOST, DROP), ruleRoute(65000, true));
    expect(attributesOf(announce)).toBe(
      '800e0c0001850000060120' +
        '0a010101' +
        '40010100' +
        '4002060201' +
        '0000fde8' +
        'c010088006000000000000',
    );
  });

  it('has an empty path and LOCAL_PREF for an internal peer', () => {
    const announce = announceFlowSpecRule(rule(HOST, {}), ruleRoute(65000, false));
    expect(attributesOf(announce)).toBe(
      '800e0c0001850000060120' + '0a010101' + '40010100' + '400200' + '40050400000064',
    );
  });

  it('is withdrawn by its match alone', () => {
    const parsed = parseFlowSpecMatch({ match: { destination: '10.1.1.1/32' } });
    expect(parsed.ok && attributesOf(withdrawFlowSpecRule(parsed.value))).toBe(
      '800f0a000185' + '0601200a010101',
    );
  });

  it('carries the next hop that the older draft redirects to', () => {
    const four = announceFlowSpecRule(
      rule(HOST, { 'redirect-nexthop': '192.0.2.1' }),
      ruleRoute(65000, true),
    );
    expect(attributesOf(four)).toMatch(/^800e1000018504c000020100060120/);
    const six = rule({ version: '6', destination: '2001:db8::1' }, { 'copy-nexthop': '2001:DB8::2' });
    const update = announceFlowSpecRule(six, ruleRoute(65000, true));
    expect(attributesOf(update)).toContain('0002851020010db8000000000000000000000002' + '00');
    expect(attributesOf(update)).toMatch(/c010080800000000000001$/);
  });
});

describe('actions, byte for byte', () => {
  it.each([
    [{ 'traffic-rate': '0' }, '8006000000000000'],
    [{ 'traffic-rate': 12500 }, '8006000046435000'],
    [{ 'traffic-rate': '125.5' }, '8006000042fb0000'],
    [{ 'traffic-rate-packets': '1000' }, '800c0000447a0000'],
    [{ 'traffic-action': 'none' }, '8007000000000000'],
    [{ 'traffic-action': 'continue' }, '8007000000000001'],
    [{ 'traffic-action': 'sample' }, '8007000000000002'],
    [{ 'traffic-action': 'sampleandcontinue' }, '8007000000000003'],
    [{ 'redirect-as': '65000:666' }, '8008fde80000029a'],
    [{ 'redirect-as': '65000' }, '8008fde800000000'],
    [{ 'redirect-as4': '4200000001:5' }, '8208fa56ea010005'],
    [{ 'redirect-ip': '192.0.2.1:666' }, '8108c0000201029a'],
    [{ 'redirect-nexthop': '192.0.2.1' }, '0800000000000000'],
    [{ 'redirect-action-ip': '192.0.2.1' }, '010cc00002010000'],
    [{ 'redirect-action-ip': '192.0.2.1:1' }, '010cc00002010001'],
    [{ 'traffic-marking': 'le' }, '8009000000000001'],
    [{ 'traffic-marking': 'ef' }, '800900000000002e'],
    [{ 'traffic-marking': 46 }, '800900000000002e'],
    [{ communities: '128:6:0' }, '8006000000000000'],
    [
      { 'traffic-action': 'sample', 'traffic-marking': 'af11', 'traffic-rate': '0', 'redirect-as': '1:2' },
      '8008000100000002 8006000000000000 800900000000000a 8007000000000002',
    ],
    [{}, ''],
    [{ colour: 'blue' }, ''],
  ])('%j', (what, expected) => {
    expect(extendedCommunities(what)).toBe(expected);
  });

  it.each([
    [{ 'redirect-ip': '[2001:db8::1]:666' }, '000d20010db8000000000000000000000001029a'],
    [{ 'redirect-action-ip': '2001:db8::1' }, '000c20010db80000000000000000000000010000'],
  ])('%j goes into the communities of IPv6', (what, expected) => {
    const six = rule({ version: '6', destination: '2001:db8::/32' }, what);
    const { attributes } = announceFlowSpecRule(six, ruleRoute(65000, true));
    expect(attributes.ipv6ExtendedCommunities?.map(hexOfBytes)).toEqual([expected]);
    expect(attributes.extendedCommunities).toBeUndefined();
  });
});

describe('match and then, to and from', () => {
  it.each([
    [
      { destination: '10.3.14.1' },
      { 'redirect-as': '65000' },
      { destination: '10.3.14.1/32', version: '4' },
      undefined,
    ],
    [
      { version: 6, protocol: '=58', 'icmp-type': '=128', destination: '2001:DB8:0::/33' },
      { 'traffic-rate': 0 },
      { version: '6', protocol: '=58', 'icmp-type': '=128', destination: '2001:db8::/33' },
      { 'traffic-rate': '0.0' },
    ],
    [
      { source: '2001:db8::1' },
      {
        'traffic-rate': 0.1,
        'traffic-marking': 46,
        communities: '65535:666-2:5:77',
        'large-communities': '1:2:3',
      },
      { source: '2001:db8::1/128', version: '6' },
      {
        'traffic-rate': '0.1',
        'traffic-marking': 'ef',
        communities: '65535:666-2:5:77',
        'large-communities': '1:2:3',
      },
    ],
    [
      { 'tcp-flags': '!=SA|N', fragment: 'LF', length: '<=64|>=1400&<1500|!=5' },
      { 'redirect-action-ip': '192.0.2.1:1', 'redirect-as4': '70000:1', 'traffic-action': 'sample' },
      { 'tcp-flags': '!=SA|N', fragment: 'FL', length: '<=64|>=1400&<1500|!=5', version: '4' },
      undefined,
    ],
  ])('%j %j', (match, what, normalMatch, normalThen) => {
    const before = rule(match, what);
    expect(formatFlowSpecRule(before)).toEqual(json(normalMatch, normalThen ?? what));
    // And through the wire.
    const bytes = encodeMessage(announceFlowSpecRule(before, ruleRoute(65000, true)), SESSION);
    const reading = decodeMessage(bytes, SESSION);
    if (!reading.ok || reading.message.type !== 'update') throw new Error('not an UPDATE');
    expect(reading.faults).toEqual([]);
    expect(rulesOfUpdate(reading.message).map(formatFlowSpecRule)).toEqual([formatFlowSpecRule(before)]);
  });

  it.each([
    [null, {}, 'match is missing'],
    [undefined, {}, 'match is missing'],
    [{}, undefined, 'then is missing'],
    [{ protocol: '6,17' }, {}, 'protocol: "6,17"'],
    [{ protocol: 'tcp' }, {}, 'protocol: "tcp"'],
    [{ protocol: true }, {}, 'protocol is neither a text nor a number'],
    [{ port: '=80 |=81' }, {}, 'port: "=80 "'],
    [{ port: '=>80' }, {}, 'port: "=>80"'],
    [{ 'tcp-flags': '=X' }, {}, 'tcp-flags: "=X"'],
    [{ fragment: '=' }, {}, 'fragment: "="'],
    [{ destination: '10.0.0.1/33' }, {}, 'destination: "10.0.0.1/33"'],
    [{ destination: '10.0.0.0/8-16' }, {}, 'only IPv6 has an offset'],
    [{ version: 5 }, {}, 'version 5 is neither 4 nor 6'],
    [{}, { 'traffic-rate': '65000:1' }, 'traffic-rate: "65000:1"'],
    [{}, { 'traffic-rate': -1 }, 'traffic-rate: "-1"'],
    [{}, { 'traffic-rate': '1e300' }, 'traffic-rate: "1e300"'],
    [{}, { 'redirect-as': '70000:1' }, 'use redirect-as4'],
    [{}, { 'redirect-ip': 'scrubber' }, 'redirect-ip: "scrubber"'],
    [{}, { 'redirect-nexthop': '' }, 'redirect-nexthop: ""'],
    [{}, { 'traffic-marking': 'gold' }, 'traffic-marking: "gold"'],
    [{}, { 'traffic-action': 'drop' }, 'traffic-action: "drop"'],
    [{}, { communities: 'no-export' }, 'communities: "no"'],
    [{}, { 'large-communities': '1:2' }, 'large-communities: "1:2"'],
  ])('refuses %j %j', (match, what, reason) => {
    const parsed = parseFlowSpecRule(json(match, what));
    expect(parsed.ok || parsed.reason).toContain(reason);
  });

  it('refuses what is not an object', () => {
    for (const given of [null, 5, 'drop', []]) expect(parseFlowSpecRule(given)).toMatchObject({ ok: false });
  });

  it('names the keys that it left out', () => {
    const parsed = parseFlowSpecRule(json({ ...HOST, vlan: 7 }, { log: true }));
    expect(parsed.ok && parsed.value.ignored).toEqual(['match.vlan', 'then.log']);
  });
});

describe('validation', () => {
  it.each([
    [HOST, DROP],
    [
      { destination: '10.0.0.0/8', protocol: '=6', 'tcp-flags': '=SA', port: '=80|=443' },
      { communities: '1:2' },
    ],
    [{ version: '6', protocol: '=58', 'icmp-type': '=128', 'flow-label': '>5' }, { 'traffic-marking': 'le' }],
  ])('has nothing against %j %j', (match, what) => {
    expect(validateFlowSpecRule(rule(match, what))).toEqual([]);
  });

  it.each([
    [{}, DROP, 'match is empty'],
    [{ version: '4', destination: '2001:db8::1' }, DROP, 'destination is an IPv6 prefix in an IPv4 rule'],
    [{ version: '6', destination: '10.0.0.1' }, DROP, 'destination is an IPv4 prefix in an IPv6 rule'],
    [{ version: '4', 'flow-label': '=5' }, DROP, 'flow-label is for IPv6 only'],
    [{ version: '6', fragment: 'D' }, DROP, 'fragment D: IPv6 has no such bit'],
    [{ port: '=70000' }, DROP, 'port 70000 is above 65535'],
    [{ dscp: '=64' }, DROP, 'dscp 64 is above 63'],
    [{ protocol: new Array(3000).fill('=6').join('|') }, DROP, 'at most 4095'],
  ])('refuses %j %j', (match, what, reason) => {
    const faults = validateFlowSpecRule(rule(match, what));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ severity: 'error', reason: expect.stringContaining(reason) });
  });

  it.each([
    [{ protocol: '17' }, DROP, 'protocol 17 has no operator and matches nothing: write =17'],
    [{ port: '=80', 'icmp-type': '=8' }, DROP, 'no packet has both port and icmp-type'],
    [{ protocol: '=17', 'tcp-flags': 'S' }, DROP, 'tcp-flags needs protocol 6, not 17'],
    [HOST, { 'redirect-as': '1:1', 'redirect-ip': '192.0.2.1' }, 'one redirect of several'],
    [HOST, { 'redirect-nexthop': '2001:db8::1' }, 'is not an IPv4 address'],
  ])('warns of %j %j', (match, what, reason) => {
    const faults = validateFlowSpecRule(rule(match, what));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ severity: 'warning', reason: expect.stringContaining(reason) });
  });

  it('checks rules that were not read from text', () => {
    const bare = { version: 4 as const, communities: [], extendedCommunities: [], largeCommunities: [] };
    const { components } = rule(HOST, {});
    const actions = [
      { kind: 'redirect-as' as const, as: 70000, value: 0 },
      { kind: 'traffic-rate' as const, as: 0, rate: -1 },
      { kind: 'traffic-marking' as const, dscp: 64 },
      { kind: 'redirect-ip' as const, address: 'scrubber', value: 0 },
    ];
    const faults = validateFlowSpecRule({ ...bare, components: [...components, ...components], actions });
    expect(faults.map(({ reason }) => reason)).toEqual([
      'destination is there twice',
      'redirect-as 70000 needs four octets: use redirect-as4',
      'traffic-rate -1 is not a rate',
      'traffic-marking 64 is not within 0 and 63',
      'redirect-ip scrubber is not an address',
      expect.stringContaining('one redirect of several'),
    ]);
  });
});
