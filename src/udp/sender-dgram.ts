import type { Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { DatagramSender, Destination } from './sender.ts';

/** Bytes that may wait in the socket's queue; what comes beyond is lost. */
const MAX_QUEUED_BYTES = 4 << 20;

/** Sends through a socket of node:dgram. */
export class DgramSender implements DatagramSender {
  private readonly socket: Socket;
  private readonly type: 'udp4' | 'udp6';

  constructor(socket: Socket, type: 'udp4' | 'udp6') {
    this.socket = socket;
    this.type = type;
  }

  destination(address: string, port: number): Destination | undefined {
    if (!isIPv4(address)) return this.type === 'udp4' ? undefined : this.to(address, port);
    return this.to(this.type === 'udp4' ? address : `::ffff:${address}`, port);
  }

  flush(): void {}

  private to(address: string, port: number): Destination {
    const { socket } = this;
    const counts = { sent: 0, failed: 0 };
    const done = (error: Error | null): void => {
      if (error === null) counts.sent++;
      else counts.failed++;
    };
    return {
      counts,
      send(bytes, start, end) {
        if (socket.getSendQueueSize() + end - start > MAX_QUEUED_BYTES) counts.failed++;
        // A copy, because the socket may still hold it when the buffer is written again.
        else socket.send(Buffer.from(bytes.subarray(start, end)), port, address, done);
      },
    };
  }
}
