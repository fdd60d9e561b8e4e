import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturedDatagram } from '../../src/packet/index.ts';

/** Datagrams handed to the kernel at once. */
const BATCH = 32;

/** A UDP socket that sends to one port of loopback. */
export class UdpSender {
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  static async open(port: number, address = '127.0.0.1'): Promise<UdpSender> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.connect(port, address);
    await once(socket, 'connect');
    return new UdpSender(socket);
  }

  /** Where its datagrams come from. */
  get port(): number {
    return this.socket.address().port;
  }

  /**
   * Sends them in order, and resolves when the kernel has them all.
   * @param perSecond at most that many; as fast as they go unless given
   */
  async send(payloads: Iterable<Uint8Array>, perSecond = Number.POSITIVE_INFINITY): Promise<void> {
    const began = performance.now();
    let sent = 0;
    let batch: Promise<void>[] = [];
    for (const payload of payloads) {
      batch.push(this.sendOne(payload));
      if (batch.length < BATCH) continue;
      await Promise.all(batch);
      sent += batch.length;
      batch = [];
      const ahead = (sent / perSecond) * 1000 - (performance.now() - began);
      if (ahead > 1) await sleep(ahead);
    }
    await Promise.all(batch);
  }

  /**
   * Sends captured datagrams with the pauses they were captured with, `speed` times as fast.
   * @param onSent called as each is sent
   */
  async replay(captured: readonly CapturedDatagram[], speed: number, onSent = (): void => {}): Promise<void> {
    const began = performance.now();
    for (const { payload, timestampMs } of captured) {
      const due = (timestampMs - captured[0].timestampMs) / speed;
      const ahead = began + due - performance.now();
      if (ahead > 1) await sleep(ahead);
      await this.sendOne(payload);
      onSent();
    }
  }

  close(): void {
    this.socket.close();
  }

  private sendOne(payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(payload, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}
