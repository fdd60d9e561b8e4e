import { WeirError } from '../common/index.ts';
import {
  AF_INET,
  AF_INET6,
  int32,
  loadNative,
  NAME_BYTES,
  type Native,
  socketAddress,
} from '../udp/native.ts';
import type { ReceivePath } from './index.ts';

/**
 * A socket by which any thread of this process wakes a shard that blocks for datagrams: an empty datagram from it to
 * the shard's port is the call. The threads share the descriptor.
 */
export interface Bell {
  readonly fd: number;
  /** Where to send to, as the kernel wants it. */
  readonly address: Uint8Array;
  /** UDP port it sends from. */
  readonly port: number;
  close(): void;
}

const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** For a shard that listens there. Throws a WeirError RECEIVER_UNAVAILABLE, ENGINE_FAULT. */
export function openBell(path: ReceivePath): Bell {
  const native = loadNative();
  const { libc } = native;
  const isAny = path.address === '0.0.0.0' || path.address === '::';
  const target = isAny ? '127.0.0.1' : path.address;
  const family = target.includes(':') ? AF_INET6 : AF_INET;
  const address = socketAddress(family, target, path.port);
  const own = socketAddress(family, '', 0);
  const fd = libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (address === undefined || own === undefined || fd < 0 || libc.bind(fd, own, own.length) !== 0)
    throw new WeirError('ENGINE_FAULT', `no socket to wake the receiving thread at ${path.address}`);
  const name = new Uint8Array(NAME_BYTES);
  libc.getsockname(fd, name, int32(NAME_BYTES));
  return { fd, address, port: (name[2] << 8) | name[3], close: () => libc.close(fd) };
}

/**
 * What another thread makes of the descriptor and the address. A shard that is at work needs no bell: it looks for
 * questions before it blocks.
 * @param waiting `ShardData.waiting`
 */
export function ringer({
  fd,
  address,
  waiting,
}: Pick<Bell, 'fd' | 'address'> & { readonly waiting: Int32Array }): () => void {
  const { libc }: Native = loadNative();
  const nothing = new Uint8Array(1);
  return () => {
    if (Atomics.load(waiting, 0) === 0) return;
    libc.sendto(fd, nothing, 0, 0, address, address.length);
  };
}
