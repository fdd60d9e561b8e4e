import type { Structure, StructureField } from '../schema.ts';
import { added, array, counter, f32, field, longs, text, u32, u64, words } from './fields.ts';

const HOST = 'sFlow Host Structures';
const HOST_IP = 'sFlow Host TCP/IP Counters';
const JVM = 'sFlow Java Virtual Machine Structures';

const NETWORK: readonly StructureField[] = [
  u64('bytesIn'),
  ...words('packetsIn errorsIn dropsIn'),
  u64('bytesOut'),
  ...words('packetsOut errorsOut dropsOut'),
];

/** Counters of a host, of its virtual machines and of their Java virtual machines. */
export const HOSTS: readonly Structure[] = [
  counter(2000, 'host_descr', HOST, [
    text('hostname'),
    field('uuid', 'uuid', 'all zero when unknown'),
    u32('machineType', '0 unknown, 1 other, 2 x86, 3 x86_64, …, 12 s390'),
    u32('osName', '0 unknown, 1 other, 2 Linux, 3 Windows, …, 13 Java'),
    text('osRelease'),
  ]),
  counter(2001, 'host_adapters', HOST, [array('adapters', [u32('ifIndex'), array('macAddresses', 'mac')])]),
  counter(2002, 'host_parent', HOST, [
    u32('containerType', 'class of the data source that contains this one'),
    u32('containerIndex'),
  ]),
  counter(2003, 'host_cpu', HOST, [
    f32('loadOne', 'load average over one minute'),
    f32('loadFive', 'load average over five minutes'),
    f32('loadFifteen', 'load average over fifteen minutes'),
    u32('processesRunning'),
    u32('processesTotal'),
    u32('cpuNumber', 'number of processors'),
    u32('cpuSpeed', 'MHz'),
    u32('uptime', 's'),
    u32('cpuUser', 'ms'),
    u32('cpuNice', 'ms'),
    u32('cpuSystem', 'ms'),
    u32('cpuIdle', 'ms'),
    u32('cpuWaitIo', 'ms'),
    u32('cpuInterrupt', 'ms'),
    u32('cpuSoftInterrupt', 'ms'),
    u32('interrupts'),
    u32('contextSwitches'),
    ...added([u32('cpuSteal', 'ms'), u32('cpuGuest', 'ms'), u32('cpuGuestNice', 'ms')]),
  ]),
  counter(2004, 'host_memory', HOST, [
    ...longs('memoryTotal memoryFree memoryShared memoryBuffers memoryCached swapTotal swapFree'),
    ...words('pageIn pageOut swapIn swapOut'),
  ]),
  counter(2005, 'host_disk_io', HOST, [
    u64('diskTotal', 'bytes'),
    u64('diskFree', 'bytes'),
    u32('partitionMaxUsed', '1/100 %, of the fullest partition'),
    u32('reads'),
    u64('bytesRead'),
    u32('readTime', 'ms'),
    u32('writes'),
    u64('bytesWritten'),
    u32('writeTime', 'ms'),
  ]),
  counter(2006, 'host_net_io', HOST, NETWORK),
  counter(
    2007,
    'mib2_ip_group',
    HOST_IP,
    words(
      'ipForwarding ipDefaultTTL ipInReceives ipInHdrErrors ipInAddrErrors ipForwDatagrams ' +
        'ipInUnknownProtos ipInDiscards ipInDelivers ipOutRequests ipOutDiscards ipOutNoRoutes ' +
        'ipReasmTimeout ipReasmReqds ipReasmOKs ipReasmFails ipFragOKs ipFragFails ipFragCreates',
    ),
  ),
  counter(
    2008,
    'mib2_icmp_group',
    HOST_IP,
    words(
      'icmpInMsgs icmpInErrors icmpInDestUnreachs icmpInTimeExcds icmpInParamProbs icmpInSrcQuenchs ' +
        'icmpInRedirects icmpInEchos icmpInEchoReps icmpInTimestamps icmpInAddrMasks icmpInAddrMaskReps ' +
        'icmpOutMsgs icmpOutErrors icmpOutDestUnreachs icmpOutTimeExcds icmpOutParamProbs ' +
        'icmpOutSrcQuenchs icmpOutRedirects icmpOutEchos icmpOutEchoReps icmpOutTimestamps ' +
        'icmpOutTimestampReps icmpOutAddrMasks icmpOutAddrMaskReps',
    ),
  ),
  counter(
    2009,
    'mib2_tcp_group',
    HOST_IP,
    words(
      'tcpRtoAlgorithm tcpRtoMin tcpRtoMax tcpMaxConn tcpActiveOpens tcpPassiveOpens tcpAttemptFails ' +
        'tcpEstabResets tcpCurrEstab tcpInSegs tcpOutSegs tcpRetransSegs tcpInErrs tcpOutRsts ' +
        'tcpInCsumErrors',
    ),
  ),
  counter(
    2010,
    'mib2_udp_group',
    HOST_IP,
    words(
      'udpInDatagrams udpNoPorts udpInErrors udpOutDatagrams udpRcvbufErrors udpSndbufErrors ' +
        'udpInCsumErrors',
    ),
  ),
  counter(2100, 'virt_node', HOST, [
    u32('mhz', 'MHz, expected'),
    u32('cpus'),
    u64('memory', 'bytes'),
    u64('memoryFree', 'bytes'),
    u32('domains', 'number of active domains'),
  ]),
  counter(2101, 'virt_cpu', HOST, [
    u32('state', 'virDomainState'),
    u32('cpuTime', 'ms'),
    u32('virtualCpus', 'number of virtual processors'),
  ]),
  counter(2102, 'virt_memory', HOST, [u64('memory', 'bytes used'), u64('maxMemory', 'bytes allowed')]),
  counter(2103, 'virt_disk_io', HOST, [
    u64('capacity', 'bytes'),
    u64('allocation', 'bytes'),
    u64('physical', 'bytes of the container of the image; called "available" before the errata'),
    u32('readRequests'),
    u64('bytesRead'),
    u32('writeRequests'),
    u64('bytesWritten'),
    u32('errors'),
  ]),
  counter(2104, 'virt_net_io', HOST, NETWORK),
  counter(2105, 'jvm_runtime', JVM, [text('name'), text('vendor'), text('version')]),
  counter(2106, 'jvm_statistics', JVM, [
    ...longs('heapInitial heapUsed heapCommitted heapMax'),
    ...longs('nonHeapInitial nonHeapUsed nonHeapCommitted nonHeapMax'),
    u32('gcCount'),
    u32('gcTime', 'ms'),
    ...words('classesLoaded classesTotal classesUnloaded'),
    u32('compilationTime', 'ms'),
    ...words('threadsLive threadsDaemon threadsStarted'),
    ...added([u32('fileDescriptorsOpen'), u32('fileDescriptorsMax')]),
  ]),
  counter([5703, 1], 'nvidia_gpu', 'sFlow NVML GPU Structure', [
    u32('deviceCount'),
    u32('processes'),
    u32('gpuTime', 'ms in which a kernel ran'),
    u32('memoryTime', 'ms in which the memory was read or written'),
    u64('memoryTotal', 'bytes'),
    u64('memoryFree', 'bytes'),
    u32('eccErrors'),
    u32('energy', 'mJ'),
    u32('temperature', '°C, of the hottest device'),
    u32('fanSpeed', '%, of the fastest fan'),
  ]),
];
