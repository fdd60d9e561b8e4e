import { describe, expect, it } from 'vitest';
import { WeirError } from '../common/index.ts';
import { ifCounters, record } from '../sflow/index.ts';
import type { FlowMetricValue } from './flow-metrics.ts';
import {
  agentMetrics,
  collectMetric,
  finishMetric,
  type MetricFilters,
  mergeMetricNames,
  mergeTables,
  metricNames,
  type QueryContext,
  queryDump,
  queryMetric,
  queryTable,
} from './index.ts';
import { Feed, flowMetrics } from './testing/feed.ts';

const HOST = { class: 2, index: 1 };

/** Two switches that are hosts too: one with three interfaces, one with one. Rates are 100, 200, 300 and 50 bytes a second. */
function fabric(): Feed {
  const feed = new Feed();
  const interfaces = (agent: string, name: string, rates: readonly number[], seconds: number) => {
    rates.forEach((rate, i) => {
      const ifIndex = i + 1;
      feed.counters(agent, ifIndex, [
        ifCounters({
          ifIndex,
          ifSpeed: ifIndex === 3 ? 10_000_000_000n : 1_000_000_000n,
          ifInOctets: rate * seconds,
        }),
        record('port_name', { name: `swp${ifIndex}` }),
      ]);
    });
    feed.counters(agent, HOST, [
      record('host_descr', { hostname: name, osName: 2 }),
      record('host_cpu', { loadOne: rates.length / 2, cpuNumber: 4 }),
    ]);
  };
  for (const seconds of [0, 1]) {
    interfaces('192.0.2.1', 'leaf1', [100, 200, 300], seconds);
    feed.now += 1000;
  }
  feed.now -= 300;
  interfaces('2001:db8::1', 'leaf2', [50], 0);
  feed.now += 1000;
  interfaces('2001:db8::1', 'leaf2', [50], 1);
  feed.now += 100;
  return feed;
}

const flow = (agent: string, dataSource: string, value: number, lastUpdate: number): FlowMetricValue => ({
  agent,
  dataSource,
  value,
  lastUpdate,
  topKeys: [{ key: '10.0.0.1', value, lastUpdate: 5 }],
});

function fabricWithFlows(): { feed: Feed; context: QueryContext } {
  const feed = fabric();
  const flows = flowMetrics({
    tcp: [
      flow('192.0.2.1', '1', 900, feed.now - 10),
      flow('192.0.2.1', '2', 1000, feed.now - 20),
      flow('192.0.2.9', '7', 5, feed.now - 30),
    ],
    idle: [],
  });
  return { feed, context: feed.context({ flows }) };
}

const ask = (feed: Feed, metrics: string, agents = 'ALL', filters: MetricFilters = {}) =>
  queryMetric(feed.context(), { agents, metrics: metrics.split(','), filters });
const values = (feed: Feed, metrics: string, agents = 'ALL', filters: MetricFilters = {}) =>
  ask(feed, metrics, agents, filters).map(({ metricValue }) => metricValue);
const names = (rows: readonly { metricValue: number | string }[][]) =>
  rows.map((row) => row.map(({ metricValue }) => metricValue));

describe('8.3 elements', () => {
  it('max and min name the winner, with its time and those of all', () => {
    const feed = fabric();
    expect(ask(feed, 'max:ifinoctets,min:ifinoctets')).toEqual([
      {
        metricName: 'max:ifinoctets',
        metricValue: 300,
        metricN: 4,
        agent: '192.0.2.1',
        dataSource: '3',
        lastUpdate: 1800,
        lastUpdateMin: 100,
        lastUpdateMax: 1800,
      },
      {
        metricName: 'min:ifinoctets',
        metricValue: 50,
        metricN: 4,
        agent: '2001:db8::1',
        dataSource: '1',
        lastUpdate: 100,
        lastUpdateMin: 100,
        lastUpdateMax: 1800,
      },
    ]);
  });

  it('no prefix is max; the name echoes the request', () => {
    expect(ask(fabric(), 'ifinoctets')[0]).toMatchObject({ metricName: 'ifinoctets', metricValue: 300 });
  });

  it('sum, avg, var and sdev have no agent, data source and own time', () => {
    const feed = fabric();
    const elements = ask(feed, 'sum:ifinoctets,avg:ifinoctets,var:ifinoctets,sdev:ifinoctets');
    const rest = { metricN: 4, lastUpdateMin: 100, lastUpdateMax: 1800 };
    expect(elements[0]).toEqual({ metricName: 'sum:ifinoctets', metricValue: 650, ...rest });
    expect(elements[1]).toEqual({ metricName: 'avg:ifinoctets', metricValue: 162.5, ...rest });
    expect(elements[2].metricValue).toBeCloseTo(9218.75, 9);
    expect(elements[3].metricValue).toBeCloseTo(Math.sqrt(9218.75), 9);
  });

  it('quartile statistics carry the quartiles', () => {
    const elements = ask(fabric(), 'med:ifinoctets,q1:ifinoctets,q2:ifinoctets,q3:ifinoctets,iqr:ifinoctets');
    const quartiles = { min: 50, q1: 100, med: 150, q3: 200, max: 300 };
    expect(elements.map(({ metricValue }) => metricValue)).toEqual([150, 100, 150, 200, 100]);
    for (const element of elements) {
      expect(element).toMatchObject({ quartiles, metricN: 4 });
      expect(element).not.toHaveProperty('agent');
    }
  });

  it('any names a reporter without its time', () => {
    const [element] = ask(fabric(), 'any:host_name', '2001:DB8:0:0::1');
    expect(element).toEqual({
      metricName: 'any:host_name',
      metricValue: 'leaf2',
      metricN: 1,
      agent: '2001:db8::1',
      dataSource: '2.1',
      lastUpdateMin: 100,
      lastUpdateMax: 100,
    });
  });

  it('texts compare lexically; other statistics of texts have no value', () => {
    const feed = fabric();
    expect(values(feed, 'max:host_name,min:host_name')).toEqual(['leaf2', 'leaf1']);
    for (const statistic of ['sum', 'avg', 'var', 'sdev', 'med', 'q1', 'q2', 'q3', 'iqr'])
      expect(ask(feed, `${statistic}:host_name`)).toEqual([{ metricName: `${statistic}:host_name` }]);
  });

  it('unknown statistics and metrics give only the name, in request order', () => {
    expect(ask(fabric(), 'bogus:ifinoctets,count:ifinoctets,nosuch,max:,ifinoctets').slice(0, 4)).toEqual([
      { metricName: 'bogus:ifinoctets' },
      { metricName: 'count:ifinoctets' },
      { metricName: 'nosuch' },
      { metricName: 'max:' },
    ]);
  });

  it('8.2 a data source before the name', () => {
    const feed = fabric();
    expect(values(feed, '1.ifinoctets,sum:1.ifinoctets,2.1.load_one,9.ifinoctets')).toEqual([
      100,
      150,
      1.5,
      undefined,
    ]);
    feed.custom('192.0.2.1', 'web1', [{ name: 'a.b', type: 3, value: 4 }]);
    expect(values(feed, 'a.b,web1.a.b')).toEqual([4, 4]);
  });

  it('numbers go before texts of the same name', () => {
    const feed = new Feed();
    feed.custom('192.0.2.1', 'a', [{ name: 'm', type: 0, value: 'text' }]);
    feed.custom('192.0.2.1', 'b', [{ name: 'm', type: 3, value: 4 }]);
    expect(ask(feed, 'max:m')[0]).toMatchObject({ metricValue: 4, metricN: 1 });
  });

  it('flow metrics: the largest flow with its keys', () => {
    const { feed, context } = fabricWithFlows();
    const query = (metric: string) =>
      queryMetric(context, { agents: 'ALL', metrics: [metric], filters: {} })[0];
    expect(query('tcp')).toEqual({
      metricName: 'tcp',
      metricValue: 1000,
      metricN: 3,
      agent: '192.0.2.1',
      dataSource: '2',
      lastUpdate: 20,
      lastUpdateMin: 10,
      lastUpdateMax: 30,
      topKeys: [{ key: '10.0.0.1', value: 1000, lastUpdate: 5 }],
    });
    expect(query('any:tcp')).toHaveProperty('topKeys');
    expect(query('sum:tcp')).toEqual({
      metricName: 'sum:tcp',
      metricValue: 1905,
      metricN: 3,
      lastUpdateMin: 10,
      lastUpdateMax: 30,
    });
    expect(query('1.tcp')).toMatchObject({ metricValue: 900, metricN: 1 });
    expect(query('idle')).toEqual({ metricName: 'idle' });
    expect(feed.now).toBe(context.now);
  });

  it('parts of several stores are one answer', () => {
    const whole = fabric();
    const parts = ['192.0.2.1', '2001:db8::1'].map(
      (agents) => (metrics: string) =>
        collectMetric(whole.context(), { agents, metrics: [metrics], filters: {} }),
    );
    for (const metric of ['max', 'min', 'sum', 'avg', 'var', 'sdev', 'med', 'q1', 'q3', 'iqr', 'any']) {
      const name = `${metric}:ifinoctets`;
      const merged = finishMetric(
        parts.map((part) => structuredClone(part(name))),
        whole.now,
      );
      expect(merged).toEqual(ask(whole, name));
    }
    expect(finishMetric([], 0)).toEqual([]);
  });
});

describe('2 the agent segment', () => {
  it('lists by comma or semicolon, any spelling of IPv6, unknown agents nothing', () => {
    const feed = fabric();
    expect(values(feed, 'sum:ifinoctets', '192.0.2.1')).toEqual([600]);
    expect(values(feed, 'sum:ifinoctets', '192.0.2.1;2001:0DB8::0:1')).toEqual([650]);
    expect(values(feed, 'sum:ifinoctets', '192.0.2.1,192.0.2.1,10.0.0.1')).toEqual([600]);
    for (const agents of ['all', 'leaf1', '', '10.0.0.1'])
      expect(values(feed, 'ifinoctets', agents)).toEqual([undefined]);
  });

  it('11.2 TOPOLOGY, EDGE and CORE by the topology, nothing without one', () => {
    const feed = fabric();
    const metrics = { metrics: ['sum:ifinoctets'], filters: {} };
    const topology = (part: string, agent: string, dataSource: string) =>
      agent === '192.0.2.1' && (part === 'TOPOLOGY' || (dataSource === '3') === (part === 'CORE'));
    const sum = (agents: string) =>
      queryMetric(feed.context({ topology }), { agents, ...metrics })[0].metricValue;
    expect(['TOPOLOGY', 'EDGE', 'CORE', 'ALL'].map(sum)).toEqual([600, 300, 300, 650]);
    for (const agents of ['TOPOLOGY', 'EDGE', 'CORE'])
      expect(values(feed, 'sum:ifinoctets', agents)).toEqual([undefined]);
  });
});

describe('8.1 filters', () => {
  it.each([
    [{ ifspeed: ['1000000000'] }, 350],
    [{ ifspeed: ['1.0E9'] }, undefined],
    [{ ifname: ['swp[12]'] }, 350],
    [{ ifname: ['swp1', 'swp3'] }, 450],
    [{ ifname: ['swp*'], ifspeed: ['1*0'] }, 650],
    [{ ifname: ['swp1,swp2'] }, undefined],
    [{ ifname: ['SWP1'] }, undefined],
    [{ ifname: [] }, undefined],
    [{ nosuch: ['*'] }, undefined],
    [{ host_name: ['leaf1'] }, undefined],
  ])('%j leaves %s', (filters, sum) => {
    expect(values(fabric(), 'sum:ifinoctets', 'ALL', filters)).toEqual([sum]);
  });

  it('apply to flow metrics, and flow metrics can be filters', () => {
    const { context } = fabricWithFlows();
    const query = (metric: string, filters: MetricFilters) =>
      queryMetric(context, { agents: 'ALL', metrics: [metric], filters })[0].metricValue;
    expect(query('sum:tcp', { ifname: ['swp1'] })).toBe(900);
    expect(query('sum:ifinoctets', { tcp: ['*'] })).toBe(300);
    expect(query('sum:tcp', { tcp: ['5'] })).toBe(5);
  });
});

describe('8.4 tables', () => {
  const table = (feed: Feed, metrics: string, agents = 'ALL', filters: MetricFilters = {}) =>
    queryTable(feed.context(), { agents, metrics: metrics.split(','), filters });

  it('a row for each data source that has all columns, cells in column order', () => {
    const rows = table(fabric(), 'ifname,ifinoctets', '192.0.2.1');
    expect(rows.length).toBe(3);
    expect(rows[0]).toEqual([
      { agent: '192.0.2.1', dataSource: '1', metricName: 'ifname', metricValue: 'swp1', lastUpdate: 1800 },
      { agent: '192.0.2.1', dataSource: '1', metricName: 'ifinoctets', metricValue: 100, lastUpdate: 1800 },
    ]);
    expect(table(fabric(), 'ifname,nosuch')).toEqual([]);
  });

  it('7.4 what the agent has once is joined to each row, with its own data source', () => {
    const rows = table(fabric(), 'host_name,ifname');
    expect(names(rows)).toEqual([
      ['leaf1', 'swp1'],
      ['leaf1', 'swp2'],
      ['leaf1', 'swp3'],
      ['leaf2', 'swp1'],
    ]);
    expect(rows[1].map(({ dataSource }) => dataSource)).toEqual(['2.1', '2']);
  });

  it('columns that are all there once make one row', () => {
    expect(names(table(fabric(), 'host_name,load_one'))).toEqual([
      ['leaf1', 1.5],
      ['leaf2', 0.5],
    ]);
  });

  it('filters and the selection test the data source of the row', () => {
    const feed = fabric();
    expect(names(table(feed, 'host_name,ifname', 'ALL', { ifname: ['swp1'] }))).toEqual([
      ['leaf1', 'swp1'],
      ['leaf2', 'swp1'],
    ]);
    expect(table(feed, 'ifname,ifinoctets', 'ALL', { host_name: ['leaf1'] })).toEqual([]);
    const topology = (_part: string, agent: string, dataSource: string) =>
      agent === '192.0.2.1' && dataSource === '2';
    const rows = queryTable(feed.context({ topology }), {
      agents: 'CORE',
      metrics: ['host_name', 'ifname'],
      filters: {},
    });
    expect(names(rows)).toEqual([['leaf1', 'swp2']]);
  });

  it.each([
    ['sort:ifinoctets', [50, 100, 200, 300]],
    ['sort:ifinoctets:0', [50, 100, 200, 300]],
    ['sort:ifinoctets:2', [50, 100]],
    ['sort:ifinoctets:-3', [300, 200, 100]],
    ['sort:ifinoctets:-99', [300, 200, 100, 50]],
  ])('%s', (column, octets) => {
    const rows = table(fabric(), `ifname,${column}`);
    expect(rows.map((row) => row[1].metricValue)).toEqual(octets);
    expect(rows[0][1].metricName).toBe('ifinoctets');
  });

  it('texts sort too', () => {
    expect(names(table(fabric(), 'sort:ifname:-2', '192.0.2.1'))).toEqual([['swp3'], ['swp2']]);
  });

  it.each([
    'max:ifinoctets',
    '1.ifinoctets',
    '2.1.load_one',
    'sort:ifname,sort:ifinoctets',
    'sort:ifinoctets:x',
    'sort:ifinoctets:1.5',
    'sort:ifinoctets:',
    'sort:ifinoctets:1:2',
    'sort:1.ifinoctets',
  ])('%s is a bad question', (metrics) => {
    expect(() => table(fabric(), metrics)).toThrow(WeirError);
  });

  it('ALL is empty', () => {
    expect(table(fabric(), 'ALL')).toEqual([]);
  });

  it('flow metrics with their keys, also where there are no counters', () => {
    const { context } = fabricWithFlows();
    const query = (metrics: string[]) => queryTable(context, { agents: 'ALL', metrics, filters: {} });
    expect(names(query(['sort:tcp:-5']))).toEqual([[1000], [900], [5]]);
    expect(names(query(['tcp', 'ifname', 'host_name']))).toEqual([
      [900, 'swp1', 'leaf1'],
      [1000, 'swp2', 'leaf1'],
    ]);
    expect(query(['tcp'])[0][0].topKeys).toEqual([{ key: '10.0.0.1', value: 900, lastUpdate: 5 }]);
  });

  it('tables of several stores are sorted and cut as one', () => {
    const feed = fabric();
    const question = { metrics: ['sort:ifinoctets:-3'], filters: {} };
    const parts = ['192.0.2.1', '2001:db8::1'].map((agents) =>
      queryTable(feed.context(), { agents, ...question }),
    );
    expect(mergeTables(question, parts)).toEqual(queryTable(feed.context(), { agents: 'ALL', ...question }));
  });
});

describe('8.5 dumps', () => {
  const dump = (feed: Feed, metrics: string, filters: MetricFilters = {}) =>
    queryDump(feed.context(), { agents: 'ALL', metrics: metrics.split(','), filters });

  it('a cell for every data source, by agent, then metric', () => {
    const cells = dump(fabric(), 'load_one,ifname');
    expect(cells.map(({ agent, dataSource, metricName }) => `${agent} ${dataSource} ${metricName}`)).toEqual([
      '192.0.2.1 2.1 load_one',
      '192.0.2.1 1 ifname',
      '192.0.2.1 2 ifname',
      '192.0.2.1 3 ifname',
      '2001:db8::1 2.1 load_one',
      '2001:db8::1 1 ifname',
    ]);
    expect(cells[0]).toEqual({
      agent: '192.0.2.1',
      dataSource: '2.1',
      metricName: 'load_one',
      metricValue: 1.5,
      lastUpdate: 1800,
    });
  });

  it('filters', () => {
    expect(dump(fabric(), 'ifinoctets', { ifname: ['swp3'] }).map(({ metricValue }) => metricValue)).toEqual([
      300,
    ]);
  });

  it('ALL alone is everything; flow metrics too', () => {
    const { context } = fabricWithFlows();
    const cells = queryDump(context, { agents: 'ALL', metrics: ['ALL'], filters: {} });
    const all =
      Object.keys(agentMetrics(context, '192.0.2.1')).length +
      Object.keys(agentMetrics(context, '2001:db8::1')).length;
    expect(cells.length).toBe(all + 1);
    expect(cells.filter(({ topKeys }) => topKeys).map(({ metricName }) => metricName)).toEqual([
      'tcp',
      'tcp',
      'tcp',
    ]);
    expect(queryDump(context, { agents: 'ALL', metrics: ['ALL', 'tcp'], filters: {} }).length).toBe(3);
  });

  it.each(['max:ifinoctets', '1.ifinoctets', '.*', 'sort:ifname'])('%s is a bad question', (metrics) => {
    expect(() => dump(fabric(), metrics)).toThrow(WeirError);
  });
});

describe('2 names and agents', () => {
  it('/metrics: every name with the ms since its last update, flows too', () => {
    const { context } = fabricWithFlows();
    const found = metricNames(context);
    expect(found).toMatchObject({ ifinoctets: 100, host_name: 100, tcp: 10 });
    expect(found).not.toHaveProperty('idle');
    expect(mergeMetricNames([{ a: 5, b: 7 }, { a: 3 }])).toEqual({ a: 3, b: 7 });
  });

  it('/metric/{agent}: data source and name to value, of one known agent', () => {
    const { context } = fabricWithFlows();
    expect(agentMetrics(context, '192.0.2.1')).toMatchObject({
      '1.ifinoctets': 100,
      '3.ifname': 'swp3',
      '2.1.host_name': 'leaf1',
      '2.tcp': 1000,
    });
    expect(agentMetrics(context, '2001:DB8::0001')).toHaveProperty(['1.ifname'], 'swp1');
    for (const agent of ['ALL', '192.0.2.1,192.0.2.2', '10.0.0.1', ''])
      expect(agentMetrics(context, agent)).toEqual({});
  });

  it('names of senders that are special to objects are ordinary', () => {
    const feed = new Feed();
    feed.custom('192.0.2.1', '__proto__', [{ name: '__proto__', type: 3, value: 1 }]);
    expect(Object.keys(metricNames(feed.context()))).toEqual(['__proto__']);
    expect(Object.entries(agentMetrics(feed.context(), '192.0.2.1'))).toEqual([['__proto__.__proto__', 1]]);
    expect(Object.keys(mergeMetricNames([metricNames(feed.context())]))).toEqual(['__proto__']);
  });
});
