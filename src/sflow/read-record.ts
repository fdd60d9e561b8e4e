import { minimumElementBytes, minimumTypeBytes } from './minimum-bytes.ts';
import type { FieldValue, FlowOrCounterRecord } from './model.ts';
import type { FieldType, ScalarType, StructureField } from './schema.ts';
import { structureOf } from './structures.ts';
import type { XdrReader } from './xdr-reader.ts';

/** Records inside records (802.11 aggregation) are followed this deep; what is deeper stays bytes. */
const MAXIMUM_DEPTH = 4;

const READ_SCALAR: Readonly<Record<ScalarType, (reader: XdrReader) => FieldValue>> = {
  u32: (reader) => reader.u32(),
  i32: (reader) => reader.i32(),
  u64: (reader) => reader.u64(),
  f32: (reader) => reader.f32(),
  f64: (reader) => reader.f64(),
  mac: (reader) => reader.mac(),
  mac6: (reader) => reader.mac6(),
  ipv4: (reader) => reader.ipv4(),
  ipv6: (reader) => reader.ipv6(),
  address: (reader) => reader.address(),
  string: (reader) => reader.string(),
  opaque: (reader) => reader.opaque(),
  uuid: (reader) => reader.uuid(),
};

type Fields = { [name: string]: FieldValue };

/** The first thing that was wrong with a datagram. */
export class FirstFault {
  text: string | undefined = undefined;

  note(text: string): void {
    this.text ??= text;
  }
}

/** One value of a scalar type. */
export function readScalar(reader: XdrReader, type: ScalarType): FieldValue {
  return READ_SCALAR[type](reader);
}

/** What the reader's fault says, with `what` it was reading. */
export function faultText(what: string, reader: XdrReader): string {
  return `${what}: ${reader.fault?.problem} at byte ${reader.fault?.at}`;
}

/**
 * Reads records, their count first, until `count` of them are read or one does not fit: then the reader has a fault,
 * and the records before it are returned.
 */
export function readRecords(
  reader: XdrReader,
  kind: 'flow' | 'counter',
  first: FirstFault,
  depth = 0,
): FlowOrCounterRecord[] {
  const at = reader.at;
  const count = reader.u32();
  const records: FlowOrCounterRecord[] = [];
  while (records.length < count && reader.fault === undefined) {
    if (reader.remaining < 8) {
      reader.fail(`${count} records announced, ${records.length} present`, at);
      break;
    }
    const word = reader.u32();
    const length = reader.u32();
    if (length > reader.remaining) {
      reader.fail(
        `record ${word >>> 12}:${word & 0xfff} of ${length} bytes, but ${reader.remaining} left`,
        reader.at - 4,
      );
      break;
    }
    records.push(readRecord(reader.part(length), kind, word, first, depth));
  }
  return records;
}

function readRecord(
  reader: XdrReader,
  kind: 'flow' | 'counter',
  word: number,
  first: FirstFault,
  depth: number,
): FlowOrCounterRecord {
  const enterprise = word >>> 12;
  const format = word & 0xfff;
  const start = reader.at;
  const structure = structureOf(kind, enterprise, format);
  if (structure === undefined) return { enterprise, format, bytes: reader.copy(start) };
  const { name } = structure;
  const path: string[] = [];
  const fields = readFields(reader, structure.fields, path, first, depth);
  if (reader.fault !== undefined) {
    const error = faultText([name, ...path.reverse()].join('.'), reader);
    first.note(error);
    return { enterprise, format, name, bytes: reader.copy(start), error };
  }
  return reader.remaining === 0
    ? { enterprise, format, name, fields }
    : { enterprise, format, name, fields, trailing: reader.copy(reader.at) };
}

/**
 * Values by name, in the order of the fields. On a fault, the names that lead to the value that could not be read are
 * put into `path`, the innermost first.
 */
export function readFields(
  reader: XdrReader,
  fields: readonly StructureField[],
  path: string[],
  first: FirstFault,
  depth = 0,
): Fields {
  const values: Fields = {};
  for (const { name, type, optional } of fields) {
    if (optional === true && reader.remaining < minimumTypeBytes(type)) break;
    values[name] = readValue(reader, type, path, first, depth);
    if (reader.fault !== undefined) {
      path.push(name);
      break;
    }
  }
  return values;
}

function readValue(
  reader: XdrReader,
  type: FieldType,
  path: string[],
  first: FirstFault,
  depth: number,
): FieldValue {
  if (typeof type === 'string') return readScalar(reader, type);
  if ('bytes' in type) return reader.fixed(type.bytes);
  if ('fixed' in type) return readArray(reader, type.fixed, type.count, path, first, depth);
  if ('records' in type) {
    if (depth < MAXIMUM_DEPTH) return readRecords(reader, type.records, first, depth + 1);
    reader.fail(`records nested more than ${MAXIMUM_DEPTH} deep`);
    return [];
  }
  if ('union' in type) {
    const selector = reader.u32();
    const fields = readFields(reader, type.union[selector] ?? [], path, first, depth);
    return { selector, ...fields };
  }
  const at = reader.at;
  const count = reader.u32();
  const room = Math.floor(reader.remaining / minimumElementBytes(type.array));
  if (count > room) {
    reader.fail(`${count} elements announced, room for ${room}`, at);
    return [];
  }
  return readArray(reader, type.array, count, path, first, depth);
}

function readArray(
  reader: XdrReader,
  element: ScalarType | readonly StructureField[],
  count: number,
  path: string[],
  first: FirstFault,
  depth: number,
): FieldValue[] {
  const values: FieldValue[] = [];
  while (values.length < count && reader.fault === undefined) {
    values.push(
      typeof element === 'string'
        ? readScalar(reader, element)
        : readFields(reader, element, path, first, depth),
    );
  }
  return values;
}
