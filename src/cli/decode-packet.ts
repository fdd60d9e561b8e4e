import {
  dissect,
  LAYER,
  LAYER_NAMES,
  LayerTable,
  MAX_OCCURRENCES,
  PACKET_KEYS,
  readField,
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
      const at = layers.at[number * MAX_OCCURRENCES + occurrence];
      const text = readField(field, layers.bytes, at, layers.end, layers);
      if (text !== undefined) keys[key] = text;
    }
  }
  return keys;
}
