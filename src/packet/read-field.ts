import { formatIPv4, ipv6At, macAt } from '../common/index.ts';
import type { Field, UintField, UintFormat } from './field.ts';
import { LAYER, type LayerTable, MAX_OCCURRENCES, SLOT, SLOT_LAYER, type SlotName } from './layers.ts';

/**
 * The text of a field of the layer at byte `at`, or undefined when the packet does not hold it. The plain interpreted
 * reader: what the flow engine compiles must give the same. `end` is the first byte not captured; the declarative
 * kinds rely on the layer being in `layers`.
 */
export function readField(
  field: Field,
  bytes: Uint8Array,
  at: number,
  end: number,
  layers: LayerTable,
): string | undefined {
  switch (field.kind) {
    case 'uint':
      return formatUint(field.format, readUint(field, bytes, at));
    case 'mac':
      return macAt(bytes, at + field.offset);
    case 'ipv6':
      return ipv6At(bytes, at + field.offset);
    case 'slot': {
      const value = readSlot(field.slot, at, layers);
      return Number.isNaN(value) ? undefined : formatUint(field.format, value);
    }
    case 'text':
      return field.read(bytes, at, end, layers);
    case 'number': {
      const value = field.read(bytes, at, end, layers);
      if (Number.isNaN(value)) return undefined;
      return field.format === undefined ? String(value) : field.format(value);
    }
  }
}

/** The number of a field as `readField` reads it, NaN when it is absent or no number. */
export function readNumber(
  field: Field,
  bytes: Uint8Array,
  at: number,
  end: number,
  layers: LayerTable,
): number {
  switch (field.kind) {
    case 'uint':
      return field.numeric ? readUint(field, bytes, at) : Number.NaN;
    case 'slot':
      return field.numeric ? readSlot(field.slot, at, layers) : Number.NaN;
    case 'number':
      return field.read(bytes, at, end, layers);
    default:
      return Number.NaN;
  }
}

function readUint(field: UintField, bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = 0; i < field.size; i++) word = (word << 8) | bytes[at + field.offset + i];
  const value = word >>> (field.shift ?? 0);
  return field.mask === undefined ? value : (value & field.mask) >>> 0;
}

function readSlot(name: SlotName, at: number, layers: LayerTable): number {
  const occurrence = layers.occurrenceAt(LAYER[SLOT_LAYER[name]], at);
  return occurrence < 0 ? Number.NaN : layers.slots[SLOT[name] * MAX_OCCURRENCES + occurrence] >>> 0;
}

function formatUint(format: UintFormat, value: number): string {
  return format === 'decimal' ? String(value) : format === 'ipv4' ? formatIPv4(value) : format(value);
}
