import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ifCounters, record } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/*
 * Section 10: Prometheus text. 192.0.2.1 is a switch that names itself `self`, with ports swp1 to swp3; 192.0.2.2 is a
 * switch without a name; 192.0.2.3 is a host with a virtual machine; 192.0.2.4 sends custom metrics.
 */
const SWITCH = '192.0.2.1';
const NAMELESS = '192.0.2.2';
const HOST = '192.0.2.3';
const CUSTOM = '192.0.2.4';

const SPEEDS: readonly (readonly [bitsPerSecond: number, shown: string])[] = [
  [1_000_000_000, '1G'],
  [25_000_000_000, '25G'],
  [2_500_000_000, '2.5G'],
  [400_000_000_000, '400G'],
  [100_000_000, '100M'],
  [1_500_000, '1.5M'],
  [999, '999'],
  [0, '0'],
];

let weir: WeirUnderTest;
let renamed: WeirUnderTest;

beforeAll(async () => {
  [weir, renamed] = await Promise.all([
    WeirUnderTest.serve(),
    WeirUnderTest.serve('-Dprometheus.metric.prefix=net_', '-Dprometheus.compat=yes'),
  ]);
  const [self, nameless, host, custom] = [SWITCH, NAMELESS, HOST, CUSTOM].map(
    (address) => new SyntheticAgent(address),
  );
  await weir.set('/flow/bysource/json', { keys: 'ipsource', value: 'bytes' });
  const hardware = { sourceId: { class: 2, index: 1 } };
  for (const octets of [0n, 1000n]) {
    const description = record('host_descr', {
      hostname: 'self',
      machineType: 3,
      osName: 2,
      osRelease: '6.1.0',
    });
    await weir.deliver(
      self.datagram([
        ...[1, 2, 3].map((index) =>
          self.counters(
            [
              ifCounters({ ifIndex: index, ifInOctets: octets }),
              record('port_name', { name: `swp${index}` }),
            ],
            { sourceId: index },
          ),
        ),
        self.counters([description, record('host_cpu', { loadOne: 1, cpuNumber: 1 })], hardware),
        self.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })]),
      ]),
      nameless.datagram(
        SPEEDS.map(([speed], i) =>
          nameless.counters([ifCounters({ ifIndex: i + 1, ifSpeed: BigInt(speed), ifStatus: 1 })], {
            sourceId: i + 1,
          }),
        ),
      ),
      host.datagram([
        host.counters(
          [
            record('host_descr', { hostname: 'metal', machineType: 3, osName: 2, osRelease: '6.1.0' }),
            record('host_memory', { memoryTotal: 2n ** 31n }),
          ],
          hardware,
        ),
        host.counters(
          [
            record('host_parent', { containerType: 2, containerIndex: 1 }),
            record('host_descr', { hostname: 'guest', machineType: 2, osName: 3, osRelease: '10' }),
            record('virt_memory', { memory: 25n, maxMemory: 100n }),
          ],
          { sourceId: { class: 3, index: 7 } },
        ),
        host.counters([record('virt_cpu', { state: 1, virtualCpus: 4 })], {
          sourceId: { class: 3, index: 8 },
        }),
      ]),
      custom.datagram([
        {
          kind: 'rtmetric',
          dataSource: 'web1',
          metrics: [
            { name: 'g32', type: 3, value: 7 },
            { name: 'small', type: 6, value: 0.0008 },
            { name: 'word', type: 0, value: 'text' },
          ],
        },
      ]),
      custom.datagram([
        custom.counters([ifCounters({ ifIndex: 5 }), record('port_name', { name: 'a"b\\c' })], {
          sourceId: 5,
        }),
      ]),
    );
    await sleep(20);
  }
  const agent = renamed.agent();
  await renamed.deliver(
    agent.datagram([
      agent.counters([ifCounters()]),
      agent.counters([ifCounters({ ifIndex: 5 }), record('port_name', { name: 'a"b\\c' })], { sourceId: 5 }),
    ]),
  );
});
afterAll(() => Promise.all([weir.end(), renamed.end()]));

const lines = async (path: string): Promise<string[]> => {
  const { text } = await weir.ask('GET', `/prometheus/metrics/${path}`);
  return text.split('\n').filter((line) => line !== '');
};
const line = async (agent: string, metric: string, dataSource: string): Promise<string> =>
  (await lines(`${agent}/${metric}/txt`)).find((each) => each.includes(`datasource="${dataSource}"`)) ?? '';
const labelsOf = (text: string): string => /\{(.*)\}/.exec(text)?.[1] ?? '';
const labelOf = (text: string, label: string): string | undefined =>
  new RegExp(`[{,]${label}="([^"]*)"`).exec(text)?.[1];

describe('10 /prometheus/analyzer/txt', () => {
  const NAMES = [
    'uptime_ms agent_count received_datagrams received_bytes parse_errors unsupported_version_datagrams',
    'discarded_datagrams http_connections_current http_connections_total http_sent_messages',
    'http_received_messages http_sent_bytes http_received_bytes heap_max_bytes heap_used_bytes gc_time_ms',
    'gc_count mem_total_bytes mem_free_bytes cpu_time_ms cpu_load_system cpu_load_process cpu_available_cores',
  ].flatMap((names) => names.split(' '));
  let text: string;
  beforeAll(async () => {
    ({ text } = await weir.ask('GET', '/prometheus/analyzer/txt'));
  });

  it.for([...NAMES.entries()])('10 line %d is %s, without labels', ([i, name]) => {
    expect(text.split('\n')[i]).toMatch(new RegExp(`^sflow_analyzer_${name} -?[0-9.]+(E-?[0-9]+)?$`));
  });

  it('10 it counts', () => {
    expect(text).toMatch(/^sflow_analyzer_agent_count 4(\.0)?$/m);
    expect(text).toMatch(/^sflow_analyzer_received_datagrams 10(\.0)?$/m);
    expect(text).toMatch(/^sflow_analyzer_parse_errors 0(\.0)?$/m);
  });

  it('10 the prefix is a property', async () => {
    const other = await renamed.ask('GET', '/prometheus/analyzer/txt');
    expect(other.text).toMatch(/^net_analyzer_uptime_ms /);
  });
});

describe('10 form', () => {
  let text: string;
  beforeAll(async () => {
    ({ text } = await weir.ask('GET', '/prometheus/metrics/ALL/ALL/txt'));
  });

  it('10 no HELP, no TYPE, no times: name{labels} value on each line', () => {
    for (const each of text.slice(0, -1).split('\n'))
      expect(each).toMatch(/^sflow_[a-z0-9_]+\{agent="[^"]+",datasource=".*"\} -?[0-9.]+(E-?[0-9]+)?$/);
  });

  it('10 it ends in one newline', () => {
    expect(text).toMatch(/[^\n]\n$/);
  });

  it('10 the prefix is a property', async () => {
    const other = await renamed.ask('GET', '/prometheus/metrics/ALL/ifspeed/txt');
    expect(other.text).toMatch(/^net_ifspeed\{/);
  });
});

describe('10 which metrics', () => {
  it.for<[fact: string, metric: string, count: number]>([
    ['rates of counters', 'ifinoctets', 12],
    ['gauges', 'ifspeed', 12],
    ['gauges', 'mem_total', 1],
    ['gauges', 'load_one', 1],
    ['several', 'load_one,mem_total', 2],
    ['no texts', 'ifname', 0],
    ['no texts', 'host_name', 0],
    ['no flows', 'bysource', 0],
    ['custom numbers', 'g32', 1],
    ['no custom texts', 'word', 0],
  ])('10 %s: %s', async ([, metric, count]) => {
    expect(await lines(`ALL/${metric}/txt`)).toHaveLength(count);
  });

  it('10 an unknown metric: 200 with a body of no length', async () => {
    const { status, bytes } = await weir.ask('GET', '/prometheus/metrics/ALL/bogus/txt');
    expect([status, bytes.length]).toEqual([200, 0]);
  });

  it('10 filters', async () => {
    expect(await lines('ALL/ifspeed/txt?ifname=swp*')).toHaveLength(3);
    expect(await lines(`${SWITCH}/ifspeed/txt?ifname=swp1`)).toHaveLength(1);
  });
});

describe('10 numbers', () => {
  it.for<[fact: string, agent: string, metric: string, dataSource: string, value: RegExp]>([
    ['gauges are integers', SWITCH, 'ifspeed', '1', / 1000000000$/],
    ['gauges are integers', HOST, 'mem_total', '2.1', / 2147483648$/],
    ['doubles as Java prints them', SWITCH, 'load_one', '2.1', / 1\.0$/],
    ['doubles as Java prints them', SWITCH, 'ifoutoctets', '1', / 0\.0$/],
    ['doubles as Java prints them', CUSTOM, 'small', 'web1', / 8\.0E-4$/],
    ['doubles as Java prints them', SWITCH, 'ifinoctets', '1', / [0-9]+\.[0-9]+$/],
  ])('10 %s: %s %s', async ([, agent, metric, dataSource, value]) => {
    expect(await line(agent, metric, dataSource)).toMatch(value);
  });
});

describe('10 labels without a topology', () => {
  it.for<[fact: string, agent: string, metric: string, dataSource: string, labels: string]>([
    [
      'an interface of a host with a name',
      SWITCH,
      'ifspeed',
      '1',
      'agent="192.0.2.1",datasource="1",host="self",machine_type="x86_64",os_name="linux",os_release="6.1.0",' +
        'ifindex="1",ifname="swp1",ifspeed="1G",iftype="ethernetCsmacd",ifadminstatus="up",ifoperstatus="up"',
    ],
    [
      'an interface of an agent of which nothing is known',
      NAMELESS,
      'ifspeed',
      '1',
      'agent="192.0.2.2",datasource="1",ifindex="1",ifspeed="1G",iftype="ethernetCsmacd",ifadminstatus="up",' +
        'ifoperstatus="down"',
    ],
    [
      'the host itself',
      HOST,
      'mem_total',
      '2.1',
      'agent="192.0.2.3",datasource="2.1",host="metal",machine_type="x86_64",os_name="linux",os_release="6.1.0"',
    ],
    [
      'a virtual machine: its host, not itself, and svc_type',
      HOST,
      'vir_mem_used',
      '3.7',
      'agent="192.0.2.3",datasource="3.7",host="metal",machine_type="x86_64",os_name="linux",os_release="6.1.0",' +
        'svc_type="vm"',
    ],
    [
      'a virtual machine by its vcpu record',
      HOST,
      'vir_cpu_num',
      '3.8',
      'agent="192.0.2.3",datasource="3.8",host="metal",machine_type="x86_64",os_name="linux",os_release="6.1.0",' +
        'svc_type="vm"',
    ],
    ['a custom data source', CUSTOM, 'g32', 'web1', 'agent="192.0.2.4",datasource="web1",ifindex="web1"'],
    [
      'values are escaped, unless prometheus.compat says otherwise',
      CUSTOM,
      'ifspeed',
      '5',
      'agent="192.0.2.4",datasource="5",ifindex="5",ifname="a\\"b\\\\c",ifspeed="1G",iftype="ethernetCsmacd",' +
        'ifadminstatus="up",ifoperstatus="up"',
    ],
  ])('10 %s', async ([, agent, metric, dataSource, labels]) => {
    expect(labelsOf(await line(agent, metric, dataSource))).toBe(labels);
  });

  it('10 with prometheus.compat values are not escaped, and there is no HELP and TYPE whatever the client asks for', async () => {
    const { text } = await renamed.ask('GET', '/prometheus/metrics/ALL/ifspeed/txt?ifname=a*');
    expect(text).toContain('ifname="a"b\\c"');
    expect(text).not.toContain('#');
  });

  it.for([...SPEEDS.entries()])('10 ifspeed %i: %j', async ([i, [, shown]]) => {
    expect(labelOf(await line(NAMELESS, 'ifspeed', String(i + 1)), 'ifspeed')).toBe(shown);
  });
});

describe('10 labels with a topology', () => {
  beforeAll(() =>
    weir.set('/topology/json', {
      nodes: {
        leaf1: { agent: SWITCH, ports: { port1: { ifindex: '1' }, port2: { ifindex: '2' } } },
        leaf2: { agent: NAMELESS, ports: { port1: { ifindex: '1' } } },
      },
      links: { L1: { node1: 'leaf1', port1: 'port1', node2: 'leaf2', port2: 'port1' } },
    }),
  );

  it('10 a port with a link: all labels in order', async () => {
    expect(labelsOf(await line(SWITCH, 'ifspeed', '1'))).toBe(
      'agent="192.0.2.1",datasource="1",host="leaf1",machine_type="x86_64",os_name="linux",os_release="6.1.0",' +
        'ifindex="1",ifname="port1",link="L1",ifspeed="1G",iftype="ethernetCsmacd",ifadminstatus="up",' +
        'ifoperstatus="up"',
    );
  });

  it.for<[fact: string, agent: string, metric: string, dataSource: string, host: string | undefined]>([
    ['the node on 2.1', SWITCH, 'load_one', '2.1', 'leaf1'],
    ['the node on its ports', SWITCH, 'ifspeed', '2', 'leaf1'],
    ['on other interfaces the name the host gives itself', SWITCH, 'ifspeed', '3', 'self'],
    ['on other interfaces the node when there is no such name', NAMELESS, 'ifspeed', '2', 'leaf2'],
    ['agents outside the topology as before', HOST, 'mem_total', '2.1', 'metal'],
  ])('10 host is %s', async ([, agent, metric, dataSource, host]) => {
    expect(labelOf(await line(agent, metric, dataSource), 'host')).toBe(host);
  });

  it.for<[dataSource: string, link: string | undefined]>([
    ['1', 'L1'],
    ['2', undefined],
    ['3', undefined],
  ])('10 link of data source %s is %s', async ([dataSource, link]) => {
    expect(labelOf(await line(SWITCH, 'ifspeed', dataSource), 'link')).toBe(link);
  });

  requestTable('11.2 selectors', () => weir, [
    ['11.2 CORE', 'GET /prometheus/metrics/CORE/ifspeed/txt', { text: /^[^\n]*\n[^\n]*\n$/ }],
    ['11.2 EDGE', 'GET /prometheus/metrics/EDGE/load_one/txt', { text: /datasource="2\.1"/ }],
  ] satisfies RequestRow[]);
});
