import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { parseIPv4, parseIPv6 } from '../common/index.ts';
import { AllowList, parseAllowed } from './allow.ts';
import type { Batch } from './batch.ts';
import { type ReceiveOptions, StreamReceiver } from './receive.ts';
import { openSource } from './source.ts';
import { StreamDecoder } from './stream-decoder.ts';
import { FRAMES_BEGIN, startOfFrames } from './stream-format.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function receiver(options: Partial<ReceiveOptions> = {}) {
  const got: string[] = [];
  const bad: number[] = [];
  const told: number[] = [];
  const one = new StreamReceiver({
    sender: undefined,
    sink: {
      add: (bytes, start, end) => got.push(Buffer.from(bytes.subarray(start, end)).toString('hex')),
      flush: async () => {},
    },
    rate: undefined,
    onBadLine: (number) => bad.push(number),
    acknowledge: (count) => told.push(count),
    ...options,
  });
  return { one, got, bad, told };
}

describe('a stream', () => {
  it('is read plain and compressed, and nothing needs to say which', async () => {
    for (const form of [(text: string) => Buffer.from(text), gzipSync]) {
      const { one, got } = receiver();
      await one.run(Readable.from([form('0102\n0304\n')]));
      expect(got).toEqual(['0102', '0304']);
    }
  });

  it('may be empty', async () => {
    const { one } = receiver();
    await one.run(Readable.from([]));
    expect(one.counts).toEqual({ datagrams: 0, bytes: 0, badLines: 0, dropped: 0 });
  });

  it('that is compressed and cut gives what was flushed before', async () => {
    const gzip = createGzip();
    gzip.write('01\n02\n');
    gzip.flush();
    const chunk = (await once(gzip, 'data'))[0] as Buffer;
    const rest = (await once(gzip, 'data'))[0] as Buffer;
    const { one, got } = receiver();
    await one.run(Readable.from([chunk, rest]));
    expect(got).toEqual(['01', '02']);
  });

  it('that is compressed and damaged is refused', async () => {
    const bytes = gzipSync('01\n');
    bytes[bytes.length - 6] ^= 0xff;
    await expect(receiver().one.run(Readable.from([bytes]))).rejects.toThrow(
      expect.objectContaining({ code: 'RELAY_BAD_STREAM' }),
    );
  });

  it('that asks for it is acknowledged, at its end at the latest', async () => {
    const { one, told } = receiver();
    const input = new PassThrough();
    const done = one.run(input);
    input.write(startOfFrames(true, 0));
    await sleep(20);
    expect(told).toEqual([0]);
    input.write(Buffer.concat([Buffer.from([1, 0, 0, 27]), Buffer.alloc(27)]));
    input.end();
    await done;
    expect(told.at(-1)).toBe(1);
  });
});

describe('sources', () => {
  const permits = (list: AllowList, address: string): boolean => {
    const words = address.includes(':') ? parseIPv6(address)! : [0, 0, 0xffff, parseIPv4(address)!];
    return list.permits(words[0], words[1], words[2], words[3]);
  };

  it('are allowed by address and prefix, of either family', () => {
    const list = new AllowList(
      ['192.0.2.0/24', '2001:db8::/33', '198.51.100.7'].map((text) => parseAllowed(text)!),
    );
    for (const good of ['192.0.2.1', '192.0.2.255', '2001:db8:7fff::1', '198.51.100.7'])
      expect(permits(list, good), good).toBe(true);
    for (const bad of ['192.0.3.1', '2001:db8:8000::1', '198.51.100.8', '::1'])
      expect(permits(list, bad), bad).toBe(false);
    expect(permits(new AllowList([]), '203.0.113.1')).toBe(true);
    expect(permits(new AllowList([parseAllowed('0.0.0.0/0')!]), '203.0.113.1')).toBe(true);
    expect(permits(new AllowList([parseAllowed('0.0.0.0/0')!]), '2001:db8::1')).toBe(false);
  });

  it('that are neither address nor prefix are refused', () => {
    for (const text of [
      '',
      '192.0.2',
      '192.0.2.0/33',
      '192.0.2.0/',
      '2001:db8::/129',
      '10.0.0.0/8/8',
      'host',
      '1.2.3.4/-1',
    ])
      expect(parseAllowed(text), text).toBeUndefined();
  });

  it('are counted: received, not allowed, empty', async () => {
    const batches: Batch[] = [];
    const source = await openSource(
      {
        address: '127.0.0.1',
        port: 0,
        bufferBytes: 1 << 20,
        allow: [parseAllowed('127.0.0.1')!],
        format: 'frames',
      },
      { batch: (batch) => batches.push(batch), failed: (error) => expect.fail(String(error)) },
    );
    closers.push(() => source.stop());
    const datagrams: string[] = [];
    for (const [address, text] of [
      ['127.0.0.1', 'one'],
      ['127.0.0.2', 'other'],
      ['127.0.0.1', ''],
      ['127.0.0.1', 'two'],
    ]) {
      const socket = createSocket('udp4');
      socket.bind(0, address);
      await once(socket, 'listening');
      await new Promise((resolve) => socket.send(text, source.info.port, '127.0.0.1', resolve));
      socket.close();
    }
    const decoder = new StreamDecoder({
      datagram: (bytes, start, end, arrival) => {
        datagrams.push(Buffer.from(bytes.subarray(start, end)).toString());
        expect(Math.abs(arrival!.timeMicros / 1000 - Date.now())).toBeLessThan(5000);
        expect(arrival!.source).toEqual([0, 0, 0xffff, 0x7f000001]);
      },
      badLine: () => {},
      dropped: () => {},
      start: () => {},
    });
    decoder.push(FRAMES_BEGIN);
    while (datagrams.length < 2) {
      await sleep(5);
      for (const batch of batches.splice(0)) decoder.push(batch.bytes);
    }
    expect(datagrams).toEqual(['one', 'two']);
    expect(source.counts).toMatchObject({ received: 2, bytes: 6, notAllowed: 1, empty: 1 });
  });
});
