import {
  type FieldValue,
  type FlowOrCounterRecord,
  type StructureField,
  structureOf,
} from '../sflow/index.ts';
import { type SampledHeader, writeSampledHeader } from './sflowtool-header.ts';
import { COUNTER_FIELD_NAMES, type FieldNames, FLOW_FIELD_NAMES } from './sflowtool-names.ts';
import { addressText, floatText, lowerHex } from './sflowtool-text.ts';
import type { SflowtoolWriter } from './sflowtool-writer.ts';

/** Values of a structure's fields in the order of the wire; undefined where an older sender left the field out. */
type Values = readonly (FieldValue | undefined)[];
type WriteRecord = (out: SflowtoolWriter, values: Values, version: number) => void;

/** The fields of a flow record behind its tag. Nothing for structures that sflowtool does not name. */
export function writeFlowRecord(out: SflowtoolWriter, record: FlowOrCounterRecord, version: number): void {
  writeRecord(out, 'flow', record, version, FLOW_WRITERS, FLOW_FIELD_NAMES);
}

/** The fields of a counter record behind its tag. */
export function writeCounterRecord(out: SflowtoolWriter, record: FlowOrCounterRecord): void {
  writeRecord(out, 'counter', record, 5, COUNTER_WRITERS, COUNTER_FIELD_NAMES);
}

function writeRecord(
  out: SflowtoolWriter,
  kind: 'flow' | 'counter',
  record: FlowOrCounterRecord,
  version: number,
  writers: Readonly<Record<string, WriteRecord>>,
  names: Readonly<Record<string, FieldNames>>,
): void {
  const structure = structureOf(kind, record.enterprise, record.format);
  const { fields } = record;
  if (structure === undefined || fields === undefined) return;
  const tag = `${record.enterprise}:${record.format}`;
  const missing = version < 5 ? (ADDED_IN_VERSION_5[tag] ?? []) : [];
  const values = structure.fields.map(({ name }) => (missing.includes(name) ? undefined : fields[name]));
  if (tag in writers) writers[tag](out, values, version);
  else if (tag in names) writeNamed(out, names[tag], structure.fields, values);
}

/** Fields of flow records that versions 2 and 4 do not have. */
const ADDED_IN_VERSION_5: Readonly<Record<string, readonly string[]>> = {
  '0:1': ['stripped'],
  '0:1003': ['nextHop'],
  '0:1004': ['sourceCharset', 'destinationCharset'],
  '0:1005': ['host'],
};

function writeNamed(
  out: SflowtoolWriter,
  { kind, names }: FieldNames,
  fields: readonly StructureField[],
  values: Values,
): void {
  if (kind !== undefined) out.field(...kind);
  names.split(' ').forEach((name, i) => {
    const value = values[i];
    if (value === undefined || value === '') return;
    if (name.endsWith('%')) out.field(name.slice(0, -1), percentText(value));
    else out.field(name, valueText(value, fields[i]));
  });
}

function valueText(value: FieldValue, field: StructureField): string {
  switch (field.type) {
    case 'f32':
    case 'f64':
      return floatText(value);
    case 'i32':
      return unsignedText(value);
    case 'mac':
    case 'mac6':
    case 'uuid':
      return String(value).toLowerCase();
    case 'address':
    case 'ipv6':
      return addressText(value as string | null);
    default:
      return value instanceof Uint8Array ? lowerHex(value) : String(value);
  }
}

/** sflowtool shows every word without a sign. */
function unsignedText(value: FieldValue | undefined): string {
  return String(Number(value) >>> 0);
}

const UNKNOWN_PERCENTAGE = 0xffffffff;

function percentText(value: FieldValue): string {
  return value === UNKNOWN_PERCENTAGE ? 'unknown' : (Number(value) / 100).toFixed(2);
}

const FLOW_WRITERS: Readonly<Record<string, WriteRecord>> = {
  '0:1': (out, values) => writeSampledHeader(out, sampledHeader(values)),
  '0:2': (out, values) => writeEthernet(out, '', values),
  '0:3': (out, values) => writeIPv4(out, '', values),
  '0:4': (out, values) => writeIPv6(out, '', values),
  '0:1003': writeGateway,
  '0:1004': (out, [sourceCharset, source, destinationCharset, destination]) => {
    out.field('extendedType', 'USER');
    writePresent(out, 'src_user_charset', sourceCharset);
    writePresent(out, 'dst_user_charset', destinationCharset);
    writePresent(out, 'src_user', source);
    writePresent(out, 'dst_user', destination);
  },
  '0:1005': (out, [direction, url, host]) => {
    out.field('extendedType', 'URL');
    writePresent(out, 'url_direction', direction);
    writePresent(out, 'url', url);
    writePresent(out, 'host', host);
  },
  '0:1006': (out, [nextHop, inputStack, outputStack]) => {
    out.field('extendedType', 'MPLS');
    out.field('mpls_nexthop', addressText(nextHop as string | null));
    writeList(out, 'mpls_input_stack', inputStack, '-', labelText);
    writeList(out, 'mpls_output_stack', outputStack, '-', labelText);
  },
  '0:1012': (out, [stack]) => writeList(out, 'vlan_tunnel', stack, '-', vlanTagText),
  '0:1021': (out, values) => writeEthernet(out, 'tunnel_l2_out_', values),
  '0:1022': (out, values) => writeEthernet(out, 'tunnel_l2_in_', values),
  '0:1023': (out, values) => writeIPv4(out, 'tunnel_ipv4_out_', values),
  '0:1024': (out, values) => writeIPv4(out, 'tunnel_ipv4_in_', values),
  '0:1025': (out, values) => writeIPv6(out, 'tunnel_ipv6_out_', values),
  '0:1026': (out, values) => writeIPv6(out, 'tunnel_ipv6_in_', values),
  '0:2200': (out, [protocol, command, key, ...rest]) => {
    out.field('flowSampleType', 'memcache');
    writePresent(out, 'memcache_op_protocol', protocol);
    writePresent(out, 'memcache_op_cmd', command);
    if (typeof key === 'string' && key !== '') out.field('memcache_op_key', formEncoded(key));
    ['nkeys', 'value_bytes', 'duration_uS', 'status'].forEach((name, i) => {
      writePresent(out, `memcache_op_${name}`, rest[i]);
    });
  },
  '0:2202': writeApplicationOperation,
  '0:2209': (out, [direction, ...rest]) => {
    out.field('tcpinfo_direction', TCP_DIRECTIONS[Number(direction)] ?? '<bad value>');
    TCP_INFO_NAMES.forEach((name, i) => {
      writePresent(out, `tcpinfo_${name}`, rest[i]);
    });
  },
};

const COUNTER_WRITERS: Readonly<Record<string, WriteRecord>> = {
  '0:7': writeLinkAggregation,
  '0:10': writeOpticalModule,
  '0:1004': (out, [datapath, port]) => {
    out.field('openflow_datapath_id', (datapath as bigint).toString(16).padStart(16, '0'));
    writePresent(out, 'openflow_port', port);
  },
  '0:2001': (out, [adapters]) => {
    out.openArray('adaptor_list');
    for (const adapter of listOf(adapters)) {
      const [ifIndex, macs] = membersOf(adapter);
      const addresses = listOf(macs).map((mac) => String(mac).toLowerCase());
      out.openObject();
      out.field('ifIndex', String(ifIndex));
      out.field('MACs', addresses.length);
      out.openArray('mac_list');
      out.items(addresses);
      out.closeArray();
      out.closeObject();
    }
    out.closeArray();
  },
};

const TCP_DIRECTIONS = ['unknown', 'received', 'sent'];
const TCP_INFO_NAMES = [
  'send_mss',
  'receive_mss',
  'unacked_pkts',
  'lost_pkts',
  'retrans_pkts',
  'path_mtu',
  'rtt_uS',
  'rtt_uS_var',
  'send_congestion_win',
  'reordering',
  'rtt_uS_min',
];

function sampledHeader([protocol, frameLength, stripped, bytes]: Values): SampledHeader {
  return {
    protocol: Number(protocol),
    frameLength: Number(frameLength),
    stripped: stripped === undefined ? undefined : Number(stripped),
    bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array(0),
  };
}

function writeEthernet(
  out: SflowtoolWriter,
  prefix: string,
  [length, source, destination, type]: Values,
): void {
  out.field('flowSampleType', `${prefix}ETHERNET`);
  writePresent(out, `${prefix}ethernet_type`, type);
  writePresent(out, `${prefix}ethernet_len`, length);
  out.field(`${prefix}ethernet_src`, String(source).toLowerCase());
  out.field(`${prefix}ethernet_dst`, String(destination).toLowerCase());
}

function writeIPv4(out: SflowtoolWriter, prefix: string, values: Values): void {
  const [length, protocol, source, destination, sourcePort, destinationPort, flags, tos] = values;
  out.field('flowSampleType', `${prefix}IPV4`);
  writePresent(out, `${prefix}sampledPacketSize`, length);
  writePresent(out, `${prefix}IPSize`, length);
  out.field(`${prefix}srcIP`, String(source));
  out.field(`${prefix}dstIP`, String(destination));
  writePresent(out, `${prefix}IPProtocol`, protocol);
  writePresent(out, `${prefix}IPTOS`, tos);
  writePorts(out, prefix, [protocol, sourcePort, destinationPort, flags]);
}

function writeIPv6(out: SflowtoolWriter, prefix: string, values: Values): void {
  const [length, protocol, source, destination, sourcePort, destinationPort, flags, priority] = values;
  out.field('flowSampleType', `${prefix}IPV6`);
  writePresent(out, `${prefix}sampledPacketSize`, length);
  writePresent(out, `${prefix}IPSize`, length);
  out.field(`${prefix}srcIP6`, addressText(source as string));
  out.field(`${prefix}dstIP6`, addressText(destination as string));
  writePresent(out, `${prefix}IPProtocol`, protocol);
  writePresent(out, `${prefix}priority`, priority);
  writePorts(out, prefix, [protocol, sourcePort, destinationPort, flags]);
}

function writePorts(
  out: SflowtoolWriter,
  prefix: string,
  [protocol, source, destination, flags]: Values,
): void {
  switch (protocol) {
    case 1:
      writePresent(out, `${prefix}ICMPType`, destination);
      break;
    case 6:
      writePresent(out, `${prefix}TCPSrcPort`, source);
      writePresent(out, `${prefix}TCPDstPort`, destination);
      writePresent(out, `${prefix}TCPFlags`, flags);
      break;
    case 17:
      writePresent(out, `${prefix}UDPSrcPort`, source);
      writePresent(out, `${prefix}UDPDstPort`, destination);
      break;
  }
}

const AS_SET = 1;

function writeGateway(out: SflowtoolWriter, values: Values, version: number): void {
  const [nextHop, as, sourceAs, sourcePeerAs, path, communities, localPreference] = values;
  const segments = listOf(path).map((segment) => {
    const [type, numbers] = membersOf(segment);
    return { type, numbers: listOf(numbers) };
  });
  const pathText = segments
    .map(({ type, numbers }) => (type === AS_SET ? `(${numbers.join('-')})` : numbers.join('-')))
    .join('');
  const writePath = () => {
    if (segments.length > 0) out.field('dst_as_path', pathText);
  };
  out.field('extendedType', 'GATEWAY');
  if (nextHop !== undefined) out.field('bgp_nexthop', addressText(nextHop as string | null));
  writePresent(out, 'my_as', as);
  writePresent(out, 'src_as', sourceAs);
  writePresent(out, 'src_peer_as', sourcePeerAs);
  if (version > 2) writePath();
  out.field('dst_as', String(segments.at(-1)?.numbers.at(-1) ?? 0));
  out.field('dst_peer_as', String(segments[0]?.numbers[0] ?? 0));
  if (version === 2) {
    // Version 2 knows one flat path, and neither communities nor a preference.
    out.field('dst_as_path_len', segments[0]?.numbers.length ?? 0);
    writePath();
    return;
  }
  writeList(out, 'BGP_communities', communities, '-', String);
  writePresent(out, 'BGP_localpref', localPreference);
}

const APPLICATION_STATUS = [
  'SUCCESS',
  'OTHER',
  'TIMEOUT',
  'INTERNAL_ERROR',
  'BAD_REQUEST',
  'FORBIDDEN',
  'TOO_LARGE',
  'NOT_IMPLEMENTED',
  'NOT_FOUND',
  'UNAVAILABLE',
  'UNAUTHORIZED',
];

function writeApplicationOperation(out: SflowtoolWriter, values: Values): void {
  const [application, operation, attributes, description, requestBytes, responseBytes, duration, status] =
    values;
  out.field('flowSampleType', 'applicationOperation');
  if (application !== '') writePresent(out, 'application', application);
  if (operation !== '') writePresent(out, 'operation', operation);
  if (attributes !== '') writePresent(out, 'attributes', attributes);
  if (description !== '') writePresent(out, 'status_descr', description);
  writePresent(out, 'request_bytes', requestBytes);
  writePresent(out, 'response_bytes', responseBytes);
  writePresent(out, 'duration_uS', duration);
  out.field('status', APPLICATION_STATUS[Number(status)] ?? `<out-of-range=${String(status)}>`);
}

function writeLinkAggregation(out: SflowtoolWriter, values: Values): void {
  const [actor, partner, aggregator, states, ...counters] = values;
  out.field('actorSystemID', String(actor).toLowerCase());
  out.field('partnerSystemID', String(partner).toLowerCase());
  writePresent(out, 'attachedAggID', aggregator);
  const octets = states instanceof Uint8Array ? states : new Uint8Array(LAG_STATES.length);
  LAG_STATES.forEach((name, i) => {
    out.field(name, octets[i]);
  });
  LAG_COUNTERS.forEach((name, i) => {
    writePresent(out, name, counters[i]);
  });
}

const LAG_STATES = [
  'actorAdminPortState',
  'actorOperPortState',
  'partnerAdminPortState',
  'partnerOperPortState',
];
const LAG_COUNTERS = [
  'LACPDUsRx',
  'markerPDUsRx',
  'markerResponsePDUsRx',
  'unknownRx',
  'illegalRx',
  'LACPDUsTx',
  'markerPDUsTx',
  'markerResponsePDUsTx',
];

const LANE_NAMES = [
  'index',
  'tx_bias_current_uA',
  'tx_power_uW',
  'tx_power_min_uW',
  'tx_power_max_uW',
  'tx_wavelength_nM',
  'rx_power_uW',
  'rx_power_min_uW',
  'rx_power_max_uW',
  'rx_wavelength_nM',
];

function writeOpticalModule(
  out: SflowtoolWriter,
  [id, totalLanes, voltage, temperature, lanes]: Values,
): void {
  writePresent(out, 'sfp_module_id', id);
  writePresent(out, 'sfp_module_total_lanes', totalLanes);
  writePresent(out, 'sfp_module_supply_voltage', voltage);
  out.field('sfp_module_temperature', unsignedText(temperature));
  const active = listOf(lanes);
  out.field('sfp_module_active_lanes', active.length);
  out.openArray('sfp_lanes');
  active.forEach((lane, number) => {
    const values = membersOf(lane);
    out.openObject();
    LANE_NAMES.forEach((name, i) => {
      const text = String(values[i]);
      out.field(name, text);
      out.field(`sfp_lane_${name}.${number}`, text);
    });
    out.closeObject();
  });
  out.closeArray();
}

function writePresent(out: SflowtoolWriter, name: string, value: FieldValue | undefined): void {
  if (value !== undefined && value !== null) out.field(name, String(value));
}

function writeList(
  out: SflowtoolWriter,
  name: string,
  values: FieldValue | undefined,
  separator: string,
  text: (value: number) => string,
): void {
  const list = listOf(values);
  if (list.length > 0) out.field(name, list.map((value) => text(Number(value))).join(separator));
}

/** Label, experimental bits, bottom of stack, TTL of an MPLS label stack entry. */
function labelText(entry: number): string {
  return `${entry >>> 12}.${(entry >>> 9) & 7}.${(entry >>> 8) & 1}.${entry & 255}`;
}

/** Tag protocol, priority, format indicator, VLAN of an 802.1Q tag. */
function vlanTagText(tag: number): string {
  const protocol = (tag >>> 16).toString(16).padStart(4, '0');
  return `0x${protocol}${(tag >>> 13) & 7}.${(tag >>> 12) & 1}.${tag & 4095}`;
}

function formEncoded(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[0-9A-Za-z]/.test(character)) return character;
    if (/[\t-\r ]/.test(character)) return '+';
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function listOf(value: FieldValue | undefined): readonly FieldValue[] {
  return Array.isArray(value) ? value : [];
}

function isStructure(value: FieldValue | undefined): value is { readonly [name: string]: FieldValue } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** Values of a nested structure in the order of the wire. */
function membersOf(value: FieldValue): readonly FieldValue[] {
  return isStructure(value) ? Object.values(value) : [];
}
