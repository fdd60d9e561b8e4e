import { each, gauge, percent, percentUsed, type StructureRules } from '../rule.ts';

/** Forwarding tables of a switch chip whose entries have a maximum: field, then metric. */
const TABLES: readonly (readonly [field: string, metric: string, utilization: string])[] = [
  ['hostEntries', 'host_entries', 'host'],
  ['ipv4Entries', 'ipv4_entries', 'ipv4'],
  ['ipv6Entries', 'ipv6_entries', 'ipv6'],
  ['ipv4Ipv6Entries', 'ipv4_ipv6_entries', 'ipv4_ipv6'],
  ['longIpv6Entries', 'long_ipv6_entries', 'long_ipv6'],
  ['totalRoutes', 'total_routes', 'total_routes'],
  ['ecmpNexthops', 'ecmp_nexthops', 'ecmp_nexthops'],
  ['macEntries', 'mac_entries', 'mac'],
  ['aclIngressEntries', 'acl_ingress_entries', 'acl_ingress'],
  ['aclIngressCounters', 'acl_ingress_counters', 'acl_ingress_counters'],
  ['aclIngressMeters', 'acl_ingress_meters', 'acl_ingress_meters'],
  ['aclIngressSlices', 'acl_ingress_slices', 'acl_ingress_slices'],
  ['aclEgressEntries', 'acl_egress_entries', 'acl_egress'],
  ['aclEgressCounters', 'acl_egress_counters', 'acl_egress_counters'],
  ['aclEgressMeters', 'acl_egress_meters', 'acl_egress_meters'],
  ['aclEgressSlices', 'acl_egress_slices', 'acl_egress_slices'],
];

/** A switch as a whole. */
export const DEVICE: readonly StructureRules[] = [
  {
    structure: 'processor',
    fields: {
      cpu5s: gauge('cpu_5sec', 100),
      cpu1m: gauge('cpu_1min', 100),
      cpu5m: gauge('cpu_5min', 100),
      totalMemory: gauge('mem_total'),
      freeMemory: gauge('mem_free'),
    },
    derived: [percentUsed('mem_utilization', 'mem_free', 'mem_total')],
  },
  {
    structure: 'hw_tables',
    fields: {
      ...Object.fromEntries(
        TABLES.flatMap(([field, metric]) => [
          [field, gauge(`bcm_${metric}`)],
          [`${field}Max`, gauge(`bcm_${metric}_max`)],
        ]),
      ),
      ...each(
        gauge,
        'bcm_',
        `ipv4Neighbors ipv4_neighbors ipv6Neighbors ipv6_neighbors ipv4Routes ipv4_routes
        ipv6Routes ipv6_routes`,
      ),
    },
    derived: TABLES.map(([, metric, utilization]) =>
      percent(`bcm_${utilization}_utilization`, `bcm_${metric}`, `bcm_${metric}_max`),
    ),
  },
];
