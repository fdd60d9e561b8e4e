import { WeirError } from '../common/index.ts';
import { type DatagramRing, type RingSender, SEND_BUFFER, SEND_TRIES } from './sender.ts';
import type { Target } from './target.ts';

/* Linux on little-endian machines with 64 bits: sizes and offsets of struct mmsghdr and struct iovec, constants. */
const MMSGHDR_BYTES = 64;
const MMSGHDR_IOV = 16;
const MMSGHDR_IOVLEN = 24;
const IOVEC_BYTES = 16;
const IOVEC_LEN = 8;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;

/**
 * A sender that hands whole batches to the kernel in one system call. The message headers of all slots are made
 * once: the addresses and lengths never change, only the bytes they point at. Throws a plain Error where this cannot
 * work (other systems, koffi missing), a WeirError `LOAD_SOCKET` when the target cannot be reached.
 */
export async function createMmsgSender(ring: DatagramRing, target: Target): Promise<RingSender> {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new Error(`no sendmmsg on ${process.platform} ${process.arch}`);
  }
  const { default: koffi } = await import('koffi');
  const libc = koffi.load('libc.so.6');
  const openSocket = libc.func('int socket(int, int, int)');
  const setOption = libc.func('int setsockopt(int, int, int, const void *, unsigned int)');
  const connect = libc.func('int connect(int, const void *, unsigned int)');
  const sendMessages = libc.func('int sendmmsg(int, uintptr_t, unsigned int, int)');
  const closeSocket = libc.func('int close(int)');

  const socket: number = openSocket(target.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  if (socket < 0) throw new WeirError('LOAD_SOCKET', `cannot open a socket (errno ${koffi.errno()})`);
  setOption(socket, SOL_SOCKET, SO_SNDBUF, new Uint8Array(Uint32Array.of(SEND_BUFFER).buffer), 4);
  const address = socketAddress(target);
  if (connect(socket, address, address.length) < 0) {
    const errno = koffi.errno();
    closeSocket(socket);
    throw new WeirError('LOAD_SOCKET', `cannot reach ${target.address} (errno ${errno})`);
  }
  const headers = messageHeaders(ring, (memory) => Number(koffi.address(memory)));
  return new MmsgSender(ring, headers, {
    send: (first, count) => sendMessages(socket, headers.address + first * MMSGHDR_BYTES, count, 0),
    errno: () => koffi.errno(),
    close: () => closeSocket(socket),
  });
}

/** Message headers of all slots, and the vectors they point at. */
interface MessageHeaders {
  readonly messages: ArrayBuffer;
  readonly vectors: ArrayBuffer;
  /** Address of `messages`; those of user space are below 2^53. */
  readonly address: number;
}

/** The system calls on the connected socket. */
interface MessageSocket {
  /** `sendmmsg` of `count` slots from slot `first` on: how many were sent, or -1. */
  send(first: number, count: number): number;
  errno(): number;
  close(): void;
}

class MmsgSender implements RingSender {
  readonly kind = 'sendmmsg';
  refused = 0;
  /** What the kernel reads by address: it must not be collected while this sender lives. */
  readonly held: readonly ArrayBuffer[];
  private readonly socket: MessageSocket;

  constructor(ring: DatagramRing, headers: MessageHeaders, socket: MessageSocket) {
    this.held = [ring.memory, headers.messages, headers.vectors];
    this.socket = socket;
  }

  send(first: number, count: number): undefined {
    let sent = 0;
    for (let tries = 0; sent < count; ) {
      const result = this.socket.send(first + sent, count - sent);
      if (result > 0) {
        sent += result;
        tries = 0;
      } else {
        this.refused++;
        if (++tries === SEND_TRIES)
          throw new WeirError('LOAD_SEND', `cannot send (errno ${this.socket.errno()})`);
      }
    }
  }

  close(): void {
    this.socket.close();
  }
}

function messageHeaders(ring: DatagramRing, addressOf: (memory: ArrayBuffer) => number): MessageHeaders {
  const slots = ring.lengths.length;
  const vectors = new ArrayBuffer(slots * IOVEC_BYTES);
  const messages = new ArrayBuffer(slots * MMSGHDR_BYTES);
  const ringAddress = addressOf(ring.memory);
  const vectorAddress = addressOf(vectors);
  const vectorWords = new BigUint64Array(vectors);
  const messageWords = new BigUint64Array(messages);
  for (let slot = 0; slot < slots; slot++) {
    const vector = slot * IOVEC_BYTES;
    vectorWords[vector / 8] = BigInt(ringAddress + slot * ring.slotBytes);
    vectorWords[(vector + IOVEC_LEN) / 8] = BigInt(ring.lengths[slot]);
    const message = slot * MMSGHDR_BYTES;
    messageWords[(message + MMSGHDR_IOV) / 8] = BigInt(vectorAddress + vector);
    messageWords[(message + MMSGHDR_IOVLEN) / 8] = 1n;
  }
  return { messages, vectors, address: addressOf(messages) };
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress(target: Target): Uint8Array {
  const bytes = new Uint8Array(target.family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, target.family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, target.port);
  bytes.set(target.bytes, target.family === 4 ? 4 : 8);
  return bytes;
}
