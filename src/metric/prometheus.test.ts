import { describe, expect, it } from 'vitest';
import { ifCounters, record } from '../sflow/index.ts';
import { type PrometheusQuestion, prometheusText } from './prometheus.ts';
import type { TopologyNames } from './prometheus-labels.ts';
import { Feed } from './testing/feed.ts';

const AGENT = '192.0.6.1';
const HOST = { class: 2, index: 1 };

const EVERYTHING: PrometheusQuestion = {
  agents: 'ALL',
  metrics: ['ALL'],
  filters: {},
  prefix: 'sflow_',
  form: 'plain',
  maxSeries: 1000,
};

function text(feed: Feed, given: Partial<PrometheusQuestion> = {}, topology?: TopologyNames): string {
  const question = { ...EVERYTHING, ...given };
  return [...prometheusText(feed.context(), question, topology)].join('');
}

/** One interface and, when it has a name, the host around it. */
function leaf(hostname?: string): Feed {
  const feed = new Feed();
  for (const ifInOctets of [0n, 1000n]) {
    feed.counters(AGENT, 1, [ifCounters({ ifInOctets }), record('port_name', { name: 'swp1' })]);
    if (hostname !== undefined)
      feed.counters(AGENT, HOST, [
        record('host_descr', { hostname, machineType: 3, osName: 2, osRelease: '6.1.0' }),
        record('host_cpu', { loadOne: 1 }),
      ]);
    feed.now += 999;
  }
  return feed;
}

const TOPOLOGY: TopologyNames = {
  node: () => 'node1',
  port: (_agent, dataSource) => (dataSource === '1' ? 'port1' : undefined),
  link: (_agent, dataSource) => (dataSource === '1' ? 'L1' : undefined),
};

describe('10 Prometheus text', () => {
  it('an interface, labels in order, with a topology', () => {
    expect(text(leaf('leaf1'), { metrics: ['ifinoctets'] }, TOPOLOGY)).toBe(
      'sflow_ifinoctets{agent="192.0.6.1",datasource="1",host="node1",machine_type="x86_64",os_name="linux",' +
        'os_release="6.1.0",ifindex="1",ifname="port1",link="L1",ifspeed="1G",iftype="ethernetCsmacd",' +
        'ifadminstatus="up",ifoperstatus="up"} 1001.0010010010011\n',
    );
  });

  it('labels only when they are known', () => {
    expect(text(leaf(), { metrics: ['ifinoctets'] })).toBe(
      'sflow_ifinoctets{agent="192.0.6.1",datasource="1",ifindex="1",ifname="swp1",ifspeed="1G",' +
        'iftype="ethernetCsmacd",ifadminstatus="up",ifoperstatus="up"} 1001.0010010010011\n',
    );
  });

  it('the host itself', () => {
    expect(text(leaf('host2'), { metrics: ['load_one'] })).toBe(
      'sflow_load_one{agent="192.0.6.1",datasource="2.1",host="host2",machine_type="x86_64",os_name="linux",' +
        'os_release="6.1.0"} 1.0\n',
    );
  });

  it('host is the node on 2.1, ports and link ends; elsewhere the host name, then the node', () => {
    const host = (feed: Feed, dataSource: string, topology?: TopologyNames) => {
      feed.counters(AGENT, 2, [ifCounters({ ifIndex: 2 })]);
      const lines = text(feed, {}, topology).split('\n');
      const line = lines.find((candidate) => candidate.includes(`datasource="${dataSource}"`));
      return /host="([^"]*)"/.exec(line ?? '')?.[1];
    };
    expect(host(leaf('self'), '2.1', TOPOLOGY)).toBe('node1');
    expect(host(leaf('self'), '1', TOPOLOGY)).toBe('node1');
    expect(host(leaf('self'), '2', TOPOLOGY)).toBe('self');
    expect(host(leaf(), '2', TOPOLOGY)).toBe('node1');
    expect(host(leaf('self'), '1')).toBe('self');
    expect(host(leaf(), '1')).toBeUndefined();
    expect(host(leaf('self'), '1', { ...TOPOLOGY, node: () => undefined })).toBe('self');
  });

  it('a virtual machine: its host, svc_type, and nothing of its own description', () => {
    const feed = leaf('metal');
    feed.counters(AGENT, { class: 3, index: 7 }, [
      record('host_descr', { hostname: 'guest', machineType: 2 }),
      record('host_parent', { containerType: 2, containerIndex: 1 }),
      record('virt_memory', { memory: 25n, maxMemory: 100n }),
    ]);
    expect(text(feed, { metrics: ['vir_mem_used'] })).toBe(
      'sflow_vir_mem_used{agent="192.0.6.1",datasource="3.7",host="metal",machine_type="x86_64",os_name="linux",' +
        'os_release="6.1.0",svc_type="vm"} 25\n',
    );
  });

  it('a custom data source shows its name as ifindex; odd names of metrics become words', () => {
    const feed = new Feed();
    feed.custom(AGENT, 'web1', [
      { name: 'g32', type: 3, value: 7 },
      { name: 'a b-c.d', type: 6, value: 0.5 },
      { name: 's', type: 0, value: 'text' },
    ]);
    expect(text(feed)).toBe(
      'sflow_g32{agent="192.0.6.1",datasource="web1",ifindex="web1"} 7\n' +
        'sflow_a_b_c_d{agent="192.0.6.1",datasource="web1",ifindex="web1"} 0.5\n',
    );
  });

  it('gauges are integers, everything else doubles as Java prints them; no texts', () => {
    const feed = new Feed();
    for (const ifInOctets of [0n, 1_000_000_000n]) {
      feed.counters(AGENT, 1, [
        ifCounters({ ifInOctets }),
        record('processor', { cpu5s: 100, totalMemory: 1n << 40n }),
      ]);
      feed.now += 1000;
    }
    const values = Object.fromEntries(
      text(feed)
        .trim()
        .split('\n')
        .map((line) => /^sflow_(\w+)\{.*\} (\S+)$/.exec(line)!.slice(1)),
    );
    expect(values).toMatchObject({
      ifspeed: '1000000000',
      mem_total: '1099511627776',
      ifinoctets: '1.0E9',
      ifoutoctets: '0.0',
      ifinutilization: '800.0',
      cpu_5sec: '1.0',
    });
    expect(values).not.toHaveProperty('ifname');
    expect(values).not.toHaveProperty('iftype');
  });

  it.each([
    [1_000_000_000n, '1G'],
    [25_000_000_000n, '25G'],
    [2_500_000_000n, '2.5G'],
    [400_000_000_000n, '400G'],
    [100_000_000n, '100M'],
    [1_544_000n, '1.5M'],
    [999n, '999'],
    [0n, '0'],
  ])('ifspeed %d is %s', (ifSpeed, short) => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifSpeed })]);
    expect(text(feed, { metrics: ['ifspeed'] })).toContain(`ifspeed="${short}"`);
  });

  it('values of labels are escaped; raw ones are as they are, but never end the line', () => {
    const feed = leaf('a"b\\c\nd');
    expect(text(feed, { metrics: ['load_one'], form: 'raw' })).toContain('host="a"b\\c d"');
    expect(text(feed, { metrics: ['load_one'] })).toContain('host="a\\"b\\\\c\\nd"');
  });

  it('unknown metrics and agents give nothing; prefix, filters and lists are heeded', () => {
    const feed = leaf('leaf1');
    expect(text(feed, { metrics: ['nosuch'] })).toBe('');
    expect(text(feed, { agents: '10.0.0.1' })).toBe('');
    expect(text(feed, { metrics: ['host_name'] })).toBe('');
    expect(text(feed, { metrics: ['ifspeed'], filters: { ifname: ['eth*'] } })).toBe('');
    expect(text(feed, { metrics: ['load_one', 'ifspeed'], prefix: 'x_' })).toMatch(
      /^x_ifspeed.*\nx_load_one.*\n$/,
    );
  });

  it('comes in pieces of at most 64 Ki characters that end with a line', () => {
    const feed = new Feed();
    for (let i = 1; i <= 500; i++) feed.counters(AGENT, i, [ifCounters({ ifIndex: i }), record('host_cpu')]);
    const question = { ...EVERYTHING, maxSeries: 10_000 };
    const pieces = [...prometheusText(feed.context(), question)].filter((piece) => piece !== '');
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(65536);
      expect(piece.endsWith('\n')).toBe(true);
    }
    expect(pieces.join('').split('\n').length).toBe(500 * 9 + 1);
  });

  it('typed: each metric once, with HELP and TYPE before its lines', () => {
    const feed = leaf('leaf1');
    feed.counters(AGENT, 2, [ifCounters({ ifIndex: 2 })]);
    const lines = text(feed, { metrics: ['ifspeed', 'load_one', 'ifspeed'], form: 'typed' }).split('\n');
    expect(lines.map((line) => line.split('{')[0])).toEqual([
      '# HELP sflow_ifspeed Gauge ifSpeed of sFlow structure if_counters: bits per second',
      '# TYPE sflow_ifspeed gauge',
      'sflow_ifspeed',
      'sflow_ifspeed',
      '# HELP sflow_load_one Gauge loadOne of sFlow structure host_cpu: load average over one minute',
      '# TYPE sflow_load_one gauge',
      'sflow_load_one',
      '',
    ]);
  });

  it('OpenMetrics: TYPE, HELP, lines, and EOF, also when there is nothing else', () => {
    const given = { metrics: ['load_one'], form: 'openmetrics' } as const;
    expect(text(leaf('leaf1'), given)).toMatch(
      /^# TYPE sflow_load_one gauge\n# HELP sflow_load_one .+\nsflow_load_one\{.+\} 1\.0\n# EOF\n$/,
    );
    expect(text(leaf(), given)).toBe('# EOF\n');
  });

  it('names that become the same word are one metric, of which a data source has one number', () => {
    const feed = new Feed();
    feed.custom(AGENT, 'web1', [
      { name: 'a.b', type: 3, value: 1 },
      { name: 'a b', type: 3, value: 2 },
    ]);
    feed.custom(AGENT, 'web2', [{ name: 'a b', type: 3, value: 3 }]);
    const lines = text(feed, { form: 'typed' }).trim().split('\n');
    expect(lines.map((line) => line.replace(/\{.*\}/, ''))).toEqual([
      '# HELP sflow_a_b Custom metric',
      '# TYPE sflow_a_b gauge',
      'sflow_a_b 1',
      'sflow_a_b 3',
    ]);
    expect(text(feed, { metrics: ['a.b'], prefix: '9' })).toMatch(/^_9a_b\{/);
  });

  it.each(['plain', 'typed', 'openmetrics'] as const)('%s: series beyond the limit are counted', (form) => {
    const feed = new Feed();
    for (let i = 1; i <= 10; i++) feed.counters(AGENT, i, [ifCounters({ ifIndex: i })]);
    const reading = prometheusText(feed.context(), {
      ...EVERYTHING,
      metrics: ['ifspeed'],
      form,
      maxSeries: 4,
    });
    let all = '';
    let step = reading.next();
    for (; !step.done; step = reading.next()) all += step.value;
    expect(step.value).toEqual({ series: 4, leftOut: 6 });
    expect(all.match(/^sflow_/gm)).toHaveLength(4);
  });

  it('a text by metric is of one moment: what goes while it is read is in it', () => {
    const feed = new Feed();
    for (let i = 1; i <= 500; i++) feed.counters(`192.0.2.${i % 2}`, i, [ifCounters({ ifIndex: i })]);
    const reading = prometheusText(feed.context(), { ...EVERYTHING, form: 'openmetrics', maxSeries: 1e6 });
    let all = '';
    while (all === '') all += reading.next().value;
    feed.store.removeAgent('192.0.2.0');
    for (const piece of reading) all += piece;
    expect(all.match(/^sflow_ifspeed.*192\.0\.2\.0/gm)).toHaveLength(250);
    expect(all.match(/^sflow_ifspeed/gm)).toHaveLength(500);
    expect(all.endsWith('# EOF\n')).toBe(true);
  });
});
