import { machineTypeName, osName, virtualCpuStateName } from '../enumerations.ts';
import { dataSourceLabel, named, uuidLabel } from '../label.ts';
import {
  busy,
  complement,
  counter,
  difference,
  each,
  gauge,
  operand,
  percent,
  percentUsed,
  perGrowth,
  ratio,
  type StructureRules,
  share,
  text,
} from '../rule.ts';

/** Fields of host_net_io and virt_net_io. */
const NETWORK = `bytesIn bytes_in packetsIn pkts_in errorsIn errs_in dropsIn drops_in
  bytesOut bytes_out packetsOut pkts_out errorsOut errs_out dropsOut drops_out`;

/** Guest time is part of user time, so it is no part of the whole. */
const ALL_TIME = ['user', 'nice', 'system', 'idle', 'wio', 'intr', 'sintr', 'steal'];

/** Hosts, their virtual machines, Java virtual machines and graphics processors. */
export const HOST: readonly StructureRules[] = [
  {
    structure: 'host_descr',
    fields: {
      hostname: text('host_name'),
      uuid: uuidLabel('uuid'),
      machineType: named('machine_type', machineTypeName),
      osName: named('os_name', osName),
      osRelease: text('os_release'),
    },
    derived: [],
    virtualPrefix: 'vir_',
  },
  {
    structure: 'host_parent',
    fields: { containerType: dataSourceLabel('host_parent') },
    derived: [],
  },
  {
    structure: 'host_cpu',
    fields: {
      ...each(gauge, 'load_', 'loadOne one loadFive five loadFifteen fifteen'),
      ...each(gauge, 'proc_', 'processesRunning run processesTotal total'),
      ...each(gauge, '', 'cpuNumber cpu_num cpuSpeed cpu_speed uptime uptime'),
      ...each(
        operand,
        '',
        `cpuUser user cpuNice nice cpuSystem system cpuIdle idle cpuWaitIo wio cpuInterrupt intr
        cpuSoftInterrupt sintr cpuSteal steal cpuGuest guest cpuGuestNice guest_nice`,
      ),
      ...each(counter, '', 'interrupts interrupts contextSwitches contexts'),
    },
    derived: [
      ...['one', 'five', 'fifteen'].map((span) => ratio(`load_${span}_per_cpu`, `load_${span}`, ['cpu_num'])),
      ...[...ALL_TIME, 'guest', 'guest_nice'].map((mode) => share(`cpu_${mode}`, mode, ALL_TIME)),
      complement('cpu_utilization', 'cpu_idle'),
    ],
  },
  {
    structure: 'host_memory',
    fields: {
      ...each(
        gauge,
        '',
        `memoryTotal mem_total memoryFree mem_free memoryShared mem_shared memoryBuffers mem_buffers
        memoryCached mem_cached swapTotal swap_total swapFree swap_free`,
      ),
      ...each(counter, '', 'pageIn page_in pageOut page_out swapIn swap_in swapOut swap_out'),
    },
    derived: [
      difference('mem_used', 'mem_total', 'mem_free', ['mem_buffers', 'mem_cached']),
      percent('mem_utilization', 'mem_used', 'mem_total'),
    ],
  },
  {
    structure: 'host_disk_io',
    fields: {
      ...each(gauge, 'disk_', 'diskTotal total diskFree free'),
      partitionMaxUsed: gauge('part_max_used', 100),
      ...each(counter, '', 'reads reads bytesRead bytes_read writes writes bytesWritten bytes_written'),
      ...each(operand, '', 'readTime readTime writeTime writeTime'),
    },
    derived: [
      percentUsed('disk_utilization', 'disk_free', 'disk_total'),
      perGrowth('read_time', 'readTime', ['reads']),
      perGrowth('write_time', 'writeTime', ['writes']),
    ],
  },
  { structure: 'host_net_io', fields: each(counter, '', NETWORK), derived: [] },
  {
    structure: 'mib2_ip_group',
    fields: {
      ...each(gauge, 'ip_', 'ipForwarding forwarding ipDefaultTTL defaultttl'),
      ...each(
        counter,
        'ip_',
        `ipInReceives inreceives ipInHdrErrors inhdrerrors ipInAddrErrors inaddrerrors
        ipForwDatagrams forwdatagrams ipInUnknownProtos inunknownprotos ipInDiscards indiscards
        ipInDelivers indelivers ipOutRequests outrequests ipOutDiscards outdiscards ipOutNoRoutes outnoroutes
        ipReasmTimeout reasmtimeout ipReasmReqds reasmreqds ipReasmOKs reasmoks ipReasmFails reasmfails
        ipFragOKs fragoks ipFragFails fragfails ipFragCreates fragcreates`,
      ),
    },
    derived: [],
  },
  {
    structure: 'mib2_icmp_group',
    fields: each(
      counter,
      'icmp_',
      `icmpInMsgs inmsgs icmpInErrors inerrors icmpInDestUnreachs indestunreachs icmpInTimeExcds intimeexcds
      icmpInParamProbs inparamprobs icmpInSrcQuenchs insrcquenchs icmpInRedirects inredirects
      icmpInEchos inechos icmpInEchoReps inechoreps icmpInTimestamps intimestamps icmpInAddrMasks inaddrmasks
      icmpInAddrMaskReps inaddrmaskreps icmpOutMsgs outmsgs icmpOutErrors outerrors
      icmpOutDestUnreachs outdestunreachs icmpOutTimeExcds outtimeexcds icmpOutParamProbs outparamprobs
      icmpOutSrcQuenchs outsrcquenchs icmpOutRedirects outredirects icmpOutEchos outechos
      icmpOutEchoReps outechoreps icmpOutTimestamps outtimestamps icmpOutTimestampReps outtimestampreps
      icmpOutAddrMasks outaddrmasks icmpOutAddrMaskReps outaddrmaskreps`,
    ),
    derived: [],
  },
  {
    structure: 'mib2_tcp_group',
    fields: {
      ...each(
        gauge,
        'tcp_',
        `tcpRtoAlgorithm rtoalgorithm tcpRtoMin rtomin tcpRtoMax rtomax tcpMaxConn maxconn
        tcpCurrEstab currestab`,
      ),
      ...each(
        counter,
        'tcp_',
        `tcpActiveOpens activeopens tcpPassiveOpens passiveopens tcpAttemptFails attemptfails
        tcpEstabResets estabresets tcpInSegs insegs tcpOutSegs outsegs tcpRetransSegs retranssegs
        tcpInErrs inerrs tcpOutRsts outrsts tcpInCsumErrors incsumerrs`,
      ),
    },
    derived: [],
  },
  {
    structure: 'mib2_udp_group',
    fields: each(
      counter,
      'udp_',
      `udpInDatagrams indatagrams udpNoPorts noports udpInErrors inerrors udpOutDatagrams outdatagrams
      udpRcvbufErrors rcvbuferrors udpSndbufErrors sndbuferrors udpInCsumErrors incsumerrors`,
    ),
    derived: [],
  },
  {
    structure: 'virt_node',
    fields: each(
      gauge,
      'node_',
      'mhz cpu_mhz cpus cpus memory mem_total memoryFree mem_free domains domains',
    ),
    derived: [],
  },
  {
    structure: 'virt_cpu',
    fields: {
      state: named('vir_cpu_state', virtualCpuStateName),
      cpuTime: busy('vir_cpu_utilization'),
      virtualCpus: gauge('vir_cpu_num'),
    },
    derived: [],
  },
  {
    structure: 'virt_memory',
    fields: each(gauge, 'vir_mem_', 'memory used maxMemory total'),
    derived: [
      difference('vir_mem_free', 'vir_mem_total', 'vir_mem_used'),
      percent('vir_mem_utilization', 'vir_mem_used', 'vir_mem_total'),
    ],
  },
  {
    structure: 'virt_disk_io',
    fields: {
      ...each(gauge, 'vir_disk_', 'capacity capacity allocation allocation physical physical'),
      ...each(
        counter,
        'vir_',
        `readRequests reads bytesRead bytes_read writeRequests writes bytesWritten bytes_written
        errors errors`,
      ),
    },
    derived: [],
  },
  { structure: 'virt_net_io', fields: each(counter, 'vir_', NETWORK), derived: [] },
  {
    structure: 'jvm_runtime',
    fields: each(text, 'jvm_', 'name name vendor vendor version version'),
    derived: [],
  },
  {
    structure: 'jvm_statistics',
    fields: {
      ...each(
        gauge,
        'jvm_',
        `heapInitial heap_initial heapUsed heap_used heapCommitted heap_committed heapMax heap_max
        nonHeapInitial non_heap_initial nonHeapUsed non_heap_used nonHeapCommitted non_heap_committed
        nonHeapMax non_heap_max classesTotal classes_total threadsLive thread_live
        threadsDaemon thread_daemon fileDescriptorsOpen fds_open fileDescriptorsMax fds_max`,
      ),
      ...each(
        counter,
        'jvm_',
        `gcCount gc_count classesLoaded classes_loaded classesUnloaded classes_unloaded
        threadsStarted thread_started`,
      ),
      ...each(busy, 'jvm_', 'gcTime gc_utilization compilationTime compilation_utilization'),
    },
    derived: [],
  },
  {
    structure: 'nvidia_gpu',
    fields: {
      ...each(
        gauge,
        'nvml_',
        `deviceCount devicecount processes processes memoryTotal memtotal memoryFree memfree
        temperature temperature fanSpeed fanspeed`,
      ),
      ...each(busy, 'nvml_', 'gpuTime gputime memoryTime memtime'),
      eccErrors: counter('nvml_eccerrors'),
      // mJ per second are mW
      energy: counter('nvml_power'),
    },
    derived: [
      difference('nvml_memused', 'nvml_memtotal', 'nvml_memfree'),
      percent('nvml_memutilization', 'nvml_memused', 'nvml_memtotal'),
    ],
  },
];
