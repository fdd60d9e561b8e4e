import type {
  Field,
  Ipv6Field,
  MacField,
  NumberField,
  SlotField,
  TextField,
  UintField,
  UintFormat,
} from './field.ts';
import type { LayerName, SlotName } from './layers.ts';

/** A flow key that is read from one layer of the sampled packet. */
export interface PacketKey {
  readonly name: string;
  readonly layer: LayerName;
  readonly field: Field;
  /** One line for the reference: what it is, its unit or form. */
  readonly doc: string;
}

/** The keys of one layer: a field and its line of documentation by name. */
export function layerKeys(
  layer: LayerName,
  keys: Readonly<Record<string, readonly [field: Field, doc: string]>>,
): PacketKey[] {
  return Object.entries(keys).map(([name, [field, doc]]) => ({ name, layer, field, doc }));
}

type Size = UintField['size'];

/** A number of `size` bytes, shown in decimal. Of the word, `(word >>> shift) & mask` counts. */
export function uint(offset: number, size: Size, shift?: number, mask?: number): UintField {
  return uintField(offset, size, shift, mask, 'decimal', true);
}

/** As `uint`, shown otherwise than in decimal, and no number. */
export function shown(
  format: UintFormat,
  offset: number,
  size: Size,
  shift?: number,
  mask?: number,
): UintField {
  return uintField(offset, size, shift, mask, format, false);
}

function uintField(
  offset: number,
  size: Size,
  shift: number | undefined,
  mask: number | undefined,
  format: UintFormat,
  numeric: boolean,
): UintField {
  const width = size * 8 - (shift ?? 0);
  return {
    kind: 'uint',
    offset,
    size,
    ...(shift ? { shift } : {}),
    ...(mask !== undefined && mask !== 2 ** width - 1 ? { mask } : {}),
    format,
    numeric,
  };
}

export const ipv4 = (offset: number): UintField => shown('ipv4', offset, 4);
export const ipv6 = (offset: number): Ipv6Field => ({ kind: 'ipv6', offset });
export const mac = (offset: number): MacField => ({ kind: 'mac', offset });
export const slot = (name: SlotName): SlotField => ({
  kind: 'slot',
  slot: name,
  format: 'decimal',
  numeric: true,
});
export const text = (read: TextField['read']): TextField => ({ kind: 'text', read });

export function number(read: NumberField['read'], format?: (value: number) => string): NumberField {
  return format === undefined ? { kind: 'number', read } : { kind: 'number', read, format };
}
