/**
 * The wire format of sFlow versions 2, 4 and 5. Exported as `weir/sflow`. No I/O.
 *
 * - `decodeDatagram` makes plain objects, `encodeDatagram` the reverse; both know every structure in `STRUCTURES`.
 *   `datagram`, `flowSample`, `record` and their like make such objects from few words.
 * - `DatagramWalker` reads a version 5 datagram in place without allocating; it is what the engine runs on.
 *   `upgradeDatagram` makes version 5 of the older versions.
 */
export {
  counterSample,
  datagram,
  discardSample,
  flowSample,
  ifCounters,
  record,
  sampledHeader,
} from './build.ts';
export { type DecodeResult, decodeDatagram } from './decode.ts';
export { encodeDatagram } from './encode.ts';
export { minimumBytes } from './minimum-bytes.ts';
export type * from './model.ts';
export type * from './schema.ts';
export {
  COUNTER_STRUCTURES,
  FLOW_STRUCTURES,
  formatWord,
  STRUCTURES,
  structureNamed,
  structureOf,
} from './structures.ts';
export { type UpgradeResult, upgradeDatagram } from './upgrade.ts';
export { DatagramWalker, SAMPLE, WALK } from './walk.ts';
