import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow, FlowLocation } from '../../src/engine/index.ts';
import { counterSample, ifCounters } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/*
 * Sections 6.2 to 6.4: flows of a small fabric. leaf1 and leaf2 have hosts on ports 3 and 4 and are linked to spine1 by
 * their port 1; `other` is no part of the topology. A flow from 10.0.0.1 crosses leaf1, spine1 and leaf2.
 */
const LEAF1 = '192.0.2.1';
const LEAF2 = '192.0.2.2';
const SPINE = '192.0.2.3';
const OTHER = '192.0.2.9';

/** Bytes by place: each is one sample. Over 600 s next to nothing decays. */
const T = 600;
const TRAFFIC: readonly (readonly [agent: string, port: number, source: string, bytes: number])[] = [
  [LEAF1, 3, '10.0.0.1', 1000],
  [LEAF1, 1, '10.0.0.1', 900],
  [SPINE, 1, '10.0.0.1', 800],
  [SPINE, 2, '10.0.0.1', 700],
  [LEAF2, 1, '10.0.0.1', 600],
  [LEAF2, 3, '10.0.0.1', 500],
  [OTHER, 7, '10.0.0.1', 400],
  [LEAF1, 4, '10.0.0.2', 300],
  [LEAF2, 4, '10.0.0.3', 200],
];
/** A port of spine1 that the topology does not know. */
const UNKNOWN_PORT = [SPINE, 9, '10.0.0.4', 100] as const;

const TOPOLOGY = {
  nodes: {
    leaf1: { agent: LEAF1, ports: ports(1, 3, 4) },
    leaf2: { agent: LEAF2, ports: ports(1, 3, 4) },
    spine1: { agent: SPINE, ports: ports(1, 2) },
  },
  links: {
    L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1' },
    L2: { node1: 'leaf2', port1: 'swp1', node2: 'spine1', port2: 'swp2' },
  },
};

function ports(...indexes: number[]): Record<string, { ifindex: string }> {
  return Object.fromEntries(indexes.map((index) => [`swp${index}`, { ifindex: String(index) }]));
}

let weir: WeirUnderTest;
const agents = new Map<string, SyntheticAgent>();

beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  await weir.set('/topology/json', TOPOLOGY);
  const value = { value: 'bytes', t: T };
  await weir.set('/flow/sources/json', { keys: 'ipsource', ...value });
  await weir.set('/flow/pairs/json', { keys: 'ipsource,tcpdestinationport', ...value, values: 'frames' });
  await weir.set('/flow/lines/json', { keys: 'ipsource,tcpdestinationport', ...value, fs: '_SEP_' });
  await weir.set('/flow/edge/json', { keys: 'ipsource', ...value, values: 'frames', aggMode: 'EDGE' });
  await weir.set('/flow/agent/json', { keys: 'ipsource', ...value, aggMode: 'AGENT' });
  for (const [address, port, source, frameLength] of [...TRAFFIC, UNKNOWN_PORT]) {
    const agent = agents.get(address) ?? new SyntheticAgent(address);
    agents.set(address, agent);
    const destinationPort = port === 4 ? 443 : 80;
    const header = tcpHeader({ source, destination: '10.0.9.9', destinationPort }, { frameLength });
    const place = { sourceId: port, input: port, output: 5, samplingRate: 1 };
    await weir.deliver(agent.datagram([agent.flow([header], place)]));
  }
});
afterAll(() => weir.end());

/** Bytes of a value. */
const bytesOf = (value: number): number => Math.round((value * T) / 10) * 10;

describe('6.2 /activeflows', () => {
  const flows = (path: string): Promise<ActiveFlow[]> => weir.get(`/activeflows/${path}`);
  /** Key, bytes and place of each row. */
  const shown = async (path: string): Promise<string[]> =>
    (await flows(path)).map(({ key, value, flowN, agent, dataSource }) =>
      [key, bytesOf(value), flowN, ...(agent === undefined ? [] : [`${agent}/${dataSource}`])].join(' '),
    );

  it('6.2 an entry', async () => {
    expect((await flows(`${LEAF1}/pairs/json?maxFlows=1`))[0]).toEqual({
      key: '10.0.0.1,80',
      value: expect.any(Number),
      flowN: 2,
      agent: LEAF1,
      dataSource: '3',
      values: [expect.any(Number)],
    });
  });

  const ALL = [
    '10.0.0.1 1000 7 192.0.2.1/3',
    '10.0.0.2 300 1 192.0.2.1/4',
    '10.0.0.3 200 1 192.0.2.2/4',
    '10.0.0.4 100 1 192.0.2.3/9',
  ];
  it.for<[fact: string, path: string, rows: string[]]>([
    ['largest first; max is the default', 'ALL/sources/json', ALL],
    ['max', 'ALL/sources/json?aggMode=max', ALL],
    ['unknown words are max', 'ALL/sources/json?aggMode=median', ALL],
    ['words in any case', 'ALL/sources/json?aggMode=SUM&maxFlows=1', ['10.0.0.1 4900 7']],
    [
      'sum of the reports',
      'ALL/sources/json?aggMode=sum',
      ['10.0.0.1 4900 7', '10.0.0.2 300 1', '10.0.0.3 200 1', '10.0.0.4 100 1'],
    ],
    ['mean of the reports', 'ALL/sources/json?aggMode=avg&maxFlows=1', ['10.0.0.1 700 7']],
    [
      'edge: sum over EDGE data sources',
      'ALL/sources/json?aggMode=edge',
      ['10.0.0.1 1500 2', '10.0.0.2 300 1', '10.0.0.3 200 1', '10.0.0.4 100 1'],
    ],
    ['core: mean over CORE data sources', 'ALL/sources/json?aggMode=core', ['10.0.0.1 750 4']],
    ['one agent', `${LEAF1}/sources/json`, ['10.0.0.1 1000 2 192.0.2.1/3', '10.0.0.2 300 1 192.0.2.1/4']],
    ['a list of agents', `${LEAF2},${OTHER}/sources/json?maxFlows=1`, ['10.0.0.1 600 3 192.0.2.2/1']],
    ['TOPOLOGY leaves out others', 'TOPOLOGY/sources/json?aggMode=sum&maxFlows=1', ['10.0.0.1 4500 6']],
    [
      'EDGE without aggMode is aggMode edge',
      'EDGE/sources/json?maxFlows=2',
      ['10.0.0.1 1500 2', '10.0.0.2 300 1'],
    ],
    ['CORE without aggMode is aggMode core', 'CORE/sources/json', ['10.0.0.1 750 4']],
    ['EDGE with sum is TOPOLOGY', 'EDGE/sources/json?aggMode=sum&maxFlows=1', ['10.0.0.1 4500 6']],
    [
      'EDGE with max is TOPOLOGY',
      'EDGE/sources/json?aggMode=max&maxFlows=1',
      ['10.0.0.1 1000 6 192.0.2.1/3'],
    ],
    ['CORE with sum: core data sources', 'CORE/sources/json?aggMode=sum', ['10.0.0.1 3000 4']],
    ['CORE with avg: core data sources', 'CORE/sources/json?aggMode=avg', ['10.0.0.1 750 4']],
    [
      'CORE with max is TOPOLOGY',
      'CORE/sources/json?aggMode=max&maxFlows=1',
      ['10.0.0.1 1000 6 192.0.2.1/3'],
    ],
    ['maxFlows', 'ALL/sources/json?maxFlows=2', ALL.slice(0, 2)],
    [
      'maxFlows counts merged flows',
      `${LEAF1}/sources/json?maxFlows=2&aggMode=sum`,
      ['10.0.0.1 1900 2', '10.0.0.2 300 1'],
    ],
    ['maxFlows=0 is none', 'ALL/sources/json?maxFlows=0', []],
    ['maxFlows below 0 is none', 'ALL/sources/json?maxFlows=-1', []],
    ['minValue', 'ALL/sources/json?minValue=0.4', ALL.slice(0, 2)],
    ['a filter: every field', 'ALL/pairs/json?filter=10.0.0.2,443', ['10.0.0.2,443 300 1 192.0.2.1/4']],
    [
      'a filter: empty fields are wildcards',
      'ALL/pairs/json?filter=,443',
      ['10.0.0.2,443 300 1 192.0.2.1/4', '10.0.0.3,443 200 1 192.0.2.2/4'],
    ],
    [
      'a filter: empty fields are wildcards',
      'ALL/pairs/json?filter=10.0.0.1,',
      ['10.0.0.1,80 1000 7 192.0.2.1/3'],
    ],
    [
      'a filter is split by fs',
      'ALL/lines/json?filter=_SEP_443&maxFlows=1',
      ['10.0.0.2_SEP_443 300 1 192.0.2.1/4'],
    ],
    ['a filter: no regular expression', 'ALL/pairs/json?filter=10.*,443', []],
    ['a filter: no CIDR', 'ALL/pairs/json?filter=10.0.0.0/8,443', []],
    ['a filter: another number of fields matches nothing', 'ALL/pairs/json?filter=10.0.0.2', []],
    ['a filter: another number of fields matches nothing', 'ALL/pairs/json?filter=10.0.0.2,443,', []],
    ['an empty filter matches nothing', 'ALL/pairs/json?filter=', []],
    [
      'only the first filter counts',
      'ALL/pairs/json?filter=10.0.0.3,443&filter=,80',
      ['10.0.0.3,443 200 1 192.0.2.2/4'],
    ],
  ])('6.2 %s: %s', async ([, path, rows]) => {
    expect(await shown(path)).toEqual(rows);
  });
});

describe('6.3 aggMode EDGE', () => {
  const TOTALS = ['10.0.0.1 1500 1', '10.0.0.2 300 1', '10.0.0.3 200 1', '10.0.0.4 100 1'];
  it.for<[path: string, rows: string[]]>([
    ['ALL/edge/json', TOTALS],
    ['ALL/edge/json?aggMode=edge', TOTALS],
    ['TOPOLOGY/edge/json', TOTALS],
    ['EDGE/edge/json', TOTALS],
    ['EDGE/edge/json?aggMode=edge', TOTALS],
    ['ALL/edge/json?aggMode=max', []],
    ['ALL/edge/json?aggMode=sum', []],
    ['ALL/edge/json?aggMode=core', []],
    ['CORE/edge/json', []],
    [`${LEAF1}/edge/json`, []],
  ])('6.3 %s', async ([path, rows]) => {
    const flows = await weir.get<ActiveFlow[]>(`/activeflows/${path}`);
    expect(flows.map(({ key, value, flowN }) => `${key} ${bytesOf(value)} ${flowN}`)).toEqual(rows);
    for (const flow of flows) {
      expect(flow).not.toHaveProperty('agent');
      expect(flow).not.toHaveProperty('dataSource');
    }
  });

  it('6.3 values are totals too', async () => {
    const [{ values }] = await weir.get<ActiveFlow[]>('/activeflows/ALL/edge/json');
    expect(Math.round((values?.[0] ?? 0) * T)).toBe(2);
  });
});

describe('6.3 aggMode AGENT', () => {
  it.for<[path: string, rows: string[]]>([
    [`${LEAF1}/agent/json`, ['10.0.0.1 1900 192.0.2.1/0', '10.0.0.2 300 192.0.2.1/0']],
    ['ALL/agent/json?maxFlows=1', ['10.0.0.1 1900 192.0.2.1/0']],
    ['ALL/agent/json?maxFlows=1&aggMode=sum', ['10.0.0.1 4900 undefined/undefined']],
    ['ALL/agent/json?aggMode=edge', []],
    ['ALL/agent/json?aggMode=core', []],
    ['EDGE/agent/json', []],
    ['CORE/agent/json', []],
    ['CORE/agent/json?aggMode=sum', []],
    ['CORE/agent/json?aggMode=avg', []],
    ['EDGE/agent/json?aggMode=max&maxFlows=1', ['10.0.0.1 1900 192.0.2.1/0']],
    ['CORE/agent/json?aggMode=max&maxFlows=1', ['10.0.0.1 1900 192.0.2.1/0']],
    ['EDGE/agent/json?aggMode=sum&maxFlows=1', ['10.0.0.1 4500 undefined/undefined']],
    ['EDGE/agent/json?aggMode=avg&maxFlows=1', ['10.0.0.1 1500 undefined/undefined']],
  ])('6.3 %s', async ([path, rows]) => {
    const flows = await weir.get<ActiveFlow[]>(`/activeflows/${path}`);
    expect(
      flows.map(({ key, value, agent, dataSource }) => `${key} ${bytesOf(value)} ${agent}/${dataSource}`),
    ).toEqual(rows);
  });

  it('6.3 /flowvalue of data source 0', async () => {
    expect(bytesOf(await weir.get(`/flowvalue/${LEAF1}/0.agent/json?key=10.0.0.1`))).toBe(1900);
  });
});

requestTable('6.3 where tables of an aggMode do not show', () => weir, [
  ['6.3 AGENT is not in /metric', `GET /metric/${LEAF1}/agent/json`, { json: [{ metricName: 'agent' }] }],
  ['6.3 AGENT is not in /dump', `GET /dump/${LEAF1}/agent/json`, { json: [] }],
  ['6.3 AGENT has no locations', `GET /flowlocations/${LEAF1}/agent/json`, { json: [] }],
] satisfies RequestRow[]);

describe('2 /flowvalue', () => {
  it.for<[fact: string, path: string, bytes: number]>([
    ['of a key', `${LEAF1}/3.sources/json?key=10.0.0.1`, 1000],
    ['without key: the largest flow', `${LEAF1}/1.sources/json`, 900],
    ['of a key with two fields', `${LEAF1}/4.pairs/json?key=10.0.0.2,443`, 300],
  ])('2 /flowvalue %s', async ([, path, bytes]) => {
    expect(bytesOf(await weir.get<number>(`/flowvalue/${path}`))).toBe(bytes);
  });
});

describe('6.4 /flowlocations', () => {
  const locations = async (path: string): Promise<FlowLocation[]> => {
    const found = await weir.get<FlowLocation[]>(`/flowlocations/${path}`);
    return found.map((each) => ({ ...each, value: bytesOf(each.value) })).sort((a, b) => b.value - a.value);
  };
  const EDGE = { node: 'leaf1', port: 'swp3', agent: LEAF1, dataSource: '3', value: 1000 };
  const LINK = {
    localnode: 'leaf1',
    localport: 'swp1',
    remotenode: 'spine1',
    remoteport: 'swp1',
    linkname: 'L1',
    agent: LEAF1,
    dataSource: '1',
    value: 900,
  };

  it.for<[fact: string, path: string, entries: object[]]>([
    ['an edge port and a link', `${LEAF1}/sources/json?key=10.0.0.1`, [EDGE, LINK]],
    [
      'the other end of a link',
      `${SPINE}/sources/json?key=10.0.0.1`,
      [
        {
          localnode: 'spine1',
          localport: 'swp1',
          remotenode: 'leaf1',
          remoteport: 'swp1',
          linkname: 'L1',
          agent: SPINE,
          dataSource: '1',
          value: 800,
        },
        {
          localnode: 'spine1',
          localport: 'swp2',
          remotenode: 'leaf2',
          remoteport: 'swp1',
          linkname: 'L2',
          agent: SPINE,
          dataSource: '2',
          value: 700,
        },
      ],
    ],
    [
      'an agent the topology does not know',
      `${OTHER}/sources/json?key=10.0.0.1`,
      [{ agent: OTHER, dataSource: '7', value: 400 }],
    ],
    [
      'a port the topology does not know',
      'ALL/sources/json?key=10.0.0.4',
      [{ agent: SPINE, dataSource: '9', value: 100 }],
    ],
    ['an unknown key', 'ALL/sources/json?key=10.9.9.9', []],
    [
      'any key when there is none',
      `${LEAF1}/sources/json`,
      [EDGE, LINK, { node: 'leaf1', port: 'swp4', agent: LEAF1, dataSource: '4', value: 300 }],
    ],
  ])('6.4 %s: %s', async ([, path, entries]) => {
    expect(await locations(path)).toEqual(entries);
  });

  it('6.4 every data source that reports the key', async () => {
    expect((await locations('ALL/sources/json?key=10.0.0.1')).map(({ value }) => value)).toEqual([
      1000, 900, 800, 700, 600, 500, 400,
    ]);
  });
});

/* From here on there is other traffic besides. */

describe('6.2 and 7.3 many flows', () => {
  it('6.2 maxFlows is 100 unless given', async () => {
    await weir.set('/flow/ports/json', { keys: 'tcpsourceport', value: 'bytes', t: T });
    const agent = weir.agent();
    for (let port = 1; port <= 105; port += 5)
      await weir.deliver(
        agent.datagram(
          [0, 1, 2, 3, 4].map((i) =>
            agent.flow([tcpHeader({ source: '10.1.0.1', destination: '10.1.0.2', sourcePort: port + i })]),
          ),
        ),
      );
    expect(await weir.get(`/activeflows/${agent.address}/ports/json`)).toHaveLength(100);
    expect(await weir.get(`/activeflows/${agent.address}/ports/json?maxFlows=1000`)).toHaveLength(105);
  });

  it('7.3 the value is the largest single flow, not the total', async () => {
    const agent = weir.agent();
    await weir.set('/flow/largest/json', { keys: 'ipsource', value: 'bytes', t: T });
    const sampleOf = (source: string, frameLength: number) =>
      agent.flow([tcpHeader({ source, destination: '10.0.9.9' }, { frameLength })], { samplingRate: 1 });
    await weir.deliver(
      agent.datagram([
        sampleOf('10.0.0.1', 100),
        sampleOf('10.0.0.2', 400),
        counterSample({ records: [ifCounters()] }),
      ]),
    );
    const metrics = await weir.get<Record<string, number>>(`/metric/${agent.address}/json`);
    expect(bytesOf(metrics['1.largest'])).toBe(400);
    const [{ metricValue, topKeys, dataSource }] = await weir.get<
      {
        metricValue: number;
        dataSource: string;
        topKeys: { key: string; value: number; lastUpdate: number }[];
      }[]
    >(`/metric/${agent.address}/largest/json`);
    expect([bytesOf(metricValue), dataSource]).toEqual([400, '1']);
    expect(topKeys.map(({ key, value }) => `${key} ${bytesOf(value)}`)).toEqual([
      '10.0.0.2 400',
      '10.0.0.1 100',
    ]);
    for (const { lastUpdate } of topKeys) expect(lastUpdate).toBeLessThan(10_000);
  });
});
