import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { WeirError } from '../common/index.ts';
import type { ConnectedCounts, ConnectedSender } from './connected-sender.ts';

/** Datagrams that may be under way to the system. */
const IN_FLIGHT = 512;

/** A connected socket of node:dgram. */
export class DgramConnectedSender implements ConnectedSender {
  readonly kind = 'dgram';
  readonly counts: ConnectedCounts = { sent: 0, failed: 0, refused: 0, lastFailure: '' };
  private readonly socket: Socket;
  private inFlight = 0;
  private wake: () => void = () => {};

  /** Throws a WeirError `UDP_TARGET` when the address cannot be reached. */
  static async open(type: 'udp4' | 'udp6', address: string, port: number): Promise<DgramConnectedSender> {
    const socket = createSocket(type);
    socket.connect(port, address);
    try {
      await once(socket, 'connect');
    } catch (cause) {
      socket.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WeirError('UDP_TARGET', `cannot send to ${address}: ${reason}`, { cause });
    }
    return new DgramConnectedSender(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    // The refusal of an earlier datagram may come here instead of to a later one.
    socket.on('error', (error) => this.note(error, false));
  }

  send(bytes: Uint8Array, start: number, end: number): void {
    this.inFlight++;
    this.socket.send(Buffer.from(bytes.subarray(start, end)), (error) => {
      this.inFlight--;
      if (error === null) this.counts.sent++;
      else this.note(error, true);
      this.wake();
    });
  }

  flush(): Promise<void> | undefined {
    return this.inFlight === 0 ? undefined : this.drained(IN_FLIGHT / 2);
  }

  close(): void {
    this.socket.close();
  }

  private async drained(limit: number): Promise<void> {
    while (this.inFlight > limit) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private note(error: NodeJS.ErrnoException, ofThis: boolean): void {
    if (error.code === 'ECONNREFUSED') this.counts.refused++;
    if (!ofThis) return;
    this.counts.failed++;
    this.counts.lastFailure = error.code === 'ECONNREFUSED' ? 'nobody listens there' : error.message;
  }
}
