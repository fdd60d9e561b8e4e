/** A UDP datagram, from a capture or from the network. */
export interface ReceivedDatagram {
  readonly payload: Uint8Array;
  /** When it was captured or received, microseconds since 1970. */
  readonly timeMicros: number;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** Where it came from, for messages: `packet 7 (byte 1234)`. */
  readonly origin: string;
}
