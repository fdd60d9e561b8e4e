import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumericTerm } from './flowspec-component.ts';
import { parseFlowSpecRule } from './flowspec-json.ts';
import { rangesOfTerms } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { flowSpecText, NOTATION_NAMES, type NotationName } from './text.ts';

function rule(match: object, what: object): FlowSpecRule {
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
  const parsed = parseFlowSpecRule({ match, then: what });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value.rule;
}

function lines(notation: NotationName, match: object, what: object): string[] {
  return flowSpecText(rule(match, what), notation).text.split('\n');
}

const DNS = { destination: '10.1.1.1', protocol: '=17', 'source-port': '=53' };
const DROP = { 'traffic-rate': '0' };
const WIDE = {
  version: '6',
  source: '2001:db8::/32',
  protocol: '=6',
  port: '=53|>=1000&<=2000',
  'tcp-flags': '=SA&!R',
  length: '>1400',
};
const SCRUB = {
  'redirect-as': '65000:666',
  'traffic-rate': 12500,
  'traffic-marking': 'ef',
  'traffic-action': 'sample',
};

describe('a rule that drops DNS answers to a host', () => {
  it.each<[NotationName, string[]]>([
    ['words', ['IPv4 packets to 10.1.1.1/32, protocol UDP (17), source port 53: drop']],
    [
      'arista',
      [
        'BGP Flow Specification rule, ipv4',
        '  Matching Rule:',
        '    Destination: 10.1.1.1/32',
        '    IP protocol: 17',
        '    Source port: 53',
        '  Actions: Drop',
      ],
    ],
    [
      'cisco',
      [
        'class-map type traffic match-all WEIR',
        ' match destination-address ipv4 10.1.1.1/32',
        ' match protocol 17',
        ' match source-port 53',
        ' end-class-map',
        '!',
        'policy-map type pbr WEIR',
        ' class type traffic WEIR',
        '  drop',
        ' !',
        ' end-policy-map',
      ],
    ],
    [
      'juniper',
      [
        'set routing-options flow route weir match destination 10.1.1.1/32',
        'set routing-options flow route weir match protocol 17',
        'set routing-options flow route weir match source-port 53',
        'set routing-options flow route weir then discard',
      ],
    ],
    [
      'frr',
      [
        'BGP flowspec entry:',
        '\tDestination Address 10.1.1.1/32',
        '\tIP Protocol = 17',
        '\tSource Port = 53',
        '\tFS:rate 0.000000',
      ],
    ],
    [
      'gobgp',
      [
        "gobgp global rib add -a ipv4-flowspec match destination 10.1.1.1/32 protocol '==17' source-port '==53' then discard",
      ],
    ],
  ])('for %s', (notation, expected) => {
    expect(lines(notation, DNS, DROP)).toEqual(expected);
    expect(flowSpecText(rule(DNS, DROP), notation).missing).toEqual([]);
  });
});

describe('a rule of many parts', () => {
  it('in words', () => {
    expect(lines('words', WIDE, SCRUB)).toEqual([
      'IPv6 packets from 2001:db8::/32, protocol TCP (6), port 53 or 1000 to 2000, TCP flags (SYN and ACK) and not RST, ' +
        'length 1401 to 65535: redirect into the VRF of route target 65000:666, limit to 12500 bytes/s, mark DSCP ef, ' +
        'sample and stop at this rule',
    ]);
  });

  it('for GoBGP', () => {
    expect(lines('gobgp', WIDE, { ...SCRUB, communities: '65535:666' })).toEqual([
      "gobgp global rib add -a ipv6-flowspec match source 2001:db8::/32 protocol '==6' port '==53 >=1000&<=2000' " +
        "tcp-flags '=SA&!R' packet-length '>1400' then redirect 65000:666 rate-limit 12500 mark 46 action sample " +
        'community 65535:666',
    ]);
  });

  it('for Juniper', () => {
    expect(lines('juniper', WIDE, SCRUB).map((line) => line.replace(/^.* route weir /, ''))).toEqual([
      'match source 2001:db8::/32',
      'match protocol 6',
      'match port [ 53 1000-2000 ]',
      'match tcp-flags "(syn & ack) & !rst"',
      'match packet-length 1401-65535',
      'then routing-instance target:65000:666',
      'then rate-limit 100000',
      'then mark 46',
      'then sample',
    ]);
  });

  it('for Cisco, naming what cannot be said', () => {
    const { text, missing } = flowSpecText(rule(WIDE, SCRUB), 'cisco');
    expect(text).toContain(' match packet length 1401-65535\n');
    expect(text).toContain(
      '  redirect ipv6 extcommunity rt 65000:666\n  police rate 100000 bps\n  set dscp 46\n',
    );
    expect(missing).toEqual(['port', 'tcp-flags', 'traffic-action']);
  });

  it('for FRR', () => {
    expect(lines('frr', WIDE, SCRUB).slice(3)).toEqual([
      '\tPort = 53 , or >= 1000 , and <= 2000',
      '\tTCP Flags =SA&!R',
      '\tPacket Length > 1400',
      '\tFS:redirect VRF 65000:666',
      '\tFS:rate 12500.000000',
      '\tFS:marking 46',
      '\tFS:action eval stops, sample',
    ]);
  });
});

describe('actions', () => {
  it.each([
    [{}, 'accept'],
    [{ 'traffic-rate-packets': 1000 }, 'limit to 1000 packets/s'],
    [{ 'redirect-nexthop': '192.0.2.1' }, 'redirect to next hop 192.0.2.1'],
    [{ 'copy-nexthop': '192.0.2.1' }, 'copy to next hop 192.0.2.1'],
    [{ 'redirect-action-ip': '192.0.2.1:1' }, 'copy to 192.0.2.1'],
    [{ 'redirect-ip': '192.0.2.1:5' }, 'redirect into the VRF of route target 192.0.2.1:5'],
    [{ communities: '1:2-3:4:5', 'large-communities': '6:7:8' }, 'accept, with communities 1:2 3:4:5 6:7:8'],
  ])('%j', (what, expected) => {
    expect(lines('words', { port: '=1' }, what)).toEqual([`IPv4 packets, port 1: ${expected}`]);
  });

  it('are in the text of every notation, or named as missing', () => {
    const every: Record<string, string> = {
      'traffic-rate': '125',
      'traffic-rate-packets': '99',
      'traffic-action': 'sampleandcontinue',
      'redirect-as': '1:2',
      'redirect-as4': '70000:1',
      'redirect-ip': '192.0.2.7:5',
      'redirect-action-ip': '192.0.2.8',
      'redirect-nexthop': '192.0.2.9',
      'traffic-marking': '46',
    };
    const plain = { port: '=1' };
    for (const notation of NOTATION_NAMES) {
      const accept = flowSpecText(rule(plain, {}), notation).text;
      for (const [key, value] of Object.entries(every)) {
        const { text, missing } = flowSpecText(rule(plain, { [key]: value }), notation);
        expect(missing.includes(key) || text !== accept, `${notation} ${key}`).toBe(true);
      }
    }
  });
});

describe('ranges of numeric terms', () => {
  it('hold exactly the values that satisfy the terms', () => {
    const terms = fc.array(
      fc.record({
        and: fc.boolean(),
        less: fc.boolean(),
        greater: fc.boolean(),
        equal: fc.boolean(),
        value: fc.nat({ max: 40 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(terms, (list) => {
        const ranges = rangesOfTerms(list, 31);
        for (let x = -1; x <= 33; x++) {
          const within = ranges.some(([from, to]) => from <= x && x <= to);
          expect(within).toBe(x >= 0 && x <= 31 && satisfied(list, x));
        }
        for (const [i, [from]] of ranges.entries())
          if (i > 0) expect(from).toBeGreaterThan(ranges[i - 1][1] + 1);
      }),
    );
  });
});

/** RFC 8955 4.2.1.1, term by term. */
function satisfied(terms: readonly NumericTerm[], x: number): boolean {
  let any = false;
  let all = false;
  for (const [i, { and, less, greater, equal, value }] of terms.entries()) {
    const outcome = (less && x < value) || (greater && x > value) || (equal && x === value);
    if (i === 0 || !and) {
      any ||= all;
      all = outcome;
    } else all &&= outcome;
  }
  return any || all;
}
