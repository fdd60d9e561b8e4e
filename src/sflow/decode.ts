import type { Datagram } from './model.ts';

/** `datagram` holds all that could be read before a fault; `error` says what was wrong and at which byte. */
export interface DecodeResult {
  readonly datagram?: Datagram;
  readonly error?: string;
}

/** Decode a datagram of version 2, 4 or 5. Never throws. */
export function decodeDatagram(_bytes: Uint8Array): DecodeResult {
  return {};
}
