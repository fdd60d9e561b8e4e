import type { Datagram } from './model.ts';

/** Encode a datagram (versions 2 and 4 too). Throws a WeirError `SFLOW_ENCODE` naming the field that does not fit its type. */
export function encodeDatagram(_datagram: Datagram): Uint8Array {
  return new Uint8Array(0);
}
