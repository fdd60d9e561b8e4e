import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ifCounters, record } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 11: the topology document, what is learned, and the selectors TOPOLOGY, EDGE and CORE. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

const put = (document: unknown): string => `PUT /topology/json ${JSON.stringify(document)}`;
const NODE = {
  agent: '192.0.2.1',
  dpid: '0000000000000001',
  tags: { role: 'leaf' },
  ports: { swp1: { ifindex: '1', ofport: '7', dpid: '01', tags: { speed: 'fast' } } },
};
const LINK = { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1', tags: { k: 'v' } };

requestTable('11.1 the document', () => weir, [
  ['11.1 before any PUT it is empty', 'GET /topology/json', { json: {} }],
  ['11.1 the first PUT', put({ nodes: { leaf1: NODE }, links: { L1: LINK } }), 204],
  [
    '11.1 has version 0',
    'GET /topology/json',
    { json: { version: 0, nodes: { leaf1: NODE }, links: { L1: LINK } } },
  ],
  ['11.1 the same document', put({ nodes: { leaf1: NODE }, links: { L1: LINK } }), 204],
  ['11.1 is no change', 'GET /topology/json', { json: expect.objectContaining({ version: 0 }) }],
  ['11.1 another one', put({ links: { L2: LINK } }), 204],
  [
    '11.1 replaces the whole, and the version grows',
    'GET /topology/json',
    { json: { version: 1, links: { L2: LINK } } },
  ],
  ['11.1 unknown members', put({ links: { L3: { ...LINK, colour: 'red' } }, colour: 'red' }), 204],
  ['11.1 are dropped', 'GET /topology/json', { json: { version: 2, links: { L3: LINK } } }],
  ['11.1 {} clears', put({}), 204],
  ['11.1 what is left is the version', 'GET /topology/json', { json: { version: 3 } }],
  ['11.1 links must be an object', put({ links: [] }), 400],
  ['11.1 ifindex must be text', put({ nodes: { a: { ports: { p: { ifindex: 1 } } } }, links: {} }), 400],
  ['11.1 what was refused changed nothing', 'GET /topology/json', { json: { version: 3 } }],
  ['11.1 links may miss ends', put({ links: { L: {} } }), 204],
  [
    '11.1 links may name unknown nodes',
    put({ links: { L: { node1: 'x', port1: 'y', node2: 'z', port2: 'w' } } }),
    204,
  ],
  ['11.1 agent is not validated', put({ nodes: { a: { agent: 'nonsense' } }, links: {} }), 204],
  [
    '11.1 and comes back',
    'GET /topology/json',
    { json: expect.objectContaining({ nodes: { a: { agent: 'nonsense' } } }) },
  ],
  ['11.1 POST is PUT', 'POST /topology/json {}', 204],
] satisfies RequestRow[]);

/*
 * leaf (192.0.2.1) has ports 1 to 3, a virtual machine and itself; spine (192.0.2.2) has ports 1 and 2; other (192.0.2.3)
 * is in no topology. Port 1 of leaf is linked to port 1 of spine.
 */
const AGENTS = { leaf: '192.0.2.1', spine: '192.0.2.2', other: '192.0.2.3' };
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  TOPOLOGY: ['1/1', '1/2', '1/2.1', '1/3', '1/3.1', '2/1', '2/2'],
  CORE: ['1/1', '2/1'],
  EDGE: ['1/2', '1/2.1', '1/3', '1/3.1', '2/2'],
};
const DOCUMENT = {
  nodes: {
    leaf: { agent: AGENTS.leaf, ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
    spine: { agent: AGENTS.spine, ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
  },
  links: { L1: { node1: 'leaf', port1: 'swp1', node2: 'spine', port2: 'swp1' } },
};
/** Nodes and ports by the names that agents send. */
const LEARNED = { links: { L1: { node1: 'leaf', port1: 'swp1', node2: 'spine', port2: 'swp1' } } };

interface Cell {
  readonly agent: string;
  readonly dataSource: string;
}
const placesOf = (cells: readonly Cell[]): string[] =>
  [...new Set(cells.map(({ agent, dataSource }) => `${agent.slice(-1)}/${dataSource}`))].sort();
const firstPlaces = (rows: readonly (readonly Cell[])[]): string[] => placesOf(rows.map(([cell]) => cell));

describe('11.2 selectors', () => {
  beforeAll(async () => {
    await weir.set('/flow/sources/json', { keys: 'ipsource', value: 'frames', t: 600 });
    for (const [name, address] of Object.entries(AGENTS)) {
      const agent = new SyntheticAgent(address);
      const ports = name === 'leaf' ? [1, 2, 3] : [1, 2];
      const self = { sourceId: { class: 2, index: 1 } };
      await weir.deliver(
        agent.datagram([
          ...ports.map((index) =>
            agent.counters([ifCounters({ ifIndex: index }), record('port_name', { name: `swp${index}` })], {
              sourceId: index,
            }),
          ),
          ...ports.map((index) =>
            agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })], {
              sourceId: index,
              input: index,
              samplingRate: 1,
            }),
          ),
        ]),
        agent.datagram([
          ...(name === 'leaf'
            ? [
                agent.counters([ifCounters()], self),
                agent.counters([ifCounters()], { sourceId: { class: 3, index: 1 } }),
              ]
            : []),
        ]),
      );
    }
  });

  const selected = {
    '/metric': async (part: string) => {
      const [{ metricN }] = await weir.get<{ metricN?: number }[]>(`/metric/${part}/sum:ifspeed/json`);
      return metricN ?? 0;
    },
    '/table': async (part: string) => firstPlaces(await weir.get<Cell[][]>(`/table/${part}/ifspeed/json`)),
    '/dump': async (part: string) => placesOf(await weir.get<Cell[]>(`/dump/${part}/ifspeed/json`)),
    '/prometheus': async (part: string) => {
      const { text } = await weir.ask('GET', `/prometheus/metrics/${part}/ifspeed/txt`);
      return [...text.matchAll(/agent="[0-9.]*(\d)",datasource="([^"]*)"/g)]
        .map(([, a, d]) => `${a}/${d}`)
        .sort();
    },
  };
  const endpoints = Object.keys(selected) as (keyof typeof selected)[];
  const parts = Object.keys(MEMBERS);

  describe('11.2 without a topology', () => {
    it.for(parts.flatMap((part) => endpoints.map((endpoint) => [part, endpoint] as const)))(
      '11.2 %s is empty in %s',
      async ([part, endpoint]) => {
        expect(await selected[endpoint](part)).toEqual(endpoint === '/metric' ? 0 : []);
      },
    );
    it.for([
      'TOPOLOGY/sources/json',
      'EDGE/sources/json',
      'CORE/sources/json',
      'ALL/sources/json?aggMode=edge',
      'ALL/sources/json?aggMode=core',
    ])('11.2 /activeflows/%s is empty', async (path) => {
      expect(await weir.get(`/activeflows/${path}`)).toEqual([]);
    });
  });

  describe.for([
    ['a topology with agents and ports', DOCUMENT],
    ['a topology of links, nodes and ports learned', LEARNED],
  ] as const)('11.2 %s', ([title, document]) => {
    beforeAll(async () => {
      if (document === LEARNED) {
        // Host names come with the hosts' descriptions.
        for (const [name, address] of Object.entries(AGENTS)) {
          const agent = new SyntheticAgent(address, 7);
          const description = record('host_descr', { hostname: name });
          await weir.deliver(
            agent.datagram([
              agent.counters([description], { sourceId: { class: 2, index: 1 }, sequenceNumber: 50 }),
            ]),
          );
        }
      }
      await weir.set('/topology/json', document);
    });

    it.for(parts.flatMap((part) => endpoints.map((endpoint) => [part, endpoint] as const)))(
      '11.2 %s in %s',
      async ([part, endpoint]) => {
        const members = MEMBERS[part];
        expect(await selected[endpoint](part), title).toEqual(
          endpoint === '/metric' ? members.length : members,
        );
      },
    );

    it.for([
      ['TOPOLOGY/sources/json?aggMode=sum', 5],
      ['EDGE/sources/json', 3],
      ['CORE/sources/json', 2],
      ['ALL/sources/json?aggMode=edge', 3],
      ['ALL/sources/json?aggMode=core', 2],
    ] as const)('11.2 /activeflows/%s merges %d reports', async ([path, flowN]) => {
      expect(await weir.get(`/activeflows/${path}`)).toMatchObject([{ key: '10.0.0.1', flowN }]);
    });
  });

  it('11.1 the topology creates no metrics of its own', async () => {
    const names = Object.keys(await weir.get<object>('/metrics/json'));
    expect(names.filter((name) => /node|link|topology/.test(name))).toEqual([]);
  });
});
