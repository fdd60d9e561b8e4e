/**
 * Sending from the socket that receives: what is forwarded comes from the collector's own sFlow port (rest-api 12).
 * Nothing ever waits; what the system does not take at once is counted and lost, as datagrams are.
 */
export interface DatagramSender {
  /** A place to send to. `address` is the text of an IPv4 or IPv6 address; undefined when the socket's family cannot reach it. */
  destination(address: string, port: number): Destination | undefined;
  /** Hand over to the system what was sent since the last call. Costs next to nothing when that is nothing. */
  flush(): void;
}

export interface Destination {
  readonly counts: SendCounts;
  /**
   * Send `bytes[start, end)` as one datagram. It must stay as it is until `flush`, and `bytes` must be one of the few
   * buffers that live as long as the sender.
   */
  send(bytes: Uint8Array, start: number, end: number): void;
}

/** Datagrams the system took, and those it did not. */
export interface SendCounts {
  sent: number;
  failed: number;
}
