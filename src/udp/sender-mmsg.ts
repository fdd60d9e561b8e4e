import { IOVEC_BYTES, MSGHDR_BYTES, type Native, socketAddress } from './native.ts';
import type { DatagramSender, Destination } from './sender.ts';

/** Datagrams handed to the kernel in one system call. */
const QUEUE = 256;
const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;
const ENOBUFS = 105;
const WORD = 2 ** 32;

/**
 * Sends through sendmmsg on a socket that somebody else owns. Datagrams are not copied: the vectors point into the
 * buffers given, so they must be sent (`flush`) before these are written again.
 */
export class MmsgSender implements DatagramSender {
  private readonly native: Native;
  private readonly fd: number;
  private readonly family: number;
  /** Made once and kept: the kernel reads them by address. */
  private readonly messages = Buffer.from(new ArrayBuffer(QUEUE * MSGHDR_BYTES));
  private readonly messageWords = new Uint32Array(this.messages.buffer);
  private readonly vectors = Buffer.from(new ArrayBuffer(QUEUE * IOVEC_BYTES));
  private readonly vectorWords = new Uint32Array(this.vectors.buffer);
  private readonly queued: (MmsgDestination | undefined)[] = new Array(QUEUE).fill(undefined);
  private count = 0;
  private readonly addresses = new Map<Uint8Array, number>();

  /** @param family AF_INET or AF_INET6, as the socket was made */
  constructor(native: Native, fd: number, family: number) {
    this.native = native;
    this.fd = fd;
    this.family = family;
    const vectors = BigInt(native.address(this.vectors));
    for (let i = 0; i < QUEUE; i++) {
      this.messages.writeBigUInt64LE(vectors + BigInt(i * IOVEC_BYTES), i * MSGHDR_BYTES + 16);
      this.messages.writeBigUInt64LE(1n, i * MSGHDR_BYTES + 24);
    }
  }

  destination(address: string, port: number): Destination | undefined {
    const name = socketAddress(this.family, address, port);
    return name === undefined ? undefined : new MmsgDestination(this, name, this.native.address(name));
  }

  /** For destinations: one datagram more for the next system call. */
  queue(to: MmsgDestination, bytes: Uint8Array, start: number, end: number): void {
    if (this.count === QUEUE) this.flush();
    const i = this.count++;
    this.queued[i] = to;
    const address = this.addressOf(bytes) + start;
    const { vectorWords, messageWords } = this;
    const vector = i * (IOVEC_BYTES / 4);
    vectorWords[vector] = address;
    vectorWords[vector + 1] = address / WORD;
    vectorWords[vector + 2] = end - start;
    const message = i * (MSGHDR_BYTES / 4);
    messageWords[message] = to.nameAddress;
    messageWords[message + 1] = to.nameAddress / WORD;
    messageWords[message + 2] = to.name.length;
  }

  flush(): void {
    const { libc, errno } = this.native;
    let at = 0;
    while (at < this.count) {
      const rest = at === 0 ? this.messages : this.messages.subarray(at * MSGHDR_BYTES);
      const sent = libc.sendmmsg(this.fd, rest, this.count - at, MSG_DONTWAIT);
      for (let i = 0; i < sent; i++) this.counts(at++).sent++;
      if (sent > 0) continue;
      const error = errno();
      // One datagram cannot be sent, or, when the system is out of room, none.
      const lost = error === EAGAIN || error === ENOBUFS ? this.count - at : 1;
      for (let i = 0; i < lost; i++) this.counts(at++).failed++;
    }
    this.count = 0;
  }

  private counts(index: number): Destination['counts'] {
    return this.queued[index]!.counts;
  }

  private addressOf(bytes: Uint8Array): number {
    let address = this.addresses.get(bytes);
    if (address === undefined) {
      address = this.native.address(bytes);
      this.addresses.set(bytes, address);
    }
    return address;
  }
}

class MmsgDestination implements Destination {
  readonly counts = { sent: 0, failed: 0 };
  /** The socket address, kept because the kernel reads it by its own address. */
  readonly name: Buffer;
  readonly nameAddress: number;
  private readonly sender: MmsgSender;

  constructor(sender: MmsgSender, name: Buffer, nameAddress: number) {
    this.sender = sender;
    this.name = name;
    this.nameAddress = nameAddress;
  }

  send(bytes: Uint8Array, start: number, end: number): void {
    this.sender.queue(this, bytes, start, end);
  }
}
