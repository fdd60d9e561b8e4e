import { WeirError } from '../common/index.ts';
import type { ConnectedCounts, ConnectedSender } from './connected-sender.ts';
import { AF_INET, AF_INET6, IOVEC_BYTES, int32, MSGHDR_BYTES, type Native, socketAddress } from './native.ts';

/** Datagrams handed to the kernel in one system call, and the bytes they may have together. */
const QUEUE = 256;
const SLAB_BYTES = 1 << 20;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SEND_BUFFER = 4 << 20;
const ECONNREFUSED = 111;
/** An error of an earlier datagram is told to the next one, which is then tried again. */
const TRIES = 3;
const WORD = 2 ** 32;

const REASONS: Readonly<Record<number, string>> = {
  1: 'not permitted (a firewall?)',
  13: 'permission denied (a broadcast address?)',
  22: 'invalid address',
  90: 'datagram too long',
  101: 'network unreachable',
  105: 'the system is out of buffers',
  [ECONNREFUSED]: 'nobody listens there',
  113: 'no route to the host',
};

/** A connected socket written by `sendmmsg`, which waits when the socket's buffer is full. */
export class MmsgConnectedSender implements ConnectedSender {
  readonly kind = 'sendmmsg';
  readonly counts: ConnectedCounts = { sent: 0, failed: 0, refused: 0, lastFailure: '' };
  private readonly native: Native;
  private readonly fd: number;
  /** Made once and kept: the kernel reads them by address. */
  private readonly slab = Buffer.from(new ArrayBuffer(SLAB_BYTES));
  private readonly slabAddress: number;
  private readonly vectors = Buffer.from(new ArrayBuffer(QUEUE * IOVEC_BYTES));
  private readonly vectorWords = new Uint32Array(this.vectors.buffer);
  private readonly messages = Buffer.from(new ArrayBuffer(QUEUE * MSGHDR_BYTES));
  private count = 0;
  private used = 0;

  /** Throws a WeirError `UDP_TARGET` when the socket cannot be made or the address not be reached. */
  constructor(native: Native, address: string, port: number) {
    this.native = native;
    const family = address.includes(':') ? AF_INET6 : AF_INET;
    const name = socketAddress(family, address, port);
    if (name === undefined)
      throw new WeirError('UDP_TARGET', `${address} is no IPv4 or IPv6 address without a zone`);
    this.fd = native.libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (this.fd < 0) throw new WeirError('UDP_TARGET', `no socket: ${reasonOf(native.errno())}`);
    native.libc.setsockopt(this.fd, SOL_SOCKET, SO_SNDBUF, int32(SEND_BUFFER), 4);
    if (native.libc.connect(this.fd, name, name.length) !== 0) {
      const reason = reasonOf(native.errno());
      native.libc.close(this.fd);
      throw new WeirError('UDP_TARGET', `cannot send to ${address}: ${reason}`);
    }
    this.slabAddress = native.address(this.slab);
    const vectors = BigInt(native.address(this.vectors));
    for (let i = 0; i < QUEUE; i++) {
      this.messages.writeBigUInt64LE(vectors + BigInt(i * IOVEC_BYTES), i * MSGHDR_BYTES + 16);
      this.messages.writeBigUInt64LE(1n, i * MSGHDR_BYTES + 24);
    }
  }

  send(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.count === QUEUE || this.used + length > SLAB_BYTES) this.flush();
    this.slab.set(bytes.subarray(start, end), this.used);
    const address = this.slabAddress + this.used;
    const vector = this.count * (IOVEC_BYTES / 4);
    this.vectorWords[vector] = address;
    this.vectorWords[vector + 1] = address / WORD;
    this.vectorWords[vector + 2] = length;
    this.used += length;
    this.count++;
  }

  flush(): undefined {
    const { libc, errno } = this.native;
    let tries = 0;
    for (let at = 0; at < this.count; ) {
      const rest = at === 0 ? this.messages : this.messages.subarray(at * MSGHDR_BYTES);
      const sent = libc.sendmmsg(this.fd, rest, this.count - at, 0);
      if (sent > 0) {
        this.counts.sent += sent;
        at += sent;
        tries = 0;
        continue;
      }
      const error = errno();
      if (error === ECONNREFUSED) this.counts.refused++;
      if (error === ECONNREFUSED && ++tries < TRIES) continue;
      this.counts.failed++;
      this.counts.lastFailure = reasonOf(error);
      at++;
      tries = 0;
    }
    this.count = 0;
    this.used = 0;
  }

  close(): void {
    this.native.libc.close(this.fd);
  }
}

function reasonOf(errno: number): string {
  return REASONS[errno] ?? `error ${errno}`;
}
