import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 13.1: groups and maps. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

const GROUPS: readonly (readonly [fact: string, content: object])[] = [
  ['addresses', { a: ['10.0.0.1', '2001:db8::1'] }],
  ['prefixes', { a: ['10.0.0.0/8', '2001:db8::/32'] }],
  ['short prefixes', { a: ['10.0/16', '10/8'] }],
  ['host bits are tolerated', { a: ['10.1.2.3/16'] }],
  ['an empty array', { a: [] }],
  ['several labels', { a: ['10.0.0.0/8'], b: ['192.0.2.0/24'] }],
];
const NO_GROUPS: readonly (readonly [fact: string, content: unknown])[] = [
  ['an empty object', {}],
  ['no array', { a: '10.0.0.0/8' }],
  ['no array', { a: null }],
  ['a range', { a: ['10.0.0.1-10.0.0.9'] }],
  ['a wildcard', { a: ['10.0.0.*'] }],
  ['a netmask', { a: ['10.0.0.0/255.0.0.0'] }],
  ['a bad address', { a: ['10.0.0.999'] }],
  ['a bad prefix', { a: ['10.0.0.0/33'] }],
  ['a bad prefix', { a: ['2001:db8::/129'] }],
  ['a name', { a: ['localhost'] }],
];
const MAPS: readonly (readonly [fact: string, content: object])[] = [
  ['texts', { web: ['80', '443'], mail: ['25'] }],
  ['an empty array', { web: [] }],
];
const NO_MAPS: readonly (readonly [fact: string, content: unknown])[] = [
  ['an empty object', {}],
  ['numbers', { web: [80] }],
  ['no array', { web: '80' }],
];

const rowsOf = (
  kind: 'group' | 'map',
  good: readonly (readonly [string, unknown])[],
  bad: readonly (readonly [string, unknown])[],
): RequestRow[] => [
  ...good.flatMap(([fact, content]): RequestRow[] => [
    [`13.1 ${kind}: ${fact}`, `PUT /${kind}/echo/json ${JSON.stringify(content)}`, 204],
    [`13.1 ${kind}: ${fact} come back as they were`, `GET /${kind}/echo/json`, { json: content }],
  ]),
  ...bad.map(
    ([fact, content]): RequestRow => [
      `13.1 ${kind}: ${fact} is refused`,
      `PUT /${kind}/wrong/json ${JSON.stringify(content)}`,
      400,
    ],
  ),
  [`13.1 ${kind}: nothing of it was stored`, `GET /${kind}/wrong/json`, 404],
];
requestTable('13.1 groups', () => weir, rowsOf('group', GROUPS, NO_GROUPS));
requestTable('13.1 maps', () => weir, rowsOf('map', MAPS, NO_MAPS));

it.for(['group', 'map'])('2 /%s/json is epoch ms of the last update by name', async (kind) => {
  const before = Date.now();
  await weir.set(`/${kind}/dated/json`, { a: [] });
  const { dated } = await weir.get<{ dated: number }>(`/${kind}/json`);
  expect(dated).toBeGreaterThanOrEqual(before);
  expect(dated).toBeLessThanOrEqual(Date.now());
});

describe('13.1 lookup', () => {
  let agent: SyntheticAgent;
  const labels = async (flow: string): Promise<string[]> =>
    (await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/${flow}/json`)).map(({ key }) => key).sort();
  const deliver = (source: string): Promise<void> =>
    weir.deliver(agent.datagram([agent.flow([tcpHeader({ source, destination: '10.0.0.2' })])]));

  beforeAll(async () => {
    const lasting = { value: 'count:agent', t: 600 };
    await weir.set('/flow/grouped/json', { keys: 'ipsource,null:[group:ipsource:g]', ...lasting });
    await weir.set('/flow/mapped/json', { keys: 'null:[map:tcpdestinationport:m]', ...lasting });
  });

  it.for<[fact: string, group: object, source: string, label: string]>([
    ['the longest prefix over all labels', { a: ['10.0.0.0/8'], b: ['10.1.0.0/16'] }, '10.1.2.3', 'b'],
    ['the longest prefix, whatever the order', { b: ['10.1.0.0/16'], a: ['10.0.0.0/8'] }, '10.1.2.3', 'b'],
    [
      'a shorter one when the longer does not fit',
      { a: ['10.0.0.0/8'], b: ['10.1.0.0/16'] },
      '10.2.2.3',
      'a',
    ],
    ['an address', { a: ['10.0.0.0/8'], b: ['10.1.2.3'] }, '10.1.2.3', 'b'],
    ['a short prefix', { a: ['10.1/16'] }, '10.1.2.3', 'a'],
    ['a prefix with host bits', { a: ['10.1.9.9/16'] }, '10.1.2.3', 'a'],
    ['none: absent', { a: ['192.0.2.0/24'] }, '10.1.2.3', 'null'],
    ['everything', { all: ['0.0.0.0/0'] }, '10.1.2.3', 'all'],
  ])('13.1 %s: %j', async ([, group, source, label]) => {
    agent = weir.agent();
    await weir.set('/group/g/json', group);
    await deliver(source);
    expect(await labels('grouped')).toEqual([`${source},${label}`]);
  });

  it('13.1 changes apply at once to running flows', async () => {
    agent = weir.agent();
    await weir.set('/group/g/json', { before: ['10.0.0.0/8'] });
    await deliver('10.0.0.1');
    await weir.set('/group/g/json', { after: ['10.0.0.0/8'] });
    await deliver('10.0.0.1');
    await weir.ask('DELETE', '/group/g/json');
    await deliver('10.0.0.1');
    expect(await labels('grouped')).toEqual(['10.0.0.1,after', '10.0.0.1,before', '10.0.0.1,null']);
  });

  it('13.1 a map that changes applies at once', async () => {
    agent = weir.agent();
    await weir.set('/map/m/json', { before: ['80'] });
    await deliver('10.0.0.1');
    await weir.set('/map/m/json', { after: ['80'] });
    await deliver('10.0.0.1');
    expect(await labels('mapped')).toEqual(['after', 'before']);
  });

  it('13.1 100,000 prefixes are replaced while samples come', async () => {
    agent = weir.agent();
    const prefixes = Array.from({ length: 100_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    await weir.set('/group/g/json', { many: prefixes });
    await deliver('10.1.2.3');
    expect(await labels('grouped')).toEqual(['10.1.2.3,many']);
    await weir.ask('DELETE', '/group/g/json');
  });
});
