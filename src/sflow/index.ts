/**
 * The wire format of sFlow versions 2, 4 and 5. Exported as `weir/sflow`. No I/O.
 *
 * - `decodeDatagram` makes plain objects, `encodeDatagram` the reverse; both know every structure in `STRUCTURES`.
 * - `DatagramWalker` reads a datagram in place without allocating; it is what the engine runs on.
 */

export { type DecodeResult, decodeDatagram } from './decode.ts';
export { encodeDatagram } from './encode.ts';
export type * from './model.ts';
export type * from './schema.ts';
export { COUNTER_STRUCTURES, FLOW_STRUCTURES, STRUCTURES, structureOf } from './structures.ts';
export { DatagramWalker, SAMPLE, WALK } from './walk.ts';
