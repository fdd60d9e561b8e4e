import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { createSender } from './create-sender.ts';
import { DgramSender } from './dgram-sender.ts';
import type { DatagramRing, RingSender } from './sender.ts';
import { targetOf } from './target.ts';

const SLOTS = 8;

function ring(): DatagramRing {
  const memory = new ArrayBuffer(SLOTS * 16);
  const bytes = new Uint8Array(memory);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i;
  return { memory, slotBytes: 16, lengths: Uint16Array.from({ length: SLOTS }, (_, slot) => slot + 1) };
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function receiver(address: string): Promise<{ port: number; socket: Socket; received: Buffer[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  open.push(socket);
  const received: Buffer[] = [];
  socket.on('message', (message) => received.push(message));
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return { port: socket.address().port, socket, received };
}

const KINDS = {
  fastest: (slots: DatagramRing, address: string, port: number) =>
    createSender(slots, targetOf(address, port)),
  dgram: (slots: DatagramRing, address: string, port: number) =>
    DgramSender.open(slots, targetOf(address, port)),
};

describe.each(Object.entries(KINDS))('the %s sender', (_, openSender) => {
  async function sender(address: string, port: number): Promise<RingSender> {
    const made = await openSender(ring(), address, port);
    open.push(made);
    return made;
  }

  it.each(['127.0.0.1', '::1'])('sends the bytes of the slots, and only those, to %s', async (address) => {
    const { port, received } = await receiver(address);
    const one = await sender(address, port);
    await one.send(2, 3);
    await one.send(7, 1);
    await expect.poll(() => received.length).toBe(4);
    expect(received.map((message) => [message[0], message.length])).toEqual([
      [32, 3],
      [48, 4],
      [64, 5],
      [112, 8],
    ]);
    expect(one.refused).toBe(0);
  });

  it('goes on when nobody listens, and says so', async () => {
    const { port, socket } = await receiver('127.0.0.1');
    const one = await sender('127.0.0.1', port);
    open.splice(open.indexOf(socket), 1);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    for (let i = 0; i < 20; i++) await one.send(0, SLOTS);
    expect(one.refused).toBeGreaterThan(0);
  });
});

describe('on Linux', () => {
  it.runIf(process.platform === 'linux')('the fastest sender is sendmmsg', async () => {
    const { port } = await receiver('127.0.0.1');
    const fastest = await createSender(ring(), targetOf('127.0.0.1', port));
    open.push(fastest);
    expect(fastest.kind).toBe('sendmmsg');
  });
});
