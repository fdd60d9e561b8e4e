/**
 * How the structures of sFlow are described: once, as data. The decoder, the encoder, the metrics and the reference
 * pages all read these descriptions.
 */

/**
 * An XDR type as sFlow uses it.
 * - `mac`: six bytes, padded to eight; `mac6`: six bytes, not padded (inside packed structures)
 * - `address`: the union of a type word (0 unknown, 1 IPv4, 2 IPv6) and its bytes
 * - `string`, `opaque`: length word, bytes, padding to four
 * - `uuid`: sixteen bytes, not preceded by a length
 */
export type ScalarType =
  | 'u32'
  | 'i32'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'mac'
  | 'mac6'
  | 'ipv4'
  | 'ipv6'
  | 'address'
  | 'string'
  | 'opaque'
  | 'uuid'; // prettier-ignore

export type FieldType =
  | ScalarType
  /** A counted array (length word first) of scalars or of structures. */
  | { readonly array: ScalarType | readonly StructureField[] }
  /** `count` scalars in a row, no length word. */
  | { readonly fixed: ScalarType; readonly count: number }
  /** A word that selects which fields follow; an unlisted value is followed by nothing. */
  | { readonly union: Readonly<Record<number, readonly StructureField[]>> }
  /** `bytes` raw bytes, padded to four. */
  | { readonly bytes: number }
  /** A counted array of whole flow records, each with its format and length in front. */
  | { readonly records: 'flow' };

export interface StructureField {
  /** camelCase, the specification's name spelled out. */
  readonly name: string;
  readonly type: FieldType;
  /** Unit or meaning, where the name does not say it. */
  readonly doc?: string;
  /** Added at the end by a later revision: a record may stop before it. All fields after it are optional too. */
  readonly optional?: boolean;
}

/** A flow record or counter record. */
export interface Structure {
  readonly kind: 'flow' | 'counter';
  /** IANA enterprise number; 0 is sflow.org. */
  readonly enterprise: number;
  readonly format: number;
  /** The specification's name in snake case: `if_counters`, `extended_switch`. */
  readonly name: string;
  /** Where it is defined: `sFlow v5`, `sFlow Host Structures`, … */
  readonly source: string;
  readonly fields: readonly StructureField[];
}
