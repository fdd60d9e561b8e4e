import type { FieldType, ScalarType, Structure, StructureField } from '../sflow/index.ts';

const SCALAR_BYTES: Readonly<Record<ScalarType, number>> = {
  u32: 4,
  i32: 4,
  u64: 8,
  f32: 4,
  f64: 8,
  mac: 8,
  mac6: 6,
  ipv4: 4,
  ipv6: 16,
  // A type word, or a length word, that may stand alone.
  address: 4,
  string: 4,
  opaque: 4,
  uuid: 16,
};

/** The fewest bytes a whole record of a structure can have: everything of variable length empty. */
export function minimumBytes(structure: Structure): number {
  return fieldsBytes(structure.fields);
}

function fieldsBytes(fields: readonly StructureField[]): number {
  return fields.reduce((bytes, field) => bytes + typeBytes(field.type), 0);
}

function typeBytes(type: FieldType): number {
  if (typeof type === 'string') return SCALAR_BYTES[type];
  if ('fixed' in type) return SCALAR_BYTES[type.fixed] * type.count;
  if ('bytes' in type) return (type.bytes + 3) & ~3;
  return 4; // the count of an array, or the selector of a union
}
