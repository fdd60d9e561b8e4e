import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow } from '../../src/engine/index.ts';
import { dnsQuery, eth, ip, udp, zeros } from '../../src/packet/testing/build-packet.ts';
import { discardSample, ifCounters, record, type Sample, sampledHeader } from '../../src/sflow/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 14: the analyzer's own members, discard reasons, enumerations. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

describe('14.1 /analyzer/json', () => {
  type Analyzer = Readonly<Record<string, unknown>>;
  const NUMBERS = [
    'sFlowAgents sFlowDatagramsReceived sFlowBytesReceived sFlowDatagramsDiscarded sFlowDatagramsTooLarge',
    'sFlowParseErrors sFlowUnsupportedVersion flowsGenerated eventsGenerated httpConnectionsCurrent',
    'httpConnectionsTotal httpMessagesSent httpMessagesReceived httpBytesSent httpBytesReceived uptime cpuTime',
    'cpuLoadProcess cpuLoadSystem loadAverage availableProcessors memTotal memFree heapInit heapUsed heapCommitted',
    'heapMax nonHeapInit nonHeapUsed nonHeapCommitted nonHeapMax gcCount gcTime threadCount threadDaemonCount',
    'threadTotalStartedCount',
  ].flatMap((names) => names.split(' '));
  const TEXTS = 'version jvmName jvmVendor jvmVersion javaVersion osName osArch osVersion'.split(' ');
  let analyzer: Analyzer;
  let later: Analyzer;
  let payload: Uint8Array;

  beforeAll(async () => {
    analyzer = await weir.get<Analyzer>('/analyzer/json');
    await weir.set('/flow/started/json', { keys: 'ipsource', value: 'bytes', log: true, flowStart: true });
    await weir.set('/threshold/speed/json', { metric: 'ifspeed', value: 1 });
    const agent = weir.agent();
    payload = agent.datagram([
      agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })]),
      agent.counters([ifCounters()]),
    ]);
    await weir.deliver(payload);
    await weir.get('/flows/json?flowID=0&timeout=1');
    later = await weir.get<Analyzer>('/analyzer/json');
    await weir.ask('DELETE', '/flow/started/json');
    await weir.ask('DELETE', '/threshold/speed/json');
  });
  const grown = (member: string): number => Number(later[member]) - Number(analyzer[member]);

  it.for(NUMBERS)('14.1 %s is a number', (member) => {
    expect(analyzer[member]).toBeTypeOf('number');
  });

  it.for(TEXTS)('14.1 %s is a text', (member) => {
    expect(analyzer[member]).toMatch(/./);
  });

  it.for(['cpuLoadProcess', 'cpuLoadSystem'])('14.1 %s is from 0 to 1', (member) => {
    expect(Number(analyzer[member])).toBeGreaterThanOrEqual(0);
    expect(Number(analyzer[member])).toBeLessThanOrEqual(1);
  });

  it.for([
    ['sFlowAgents', 1],
    ['sFlowDatagramsReceived', 1],
    ['sFlowDatagramsDiscarded', 0],
    ['sFlowDatagramsTooLarge', 0],
    ['sFlowParseErrors', 0],
    ['sFlowUnsupportedVersion', 0],
    ['flowsGenerated', 1],
    ['eventsGenerated', 1],
  ] as const)('14.1 %s counts: %d', ([member, count]) => {
    expect(grown(member)).toBe(count);
  });

  it('14.1 sFlowBytesReceived counts UDP payload', () => {
    expect(grown('sFlowBytesReceived')).toBe(payload.length);
  });

  it.for(['httpMessagesSent', 'httpMessagesReceived', 'httpBytesSent', 'httpBytesReceived', 'uptime'])(
    '14.1 %s grows',
    (member) => {
      expect(grown(member)).toBeGreaterThan(0);
    },
  );

  it('14.1 version is that of /version', async () => {
    expect(analyzer['version']).toBe((await weir.ask('GET', '/version')).text);
  });
});

const REASONS = `0 net_unreachable 1 host_unreachable 2 protocol_unreachable 3 port_unreachable 4 frag_needed
  5 src_route_failed 6 dst_net_unknown 7 dst_host_unknown 8 src_host_isolated 9 dst_net_prohibited
  10 dst_host_prohibited 11 dst_net_tos_unreachable 12 dst_host_tos_unreacheable 13 comm_admin_prohibited
  14 host_precedence_violation 15 precedence_cutoff 256 unknown 257 ttl_exceeded 258 acl 259 no_buffer_space 260 red
  261 traffic_shaping 262 pkt_too_big 263 src_mac_is_multicast 264 vlan_tag_mismatch 265 ingress_vlan_filter
  266 ingress_spanning_tree_filter 267 port_list_is_empty 268 port_loopback_filter 269 blackhole_route 270 non_ip
  271 uc_dip_over_mc_dmac 272 dip_is_loopback_address 273 sip_is_mc 274 sip_is_loopback_address
  275 ip_header_corrupted 276 ipv4_sip_is_limited_bc 277 ipv6_mc_dip_reserved_scope
  278 ipv6_mc_dip_interface_local_scope 279 unresolved_neigh 280 mc_reverse_path_forwarding 281 non_routable_packet
  282 decap_error 283 overlay_smac_is_mc 284 unknown_l2 285 unknown_l3 286 unknown_l3_exception 287 unknown_buffer
  288 unknown_tunnel 289 unknown_l4 290 sip_is_unspecified 291 mlag_port_isolation 292 blackhole_arp_neigh
  293 src_mac_is_dmac 294 dmac_is_reserved 295 sip_is_class_e 296 mc_dmac_mismatch 297 sip_is_dip
  298 dip_is_local_network 299 dip_is_link_local 300 overlay_smac_is_dmac 301 egress_vlan_filter
  302 uc_reverse_path_forwarding 303 split_horizon 304 locked_port 305 dmac_filter 306 blackhole_nexthop
  307 vxlan_parsing 308 llc_snap_parsing 309 vlan_parsing 16 unknown_code_16 255 unknown_code_255
  310 unknown_code_310 65535 unknown_code_65535`;
const REASON_ROWS = pairs(REASONS).map(([code, name]) => [Number(code), name] as const);

/** `1 a 2 b` as pairs. */
function pairs(text: string): [string, string][] {
  const words = text.trim().split(/\s+/);
  return words.flatMap((word, i): [string, string][] => (i % 2 === 0 ? [[word, words[i + 1]]] : []));
}

/** Values of a metric or a key by number: each number comes in a sample of a data source of its own. */
interface Enumeration {
  readonly what: string;
  readonly values: readonly (readonly [number, string])[];
  readonly sample: (agent: SyntheticAgent, value: number, sourceId: number) => Sample;
}

const named = (names: string, from = 0): [number, string][] =>
  names.split(' ').map((name, i) => [from + i, name]);

const METRICS: readonly Enumeration[] = [
  {
    what: 'ifdirection',
    values: [...named('unknown full-duplex half-duplex in out'), [5, 'unknown(5)']],
    sample: (agent, ifDirection, sourceId) => agent.counters([ifCounters({ ifDirection })], { sourceId }),
  },
  {
    what: 'ifadminstatus',
    values: named('down up down up'),
    sample: (agent, ifStatus, sourceId) => agent.counters([ifCounters({ ifStatus })], { sourceId }),
  },
  {
    what: 'ifoperstatus',
    values: named('down down up up'),
    sample: (agent, ifStatus, sourceId) => agent.counters([ifCounters({ ifStatus })], { sourceId }),
  },
  {
    what: 'iftype',
    values: [
      [1, 'other'],
      [6, 'ethernetCsmacd'],
      [24, 'softwareLoopback'],
      [53, 'propVirtual'],
      [131, 'tunnel'],
      [135, 'l2vlan'],
      [136, 'l3ipvlan'],
      [161, 'ieee8023adLag'],
      [209, 'bridge'],
      [251, 'unknown(251)'],
      [0, 'unknown(0)'],
    ],
    sample: (agent, ifType, sourceId) => agent.counters([ifCounters({ ifType })], { sourceId }),
  },
  {
    what: 'machine_type',
    values: [
      ...named('unknown other x86 x86_64 ia64 sparc alpha powerpc m68k mips arm hppa s390'),
      [13, 'unknown(13)'],
    ],
    sample: (agent, machineType, sourceId) =>
      agent.counters([record('host_descr', { hostname: 'h', machineType })], { sourceId }),
  },
  {
    what: 'os_name',
    values: [
      ...named(
        'unknown other linux windows darwin hpux aix dragonfly freebsd netbsd openbsd osf solaris java',
      ),
      [14, 'unknown(14)'],
    ],
    sample: (agent, osName, sourceId) =>
      agent.counters([record('host_descr', { hostname: 'h', osName })], { sourceId }),
  },
  {
    what: 'vir_cpu_state',
    values: [
      ...named('nostate running blocked paused shutdown shutoff crashed pmsuspended'),
      [8, 'unknown(8)'],
    ],
    sample: (agent, state, sourceId) => agent.counters([record('virt_cpu', { state })], { sourceId }),
  },
];

const memcache =
  (field: string) =>
  (agent: SyntheticAgent, value: number, sourceId: number): Sample =>
    agent.flow([record('memcache_operation', { [field]: value })], { sourceId });

const KEYS: readonly Enumeration[] = [
  {
    what: 'ipdscpname',
    values: pairs(
      '0 be(0) 1 le(1) 8 cs1(8) 10 af11(10) 12 af12(12) 14 af13(14) 16 cs2(16) 18 af21(18) 20 af22(20) ' +
        '22 af23(22) 24 cs3(24) 26 af31(26) 28 af32(28) 30 af33(30) 32 cs4(32) 34 af41(34) 36 af42(36) ' +
        '38 af43(38) 40 cs5(40) 44 voice-admit(44) 46 ef(46) 48 cs6(48) 56 cs7(56) 2 2 63 63',
    ).map(([value, name]) => [Number(value), name]),
    sample: (agent, dscp, sourceId) =>
      agent.flow([sampledHeader(eth(0x0800, ip(253, zeros(8), { tos: dscp << 2 })))], { sourceId }),
  },
  {
    what: 'httpmethod',
    values: [...named('OTHER OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT'), [9, 'unknown(9)']],
    sample: (agent, method, sourceId) => agent.flow([record('http_request', { method })], { sourceId }),
  },
  {
    what: 'httpprotocol',
    values: [
      [1000, '1.0'],
      [1001, '1.1'],
      [2000, '2.0'],
    ],
    sample: (agent, protocol, sourceId) => agent.flow([record('http_request', { protocol })], { sourceId }),
  },
  {
    what: 'memcachecommand',
    values: [
      ...named(
        'OTHER SET ADD REPLACE APPEND PREPEND CAS GET GETS INCR DECR DELETE STATS FLUSH VERSION QUIT TOUCH',
      ),
      [17, 'unknown(17)'],
    ],
    sample: memcache('command'),
  },
  {
    what: 'memcacheprotocol',
    values: [...named('OTHER ASCII BINARY'), [3, 'unknown(3)']],
    sample: memcache('protocol'),
  },
  {
    what: 'memcachestatus',
    values: [
      ...named('UNKNOWN OK ERROR CLIENT_ERROR SERVER_ERROR STORED NOT_STORED EXISTS NOT_FOUND DELETED'),
      [10, 'unknown(10)'],
    ],
    sample: memcache('status'),
  },
  {
    what: 'appstatus',
    values: [
      ...named(
        'SUCCESS OTHER TIMEOUT INTERNAL_ERROR BAD_REQUEST FORBIDDEN TOO_LARGE NOT_IMPLEMENTED NOT_FOUND ' +
          'UNAVAILABLE UNAUTHORIZED',
      ),
      [11, 'unknown(11)'],
    ],
    sample: (agent, status, sourceId) => agent.flow([record('app_operation', { status })], { sourceId }),
  },
  {
    what: 'dnsqtypename',
    values: [
      [1, 'A(1)'],
      [2, 'NS(2)'],
      [5, 'CNAME(5)'],
      [6, 'SOA(6)'],
      [12, 'PTR(12)'],
      [15, 'MX(15)'],
      [16, 'TXT(16)'],
      [28, 'AAAA(28)'],
      [33, 'SRV(33)'],
      [255, 'ANY(255)'],
      [65_000, '65000'],
    ],
    sample: (agent, type, sourceId) =>
      agent.flow([sampledHeader(eth(0x0800, ip(17, udp(1000, 53, dnsQuery('example.com', type)))))], {
        sourceId,
      }),
  },
];

/** Values and names, with the data source that the value's sample is of. */
const bySource = (values: readonly (readonly [number, string])[]): [number, string, string][] =>
  values.map(([value, name], i) => [value, name, String(i + 1)]);

async function deliverAll(agent: SyntheticAgent, samples: readonly Sample[]): Promise<void> {
  for (let i = 0; i < samples.length; i += 8) await weir.deliver(agent.datagram(samples.slice(i, i + 8)));
}

describe('14.2 discard reasons', () => {
  let flows: ActiveFlow[];
  beforeAll(async () => {
    await weir.set('/flow/reasons/json', { keys: 'reason', value: 'frames', dropped: true, t: 600 });
    const agent = weir.agent();
    const frame = tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' });
    await deliverAll(
      agent,
      REASON_ROWS.map(([reason], i) => discardSample({ sourceId: i + 1, reason, records: [frame] })),
    );
    flows = await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/reasons/json?maxFlows=1000`);
  });

  it.for(bySource(REASON_ROWS))('14.2 reason %i is %s', ([, name, source]) => {
    expect(flows.find(({ dataSource }) => dataSource === source)?.key).toBe(name);
  });

  it('14.2 discards are unscaled', () => {
    for (const { value } of flows) expect(value * 600).toBeCloseTo(1, 1);
  });
});

describe.for(METRICS)('14.3 $what', ({ what, values, sample }) => {
  const shown = new Map<string, string>();
  beforeAll(async () => {
    const agent = weir.agent();
    await deliverAll(
      agent,
      values.map(([value], i) => sample(agent, value, i + 1)),
    );
    const cells = await weir.get<{ dataSource: string; metricValue: string }[]>(
      `/dump/${agent.address}/${what}/json`,
    );
    for (const { dataSource, metricValue } of cells) shown.set(dataSource, metricValue);
  });

  it.for(bySource(values))('14.3 %i is %s', ([, name, source]) => {
    expect(shown.get(source)).toBe(name);
  });
});

describe.for(KEYS)('14.3 $what', ({ what, values, sample }) => {
  const shown = new Map<string, string>();
  beforeAll(async () => {
    await weir.set(`/flow/${what}/json`, { keys: `ds,${what}`, value: 'count:agent', t: 600 });
    const agent = weir.agent();
    await deliverAll(
      agent,
      values.map(([value], i) => sample(agent, value, i + 1)),
    );
    const flows = await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/${what}/json`);
    for (const { key } of flows) {
      const comma = key.indexOf(',');
      shown.set(key.slice(0, comma), key.slice(comma + 1));
    }
    await weir.ask('DELETE', `/flow/${what}/json`);
  });

  it.for(bySource(values))('14.3 %i is %s', ([, name, source]) => {
    expect(shown.get(source)).toBe(name);
  });
});
