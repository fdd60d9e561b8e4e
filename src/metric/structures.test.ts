import { describe, expect, it } from 'vitest';
import { COUNTER_STRUCTURES, type FieldValue, record, structureNamed } from '../sflow/index.ts';
import { STRUCTURE_RULES } from './structures.ts';
import { Feed } from './testing/feed.ts';

const AGENT = '192.0.2.1';
const HOST = { class: 2, index: 1 };

/** A record with every field about `n`; texts and addresses are always the same. */
function filled(name: string, n: number) {
  const fields: Record<string, FieldValue> = {};
  for (const { name: field, type } of structureNamed(name)!.fields) {
    if (type === 'u64') fields[field] = BigInt(n);
    else if (type === 'string') fields[field] = 'text';
    else if (type === 'mac') fields[field] = '000C29AABBCC';
    else if (type === 'uuid') fields[field] = '00112233-4455-6677-8899-aabbccddeeff';
    else if (typeof type === 'object' && 'bytes' in type) fields[field] = new Uint8Array(type.bytes).fill(5);
    else if (field === 'lanes') fields[field] = [lane(n), lane(n)];
    else if (typeof type === 'string') fields[field] = n;
  }
  return record(name, fields);
}

function lane(n: number): Record<string, FieldValue> {
  return Object.fromEntries(
    'index txBiasCurrent txPower txPowerMin txPowerMax txWavelength rxPower rxPowerMin rxPowerMax rxWavelength'
      .split(' ')
      .map((name) => [name, n]),
  );
}

/** Metrics of two records, one second apart. */
function metricsOf(
  name: string,
  first: Record<string, FieldValue>,
  second: Record<string, FieldValue>,
  ms = 1000,
) {
  const feed = new Feed();
  expect(feed.counters(AGENT, HOST, [record(name, first)])).toEqual([true]);
  feed.now += ms;
  expect(feed.counters(AGENT, HOST, [record(name, second)])).toEqual([true]);
  return feed.metrics(AGENT, '2.1');
}

const words = (text: string) => text.trim().split(/\s+/);
const prefixed = (prefix: string, text: string) => words(text).map((name) => prefix + name);

const LANE = `opt_index opt_tx_bias_current opt_tx_power opt_tx_power_min opt_tx_power_max opt_tx_wavelength
  opt_rx_power opt_rx_power_min opt_rx_power_max opt_rx_wavelength`;
const NETWORK = 'bytes_in pkts_in errs_in drops_in bytes_out pkts_out errs_out drops_out';
const TABLES = `host_entries ipv4_entries ipv6_entries ipv4_ipv6_entries long_ipv6_entries total_routes ecmp_nexthops
  mac_entries acl_ingress_entries acl_ingress_counters acl_ingress_meters acl_ingress_slices acl_egress_entries
  acl_egress_counters acl_egress_meters acl_egress_slices`;

/** What clients see, structure by structure. */
const NAMES: Record<string, string[]> = {
  if_counters: words(`ifindex iftype ifspeed ifdirection ifadminstatus ifoperstatus ifinoctets ifinucastpkts
    ifinmulticastpkts ifinbroadcastpkts ifindiscards ifinerrors ifinunknownprotos ifoutoctets ifoutucastpkts
    ifoutmulticastpkts ifoutbroadcastpkts ifoutdiscards ifouterrors ifinpkts ifoutpkts ifinutilization
    ifoututilization`),
  ethernet_counters: prefixed(
    'eth_',
    `alignmenterrors fcserrors singlecollisions multiplecollisions sqetesterrors deferredtx latecollisions
    excessivecollisions internalmactxerrors carriersenseerrors toolongs internalmacrxerrors symbolerrors`,
  ),
  ieee80211_counters: prefixed(
    'wifi_',
    `txfragments txmulticasts failures retries multiretries duplicates rtssuccesses rtsfailures ackfailures
    rxfragments rxmulticasts fcserrors txframes wepunencryptable qosdiscardedfragments associations qoscfprx
    qoscfpunused qoscfpunuseable qoscfplost`,
  ),
  lag_port_stats: prefixed(
    'agg_',
    `actorsystemid partneropersystemid attachedaggid actoradminstate actoroperstate partneradminstate
    partneroperstate lacpdusrx markerpdusrx markerresponsepdusrx unknownrx illegalrx lacpdustx markerpdustx
    markerresponsepdustx`,
  ),
  sfp: [
    ...words('opt_module_id opt_module_lanes opt_num_lanes opt_module_voltage opt_module_temperature'),
    ...[0, 1].flatMap((i) => words(LANE).map((name) => `${name}_${i}`)),
  ],
  processor: words('cpu_5sec cpu_1min cpu_5min mem_total mem_free mem_utilization'),
  radio_utilization: words('radio_on_channel radio_on_channel_busy'),
  of_port: words('of_dpid of_port'),
  port_name: words('ifname'),
  host_descr: words('host_name uuid machine_type os_name os_release'),
  host_parent: words('host_parent'),
  host_cpu:
    words(`load_one load_five load_fifteen load_one_per_cpu load_five_per_cpu load_fifteen_per_cpu proc_run
    proc_total cpu_num cpu_speed uptime cpu_user cpu_nice cpu_system cpu_idle cpu_wio cpu_intr cpu_sintr cpu_steal
    cpu_guest cpu_guest_nice cpu_utilization interrupts contexts`),
  host_memory: words(`mem_total mem_free mem_shared mem_buffers mem_cached swap_total swap_free mem_used
    mem_utilization page_in page_out swap_in swap_out`),
  host_disk_io: words(`disk_total disk_free disk_utilization part_max_used reads bytes_read read_time writes
    bytes_written write_time`),
  host_net_io: words(NETWORK),
  mib2_ip_group: prefixed(
    'ip_',
    `forwarding defaultttl inreceives inhdrerrors inaddrerrors forwdatagrams inunknownprotos indiscards indelivers
    outrequests outdiscards outnoroutes reasmtimeout reasmreqds reasmoks reasmfails fragoks fragfails fragcreates`,
  ),
  mib2_icmp_group: prefixed(
    'icmp_',
    `inmsgs inerrors indestunreachs intimeexcds inparamprobs insrcquenchs inredirects inechos inechoreps intimestamps
    inaddrmasks inaddrmaskreps outmsgs outerrors outdestunreachs outtimeexcds outparamprobs outsrcquenchs
    outredirects outechos outechoreps outtimestamps outtimestampreps outaddrmasks outaddrmaskreps`,
  ),
  mib2_tcp_group: prefixed(
    'tcp_',
    `rtoalgorithm rtomin rtomax maxconn activeopens passiveopens attemptfails estabresets currestab insegs outsegs
    retranssegs inerrs outrsts incsumerrs`,
  ),
  mib2_udp_group: prefixed(
    'udp_',
    'indatagrams noports inerrors outdatagrams rcvbuferrors sndbuferrors incsumerrors',
  ),
  virt_node: prefixed('node_', 'cpu_mhz cpus mem_total mem_free domains'),
  virt_cpu: words('vir_cpu_state vir_cpu_num vir_cpu_utilization'),
  virt_memory: words('vir_mem_total vir_mem_used vir_mem_free vir_mem_utilization'),
  virt_disk_io:
    words(`vir_disk_capacity vir_disk_allocation vir_disk_physical vir_reads vir_bytes_read vir_writes
    vir_bytes_written vir_errors`),
  virt_net_io: prefixed('vir_', NETWORK),
  jvm_runtime: words('jvm_name jvm_vendor jvm_version'),
  jvm_statistics: prefixed(
    'jvm_',
    `heap_initial heap_used heap_committed heap_max non_heap_initial non_heap_used non_heap_committed non_heap_max
    classes_total thread_live thread_daemon fds_open fds_max gc_count gc_utilization classes_loaded classes_unloaded
    compilation_utilization thread_started`,
  ),
  http_counters: [
    ...prefixed('http_method_', 'option get head post put delete trace connect other'),
    ...prefixed('http_status_', '1xx 2xx 3xx 4xx 5xx other'),
    'http_requests',
  ],
  app_operations: prefixed(
    'app_',
    `name success other timeout internal_error bad_request forbidden too_large not_implemented not_found unavailable
    unauthorized requests`,
  ),
  app_resources: prefixed(
    'app_',
    `usertime systemtime mem_used mem_max fd_open fd_max conn_open conn_max mem_utilization fd_utilization
    conn_utilization`,
  ),
  memcache_counters: prefixed(
    'memcache_',
    `cmdset cmdtouch cmdflush gethits getmisses deletehits deletemisses incrhits incrmisses decrhits decrmisses
    cashits casmisses casbadval authcmds autherrors threads connectionyields listendisabled currentconnections
    rejectedconnections connections connectionstructures evictions reclaimed currentitems totalitems bytesread
    byteswritted bytes maxbytes requests`,
  ),
  app_workers: words('workers_active workers_idle workers_max workers_utilization req_delayed req_dropped'),
  ovs_dp_stats:
    words(`ovs_dp_hits ovs_dp_misses ovs_dp_lost ovs_mask_hits ovs_dp_flows ovs_dp_masks ovs_dp_hitrate
    ovs_dp_missrate ovs_dp_maskhitsperpacket`),
  nvidia_gpu: prefixed(
    'nvml_',
    `devicecount processes gputime memtime memtotal memfree memused memutilization eccerrors power temperature
    fanspeed`,
  ),
  hw_tables: [
    ...words(TABLES).flatMap((name) => [`bcm_${name}`, `bcm_${name}_max`]),
    ...prefixed('bcm_', 'ipv4_neighbors ipv6_neighbors ipv4_routes ipv6_routes'),
    ...words(TABLES).map((name) => `bcm_${name.replace('_entries', '')}_utilization`),
  ],
};

describe('7.2 names by structure', () => {
  it.each(Object.entries(NAMES))('%s', (structure, names) => {
    const feed = new Feed();
    expect(feed.counters(AGENT, HOST, [filled(structure, 1000)])).toEqual([true]);
    feed.now += 1000;
    expect(feed.counters(AGENT, HOST, [filled(structure, 3000)])).toEqual([true]);
    const found = Object.keys(feed.metrics(AGENT, '2.1')).sort();
    expect(found).toEqual([...names].sort());
  });

  it('every structure with rules is listed here, every other one gives no metrics', () => {
    expect(STRUCTURE_RULES.map(({ structure }) => structure).sort()).toEqual(Object.keys(NAMES).sort());
    for (const { name } of COUNTER_STRUCTURES) {
      if (name in NAMES) continue;
      const feed = new Feed();
      expect(feed.counters(AGENT, HOST, [filled(name, 1)])).toEqual([true]);
      expect(feed.metrics(AGENT, '2.1')).toEqual({});
    }
  });

  it('no two structures share a name, but memory of switches and of hosts', () => {
    const all = Object.values(NAMES).flat();
    const repeated = all.filter((name, i) => all.indexOf(name) !== i);
    expect(repeated.sort()).toEqual(['mem_free', 'mem_total', 'mem_utilization']);
  });

  it('a data source with both shows the record that came first, once', () => {
    const feed = new Feed();
    feed.counters(AGENT, HOST, [
      record('processor', { totalMemory: 100, freeMemory: 40 }),
      record('host_memory', { memoryTotal: 900, memoryFree: 300 }),
    ]);
    expect(feed.metrics(AGENT, '2.1')).toMatchObject({ mem_total: 100, mem_utilization: 60, mem_used: 600 });
    expect(feed.store.value(AGENT, '2.1', 'mem_total')).toBe(100);
  });
});

describe('7.2 values', () => {
  it('0:1 sums and utilisation; none at speed 0', () => {
    const first = { ifSpeed: 10_000_000n };
    const second = {
      ifSpeed: 10_000_000n,
      ifInOctets: 125_000n,
      ifOutOctets: 625_000n,
      ifInUcastPkts: 1,
      ifInMulticastPkts: 2,
      ifInBroadcastPkts: 3,
      ifOutUcastPkts: 4,
      ifOutMulticastPkts: 5,
      ifOutBroadcastPkts: 6,
    };
    expect(metricsOf('if_counters', first, second)).toMatchObject({
      ifinutilization: 10,
      ifoututilization: 50,
      ifinpkts: 6,
      ifoutpkts: 15,
    });
    expect(metricsOf('if_counters', {}, { ifInOctets: 5n })).not.toHaveProperty('ifinutilization');
  });

  it('0:7 addresses, and states bit by bit', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [
      record('lag_port_stats', {
        dot3adAggPortActorSystemID: '000C29AABBCC',
        dot3adAggPortPartnerOperSystemID: '000C29000001',
        dot3adAggPortAttachedAggID: 1000,
        dot3adAggPortState: Uint8Array.of(1, 0x3d, 0x80, 0xff),
      }),
    ]);
    expect(feed.metrics(AGENT, '1')).toEqual({
      agg_actorsystemid: '000C29AABBCC',
      agg_partneropersystemid: '000C29000001',
      agg_attachedaggid: '1000',
      agg_actoradminstate: '00000001',
      agg_actoroperstate: '00111101',
      agg_partneradminstate: '10000000',
      agg_partneroperstate: '11111111',
    });
  });

  it('0:10 as many lanes as there are, raw units, below zero too', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [
      record('sfp', { moduleTemperature: -5000, lanes: [lane(1), lane(2), lane(3)] }),
    ]);
    expect(feed.metrics(AGENT, '1')).toMatchObject({
      opt_num_lanes: 3,
      opt_module_temperature: -5000,
      opt_rx_power_2: 3,
    });
    feed.counters(AGENT, 1, [record('sfp', { lanes: [lane(7)] })]);
    expect(feed.metrics(AGENT, '1')).toMatchObject({ opt_num_lanes: 1, opt_rx_power_0: 7 });
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('opt_rx_power_1');
  });

  it('0:10 lanes beyond any module give no metrics; a count beyond the record is refused', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [record('sfp', { lanes: Array.from({ length: 40 }, () => lane(1)) })]);
    expect(feed.metrics(AGENT, '1')).toHaveProperty('opt_index_31');
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('opt_index_32');
    const bytes = new Uint8Array(20).fill(255, 16);
    expect(feed.store.source(AGENT, '2')?.record(10, bytes, 0, 20, feed.now)).toBe(false);
  });

  it('0:1001 percentages are in hundredths', () => {
    const first = { cpu5s: 4321, cpu1m: 50, cpu5m: 0xffffffff, totalMemory: 200n, freeMemory: 50n };
    const metrics = metricsOf('processor', first, first);
    expect(metrics).toEqual({
      cpu_5sec: 43.21,
      cpu_1min: 0.5,
      mem_total: 200,
      mem_free: 50,
      mem_utilization: 75,
    });
  });

  it('0:1002 percent of the time the radio counted', () => {
    const second = { elapsedTime: 2000, onChannelTime: 1000, onChannelBusyTime: 500 };
    expect(metricsOf('radio_utilization', {}, second)).toEqual({
      radio_on_channel: 50,
      radio_on_channel_busy: 25,
    });
    expect(metricsOf('radio_utilization', {}, {})).toMatchObject({ radio_on_channel: 0 });
  });

  it('0:1004 datapath in 16 hex digits, port as text', () => {
    const fields = { datapathId: 0xabc123n, portNumber: 65534 };
    expect(metricsOf('of_port', fields, fields)).toEqual({ of_dpid: '0000000000abc123', of_port: '65534' });
  });

  it('0:2000 with names and a dashed uuid', () => {
    const fields = {
      hostname: 'host2',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machineType: 3,
      osName: 2,
      osRelease: '6.1.0',
    };
    expect(metricsOf('host_descr', fields, { ...fields, osRelease: '6.1.1' })).toEqual({
      host_name: 'host2',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machine_type: 'x86_64',
      os_name: 'linux',
      os_release: '6.1.1',
    });
  });

  it.each([
    ['before', ['host_parent', 'host_descr']],
    ['after', ['host_descr', 'host_parent']],
  ])('0:2002 a virtual machine, its parent %s its description', (_when, order) => {
    const feed = new Feed();
    const records = {
      host_descr: record('host_descr', {
        hostname: 'vm',
        uuid: '00112233-4455-6677-8899-aabbccddeeff',
        osRelease: '5',
      }),
      host_parent: record('host_parent', { containerType: 2, containerIndex: 1 }),
    };
    const expected = {
      host_parent: '2.1',
      vir_host_name: 'vm',
      vir_uuid: '00112233-4455-6677-8899-aabbccddeeff',
      vir_machine_type: 'unknown',
      vir_os_name: 'unknown',
      vir_os_release: '5',
    };
    for (let sample = 0; sample < 2; sample++) {
      feed.counters(
        AGENT,
        { class: 3, index: 9 },
        order.map((name) => records[name as keyof typeof records]),
      );
      expect(feed.metrics(AGENT, '3.9')).toEqual(expected);
    }
  });

  it('0:2003 shares of the time of all modes but guests; loads per processor', () => {
    const ticks = { cpuUser: 300, cpuSystem: 100, cpuIdle: 500, cpuSteal: 100, cpuGuest: 200 };
    const metrics = metricsOf('host_cpu', {}, { ...ticks, loadOne: 1.5, cpuNumber: 2, interrupts: 7 }, 3333);
    expect(metrics).toMatchObject({
      cpu_user: 30,
      cpu_nice: 0,
      cpu_system: 10,
      cpu_idle: 50,
      cpu_steal: 10,
      cpu_guest: 20,
      cpu_utilization: 50,
      load_one: 1.5,
      load_one_per_cpu: 0.75,
    });
  });

  it('0:2003 fields all ones are left out of the whole; no ticks at all change nothing', () => {
    const feed = new Feed();
    const none = { cpuWaitIo: 0xffffffff };
    for (const [cpuUser, cpuIdle] of [
      [0, 0],
      [25, 75],
      [25, 75],
    ]) {
      feed.counters(AGENT, HOST, [record('host_cpu', { ...none, cpuUser, cpuIdle })]);
      feed.now += 1000;
    }
    const metrics = feed.metrics(AGENT, '2.1');
    expect(metrics).toMatchObject({ cpu_user: 25, cpu_idle: 75, cpu_utilization: 25 });
    expect(metrics).not.toHaveProperty('cpu_wio');
  });

  it('0:2004 used is without buffers and cache', () => {
    const memory = { memoryTotal: 1000n, memoryFree: 200n, memoryBuffers: 100n, memoryCached: 300n };
    expect(metricsOf('host_memory', memory, memory)).toMatchObject({ mem_used: 400, mem_utilization: 40 });
    const unknown = { memoryTotal: 1000n, memoryFree: 200n, memoryBuffers: 0xffffffffffffffffn };
    expect(metricsOf('host_memory', unknown, unknown)).toMatchObject({ mem_used: 800, mem_utilization: 80 });
  });

  it('0:2005 ms per operation, 0 when there was none; hundredths of the fullest partition', () => {
    const second = { diskTotal: 100n, diskFree: 25n, partitionMaxUsed: 4321, reads: 4, readTime: 10 };
    expect(metricsOf('host_disk_io', {}, second, 2000)).toMatchObject({
      disk_utilization: 75,
      part_max_used: 43.21,
      reads: 2,
      read_time: 2.5,
      write_time: 0,
    });
  });

  it('0:2101 processor time in percent of the time that passed, not per processor', () => {
    expect(metricsOf('virt_cpu', { state: 1 }, { state: 1, cpuTime: 3000, virtualCpus: 4 }, 2000)).toEqual({
      vir_cpu_state: 'running',
      vir_cpu_num: 4,
      vir_cpu_utilization: 150,
    });
  });

  it('0:2102 memory used and allowed', () => {
    const memory = { memory: 30n, maxMemory: 120n };
    expect(metricsOf('virt_memory', memory, memory)).toEqual({
      vir_mem_used: 30,
      vir_mem_total: 120,
      vir_mem_free: 90,
      vir_mem_utilization: 25,
    });
  });

  it('0:2106 times in percent of the time that passed', () => {
    expect(
      metricsOf('jvm_statistics', {}, { gcTime: 500, compilationTime: 250, gcCount: 4 }, 2000),
    ).toMatchObject({
      jvm_gc_utilization: 25,
      jvm_compilation_utilization: 12.5,
      jvm_gc_count: 2,
    });
  });

  it('0:2201 requests of all methods', () => {
    expect(metricsOf('http_counters', {}, { methodGet: 3, methodOther: 2, status2xx: 5 })).toMatchObject({
      http_requests: 5,
      http_method_get: 3,
      http_status_2xx: 5,
    });
  });

  it('0:2202 requests of all results, behind a name of any length', () => {
    const second = { application: 'payment', success: 5, unauthorized: 2 };
    expect(metricsOf('app_operations', { application: 'payment' }, second)).toMatchObject({
      app_name: 'payment',
      app_success: 5,
      app_unauthorized: 2,
      app_requests: 7,
    });
  });

  it('0:2203 times in percent, utilisation of what has a maximum', () => {
    const second = { userTime: 100, systemTime: 50, memoryUsed: 1n, memoryMax: 4n, fileDescriptorsOpen: 3 };
    const metrics = metricsOf('app_resources', {}, second);
    expect(metrics).toMatchObject({ app_usertime: 10, app_systemtime: 5, app_mem_utilization: 25 });
    expect(metrics).not.toHaveProperty('app_fd_utilization');
  });

  it('0:2204 requests are the sum of the operations', () => {
    const second = { cmdSet: 1, authErrors: 2, threads: 4, bytesWritten: 10n, limitMaxbytes: 64n };
    expect(metricsOf('memcache_counters', {}, second)).toMatchObject({
      memcache_requests: 3,
      memcache_threads: 4,
      memcache_byteswritted: 10,
      memcache_maxbytes: 64,
    });
  });

  it('0:2206 workers that are busy', () => {
    const workers = { workersActive: 1, workersIdle: 3, workersMax: 100 };
    expect(metricsOf('app_workers', workers, workers)).toMatchObject({ workers_utilization: 25 });
  });

  it('0:2207 hits per lookup', () => {
    expect(metricsOf('ovs_dp_stats', {}, { hits: 75, misses: 25, maskHits: 200, flows: 9 })).toMatchObject({
      ovs_dp_hitrate: 75,
      ovs_dp_missrate: 25,
      ovs_dp_maskhitsperpacket: 2,
      ovs_dp_flows: 9,
    });
  });

  it('5703:1 power from energy, busy time in percent', () => {
    const second = { gpuTime: 400, memoryTime: 100, memoryTotal: 80n, memoryFree: 20n, energy: 150_000 };
    expect(metricsOf('nvidia_gpu', {}, second)).toMatchObject({
      nvml_gputime: 40,
      nvml_memtime: 10,
      nvml_memused: 60,
      nvml_memutilization: 75,
      nvml_power: 150_000,
    });
  });

  it('4413:3 utilisation of each table', () => {
    const tables = { macEntries: 10, macEntriesMax: 40, aclEgressSlices: 1, aclEgressSlicesMax: 8 };
    expect(metricsOf('hw_tables', tables, tables)).toMatchObject({
      bcm_mac_entries: 10,
      bcm_mac_utilization: 25,
      bcm_acl_egress_slices_utilization: 12.5,
    });
  });
});
