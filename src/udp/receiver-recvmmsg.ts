import { i32, WeirError } from '../common/index.ts';
import {
  AF_INET,
  AF_INET6,
  IOVEC_BYTES,
  int32,
  loadNative,
  MSGHDR_BYTES,
  NAME_BYTES,
  type Native,
  socketAddress,
} from './native.ts';
import { type ReceiverInfo, type ReceiverOptions, SLOT_BYTES, type TakeDatagram } from './receiver.ts';
import type { DatagramSender } from './sender.ts';
import { MmsgSender } from './sender-mmsg.ts';

/**
 * A UDP socket read by the kernel's recvmmsg, called without any C of ours through koffi. `wait` blocks the thread
 * until a datagram or the timeout comes, `deliver` hands over what was there, up to a batch. Linux on 64-bit little-endian
 * machines with the glibc or musl names below; anything else falls back to node:dgram.
 *
 * The message headers, vectors, addresses and the slab are made once and stay referenced: the kernel writes into them.
 */

/** Datagrams that one call takes at most. */
export const BATCH = 64;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_RCVTIMEO = 20;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_WAITFORONE = 0x10000;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const EADDRINUSE = 98;
const EACCES = 13;
const SO_MEMINFO = 55;
const MEMINFO_WORDS = 9;
const MEMINFO_DROPS = 8;

export class RecvmmsgReceiver {
  readonly info: ReceiverInfo;
  private readonly native: Native;
  private readonly fd: number;
  private readonly family: number;
  private readonly slotBytes: number;
  private readonly slab: Uint8Array;
  private readonly vectors: Buffer;
  private readonly messages: Buffer;
  private readonly messageWords: Int32Array;
  private readonly names: Buffer;
  private readonly take: TakeDatagram;
  private readonly wakePorts: number[];
  /** An empty datagram from one of the `wakePorts` came: somebody wants this thread's attention. */
  woken = false;

  /**
   * Opens and binds the socket.
   * @param timeoutMs how long `wait` waits at most
   * @param wakePort UDP source port of datagrams that only wake
   * Throws a WeirError: RECEIVER_UNAVAILABLE, RECEIVER_PORT_IN_USE, RECEIVER_BIND.
   */
  constructor(options: ReceiverOptions, timeoutMs: number, wakePort: number, take: TakeDatagram) {
    this.native = loadNative();
    this.take = take;
    this.wakePorts = [wakePort];
    const { fd, family } = this.open(options);
    this.fd = fd;
    this.family = family;
    const granted = this.setBuffer(options.bufferBytes);
    this.setTimeout(timeoutMs);
    // Buffers of their own, never from Node's pool: their addresses are handed to the kernel.
    this.slotBytes = options.slotBytes ?? SLOT_BYTES;
    this.slab = new Uint8Array(new ArrayBuffer(BATCH * this.slotBytes));
    this.names = Buffer.alloc(BATCH * NAME_BYTES);
    this.vectors = Buffer.alloc(BATCH * IOVEC_BYTES);
    this.messages = Buffer.from(new ArrayBuffer(BATCH * MSGHDR_BYTES));
    this.messageWords = new Int32Array(this.messages.buffer);
    this.linkBuffers();
    this.info = {
      kind: 'recvmmsg',
      address: options.address === '' ? (family === AF_INET6 ? '::' : '0.0.0.0') : options.address,
      port: this.boundPort(),
      bufferAsked: options.bufferBytes,
      bufferGranted: granted,
    };
  }

  /** Wait for datagrams: how many are there to be delivered; 0 after the timeout. */
  wait(): number {
    return this.receive(MSG_WAITFORONE);
  }

  /** Takes empty datagrams from this UDP port, too, for calls for attention. */
  wakeBy(port: number): void {
    if (!this.wakePorts.includes(port)) this.wakePorts.push(port);
  }

  /** As `wait`, but without waiting. */
  poll(): number {
    return this.receive(MSG_DONTWAIT);
  }

  private receive(flags: number): number {
    return Math.max(0, this.native.libc.recvmmsg(this.fd, this.messages, BATCH, flags, null));
  }

  /** Hand over the `n` datagrams that `wait` found. Gives how many there were without those that only wake. */
  deliver(n: number): number {
    let taken = 0;
    const { messageWords, slab, slotBytes, names } = this;
    for (let i = 0; i < n; i++) {
      const m = i * (MSGHDR_BYTES / 4);
      const start = i * slotBytes;
      const truncated = (messageWords[m + 12] & MSG_TRUNC) !== 0;
      const end = start + (truncated ? slotBytes : messageWords[m + 14]);
      const name = i * NAME_BYTES;
      messageWords[m + 2] = NAME_BYTES; // the kernel wrote the length of the name over it
      const port = (names[name + 2] << 8) | names[name + 3];
      if (end === start && this.wakePorts.includes(port)) {
        this.woken = true;
        continue;
      }
      taken++;
      if (names[name] === AF_INET6) {
        this.take(
          slab,
          start,
          end,
          i32(names, name + 8),
          i32(names, name + 12),
          i32(names, name + 16),
          i32(names, name + 20),
          port,
        );
      } else this.take(slab, start, end, 0, 0, 0xffff, i32(names, name + 4), port);
    }
    return taken;
  }

  /** Let datagrams gather, so that one system call takes many. */
  pause(microseconds: number): void {
    this.native.libc.usleep(microseconds);
  }

  /** Datagrams the kernel dropped on this socket because its buffer was full (SO_MEMINFO). */
  kernelDrops(): number {
    const value = new Uint8Array(MEMINFO_WORDS * 4);
    const length = int32(value.length);
    if (this.native.libc.getsockopt(this.fd, SOL_SOCKET, SO_MEMINFO, value, length) !== 0) return 0;
    return Buffer.from(value.buffer).readUInt32LE(MEMINFO_DROPS * 4);
  }

  /** Sends from the same socket. */
  sender(): DatagramSender {
    return new MmsgSender(this.native, this.fd, this.family);
  }

  close(): void {
    this.native.libc.close(this.fd);
  }

  /** An IPv6 socket that takes IPv4 too, when no address is given and the kernel has IPv6; else one of the address's family. */
  private open(options: ReceiverOptions): { fd: number; family: number } {
    const families =
      options.address === '' ? [AF_INET6, AF_INET] : [options.address.includes(':') ? AF_INET6 : AF_INET];
    let failure = 0;
    for (const family of families) {
      const fd = this.native.libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (fd < 0) {
        failure = this.native.errno();
        continue;
      }
      if (family === AF_INET6) this.set(fd, IPPROTO_IPV6, IPV6_V6ONLY, int32(0));
      const name = socketAddress(family, options.address, options.port);
      if (name === undefined) {
        this.native.libc.close(fd);
        throw new WeirError('RECEIVER_BIND', `${options.address} is no IPv4 or IPv6 address`);
      }
      if (this.native.libc.bind(fd, name, name.length) === 0) return { fd, family };
      failure = this.native.errno();
      this.native.libc.close(fd);
      if (failure === EADDRINUSE) break;
    }
    const where = `UDP port ${options.port}${options.address === '' ? '' : ` of ${options.address}`}`;
    if (failure === EADDRINUSE) {
      throw new WeirError('RECEIVER_PORT_IN_USE', `${where} is in use by another program`);
    }
    const reason = failure === EACCES ? 'permission denied' : `error ${failure}`;
    throw new WeirError('RECEIVER_BIND', `${where} cannot be opened: ${reason}`);
  }

  /** Ask for the buffer, past the limit of the system where that is permitted. Returns what was granted. */
  private setBuffer(bytes: number): number {
    // The kernel doubles what it is asked for, to pay for its own bookkeeping, and reports the doubled figure.
    if (!this.set(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, int32(bytes)))
      this.set(this.fd, SOL_SOCKET, SO_RCVBUF, int32(bytes));
    const value = new Uint8Array(4);
    this.native.libc.getsockopt(this.fd, SOL_SOCKET, SO_RCVBUF, value, int32(4));
    return Buffer.from(value.buffer).readUInt32LE(0) / 2;
  }

  private setTimeout(ms: number): void {
    const value = Buffer.alloc(16);
    value.writeBigInt64LE(BigInt(Math.floor(ms / 1000)), 0);
    value.writeBigInt64LE(BigInt((ms % 1000) * 1000), 8);
    this.set(this.fd, SOL_SOCKET, SO_RCVTIMEO, value);
  }

  private set(fd: number, level: number, name: number, value: Uint8Array): boolean {
    return this.native.libc.setsockopt(fd, level, name, value, value.length) === 0;
  }

  private linkBuffers(): void {
    const { address } = this.native;
    const slab = BigInt(address(this.slab));
    const vectors = BigInt(address(this.vectors));
    const names = BigInt(address(this.names));
    for (let i = 0; i < BATCH; i++) {
      this.vectors.writeBigUInt64LE(slab + BigInt(i * this.slotBytes), i * IOVEC_BYTES);
      this.vectors.writeBigUInt64LE(BigInt(this.slotBytes), i * IOVEC_BYTES + 8);
      const m = i * MSGHDR_BYTES;
      this.messages.writeBigUInt64LE(names + BigInt(i * NAME_BYTES), m);
      this.messages.writeUInt32LE(NAME_BYTES, m + 8);
      this.messages.writeBigUInt64LE(vectors + BigInt(i * IOVEC_BYTES), m + 16);
      this.messages.writeBigUInt64LE(1n, m + 24);
    }
  }

  private boundPort(): number {
    const name = new Uint8Array(NAME_BYTES);
    this.native.libc.getsockname(this.fd, name, int32(NAME_BYTES));
    return (name[2] << 8) | name[3];
  }
}
