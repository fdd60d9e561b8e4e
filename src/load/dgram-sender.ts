import { createSocket, type Socket } from 'node:dgram';
import { WeirError } from '../common/index.ts';
import { type DatagramRing, type RingSender, SEND_BUFFER, SEND_TRIES } from './sender.ts';
import type { Target } from './target.ts';

/** A sender on node:dgram: works everywhere, at several times the CPU of sendmmsg. */
export class DgramSender implements RingSender {
  readonly kind = 'dgram';
  refused = 0;
  private readonly ring: DatagramRing;
  private readonly socket: Socket;

  private constructor(ring: DatagramRing, socket: Socket) {
    this.ring = ring;
    this.socket = socket;
    // Errors of single sends arrive in their callbacks; without a listener one outside of them would end the process.
    socket.on('error', () => this.refused++);
  }

  static async open(ring: DatagramRing, target: Target): Promise<DgramSender> {
    const socket = createSocket({ type: target.family === 4 ? 'udp4' : 'udp6', sendBufferSize: SEND_BUFFER });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(target.port, target.address, resolve);
    }).catch((cause: unknown) => {
      socket.close();
      throw new WeirError('LOAD_SOCKET', `cannot reach ${target.address}`, { cause });
    });
    socket.removeAllListeners('error');
    return new DgramSender(ring, socket);
  }

  async send(first: number, count: number): Promise<void> {
    const sends: Promise<void>[] = [];
    for (let slot = first; slot < first + count; slot++) sends.push(this.sendSlot(slot));
    await Promise.all(sends);
  }

  private async sendSlot(slot: number): Promise<void> {
    const { memory, slotBytes, lengths } = this.ring;
    const datagram = new Uint8Array(memory, slot * slotBytes, lengths[slot]);
    for (let tries = 1; ; tries++) {
      const error = await new Promise<Error | null>((resolve) => this.socket.send(datagram, resolve));
      if (error === null) return;
      this.refused++;
      if (tries === SEND_TRIES) throw new WeirError('LOAD_SEND', 'cannot send', { cause: error });
    }
  }

  close(): void {
    this.socket.close();
  }
}
