/** Where datagrams come from: blocking `recvmmsg` in a thread of its own, or node:dgram. */

/** Takes one datagram: `bytes[start, end)`, its source as four words (IPv4 mapped: 0, 0, 0xFFFF, address) and a port. */
export type TakeDatagram = (
  bytes: Uint8Array,
  start: number,
  end: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  port: number,
) => void;

export interface ReceiverOptions {
  /** '' for all addresses. */
  readonly address: string;
  readonly port: number;
  /** Bytes of socket buffer to ask the kernel for. */
  readonly bufferBytes: number;
  /** Longest datagram that is wanted whole; SLOT_BYTES by default. node:dgram takes any. */
  readonly slotBytes?: number;
}

export interface ReceiverInfo {
  readonly kind: 'recvmmsg' | 'dgram' | 'file';
  readonly address: string;
  readonly port: number;
  readonly bufferAsked: number;
  readonly bufferGranted: number;
}

/** Longest datagram a slot holds: one byte more than is looked at, so that a longer one is seen as too long. */
export const SLOT_BYTES = 2112;
