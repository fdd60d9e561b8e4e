import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { deliverSamples, type SampleAgents, type SampleName, sampleAgents } from './standard-samples.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 5.3: which samples a filter lets through. */

/** What a group of filters shows, and the filters: whether each passes the sample, `tcp` unless named. */
type FilterRow = readonly [filter: string, passes: boolean, sample?: SampleName];

const GROUPS: readonly (readonly [fact: string, rows: readonly FilterRow[]])[] = [
  [
    'and, or',
    [
      ['ipprotocol=6&ipttl=64', true],
      ['ipprotocol=6&ipttl=63', false],
      ['ipprotocol=17|ipttl=64', true],
      ['ipprotocol=17|ipttl=63', false],
      ['ipprotocol=6&ipttl=64&tcpsourceport=1000', true],
    ],
  ],
  [
    'parentheses group',
    [
      ['ipprotocol=6&(ipttl=63|ipttl=64)', true],
      ['ipprotocol=6&(ipttl=63|ipttl=62)', false],
      ['(ipprotocol=17&ipttl=64)|(ipprotocol=6&ipttl=64)', true],
      ['((ipprotocol=6))', true],
    ],
  ],
  [
    'not',
    [
      ['!(ipprotocol=17)', true],
      ['!(ipprotocol=6)', false],
      ['ipttl=64&!(tcpsourceport=1000|tcpsourceport=1001)', false],
    ],
  ],
  [
    '= is equal, != is not',
    [
      ['ipsource=10.1.2.3', true],
      ['ipsource=10.1.2.4', false],
      ['ipsource!=10.1.2.4', true],
      ['ipsource!=10.1.2.3', false],
    ],
  ],
  [
    'a list: = any equal, != none equal',
    [
      ['tcpdestinationport=80,443', true],
      ['tcpdestinationport=80,8080', false],
      ['tcpdestinationport!=80,8080', true],
      ['tcpdestinationport!=80,443', false],
    ],
  ],
  [
    '~ matches the whole value, !~ none',
    [
      ['ipsource~10\\..*', true],
      ['ipsource~10', false],
      ['ipsource~.*2\\.3', true],
      ['ipsource~"(10|11)[.].*"', true],
      ['stack~eth\\.ip\\..*', true],
      ['ipsource~11\\..*,10\\..*', true],
      ['ipsource!~11\\..*', true],
      ['ipsource!~10\\..*', false],
      ['ipsource!~11\\..*,10\\..*', false],
      ['tcpdestinationport~[0-9]{3}', true],
      ['ipsource~\\(10\\|11\\)\\..*', true],
      ['tcpdestinationport~"44[^34]"', false],
      ['tcpdestinationport~\\d+', true],
    ],
  ],
  [
    'comparison is on the printed text',
    [
      ['macsource=000C29AABBCC', true],
      ['macsource=000c29aabbcc', false],
      ['samplingrate=100.0', true],
      ['samplingrate=100', false],
      ['ip6source=2001:db8:1:2::3', true, 'udp6'],
      ['ip6source=2001:0db8:0001:0002:0:0:0:3', false, 'udp6'],
      ['tcpflags=000010010', true],
      ['ipdscpname=ef\\(46\\)', true],
    ],
  ],
  [
    'no CIDR in plain =',
    [
      ['ipsource=10.1.2.0/24', false],
      ['mask:ipsource:24=10.1.2.0/24', true],
    ],
  ],
  [
    'the key is a key or function exactly as in keys',
    [
      ['group:ipsource:sites=oslo,ten', true],
      ['group:ipsource:sites=bergen', false],
      ['range:tcpsourceport:0:1023=true', true],
      ['or:vlan:ipttl=64', true],
      ['or:vlan:ipttl=7', true, 'udp6'],
    ],
  ],
  [
    'an absent key: = and ~ are false, != and !~ true',
    [
      ['vlan=7', false],
      ['vlan~.*', false],
      ['vlan!=7', true],
      ['vlan!~.*', true],
      ['vlan=7', true, 'udp6'],
      ['vlan!=7', false, 'udp6'],
    ],
  ],
  [
    'the word null matches absence',
    [
      ['vlan=null', true],
      ['vlan=null', false, 'udp6'],
      ['vlan!=null', false],
      ['vlan!=null', true, 'udp6'],
      ['vlan=8,null', true],
      ['vlan=7,null', true, 'udp6'],
      ['ipsource=null', false],
    ],
  ],
  [
    'quotes are removed',
    [
      ['ipsource="10.1.2.3"', true],
      ["ipsource='10.1.2.3'", true],
    ],
  ],
  [
    'blanks around tokens are ignored',
    [
      [' ipprotocol = 6 & ( ipttl = 64 , 65 ) ', true],
      [' ipprotocol = 17 & ( ipttl = 64 , 65 ) ', false],
    ],
  ],
  [
    'an empty filter or () passes all',
    [
      ['', true],
      ['()', true],
    ],
  ],
  [
    'a stray trailing & or ) is tolerated',
    [
      ['ipprotocol=6&', true],
      ['ipprotocol=6)', true],
      ['ipprotocol=17&', false],
    ],
  ],
  [
    'unknown key names are legal',
    [
      ['nobody_knows_this=1', false],
      ['nobody_knows_this=null', true],
      ['nobody_knows_this!=1', true],
    ],
  ],
];

const REFUSED: readonly (readonly [fact: string, filters: readonly string[]])[] = [
  ['& and | at one level without parentheses', ['a=1&b=2|c=3', '(a=1|b=2&c=3)']],
  ['no other operators', ['a==1', 'a<1', 'a>1', 'a<=1', 'a>=1']],
  ['a key without value', ['a=', 'a', 'a!=']],
  ['! without parentheses', ['!a=1']],
  ['a bad regular expression', ['a~"(b"', 'a~[b', 'a~*']],
  ['a blank inside an unquoted value', ['a=b c']],
  ['a second = in a value', ['a=b=c']],
  ['an empty list item', ['a=80,', 'a=80,,81']],
  ['an unmatched (, a leading &', ['(a=1', '&a=1']],
  ['an unknown function', ['bogus:a=1']],
];

const TESTS = GROUPS.flatMap(([fact, rows]) =>
  rows.map(([filter, passes, sample = 'tcp']) => [fact, filter, passes, sample] as const),
);
const FILTERS = [...new Set(TESTS.map(([, filter]) => filter))];
const flowName = (filter: string): string => `f${FILTERS.indexOf(filter)}`;

let weir: WeirUnderTest;
let agents: SampleAgents;

beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  agents = sampleAgents(weir);
  await weir.set('/group/sites/json', { ten: ['10.0.0.0/8'], oslo: ['10.1.0.0/16'] });
  for (const filter of FILTERS)
    await weir.set(`/flow/${flowName(filter)}/json`, { keys: 'agent', value: 'count:agent', t: 600, filter });
  await deliverSamples(weir, agents);
});
afterAll(() => weir.end());

describe('5.3 filters', () => {
  it.for(TESTS)('5.3 %s: %s: %s for the sample %s', async ([, filter, passes, sample]) => {
    const { address } = agents[sample];
    const found = await weir.get<ActiveFlow[]>(`/activeflows/${address}/${flowName(filter)}/json`);
    expect(found.map(({ key }) => key)).toEqual(passes ? [address] : []);
  });
});

requestTable(
  '5.3 filters that are refused',
  () => weir,
  REFUSED.flatMap(([fact, filters]) =>
    filters.map(
      (filter): RequestRow => [
        `5.3 ${fact}`,
        `PUT /flow/refused/json ${JSON.stringify({ value: 'bytes', filter })}`,
        400,
      ],
    ),
  ),
);
