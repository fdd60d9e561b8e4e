import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, isWeirError } from '../common/index.ts';
import { DgramReceiver } from './receiver-dgram.ts';
import { RecvmmsgReceiver } from './receiver-recvmmsg.ts';

interface Taken {
  text: string;
  length: number;
  source: string;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function collect(taken: Taken[]) {
  return (
    bytes: Uint8Array,
    start: number,
    end: number,
    s0: number,
    s1: number,
    s2: number,
    s3: number,
  ): void => {
    const mapped = s0 === 0 && s1 === 0 && s2 === 0xffff;
    taken.push({
      text: Buffer.from(bytes.subarray(start, Math.min(end, start + 64))).toString('latin1'),
      length: end - start,
      source: mapped ? formatIPv4(s3) : formatIPv6(s0, s1, s2, s3),
    });
  };
}

async function send(payloads: (string | Buffer)[], port: number, address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  closers.push(() => socket.close());
  socket.bind(0);
  await once(socket, 'listening');
  for (const payload of payloads)
    await new Promise((resolve) => socket.send(payload, port, address, resolve));
  return socket.address().port;
}

describe('recvmmsg receiver', () => {
  const options = { address: '', port: 0, bufferBytes: 1 << 20 };

  function open(taken: Taken[], wakePort = 0, address = ''): RecvmmsgReceiver {
    const receiver = new RecvmmsgReceiver({ ...options, address }, 50, wakePort, collect(taken));
    closers.push(() => receiver.close());
    return receiver;
  }

  function drain(receiver: RecvmmsgReceiver): void {
    for (let n = receiver.wait(); n > 0; n = receiver.wait()) receiver.deliver(n);
  }

  it('takes datagrams in order, from IPv4 and IPv6, with their sources', async () => {
    const taken: Taken[] = [];
    const receiver = open(taken);
    const many = Array.from({ length: 150 }, (_, i) => `datagram ${i}`);
    await send(many, receiver.info.port, '127.0.0.1');
    drain(receiver);
    expect(taken.map((t) => t.text)).toEqual(many);
    expect(new Set(taken.map((t) => t.source))).toEqual(new Set(['127.0.0.1']));
    await send(['six'], receiver.info.port, '::1');
    drain(receiver);
    expect(taken.at(-1)).toEqual({ text: 'six', length: 3, source: '::1' });
  });

  it('shows an overlong datagram as longer than is looked at, and an empty one as empty', async () => {
    const taken: Taken[] = [];
    const receiver = open(taken);
    await send(
      [Buffer.alloc(60_000, 'x'), Buffer.alloc(2048, 'y'), Buffer.alloc(0)],
      receiver.info.port,
      '127.0.0.1',
    );
    drain(receiver);
    expect(taken.map((t) => t.length > 2048)).toEqual([true, false, false]);
    expect(taken.map((t) => t.length).slice(1)).toEqual([2048, 0]);
  });

  it('an empty datagram from the wake port wakes, and is not delivered', async () => {
    const taken: Taken[] = [];
    const socket = createSocket('udp4');
    closers.push(() => socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const receiver = open(taken, socket.address().port);
    await new Promise((resolve) => socket.send('', receiver.info.port, '127.0.0.1', resolve));
    drain(receiver);
    expect(receiver.woken).toBe(true);
    expect(taken).toEqual([]);
  });

  it('counts what the kernel dropped because the buffer was full', async () => {
    const taken: Taken[] = [];
    const receiver = new RecvmmsgReceiver(
      { address: '127.0.0.1', port: 0, bufferBytes: 4096 },
      50,
      0,
      collect(taken),
    );
    closers.push(() => receiver.close());
    const count = 200;
    await send(
      Array.from({ length: count }, () => Buffer.alloc(1000)),
      receiver.info.port,
      '127.0.0.1',
    );
    drain(receiver);
    expect(taken.length).toBeLessThan(count);
    expect(receiver.kernelDrops()).toBe(count - taken.length);
  });

  it('a port in use is one clear error', () => {
    const receiver = open([]);
    const attempt = (): unknown => {
      try {
        return new RecvmmsgReceiver({ ...options, port: receiver.info.port }, 50, 0, collect([]));
      } catch (error) {
        return error;
      }
    };
    const error = attempt();
    expect(isWeirError(error, 'RECEIVER_PORT_IN_USE')).toBe(true);
    expect(String(error)).toContain(`UDP port ${receiver.info.port} is in use`);
  });

  it('binds one address when told to', async () => {
    const taken: Taken[] = [];
    const receiver = open(taken, 0, '127.0.0.1');
    expect(receiver.info.address).toBe('127.0.0.1');
    await send(['here'], receiver.info.port, '127.0.0.1');
    drain(receiver);
    expect(taken.map((t) => t.text)).toEqual(['here']);
  });
});

describe('dgram receiver', () => {
  it('takes datagrams from IPv4 and IPv6, with their sources', async () => {
    const taken: Taken[] = [];
    const receiver = new DgramReceiver({ address: '', port: 0, bufferBytes: 1 << 20 }, collect(taken));
    await receiver.start();
    closers.push(() => receiver.close());
    await send(['four'], receiver.info.port, '127.0.0.1');
    await send(['six'], receiver.info.port, '::1');
    for (let i = 0; i < 100 && taken.length < 2; i++) await sleep(10);
    expect(taken.map(({ text, source }) => ({ text, source }))).toEqual([
      { text: 'four', source: '127.0.0.1' },
      { text: 'six', source: '::1' },
    ]);
  });

  it('a port in use is one clear error', async () => {
    const first = new DgramReceiver({ address: '127.0.0.1', port: 0, bufferBytes: 4096 }, collect([]));
    await first.start();
    closers.push(() => first.close());
    const second = new DgramReceiver(
      { address: '127.0.0.1', port: first.info.port, bufferBytes: 4096 },
      collect([]),
    );
    await expect(second.start()).rejects.toMatchObject({ code: 'RECEIVER_PORT_IN_USE' });
  });
});
