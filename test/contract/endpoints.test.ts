import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ifCounters } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 2: every endpoint, its parameters, its statuses, and how agents are named in paths. */

/** Two agents of IPv4, one of IPv6; each has a flow and counters on interface 1. */
const A = '192.0.2.1';
const B = '192.0.2.2';
const SIX = '2001:db8::1';

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  await weir.set('/flow/pairs/json', { keys: 'ipsource,ipdestination', value: 'bytes', t: 600 });
  for (const [i, address] of [A, B, SIX].entries()) {
    const agent = new SyntheticAgent(address);
    await weir.deliver(
      agent.datagram([
        agent.flow([tcpHeader({ source: `10.0.0.${i + 1}`, destination: '10.0.0.9' })]),
        agent.counters([ifCounters({ ifIndex: 1 })]),
      ]),
    );
  }
});
afterAll(() => weir.end());

const table = (title: string, rows: readonly RequestRow[]): void => requestTable(title, () => weir, rows);

table('2 endpoints', [
  ['2 /version is text without a newline', 'GET /version', { text: /^[^\n]+$/ }],
  [
    '2 /license/json',
    'GET /license/json',
    { json: { license: { type: expect.any(String) }, analyzer: { bps: 0, host: expect.any(String) } } },
  ],
  [
    '2 /agents/json is by agent',
    'GET /agents/json',
    { json: { [A]: expect.any(Object), [B]: expect.any(Object), [SIX]: expect.any(Object) } },
  ],
  ['2 agent= filters', `GET /agents/json?agent=${A}`, { json: { [A]: expect.any(Object) } }],
  [
    '2 agent= is repeatable',
    `GET /agents/json?agent=${A}&agent=${B}`,
    { json: { [A]: expect.any(Object), [B]: expect.any(Object) } },
  ],
  ['2 an unmatched agent= gives {}', 'GET /agents/json?agent=192.0.2.99', { json: {} }],
  ['2 agent= is an exact address', 'GET /agents/json?agent=192.0.2.*', { json: {} }],
  [
    '2 /metrics/json is ms by name',
    'GET /metrics/json',
    { json: expect.objectContaining({ ifspeed: expect.any(Number) }) },
  ],
  [
    '2 /metric/{agent}/json is by data source and name',
    `GET /metric/${A}/json`,
    { json: expect.objectContaining({ '1.ifspeed': 1e9, '1.iftype': 'ethernetCsmacd' }) },
  ],
  ['2 /metric/{agent}/json is for one agent only', 'GET /metric/ALL/json', { json: {} }],
  ['2 /metric/{agent}/json of an unknown agent is {}', 'GET /metric/192.0.2.99/json', { json: {} }],
  [
    '2 /metric has an element for each metric, in order',
    `GET /metric/${A}/ifspeed,bogus/json`,
    { json: [expect.objectContaining({ metricName: 'ifspeed' }), { metricName: 'bogus' }] },
  ],
  ['2 an empty metric segment is 404', 'GET /metric/ALL//json', { status: 404 }],
  ['2 /table with a statistic is 400', 'GET /table/ALL/max:ifspeed/json', 400],
  ['2 /table with a data source is 400', 'GET /table/ALL/1.ifspeed/json', 400],
  ['2 /dump with a statistic is 400', 'GET /dump/ALL/max:ifspeed/json', 400],
  ['2 /dump with a data source is 400', 'GET /dump/ALL/1.ifspeed/json', 400],
  ['2 /dump with .* is 400', 'GET /dump/ALL/if.*/json', 400],
  [
    '2 /flowkeys/json is ms by key',
    'GET /flowkeys/json',
    { json: expect.objectContaining({ ipsource: expect.any(Number) }) },
  ],
  [
    '2 /flow/json is all definitions',
    'GET /flow/json',
    { json: { pairs: expect.objectContaining({ keys: 'ipsource,ipdestination' }) } },
  ],
  ['2 /activeflows of an unknown flow is 404', 'GET /activeflows/ALL/bogus/json', 404],
  ['2 maxFlows that is no integer', 'GET /activeflows/ALL/pairs/json?maxFlows=x', 400],
  ['2 maxFlows that is no integer', 'GET /activeflows/ALL/pairs/json?maxFlows=1.5', 400],
  ['2 a bad minValue', 'GET /activeflows/ALL/pairs/json?minValue=x', 400],
  [
    '2 an unknown aggMode is max',
    `GET /activeflows/${A}/pairs/json?aggMode=bogus`,
    { json: [expect.objectContaining({ agent: A, dataSource: '1' })] },
  ],
  [
    '2 /flowvalue is a bare number',
    `GET /flowvalue/${A}/1.pairs/json?key=10.0.0.1,10.0.0.9`,
    { text: /^\d+(\.\d+)?(E-?\d+)?$/ },
  ],
  ['2 /flowvalue without key: the largest', `GET /flowvalue/${A}/1.pairs/json`, { text: /^\d+(\.\d+)?/ }],
  ['2 /flowvalue of an unknown agent', 'GET /flowvalue/192.0.2.99/1.pairs/json', 404],
  ['2 /flowvalue of an unknown data source', `GET /flowvalue/${A}/9.pairs/json`, 404],
  ['2 /flowvalue of an unknown flow', `GET /flowvalue/${A}/1.bogus/json`, 404],
  ['2 /flowvalue of an unknown key', `GET /flowvalue/${A}/1.pairs/json?key=1,2`, 404],
  ['2 /flowvalue of ALL', 'GET /flowvalue/ALL/1.pairs/json', 404],
  ['2 /flowvalue without data source', `GET /flowvalue/${A}/pairs/json`, 404],
  ['2 /flowlocations of an unknown flow', 'GET /flowlocations/ALL/bogus/json', 404],
  [
    '2 /flowlocations before any topology: plain entries',
    `GET /flowlocations/${A}/pairs/json`,
    { json: [{ agent: A, dataSource: '1', value: expect.any(Number) }] },
  ],
  ['2 /flows/json', 'GET /flows/json', { json: [] }],
  ['2 /flows with a bad integer', 'GET /flows/json?maxFlows=x', 400],
  ['2 /flows with a bad integer', 'GET /flows/json?flowID=x', 400],
  ['2 /flows with a bad integer', 'GET /flows/json?timeout=x', 400],
  ['2 /flows with maxFlows=0', 'GET /flows/json?maxFlows=0', 400],
  ['2 /flows with maxFlows=-1', 'GET /flows/json?maxFlows=-1', 400],
  ['2 /events/json', 'GET /events/json', { json: [] }],
  ['2 /events with a bad integer', 'GET /events/json?maxEvents=x', 400],
  ['2 /events with a bad integer', 'GET /events/json?eventID=x', 400],
  ['2 /events with maxEvents=0', 'GET /events/json?maxEvents=0', 400],
  ['2 /group/json', 'GET /group/json', { json: {} }],
  ['2 /map/json', 'GET /map/json', { json: {} }],
  ['2 /threshold/json', 'GET /threshold/json', { json: {} }],
  ['2 /forwarding/json', 'GET /forwarding/json', { json: {} }],
  ['2 /tenant/json', 'GET /tenant/json', { json: {} }],
  ['2 /topology/json', 'GET /topology/json', { json: {} }],
  ['2 /scripts/json', 'GET /scripts/json', { json: expect.any(Object) }],
  ['2 /apps/json', 'GET /apps/json', { json: expect.any(Object) }],
  ['13 /status is OK', 'GET /status', { text: 'OK\n' }],
  ['13 the status of an unknown application', 'GET /app/bogus/status', { status: 404, text: /<html/i }],
  ['13 a script that is not there', 'GET /app/bogus/scripts/a.js/x/json', { status: 404, text: /<html/i }],
  ['2 /prometheus/analyzer/txt', 'GET /prometheus/analyzer/txt', { text: /^sflow_analyzer_/ }],
  ['2 /prometheus/metrics', 'GET /prometheus/metrics/ALL/ifspeed/txt', { text: /^sflow_ifspeed\{/ }],
]);

table(
  '2 BGP without a session with the router',
  [
    ...['topprefixes', 'topprefixes6', 'prefix', 'routepusher', 'flowspec'].map(
      (noun) => `/bgp/${noun}/192.0.2.9/json`,
    ),
    '/bgp/routepusher/192.0.2.9/10.0.0.0/8/json',
  ].map((path): RequestRow => ['2 GET is 404 without a body', `GET ${path}`, 404]),
);
table(
  '2 BGP without a session with the router',
  ['/bgp/flowspec/192.0.2.9/json', '/bgp/routepusher/192.0.2.9/10.0.0.0/8/json'].flatMap(
    (path): RequestRow[] => [
      ['2 PUT is 400 without a body', `PUT ${path} {"nexthop":"192.0.2.1"}`, 400],
      ['2 DELETE is 400 without a body', `DELETE ${path}`, 400],
    ],
  ),
);

describe('2 agents in paths', () => {
  it.for<[segment: string, selected: string[]]>([
    ['ALL', [A, B, SIX]],
    [A, [A]],
    [`${A},${B}`, [A, B]],
    [`${A}%2C${B}`, [A, B]],
    [`${A};${B}`, [A]],
    [`${A}%3B${B}`, [A, B]],
    [SIX, [SIX]],
    ['2001:DB8:0:0:0:0:0:1', [SIX]],
    ['2001%3Adb8%3A%3A0001', [SIX]],
    ['192.0.2.99', []],
    [`192.0.2.99,${A}`, [A]],
    ['all', []],
    ['localhost', []],
    ['TOPOLOGY', []],
    ['EDGE', []],
    ['CORE', []],
  ])('2 %s selects %s', async ([segment, selected]) => {
    const flows = await weir.get<{ agent: string }[]>(`/activeflows/${segment}/pairs/json`);
    expect(flows.map(({ agent }) => agent).sort()).toEqual(selected.toSorted());
    const cells = await weir.get<{ agent: string }[]>(`/dump/${segment}/ifspeed/json`);
    expect(cells.map(({ agent }) => agent).sort()).toEqual(selected.toSorted());
    const [metric] = await weir.get<{ metricN?: number }[]>(`/metric/${segment}/sum:ifspeed/json`);
    expect(metric.metricN).toBe(selected.length === 0 ? undefined : selected.length);
  });
});
