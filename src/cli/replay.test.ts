import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { udpPayloads } from '../packet/index.ts';
import { capturePath, pcapngOf, pcapOf, testStreams } from './decode-testing.ts';
import { run } from './replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

let collector: Socket;
let to: string;
let received: Buffer[];
let times: number[];

beforeEach(async () => {
  received = [];
  times = [];
  collector = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  collector.on('message', (message) => {
    received.push(message);
    times.push(performance.now());
  });
  collector.bind(0, '127.0.0.1');
  await once(collector, 'listening');
  to = `127.0.0.1:${collector.address().port}`;
});
afterEach(() => {
  collector.close();
});

async function arrived(count: number): Promise<void> {
  while (received.length < count) await once(collector, 'message');
}

/** A capture of single bytes 0, 1, 2, …, at these seconds. */
function capture(seconds: readonly number[]): string {
  const path = join(folder, 'capture.pcap');
  writeFileSync(
    path,
    pcapOf(seconds.map((at, i) => ({ payload: Uint8Array.of(i), seconds: 1_700_000_000 + at }))),
  );
  return path;
}

describe('what is sent', () => {
  it('is every payload, byte for byte, in order, once', async () => {
    const path = capturePath('hsflowd');
    const expected = Array.from(udpPayloads(readFileSync(path)), ({ payload }) => Buffer.from(payload));
    const streams = testStreams();
    expect(await run([path, '--to', to, '--rate', '2000'], streams)).toBe(0);
    await arrived(expected.length);
    expect(received).toEqual(expected);
    expect(streams.errors()).toMatch(/^weir replay: 151 datagrams, \d+ bytes in [\d.]+ s/);
  });

  it('begins again with --loop, and stops at --count', async () => {
    expect(await run([capture([0, 0, 0]), '--to', to, '--loop', '--count', '8'], testStreams())).toBe(0);
    await arrived(8);
    expect(received.map((message) => message[0])).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
  });

  it('may be only what went to one port', async () => {
    const path = join(folder, 'ports.pcap');
    const packets = [5, 6, 5].map((port, i) => ({ payload: Uint8Array.of(i), port }));
    writeFileSync(path, pcapOf(packets));
    const streams = testStreams();
    await run([path, '--to', to, '--port', '5'], streams);
    await arrived(2);
    expect(received.map((message) => message[0])).toEqual([0, 2]);
    expect(streams.errors()).toContain('1 packets to another port');
  });
});

describe('when it is sent', () => {
  it('follows --rate', async () => {
    const started = performance.now();
    await run([capture(new Array(40).fill(0)), '--to', to, '--rate', '100'], testStreams());
    const took = performance.now() - started;
    await arrived(40);
    expect(took).toBeGreaterThan(380);
    expect(took).toBeLessThan(1500);
    // Half way through, about half has come.
    const half = times.filter((time) => time - times[0] < 195).length;
    expect(half).toBeLessThanOrEqual(21);
  });

  it('keeps the pauses of the capture; times that go back are no pause', async () => {
    await run([capture([10, 10.15, 9, 10.3]), '--to', to], testStreams());
    await arrived(4);
    const [first, second, back, last] = times;
    expect(second - first).toBeGreaterThan(120);
    expect(back - second).toBeLessThan(100);
    expect(last - first).toBeGreaterThan(270);
  });

  it('keeps the pauses of a pcapng file', async () => {
    const path = join(folder, 'capture.pcapng');
    const packets = [0, 0.15, 0.3].map((at, i) => ({
      payload: Uint8Array.of(i),
      seconds: 1_700_000_000 + at,
    }));
    writeFileSync(path, pcapngOf(packets));
    await run([path, '--to', to], testStreams());
    await arrived(3);
    expect(received.map((message) => message[0])).toEqual([0, 1, 2]);
    expect(times[1] - times[0]).toBeGreaterThan(120);
    expect(times[2] - times[0]).toBeGreaterThan(270);
  });

  it('makes the pauses shorter or longer with --speed', async () => {
    const path = capture([0, 3]);
    const started = performance.now();
    await run([path, '--to', to, '--speed', '20'], testStreams());
    await arrived(2);
    expect(times[1] - times[0]).toBeGreaterThan(120);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it('ends at --seconds, in the middle of a pause too', async () => {
    const started = performance.now();
    expect(await run([capture([0, 60]), '--to', to, '--seconds', '0.2'], testStreams())).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
    await arrived(1);
    expect(received).toHaveLength(1);
  });

  it('ends at an interrupt', async () => {
    const done = run([capture([0, 60]), '--to', to], testStreams());
    await arrived(1);
    process.emit('SIGINT');
    expect(await done).toBe(0);
  });
});

describe('what goes wrong', () => {
  it('tells when nothing listens there', async () => {
    const free = createSocket('udp4');
    free.bind(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address();
    await new Promise<void>((resolve) => free.close(resolve));
    const streams = testStreams();
    await run([capture([0, 0.02, 0.04]), '--to', `127.0.0.1:${port}`], streams);
    expect(streams.errors()).toMatch(/\d refused or failed: nothing listens there/);
  });

  it('sends what is before damage, and tells where it is', async () => {
    const path = capture([0, 0]);
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    const streams = testStreams();
    expect(await run([path, '--to', to], streams)).toBe(0);
    expect(streams.errors()).toMatch(/damaged or cut at byte \d+/);
  });

  it('fails when there is nothing to send, also with --loop', async () => {
    expect(await run([capture([]), '--to', to, '--loop'], testStreams())).toBe(1);
    await expect(run([join(folder, 'none'), '--to', to], testStreams())).rejects.toMatchObject({
      code: 'CAPTURE_UNREADABLE',
    });
  });

  it.each([
    [[], 'which file?'],
    [['a', 'b', '--to', 'h:1'], 'one file at a time, not 2'],
    [['a'], 'say where to with --to HOST:PORT'],
    [['a', '--to', '::1:6343'], "'::1:6343' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:6343)"],
    [['a', '--to', 'h:0'], "'h:0' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:6343)"],
    [['a', '--to', 'h:1', '--rate', '0'], "--rate takes a number from 0.001 to 1000000, not '0'"],
    [['a', '--to', 'h:1', '--timing', 'fast'], "--timing takes original, not 'fast'"],
    [['a', '--to', 'h:1', '--timing', 'original', '--rate', '5'], '--timing and --rate exclude each other'],
    [['a', '--to', 'h:1', '--speed', '2', '--rate', '5'], '--speed and --rate exclude each other'],
    [['-', '--to', 'h:1', '--loop'], 'standard input cannot be read again: no --loop with it'],
  ])('refuses %j', async (args, message) => {
    await expect(run(args, testStreams())).rejects.toMatchObject({ code: 'CLI_USAGE', message });
  });
});
