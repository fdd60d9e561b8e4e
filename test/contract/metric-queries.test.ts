import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ifCounters, record, type Sample } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/*
 * Section 8: questions about metrics. Two switches and two hosts:
 *
 *   192.0.2.1 sw1  ports 1 to 3: 1, 10 and 1 Gbit/s, named swp1 to swp3, receiving 1000, 2000, 3000 octets
 *   192.0.2.2 sw2  port 1: 10 Gbit/s, named eth0, receiving 4000 octets
 *   192.0.2.3 web1 load 1, 2 GB     192.0.2.4 web2 load 4, 4 GB
 */
const SW1 = '192.0.2.1';
const SW2 = '192.0.2.2';
const WEB1 = '192.0.2.3';
const WEB2 = '192.0.2.4';

interface Port {
  readonly index: number;
  readonly name: string;
  readonly gigabits: number;
  readonly octets: number;
}
const PORTS: Readonly<Record<string, readonly Port[]>> = {
  [SW1]: [
    { index: 1, name: 'swp1', gigabits: 1, octets: 1000 },
    { index: 2, name: 'swp2', gigabits: 10, octets: 2000 },
    { index: 3, name: 'swp3', gigabits: 1, octets: 3000 },
  ],
  [SW2]: [{ index: 1, name: 'eth0', gigabits: 10, octets: 4000 }],
};

/** Element of /metric, or cell of /table and /dump. */
interface Cell {
  readonly metricName: string;
  readonly metricValue?: number | string;
  readonly metricN?: number;
  readonly agent?: string;
  readonly dataSource?: string;
  readonly lastUpdate?: number;
  readonly lastUpdateMin?: number;
  readonly lastUpdateMax?: number;
  readonly quartiles?: Readonly<Record<string, number>>;
  readonly topKeys?: readonly { readonly key: string; readonly value: number; readonly lastUpdate: number }[];
}

let weir: WeirUnderTest;

function hostSample(agent: SyntheticAgent, name: string, load: number, gigabytes: number): Sample {
  return agent.counters(
    [
      record('host_descr', { hostname: name, machineType: 3, osName: 2, osRelease: '6.1.0' }),
      record('host_cpu', { loadOne: load, cpuNumber: 2 }),
      record('host_memory', { memoryTotal: BigInt(gigabytes) * 2n ** 30n }),
    ],
    { sourceId: { class: 2, index: 1 } },
  );
}

/** Custom gauges `m` of data sources s1, s2, … */
function gauges(values: readonly number[]): Sample[] {
  return values.map((value, i) => ({
    kind: 'rtmetric',
    dataSource: `s${i + 1}`,
    metrics: [{ name: 'm', type: 6, value }],
  }));
}

beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  await weir.set('/flow/bysource/json', { keys: 'ipsource', value: 'bytes', values: 'frames', t: 600 });
  const [sw1, sw2, web1, web2] = [SW1, SW2, WEB1, WEB2].map((address) => new SyntheticAgent(address));
  for (const times of [1, 2]) {
    for (const agent of [sw1, sw2]) {
      const samples = PORTS[agent.address].map(({ index, name, gigabits, octets }) =>
        agent.counters(
          [
            ifCounters({
              ifIndex: index,
              ifSpeed: BigInt(gigabits) * 1_000_000_000n,
              ifInOctets: BigInt(octets * times),
            }),
            record('port_name', { name }),
          ],
          { sourceId: index },
        ),
      );
      const name = agent === sw1 ? 'sw1' : 'sw2';
      samples.push(
        agent.counters([record('host_descr', { hostname: name })], { sourceId: { class: 2, index: 1 } }),
      );
      await weir.deliver(agent.datagram(samples));
    }
    await weir.deliver(
      web1.datagram([hostSample(web1, 'web1', 1, 2)]),
      web2.datagram([hostSample(web2, 'web2', 4, 4)]),
    );
    if (times === 1) await sleep(100);
  }
  const flow = (source: string, frameLength: number): Sample =>
    sw1.flow([tcpHeader({ source, destination: '10.255.0.1' }, { frameLength })], { samplingRate: 1 });
  await weir.deliver(sw1.datagram([flow('10.0.0.1', 100), flow('10.0.0.2', 300)]));
});
afterAll(() => weir.end());

const table = (title: string, rows: readonly RequestRow[]): void => requestTable(title, () => weir, rows);
const place = ({ agent, dataSource }: Cell): string => `${agent?.replace('192.0.2.', '')}/${dataSource}`;

describe('8.1 filters', () => {
  it.for<[fact: string, query: string, places: string[]]>([
    ['none: every data source', '', ['1/1', '1/2', '1/3', '2/1']],
    ['a value', 'ifname=swp1', ['1/1']],
    ['* is any text', 'ifname=swp*', ['1/1', '1/2', '1/3']],
    ['? is one character', 'ifname=?th0', ['2/1']],
    ['[ ] is a class', 'ifname=swp[12]', ['1/1', '1/2']],
    ['the whole value must match', 'ifname=swp', []],
    ['case counts', 'ifname=SWP*', []],
    ['numbers by their integer text', 'ifspeed=1000000000', ['1/1', '1/3']],
    ['numbers by their integer text', 'ifspeed=1.0E9', []],
    ['a repeated parameter is or', 'ifname=swp1&ifname=eth0', ['1/1', '2/1']],
    ['different parameters are and', 'ifname=swp*&ifspeed=1000000000', ['1/1', '1/3']],
    ['no regular expression', 'ifname=swp.', []],
    ['no comma list', 'ifname=swp1,swp2', []],
    ['an unknown metric', 'bogus=1', []],
    ['filter= is just another metric', 'filter=ifname=swp1', []],
    ['a metric of another data source', 'host_name=sw1', []],
  ])('8.1 %s: %s', async ([, query, places]) => {
    const cells = await weir.get<Cell[]>(`/dump/ALL/ifspeed/json?${query}`);
    expect(cells.map(place).sort()).toEqual(places);
    const [{ metricN }] = await weir.get<Cell[]>(`/metric/ALL/sum:ifspeed/json?${query}`);
    expect(metricN ?? 0).toBe(places.length);
    const rows = await weir.get<Cell[][]>(`/table/ALL/ifspeed/json?${query}`);
    expect(rows.map(([cell]) => place(cell)).sort()).toEqual(places);
  });

  it('8.1 metrics of the same data source', async () => {
    const cells = await weir.get<Cell[]>('/dump/ALL/load_one/json?host_name=web*&mem_total=4294967296');
    expect(cells).toEqual([expect.objectContaining({ agent: WEB2, metricValue: 4 })]);
  });
});

describe('8.2 the metric segment', () => {
  it.for<[fact: string, segment: string, value: number | string | undefined]>([
    ['no statistic is max', 'load_one', 4],
    ['a statistic', 'min:load_one', 1],
    ['a data source', '2.1.load_one', 4],
    ['a statistic and a data source', 'min:2.1.load_one', 1],
    ['a data source and a metric', '3.ifspeed', 1e9],
    ['an unknown statistic', 'bogus:load_one', undefined],
    ['an unknown metric', 'bogus', undefined],
    ['a data source without it', '7.load_one', undefined],
  ])('8.2 %s: %s', async ([, segment, value]) => {
    const [element] = await weir.get<Cell[]>(`/metric/ALL/${segment}/json`);
    expect(element.metricName).toBe(segment);
    expect(element.metricValue).toBe(value);
    if (value === undefined) expect(element).toEqual({ metricName: segment });
  });

  it('8.2 a comma list gives an element each, in order', async () => {
    const elements = await weir.get<Cell[]>('/metric/ALL/sum:load_one,bogus,max:load_one,load_one/json');
    expect(elements.map(({ metricName }) => metricName)).toEqual([
      'sum:load_one',
      'bogus',
      'max:load_one',
      'load_one',
    ]);
  });
});

describe('8.3 /metric', () => {
  const element = async (segment: string): Promise<Cell> =>
    (await weir.get<Cell[]>(`/metric/ALL/${segment}/json`))[0];

  it('8.3 an element', async () => {
    expect(await element('max:ifinoctets')).toEqual({
      metricName: 'max:ifinoctets',
      metricValue: (await weir.get<Record<string, number>>(`/metric/${SW2}/json`))['1.ifinoctets'],
      metricN: 4,
      agent: SW2,
      dataSource: '1',
      lastUpdate: expect.any(Number),
      lastUpdateMin: expect.any(Number),
      lastUpdateMax: expect.any(Number),
    });
  });

  it('8.3 updates are ms ago', async () => {
    const { lastUpdate = -1, lastUpdateMin = -1, lastUpdateMax = -1 } = await element('max:ifinoctets');
    expect(lastUpdateMin).toBeGreaterThanOrEqual(0);
    expect(lastUpdateMax).toBeGreaterThanOrEqual(lastUpdateMin);
    expect(lastUpdateMax).toBeLessThan(20_000);
    expect(lastUpdate).toBeGreaterThanOrEqual(lastUpdateMin);
    expect(lastUpdate).toBeLessThanOrEqual(lastUpdateMax);
  });

  it.for<[fact: string, segment: string, expected: Partial<Cell>]>([
    [
      'max of numbers has the place of the winner',
      'max:load_one',
      { metricValue: 4, agent: WEB2, dataSource: '2.1' },
    ],
    ['min of numbers', 'min:load_one', { metricValue: 1, agent: WEB1, dataSource: '2.1' }],
    ['max of texts is lexical', 'max:host_name', { metricValue: 'web2', agent: WEB2, metricN: 4 }],
    ['min of texts', 'min:host_name', { metricValue: 'sw1', agent: SW1 }],
    ['max of texts', 'max:ifname', { metricValue: 'swp3', agent: SW1, dataSource: '3' }],
  ])('8.3 %s: %s', async ([, segment, expected]) => {
    const found = await element(segment);
    expect(found).toMatchObject(expected);
    expect(found).toHaveProperty('lastUpdate');
  });

  it('8.3 any has a place but no lastUpdate', async () => {
    const found = await element('any:load_one');
    expect([`${WEB1} 1`, `${WEB2} 4`]).toContain(`${found.agent} ${found.metricValue}`);
    expect(found.dataSource).toBe('2.1');
    expect(found).not.toHaveProperty('lastUpdate');
  });

  it.for(['sum', 'avg', 'var', 'sdev', 'med', 'q1', 'q2', 'q3', 'iqr'])(
    '8.3 %s has neither place nor lastUpdate',
    async (statistic) => {
      const found = await element(`${statistic}:load_one`);
      expect(found).toMatchObject({ metricValue: expect.any(Number), metricN: 2 });
      for (const member of ['agent', 'dataSource', 'lastUpdate']) expect(found).not.toHaveProperty(member);
    },
  );

  it.for(['sum', 'avg', 'var', 'sdev', 'med', 'q1', 'q3', 'iqr'])(
    '8.3 %s of a text metric: only metricName',
    async (statistic) => {
      expect(await element(`${statistic}:host_name`)).toEqual({ metricName: `${statistic}:host_name` });
    },
  );

  const VALUES = [7, 1, 5, 3];
  it.for([
    ['sum', 16],
    ['avg', 4],
    ['var', 5],
    ['sdev', Math.sqrt(5)],
    ['max', 7],
    ['min', 1],
    ['med', 4],
    ['q2', 4],
    ['q1', 3],
    ['q3', 5],
    ['iqr', 2],
  ] as const)('8.3 %s of 1, 3, 5, 7 is %d', async ([statistic, value]) => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram(gauges(VALUES)));
    const [found] = await weir.get<Cell[]>(`/metric/${agent.address}/${statistic}:m/json`);
    expect(found.metricValue).toBeCloseTo(value, 9);
    expect(found.metricN).toBe(4);
  });

  it.for(['med', 'q1', 'q2', 'q3', 'iqr'])('8.3 %s carries all quartiles', async (statistic) => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram(gauges(VALUES)));
    const [{ quartiles }] = await weir.get<Cell[]>(`/metric/${agent.address}/${statistic}:m/json`);
    expect(quartiles).toEqual({ min: 1, q1: 3, med: 4, q3: 5, max: 7 });
  });

  it.for(Array.from({ length: 12 }, (_, i) => i + 1))('8.3 quartiles of %d values', async (n) => {
    // Squares, no two equal, not in order.
    const values = Array.from({ length: n }, (_, i) => ((i * 7) % 13) ** 2);
    const sorted = values.toSorted((a, b) => a - b);
    const median = (from: number, to: number): number => {
      const half = (from + to) / 2;
      return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
    };
    const h = Math.floor(n / 2);
    const quarters =
      n === 1 || n === 3 ? [sorted[0], sorted[n - 1]] : [median(0, h), median(h - 1, 2 * h - 1)];
    const agent = weir.agent();
    await weir.deliver(agent.datagram(gauges(values)));
    const [{ quartiles }] = await weir.get<Cell[]>(`/metric/${agent.address}/med:m/json`);
    expect(quartiles).toEqual({
      min: sorted[0],
      q1: quarters[0],
      med: median(0, n - 1),
      q3: quarters[1],
      max: sorted[n - 1],
    });
  });

  it('8.3 a flow metric adds topKeys, largest first', async () => {
    const { topKeys = [] } = await element('max:bysource');
    expect(topKeys).toEqual(
      ['10.0.0.2', '10.0.0.1'].map((key) => ({
        key,
        value: expect.any(Number),
        values: [expect.any(Number)],
        lastUpdate: expect.any(Number),
      })),
    );
    expect(topKeys[0].value / topKeys[1].value).toBeCloseTo(3, 3);
  });

  it.for(['any:bysource', 'max:bysource'])('8.3 %s has topKeys', async (segment) => {
    expect((await element(segment)).topKeys).toHaveLength(2);
  });
});

describe('8.4 /table', () => {
  const rows = async (path: string): Promise<(string | number | undefined)[][]> =>
    (await weir.get<Cell[][]>(`/table/${path}`)).map((row) =>
      row.map(({ metricValue }) =>
        typeof metricValue === 'number' ? Math.round(metricValue * 1e6) / 1e6 : metricValue,
      ),
    );

  it('8.4 a cell', async () => {
    expect(await weir.get(`/table/${SW2}/ifname/json`)).toEqual([
      [
        {
          agent: SW2,
          dataSource: '1',
          metricName: 'ifname',
          metricValue: 'eth0',
          lastUpdate: expect.any(Number),
        },
      ],
    ]);
  });

  it.for<[fact: string, path: string, rows: (string | number)[][]]>([
    [
      'cells in the order of the columns',
      `${SW2}/ifname,ifspeed,iftype/json`,
      [['eth0', 1e10, 'ethernetCsmacd']],
    ],
    ['cells in the order of the columns', `${SW2}/ifspeed,ifname/json`, [[1e10, 'eth0']]],
    ['only data sources that have all columns', 'ALL/ifname,load_one/json', []],
    [
      'sort is ascending',
      'ALL/ifname,sort:ifindex/json?ifname=swp*',
      [
        ['swp1', '1'],
        ['swp2', '2'],
        ['swp3', '3'],
      ],
    ],
    [
      'sort by another column',
      'ALL/sort:load_one,host_name/json',
      [
        [1, 'web1'],
        [4, 'web2'],
      ],
    ],
    [
      'N limits rows',
      `${SW1}/sort:ifname:2,ifspeed/json`,
      [
        ['swp1', 1e9],
        ['swp2', 1e10],
      ],
    ],
    [
      'N<0 is descending',
      `${SW1}/sort:ifname:-2,ifspeed/json`,
      [
        ['swp3', 1e9],
        ['swp2', 1e10],
      ],
    ],
    ['0 is no limit', `${SW1}/sort:ifname:0/json`, [['swp1'], ['swp2'], ['swp3']]],
    ['texts sort too', 'ALL/sort:host_name:-10/json', [['web2'], ['web1'], ['sw2'], ['sw1']]],
    ['ALL gives nothing', 'ALL/ALL/json', []],
    ['an unknown metric gives nothing', 'ALL/ifname,bogus/json', []],
    [
      '7.4 a metric the agent has once is joined',
      `${SW1}/sort:ifname,host_name/json`,
      [
        ['swp1', 'sw1'],
        ['swp2', 'sw1'],
        ['swp3', 'sw1'],
      ],
    ],
    [
      '7.4 filters test the data source of the row',
      `${SW1}/sort:ifname,host_name/json?ifname=swp1`,
      [['swp1', 'sw1']],
    ],
    ['7.4 filters are not joined', `${SW1}/sort:ifname,host_name/json?host_name=sw1`, []],
  ])('8.4 %s: %s', async ([, path, expected]) => {
    expect(await rows(path)).toEqual(expected);
  });

  it('8.4 numbers sort as numbers', async () => {
    const found = await rows('ALL/sort:ifinoctets:-3,ifname/json');
    expect(found.map(([, name]) => name)).toEqual(['eth0', 'swp3', 'swp2']);
  });

  it('7.4 cells of a row carry their own data source', async () => {
    const [row] = await weir.get<Cell[][]>(`/table/${SW2}/ifname,host_name/json`);
    expect(row.map(({ dataSource }) => dataSource)).toEqual(['1', '2.1']);
  });

  it('8.4 metricName is without sort:', async () => {
    const [[cell]] = await weir.get<Cell[][]>(`/table/${SW1}/sort:ifname:-1/json`);
    expect(cell.metricName).toBe('ifname');
  });

  it('8.3 a flow metric has topKeys in /table', async () => {
    const [[, cell]] = await weir.get<Cell[][]>(`/table/${SW1}/ifname,bysource/json`);
    expect(cell.topKeys?.map(({ key }) => key)).toEqual(['10.0.0.2', '10.0.0.1']);
  });
});

table('8.4 what /table refuses', [
  ['8.4 N that is no number', 'GET /table/ALL/sort:ifname:x/json', 400],
  ['8.4 two sort columns', 'GET /table/ALL/sort:ifname,sort:ifspeed/json', 400],
  ['8.4 a statistic', 'GET /table/ALL/max:ifspeed/json', 400],
  ['8.4 a data source', 'GET /table/ALL/1.ifspeed/json', 400],
]);

describe('8.5 /dump', () => {
  it('8.5 a cell for every data source that has the metric', async () => {
    const cells = await weir.get<Cell[]>('/dump/ALL/ifname/json');
    expect(cells.map((cell) => `${place(cell)} ${cell.metricValue}`).sort()).toEqual([
      '1/1 swp1',
      '1/2 swp2',
      '1/3 swp3',
      '2/1 eth0',
    ]);
    expect(cells[0]).toEqual({
      agent: expect.any(String),
      dataSource: expect.any(String),
      metricName: 'ifname',
      metricValue: expect.any(String),
      lastUpdate: expect.any(Number),
    });
  });

  it('8.5 several metrics', async () => {
    const cells = await weir.get<Cell[]>(`/dump/${SW2}/ifname,ifspeed,bogus/json`);
    expect(cells.map(({ metricName }) => metricName)).toEqual(['ifname', 'ifspeed']);
  });

  it('8.5 ALL gives every metric', async () => {
    const cells = await weir.get<Cell[]>(`/dump/${SW2}/ALL/json`);
    const names = cells.map((cell) => `${cell.dataSource}.${cell.metricName}`);
    expect(names.sort()).toEqual(Object.keys(await weir.get<object>(`/metric/${SW2}/json`)).sort());
  });

  it('8.5 grouped by agent', async () => {
    const agents = (await weir.get<Cell[]>('/dump/ALL/ifname,ifspeed/json')).map(({ agent }) => agent);
    expect(agents.filter((agent, i) => agent !== agents[i - 1])).toHaveLength(2);
  });

  it('8.3 a flow metric has topKeys in /dump', async () => {
    const [cell] = await weir.get<Cell[]>(`/dump/${SW1}/bysource/json`);
    expect(cell.topKeys).toHaveLength(2);
  });
});

table('8.5 what /dump refuses', [
  ['8.5 a statistic', 'GET /dump/ALL/sum:ifspeed/json', 400],
  ['8.5 a data source', 'GET /dump/ALL/1.ifspeed/json', 400],
  ['8.5 a pattern', 'GET /dump/ALL/.*/json', 400],
]);

describe('8.2 ; in the metric segment', () => {
  it('8.2 /dump gives the first name only', async () => {
    const cells = await weir.get<Cell[]>(`/dump/${SW2}/ifname;ifspeed/json`);
    expect(cells.map(({ metricName }) => metricName)).toEqual(['ifname']);
  });
});
