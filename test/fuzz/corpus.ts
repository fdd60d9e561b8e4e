/** What the fuzzer begins with: real captures, one datagram for every structure, and generated traffic. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFabric, LOAD_DEFAULTS, LoadGenerator } from '../../src/load/index.ts';
import { Random } from '../../src/load/random.ts';
import { udpPayloads } from '../../src/packet/index.ts';
import {
  type Datagram,
  encodeDatagram,
  type FieldType,
  type FieldValue,
  type FlowOrCounterRecord,
  type InterfaceId,
  type Sample,
  type ScalarType,
  STRUCTURES,
  type Structure,
  type StructureField,
} from '../../src/sflow/index.ts';

/** At most this many datagrams of one capture, spread over it. */
const PER_CAPTURE = 250;

/** Longer datagrams than any receiver takes are of no use. */
const LONGEST = 2048;

/** The corpus, with the captures of that folder; equal seeds give equal ones. */
export function createCorpus(seed: number, captures: string): readonly Uint8Array[] {
  const random = new Random(seed);
  const corpus = [...captured(captures), ...structures(random), ...customSamples(random), ...generated(seed)];
  return corpus.filter((datagram) => datagram.length <= LONGEST);
}

function captured(folder: string): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.pcap'))
    .sort()) {
    const all = [...udpPayloads(readFileSync(join(folder, name)))].map(({ payload }) => payload);
    const step = Math.max(1, Math.floor(all.length / PER_CAPTURE));
    for (let i = 0; i < all.length; i += step) datagrams.push(all[i]);
  }
  return datagrams;
}

function generated(seed: number): Uint8Array[] {
  const fabric = createFabric({ seed });
  const datagrams = [0, 2000, 4000, 6000, 8000]
    .flatMap((now) => fabric.next(now))
    .filter((_, i) => i % 10 === 0);
  const load = new LoadGenerator({ ...LOAD_DEFAULTS, seed, mix: 'mix' });
  load.prepare(100, 1000);
  for (let slot = 0; slot < 100; slot++) {
    datagrams.push(new Uint8Array(load.memory, slot * load.slotBytes, load.lengths[slot]).slice());
  }
  return datagrams;
}

/** One datagram for every structure, in a compact and an expanded sample, and in the old versions where they can hold it. */
function structures(random: Random): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (const structure of STRUCTURES) {
    const record: FlowOrCounterRecord = {
      enterprise: structure.enterprise,
      format: structure.format,
      name: structure.name,
      fields: fieldsOf(structure.fields, random),
    };
    for (const expanded of [false, true]) {
      datagrams.push(encodeDatagram(datagramWith(5, [sampleWith(structure, record, expanded)])));
    }
    for (const version of [2, 4] as const) {
      try {
        datagrams.push(encodeDatagram(datagramWith(version, [sampleWith(structure, record, false)])));
      } catch {
        // The old versions know few structures.
      }
    }
  }
  return datagrams;
}

/** Samples that name their own metrics and keys. */
function customSamples(random: Random): Uint8Array[] {
  const number = (type: number): FieldValue =>
    type === 2 || type === 4 ? BigInt(random.below(1e9)) : random.below(1e9);
  const metrics = [0, 1, 2, 3, 4, 5, 6].map((type) => ({
    name: `m${type}`,
    type,
    value: type === 0 ? 'text' : number(type),
  }));
  const fields = [
    { name: 'service', type: 0, value: 'shop' },
    { name: 'mac', type: 1, value: '020000000001' },
    { name: 'ip', type: 2, value: '192.0.2.1' },
    { name: 'ip6', type: 3, value: '2001:db8::1' },
    { name: 'bytes', type: 4, value: 1000 },
    { name: 'micros', type: 5, value: 1000n },
    { name: 'load', type: 6, value: 0.5 },
    { name: 'share', type: 7, value: 0.25 },
  ];
  return [
    encodeDatagram(datagramWith(5, [{ kind: 'rtmetric', dataSource: 'web1', metrics }])),
    encodeDatagram(
      datagramWith(5, [{ kind: 'rtflow', dataSource: 'web1', samplingRate: 10, reserved: 0, fields }]),
    ),
  ];
}

function datagramWith(version: 2 | 4 | 5, samples: readonly Sample[]): Datagram {
  return { version, agentAddress: '192.0.2.1', subAgentId: 0, sequenceNumber: 1, uptime: 1000, samples };
}

function sampleWith(structure: Structure, record: FlowOrCounterRecord, expanded: boolean): Sample {
  const port: InterfaceId = { format: 0, value: 1 };
  const common = { expanded, sequenceNumber: 1, sourceId: { class: 0, index: 1 }, records: [record] };
  return structure.kind === 'counter'
    ? { kind: 'counter', ...common }
    : {
        kind: 'flow',
        ...common,
        samplingRate: 100,
        samplePool: 100,
        drops: 0,
        input: port,
        output: { format: 0, value: 2 },
      };
}

function fieldsOf(fields: readonly StructureField[], random: Random): { [name: string]: FieldValue } {
  return Object.fromEntries(fields.map(({ name, type }) => [name, fieldValue(type, random)]));
}

function fieldValue(type: FieldType, random: Random): FieldValue {
  if (typeof type === 'string') return scalar(type, random);
  if ('fixed' in type) return Array.from({ length: type.count }, () => scalar(type.fixed, random));
  if ('bytes' in type) return randomBytes(type.bytes, random);
  if ('array' in type) {
    const { array } = type;
    const element = (): FieldValue =>
      typeof array === 'string' ? scalar(array, random) : fieldsOf(array, random);
    return Array.from({ length: random.below(4) }, element);
  }
  if ('records' in type) return [sampledHeaderRecord()];
  const choices = Object.keys(type.union).map(Number);
  const selector = random.pick(choices);
  return { selector, ...fieldsOf(type.union[selector], random) };
}

function scalar(type: ScalarType, random: Random): FieldValue {
  switch (type) {
    case 'u32':
      return random.pick([0, 1, 6, 17, 443, random.word() >>> 0, 0xffffffff]);
    case 'i32':
      return random.word();
    case 'u64':
      return (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0);
    case 'f32':
      return Math.fround(random.unit());
    case 'f64':
      return random.unit();
    case 'mac':
    case 'mac6':
      return '020000000001';
    case 'ipv4':
      return '10.1.2.3';
    case 'ipv6':
      return '2001:db8::1';
    case 'address':
      return random.pick(['10.1.2.3', '2001:db8::1', null]);
    case 'string':
      return random.pick(['', 'eth0', 'a longer name, such as hosts have', '/index.html?a=1&b=2']);
    case 'opaque':
      return randomBytes(random.below(120), random);
    case 'uuid':
      return '00112233-4455-6677-8899-aabbccddeeff';
  }
}

/** A record that holds records gets one of the commonest kind. */
function sampledHeaderRecord(): FlowOrCounterRecord {
  const fields = { protocol: 1, frameLength: 64, stripped: 4, header: new Uint8Array(60) };
  return { enterprise: 0, format: 1, name: 'sampled_header', fields };
}

function randomBytes(count: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256));
}
