import type { Field } from './field.ts';
import type { LayerName } from './layers.ts';

/** A flow key that is read from one layer of the sampled packet. */
export interface PacketKey {
  readonly name: string;
  readonly layer: LayerName;
  readonly field: Field;
  /** One line for the reference: what it is, its unit or form. */
  readonly doc: string;
}

/** Every key that packets give, one entry per key and layer (a key may come from more than one layer: the first present wins). */
export const PACKET_KEYS: readonly PacketKey[] = [];
