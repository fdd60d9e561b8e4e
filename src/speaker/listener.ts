import { createServer, type Server, type Socket } from 'node:net';
import { WeirError } from '../common/index.ts';
import { AF_INET, AF_INET6 } from '../udp/native.ts';
import { descriptorOf, GREATEST_TTL, type SocketOptions } from './socket-options.ts';

/** Where the speaker listens. */
export interface SpeakerPlace {
  readonly address: string;
  readonly port: number;
}

/** Connections that wait to be looked at. */
const BACKLOG = 128;

/** The listening socket, for both families where the machine has both. */
export class Listener {
  private readonly options: SocketOptions;
  private readonly connected: (socket: Socket) => void;
  private server: Server | undefined;
  private isIpv6 = true;
  /** Addresses with a password. */
  private readonly signed = new Set<string>();

  constructor(options: SocketOptions, connected: (socket: Socket) => void) {
    this.options = options;
    this.connected = connected;
  }

  /** @param host '' for every address. Throws WeirError `BGP_CANNOT_LISTEN`. */
  async start(host: string, port: number): Promise<SpeakerPlace> {
    try {
      this.server = await listen(host === '' ? '::' : host, port, this.connected).catch((error) => {
        if (host !== '' || error.code !== 'EAFNOSUPPORT') throw error;
        return listen('0.0.0.0', port, this.connected);
      });
    } catch (cause) {
      throw new WeirError('BGP_CANNOT_LISTEN', listenFault(cause, host, port), { cause });
    }
    const place = this.server.address();
    if (place === null || typeof place === 'string') throw new WeirError('BGP_CANNOT_LISTEN', 'no address');
    this.isIpv6 = place.family === 'IPv6';
    return { address: host === '' ? '' : place.address, port: place.port };
  }

  isListening(): boolean {
    return this.server !== undefined;
  }

  /** Connections from this address are signed from now on; the empty password ends that. */
  setPassword(address: string, password: string): void {
    if (this.server === undefined || (password === '' && !this.signed.has(address))) return;
    // A socket of IPv4 has no connections from there.
    if (!this.isIpv6 && address.includes(':')) return;
    if (password === '') this.signed.delete(address);
    else this.signed.add(address);
    const family = this.isIpv6 ? AF_INET6 : AF_INET;
    this.options.setPassword(descriptorOf(this.server), family, address, password);
  }

  /** The answer to a neighbour that looks at the TTL has to be good already (RFC 5082). Once for all neighbours. */
  useGreatestTtl(): void {
    if (this.server !== undefined) this.options.setTtl(descriptorOf(this.server), this.isIpv6, GREATEST_TTL);
  }

  /** Takes no more connections; those that there are go on. */
  stop(): void {
    this.server?.close();
    this.server = undefined;
  }
}

function listen(host: string, port: number, connected: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, connected);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeListener('error', reject);
      resolve(server);
    });
  });
}

function listenFault(cause: unknown, host: string, port: number): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const where = `TCP port ${port}${host === '' ? '' : ` of ${host}`}`;
  if (code === 'EADDRINUSE') return `${where} is in use: -Dbgp.port=N chooses another`;
  if (code === 'EACCES') return `${where} may only be used by root: -Dbgp.port=1179 needs no rights`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine: -Dbgp.hostname=ADDRESS`;
  return `${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
}
