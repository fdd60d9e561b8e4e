import type { Structure } from '../schema.ts';
import { array, counter, i32, longs, u32, words } from './fields.ts';

const SENSORS = 'sFlow discussion';
const BUFFERS = 'sFlow Broadcom Peak Buffer Utilization Structures';
const HUNDREDTHS = '1/100 %';

/** Counters and gauges of a switch as a whole: processor, sensors, packet buffers and forwarding tables. */
export const DEVICE: readonly Structure[] = [
  counter(1001, 'processor', 'sFlow v5', [
    u32('cpu5s', HUNDREDTHS),
    u32('cpu1m', HUNDREDTHS),
    u32('cpu5m', HUNDREDTHS),
    ...longs('totalMemory freeMemory'),
  ]),
  counter(3000, 'energy', SENSORS, [
    u32('voltage', 'mV'),
    u32('current', 'mA'),
    u32('realPower', 'mW'),
    i32('powerFactor', '1/100 %; 2147483647 for DC, -2147483647 when unknown'),
    u32('energy', 'mJ'),
    u32('errors'),
  ]),
  counter(3001, 'temperature', SENSORS, [i32('minimum', '°C'), i32('maximum', '°C'), u32('errors')]),
  counter(3002, 'humidity', SENSORS, [i32('relative', '%')]),
  counter(3003, 'fans', SENSORS, [u32('total'), u32('failed'), u32('speed', '%')]),
  counter([4413, 1], 'bst_device_buffers', BUFFERS, [
    i32('unicastUtilization', HUNDREDTHS),
    i32('multicastUtilization', HUNDREDTHS),
  ]),
  counter([4413, 2], 'bst_port_buffers', BUFFERS, [
    i32('ingressUnicastUtilization', HUNDREDTHS),
    i32('ingressMulticastUtilization', HUNDREDTHS),
    i32('egressUnicastUtilization', HUNDREDTHS),
    i32('egressMulticastUtilization', HUNDREDTHS),
    array('egressQueueUnicastUtilization', 'i32', HUNDREDTHS),
    array('egressQueueMulticastUtilization', 'i32', HUNDREDTHS),
  ]),
  counter(
    [4413, 3],
    'hw_tables',
    'sFlow Broadcom Switch ASIC Table Utilization Structures',
    words(
      'hostEntries hostEntriesMax ipv4Entries ipv4EntriesMax ipv6Entries ipv6EntriesMax ' +
        'ipv4Ipv6Entries ipv4Ipv6EntriesMax longIpv6Entries longIpv6EntriesMax totalRoutes totalRoutesMax ' +
        'ecmpNexthops ecmpNexthopsMax macEntries macEntriesMax ipv4Neighbors ipv6Neighbors ' +
        'ipv4Routes ipv6Routes aclIngressEntries aclIngressEntriesMax aclIngressCounters ' +
        'aclIngressCountersMax aclIngressMeters aclIngressMetersMax aclIngressSlices aclIngressSlicesMax ' +
        'aclEgressEntries aclEgressEntriesMax aclEgressCounters aclEgressCountersMax aclEgressMeters ' +
        'aclEgressMetersMax aclEgressSlices aclEgressSlicesMax',
    ),
  ),
];
