import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { resolveHost } from '../../engine/host-address.ts';
import { SinkError, untilAborted } from '../sink.ts';
import type { TlsOptions } from './tls-options.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A TCP or TLS connection that is made when it is needed, and again when it was lost. */
export class StreamConnection {
  private readonly target: Target;
  private readonly tls: TlsOptions | undefined;
  private socket: Socket | undefined;

  /** `tls` undefined: plain TCP. */
  constructor(target: Target, tls: TlsOptions | undefined) {
    this.target = target;
    this.tls = tls;
  }

  /** Resolves when the system has taken the bytes; whether they arrive is not known. */
  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const socket = (this.socket ??= await this.open(signal));
    let closed: (() => void) | undefined;
    try {
      await untilAborted(
        new Promise<void>((resolve, reject) => {
          closed = () => reject(new Error('the connection was closed'));
          socket.once('close', closed);
          socket.write(bytes, (error) => (error ? reject(error) : resolve()));
        }),
        signal,
      );
    } catch (error) {
      this.close();
      throw error;
    } finally {
      if (closed !== undefined) socket.off('close', closed);
    }
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private async open(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.target;
    const secure = this.tls !== undefined;
    const socket = secure
      ? connectSecure({
          host,
          port,
          ...(isIPv6(host) || /^[\d.]+$/.test(host) ? {} : { servername: host }),
          ...this.tls,
        })
      : connect({ host, port });
    try {
      await untilAborted(once(socket, secure ? 'secureConnect' : 'connect'), signal);
    } catch (error) {
      socket.on('error', () => undefined);
      socket.destroy();
      throw error;
    }
    socket.setKeepAlive(true, 30_000);
    // The write that fails tells; what is lost between two of them is seen by the next.
    socket.on('error', () => this.forget(socket));
    socket.on('end', () => this.forget(socket));
    // Nobody reads what the other side says, but it must not pile up.
    socket.resume();
    socket.once('close', () => this.forget(socket));
    return socket;
  }

  private forget(socket: Socket): void {
    if (this.socket === socket) this.socket = undefined;
    socket.destroy();
  }
}

/** A UDP socket for one destination, of which it hears when nobody listens there. */
export class DatagramConnection {
  private readonly target: Target;
  private socket: UdpSocket | undefined;
  private fault: Error | undefined;

  constructor(target: Target) {
    this.target = target;
  }

  async send(bytes: Uint8Array): Promise<void> {
    const socket = (this.socket ??= await this.open());
    const earlier = this.fault;
    this.fault = undefined;
    if (earlier !== undefined) {
      this.close();
      throw earlier;
    }
    await new Promise<void>((resolve, reject) => {
      socket.send(bytes, (error) => (error === null ? resolve() : reject(error)));
    }).catch((error: Error & { code?: string }) => {
      if (error.code === 'EMSGSIZE')
        throw new SinkError('the message is too long for UDP', { permanent: true, refused: 1 });
      throw error;
    });
  }

  close(): void {
    this.socket?.close();
    this.socket = undefined;
  }

  private async open(): Promise<UdpSocket> {
    const { host, port } = this.target;
    const address = await resolveHost(host);
    if (address === undefined) throw new SinkError(`nobody knows the host ${host}`);
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.connect(port, address);
    await once(socket, 'connect');
    socket.on('error', (error) => {
      this.fault = error;
    });
    socket.unref();
    return socket;
  }
}
