import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';
import { BatchWriter } from './batch.ts';
import { BatchQueue } from './batch-queue.ts';
import { Outlet, type OutletOptions } from './outlet.ts';
import { sshTrouble } from './ssh-trouble.ts';

const LINES: OutletOptions = { format: 'lines', compress: false, acknowledged: false, sentBefore: 0 };

/** A batch of `count` datagrams of one byte. */
function put(queue: BatchQueue, count: number, byte = 0): void {
  const writer = new BatchWriter('lines');
  for (let i = 0; i < count; i++) writer.add(Uint8Array.of(byte), 0, 1, 0, 0, 0, 0, 0, 0);
  queue.push(writer.take()!);
}

describe('the queue', () => {
  it('drops the oldest batches when there are too many bytes, and counts their datagrams', () => {
    const queue = new BatchQueue(30);
    for (let i = 1; i <= 5; i++) put(queue, 4, i);
    expect(queue).toMatchObject({ dropped: 12, datagrams: 8, bytes: 24 });
    expect(queue.takeDropped()).toBe(12);
    expect(queue.takeDropped()).toBe(0);
    expect(Buffer.from(queue.shift()!.bytes).toString().slice(0, 3)).toBe('04\n');
    expect(queue.shift()).toBeDefined();
    expect(queue.shift()).toBeUndefined();
    expect(queue).toMatchObject({ dropped: 12, datagrams: 0, bytes: 0 });
  });

  it('keeps the newest, however large', () => {
    const queue = new BatchQueue(1);
    put(queue, 100);
    expect(queue).toMatchObject({ dropped: 0, datagrams: 100 });
  });

  it('gives thousands back in order', () => {
    const queue = new BatchQueue(1 << 20);
    const got: number[] = [];
    for (let i = 0; i < 5000; i++) {
      put(queue, 1, i % 256);
      if (i % 3 === 0) got.push(Number.parseInt(Buffer.from(queue.shift()!.bytes).toString(), 16));
    }
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift())
      got.push(Number.parseInt(Buffer.from(batch.bytes).toString(), 16));
    expect(got).toEqual(Array.from({ length: 5000 }, (_, i) => i % 256));
  });
});

describe('an outlet', () => {
  it('leaves in the queue what a stalled stream does not take, where the oldest can be dropped', async () => {
    const queue = new BatchQueue(100_000);
    const stalled = new Writable({ write: () => {} });
    const outlet = new Outlet(queue, stalled, LINES);
    for (let i = 0; i < 1000; i++) {
      put(queue, 1000);
      outlet.pump();
    }
    await turn();
    expect(stalled.writableLength).toBeLessThan(400_000);
    expect(queue.bytes).toBeLessThanOrEqual(100_000);
    expect(outlet.written + queue.datagrams + queue.dropped).toBe(1_000_000);
  });

  it('sends nothing before the other end has spoken, and bounds what is not acknowledged', async () => {
    const queue = new BatchQueue(1 << 26);
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const outlet = new Outlet(queue, sink, { ...LINES, acknowledged: true });
    for (let i = 0; i < 30; i++) queue.push({ bytes: new Uint8Array(1 << 20), datagrams: 10 });
    outlet.pump();
    await turn();
    expect(outlet.written).toBe(0);
    // The window is 8 MiB.
    for (const [told, written] of [
      [0, 80],
      [5, 80],
      [10, 90],
      [90, 170],
    ]) {
      outlet.acknowledge(told);
      await turn();
      expect(outlet.written, `told ${told}`).toBe(written);
    }
    outlet.close();
  });

  it('waits at its end for a reader that is slow, not for one that has stalled', async () => {
    const queue = new BatchQueue(1 << 26);
    let taken = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        if (taken++ < 30) setTimeout(done, 20);
      },
    });
    const outlet = new Outlet(queue, slow, LINES);
    for (let i = 0; i < 40; i++) queue.push({ bytes: new Uint8Array(1 << 19), datagrams: 1 });
    outlet.pump();
    await outlet.drained();
    expect(taken).toBe(31);
    expect(queue.datagrams).toBe(9);
    outlet.close();
  });

  it('shows compressed data to the reader at once', async () => {
    const queue = new BatchQueue(1 << 20);
    const stream = new PassThrough();
    const outlet = new Outlet(queue, stream, { ...LINES, compress: true });
    put(queue, 1);
    outlet.pump();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length > 12) break;
    }
    expect(Buffer.concat(chunks).subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
    outlet.close();
  });
});

describe('tries', () => {
  it('are ever farther apart, up to a minute, never at the same distance, and near again after a good connection', () => {
    const longest = new Backoff(() => 0);
    expect(Array.from({ length: 10 }, () => longest.next(0))).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    expect(longest.next(10_000)).toBe(500);
    expect(new Backoff(() => 0.999).next(0)).toBeCloseTo(250, 0);
  });
});

describe('what ssh says', () => {
  const cases: readonly [string, number | null, string, boolean][] = [
    [
      '@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\nOffending ECDSA key in /home/me/.ssh/known_hosts:7',
      255,
      'the host key of gw has changed',
      true,
    ],
    ['Host key verification failed.', 255, 'the host key of gw is not known here', true],
    [
      'me@gw: Permission denied (publickey).',
      255,
      'me@gw does not let us in: Permission denied (publickey).',
      true,
    ],
    ['bash: line 1: weir: command not found', 127, 'there is no weir on gw', true],
    [
      'ssh: connect to host gw port 22: Connection refused',
      255,
      'gw cannot be reached: Connection refused',
      false,
    ],
    [
      'ssh: Could not resolve hostname gw: Name or service not known',
      255,
      'gw cannot be reached: Could not',
      false,
    ],
    ['Timeout, server gw not responding.', 255, 'gw does not answer any more', false],
    ['something new', 3, 'ssh ended with code 3: something new', false],
    ['', null, 'ssh was ended', false],
  ];
  it.each(cases)('%s', (said, code, text, lasting) => {
    const trouble = sshTrouble('me@gw', said.split('\n'), code);
    expect(trouble.text).toContain(text);
    expect(trouble.lasting).toBe(lasting);
  });
});
