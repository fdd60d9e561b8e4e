import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ThresholdEvent } from '../../src/engine/index.ts';
import { ifCounters, record, type Sample } from '../../src/sflow/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 9: thresholds and their events. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

const put = (definition: unknown, name = 'echo'): string =>
  `PUT /threshold/${name}/json ${JSON.stringify(definition)}`;
const eventsOf = async (...names: string[]): Promise<ThresholdEvent[]> =>
  (
    await weir.get<ThresholdEvent[]>(
      `/events/json?maxEvents=10000&thresholdID=${names.join('&thresholdID=')}`,
    )
  ).reverse();

const ECHOES: readonly (readonly [fact: string, given: object, kept: object])[] = [
  ['timeout is 60 unless given', {}, {}],
  ['value as text', { value: '1500' }, { value: 1500 }],
  ['value may be negative', { value: -5 }, { value: -5 }],
  ['value with a fraction', { value: 0.5 }, { value: 0.5 }],
  ['timeout', { timeout: 5 }, { timeout: 5 }],
  ['timeout below 0 is 0', { timeout: -1 }, { timeout: 0 }],
  ['timeout with a fraction', { timeout: 0.5 }, { timeout: 0.5 }],
  ['byFlow', { byFlow: true }, { byFlow: true }],
  ['byFlow false is not echoed', { byFlow: false }, {}],
  ['filter', { filter: { ifspeed: ['1000000000'] } }, { filter: { ifspeed: ['1000000000'] } }],
  [
    'numbers in a filter become text',
    { filter: { ifspeed: [1000000000] } },
    { filter: { ifspeed: ['1000000000'] } },
  ],
  ['an empty filter is dropped', { filter: {} }, {}],
  ['an empty metric is accepted', { metric: '' }, { metric: '' }],
  ['a metric with a data source is accepted', { metric: '1.load' }, { metric: '1.load' }],
  ['others are ignored', { colour: 'red' }, {}],
];
const PLAIN = { metric: 'load', value: 1000 };

requestTable(
  '9.1 definitions and their echo',
  () => weir,
  ECHOES.flatMap(([fact, given, kept]): RequestRow[] => [
    [`9.1 ${fact}`, put({ ...PLAIN, ...given }), 204],
    [`9.1 ${fact}`, 'GET /threshold/echo/json', { json: { ...PLAIN, timeout: 60, ...kept } }],
  ]),
);

requestTable('9.1 what is refused', () => weir, [
  ...(
    [
      ['metric is required', { value: 1 }],
      ['value is required', { metric: 'load' }],
      ['a metric with a statistic', { ...PLAIN, metric: 'max:load' }],
      ['blanks in metric', { ...PLAIN, metric: 'load one' }],
      ['a number as metric', { ...PLAIN, metric: 7 }],
      ['a word as value', { ...PLAIN, value: 'many' }],
      ['text as filter', { ...PLAIN, filter: 'ifspeed=1' }],
    ] as const
  ).map(([fact, definition]): RequestRow => [`9.1 ${fact}`, put(definition, 'wrong'), 400]),
  ['9.1 nothing of it was stored', 'GET /threshold/wrong/json', 404],
  ['9.1 {} is accepted', put({}, 'nothing'), 204],
  ['9.1 and stores nothing', 'GET /threshold/nothing/json', 404],
  ['9.1 all definitions', 'GET /threshold/json', { json: { echo: expect.objectContaining(PLAIN) } }],
]);

describe('9.2 firing', () => {
  const gauge = (metric: string, value: number, dataSource = 's1'): Sample => ({
    kind: 'rtmetric',
    dataSource,
    metrics: [{ name: metric, type: 6, value }],
  });

  /** Values of a gauge, each so many ms after the one before, and those that fire. */
  type Row = readonly [
    fact: string,
    options: object,
    values: readonly (readonly [number, number])[],
    fired: number[],
  ];
  const ROWS: readonly Row[] = [
    ['a value above the threshold fires', {}, [[0, 11]], [11]],
    ['a value equal to the threshold fires', {}, [[0, 10]], [10]],
    ['a value below does not', {}, [[0, 9.99]], []],
    [
      'a negative threshold',
      { value: -5 },
      [
        [0, -6],
        [10, -5],
      ],
      [-5],
    ],
    [
      'with the default timeout a steady exceedance fires once',
      {},
      [
        [0, 11],
        [20, 12],
        [20, 13],
      ],
      [11],
    ],
    [
      'timeout 0 fires with each value',
      { timeout: 0 },
      [
        [0, 11],
        [20, 12],
        [20, 13],
      ],
      [11, 12, 13],
    ],
    [
      'silence longer than the timeout arms again',
      { timeout: 0.15 },
      [
        [0, 11],
        [300, 12],
      ],
      [11, 12],
    ],
    [
      'any update at or above restarts the clock',
      { timeout: 0.5 },
      [
        [0, 11],
        [200, 12],
        [200, 13],
        [200, 14],
      ],
      [11],
    ],
    [
      'a low value alone does not arm again',
      { timeout: 0.5 },
      [
        [0, 11],
        [50, 1],
        [50, 12],
      ],
      [11],
    ],
    [
      'low values for longer than the timeout do',
      { timeout: 0.15 },
      [
        [0, 11],
        [50, 1],
        [300, 12],
      ],
      [11, 12],
    ],
  ];

  it.for(ROWS)('9.2 %s', async ([, options, values, fired]) => {
    const index = ROWS.findIndex((row) => row[2] === values);
    const [name, metric] = [`row-${index}`, `gauge-${index}`];
    await weir.set(`/threshold/${name}/json`, { metric, value: 10, ...options });
    const agent = weir.agent();
    for (const [ms, value] of values) {
      await sleep(ms);
      await weir.deliver(agent.datagram([gauge(metric, value)]));
    }
    expect((await eventsOf(name)).map(({ value }) => value)).toEqual(fired);
  });

  it('9.2 the state is per data source', async () => {
    await weir.set('/threshold/sources/json', { metric: 'persource', value: 10 });
    const agent = weir.agent();
    for (const dataSource of ['s1', 's2', 's1', 's2'])
      await weir.deliver(agent.datagram([gauge('persource', 11, dataSource)]));
    expect((await eventsOf('sources')).map(({ dataSource }) => dataSource)).toEqual(['s1', 's2']);
  });

  it('9.2 the identical definition again keeps the state', async () => {
    const definition = { metric: 'kept', value: 10 };
    const agent = weir.agent();
    await weir.set('/threshold/kept/json', definition);
    await weir.deliver(agent.datagram([gauge('kept', 11)]));
    await weir.set('/threshold/kept/json', { value: '10', metric: 'kept', timeout: 60, byFlow: false });
    await weir.deliver(agent.datagram([gauge('kept', 12)]));
    expect((await eventsOf('kept')).map(({ value }) => value)).toEqual([11]);
  });

  it('9.2 a changed definition arms again', async () => {
    const agent = weir.agent();
    await weir.set('/threshold/changed/json', { metric: 'changed', value: 10 });
    await weir.deliver(agent.datagram([gauge('changed', 11)]));
    await weir.set('/threshold/changed/json', { metric: 'changed', value: 9 });
    await weir.deliver(agent.datagram([gauge('changed', 12)]));
    expect((await eventsOf('changed')).map(({ value, threshold }) => [threshold, value])).toEqual([
      [10, 11],
      [9, 12],
    ]);
  });

  it('9.2 counter samples: rates and gauges', async () => {
    await weir.set('/threshold/load/json', { metric: 'load_one', value: 3 });
    await weir.set('/threshold/octets/json', { metric: 'ifinoctets', value: 1 });
    const agent = weir.agent();
    const host = { sourceId: { class: 2, index: 1 } };
    for (const octets of [1000n, 100_000n]) {
      await sleep(10);
      await weir.deliver(
        agent.datagram([
          agent.counters([ifCounters({ ifInOctets: octets })]),
          agent.counters([record('host_cpu', { loadOne: 4, cpuNumber: 1 })], host),
        ]),
      );
    }
    expect(await eventsOf('load')).toMatchObject([{ metric: 'load_one', dataSource: '2.1', value: 4 }]);
    expect(await eventsOf('octets')).toMatchObject([{ metric: 'ifinoctets', dataSource: '1' }]);
  });

  it.for([
    ['', 'empty'],
    ['s1.never', 'source'],
  ])('9.1 metric "%s" never fires', async ([metric, name]) => {
    await weir.set(`/threshold/never-${name}/json`, { metric, value: 1 });
    const agent = weir.agent();
    await weir.deliver(agent.datagram([gauge('never', 11)]));
    expect(await eventsOf(`never-${name}`)).toEqual([]);
  });

  describe('9.1 filters', () => {
    const SPEEDS = [1_000_000_000, 10_000_000_000, 25_000_000_000];
    it.for<[fact: string, filter: object, dataSources: string[]]>([
      ['a value', { ifspeed: ['1000000000'] }, ['1']],
      ['a pattern', { ifspeed: ['1*'] }, ['1', '2']],
      ['or inside', { ifspeed: ['1000000000', '25*'] }, ['1', '3']],
      ['and between', { ifspeed: ['1*'], ifname: ['swp2'] }, ['2']],
      ['an unknown metric', { bogus: ['*'] }, []],
      ['a metric of another data source', { host_name: ['*'] }, []],
    ])('9.1 %s: %j', async ([, filter, dataSources]) => {
      const agent = weir.agent();
      const name = `filter-${agent.address.replaceAll('.', '-')}`;
      const samples = SPEEDS.map((speed, i) =>
        agent.counters(
          [
            ifCounters({ ifIndex: i + 1, ifSpeed: BigInt(speed), ifInOctets: 5n }),
            record('port_name', { name: `swp${i + 1}` }),
          ],
          { sourceId: i + 1 },
        ),
      );
      const host = agent.counters([record('host_descr', { hostname: 'sw' })], {
        sourceId: { class: 2, index: 1 },
      });
      await weir.deliver(agent.datagram([...samples, host]));
      await weir.set(`/threshold/${name}/json`, { metric: 'ifspeed', value: 1, filter });
      const again = SPEEDS.map((speed, i) =>
        agent.counters([ifCounters({ ifIndex: i + 1, ifSpeed: BigInt(speed) })], { sourceId: i + 1 }),
      );
      await weir.deliver(agent.datagram(again));
      await weir.ask('DELETE', `/threshold/${name}/json`);
      expect((await eventsOf(name)).map(({ dataSource }) => dataSource).sort()).toEqual(dataSources);
    });
  });
});

describe('9.2 flows', () => {
  let agent: SyntheticAgent;
  const sample = (source: string, frameLength: number, sourceId = 1): Sample =>
    agent.flow([tcpHeader({ source, destination: '10.255.0.1' }, { frameLength })], {
      samplingRate: 1,
      sourceId,
      input: sourceId,
    });

  beforeAll(async () => {
    await weir.set('/flow/tf/json', { keys: 'ipsource', value: 'bytes', t: 1 });
    await weir.set('/flow/ta/json', { keys: 'ipsource', value: 'bytes', t: 1, aggMode: 'AGENT' });
    await weir.set('/threshold/largest/json', { metric: 'tf', value: 500 });
    await weir.set('/threshold/each/json', { metric: 'tf', value: 500, byFlow: true });
    await weir.set('/threshold/whole/json', { metric: 'ta', value: 500 });
    agent = weir.agent();
    await weir.deliver(
      agent.datagram([sample('10.0.0.1', 600), sample('10.0.0.2', 100), sample('10.0.0.3', 700)]),
      agent.datagram([sample('10.0.0.1', 600), sample('10.0.0.4', 600, 2)]),
    );
  });

  it('9.2 without byFlow a flow metric is its largest flow', async () => {
    expect(
      (await eventsOf('largest')).map(({ dataSource, value }) => [dataSource, Math.round(value)]),
    ).toEqual([
      ['1', 599],
      ['2', 599],
    ]);
  });

  it('9.2 with byFlow the state is per data source and flow', async () => {
    expect((await eventsOf('each')).map(({ dataSource, flowKey }) => `${dataSource} ${flowKey}`)).toEqual([
      '1 10.0.0.1',
      '1 10.0.0.3',
      '2 10.0.0.4',
    ]);
  });

  it('9.3 flowKey only when byFlow', async () => {
    for (const event of await eventsOf('largest')) expect(event).not.toHaveProperty('flowKey');
  });

  it('9.3 the value is that at the first crossing', async () => {
    const [first] = await eventsOf('each');
    expect(first.value).toBeCloseTo(600 / 1.001, 9);
  });

  it('6.3 an event of a definition with aggMode AGENT has data source 0', async () => {
    expect(await eventsOf('whole')).toMatchObject([{ agent: agent.address, dataSource: '0', metric: 'ta' }]);
  });

  it('9.3 an event', async () => {
    const [event] = await eventsOf('each');
    expect(event).toEqual({
      eventID: expect.any(Number),
      timestamp: expect.any(Number),
      thresholdID: 'each',
      metric: 'tf',
      threshold: 500,
      value: expect.any(Number),
      agent: agent.address,
      dataSource: '1',
      flowKey: '10.0.0.1',
    });
    expect(Math.abs(event.timestamp - Date.now())).toBeLessThan(60_000);
  });

  it('9.2 decay does not fire, and a removed threshold does not either', async () => {
    const before = (await eventsOf('largest', 'each')).length;
    await weir.ask('DELETE', '/threshold/each/json');
    await weir.deliver(agent.datagram([sample('10.0.0.5', 900)]));
    await sleep(100);
    expect(await eventsOf('largest', 'each')).toHaveLength(before);
  });
});

describe('9.3 queries', () => {
  let ring: WeirUnderTest;
  const gaugeOf = (metric: string, value: number): Sample => ({
    kind: 'rtmetric',
    dataSource: 's1',
    metrics: [{ name: metric, type: 6, value }],
  });
  let agent: SyntheticAgent;

  beforeAll(async () => {
    ring = await WeirUnderTest.serve('-Devents.max=110');
    agent = ring.agent();
    await ring.set('/threshold/a/json', { metric: 'a', value: 1, timeout: 0 });
    await ring.set('/threshold/b/json', { metric: 'b', value: 1, timeout: 0 });
    // IDs 0 to 119: a has the even ones, b the odd ones.
    for (let i = 0; i < 120; i++) {
      await ring.deliver(agent.datagram([gaugeOf(i % 2 === 0 ? 'a' : 'b', 100 + i)]));
      await sleep(2);
    }
  });
  afterAll(() => ring.end());

  const ids = async (query: string): Promise<number[]> =>
    (await ring.get<ThresholdEvent[]>(`/events/json?${query}`)).map(({ eventID }) => eventID);
  const down = (first: number, last: number, step = 1): number[] =>
    Array.from({ length: Math.floor((first - last) / step) + 1 }, (_, i) => first - i * step);

  it.for<[fact: string, query: string, expected: number[]]>([
    ['newest first; maxEvents is 100 unless given', '', down(119, 20)],
    ['maxEvents', 'maxEvents=3', [119, 118, 117]],
    ['events.max: the oldest are dropped, IDs go on', 'maxEvents=1000', down(119, 10)],
    ['thresholdID', 'thresholdID=a&maxEvents=3', [118, 116, 114]],
    ['thresholdID is repeatable', 'thresholdID=a&thresholdID=b&maxEvents=3', [119, 118, 117]],
    ['an unknown thresholdID', 'thresholdID=c', []],
    ['eventID: larger IDs only', 'eventID=116', [119, 118, 117]],
    ['eventID and maxEvents', 'eventID=110&maxEvents=2', [119, 118]],
    ['eventID and thresholdID', 'eventID=115&thresholdID=b', [119, 117]],
    ['eventID of the last: nothing', 'eventID=119', []],
    ['eventID beyond the last: everything', 'eventID=1000&maxEvents=4', down(119, 116)],
    ['eventID older than what is held: everything', 'eventID=3&maxEvents=1000', down(119, 10)],
    ['timeout without eventID returns at once', 'thresholdID=c&timeout=5', []],
    ['timeout with something to tell returns at once', 'eventID=118&timeout=5', [119]],
  ])('9.3 %s: %s', async ([, query, expected]) => {
    const asked = performance.now();
    expect(await ids(query)).toEqual(expected);
    expect(performance.now() - asked).toBeLessThan(1500);
  });

  it('9.3 values and ids go together', async () => {
    for (const { eventID, value } of await ring.get<ThresholdEvent[]>('/events/json'))
      expect(value).toBe(100 + eventID);
  });

  it('9.3 timeout blocks until the time is over, then []', async () => {
    const asked = performance.now();
    expect(await ids('eventID=119&timeout=1')).toEqual([]);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(990);
  });

  it('9.3 timeout blocks until a matching event', async () => {
    const waiting = ring.get<ThresholdEvent[]>('/events/json?eventID=119&thresholdID=a&timeout=10');
    await sleep(100);
    await ring.deliver(agent.datagram([gaugeOf('b', 1)]));
    await sleep(20);
    const sent = performance.now();
    await ring.deliver(agent.datagram([gaugeOf('a', 5)]));
    expect(await waiting).toMatchObject([{ eventID: 121, thresholdID: 'a', value: 5 }]);
    expect(performance.now() - sent).toBeLessThan(500);
  });
});
