import { describe, expect, it } from 'vitest';
import { type FlowOrCounterRecord, ifCounters, record } from '../sflow/index.ts';
import { prometheusText } from './prometheus.ts';
import { queryDump, queryTable } from './query-cells.ts';
import { queryMetric } from './query-metric.ts';
import { Feed, NONE_64 } from './testing/feed.ts';

const AGENT = '192.0.2.1';
const NAMES = {
  hostName: 'leaf1',
  interfaces: {
    '1': { name: 'swp1', alias: 'to spine', speed: 25_000_000_000 },
    '2': { name: 'swp2' },
    '9': { name: 'swp9' },
  },
};

function feedOf(sent: Readonly<Record<number, readonly FlowOrCounterRecord[]>>): Feed {
  const feed = new Feed();
  for (const [ifIndex, records] of Object.entries(sent)) feed.counters(AGENT, Number(ifIndex), records);
  return feed;
}

const unnamed = (ifIndex: number) => ifCounters({ ifIndex, ifSpeed: NONE_64 });
const asked = (metrics: string, filters = {}) => ({ agents: 'ALL', metrics: metrics.split(','), filters });

describe('names that others give', () => {
  it('are metrics of the data sources that the agent sends', () => {
    const feed = feedOf({ 1: [unnamed(1)], 2: [unnamed(2)] });
    feed.store.setNames(AGENT, NAMES, feed.now);
    expect(feed.metrics(AGENT, '1')).toMatchObject({
      ifname: 'swp1',
      ifalias: 'to spine',
      ifspeed: 25_000_000_000,
    });
    expect(feed.metrics(AGENT, '2')).toMatchObject({ ifname: 'swp2' });
    const context = feed.context();
    expect(queryMetric(context, asked('any:ifname', { ifalias: ['to*'] }))).toMatchObject([
      { metricValue: 'swp1', dataSource: '1' },
    ]);
    expect(queryDump(context, asked('host_name'))).toMatchObject([
      { dataSource: '2.1', metricValue: 'leaf1', lastUpdate: 0 },
    ]);
    const rows = queryTable(context, asked('host_name,ifname'));
    expect(rows.map((row) => row.map(({ metricValue }) => metricValue))).toEqual([
      ['leaf1', 'swp1'],
      ['leaf1', 'swp2'],
    ]);
    const text = [
      ...prometheusText(
        context,
        { ...asked('ALL'), prefix: 'sflow_', form: 'plain', maxSeries: 1000 },
        undefined,
      ),
    ].join('');
    expect(text).toContain(
      `{agent="${AGENT}",datasource="1",host="leaf1",ifindex="1",ifname="swp1",ifspeed="25G"`,
    );
  });

  it('do not count where the agent says something itself', () => {
    const feed = feedOf({
      1: [ifCounters({ ifIndex: 1, ifSpeed: 1_000_000_000n }), record('port_name', { name: 'eth1' })],
      2: [unnamed(2), record('host_descr', { hostname: 'own' })],
    });
    feed.store.setNames(AGENT, NAMES, feed.now);
    expect(feed.metrics(AGENT, '1')).toMatchObject({ ifname: 'eth1', ifspeed: 1_000_000_000 });
    expect(feed.metrics(AGENT, '2')).toMatchObject({ ifname: 'swp2' });
    expect(feed.store.agentText(AGENT, 'host_name')).toBe('own');
    expect(feed.store.agent(AGENT)?.sources.has('2.1')).toBe(false);
  });

  it('give way to a host name that comes later', () => {
    const feed = feedOf({ 1: [unnamed(1)] });
    feed.store.setNames(AGENT, NAMES, feed.now);
    expect(feed.store.agentText(AGENT, 'host_name')).toBe('leaf1');
    feed.counters(AGENT, 1, [record('host_descr', { hostname: 'own' })]);
    feed.store.expire(feed.now, 1000);
    expect(feed.store.agentText(AGENT, 'host_name')).toBe('own');
    expect(queryDump(feed.context(), asked('host_name'))).toMatchObject([{ metricValue: 'own' }]);
  });

  it('are known before the first counters, and of an agent that comes back', () => {
    const feed = new Feed();
    feed.store.setNames(AGENT, NAMES, feed.now);
    expect(feed.store.text(AGENT, '9', 'ifname')).toBe('swp9');
    expect(feed.store.agentText(AGENT, 'host_name')).toBe('leaf1');
    expect([...feed.store.givenNames(AGENT)]).toEqual([
      ['1', 'swp1'],
      ['2', 'swp2'],
      ['9', 'swp9'],
    ]);
    expect(queryDump(feed.context(), asked('ifname,host_name'))).toEqual([]);
    feed.counters(AGENT, 9, [unnamed(9)]);
    feed.store.tick(feed.now);
    expect(feed.metrics(AGENT, '9')).toMatchObject({ ifname: 'swp9' });
    expect(feed.metrics(AGENT, '2.1')).toEqual({ host_name: 'leaf1' });
  });

  it('keep no agent that sends nothing any more', () => {
    const feed = feedOf({ 1: [unnamed(1)] });
    feed.store.setNames(AGENT, NAMES, feed.now);
    feed.now += 500;
    feed.counters(AGENT, 1, [unnamed(1)]);
    feed.store.expire(feed.now, 1000);
    expect(feed.store.agent(AGENT)?.sources.size).toBe(2);
    feed.now += 1000;
    feed.store.expire(feed.now, 1000);
    feed.now += 1000;
    feed.store.expire(feed.now, 1000);
    expect(feed.store.agent(AGENT)).toBeUndefined();
    expect(feed.store.sourceCount).toBe(0);
  });

  it('go when they are taken back', () => {
    const feed = feedOf({ 1: [unnamed(1)] });
    feed.store.setNames(AGENT, NAMES, feed.now);
    feed.store.setNames(AGENT, undefined, feed.now);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifname');
    expect(feed.store.agentText(AGENT, 'host_name')).toBeUndefined();
    expect(queryDump(feed.context(), asked('host_name'))).toEqual([]);
  });
});

it('tells what the agent itself has sent', () => {
  const feed = feedOf({ 1: [unnamed(1), record('port_name', { name: 'eth1' })], 2: [unnamed(2)] });
  feed.store.setNames(AGENT, NAMES, feed.now);
  expect(feed.store.isSent(AGENT, 'ifname', '1')).toBe(true);
  expect(feed.store.isSent(AGENT, 'ifname', '2')).toBe(false);
  expect(feed.store.isSent(AGENT, 'host_name')).toBe(false);
  expect(feed.store.isSent('192.0.2.9', 'ifname', '1')).toBe(false);
});
