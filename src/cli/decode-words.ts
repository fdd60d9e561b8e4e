import {
  ifAdminStatusName,
  ifDirectionName,
  ifOperStatusName,
  ifTypeName,
  machineTypeName,
  osName,
  virtualCpuStateName,
} from '../metric/enumerations.ts';
import type { FieldValue, StructureField } from '../sflow/index.ts';
import { lowerHex } from './sflowtool-text.ts';

/** What a field says, in pieces of a few words: `source vlan 10`, `rtt 12345 µs`. Nothing when there is nothing to say. */
export function fieldWords(structure: string, field: StructureField, value: FieldValue): string[] {
  const words = WORDS[`${structure}.${field.name}`] ?? WORDS[`*.${field.name}`];
  return words?.(value) ?? [`${labelOf(structure, field.name)} ${withUnit(value, field.doc)}`];
}

/** Any value of the object model as text; what comes from the wire cannot steer a terminal. */
export function valueText(value: FieldValue): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(3);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return bytesText(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const members = Object.entries(value).map(([name, member]) => `${name} ${valueText(member)}`);
  return `(${members.join(', ')})`;
}

const LONGEST_BYTES = 24;

/** Hex of the first bytes, and how many there are when that is not all. */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'no bytes';
  const shown = lowerHex(bytes.subarray(0, LONGEST_BYTES));
  return bytes.length <= LONGEST_BYTES ? shown : `${shown}… (${bytes.length} bytes)`;
}

const PLAIN = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;

/** Text as it is when it is harmless; in quotes and escaped when it is empty or holds control or format characters. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return JSON.stringify(text).replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

/** Structures whose fields are objects of a MIB: their names stay as they are. */
const MIB_STRUCTURES = /^(if|ethernet|tokenring|vg|ieee80211)_counters$|^mib2_|^lag_port_stats$/;

function labelOf(structure: string, name: string): string {
  return MIB_STRUCTURES.test(structure) ? name : name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, ' $&').toLowerCase();
}

const UNIT =
  /^(?:µs|ms|ns|s|bits per second|bytes|MHz|mV|mA|mW|mJ|µA|µW|nm|°C|%|1\/100 %|1\/1000 °C)(?=$|[ ,;])/;
const UNKNOWN_PERCENTAGES: readonly FieldValue[] = [0xffffffff, -1];

/** A description of a field may begin with its unit. */
function withUnit(value: FieldValue, doc: string | undefined): string {
  const unit = doc === undefined ? undefined : UNIT.exec(doc)?.[0];
  if (unit === undefined || Array.isArray(value)) return valueText(value);
  switch (unit) {
    case '1/100 %':
      return UNKNOWN_PERCENTAGES.includes(value) ? 'unknown' : `${(Number(value) / 100).toFixed(2)}%`;
    case '1/1000 °C':
      return `${(Number(value) / 1000).toFixed(1)} °C`;
    case 'bits per second':
      return bitRateText(Number(value));
    default:
      return `${valueText(value)} ${unit}`;
  }
}

function bitRateText(bitsPerSecond: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
  let value = bitsPerSecond;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toFixed(2))} ${units[unit]}`;
}

const TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmp6',
  132: 'sctp',
};
const HTTP_METHODS = ['other', 'OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];
const APPLICATION_STATUS = [
  'success',
  'other',
  'timeout',
  'internal error',
  'bad request',
  'forbidden',
  'too large',
  'not implemented',
  'not found',
  'unavailable',
  'unauthorized',
];

/** Fields that have words of their own, by `structure.field`; `*` is any structure. */
const WORDS: Readonly<Record<string, (value: FieldValue) => string[]>> = {
  'if_counters.ifType': (type) => [ifTypeName(Number(type))],
  'if_counters.ifDirection': (direction) => [ifDirectionName(Number(direction))],
  'if_counters.ifStatus': (status) => [
    `admin ${ifAdminStatusName(Number(status))}`,
    `oper ${ifOperStatusName(Number(status))}`,
  ],
  'if_counters.ifPromiscuousMode': (mode) => [`promiscuous ${oneOf(['unknown', 'yes', 'no'], mode)}`],
  'host_descr.machineType': (type) => [machineTypeName(Number(type))],
  'host_descr.osName': (name) => [osName(Number(name))],
  'host_adapters.adapters': (adapters) => (Array.isArray(adapters) ? adapters.map(adapterText) : []),
  'virt_cpu.state': (state) => [virtualCpuStateName(Number(state))],
  'of_port.datapathId': (id) => [`datapath ${hexNumber(id, 16)}`],
  'extended_gateway.destinationAsPath': (path) => listWords('as path', path, segmentText),
  'extended_gateway.communities': (list) => listWords('communities', list, communityText),
  'extended_mpls.inputStack': (stack) => listWords('labels in', stack, labelText),
  'extended_mpls.outputStack': (stack) => listWords('labels out', stack, labelText),
  'extended_timestamp.timestamp': (time) => [nanosecondTime(BigInt(time as bigint))],
  'extended_tcp_info.direction': (direction) => [oneOf(['direction unknown', 'received', 'sent'], direction)],
  'extended_acl.direction': (direction) => [oneOf(['direction unknown', 'ingress', 'egress'], direction)],
  'extended_url.direction': (direction) => [
    oneOf(['direction unknown', 'of the source', 'of the destination'], direction),
  ],
  'http_request.method': (method) => [oneOf(HTTP_METHODS, method)],
  'http_request.protocol': (version) => [
    `HTTP/${Math.floor(Number(version) / 1000)}.${Number(version) % 1000}`,
  ],
  'app_operation.status': (status) => [oneOf(APPLICATION_STATUS, status)],
  '*.ethernetType': (type) => [`type 0x${hexNumber(type, 4)}`],
  '*.tcpFlags': (flags) =>
    flags === 0 ? [] : [`flags ${TCP_FLAGS.filter((_, bit) => (Number(flags) >> bit) & 1).join('+')}`],
  'sampled_ipv4.protocol': protocolWords,
  'sampled_ipv6.protocol': protocolWords,
  'extended_socket_ipv4.protocol': protocolWords,
  'extended_socket_ipv6.protocol': protocolWords,
  'extended_proxy_socket_ipv4.protocol': protocolWords,
  'extended_proxy_socket_ipv6.protocol': protocolWords,
};

function protocolWords(protocol: FieldValue): string[] {
  return [PROTOCOLS[Number(protocol)] ?? `protocol ${valueText(protocol)}`];
}

function oneOf(words: readonly string[], value: FieldValue): string {
  return words[Number(value)] ?? `unknown(${valueText(value)})`;
}

function listWords(label: string, list: FieldValue, text: (element: FieldValue) => string): string[] {
  return Array.isArray(list) && list.length > 0 ? [`${label} ${list.map(text).join(' ')}`] : [];
}

function adapterText(adapter: FieldValue): string {
  const { ifIndex, macAddresses } = adapter as { readonly [name: string]: FieldValue };
  return ['interface', ifIndex, ...(Array.isArray(macAddresses) ? macAddresses : [])].join(' ');
}

const AS_SET = 1;

function segmentText(segment: FieldValue): string {
  const { type, asNumbers } = segment as { readonly [name: string]: FieldValue };
  const numbers = Array.isArray(asNumbers) ? asNumbers.map(valueText) : [];
  return type === AS_SET ? `{${numbers.join(',')}}` : numbers.join(' ');
}

function communityText(community: FieldValue): string {
  const word = Number(community);
  return `${word >>> 16}:${word & 0xffff}`;
}

/** The label of an MPLS label stack entry. */
function labelText(entry: FieldValue): string {
  return String(Number(entry) >>> 12);
}

function hexNumber(value: FieldValue, digits: number): string {
  return BigInt(value as bigint | number)
    .toString(16)
    .padStart(digits, '0');
}

function nanosecondTime(nanoseconds: bigint): string {
  const time = new Date(Number(nanoseconds / 1_000_000n));
  if (Number.isNaN(time.getTime())) return `${nanoseconds} ns`;
  return time.toISOString().replace('Z', `${String(nanoseconds % 1_000_000n).padStart(6, '0')}Z`);
}
