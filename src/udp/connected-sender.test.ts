import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectedSender } from './connected-sender.ts';
import { DgramConnectedSender } from './connected-sender-dgram.ts';
import { MmsgConnectedSender } from './connected-sender-mmsg.ts';
import { loadNative } from './native.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const KINDS: readonly [string, (address: string, port: number) => Promise<ConnectedSender>][] = [
  ['sendmmsg', async (address, port) => new MmsgConnectedSender(loadNative(), address, port)],
  [
    'dgram',
    (address, port) => DgramConnectedSender.open(address.includes(':') ? 'udp6' : 'udp4', address, port),
  ],
];

async function collector(address: string): Promise<{ socket: Socket; port: number; got: Buffer[] }> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
  const got: Buffer[] = [];
  socket.on('message', (message) => got.push(message));
  socket.bind(0, address);
  await once(socket, 'listening');
  return { socket, port: socket.address().port, got };
}

describe.each(KINDS)('%s', (kind, open) => {
  it.each(['127.0.0.1', '::1'])('sends copies, in order, to %s', async (address) => {
    const { socket, port, got } = await collector(address);
    closers.push(() => socket.close());
    const sender = await open(address, port);
    closers.push(() => sender.close());
    const bytes = new Uint8Array(2000);
    for (let i = 0; i < 1000; i++) {
      bytes.fill(i % 256);
      sender.send(bytes, 10, 10 + 1 + (i % 1500));
      if (i % 100 === 99) {
        await sender.flush();
        await sleep(2);
      }
    }
    await sender.flush();
    while (got.length < 1000) await sleep(5);
    expect(got.every((one, i) => one.length === 1 + (i % 1500) && one[0] === i % 256)).toBe(true);
    expect(sender.kind).toBe(kind);
    expect(sender.counts).toMatchObject({ sent: 1000, failed: 0, refused: 0 });
  });

  it('counts when nobody listens, and goes on when somebody does', async () => {
    const { socket, port } = await collector('127.0.0.1');
    socket.close();
    const sender = await open('127.0.0.1', port);
    closers.push(() => sender.close());
    for (let i = 0; i < 20; i++) {
      sender.send(Uint8Array.of(i), 0, 1);
      await sender.flush();
      await sleep(2);
    }
    expect(sender.counts.refused).toBeGreaterThan(0);
    const again = createSocket('udp4');
    closers.push(() => again.close());
    again.bind(port, '127.0.0.1');
    await once(again, 'listening');
    const got = once(again, 'message');
    for (let i = 0; i < 3; i++) sender.send(Uint8Array.of(7), 0, 1);
    await sender.flush();
    expect((await got)[0]).toEqual(Buffer.of(7));
  });

  it('counts what is too long, and sends the rest', async () => {
    const { socket, port, got } = await collector('127.0.0.1');
    closers.push(() => socket.close());
    const sender = await open('127.0.0.1', port);
    closers.push(() => sender.close());
    sender.send(new Uint8Array(65_520), 0, 65_520);
    sender.send(Uint8Array.of(1), 0, 1);
    await sender.flush();
    while (got.length < 1) await sleep(5);
    expect(sender.counts).toMatchObject({ sent: 1, failed: 1 });
    expect(sender.counts.lastFailure).toMatch(/too long|EMSGSIZE/);
  });
});
