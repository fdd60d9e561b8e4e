/**
 * Sampled packet headers: which layers are there, where, and how each key is read from them; and capture files.
 * Exported as `weir/packet`. No I/O, no allocation while dissecting.
 */
export {
  type Capture,
  type CapturedPacket,
  type CaptureNotes,
  LINK_TYPE,
  readCapture,
} from './capture-file.ts';
export { type CapturedSegment, tcpSegments } from './capture-tcp.ts';
export {
  type CapturedDatagram,
  type CapturedDatagrams,
  type SkippedPackets,
  udpPayloads,
} from './capture-udp.ts';
export { CAPTURE_OVERHEAD_BYTES, captureFileHeader, type UdpEnd, writeCapturedUdp } from './capture-write.ts';
export { dissect, HEADER_PROTOCOL } from './dissect.ts';
export type {
  Field,
  Ipv6Field,
  MacField,
  NumberField,
  SlotField,
  TextField,
  UintField,
  UintFormat,
} from './field.ts';
export { PACKET_KEYS } from './keys.ts';
export {
  LAYER,
  LAYER_BYTES,
  LAYER_NAMES,
  type LayerName,
  LayerTable,
  MAX_LAYERS,
  MAX_OCCURRENCES,
  SLOT,
  SLOT_LAYER,
  type SlotName,
} from './layers.ts';
export type { PacketKey } from './packet-key.ts';
export { readField, readNumber } from './read-field.ts';
