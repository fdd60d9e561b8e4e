import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 5000;

export interface CollectedDatagram {
  readonly payload: Buffer;
  /** Source port. */
  readonly port: number;
  readonly address: string;
}

/** A UDP socket on a free port of loopback that keeps what it gets. */
export class UdpCollector {
  readonly got: CollectedDatagram[] = [];
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (payload, { address, port }) => this.got.push({ payload, address, port }));
  }

  static async open(address = '127.0.0.1'): Promise<UdpCollector> {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
    socket.bind(0, address);
    await once(socket, 'listening');
    return new UdpCollector(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** Resolves when so many have come in all. */
  async until(count: number): Promise<readonly CollectedDatagram[]> {
    const end = performance.now() + WITHIN_MS;
    while (this.got.length < count) {
      if (performance.now() > end) throw new Error(`${this.got.length} datagrams came, not ${count}`);
      await sleep(5);
    }
    return this.got;
  }

  close(): void {
    this.socket.close();
  }
}
