import { formatIPv4, ipv6At, macAt } from '../common/index.ts';
import {
  dissect,
  type Field,
  LAYER,
  LAYER_NAMES,
  LayerTable,
  MAX_OCCURRENCES,
  PACKET_KEYS,
  SLOT,
  type UintField,
  type UintFormat,
} from '../packet/index.ts';
import type { FlowOrCounterRecord } from '../sflow/index.ts';

/** What a sampled header holds. */
export interface PacketDescription {
  /** Layer names in packet order, joined by dots: the key `stack`. */
  readonly stack: string;
  /** Where each layer begins, in bytes from the start of the header. */
  readonly layers: readonly { readonly name: string; readonly offset: number }[];
  /** Every key that flow definitions could use, as flow tables show it; inner layers have a suffix: `ipsource.1`. */
  readonly keys: Readonly<Record<string, string>>;
}

const table = new LayerTable();

/** The packet of a record `sampled_header`; undefined for every other record. */
export function describePacket(record: FlowOrCounterRecord): PacketDescription | undefined {
  const { protocol, header } = record.fields ?? {};
  if (record.name !== 'sampled_header' || typeof protocol !== 'number' || !(header instanceof Uint8Array))
    return undefined;
  dissect(table, header, 0, header.length, protocol);
  return { stack: table.stack(), layers: layersOf(table), keys: keysOf(table) };
}

function layersOf(layers: LayerTable): PacketDescription['layers'] {
  const occurrences = new Uint8Array(LAYER_NAMES.length);
  const found: { name: string; offset: number }[] = [];
  for (const layer of layers.order.subarray(0, layers.count)) {
    const occurrence = occurrences[layer]++;
    if (occurrence < MAX_OCCURRENCES)
      found.push({ name: LAYER_NAMES[layer], offset: layers.at[layer * MAX_OCCURRENCES + occurrence] });
  }
  return found;
}

function keysOf(layers: LayerTable): Readonly<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const { name, layer, field } of PACKET_KEYS) {
    const number = LAYER[layer];
    for (let occurrence = 0; occurrence < layers.seen[number]; occurrence++) {
      const key = occurrence === 0 ? name : `${name}.${occurrence}`;
      if (key in keys) continue;
      const text = readKey(field, layers, number * MAX_OCCURRENCES + occurrence, occurrence);
      if (text !== undefined) keys[key] = text;
    }
  }
  return keys;
}

function readKey(field: Field, layers: LayerTable, place: number, occurrence: number): string | undefined {
  const { bytes, end } = layers;
  const at = layers.at[place];
  switch (field.kind) {
    case 'uint':
      return uintText(field.format, readUint(field, bytes, at));
    case 'mac':
      return macAt(bytes, at + field.offset);
    case 'ipv6':
      return ipv6At(bytes, at + field.offset);
    case 'slot':
      return uintText(field.format, layers.slots[SLOT[field.slot] * MAX_OCCURRENCES + occurrence] >>> 0);
    case 'text':
      return field.read(bytes, at, end, layers);
    case 'number': {
      const value = field.read(bytes, at, end, layers);
      if (Number.isNaN(value)) return undefined;
      return field.format === undefined ? String(value) : field.format(value);
    }
  }
}

function readUint(
  { offset, size, shift = 0, mask = 0xffffffff }: UintField,
  bytes: Uint8Array,
  at: number,
): number {
  let word = 0;
  for (let i = 0; i < size; i++) word = (word << 8) | bytes[at + offset + i];
  return ((word >>> shift) & mask) >>> 0;
}

function uintText(format: UintFormat, value: number): string {
  if (format === 'decimal') return String(value);
  return format === 'ipv4' ? formatIPv4(value) : format(value);
}
