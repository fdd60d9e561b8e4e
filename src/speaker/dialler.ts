import { connect, Socket } from 'node:net';
import { WeirError } from '../common/index.ts';
import { AF_INET, AF_INET6, socketAddress } from '../udp/native.ts';
import { GREATEST_TTL, type SocketOptions } from './socket-options.ts';

/** Where to, and how. */
export interface DialTarget {
  readonly address: string;
  readonly port: number;
  /** Address to dial from; '' for what the kernel chooses. */
  readonly localAddress: string;
  /** TCP-MD5; '' for none. */
  readonly password: string;
  /** Hops to the neighbour at most, for TTL security; 0 for none. */
  readonly ttlSecurity: number;
}

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const EINPROGRESS = 115;
/** As the first of RFC 4271's timers that would end it. */
const CONNECT_WITHIN_MS = 20_000;

/**
 * Dials. `connected` or `failed` is called later, and one of them only; the function that is given back ends it. Node
 * connects its sockets at once, but passwords and TTLs have to be there before: then the socket is made by system calls.
 */
export function dial(
  target: DialTarget,
  options: SocketOptions,
  connected: (socket: Socket) => void,
  failed: (reason: string) => void,
): () => void {
  const needsOptions = target.password !== '' || target.ttlSecurity > 0;
  let socket: Socket;
  try {
    socket = needsOptions ? connectByCalls(target, options) : connectByNode(target);
  } catch (error) {
    const timer = setTimeout(() => failed(error instanceof Error ? error.message : String(error)), 0);
    return () => clearTimeout(timer);
  }
  const timer = setTimeout(() => {
    // Segments with a wrong signature are dropped without an answer (RFC 2385 2.0).
    const hint = target.password === '' ? '' : ', as with a password that the neighbour does not have';
    socket.destroy(new Error(`no answer within ${CONNECT_WITHIN_MS / 1000} s${hint}`));
  }, CONNECT_WITHIN_MS);
  let isOver = false;
  const forget = (): void => {
    isOver = true;
    clearTimeout(timer);
    socket.removeAllListeners('error').removeAllListeners('close');
  };
  socket.once('error', (error) => {
    forget();
    socket.on('error', () => undefined);
    failed(error.message);
  });
  const done = (): void => {
    forget();
    connected(socket);
  };
  // An empty write is carried out when the connection is there; a socket that Node connected says so itself.
  if (needsOptions)
    socket.write('', (error) => {
      // Called without an error also when the socket is destroyed.
      if ((error === undefined || error === null) && !isOver) done();
    });
  else socket.once('connect', done);
  return () => {
    if (isOver) return;
    forget();
    socket.on('error', () => undefined);
    socket.destroy();
  };
}

function connectByNode({ address, port, localAddress }: DialTarget): Socket {
  return connect({
    host: address,
    port,
    allowHalfOpen: true,
    ...(localAddress !== '' && { localAddress }),
  });
}

function connectByCalls(target: DialTarget, options: SocketOptions): Socket {
  const { address, port, localAddress, password, ttlSecurity } = target;
  const { libc, errno } = options.load();
  const family = address.includes(':') ? AF_INET6 : AF_INET;
  const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new WeirError('BGP_CANNOT_DIAL', `no socket (errno ${errno()})`);
  try {
    if (password !== '') options.setPassword(fd, family, address, password);
    if (ttlSecurity > 0) {
      options.setTtl(fd, family === AF_INET6, GREATEST_TTL);
      options.setLeastTtl(fd, family === AF_INET6, GREATEST_TTL - ttlSecurity + 1);
    }
    if (localAddress !== '') {
      const own = socketAddress(family, localAddress, 0);
      if (own === undefined || libc.bind(fd, own, own.length) !== 0)
        throw new WeirError('BGP_CANNOT_DIAL', `${localAddress} cannot be dialled from (errno ${errno()})`);
    }
    const name = socketAddress(family, address, port);
    if (name === undefined) throw new WeirError('BGP_CANNOT_DIAL', `${address} is no address`);
    if (libc.connect(fd, name, name.length) !== 0 && errno() !== EINPROGRESS)
      throw new WeirError('BGP_CANNOT_DIAL', `${address} port ${port} cannot be dialled (errno ${errno()})`);
    return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}
