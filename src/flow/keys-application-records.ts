import { u32 } from '../common/index.ts';
import {
  appStatus,
  httpMethod,
  httpProtocol,
  memcacheCommand,
  memcacheProtocol,
  memcacheStatus,
  tcpDirection,
} from './enumerations.ts';
import {
  type KeyEntry,
  namedKey,
  numberKey,
  recordKey,
  type TextReader,
  textKey,
  wordKey,
} from './key-entry.ts';
import { longAt, numberAt, skipStrings, stringAt } from './record-reader.ts';

/** The string behind `count` others, of a record whose strings begin at `offset`. */
function stringBehind(offset: number, count: number): TextReader {
  return (bytes, at, end) => stringAt(bytes, skipStrings(bytes, at + offset, end, count), end);
}

/** The word `further` bytes behind `count` strings. */
function numberBehind(offset: number, count: number, further: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipStrings(bytes, at + offset, end, count);
    return next < 0 ? Number.NaN : numberAt(bytes, next + further, end);
  };
}

function longBehind(offset: number, count: number, further: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipStrings(bytes, at + offset, end, count);
    return next < 0 ? Number.NaN : longAt(bytes, next + further, end);
  };
}

/** Request bytes, response bytes (both 64 bits) and duration, behind `count` strings. */
function transferKeys(format: number, offset: number, count: number): KeyEntry[] {
  const request = longBehind(offset, count, 0);
  const response = longBehind(offset, count, 8);
  return [
    numberKey('reqbytes', format, request, 'Bytes of the request.'),
    numberKey('respbytes', format, response, 'Bytes of the response.'),
    numberKey('bytes', format, (bytes, at, end) => request(bytes, at, end) + response(bytes, at, end), ''),
    numberKey('duration', format, numberBehind(offset, count, 16), 'Time the operation took, µs.'),
  ];
}

/** http_request (2206) and its forerunner (2201), whose strings begin at `offset`. */
function httpKeys(format: number, offset: number): KeyEntry[] {
  return [
    wordKey('httpmethod', format, 0, 'Method of the HTTP request: `GET`.', httpMethod),
    textKey('httpurl', format, stringBehind(offset, 0), 'URI of the HTTP request.'),
    textKey('httphost', format, stringBehind(offset, 1), 'Host of the HTTP request.'),
    textKey('httpreferer', format, stringBehind(offset, 2), 'Referer of the HTTP request.'),
    textKey('httpuseragent', format, stringBehind(offset, 3), 'User agent of the HTTP request.'),
    textKey('httpxff', format, stringBehind(offset, 4), 'X-Forwarded-For of the HTTP request.'),
    textKey('httpauthuser', format, stringBehind(offset, 5), 'User of the HTTP request.'),
    textKey('httpmimetype', format, stringBehind(offset, 6), 'MIME type of the HTTP response.'),
    ...transferKeys(format, offset, 7),
    numberKey('httpstatus', format, numberBehind(offset, 7, 20), 'Status of the HTTP response.'),
  ];
}

/** Socket records: protocol, local and remote address of `size` bytes, local and remote port. */
function socketKeys(format: number, size: 4 | 16, names: SocketNames): KeyEntry[] {
  const remote = 4 + size;
  const ports = 4 + 2 * size;
  const address = (name: string, offset: number, doc: string): KeyEntry =>
    size === 4
      ? wordKey(name, format, offset, doc, 'ipv4')
      : recordKey(`${name}6`, format, offset + 16, { kind: 'ipv6', offset }, doc);
  return [
    wordKey(names.protocol, format, 0, 'IP protocol of the connection.'),
    address(names.localAddress, 4, 'Address of the local end of the connection.'),
    address(names.remoteAddress, remote, 'Address of the remote end of the connection.'),
    wordKey(names.localPort, format, ports, 'Port of the local end of the connection.'),
    wordKey(names.remotePort, format, ports + 4, 'Port of the remote end of the connection.'),
  ];
}

interface SocketNames {
  readonly protocol: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly localPort: string;
  readonly remotePort: string;
}

/** The host that reports is the server. */
const SERVER_SOCKET: SocketNames = {
  protocol: 'protocol',
  localAddress: 'serveraddress',
  remoteAddress: 'clientaddress',
  localPort: 'serverport',
  remotePort: 'clientport',
};

/** The proxy that reports is the client of the server behind it. */
const PROXY_SOCKET: SocketNames = {
  protocol: 'proxyprotocol',
  localAddress: 'proxyclientaddress',
  remoteAddress: 'proxyserveraddress',
  localPort: 'proxyclientport',
  remotePort: 'proxyserverport',
};

/** Operations of applications, and the sockets they use. */
export const APPLICATION_KEYS: readonly KeyEntry[] = [
  ...socketKeys(2100, 4, SERVER_SOCKET),
  ...socketKeys(2101, 16, SERVER_SOCKET),
  ...socketKeys(2102, 4, PROXY_SOCKET),
  ...socketKeys(2103, 16, PROXY_SOCKET),

  ...httpKeys(2206, 8),
  wordKey('httpprotocol', 2206, 4, 'Version of HTTP: `1.1`.', httpProtocol),
  ...httpKeys(2201, 4),
  textKey('httpproxyurl', 2207, stringBehind(0, 0), 'URI of the request that the proxy made.'),
  textKey('httpproxyhost', 2207, stringBehind(0, 1), 'Host of the request that the proxy made.'),

  wordKey('memcacheprotocol', 2200, 0, 'Protocol of the memcache operation.', memcacheProtocol),
  wordKey('memcachecommand', 2200, 4, 'Memcache command: `GET`.', memcacheCommand),
  textKey('memcachekey', 2200, stringBehind(8, 0), 'Key of the memcache operation.'),
  numberKey('memcachenumkeys', 2200, numberBehind(8, 1, 0), 'Number of keys of the memcache operation.'),
  numberKey('bytes', 2200, numberBehind(8, 1, 4), ''),
  numberKey('duration', 2200, numberBehind(8, 1, 8), ''),
  namedKey(
    'memcachestatus',
    2200,
    numberBehind(8, 1, 12),
    memcacheStatus,
    'Outcome of the memcache operation.',
  ),

  textKey('appname', 2202, stringBehind(0, 0), 'Application.'),
  textKey('appoperation', 2202, stringBehind(0, 1), 'Operation of the application.'),
  textKey('appattributes', 2202, stringBehind(0, 2), 'Attributes of the operation: `a=1&b=2`.'),
  textKey('appstatusdescr', 2202, stringBehind(0, 3), 'Description of the outcome.'),
  ...transferKeys(2202, 0, 4),
  namedKey('appstatus', 2202, numberBehind(0, 4, 20), appStatus, 'Outcome of the operation: `SUCCESS`.'),
  textKey('appparentname', 2203, stringBehind(0, 0), 'Application on whose behalf the operation runs.'),
  textKey('appparentoperation', 2203, stringBehind(0, 1), 'Operation on whose behalf the operation runs.'),
  textKey(
    'appparentattributes',
    2203,
    stringBehind(0, 2),
    'Attributes of the operation on whose behalf it runs.',
  ),
  textKey('appinitiator', 2204, stringBehind(0, 0), 'Who asked for the operation.'),
  textKey('apptarget', 2205, stringBehind(0, 0), 'Whom the operation is about.'),
];

/** The state of the packet's TCP connection in the host that reports it (2209). */
export const TCP_INFO_KEYS: readonly KeyEntry[] = [
  wordKey('tcpdirection', 2209, 0, 'Which way the packet went: `received` or `sent`.', tcpDirection),
  wordKey('tcpmsssnd', 2209, 4, 'Segment size for sending, bytes.'),
  wordKey('tcpmssrcv', 2209, 8, 'Segment size for receiving, bytes.'),
  wordKey('tcpunacked', 2209, 12, 'Segments not acknowledged.'),
  wordKey('tcplost', 2209, 16, 'Segments lost.'),
  wordKey('tcpretrans', 2209, 20, 'Segments retransmitted.'),
  wordKey('tcppmtu', 2209, 24, 'Path MTU, bytes.'),
  wordKey('tcprtt', 2209, 28, 'Round trip time, smoothed, µs.'),
  wordKey('tcprttvar', 2209, 32, 'Variance of the round trip time.'),
  wordKey('tcpcwndsnd', 2209, 36, 'Congestion window, segments.'),
  wordKey('tcpreordering', 2209, 40, 'Segments the connection takes for reordered.'),
  wordKey('tcprttmin', 2209, 44, 'Smallest round trip time, µs.'),
  tcpKey(
    'tcprttwait',
    48,
    (at) => notNegative(at(RTT) - at(MINIMUM_RTT)),
    'Round trip time above the smallest, µs.',
  ),
  tcpKey(
    'tcprttsdev',
    36,
    (at) => Math.sqrt(at(RTT_VARIANCE)),
    'Standard deviation of the round trip time, µs.',
  ),
  tcpKey(
    'tcprttserr',
    36,
    (at) => Math.sqrt(at(RTT_VARIANCE)) / at(RTT),
    'Standard deviation of the round trip time relative to it.',
  ),
  tcpKey(
    'tcpsndbps',
    40,
    (at) => (at(WINDOW) * at(SEGMENT_SIZE) * 8e6) / at(RTT),
    'Bits per second that the congestion window allows.',
  ),
];

const SEGMENT_SIZE = 4;
const RTT = 28;
const RTT_VARIANCE = 32;
const WINDOW = 36;
const MINIMUM_RTT = 44;

/** A minimum that was never measured is all ones. */
function notNegative(value: number): number {
  return value < 0 ? Number.NaN : value;
}

/** A key derived from words of the first `size` bytes; absent when it is no finite number. */
function tcpKey(
  name: string,
  size: number,
  derive: (word: (offset: number) => number) => number,
  doc: string,
): KeyEntry {
  const read = (bytes: Uint8Array, at: number, end: number): number => {
    if (end - at < size) return Number.NaN;
    const value = derive((offset) => u32(bytes, at + offset));
    return Number.isFinite(value) ? value : Number.NaN;
  };
  return numberKey(name, 2209, read, doc);
}
