import { busy, counter, each, gauge, percent, perGrowth, type StructureRules, sum, text } from '../rule.ts';

const HTTP_METHODS = 'option get head post put delete trace connect other';

const APP_RESULTS = `success success other other timeout timeout internalError internal_error
  badRequest bad_request forbidden forbidden tooLarge too_large notImplemented not_implemented
  notFound not_found unavailable unavailable unauthorized unauthorized`;

const MEMCACHE_OPERATIONS = `cmdSet cmdset cmdTouch cmdtouch cmdFlush cmdflush getHits gethits
  getMisses getmisses deleteHits deletehits deleteMisses deletemisses incrHits incrhits incrMisses incrmisses
  decrHits decrhits decrMisses decrmisses casHits cashits casMisses casmisses casBadval casbadval
  authCmds authcmds authErrors autherrors`;

/** Applications and virtual switches. */
export const APPLICATION: readonly StructureRules[] = [
  {
    structure: 'http_counters',
    fields: {
      ...each(
        counter,
        'http_method_',
        `methodOption option methodGet get methodHead head methodPost post methodPut put
        methodDelete delete methodTrace trace methodConnect connect methodOther other`,
      ),
      ...each(
        counter,
        'http_status_',
        `status1xx 1xx status2xx 2xx status3xx 3xx status4xx 4xx status5xx 5xx statusOther other`,
      ),
    },
    derived: [
      sum(
        'http_requests',
        HTTP_METHODS.split(' ').map((method) => `http_method_${method}`),
      ),
    ],
  },
  {
    structure: 'app_operations',
    fields: { application: text('app_name'), ...each(counter, 'app_', APP_RESULTS) },
    derived: [sum('app_requests', metrics('app_', APP_RESULTS))],
  },
  {
    structure: 'app_resources',
    fields: {
      ...each(busy, 'app_', 'userTime usertime systemTime systemtime'),
      ...each(
        gauge,
        'app_',
        `memoryUsed mem_used memoryMax mem_max fileDescriptorsOpen fd_open fileDescriptorsMax fd_max
        connectionsOpen conn_open connectionsMax conn_max`,
      ),
    },
    derived: [
      percent('app_mem_utilization', 'app_mem_used', 'app_mem_max'),
      percent('app_fd_utilization', 'app_fd_open', 'app_fd_max'),
      percent('app_conn_utilization', 'app_conn_open', 'app_conn_max'),
    ],
  },
  {
    structure: 'memcache_counters',
    fields: {
      ...each(counter, 'memcache_', MEMCACHE_OPERATIONS),
      ...each(
        gauge,
        'memcache_',
        `threads threads listenDisabled listendisabled currentConnections currentconnections
        connectionStructures connectionstructures currentItems currentitems totalItems totalitems
        bytes bytes limitMaxbytes maxbytes`,
      ),
      // byteswritted: the name that clients know (rest-api 7.2)
      ...each(
        counter,
        'memcache_',
        `connectionYields connectionyields rejectedConnections rejectedconnections
        totalConnections connections evictions evictions reclaimed reclaimed bytesRead bytesread
        bytesWritten byteswritted`,
      ),
    },
    derived: [sum('memcache_requests', metrics('memcache_', MEMCACHE_OPERATIONS))],
  },
  {
    structure: 'app_workers',
    fields: {
      ...each(gauge, 'workers_', 'workersActive active workersIdle idle workersMax max'),
      ...each(counter, 'req_', 'requestsDelayed delayed requestsDropped dropped'),
    },
    derived: [percent('workers_utilization', 'workers_active', 'workers_active', 'workers_idle')],
  },
  {
    structure: 'ovs_dp_stats',
    fields: {
      ...each(counter, 'ovs_', 'hits dp_hits misses dp_misses lost dp_lost maskHits mask_hits'),
      ...each(gauge, 'ovs_dp_', 'flows flows masks masks'),
    },
    derived: [
      perGrowth('ovs_dp_hitrate', 'ovs_dp_hits', ['ovs_dp_hits', 'ovs_dp_misses'], 100),
      perGrowth('ovs_dp_missrate', 'ovs_dp_misses', ['ovs_dp_hits', 'ovs_dp_misses'], 100),
      perGrowth('ovs_dp_maskhitsperpacket', 'ovs_mask_hits', ['ovs_dp_hits', 'ovs_dp_misses']),
    ],
  },
];

/** The metrics of `field metric …` pairs. */
function metrics(prefix: string, pairs: string): string[] {
  return Object.values(each(counter, prefix, pairs)).map((rule) => rule.name);
}
