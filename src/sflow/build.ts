/**
 * Datagrams with few words, for tests and for the load generator: whatever is not given has a plain default. What they
 * return goes to `encodeDatagram`.
 */
import { WeirError } from '../common/index.ts';
import type {
  CounterSample,
  Datagram,
  DiscardSample,
  FieldValue,
  FlowOrCounterRecord,
  FlowSample,
  InterfaceId,
  SourceId,
} from './model.ts';
import type { FieldType, ScalarType } from './schema.ts';
import { structureNamed } from './structures.ts';

type Given<Sample> = Partial<Omit<Sample, 'kind' | 'sourceId' | 'input' | 'output'>>;

/** A data source; a number is an ifIndex. */
type GivenSource = SourceId | number;
/** An interface; a number is an ifIndex. */
type GivenInterface = InterfaceId | number;

const FRAME_CHECK_SEQUENCE_BYTES = 4;
const ETHERNET_CSMACD = 6;
const ADMIN_AND_OPER_UP = 3;

/** Version 5 from agent 192.0.2.1, sub-agent 0, sequence number 1, uptime 1 s. */
export function datagram(given: Partial<Datagram> = {}): Datagram {
  return {
    version: 5,
    agentAddress: '192.0.2.1',
    subAgentId: 0,
    sequenceNumber: 1,
    uptime: 1000,
    samples: [],
    ...given,
  };
}

/** One packet in 1000 of interface 1, received there and sent to interface 2. */
export function flowSample(
  given: Given<FlowSample> & { sourceId?: GivenSource; input?: GivenInterface; output?: GivenInterface } = {},
): FlowSample {
  const { sourceId = 1, input = 1, output = 2, ...rest } = given;
  return {
    kind: 'flow',
    expanded: false,
    sequenceNumber: 1,
    sourceId: sourceIdOf(sourceId),
    samplingRate: 1000,
    samplePool: 1000,
    drops: 0,
    input: interfaceOf(input),
    output: interfaceOf(output),
    records: [],
    ...rest,
  };
}

/** Counters of interface 1. */
export function counterSample(given: Given<CounterSample> & { sourceId?: GivenSource } = {}): CounterSample {
  const { sourceId = 1, ...rest } = given;
  return {
    kind: 'counter',
    expanded: false,
    sequenceNumber: 1,
    sourceId: sourceIdOf(sourceId),
    records: [],
    ...rest,
  };
}

/** A packet received on interface 1 and dropped for reason 256, unknown. */
export function discardSample(
  given: Given<DiscardSample> & { sourceId?: GivenSource; input?: number; output?: number } = {},
): DiscardSample {
  const { sourceId = 1, ...rest } = given;
  return {
    kind: 'discard',
    sequenceNumber: 1,
    sourceId: sourceIdOf(sourceId),
    drops: 0,
    input: 1,
    output: 0,
    reason: 256,
    records: [],
    ...rest,
  };
}

/**
 * A record of the structure of that name. Fields that are not given are zero, empty or null; a 64-bit field may be
 * given as a number. Raises `SFLOW_ENCODE` when there is no such structure.
 */
export function record(
  name: string,
  given: { readonly [field: string]: FieldValue } = {},
): FlowOrCounterRecord {
  const structure = structureNamed(name);
  if (structure === undefined) throw new WeirError('SFLOW_ENCODE', `no structure ${name}`);
  const fields: { [field: string]: FieldValue } = { ...given };
  for (const field of structure.fields) {
    const value = given[field.name] ?? zeroOf(field.type);
    fields[field.name] = field.type === 'u64' && typeof value === 'number' ? BigInt(value) : value;
  }
  return { enterprise: structure.enterprise, format: structure.format, name, fields };
}

/** The first bytes of an Ethernet frame (or of another protocol); the frame is as long as they are unless given. */
export function sampledHeader(
  header: Uint8Array,
  given: { protocol?: number; frameLength?: number; stripped?: number } = {},
): FlowOrCounterRecord {
  const { protocol = 1, stripped = FRAME_CHECK_SEQUENCE_BYTES } = given;
  const { frameLength = header.length + stripped } = given;
  return record('sampled_header', { protocol, frameLength, stripped, header });
}

/** Counters, all zero unless given, of an Ethernet interface that is up, with ifIndex 1 and 1 Gbit/s. */
export function ifCounters(given: { readonly [field: string]: FieldValue } = {}): FlowOrCounterRecord {
  return record('if_counters', {
    ifIndex: 1,
    ifType: ETHERNET_CSMACD,
    ifSpeed: 1_000_000_000n,
    ifDirection: 1,
    ifStatus: ADMIN_AND_OPER_UP,
    ...given,
  });
}

function sourceIdOf(given: GivenSource): SourceId {
  return typeof given === 'number' ? { class: 0, index: given } : given;
}

function interfaceOf(given: GivenInterface): InterfaceId {
  return typeof given === 'number' ? { format: 0, value: given } : given;
}

const ZERO: Readonly<Record<ScalarType, FieldValue>> = {
  u32: 0,
  i32: 0,
  u64: 0n,
  f32: 0,
  f64: 0,
  mac: '000000000000',
  mac6: '000000000000',
  ipv4: '0.0.0.0',
  ipv6: '::',
  address: null,
  string: '',
  opaque: new Uint8Array(0),
  uuid: '00000000-0000-0000-0000-000000000000',
};

function zeroOf(type: FieldType): FieldValue {
  if (typeof type === 'string') return ZERO[type];
  if ('bytes' in type) return new Uint8Array(type.bytes);
  if ('fixed' in type) return new Array<FieldValue>(type.count).fill(ZERO[type.fixed]);
  return 'union' in type ? { selector: 0 } : [];
}
