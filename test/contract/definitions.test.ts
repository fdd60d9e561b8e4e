import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import { discardSample, record } from '../../src/sflow/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 4: options of flow definitions, and when a sample counts. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

const table = (title: string, rows: readonly RequestRow[]): void => requestTable(title, () => weir, rows);
const put = (name: string, definition: unknown): string =>
  `PUT /flow/${name}/json ${JSON.stringify(definition)}`;

const DEFAULTS = { activeTimeout: 60, t: 2, value: 'bytes', fs: ',', n: 5 };

/** A member given beside `value`, and what it becomes: undefined is left out. */
const ECHOES: readonly (readonly [fact: string, given: object, kept: object])[] = [
  ['defaults', {}, {}],
  ['keys', { keys: 'ipsource,ipdestination' }, { keys: 'ipsource,ipdestination' }],
  ['empty items in keys are tolerated', { keys: 'ipsource,' }, { keys: expect.stringMatching(/^ipsource/) }],
  ['empty items in keys are tolerated', { keys: 'ipsource,,vlan' }, { keys: expect.stringMatching(/vlan$/) }],
  ['empty keys are accepted', { keys: '' }, { keys: '' }],
  ['unknown plain key names are accepted', { keys: 'nobody_knows_this' }, { keys: 'nobody_knows_this' }],
  ['values', { values: 'frames,avg:ipttl' }, { values: 'frames,avg:ipttl' }],
  ['filter', { filter: 'ipprotocol=6' }, { filter: 'ipprotocol=6' }],
  ['n is 5 at least', { n: 1 }, { n: 5 }],
  ['n is 20 at most', { n: 100 }, { n: 20 }],
  ['n as digits', { n: '7' }, { n: 7 }],
  ['n with a fraction', { n: 7.9 }, { n: 7 }],
  ['t is 0.1 at least', { t: 0 }, { t: 0.1 }],
  ['t is 600 at most', { t: 10_000 }, { t: 600 }],
  ['t as digits', { t: '3' }, { t: 3 }],
  ['t with a fraction', { t: 0.5 }, { t: 0.5 }],
  ['fs', { fs: '_SEP_' }, { fs: '_SEP_' }],
  ['fs may be empty', { fs: '' }, { fs: '' }],
  ['log', { log: true }, { log: true }],
  ['log as text', { log: 'true' }, { log: true }],
  ['log false is not echoed', { log: false }, {}],
  ['flowStart', { flowStart: true }, { flowStart: true }],
  ['flowStart false is not echoed', { flowStart: false }, {}],
  ['dropped', { dropped: true }, { dropped: true }],
  ['dropped false is not echoed', { dropped: false }, {}],
  ['activeTimeout is 10 at least', { activeTimeout: 1 }, { activeTimeout: 10 }],
  ['activeTimeout may be large', { activeTimeout: 1_000_000 }, { activeTimeout: 1_000_000 }],
  ['activeTimeout without its fraction', { activeTimeout: 12.7 }, { activeTimeout: 12 }],
  ['activeTimeout as digits', { activeTimeout: '20' }, { activeTimeout: 20 }],
  ['aggMode is echoed in upper case', { aggMode: 'edge' }, { aggMode: 'EDGE' }],
  ['aggMode is echoed in upper case', { aggMode: 'Agent' }, { aggMode: 'AGENT' }],
  [
    'ipfixCollectors',
    { keys: 'ipsource,tcpdestinationport', values: 'frames', ipfixCollectors: ['192.0.2.9'] },
    { keys: 'ipsource,tcpdestinationport', values: 'frames', ipfixCollectors: ['192.0.2.9'] },
  ],
  ['others are ignored and not echoed', { colour: 'red' }, {}],
];

table(
  '4.1 options and their echo',
  ECHOES.flatMap(([fact, given, kept]): RequestRow[] => [
    [`4.1 ${fact}`, put('echo', { value: 'bytes', ...given }), 204],
    [`4.1 ${fact}`, 'GET /flow/echo/json', { json: { ...DEFAULTS, ...kept } }],
  ]),
);

table(
  '4.1 values',
  ['frames', 'rate:bytes', 'avg:ipttl', 'min:ipttl', 'max:ipttl', 'count:ipsource', 'nobody_knows_this'].map(
    (value): RequestRow => [`4.1 a numeric key, or a statistic of a key`, put('value', { value }), 204],
  ),
);

const WRONG: readonly (readonly [fact: string, definition: object])[] = [
  ['value is required', { keys: 'ipsource' }],
  ['exactly one value', { value: 'bytes,frames' }],
  ['an unknown statistic', { value: 'sum:bytes' }],
  ['keys as an array', { value: 'bytes', keys: ['ipsource'] }],
  ['blanks in keys', { value: 'bytes', keys: 'ipsource, ipdestination' }],
  ['arguments that do not fit a function', { value: 'bytes', keys: 'group:ipsource' }],
  ['an unknown function', { value: 'bytes', keys: 'bogus:ipsource' }],
  ['log as another word', { value: 'bytes', log: 'yes' }],
  ['log as a number', { value: 'bytes', log: 1 }],
  ['n as a word', { value: 'bytes', n: 'many' }],
  ['t as a word', { value: 'bytes', t: 'long' }],
  ['value as a number', { value: 7 }],
  ['filter as a number', { value: 'bytes', filter: 7 }],
  ['fs as a number', { value: 'bytes', fs: 7 }],
  ['another aggMode', { value: 'bytes', aggMode: 'MAX' }],
  ['ipfixCollectors as text', { value: 'bytes', keys: 'ipsource', ipfixCollectors: '192.0.2.9' }],
  [
    'ipfixCollectors with a key IPFIX has not',
    { value: 'bytes', keys: 'dnsqname', ipfixCollectors: ['192.0.2.9'] },
  ],
  [
    'ipfixCollectors with a function',
    { value: 'bytes', keys: 'mask:ipsource:8', ipfixCollectors: ['192.0.2.9'] },
  ],
  [
    'ipfixCollectors with another value',
    { value: 'ipttl', keys: 'ipsource', ipfixCollectors: ['192.0.2.9'] },
  ],
  ...[
    'keys',
    'value',
    'values',
    'filter',
    'n',
    't',
    'fs',
    'log',
    'flowStart',
    'dropped',
    'activeTimeout',
    'aggMode',
    'ipfixCollectors',
  ].map((member) => [`explicit null: ${member}`, { value: 'bytes', [member]: null }] as const),
];

table(
  '4.1 what is refused',
  WRONG.map(([fact, definition]): RequestRow => [`4.1 ${fact}`, put('wrong', definition), 400]),
);

const IPFIX_KEYS =
  'macsource,macdestination,ethernetprotocol,vlan,priority,ipprotocol,ipsource,ipdestination,ip6source,' +
  'ip6destination,ip6nexthdr,tcpsourceport,tcpdestinationport,udpsourceport,udpdestinationport,inputifindex,' +
  'outputifindex';

table('4.1 a definition', [
  ['4.1 nothing refused was stored', 'GET /flow/wrong/json', 404],
  ['4.1 {} alone is accepted', put('nothing', {}), 204],
  ['4.1 and stores nothing', 'GET /flow/nothing/json', 404],
  ...IPFIX_KEYS.split(',').map(
    (keys): RequestRow => [
      `4.1 IPFIX has ${keys}`,
      put('ipfix', { keys, value: 'bytes', values: 'frames', ipfixCollectors: ['192.0.2.9'] }),
      204,
    ],
  ),
  ['4.1 put away', 'DELETE /flow/ipfix/json', 204],
]);

describe('4.1 what definitions do', () => {
  let agent: SyntheticAgent;
  const flows = (name: string): Promise<ActiveFlow[]> =>
    weir.get(`/activeflows/${agent.address}/${name}/json`);
  const keysOf = async (name: string): Promise<string[]> => (await flows(name)).map(({ key }) => key);

  beforeAll(async () => {
    agent = weir.agent();
    const value = 'bytes';
    const definitions = {
      total: { value },
      never: { keys: '', value },
      pair: { keys: 'ipsource,ipdestination', value },
      separated: { keys: 'ipsource,ipdestination', value, fs: '_SEP_' },
      joined: { keys: 'ipsource,ipdestination', value, fs: '' },
      gaps: { keys: 'ipsource,,ipdestination,', value },
      discards: { keys: 'reason', value: 'frames', dropped: true },
      packets: { keys: 'ipsource', value },
      'no-key': { keys: 'ipsource,vlan', value },
      filled: { keys: 'ipsource,null:vlan:untagged', value },
      'no-value': { keys: 'ipsource', value: 'nobody_knows_this' },
      'operations-frames': { keys: 'httpmethod', value: 'frames' },
      'operations-requests': { keys: 'httpmethod', value: 'requests' },
      'kept-state': { keys: 'ipsource', value, t: 600 },
      'lost-state': { keys: 'ipsource', value, t: 600 },
    };
    for (const [name, definition] of Object.entries(definitions))
      await weir.set(`/flow/${name}/json`, definition);
    await weir.deliver(
      agent.datagram([
        agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })]),
        agent.flow([record('http_request', { method: 2, protocol: 1001, status: 200 })], { sourceId: 3 }),
        discardSample({
          sequenceNumber: agent.next('discard'),
          reason: 258,
          records: [tcpHeader({ source: '10.0.0.9', destination: '10.0.0.2' })],
        }),
      ]),
    );
  });

  it.for<[fact: string, name: string, keys: string[]]>([
    ['4.1 no keys: one total flow with key ""', 'total', ['']],
    ['4.1 empty keys never yield a flow', 'never', []],
    ['4.1 fields are separated by a comma', 'pair', ['10.0.0.1,10.0.0.2']],
    ['4.1 fields are separated by fs', 'separated', ['10.0.0.1_SEP_10.0.0.2']],
    ['4.1 fs may be empty', 'joined', ['10.0.0.110.0.0.2']],
    ['4.1 empty items in keys are ignored', 'gaps', ['10.0.0.1,10.0.0.2']],
    ['4.1 dropped uses discard notifications', 'discards', ['acl']],
    ['4.1 and no other definition does', 'packets', ['10.0.0.1']],
    ['4.2 every key must be present', 'no-key', []],
    ['4.2 null: fills', 'filled', ['10.0.0.1,untagged']],
    ['4.2 the value must be present', 'no-value', []],
    ['4.2 application samples have no frames', 'operations-frames', []],
    ['4.2 but requests', 'operations-requests', ['GET']],
  ])('%s', async ([, name, keys]) => {
    expect(await keysOf(name)).toEqual(keys);
  });

  it('4.1 PUT of an identical definition keeps state', async () => {
    await weir.set('/flow/kept-state/json', { t: '600', value: 'bytes', keys: 'ipsource', log: false, n: 5 });
    expect(await keysOf('kept-state')).toEqual(['10.0.0.1']);
  });

  it('4.1 any change clears its flows', async () => {
    await weir.set('/flow/lost-state/json', { keys: 'ipsource', value: 'bytes', t: 600, n: 6 });
    expect(await keysOf('lost-state')).toEqual([]);
    expect(await keysOf('packets')).toEqual(['10.0.0.1']);
  });
});

it('4.1 150 definitions at once', async () => {
  for (let i = 0; i < 150; i++)
    await weir.set(`/flow/many-${i}/json`, { keys: 'ipsource', value: 'bytes', filter: `ipttl=${i}` });
  const agent = weir.agent();
  await weir.deliver(
    agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
  );
  const names = Object.keys(await weir.get<object>('/flow/json')).filter((name) => name.startsWith('many-'));
  expect(names).toHaveLength(150);
  expect(await weir.get(`/activeflows/${agent.address}/many-64/json`)).toHaveLength(1);
  for (const name of names) await weir.ask('DELETE', `/flow/${name}/json`);
  expect(await weir.get(`/metric/${agent.address}/many-64/json`)).toEqual([{ metricName: 'many-64' }]);
});

describe('4.2 and 4.3 tables', () => {
  let agent: SyntheticAgent;
  const LASTING = { value: 'bytes', t: 600 };

  beforeAll(async () => {
    agent = weir.agent();
    await weir.set('/flow/table/json', { keys: 'tcpsourceport', ...LASTING });
    await weir.set('/flow/table20/json', { keys: 'tcpsourceport', ...LASTING, n: 20 });
    // 110 flows on one interface, port N with N+100 bytes, and three of them on another.
    const sampleOf = (sourcePort: number, sourceId = 1) =>
      agent.flow(
        [
          tcpHeader(
            { source: '10.0.0.1', destination: '10.0.0.2', sourcePort },
            { frameLength: sourcePort + 100 },
          ),
        ],
        { sourceId, input: sourceId },
      );
    for (let port = 1; port <= 110; port += 5)
      await weir.deliver(agent.datagram([0, 1, 2, 3, 4].map((i) => sampleOf(port + i))));
    await weir.deliver(agent.datagram([1, 2, 3].map((port) => sampleOf(port, 2))));
  });

  const rows = (query = ''): Promise<ActiveFlow[]> =>
    weir.get(`/activeflows/${agent.address}/table/json?${query}`);

  it('4.3 a table with n=5 holds at least 110 flows', async () => {
    expect(await rows('maxFlows=1000')).toHaveLength(110);
  });

  it('4.3 the largest are listed first', async () => {
    expect((await rows('maxFlows=3')).map(({ key }) => key)).toEqual(['110', '109', '108']);
  });

  it('4.3 topKeys is limited to n', async () => {
    const [five, twenty] = await weir.get<{ topKeys: { key: string }[] }[]>(
      `/metric/${agent.address}/1.table,1.table20/json`,
    );
    expect(five.topKeys.map(({ key }) => key)).toEqual(['110', '109', '108', '107', '106']);
    expect(twenty.topKeys).toHaveLength(20);
  });

  it('4.2 each data source has its own table: nothing is de-duplicated at input', async () => {
    expect((await rows('filter=3&aggMode=sum'))[0]).toMatchObject({ key: '3', flowN: 2 });
    const [{ value: sum }] = await rows('filter=3&aggMode=sum');
    const [{ value: max }] = await rows('filter=3&aggMode=max');
    expect(sum / max).toBeCloseTo(2, 3);
  });

  it('4.4 /flowkeys has the keys that were seen, with ms since then', async () => {
    const keys = await weir.get<Record<string, number>>('/flowkeys/json');
    expect(keys).toMatchObject({ ipsource: expect.any(Number), tcpsourceport: expect.any(Number) });
    for (const ms of Object.values(keys)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(keys['ipsource']).toBeLessThan(30_000);
  });
});
