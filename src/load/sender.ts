/** Datagrams in fixed slots of one piece of memory: slot `i` is the `lengths[i]` bytes from `i * slotBytes`. */
export interface DatagramRing {
  readonly memory: ArrayBuffer;
  readonly slotBytes: number;
  readonly lengths: Uint16Array;
}

/** Sends slots of one ring to one target. */
export interface RingSender {
  readonly kind: 'sendmmsg' | 'dgram';
  /** Times the kernel refused to send and was asked again, nearly always because nobody listens at the target. */
  readonly refused: number;
  /**
   * Send `count` slots from slot `first` on. Gives a promise where that does not happen at once; the slots must not
   * change before it is settled. Throws (rejects) a WeirError `LOAD_SEND` when the kernel keeps refusing.
   */
  send(first: number, count: number): Promise<void> | undefined;
  close(): void;
}

/** Bytes of send buffer asked for. */
export const SEND_BUFFER = 4 << 20;

/** How often a refused datagram is tried again. */
export const SEND_TRIES = 100;
