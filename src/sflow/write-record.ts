import type { FieldValue, FlowOrCounterRecord } from './model.ts';
import type { FieldType, ScalarType, StructureField } from './schema.ts';
import { formatWord, structureOf } from './structures.ts';
import { MAXIMUM_RECORD_DEPTH } from './wire.ts';
import type { XdrWriter } from './xdr-writer.ts';

const WRITE_SCALAR: Readonly<Record<ScalarType, (writer: XdrWriter, value: FieldValue | undefined) => void>> =
  {
    u32: (writer, value) => writer.u32(value),
    i32: (writer, value) => writer.i32(value),
    u64: (writer, value) => writer.u64(value),
    f32: (writer, value) => writer.f32(value),
    f64: (writer, value) => writer.f64(value),
    mac: (writer, value) => writer.mac(value),
    mac6: (writer, value) => writer.mac6(value),
    ipv4: (writer, value) => writer.ipv4(value),
    ipv6: (writer, value) => writer.ipv6(value),
    address: (writer, value) => writer.address(value),
    string: (writer, value) => writer.string(value),
    opaque: (writer, value) => writer.opaque(value),
    uuid: (writer, value) => writer.uuid(value),
  };

const MAXIMUM_ENTERPRISE = 0xfffff;
const MAXIMUM_FORMAT = 0xfff;

type Fields = { readonly [name: string]: FieldValue };

/** One value of a scalar type. */
export function writeScalar(writer: XdrWriter, type: ScalarType, value: FieldValue | undefined): void {
  WRITE_SCALAR[type](writer, value);
}

/** The word before a sample or record. */
export function writeFormat(writer: XdrWriter, enterprise: number, format: number): void {
  if (!(enterprise >= 0 && enterprise <= MAXIMUM_ENTERPRISE && format >= 0 && format <= MAXIMUM_FORMAT))
    writer.fail(`enterprise ${enterprise} or format ${format} is out of range`);
  writer.u32(formatWord(enterprise, format));
}

/** Count and records. */
export function writeRecords(
  writer: XdrWriter,
  kind: 'flow' | 'counter',
  records: readonly FlowOrCounterRecord[],
): void {
  if (writer.recordDepth > MAXIMUM_RECORD_DEPTH)
    writer.fail(`records nested more than ${MAXIMUM_RECORD_DEPTH} deep`);
  writer.u32(records.length);
  writer.recordDepth++;
  for (const record of records) {
    const name = record.name ?? `${record.enterprise}:${record.format}`;
    writer.inside(name, () => writeRecord(writer, kind, record));
  }
  writer.recordDepth--;
}

function writeRecord(writer: XdrWriter, kind: 'flow' | 'counter', record: FlowOrCounterRecord): void {
  const { enterprise, format, fields, bytes, trailing } = record;
  writeFormat(writer, enterprise, format);
  const endOfLength = writer.lengthWord();
  if (fields !== undefined) {
    const structure = structureOf(kind, enterprise, format);
    if (structure === undefined)
      writer.fail(`no ${kind} structure ${enterprise}:${format} to write fields of`);
    writeFields(writer, structure.fields, fields);
    if (trailing !== undefined) writer.raw(trailing);
  } else if (bytes !== undefined) writer.raw(bytes);
  else writer.fail('neither fields nor bytes');
  endOfLength();
}

/** The fields in their order. All must be there, those of later revisions excepted, and no others. */
export function writeFields(writer: XdrWriter, layout: readonly StructureField[], fields: Fields): void {
  for (const name of Object.keys(fields)) {
    if (!layout.some((field) => field.name === name)) writer.fail(`has no field ${name}`);
  }
  let stopped: string | undefined;
  for (const { name, type, optional } of layout) {
    const value = fields[name];
    if (value === undefined && optional === true) stopped ??= name;
    else if (stopped !== undefined) writer.fail(`${name} is there, but ${stopped} before it is not`);
    else writer.inside(name, () => writeValue(writer, type, value));
  }
}

function writeValue(writer: XdrWriter, type: FieldType, value: FieldValue | undefined): void {
  if (typeof type === 'string') writeScalar(writer, type, value);
  else if ('bytes' in type) writer.fixed(value, type.bytes);
  else if ('union' in type) writeUnion(writer, type.union, asObject(writer, value));
  else if ('records' in type)
    writeRecords(writer, type.records, asArray(writer, value) as FlowOrCounterRecord[]);
  else if ('fixed' in type) writeElements(writer, type.fixed, asArray(writer, value, type.count));
  else {
    const values = asArray(writer, value);
    writer.u32(values.length);
    writeElements(writer, type.array, values);
  }
}

function writeUnion(
  writer: XdrWriter,
  branches: Readonly<Record<number, readonly StructureField[]>>,
  { selector, ...fields }: Fields,
): void {
  writer.u32(selector);
  writeFields(writer, branches[Number(selector)] ?? [], fields);
}

function writeElements(
  writer: XdrWriter,
  element: ScalarType | readonly StructureField[],
  values: readonly FieldValue[],
): void {
  for (const [index, value] of values.entries()) {
    writer.inside(`${index}`, () => {
      if (typeof element === 'string') writeScalar(writer, element, value);
      else writeFields(writer, element, asObject(writer, value));
    });
  }
}

function asArray(writer: XdrWriter, value: FieldValue | undefined, count?: number): readonly FieldValue[] {
  if (!Array.isArray(value) || (count !== undefined && value.length !== count))
    writer.mismatch(value, count === undefined ? 'an array' : `an array of ${count}`);
  return value;
}

function asObject(writer: XdrWriter, value: FieldValue | undefined): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    writer.mismatch(value, 'an object');
  return value as Fields;
}
