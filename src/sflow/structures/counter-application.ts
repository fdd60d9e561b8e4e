import type { Structure } from '../schema.ts';
import { counter, longs, text, u32, u64, words } from './fields.ts';

const APPLICATION = 'sFlow Application Structures';

/** Counters of applications. */
export const APPLICATION_COUNTERS: readonly Structure[] = [
  counter(2200, 'memcache_counters_deprecated', 'sFlow for memcached (deprecated)', [
    u32('uptime', 's'),
    u32('rusageUser', 'ms'),
    u32('rusageSystem', 'ms'),
    ...words(
      'currentConnections totalConnections connectionStructures cmdGet cmdSet cmdFlush getHits getMisses ' +
        'deleteMisses deleteHits incrMisses incrHits decrMisses decrHits casMisses casHits casBadval ' +
        'authCmds authErrors',
    ),
    ...longs('bytesRead bytesWritten'),
    ...words('limitMaxbytes acceptingConnections listenDisabled threads connectionYields'),
    u64('bytes'),
    ...words('currentItems totalItems evictions'),
  ]),
  counter(
    2201,
    'http_counters',
    'sFlow HTTP Structures',
    words(
      'methodOption methodGet methodHead methodPost methodPut methodDelete methodTrace methodConnect ' +
        'methodOther status1xx status2xx status3xx status4xx status5xx statusOther',
    ),
  ),
  counter(2202, 'app_operations', APPLICATION, [
    text('application'),
    ...words(
      'success other timeout internalError badRequest forbidden tooLarge notImplemented notFound ' +
        'unavailable unauthorized',
    ),
  ]),
  counter(2203, 'app_resources', APPLICATION, [
    u32('userTime', 'ms'),
    u32('systemTime', 'ms'),
    u64('memoryUsed', 'bytes'),
    u64('memoryMax', 'bytes'),
    ...words('fileDescriptorsOpen fileDescriptorsMax connectionsOpen connectionsMax'),
  ]),
  counter(2204, 'memcache_counters', 'sFlow Memcache Structures', [
    ...words(
      'cmdSet cmdTouch cmdFlush getHits getMisses deleteHits deleteMisses incrHits incrMisses decrHits ' +
        'decrMisses casHits casMisses casBadval authCmds authErrors threads connectionYields ' +
        'listenDisabled currentConnections rejectedConnections totalConnections connectionStructures ' +
        'evictions reclaimed currentItems totalItems',
    ),
    ...longs('bytesRead bytesWritten bytes limitMaxbytes'),
  ]),
  counter(2205, 'vdi_counters', 'sFlow discussion', [
    u32('sessionsCurrent'),
    u32('sessionsTotal'),
    u32('sessionsDuration', 's, of all sessions together'),
    ...words('rxBytes txBytes rxPackets txPackets rxPacketsLost txPacketsLost'),
    u32('rttMinimum', 'ms'),
    u32('rttMaximum', 'ms'),
    u32('rttAverage', 'ms'),
    ...words('audioRxBytes audioTxBytes'),
    u32('audioTxLimit', 'bits per second'),
    ...words('imageRxBytes imageTxBytes imageFrames'),
    u32('imageQualityMinimum', '0 to 100'),
    u32('imageQualityMaximum', '0 to 100'),
    u32('imageQualityAverage', '0 to 100'),
    ...words('usbRxBytes usbTxBytes'),
  ]),
  counter(
    2206,
    'app_workers',
    APPLICATION,
    words('workersActive workersIdle workersMax requestsDelayed requestsDropped'),
  ),
  counter(
    2207,
    'ovs_dp_stats',
    'Open vSwitch performance monitoring',
    words('hits misses lost maskHits flows masks'),
  ),
];
