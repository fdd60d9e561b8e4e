import type { FieldType, ScalarType, Structure, StructureField } from '../schema.ts';

/** A field; `doc` gives its unit or meaning. */
export function field(name: string, type: FieldType, doc?: string): StructureField {
  return doc === undefined ? { name, type } : { name, type, doc };
}

export const u32 = (name: string, doc?: string) => field(name, 'u32', doc);
export const i32 = (name: string, doc?: string) => field(name, 'i32', doc);
export const u64 = (name: string, doc?: string) => field(name, 'u64', doc);
export const f32 = (name: string, doc?: string) => field(name, 'f32', doc);
export const mac = (name: string, doc?: string) => field(name, 'mac', doc);
export const ipv4 = (name: string, doc?: string) => field(name, 'ipv4', doc);
export const ipv6 = (name: string, doc?: string) => field(name, 'ipv6', doc);
export const address = (name: string, doc?: string) => field(name, 'address', doc);
export const text = (name: string, doc?: string) => field(name, 'string', doc);
export const array = (name: string, of: ScalarType | readonly StructureField[], doc?: string) =>
  field(name, { array: of }, doc);

/** Unsigned words whose names say it all, separated by blanks. */
export function words(names: string): StructureField[] {
  return names.split(' ').map((name) => u32(name));
}

/** The same, 64 bits each. */
export function longs(names: string): StructureField[] {
  return names.split(' ').map((name) => u64(name));
}

/** Fields that a later revision added at the end of a structure: a record may stop before any of them. */
export function added(fields: readonly StructureField[]): StructureField[] {
  return fields.map((each) => ({ ...each, optional: true }));
}

/** What `flow` and `counter` are given: format (with the enterprise in front when not 0), name, source, fields. */
type Define = (
  format: number | readonly [enterprise: number, format: number],
  name: string,
  source: string,
  fields: readonly StructureField[],
) => Structure;

/** A flow record. */
export const flow: Define = (format, name, source, fields) => ({
  kind: 'flow',
  ...numbers(format),
  name,
  source,
  fields,
});

/** A counter record. */
export const counter: Define = (format, name, source, fields) => ({
  kind: 'counter',
  ...numbers(format),
  name,
  source,
  fields,
});

function numbers(format: number | readonly [number, number]): { enterprise: number; format: number } {
  return typeof format === 'number'
    ? { enterprise: 0, format }
    : { enterprise: format[0], format: format[1] };
}
