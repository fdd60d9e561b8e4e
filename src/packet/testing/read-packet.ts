import { dissect, HEADER_PROTOCOL } from '../dissect.ts';
import { PACKET_KEYS } from '../keys.ts';
import { LAYER, LayerTable, MAX_OCCURRENCES } from '../layers.ts';
import { readField } from '../read-field.ts';

/** The layers of a sampled header in a table of its own. */
export function layersOf(packet: Uint8Array, protocol: number = HEADER_PROTOCOL.ethernet): LayerTable {
  const table = new LayerTable();
  dissect(table, packet, 0, packet.length, protocol);
  return table;
}

/** Every key a dissected header gives, by name with its occurrence suffix. */
export function keysOf(layers: LayerTable): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const { name, layer, field } of PACKET_KEYS) {
    for (let occurrence = 0; occurrence < layers.seen[LAYER[layer]]; occurrence++) {
      const at = layers.at[LAYER[layer] * MAX_OCCURRENCES + occurrence];
      const text = readField(field, layers.bytes, at, layers.end, layers);
      if (text !== undefined) keys[occurrence === 0 ? name : `${name}.${occurrence}`] = text;
    }
  }
  return keys;
}
