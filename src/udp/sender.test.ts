import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DgramReceiver } from './receiver-dgram.ts';
import { RecvmmsgReceiver } from './receiver-recvmmsg.ts';
import type { DatagramSender } from './sender.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A collector, and what it got. */
async function collector(address = '127.0.0.1') {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
  closers.push(() => socket.close());
  const got: { text: string; from: string; port: number }[] = [];
  socket.on('message', (message, from) =>
    got.push({ text: message.toString('latin1'), from: from.address, port: from.port }),
  );
  socket.bind(0, address);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    got,
    async until(count: number) {
      for (let i = 0; i < 200 && got.length < count; i++) await sleep(5);
      return got;
    },
  };
}

interface Opened {
  readonly sender: DatagramSender;
  /** Of the receiving socket. */
  readonly port: number;
}

const KINDS: [kind: string, open: (address: string) => Promise<Opened>][] = [
  [
    'recvmmsg',
    async (address) => {
      const receiver = new RecvmmsgReceiver({ address, port: 0, bufferBytes: 65536 }, 50, 0, () => undefined);
      closers.push(() => receiver.close());
      return { sender: receiver.sender(), port: receiver.info.port };
    },
  ],
  [
    'dgram',
    async (address) => {
      const receiver = new DgramReceiver({ address, port: 0, bufferBytes: 65536 }, () => undefined);
      await receiver.start();
      closers.push(() => receiver.close());
      return { sender: receiver.sender(), port: receiver.info.port };
    },
  ],
];

describe.each(KINDS)('sending from the receiving socket: %s', (_kind, open) => {
  it.each(['', '127.0.0.1'])('bound to "%s": IPv4, from the port it receives on', async (address) => {
    const { sender, port } = await open(address);
    const target = await collector();
    const destination = sender.destination('127.0.0.1', target.port);
    const bytes = Buffer.from('..one..two');
    destination?.send(bytes, 2, 5);
    destination?.send(bytes, 7, 10);
    destination?.send(bytes, 4, 4);
    sender.flush();
    expect(await target.until(3)).toEqual(
      ['one', 'two', ''].map((text) => ({ text, from: '127.0.0.1', port })),
    );
    expect(destination?.counts).toEqual({ sent: 3, failed: 0 });
  });

  it('bound to all addresses: IPv6 too', async () => {
    const { sender, port } = await open('');
    const target = await collector('::1');
    sender.destination('::1', target.port)?.send(Buffer.from('six'), 0, 3);
    sender.flush();
    expect(await target.until(1)).toEqual([{ text: 'six', from: '::1', port }]);
  });

  it('bound to an IPv4 address: IPv6 is out of reach', async () => {
    const { sender } = await open('127.0.0.1');
    expect(sender.destination('::1', 6343)).toBeUndefined();
  });

  it('keeps the order of many to several', async () => {
    const { sender } = await open('');
    const targets = [await collector(), await collector()];
    const destinations = targets.map(({ port }) => sender.destination('127.0.0.1', port));
    const texts = Array.from({ length: 400 }, (_, i) => String(1000 + i));
    const bytes = Buffer.from(texts.join(''));
    texts.forEach((_, i) => {
      destinations[i % 2]?.send(bytes, i * 4, i * 4 + 4);
    });
    sender.flush();
    for (const [which, target] of targets.entries())
      expect((await target.until(200)).map(({ text }) => text)).toEqual(
        texts.filter((_, i) => i % 2 === which),
      );
  });

  it('what the system refuses is counted, and the rest goes on', async () => {
    const { sender } = await open('127.0.0.1');
    const target = await collector();
    const good = sender.destination('127.0.0.1', target.port);
    // Sending to a broadcast address takes a permission that the socket has not.
    const bad = sender.destination('255.255.255.255', target.port);
    const bytes = Buffer.from('ab');
    bad?.send(bytes, 0, 1);
    good?.send(bytes, 0, 1);
    bad?.send(bytes, 0, 2);
    bad?.send(bytes, 0, 2);
    good?.send(bytes, 1, 2);
    sender.flush();
    expect((await target.until(2)).map(({ text }) => text)).toEqual(['a', 'b']);
    for (let i = 0; i < 100 && bad?.counts.failed !== 3; i++) await sleep(5);
    expect(bad?.counts).toEqual({ sent: 0, failed: 3 });
    expect(good?.counts).toEqual({ sent: 2, failed: 0 });
  });
});
