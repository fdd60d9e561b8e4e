import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { parseIPv4, parseIPv6, WeirError } from '../common/index.ts';
import { socketDrops } from './kernel-drops.ts';
import type { ReceiverInfo, ReceiverOptions, TakeDatagram } from './receiver.ts';
import type { DatagramSender } from './sender.ts';
import { DgramSender } from './sender-dgram.ts';

/** The receive path that needs nothing but Node: one event per datagram. Slower. */
export class DgramReceiver {
  info: ReceiverInfo;
  private readonly options: ReceiverOptions;
  private readonly take: TakeDatagram;
  private socket: Socket | undefined;
  private type: 'udp4' | 'udp6' = 'udp4';

  constructor(options: ReceiverOptions, take: TakeDatagram) {
    this.options = options;
    this.take = take;
    this.info = {
      kind: 'dgram',
      address: options.address,
      port: options.port,
      bufferAsked: options.bufferBytes,
      bufferGranted: 0,
    };
  }

  /** Bind and begin. Throws a WeirError RECEIVER_PORT_IN_USE or RECEIVER_BIND. */
  async start(): Promise<void> {
    const { address, port } = this.options;
    if (address === '') {
      // Both families where there is IPv6, else IPv4 alone.
      try {
        await this.bind('udp6', '::', port);
      } catch (error) {
        if (error instanceof WeirError && error.code === 'RECEIVER_PORT_IN_USE') throw error;
        await this.bind('udp4', '0.0.0.0', port);
      }
    } else await this.bind(address.includes(':') ? 'udp6' : 'udp4', address, port);
  }

  /** Sends from the same socket, which must have been started. */
  sender(): DatagramSender {
    if (this.socket === undefined) throw new WeirError('ENGINE_STOPPED', 'the sFlow socket is not open');
    return new DgramSender(this.socket, this.type);
  }

  /** Datagrams the kernel dropped on this socket because its buffer was full, where it tells. */
  kernelDrops(): number {
    return socketDrops(this.info.address, this.info.port);
  }

  close(): void {
    this.socket?.close();
    this.socket = undefined;
  }

  private async bind(type: 'udp4' | 'udp6', address: string, port: number): Promise<void> {
    const socket = createSocket({ type });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, resolve);
    }).catch((cause: NodeJS.ErrnoException) => {
      socket.close();
      const where = `UDP port ${port}${this.options.address === '' ? '' : ` of ${this.options.address}`}`;
      if (cause.code === 'EADDRINUSE')
        throw new WeirError('RECEIVER_PORT_IN_USE', `${where} is in use by another program`, { cause });
      throw new WeirError('RECEIVER_BIND', `${where} cannot be opened: ${cause.message}`, { cause });
    });
    socket.removeAllListeners('error');
    socket.on('error', () => undefined); // a failing datagram is no reason to stop
    try {
      socket.setRecvBufferSize(this.options.bufferBytes);
    } catch {
      // The system's limit is lower; what was granted is reported below.
    }
    const { bufferBytes } = this.options;
    this.info = {
      kind: 'dgram',
      address,
      port: socket.address().port,
      bufferAsked: bufferBytes,
      bufferGranted: socket.getRecvBufferSize() / 2,
    };
    socket.on('message', (message, from) => this.received(message, from));
    this.socket = socket;
    this.type = type;
  }

  private received(message: Uint8Array, from: RemoteInfo): void {
    const mapped = from.address.startsWith('::ffff:') ? from.address.slice(7) : from.address;
    const word = parseIPv4(mapped);
    if (word !== undefined) {
      this.take(message, 0, message.length, 0, 0, 0xffff, word, from.port);
      return;
    }
    const words = parseIPv6(from.address.split('%')[0]) ?? [0, 0, 0, 0];
    this.take(message, 0, message.length, words[0], words[1], words[2], words[3], from.port);
  }
}
