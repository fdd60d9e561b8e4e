import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { captureDatagrams, newCaptureReport } from './decode-capture.ts';
import { pcapngOf, pcapOf, type TestPacket } from './decode-testing.ts';

const PACKETS: readonly TestPacket[] = Array.from({ length: 12 }, (_, i) => ({
  payload: Uint8Array.from({ length: 10 * i }, (_, at) => (i + at) & 255),
  seconds: 1_700_000_000 + i / 4,
  port: i % 3 === 0 ? 7000 : 6343,
}));

function pieces(file: Uint8Array, size: number): Readable {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += size) chunks.push(file.subarray(at, at + size));
  return Readable.from(chunks);
}

async function read(stdin: Readable, port?: number, path = '-') {
  const { signal } = new AbortController();
  const report = newCaptureReport();
  const datagrams = [];
  for await (const datagram of captureDatagrams(path, stdin, { port, signal }, report))
    datagrams.push(datagram);
  return { datagrams, report };
}

const FRAME = 14 + 20 + 8 + 110;

describe.each([
  ['pcap', pcapOf, 16 + FRAME],
  ['pcapng', pcapngOf, 32 + FRAME],
])('%s', (_, fileOf, lastPacket) => {
  it('gives every datagram, whatever the pieces in which it comes', async () => {
    const file = fileOf(PACKETS);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: file.length }), async (size) => {
        const { datagrams, report } = await read(pieces(file, size));
        expect(datagrams.map((each) => Buffer.from(each.payload))).toEqual(
          PACKETS.map((each) => Buffer.from(each.payload)),
        );
        expect(datagrams.map((each) => each.timeMicros)).toEqual(PACKETS.map((each) => each.seconds! * 1e6));
        expect(report).toEqual({ packets: 12, skipped: new Map(), damagedAt: undefined });
      }),
      { numRuns: 30 },
    );
  });

  it('tells the packet and the byte of the file at which a payload begins', async () => {
    const file = fileOf(PACKETS);
    const { datagrams } = await read(pieces(file, 50));
    datagrams.forEach(({ origin, payload }, i) => {
      const [, number, at] = /^packet (\d+) \(byte (\d+)\)$/.exec(origin)!;
      expect(Number(number)).toBe(i + 1);
      expect(Buffer.compare(file.subarray(Number(at), Number(at) + payload.length), payload)).toBe(0);
    });
  });

  it('counts the packets to other ports', async () => {
    const { datagrams, report } = await read(pieces(fileOf(PACKETS), 100), 7000);
    expect(datagrams.length).toBe(4);
    expect(report.skipped).toEqual(new Map([['to another port', 8]]));
  });

  it('gives what is before a cut, and says where that is', async () => {
    const file = fileOf(PACKETS);
    const { datagrams, report } = await read(pieces(file.subarray(0, file.length - 5), 64));
    expect(datagrams.length).toBe(11);
    expect(report.damagedAt).toBe(file.length - lastPacket);
  });
});

it('stops at a length that no packet has, and does not read on for it', async () => {
  const file = pcapOf(PACKETS);
  const second = pcapOf(PACKETS.slice(0, 1)).length;
  new DataView(file.buffer, file.byteOffset).setUint32(second + 8, 0x7fffffff);
  let taken = 0;
  const endless = Readable.from(
    (function* () {
      yield file;
      for (;;) {
        taken++;
        yield new Uint8Array(1 << 20);
      }
    })(),
  );
  const { datagrams, report } = await read(endless);
  expect(datagrams.length).toBe(1);
  expect(report.damagedAt).toBe(second);
  expect(taken).toBeLessThan(30);
});

describe('what is no capture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-capture-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['an empty file', ''],
    ['a short text', 'hello'],
    ['a long text', 'hello '.repeat(1000)],
  ])('%s', async (_, content) => {
    const path = join(folder, 'file');
    writeFileSync(path, content);
    await expect(read(Readable.from([]), undefined, path)).rejects.toMatchObject({ code: 'CAPTURE_BAD' });
  });

  it('a missing file', async () => {
    const path = join(folder, 'none');
    await expect(read(Readable.from([]), undefined, path)).rejects.toMatchObject({
      code: 'CAPTURE_UNREADABLE',
      message: expect.stringContaining(path),
    });
  });
});

it('accepts a capture without packets', async () => {
  const { datagrams, report } = await read(pieces(pcapOf([]), 10));
  expect(datagrams).toEqual([]);
  expect(report.damagedAt).toBeUndefined();
});
