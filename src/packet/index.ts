/**
 * Sampled packet headers: which layers are there, where, and how each key is read from them. Exported as
 * `weir/packet`. No I/O, no allocation while dissecting.
 */
export { dissect, HEADER_PROTOCOL } from './dissect.ts';
export type { Field, Ipv6Field, MacField, NumberField, SlotField, TextField, UintField, UintFormat } from './field.ts';
export { PACKET_KEYS, type PacketKey } from './keys.ts';
export { LAYER, LAYER_NAMES, type LayerName, LayerTable, MAX_LAYERS, MAX_OCCURRENCES, SLOT, type SlotName } from './layers.ts';
