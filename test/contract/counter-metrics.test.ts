import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FieldValue,
  type FlowOrCounterRecord,
  ifCounters,
  type RtMetricSample,
  record,
  structureNamed,
} from '../../src/sflow/index.ts';
import type { SyntheticAgent } from '../support/synthetic-agent.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 7: each metric of each counter structure by its value, from two samples about a second apart. */

/** What a metric is reckoned from: the fields of the second sample, and by how much they grew in so many seconds. */
interface Counted {
  readonly value: (field: string) => number;
  readonly growth: (field: string) => number;
  readonly seconds: number;
}

interface StructureFacts {
  readonly structure: string;
  /** Its number in the contract. */
  readonly format: string;
  /** For each field, in the order of the wire: the metric that is its rate, `metric=` when it is a gauge, or `-`. */
  readonly metrics: string;
  /** Fields that are the same in both samples. */
  readonly fixed?: Readonly<Record<string, FieldValue>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly derived?: Readonly<Record<string, (counted: Counted) => number>>;
  /** Other records that the samples have too. */
  readonly beside?: readonly FlowOrCounterRecord[];
  readonly absent?: readonly string[];
}

const prefixed = (prefix: string, names: string): string =>
  names.replace(/\S+/g, (name) => (name === '-' ? name : prefix + name));
const share = (part: number, whole: number): number => (100 * part) / whole;
/** Percent of the time that passed, of a field that counts ms. */
const busy =
  (field: string) =>
  ({ growth, seconds }: Counted): number =>
    share(growth(field), seconds * 1000);
const NETWORK = 'bytes_in pkts_in errs_in drops_in bytes_out pkts_out errs_out drops_out';
const LANE_FIELDS =
  'index txBiasCurrent txPower txPowerMin txPowerMax txWavelength rxPower rxPowerMin rxPowerMax rxWavelength';
const LANE_METRICS =
  'index tx_bias_current tx_power tx_power_min tx_power_max tx_wavelength rx_power rx_power_min rx_power_max rx_wavelength';
const TICKS = 'cpuUser cpuNice cpuSystem cpuIdle cpuWaitIo cpuInterrupt cpuSoftInterrupt cpuSteal'.split(' ');
/** Percent of all processor time. */
const ticks =
  (field: string) =>
  ({ growth }: Counted): number =>
    share(
      growth(field),
      TICKS.reduce((sum, each) => sum + growth(each), 0),
    );
const TABLE_NAMES =
  'host ipv4 ipv6 ipv4_ipv6 long_ipv6 total_routes ecmp_nexthops mac acl_ingress acl_ingress_counters ' +
  'acl_ingress_meters acl_ingress_slices acl_egress acl_egress_counters acl_egress_meters acl_egress_slices';
const TABLE_FIELDS =
  'hostEntries ipv4Entries ipv6Entries ipv4Ipv6Entries longIpv6Entries totalRoutes ecmpNexthops macEntries ' +
  'aclIngressEntries aclIngressCounters aclIngressMeters aclIngressSlices aclEgressEntries aclEgressCounters ' +
  'aclEgressMeters aclEgressSlices';

const INTERFACES: readonly StructureFacts[] = [
  {
    structure: 'if_counters',
    format: '0:1',
    metrics: `- - ifspeed= - - ifinoctets ifinucastpkts ifinmulticastpkts ifinbroadcastpkts ifindiscards ifinerrors
      ifinunknownprotos ifoutoctets ifoutucastpkts ifoutmulticastpkts ifoutbroadcastpkts ifoutdiscards ifouterrors -`,
    fixed: { ifIndex: 7, ifType: 6, ifDirection: 1, ifStatus: 1 },
    texts: {
      ifindex: '7',
      iftype: 'ethernetCsmacd',
      ifdirection: 'full-duplex',
      ifadminstatus: 'up',
      ifoperstatus: 'down',
    },
    derived: {
      ifinpkts: ({ growth, seconds }) =>
        (growth('ifInUcastPkts') + growth('ifInMulticastPkts') + growth('ifInBroadcastPkts')) / seconds,
      ifoutpkts: ({ growth, seconds }) =>
        (growth('ifOutUcastPkts') + growth('ifOutMulticastPkts') + growth('ifOutBroadcastPkts')) / seconds,
      ifinutilization: ({ growth, seconds, value }) =>
        ((growth('ifInOctets') / seconds) * 800) / value('ifSpeed'),
      ifoututilization: ({ growth, seconds, value }) =>
        ((growth('ifOutOctets') / seconds) * 800) / value('ifSpeed'),
    },
    absent: ['ifpromiscuousmode', 'ifstatus'],
  },
  {
    structure: 'ethernet_counters',
    format: '0:2',
    metrics: prefixed(
      'eth_',
      `alignmenterrors fcserrors singlecollisions multiplecollisions sqetesterrors deferredtx latecollisions
      excessivecollisions internalmactxerrors carriersenseerrors toolongs internalmacrxerrors symbolerrors`,
    ),
  },
  {
    structure: 'ieee80211_counters',
    format: '0:6',
    metrics: prefixed(
      'wifi_',
      `txfragments txmulticasts failures retries multiretries duplicates rtssuccesses rtsfailures ackfailures
      rxfragments rxmulticasts fcserrors txframes wepunencryptable qosdiscardedfragments associations= qoscfprx
      qoscfpunused qoscfpunuseable qoscfplost`,
    ),
  },
  {
    structure: 'lag_port_stats',
    format: '0:7',
    metrics: prefixed(
      'agg_',
      `- - - - lacpdusrx markerpdusrx markerresponsepdusrx unknownrx illegalrx lacpdustx markerpdustx
      markerresponsepdustx`,
    ),
    fixed: {
      dot3adAggPortActorSystemID: '000C29AABBCC',
      dot3adAggPortPartnerOperSystemID: '000C29000001',
      dot3adAggPortAttachedAggID: 1000,
      dot3adAggPortState: Uint8Array.of(1, 0x3d, 0x80, 0xff),
    },
    texts: {
      agg_actorsystemid: '000C29AABBCC',
      agg_partneropersystemid: '000C29000001',
      agg_attachedaggid: '1000',
      agg_actoradminstate: '00000001',
      agg_actoroperstate: '00111101',
      agg_partneradminstate: '10000000',
      agg_partneroperstate: '11111111',
    },
  },
  {
    structure: 'sfp',
    format: '0:10',
    metrics: 'opt_module_id= opt_module_lanes= opt_module_voltage= opt_module_temperature= -',
    fixed: {
      lanes: [0, 1].map((lane) =>
        Object.fromEntries(LANE_FIELDS.split(' ').map((field, i) => [field, 100 * (lane + 1) + i])),
      ),
    },
    derived: {
      opt_num_lanes: () => 2,
      ...Object.fromEntries(
        [0, 1].flatMap((lane) =>
          LANE_METRICS.split(' ').map((name, i) => [`opt_${name}_${lane}`, () => 100 * (lane + 1) + i]),
        ),
      ),
    },
  },
  {
    structure: 'radio_utilization',
    format: '0:1002',
    metrics: '- - -',
    derived: {
      radio_on_channel: ({ growth }) => share(growth('onChannelTime'), growth('elapsedTime')),
      radio_on_channel_busy: ({ growth }) => share(growth('onChannelBusyTime'), growth('elapsedTime')),
    },
  },
  {
    structure: 'of_port',
    format: '0:1004',
    metrics: '- -',
    fixed: { datapathId: 0xabc123n, portNumber: 65534 },
    texts: { of_dpid: '0000000000abc123', of_port: '65534' },
  },
  {
    structure: 'port_name',
    format: '0:1005',
    metrics: '-',
    fixed: { name: 'swp1' },
    texts: { ifname: 'swp1' },
  },
];

const DEVICES: readonly StructureFacts[] = [
  {
    structure: 'processor',
    format: '0:1001',
    metrics: '- - - mem_total= mem_free=',
    fixed: { cpu5s: 4321, cpu1m: 50, cpu5m: 10_000, totalMemory: 200n, freeMemory: 50n },
    derived: { cpu_5sec: () => 43.21, cpu_1min: () => 0.5, cpu_5min: () => 100, mem_utilization: () => 75 },
  },
  {
    structure: 'nvidia_gpu',
    format: '5703:1',
    metrics: prefixed(
      'nvml_',
      'devicecount= processes= - - memtotal= memfree= eccerrors - temperature= fanspeed=',
    ),
    fixed: { memoryTotal: 8000n, memoryFree: 2000n },
    derived: {
      nvml_gputime: busy('gpuTime'),
      nvml_memtime: busy('memoryTime'),
      // mJ in a second are mW.
      nvml_power: ({ growth, seconds }) => growth('energy') / seconds,
      nvml_memused: () => 6000,
      nvml_memutilization: () => 75,
    },
  },
  {
    structure: 'hw_tables',
    format: '4413:3',
    metrics: prefixed(
      'bcm_',
      `host_entries= host_entries_max= ipv4_entries= ipv4_entries_max= ipv6_entries= ipv6_entries_max=
      ipv4_ipv6_entries= ipv4_ipv6_entries_max= long_ipv6_entries= long_ipv6_entries_max= total_routes=
      total_routes_max= ecmp_nexthops= ecmp_nexthops_max= mac_entries= mac_entries_max= ipv4_neighbors=
      ipv6_neighbors= ipv4_routes= ipv6_routes= acl_ingress_entries= acl_ingress_entries_max=
      acl_ingress_counters= acl_ingress_counters_max= acl_ingress_meters= acl_ingress_meters_max=
      acl_ingress_slices= acl_ingress_slices_max= acl_egress_entries= acl_egress_entries_max=
      acl_egress_counters= acl_egress_counters_max= acl_egress_meters= acl_egress_meters_max= acl_egress_slices=
      acl_egress_slices_max=`,
    ),
    derived: Object.fromEntries(
      TABLE_NAMES.split(' ').map((name, i) => {
        const field = TABLE_FIELDS.split(' ')[i];
        return [`bcm_${name}_utilization`, ({ value }: Counted) => share(value(field), value(`${field}Max`))];
      }),
    ),
  },
];

const HOSTS: readonly StructureFacts[] = [
  {
    structure: 'host_descr',
    format: '0:2000',
    metrics: '- - - - -',
    fixed: {
      hostname: 'host2',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machineType: 3,
      osName: 2,
      osRelease: '6.1.0',
    },
    texts: {
      host_name: 'host2',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machine_type: 'x86_64',
      os_name: 'linux',
      os_release: '6.1.0',
    },
    absent: ['vir_host_name'],
  },
  {
    structure: 'host_descr',
    format: '0:2000 of a virtual machine',
    metrics: '- - - - -',
    beside: [record('host_parent', { containerType: 2, containerIndex: 1 })],
    fixed: {
      hostname: 'guest',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machineType: 3,
      osName: 2,
      osRelease: '5.4',
    },
    texts: {
      host_parent: '2.1',
      vir_host_name: 'guest',
      vir_uuid: '00112233-4455-6677-8899-aabbccddeeff',
      vir_machine_type: 'x86_64',
      vir_os_name: 'linux',
      vir_os_release: '5.4',
    },
    absent: ['host_name', 'uuid', 'machine_type', 'os_name', 'os_release'],
  },
  {
    structure: 'host_cpu',
    format: '0:2003',
    metrics: `load_one= load_five= load_fifteen= proc_run= proc_total= cpu_num= cpu_speed= uptime= - - - - - - -
      interrupts contexts - - -`,
    fixed: { loadOne: 1.5, loadFive: 0.5, loadFifteen: 0.25, cpuNumber: 2 },
    derived: {
      load_one_per_cpu: () => 0.75,
      load_five_per_cpu: () => 0.25,
      load_fifteen_per_cpu: () => 0.125,
      cpu_user: ticks('cpuUser'),
      cpu_nice: ticks('cpuNice'),
      cpu_system: ticks('cpuSystem'),
      cpu_idle: ticks('cpuIdle'),
      cpu_wio: ticks('cpuWaitIo'),
      cpu_intr: ticks('cpuInterrupt'),
      cpu_sintr: ticks('cpuSoftInterrupt'),
      cpu_steal: ticks('cpuSteal'),
      cpu_guest: ticks('cpuGuest'),
      cpu_guest_nice: ticks('cpuGuestNice'),
      cpu_utilization: (counted) => 100 - ticks('cpuIdle')(counted),
    },
  },
  {
    structure: 'host_memory',
    format: '0:2004',
    metrics: `mem_total= mem_free= mem_shared= mem_buffers= mem_cached= swap_total= swap_free= page_in page_out swap_in
      swap_out`,
    fixed: { memoryTotal: 10_000n, memoryFree: 2000n, memoryBuffers: 1000n, memoryCached: 3000n },
    derived: { mem_used: () => 4000, mem_utilization: () => 40 },
  },
  {
    structure: 'host_disk_io',
    format: '0:2005',
    metrics: 'disk_total= disk_free= - reads bytes_read - writes bytes_written -',
    fixed: { diskTotal: 100n, diskFree: 25n, partitionMaxUsed: 4321 },
    derived: {
      disk_utilization: () => 75,
      part_max_used: () => 43.21,
      read_time: ({ growth }) => growth('readTime') / growth('reads'),
      write_time: ({ growth }) => growth('writeTime') / growth('writes'),
    },
  },
  { structure: 'host_net_io', format: '0:2006', metrics: NETWORK },
  {
    structure: 'mib2_ip_group',
    format: '0:2007',
    metrics: prefixed(
      'ip_',
      `forwarding= defaultttl= inreceives inhdrerrors inaddrerrors forwdatagrams inunknownprotos indiscards indelivers
      outrequests outdiscards outnoroutes reasmtimeout reasmreqds reasmoks reasmfails fragoks fragfails fragcreates`,
    ),
  },
  {
    structure: 'mib2_icmp_group',
    format: '0:2008',
    metrics: prefixed(
      'icmp_',
      `inmsgs inerrors indestunreachs intimeexcds inparamprobs insrcquenchs inredirects inechos inechoreps
      intimestamps inaddrmasks inaddrmaskreps outmsgs outerrors outdestunreachs outtimeexcds outparamprobs
      outsrcquenchs outredirects outechos outechoreps outtimestamps outtimestampreps outaddrmasks
      outaddrmaskreps`,
    ),
  },
  {
    structure: 'mib2_tcp_group',
    format: '0:2009',
    metrics: prefixed(
      'tcp_',
      `rtoalgorithm= rtomin= rtomax= maxconn= activeopens passiveopens attemptfails estabresets currestab= insegs
      outsegs retranssegs inerrs outrsts incsumerrs`,
    ),
  },
  {
    structure: 'mib2_udp_group',
    format: '0:2010',
    metrics: prefixed(
      'udp_',
      'indatagrams noports inerrors outdatagrams rcvbuferrors sndbuferrors incsumerrors',
    ),
  },
  {
    structure: 'virt_node',
    format: '0:2100',
    metrics: prefixed('node_', 'cpu_mhz= cpus= mem_total= mem_free= domains='),
  },
  {
    structure: 'virt_cpu',
    format: '0:2101',
    metrics: '- - vir_cpu_num=',
    fixed: { state: 1, virtualCpus: 4 },
    texts: { vir_cpu_state: 'running' },
    derived: { vir_cpu_utilization: busy('cpuTime') },
  },
  {
    structure: 'virt_memory',
    format: '0:2102',
    metrics: 'vir_mem_used= vir_mem_total=',
    fixed: { memory: 30n, maxMemory: 120n },
    derived: { vir_mem_free: () => 90, vir_mem_utilization: () => 25 },
  },
  {
    structure: 'virt_disk_io',
    format: '0:2103',
    metrics: `vir_disk_capacity= vir_disk_allocation= vir_disk_physical= vir_reads vir_bytes_read vir_writes
      vir_bytes_written vir_errors`,
  },
  { structure: 'virt_net_io', format: '0:2104', metrics: prefixed('vir_', NETWORK) },
  {
    structure: 'jvm_runtime',
    format: '0:2105',
    metrics: '- - -',
    fixed: { name: 'app', vendor: 'Example', version: '21' },
    texts: { jvm_name: 'app', jvm_vendor: 'Example', jvm_version: '21' },
  },
  {
    structure: 'jvm_statistics',
    format: '0:2106',
    metrics: prefixed(
      'jvm_',
      `heap_initial= heap_used= heap_committed= heap_max= non_heap_initial= non_heap_used= non_heap_committed=
      non_heap_max= gc_count - classes_loaded classes_total= classes_unloaded - thread_live= thread_daemon=
      thread_started fds_open= fds_max=`,
    ),
    derived: { jvm_gc_utilization: busy('gcTime'), jvm_compilation_utilization: busy('compilationTime') },
  },
];

const REQUEST_COUNTERS =
  'cmdSet cmdTouch cmdFlush getHits getMisses deleteHits deleteMisses incrHits incrMisses decrHits decrMisses ' +
  'casHits casMisses casBadval authCmds authErrors';
const summed =
  (fields: string) =>
  ({ growth, seconds }: Counted): number =>
    fields.split(' ').reduce((sum, field) => sum + growth(field), 0) / seconds;

const APPLICATIONS: readonly StructureFacts[] = [
  {
    structure: 'http_counters',
    format: '0:2201',
    metrics: `${prefixed('http_method_', 'option get head post put delete trace connect other')}
      ${prefixed('http_status_', '1xx 2xx 3xx 4xx 5xx other')}`,
    derived: {
      http_requests: summed(
        'methodOption methodGet methodHead methodPost methodPut methodDelete methodTrace methodConnect methodOther',
      ),
    },
  },
  {
    structure: 'app_operations',
    format: '0:2202',
    metrics: prefixed(
      'app_',
      `- success other timeout internal_error bad_request forbidden too_large not_implemented not_found unavailable
      unauthorized`,
    ),
    fixed: { application: 'payment' },
    texts: { app_name: 'payment' },
    derived: {
      app_requests: summed(
        'success other timeout internalError badRequest forbidden tooLarge notImplemented notFound unavailable ' +
          'unauthorized',
      ),
    },
  },
  {
    structure: 'app_resources',
    format: '0:2203',
    metrics: prefixed('app_', '- - mem_used= mem_max= fd_open= fd_max= conn_open= conn_max='),
    derived: {
      app_usertime: busy('userTime'),
      app_systemtime: busy('systemTime'),
      app_mem_utilization: ({ value }) => share(value('memoryUsed'), value('memoryMax')),
      app_fd_utilization: ({ value }) => share(value('fileDescriptorsOpen'), value('fileDescriptorsMax')),
      app_conn_utilization: ({ value }) => share(value('connectionsOpen'), value('connectionsMax')),
    },
  },
  {
    structure: 'memcache_counters',
    format: '0:2204',
    metrics: prefixed(
      'memcache_',
      `cmdset cmdtouch cmdflush gethits getmisses deletehits deletemisses incrhits incrmisses decrhits decrmisses
      cashits casmisses casbadval authcmds autherrors threads= connectionyields listendisabled= currentconnections=
      rejectedconnections connections connectionstructures= evictions reclaimed currentitems= totalitems= bytesread
      byteswritted bytes= maxbytes=`,
    ),
    derived: { memcache_requests: summed(REQUEST_COUNTERS) },
  },
  {
    structure: 'app_workers',
    format: '0:2206',
    metrics: 'workers_active= workers_idle= workers_max= req_delayed req_dropped',
    fixed: { workersActive: 1, workersIdle: 3 },
    derived: { workers_utilization: () => 25 },
  },
  {
    structure: 'ovs_dp_stats',
    format: '0:2207',
    metrics: 'ovs_dp_hits ovs_dp_misses ovs_dp_lost ovs_mask_hits ovs_dp_flows= ovs_dp_masks=',
    derived: {
      ovs_dp_hitrate: ({ growth }) => share(growth('hits'), growth('hits') + growth('misses')),
      ovs_dp_missrate: ({ growth }) => share(growth('misses'), growth('hits') + growth('misses')),
      ovs_dp_maskhitsperpacket: ({ growth }) => growth('maskHits') / (growth('hits') + growth('misses')),
    },
  },
];

const STRUCTURES = [...INTERFACES, ...DEVICES, ...HOSTS, ...APPLICATIONS];

/** Structures that make no metrics. */
const SILENT =
  'tokenring_counters vg_counters vlan_counters slow_path_counts ib_counters energy temperature humidity fans ' +
  'bst_device_buffers bst_port_buffers memcache_counters_deprecated host_adapters';

/** A gauge: the value of the second sample. A rate: what a field grew by, in units a second. */
function expectedOf(facts: StructureFacts): Map<string, (counted: Counted) => number | string> {
  const fields = structureNamed(facts.structure)!.fields;
  const tokens = facts.metrics.trim().split(/\s+/);
  expect(tokens).toHaveLength(fields.length);
  const expected = new Map<string, (counted: Counted) => number | string>();
  for (const [i, token] of tokens.entries()) {
    const { name: field } = fields[i];
    if (token.endsWith('=')) expected.set(token.slice(0, -1), ({ value }) => value(field));
    else if (token !== '-') expected.set(token, ({ growth, seconds }) => growth(field) / seconds);
  }
  for (const [metric, reckoned] of Object.entries(facts.derived ?? {})) expected.set(metric, reckoned);
  for (const [metric, text] of Object.entries(facts.texts ?? {})) expected.set(metric, () => text);
  return expected;
}

/** The record of the first (0) or second (1) sample: every field has a value of its own, and grows by its own amount. */
function recordOf({ structure, fixed = {} }: StructureFacts, sample: number): FlowOrCounterRecord {
  const fields: Record<string, FieldValue> = {};
  for (const [i, { name }] of structureNamed(structure)!.fields.entries())
    fields[name] = fixed[name] ?? fieldValue(i, sample);
  return record(structure, fields);
}

const growthOf = (i: number): number => 10 * (i + 1) + 3;
const fieldValue = (i: number, sample: number): number => 1000 * (i + 1) + sample * growthOf(i);

/** A counter beside the structure tells how much time the engine saw pass. */
const CLOCK_GROWTH = 1_000_000;

interface Clock {
  readonly metric: string;
  /** All metrics of its record. */
  readonly metrics: readonly string[];
  readonly record: (sample: number) => FlowOrCounterRecord;
}

const NETWORK_CLOCK: Clock = {
  metric: 'bytes_in',
  metrics: NETWORK.split(' '),
  record: (sample) => record('host_net_io', { bytesIn: BigInt(sample * CLOCK_GROWTH) }),
};
const PORT_CLOCK: Clock = {
  metric: 'eth_fcserrors',
  metrics: INTERFACES[1].metrics.split(/\s+/),
  record: (sample) => record('ethernet_counters', { dot3StatsFCSErrors: sample * CLOCK_GROWTH }),
};
const clockOf = ({ structure }: StructureFacts): Clock =>
  structure === 'host_net_io' ? PORT_CLOCK : NETWORK_CLOCK;

type Metrics = Readonly<Record<string, number | string>>;

let weir: WeirUnderTest;
const found = new Map<StructureFacts, { readonly first: Metrics; readonly second: Metrics }>();
/** Least and most seconds between two samples, as the sender saw it. */
let between: readonly [number, number];

const metricsOf = async (agent: SyntheticAgent): Promise<Metrics> => {
  const metrics = await weir.get<Metrics>(`/metric/${agent.address}/json`);
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name.replace(/^1\./, ''), value]),
  );
};

beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  const agents = STRUCTURES.map(() => weir.agent());
  const send = async (sample: number): Promise<readonly [began: number, ended: number]> => {
    const began = performance.now();
    const payloads = STRUCTURES.map((facts, i) =>
      agents[i].datagram([
        agents[i].counters([...(facts.beside ?? []), recordOf(facts, sample), clockOf(facts).record(sample)]),
      ]),
    );
    await weir.deliver(...payloads);
    return [began, performance.now()];
  };
  const [began1, ended1] = await send(0);
  const first = await Promise.all(agents.map(metricsOf));
  await sleep(1000);
  const [began2, ended2] = await send(1);
  between = [(began2 - ended1) / 1000, (ended2 - began1) / 1000];
  for (const [i, facts] of STRUCTURES.entries())
    found.set(facts, { first: first[i], second: await metricsOf(agents[i]) });
});
afterAll(() => weir.end());

describe.for(STRUCTURES)('7.2 structure $format', (facts) => {
  const fields = structureNamed(facts.structure)!.fields.map(({ name }) => name);
  const expected = expectedOf(facts);

  it.for([...expected.keys()])('7.2 %s', (metric) => {
    const { second } = found.get(facts)!;
    const rate = Number(second[clockOf(facts).metric]);
    const counted: Counted = {
      value: (field) => Number(facts.fixed?.[field] ?? fieldValue(fields.indexOf(field), 1)),
      growth: (field) => (facts.fixed?.[field] === undefined ? growthOf(fields.indexOf(field)) : 0),
      seconds: CLOCK_GROWTH / rate,
    };
    const value = expected.get(metric)!(counted);
    if (typeof value === 'string') expect(second[metric]).toBe(value);
    else expect(Number(second[metric]) / value).toBeCloseTo(1, 9);
  });

  it('7.2 there are no other metrics', () => {
    const names = Object.keys(found.get(facts)!.second);
    const own = [...expected.keys(), ...(facts.beside === undefined ? [] : ['host_parent'])];
    expect(names.sort()).toEqual([...new Set([...own, ...clockOf(facts).metrics])].sort());
    for (const name of facts.absent ?? []) expect(names).not.toContain(name);
  });

  it('7.1 the first sample gives gauges and texts only', () => {
    const { first } = found.get(facts)!;
    const fixed = new Set(Object.keys(facts.texts ?? {}));
    const gauges = facts.metrics.match(/\S+(?==)/g) ?? [];
    for (const gauge of [...gauges, ...fixed]) expect(first, gauge).toHaveProperty([gauge]);
    const rates = facts.metrics
      .trim()
      .split(/\s+/)
      .filter((token) => token !== '-' && !token.endsWith('='));
    for (const rate of rates) expect(first, rate).not.toHaveProperty([rate]);
  });
});

it('7.1 rates are over the time between arrivals, whatever sysUptime says', () => {
  for (const [facts, { second }] of found) {
    const seconds = CLOCK_GROWTH / Number(second[clockOf(facts).metric]);
    expect(seconds).toBeGreaterThan(between[0] - 0.003);
    expect(seconds).toBeLessThan(between[1] + 0.003);
  }
});

it.for(SILENT.split(' '))('7.2 %s gives no metrics', async (structure) => {
  const agent = weir.agent();
  for (const sample of [0, 1]) {
    const fields = Object.fromEntries(
      structureNamed(structure)!
        .fields.filter(({ type }) => ['u32', 'i32', 'u64'].includes(String(type)))
        .map(({ name }, i) => [name, fieldValue(i, sample)]),
    );
    await sleep(5);
    await weir.deliver(agent.datagram([agent.counters([record(structure, fields)])]));
  }
  expect(await weir.get(`/metric/${agent.address}/json`)).toEqual({});
});

describe('7.1 counters that do not just grow', () => {
  const TOP_32 = 2 ** 32;
  /** Rates of ifInUcastPkts and ifInOctets relative to a counter that grows by 1000 with each sample. */
  async function relativeRates(
    samples: readonly Readonly<Record<string, FieldValue>>[],
  ): Promise<{ rate: (metric: string) => number | undefined; metrics: Metrics }> {
    const agent = weir.agent();
    for (const [i, fields] of samples.entries()) {
      await sleep(20);
      const counters = ifCounters({ ifOutUcastPkts: 1000 * i, ...fields });
      await weir.deliver(agent.datagram([agent.counters([counters])]));
    }
    const metrics = await metricsOf(agent);
    const clock = Number(metrics['ifoutucastpkts']) / 1000;
    return {
      metrics,
      rate: (metric) => (metrics[metric] === undefined ? undefined : Number(metrics[metric]) / clock),
    };
  }

  it.for<[fact: string, metric: string, field: string, values: FieldValue[], growth: number | undefined]>([
    ['32 bits wrap', 'ifinucastpkts', 'ifInUcastPkts', [TOP_32 - 100, 400], 500],
    ['64 bits wrap', 'ifinoctets', 'ifInOctets', [2n ** 64n - 100n, 400n], 500],
    ['64-bit counters beyond 32 bits', 'ifinoctets', 'ifInOctets', [2n ** 40n, 2n ** 40n + 7n], 7],
    ['a decrease that is no plausible wrap is 0', 'ifinucastpkts', 'ifInUcastPkts', [10_000, 500], 0],
    ['a decrease that is no plausible wrap is 0', 'ifinoctets', 'ifInOctets', [10_000n, 500n], 0],
    ['no growth is 0', 'ifinucastpkts', 'ifInUcastPkts', [500, 500], 0],
    [
      'all ones, never seen before: absent',
      'ifinucastpkts',
      'ifInUcastPkts',
      [TOP_32 - 1, TOP_32 - 1],
      undefined,
    ],
    [
      'all ones, never seen before: absent',
      'ifinoctets',
      'ifInOctets',
      [2n ** 64n - 1n, 2n ** 64n - 1n],
      undefined,
    ],
    ['no upper sanity check', 'ifinucastpkts', 'ifInUcastPkts', [0, 3_000_000_000], 3_000_000_000],
  ])('7.1 %s: %s', async ([, metric, field, values, growth]) => {
    const { rate } = await relativeRates(values.map((value) => ({ [field]: value })));
    if (growth === undefined) expect(rate(metric)).toBeUndefined();
    else expect(rate(metric)).toBeCloseTo(growth, 3);
  });

  it('7.1 a field that is all ones is left out of sums', async () => {
    const unknown = { ifInMulticastPkts: TOP_32 - 1 };
    const { rate } = await relativeRates([
      { ...unknown, ifInUcastPkts: 0, ifInBroadcastPkts: 0 },
      { ...unknown, ifInUcastPkts: 50, ifInBroadcastPkts: 7 },
    ]);
    expect(rate('ifinmulticastpkts')).toBeUndefined();
    expect(rate('ifinpkts')).toBeCloseTo(57, 6);
  });

  it('7.1 all ones after values: the metric keeps its last value', async () => {
    const agent = weir.agent();
    const send = async (ifInUcastPkts: number): Promise<Metrics> => {
      await sleep(20);
      await weir.deliver(agent.datagram([agent.counters([ifCounters({ ifInUcastPkts })])]));
      return metricsOf(agent);
    };
    await send(0);
    const before = await send(500);
    const during = await send(TOP_32 - 1);
    expect(during['ifinucastpkts']).toBe(before['ifinucastpkts']);
  });

  it('7.1 the next valid sample gives the rate over the whole gap', async () => {
    const { rate } = await relativeRates([
      { ifInUcastPkts: 0, ifOutUcastPkts: 0 },
      { ifInUcastPkts: 500, ifOutUcastPkts: 0 },
      { ifInUcastPkts: TOP_32 - 1, ifOutUcastPkts: TOP_32 - 1 },
      { ifInUcastPkts: 2500, ifOutUcastPkts: 1000 },
    ]);
    expect(rate('ifinucastpkts')).toBeCloseTo(2000, 6);
  });

  it('7.2 no utilisation when the speed is 0', async () => {
    const { metrics } = await relativeRates([
      { ifSpeed: 0n, ifInOctets: 0n },
      { ifSpeed: 0n, ifInOctets: 1000n },
    ]);
    expect(metrics).toHaveProperty('ifinoctets');
    expect(metrics).not.toHaveProperty('ifinutilization');
    expect(metrics).not.toHaveProperty('ifoututilization');
  });
});

describe('7.3 and 7.6 names of data sources, custom metrics', () => {
  it.for([
    [{ class: 0, index: 3 }, '3.ifspeed'],
    [{ class: 2, index: 1 }, '2.1.ifspeed'],
    [{ class: 3, index: 5 }, '3.5.ifspeed'],
  ] as const)('7.3 a metric of data source %j is %s', async ([sourceId, name]) => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram([agent.counters([ifCounters()], { sourceId })]));
    expect(await weir.get(`/metric/${agent.address}/json`)).toHaveProperty([name], 1e9);
  });

  const custom = (total: number): RtMetricSample => ({
    kind: 'rtmetric',
    dataSource: 'web1',
    metrics: [
      { name: 'name', type: 0, value: 'shop' },
      { name: 'c32', type: 1, value: total },
      { name: 'c64', type: 2, value: BigInt(total * 2) },
      { name: 'g32', type: 3, value: 32 },
      { name: 'g64', type: 4, value: 64_000_000_000n },
      { name: 'f32', type: 5, value: 0.5 },
      { name: 'f64', type: 6, value: 1.25 },
    ],
  });
  let metrics: Metrics;
  beforeAll(async () => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram([custom(1000)]));
    await sleep(50);
    await weir.deliver(agent.datagram([custom(2000)]));
    metrics = await weir.get<Metrics>(`/metric/${agent.address}/json`);
  });

  it.for([
    ['a string', 'web1.name', 'shop'],
    ['gauge32', 'web1.g32', 32],
    ['gauge64', 'web1.g64', 64_000_000_000],
    ['float', 'web1.f32', 0.5],
    ['double', 'web1.f64', 1.25],
  ] as const)('7.6 %s: %s is %s', ([, name, value]) => {
    expect(metrics[name]).toBe(value);
  });

  it('7.6 counters become rates', () => {
    expect(Number(metrics['web1.c64']) / Number(metrics['web1.c32'])).toBeCloseTo(2, 9);
    expect(Number(metrics['web1.c32'])).toBeLessThan(1000 / 0.045);
    expect(Number(metrics['web1.c32'])).toBeGreaterThan(100);
  });
});
