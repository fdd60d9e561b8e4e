import { LAYER, MAX_OCCURRENCES, PACKET_KEYS, type UintFormat } from '../packet/index.ts';
import type { KeyEntry } from './key-entry.ts';

/**
 * Keys of packets, for every occurrence of their layer: `ipsource` is that of the outermost IP header, `ipsource.1` of
 * the next one inside.
 */
export const LAYER_KEYS: readonly KeyEntry[] = PACKET_KEYS.flatMap((key) =>
  Array.from({ length: MAX_OCCURRENCES }, (_, occurrence) => ({
    name: occurrence === 0 ? key.name : `${key.name}.${occurrence}`,
    source: { origin: { kind: 'layer', layer: LAYER[key.layer], occurrence }, field: key.field },
    doc: occurrence === 0 ? key.doc : '',
  })),
);

/** How packets show a key, so that records show it the same way. */
export function packetFormat(name: string): UintFormat {
  const field = PACKET_KEYS.find((key) => key.name === name)?.field;
  return field?.kind === 'uint' || field?.kind === 'slot' ? field.format : 'decimal';
}
