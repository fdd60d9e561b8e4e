/** What became of the datagrams of a `ConnectedSender`. */
export interface ConnectedCounts {
  /** The system took them. */
  sent: number;
  /** The system did not take them; `lastFailure` says why. */
  failed: number;
  /** The target's machine answered that nobody listens there: at least so many of those `sent` were in vain. */
  refused: number;
  lastFailure: string;
}

/**
 * Sends to one target through a connected socket, so that it is told when nobody listens there. Unlike the engine's sender
 * it waits when the system has no room: what it sends comes from a stream that can wait as well.
 */
export interface ConnectedSender {
  readonly kind: 'sendmmsg' | 'dgram';
  readonly counts: Readonly<ConnectedCounts>;
  /** Send a copy of `bytes[start, end)` as one datagram, at the latest with the next `flush`. */
  send(bytes: Uint8Array, start: number, end: number): void;
  /** Hand everything to the system. Gives a promise when that takes time; nothing may be sent before it resolves. */
  flush(): Promise<void> | undefined;
  close(): void;
}
