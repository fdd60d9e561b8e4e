import { minimumElementBytes, minimumTypeBytes } from './minimum-bytes.ts';
import type { FieldValue, FlowOrCounterRecord } from './model.ts';
import type { FieldType, ScalarType, StructureField } from './schema.ts';
import { structureOf } from './structures.ts';
import { MAXIMUM_RECORD_DEPTH } from './wire.ts';
import type { XdrReader } from './xdr-reader.ts';

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

/** One value of a scalar type. */
export function readScalar(reader: XdrReader, type: ScalarType): FieldValue {
  return READ_SCALAR[type](reader);
}

/**
 * Reads records, their count first, until `count` of them are read or one does not fit: then the reader has a fault,
 * and the records before it are returned.
 */
export function readRecords(reader: XdrReader, kind: 'flow' | 'counter'): FlowOrCounterRecord[] {
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
      const what = `record ${word >>> 12}:${word & 0xfff} of ${length} bytes`;
      reader.fail(`${what}, but ${reader.remaining} left`, reader.at - 4);
      break;
    }
    records.push(readRecord(reader, kind, word, length));
  }
  return records;
}

function readRecord(
  reader: XdrReader,
  kind: 'flow' | 'counter',
  word: number,
  length: number,
): FlowOrCounterRecord {
  const enterprise = word >>> 12;
  const format = word & 0xfff;
  const structure = structureOf(kind, enterprise, format);
  if (structure === undefined) return { enterprise, format, bytes: reader.raw(length) };
  const { name } = structure;
  const body = reader.part(name, length);
  const start = body.at;
  body.recordDepth++;
  const fields = readFields(body, structure.fields);
  const error = body.noteFault();
  if (error !== undefined) return { enterprise, format, name, bytes: body.rest(start), error };
  return body.remaining === 0
    ? { enterprise, format, name, fields }
    : { enterprise, format, name, fields, trailing: body.rest() };
}

/** Values by name, in the order of the fields, up to a fault. */
export function readFields(
  reader: XdrReader,
  fields: readonly StructureField[],
): { [name: string]: FieldValue } {
  const values: { [name: string]: FieldValue } = {};
  for (const { name, type, optional } of fields) {
    if (reader.fault !== undefined) break;
    if (optional === true && reader.remaining < minimumTypeBytes(type)) break;
    values[name] = reader.inside(name, () => readValue(reader, type));
  }
  return values;
}

function readValue(reader: XdrReader, type: FieldType): FieldValue {
  if (typeof type === 'string') return readScalar(reader, type);
  if ('bytes' in type) return reader.fixed(type.bytes);
  if ('fixed' in type) return readElements(reader, type.fixed, type.count);
  if ('records' in type) return readInnerRecords(reader, type.records);
  if ('union' in type) {
    const selector = reader.u32();
    return { selector, ...readFields(reader, type.union[selector] ?? []) };
  }
  return readArray(reader, type.array);
}

function readInnerRecords(reader: XdrReader, kind: 'flow'): FieldValue {
  if (reader.recordDepth <= MAXIMUM_RECORD_DEPTH) return readRecords(reader, kind);
  reader.fail(`records nested more than ${MAXIMUM_RECORD_DEPTH} deep`);
  return [];
}

function readArray(reader: XdrReader, element: ScalarType | readonly StructureField[]): FieldValue {
  const at = reader.at;
  const count = reader.u32();
  const room = Math.floor(reader.remaining / minimumElementBytes(element));
  if (count <= room) return readElements(reader, element, count);
  reader.fail(`${count} elements announced, room for ${room}`, at);
  return [];
}

function readElements(
  reader: XdrReader,
  element: ScalarType | readonly StructureField[],
  count: number,
): FieldValue {
  const values: FieldValue[] = [];
  while (values.length < count && reader.fault === undefined) {
    const value =
      typeof element === 'string'
        ? readScalar(reader, element)
        : reader.inside(`${values.length}`, () => readFields(reader, element));
    values.push(value);
  }
  return values;
}
