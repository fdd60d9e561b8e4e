import type { Server, Socket } from 'node:net';
import { WeirError } from '../common/index.ts';
import { int32, loadNative, type Native, socketAddress } from '../udp/native.ts';

/** Options of TCP sockets that Node does not offer, through koffi: constants and layouts of 64-bit Linux. */

const IPPROTO_IP = 0;
const IP_TTL = 2;
const IP_MINTTL = 21;
const IPPROTO_TCP = 6;
const TCP_MD5SIG = 14;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MINHOPCOUNT = 73;

/** struct tcp_md5sig: sockaddr_storage, flags, prefix length, key length, interface, key. */
const MD5SIG_BYTES = 216;
const MD5_KEY_LENGTH_AT = 130;
const MD5_KEY_AT = 136;
/** The longest password that the kernel takes (RFC 2385 3.2 asks for 80 at least). */
export const MAXIMUM_PASSWORD_BYTES = 80;

export const GREATEST_TTL = 255;

/** The system calls, loaded when the first neighbour needs them. */
export class SocketOptions {
  private native: Native | undefined;

  /** Throws WeirError `BGP_NEEDS_LINUX` where they are not to be had. */
  load(): Native {
    try {
      return (this.native ??= loadNative());
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WeirError('BGP_NEEDS_LINUX', `TCP-MD5 and TTL security need system calls: ${reason}`, {
        cause,
      });
    }
  }

  /** Has segments from and to an address signed (RFC 2385); the empty password ends that. */
  setPassword(fd: number, family: number, address: string, password: string): void {
    const key = Buffer.from(password, 'utf8');
    const value = Buffer.alloc(MD5SIG_BYTES);
    const name = socketAddress(family, address, 0);
    if (name === undefined) throw new WeirError('BGP_BAD_ADDRESS', `${address} does not fit the socket`);
    name.copy(value, 0);
    value.writeUInt16LE(key.length, MD5_KEY_LENGTH_AT);
    key.copy(value, MD5_KEY_AT);
    // Taking away a key that is not there is no error.
    this.set(fd, IPPROTO_TCP, TCP_MD5SIG, value, password === '' ? 'may fail' : 'TCP-MD5');
  }

  /** Segments leave with this TTL or hop limit. */
  setTtl(fd: number, isIpv6Socket: boolean, ttl: number): void {
    // A socket of IPv6 may carry a connection over IPv4, so both count.
    if (isIpv6Socket) this.set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, int32(ttl), 'the hop limit');
    this.set(fd, IPPROTO_IP, IP_TTL, int32(ttl), isIpv6Socket ? 'may fail' : 'the TTL');
  }

  /** Segments that come with less are dropped by the kernel (RFC 5082). */
  setLeastTtl(fd: number, isIpv6Socket: boolean, ttl: number): void {
    if (isIpv6Socket) this.set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, int32(ttl), 'the least hop count');
    this.set(fd, IPPROTO_IP, IP_MINTTL, int32(ttl), isIpv6Socket ? 'may fail' : 'the least TTL');
  }

  /** Has an accepted connection end nearer than so many hops: others cannot have sent such segments. */
  limitHops(socket: Socket, hops: number): void {
    const fd = descriptorOf(socket);
    const isIpv6 = socket.localFamily === 'IPv6';
    this.setTtl(fd, isIpv6, GREATEST_TTL);
    this.setLeastTtl(fd, isIpv6, GREATEST_TTL - hops + 1);
  }

  private set(fd: number, level: number, name: number, value: Buffer, what: string): void {
    const { libc, errno } = this.load();
    if (libc.setsockopt(fd, level, name, value, value.length) === 0 || what === 'may fail') return;
    throw new WeirError('BGP_SOCKET_OPTION', `${what} cannot be set (errno ${errno()})`);
  }
}

/** The kernel's number of a socket; -1 when it has none any more. */
export function descriptorOf(socket: Socket | Server): number {
  const { _handle: handle } = socket as unknown as { _handle: { fd?: number } | null };
  return handle?.fd ?? -1;
}
