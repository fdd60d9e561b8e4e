import type { Structure, StructureField } from '../schema.ts';
import { field, flow, i32, ipv4, ipv6, text, u32, u64, words } from './fields.ts';

const TRANSACTIONS = 'Host performance statistics';
const HOST = 'sFlow Host Structures';
const HTTP = 'sFlow HTTP Structures';
const APPLICATION = 'sFlow Application Structures';
const DURATION = u32('duration', 'µs');

const SOCKET_IPV4: readonly StructureField[] = [
  u32('protocol', 'IP protocol number'),
  ipv4('localIp'),
  ipv4('remoteIp'),
  u32('localPort'),
  u32('remotePort'),
];

const SOCKET_IPV6: readonly StructureField[] = [
  u32('protocol', 'IP protocol number'),
  ipv6('localIp'),
  ipv6('remoteIp'),
  u32('localPort'),
  u32('remotePort'),
];

const CONTEXT: readonly StructureField[] = [
  text('application'),
  text('operation'),
  text('attributes', 'name=value&name=value'),
];

const HTTP_METHOD = u32(
  'method',
  '0 other, 1 OPTIONS, 2 GET, 3 HEAD, 4 POST, 5 PUT, 6 DELETE, 7 TRACE, 8 CONNECT',
);

const HTTP_REQUEST: readonly StructureField[] = [
  text('uri'),
  text('host'),
  text('referer'),
  text('userAgent'),
  text('xff', 'X-Forwarded-For'),
  text('authUser', 'identity of the user (RFC 1413)'),
  text('mimeType', 'of the response'),
  u64('requestBytes'),
  u64('responseBytes'),
  DURATION,
  i32('status', 'HTTP status code'),
];

/** Sampled operations of applications, and the sockets they use. */
export const APPLICATIONS: readonly Structure[] = [
  flow(2000, 'transaction', TRANSACTIONS, [
    u32('direction', 'observed by: 1 client, 2 server'),
    u32('wait', 'µs in the queue'),
    DURATION,
    u32('status', '0 succeeded, 1 generic failure, 2 out of memory, 3 timeout, 4 not permitted'),
    u64('bytesReceived'),
    u64('bytesSent'),
  ]),
  flow(2001, 'extended_nfs_storage_transaction', TRANSACTIONS, [
    field('path', 'opaque', 'UTF-8'),
    u32('operation', 'NFS operation (RFC 3530)'),
    u32('status', 'nfsstat4'),
  ]),
  flow(2002, 'extended_scsi_storage_transaction', TRANSACTIONS, words('lun operation status')),
  flow(2003, 'extended_http_transaction', TRANSACTIONS, [
    text('url'),
    text('host'),
    text('referer'),
    text('userAgent'),
    text('user'),
    u32('status', 'HTTP status code'),
  ]),
  flow(2100, 'extended_socket_ipv4', HOST, SOCKET_IPV4),
  flow(2101, 'extended_socket_ipv6', HOST, SOCKET_IPV6),
  flow(2102, 'extended_proxy_socket_ipv4', HTTP, SOCKET_IPV4),
  flow(2103, 'extended_proxy_socket_ipv6', HTTP, SOCKET_IPV6),
  flow(2200, 'memcache_operation', 'sFlow Memcache Structures', [
    u32('protocol', '0 other, 1 ASCII, 2 binary'),
    u32('command'),
    text('key'),
    u32('keys', 'number of keys, the sampled one included'),
    u32('valueBytes'),
    DURATION,
    u32('status'),
  ]),
  flow(2201, 'http_request_deprecated', 'sFlow for HTTP (deprecated)', [HTTP_METHOD, ...HTTP_REQUEST]),
  flow(2202, 'app_operation', APPLICATION, [
    ...CONTEXT,
    text('statusDescription'),
    u64('requestBytes'),
    u64('responseBytes'),
    DURATION,
    u32('status', '0 success, 1 other, 2 timeout, 3 internal error, …, 10 unauthorized'),
  ]),
  flow(2203, 'app_parent_context', APPLICATION, CONTEXT),
  flow(2204, 'app_initiator', APPLICATION, [text('actor')]),
  flow(2205, 'app_target', APPLICATION, [text('actor')]),
  flow(2206, 'http_request', HTTP, [
    HTTP_METHOD,
    u32('protocol', 'HTTP version: major × 1000 + minor'),
    ...HTTP_REQUEST,
  ]),
  flow(2207, 'extended_proxy_request', HTTP, [text('uri'), text('host')]),
  flow(
    2208,
    'extended_nav_timing',
    'Navigation Timing',
    // Times are ms from the earliest event, which is 1; 0: did not happen.
    words(
      'type redirectCount navigationStart unloadEventStart unloadEventEnd redirectStart redirectEnd fetchStart ' +
        'domainLookupStart domainLookupEnd connectStart connectEnd secureConnectionStart requestStart ' +
        'responseStart responseEnd domLoading domInteractive domContentLoadedEventStart ' +
        'domContentLoadedEventEnd domComplete loadEventStart loadEventEnd',
    ),
  ),
  flow(2209, 'extended_tcp_info', 'Host sFlow', [
    u32('direction', 'of the sampled packet: 0 unknown, 1 received, 2 sent'),
    u32('sendMss', 'bytes'),
    u32('receiveMss', 'bytes'),
    u32('unacked', 'packets in flight'),
    u32('lost', 'packets'),
    u32('retransmissions', 'packets'),
    u32('pathMtu', 'bytes'),
    u32('rtt', 'µs, smoothed'),
    u32('rttVariance', 'µs'),
    u32('sendCongestionWindow', 'segments'),
    u32('reordering', 'packets'),
    u32('minimumRtt', 'µs'),
  ]),
  flow(2210, 'extended_entities', 'Host sFlow', [
    u32('sourceClass', 'data source that the packet comes from; class and index 0: unknown'),
    u32('sourceIndex'),
    u32('destinationClass', 'data source that the packet goes to; class and index 0: unknown'),
    u32('destinationIndex'),
  ]),
];
