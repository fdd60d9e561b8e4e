import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { counterSample, datagram, encodeDatagram } from '../sflow/index.ts';
import { run } from './decode.ts';
import { capturePath, pcapngOf, pcapOf, type TestStreams, testStreams } from './decode-testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-decode-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: Uint8Array): string {
  const path = join(folder, 'capture.pcap');
  writeFileSync(path, content);
  return path;
}

const sflow = (sequenceNumber: number) =>
  encodeDatagram(datagram({ sequenceNumber, samples: [counterSample()] }));

function jsonLines(streams: TestStreams) {
  return streams
    .out()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('a capture', () => {
  it('gives a line of JSON for each datagram, and the counts on standard error', async () => {
    const streams = testStreams();
    expect(await run(['--json', capturePath('hsflowd')], streams)).toBe(0);
    const lines = jsonLines(streams);
    expect(lines).toHaveLength(151);
    expect(lines[0]).toMatchObject({ sourceAddress: '127.0.0.1', version: 5, agentAddress: '10.253.0.1' });
    expect(lines.flatMap((line) => line.samples).filter((sample) => sample.kind === 'flow')).toHaveLength(
      673,
    );
    expect(streams.errors()).toBe('weir decode: 151 datagrams, 151 packets read\n');
  });

  it('may come from standard input, and end early', async () => {
    const streams = testStreams(Readable.from([readFileSync(capturePath('structures'))]));
    expect(await run(['--json', '--count', '3', '-'], streams)).toBe(0);
    expect(jsonLines(streams).map((line) => line.sequenceNumber)).toEqual([1, 1, 2]);
    expect(streams.errors()).toBe('weir decode: 3 datagrams, 3 packets read\n');
  });

  it('that is still being written is followed, and left at an interrupt', async () => {
    const pipe = new PassThrough();
    const streams = testStreams(pipe);
    const done = run(['--json', '-'], streams);
    pipe.write(pcapOf([{ payload: sflow(1) }, { payload: sflow(2) }]));
    await once(streams.stdout, 'data');
    expect(jsonLines(streams)).toHaveLength(2);
    process.emit('SIGINT');
    expect(await done).toBe(0);
  });

  it('may be filtered by port', async () => {
    const packets = [
      { payload: sflow(1), port: 7000 },
      { payload: sflow(2), port: 7001 },
    ];
    const streams = testStreams();
    expect(await run(['--json', file(pcapOf(packets)), '--port', '7001'], streams)).toBe(0);
    expect(jsonLines(streams).map((line) => line.sequenceNumber)).toEqual([2]);
    expect(streams.errors()).toContain('1 datagram, 2 packets read, 1 to another port');
  });

  it('may hold other things and damaged datagrams: told with their bytes, counted, passed over', async () => {
    const whole = sflow(3);
    const packets = [
      { payload: Uint8Array.of(1, 2, 3, 4) },
      { payload: whole.subarray(0, whole.length - 4) },
      { payload: Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0) },
      { payload: whole },
    ];
    const content = pcapOf(packets);
    const streams = testStreams();
    expect(await run(['--json', file(content.subarray(0, content.length - 1))], streams)).toBe(0);
    const messages = streams.errors().split('\n');
    expect(messages[0]).toBe('weir decode: packet 1 (byte 82): 4 bytes of UDP that are not sFlow');
    expect(messages[1]).toMatch(/^weir decode: packet 2 \(byte 144\): .* at byte \d+$/);
    expect(messages[2]).toMatch(/^weir decode: packet 3 \(byte \d+\): .*address type 9 at byte 4$/);
    expect(messages[3]).toMatch(
      /capture\.pcap is damaged or cut at byte \d+; nothing behind it could be read$/,
    );
    expect(messages[4]).toBe('weir decode: 1 datagram, 2 damaged, 1 not sFlow, 3 packets read');
  });

  it('of which nothing can be decoded is a failure', async () => {
    expect(await run([file(pcapOf([{ payload: Uint8Array.of(1, 2, 3, 4) }]))], testStreams())).toBe(1);
    expect(await run([file(pcapOf([]))], testStreams())).toBe(1);
  });

  it('with many faults does not fill the screen', async () => {
    const packets = Array.from({ length: 100 }, () => ({ payload: Uint8Array.of(1, 2, 3, 4) }));
    const streams = testStreams();
    await run([file(pcapOf(packets))], streams);
    expect(streams.errors().split('\n').length).toBeLessThan(30);
    expect(streams.errors()).toContain('100 not sFlow');
  });

  it('with any damage is read as far as it goes', async () => {
    const packets = [1, 2, 3].map((sequence) => ({ payload: sflow(sequence) }));
    const contents = [
      pcapOf(packets),
      pcapngOf(packets),
      readFileSync(capturePath('structures')).subarray(0, 6000),
    ];
    const damage = fc.array(fc.tuple(fc.nat(6000), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const form = fc.constantFrom('--json', '--sflowtool', '--count=100');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...contents), damage, form, async (content, bytes, option) => {
        const damaged = Uint8Array.from(content);
        for (const [at, value] of bytes) damaged[at % damaged.length] = value;
        const done = run([option, '-'], testStreams(Readable.from([damaged])));
        expect(await done.catch((error) => error.code)).toSatisfy((code) =>
          [0, 1, 'CAPTURE_BAD'].includes(code),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is refused when it is none', async () => {
    await expect(run([file(Buffer.from('hello, world'))], testStreams())).rejects.toMatchObject({
      code: 'CAPTURE_BAD',
    });
    await expect(run([join(folder, 'none')], testStreams())).rejects.toMatchObject({
      code: 'CAPTURE_UNREADABLE',
    });
  });
});

describe('the output', () => {
  it('goes no faster than it is taken', async () => {
    let largest = 0;
    let bytes = 0;
    const slow: Writable = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _, done) {
        bytes += chunk.length;
        largest = Math.max(largest, slow.writableLength);
        setTimeout(done, 1);
      },
    });
    const streams = { ...testStreams(), stdout: slow };
    expect(await run(['--json', capturePath('hsflowd')], streams)).toBe(0);
    expect(bytes).toBeGreaterThan(1e6);
    expect(largest).toBeLessThan(200_000);
  });

  it('that cannot be written is a failure', async () => {
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    });
    await expect(
      run(['--json', capturePath('hsflowd')], { ...testStreams(), stdout: full }),
    ).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: 'cannot write the output: no space left',
    });
  });

  it('that nobody reads any more ends the command quietly', async () => {
    const streams = testStreams(new PassThrough());
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    expect(await run(['--json', capturePath('mininet-tree')], { ...streams, stdout: gone })).toBe(0);
    expect(streams.errors()).toBe('');
  });
});

describe('a port', () => {
  async function listening(streams: TestStreams): Promise<number> {
    for (;;) {
      const port = /listening on UDP .*:(\d+)\n/.exec(streams.errors())?.[1];
      if (port !== undefined) return Number(port);
      await once(streams.stderr, 'data');
    }
  }

  async function send(port: number, ...payloads: readonly Uint8Array[]): Promise<void> {
    const socket = createSocket('udp4');
    for (const payload of payloads)
      await new Promise<void>((resolve) => socket.send(payload, port, '127.0.0.1', () => resolve()));
    socket.close();
  }

  it('gives the datagrams that come in, with their sender and time', async () => {
    const streams = testStreams();
    const before = Date.now();
    const done = run(['--json', '--port', '0', '--bind', '127.0.0.1', '--count', '2'], streams);
    await send(await listening(streams), sflow(1), Uint8Array.of(9, 9), sflow(2));
    expect(await done).toBe(0);
    const lines = jsonLines(streams);
    expect(lines).toMatchObject([
      { sourceAddress: '127.0.0.1', sequenceNumber: 1 },
      { sourceAddress: '127.0.0.1', sequenceNumber: 2 },
    ]);
    expect(Date.parse(lines[0].time)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(lines[0].time)).toBeLessThanOrEqual(Date.now());
    expect(streams.errors()).toContain('datagram from 127.0.0.1: 2 bytes of UDP that are not sFlow');
  });

  it('shows the real source and time in the form of sflowtool, also to a dual-stack socket', async () => {
    const streams = testStreams();
    const done = run(['--sflowtool', '--port', '0', '--count', '1'], streams);
    await send(await listening(streams), sflow(1));
    await done;
    const { datagramSourceIP, unixSecondsUTC } = JSON.parse(streams.out());
    expect(datagramSourceIP).toBe('127.0.0.1');
    expect(Math.abs(Number(unixSecondsUTC) - Date.now() / 1000)).toBeLessThan(30);
    expect(streams.out()).not.toContain('pcapTimestamp');
  });

  it('is left at an interrupt, when everything that came was printed', async () => {
    const streams = testStreams();
    const done = run(['--json', '--port', '0', '--bind', '127.0.0.1'], streams);
    await send(await listening(streams), sflow(1), sflow(2));
    await once(streams.stdout, 'data');
    process.emit('SIGINT');
    expect(await done).toBe(0);
    expect(jsonLines(streams)).toHaveLength(2);
    expect(streams.errors()).toContain('2 datagrams\n');
  });

  it('that is taken is one clear line', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await expect(run(['--port', String(port), '--bind', '127.0.0.1'], testStreams())).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/^cannot listen on UDP 127\.0\.0\.1 port \d+: it is in use/),
    });
    socket.close();
  });
});

describe('arguments', () => {
  it.each([
    [['a', 'b'], 'one file at a time, not 2'],
    [['--json', '--sflowtool', 'a'], '--json and --sflowtool exclude each other'],
    [['--bind', '127.0.0.1', 'a'], '--bind is for listening, not for a file'],
    [['--port', '65536'], "--port takes a number from 0 to 65535, not '65536'"],
    [['--count', '0', 'a'], "--count takes a number from 1 up, not '0'"],
    [['--count', '1.5', 'a'], "--count takes a whole number from 1 up, not '1.5'"],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('%j', async (args, message) => {
    await expect(run(args, testStreams())).rejects.toMatchObject({ code: 'CLI_USAGE', message });
  });

  it('--help', async () => {
    const streams = testStreams();
    expect(await run(['--help'], streams)).toBe(0);
    expect(streams.out()).toMatch(/^Usage: weir decode/);
  });
});
