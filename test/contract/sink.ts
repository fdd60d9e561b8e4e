import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A datagram as it arrived at a sink. */
export interface Arrival {
  readonly payload: Uint8Array;
  readonly fromAddress: string;
  readonly fromPort: number;
}

const ARRIVES_WITHIN_MS = 3000;
/** After this much silence nothing more is on its way. */
const SILENCE_MS = 100;

/** A UDP socket of loopback that keeps what it gets. */
export class Sink {
  readonly arrivals: Arrival[] = [];
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (payload, { address, port }) =>
      this.arrivals.push({ payload, fromAddress: address, fromPort: port }),
    );
  }

  static async open(): Promise<Sink> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Sink(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** What arrived since the last call, when there are so many, or when no more have come for a while. */
  async take(expected: number): Promise<Arrival[]> {
    const until = performance.now() + ARRIVES_WITHIN_MS;
    while (this.arrivals.length < expected && performance.now() < until) await sleep(5);
    await sleep(SILENCE_MS);
    return this.arrivals.splice(0);
  }

  close(): void {
    this.socket.close();
  }
}
