import type { FieldType, ScalarType, Structure, StructureField } from './schema.ts';

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

/** The fewest bytes that a whole record of a structure can have: variable parts empty, optional fields left out. */
export function minimumBytes(structure: Structure): number {
  return minimumFieldsBytes(structure.fields);
}

/** The same for a value of one type. */
export function minimumTypeBytes(type: FieldType): number {
  if (typeof type === 'string') return SCALAR_BYTES[type];
  if ('fixed' in type) return SCALAR_BYTES[type.fixed] * type.count;
  if ('bytes' in type) return (type.bytes + 3) & ~3;
  return 4; // the count of an array, or the selector of a union
}

/** The same for an element of an array. */
export function minimumElementBytes(element: ScalarType | readonly StructureField[]): number {
  return typeof element === 'string' ? SCALAR_BYTES[element] : minimumFieldsBytes(element);
}

function minimumFieldsBytes(fields: readonly StructureField[]): number {
  let bytes = 0;
  for (const field of fields) if (field.optional !== true) bytes += minimumTypeBytes(field.type);
  return bytes;
}
