import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { parseIPv4, parseIPv6, WeirError } from '../common/index.ts';

/** The system calls that Node does not offer, through koffi: constants and layouts of 64-bit Linux. */

export const AF_INET = 2;
export const AF_INET6 = 10;
export const IOVEC_BYTES = 16;
/** struct mmsghdr: msghdr (56), msg_len (4), padding. */
export const MSGHDR_BYTES = 64;
/** sockaddr_in6, the longer one. */
export const NAME_BYTES = 28;
const SOCKADDR_IN_BYTES = 16;

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array, length: Uint8Array): number;
  recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  usleep(microseconds: number): number;
  madvise(address: number, length: number, advice: number): number;
  close(fd: number): number;
}

export interface Native {
  readonly libc: Libc;
  readonly errno: () => number;
  /** Address of a buffer's first byte; below 2^53, as all addresses of user space are. */
  readonly address: (bytes: Uint8Array) => number;
}

/** Throws a WeirError RECEIVER_UNAVAILABLE that says why these calls cannot be used here. */
export function loadNative(): Native {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE') {
    throw new WeirError(
      'RECEIVER_UNAVAILABLE',
      `recvmmsg is used on 64-bit Linux only, not ${process.platform}/${process.arch}`,
    );
  }
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const library = koffi.load(null);
    const libc: Libc = {
      socket: library.func('int socket(int, int, int)'),
      bind: library.func('int bind(int, const void *, int)'),
      connect: library.func('int connect(int, const void *, int)'),
      setsockopt: library.func('int setsockopt(int, int, int, const void *, int)'),
      getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
      getsockname: library.func('int getsockname(int, void *, void *)'),
      recvmmsg: library.func('int recvmmsg(int, void *, unsigned int, int, void *)'),
      sendmmsg: library.func('int sendmmsg(int, void *, unsigned int, int)'),
      sendto: library.func('long sendto(int, const void *, size_t, int, const void *, int)'),
      usleep: library.func('int usleep(unsigned int)'),
      madvise: library.func('int madvise(uintptr_t, size_t, int)'),
      close: library.func('int close(int)'),
    };
    return { libc, errno: () => koffi.errno(), address: (bytes) => Number(koffi.address(bytes)) };
  } catch (cause) {
    throw new WeirError('RECEIVER_UNAVAILABLE', `koffi cannot be loaded: ${String(cause).split('\n')[0]}`, {
      cause,
    });
  }
}

/**
 * sockaddr_in or sockaddr_in6 of an address and port; '' is the address that stands for all. In the IPv6 family an
 * IPv4 address is a mapped one. undefined: the text is no address of the family.
 */
export function socketAddress(family: number, address: string, port: number): Buffer | undefined {
  const name = Buffer.alloc(family === AF_INET6 ? NAME_BYTES : SOCKADDR_IN_BYTES);
  name.writeUInt16LE(family, 0);
  name.writeUInt16BE(port, 2);
  if (address === '') return name;
  if (family === AF_INET) {
    const word = parseIPv4(address);
    if (word === undefined) return undefined;
    name.writeInt32BE(word, 4);
    return name;
  }
  const words = parseIPv6(address.includes(':') ? address : `::ffff:${address}`);
  if (words === undefined) return undefined;
  for (const [i, word] of words.entries()) name.writeInt32BE(word, 8 + 4 * i);
  return name;
}

/** A C int. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}
