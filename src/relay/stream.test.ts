import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchWriter } from './batch.ts';
import { StreamDecoder } from './stream-decoder.ts';
import {
  type Arrival,
  droppedFrame,
  FRAMES_BEGIN,
  type StreamFormat,
  startOfFrames,
} from './stream-format.ts';

interface Decoded {
  readonly datagrams: Buffer[];
  readonly arrivals: (Arrival | undefined)[];
  readonly bad: string[];
  readonly notes: string[];
}

/** What a stream contains, when it comes in chunks of these sizes, over and over. */
function decode(stream: Uint8Array | string, sizes: readonly number[] = [1 << 16]): Decoded {
  const bytes = Buffer.from(stream);
  const decoded: Decoded = { datagrams: [], arrivals: [], bad: [], notes: [] };
  const decoder = new StreamDecoder({
    datagram: (from, start, end, arrival) => {
      decoded.datagrams.push(Buffer.from(from.slice(start, end)));
      decoded.arrivals.push(arrival);
    },
    badLine: (number, reason) => decoded.bad.push(`${number}: ${reason}`),
    dropped: (count) => decoded.notes.push(`dropped ${count}`),
    start: (acknowledge, before) => decoded.notes.push(`start ${acknowledge} ${before}`),
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    // Chunks are written again by who reads them.
    decoder.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  decoder.end();
  return decoded;
}

function encode(format: StreamFormat, datagrams: readonly Uint8Array[], arrival: Arrival): Buffer {
  const writer = new BatchWriter(format);
  const [s0, s1, s2, s3] = arrival.source;
  for (const datagram of datagrams)
    writer.add(datagram, 0, datagram.length, s0, s1, s2, s3, arrival.port, arrival.timeMicros);
  const batch = writer.take();
  expect(batch?.datagrams ?? 0).toBe(datagrams.length);
  return Buffer.from(batch?.bytes ?? []);
}

const ARRIVAL: Arrival = {
  timeMicros: 1_795_797_915_123_456,
  source: [0, 0, 0xffff, 0x7f000001],
  port: 50_000,
};
const datagramLists = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 });

describe('lines', () => {
  it('come out as they went in, however they are cut', () => {
    fc.assert(
      fc.property(datagramLists, chunkSizes, (datagrams, sizes) => {
        const decoded = decode(encode('lines', datagrams, ARRIVAL), sizes);
        expect(decoded.datagrams).toEqual(datagrams.map((one) => Buffer.from(one)));
        expect(decoded.bad).toEqual([]);
      }),
    );
  });

  it('are lower-case digits and a newline, nothing else', () => {
    expect(encode('lines', [Uint8Array.of(0, 10, 0xff)], ARRIVAL).toString()).toBe('000aff\n');
  });

  it('may have upper case, blanks, carriage returns, and nothing between them', () => {
    const { datagrams, bad } = decode('0A0b\r\n\n  \n 0 c 0D\t\n0e 0F10\n');
    expect(datagrams).toEqual(
      [
        [10, 11],
        [12, 13],
        [14, 15, 16],
      ].map((one) => Buffer.from(one)),
    );
    expect(bad).toEqual([]);
  });

  it('that are none are passed over, with number and reason', () => {
    const { datagrams, bad } = decode('0g\n01\n012\nwelcome to host\n02\n0102');
    expect(datagrams).toEqual([Buffer.of(1), Buffer.of(2)]);
    expect(bad).toEqual([
      "1: 'g' at column 2 is no hexadecimal digit",
      '3: an odd number of digits',
      "4: 'w' at column 1 is no hexadecimal digit",
      '6: cut off: no newline at its end',
    ]);
  });

  it('that never end take no memory, and are passed over once', () => {
    const { datagrams, bad } = decode(`01\n${'a'.repeat(1_000_000)}\n02\n`, [4096]);
    expect(datagrams).toEqual([Buffer.of(1), Buffer.of(2)]);
    expect(bad).toEqual(['2: longer than any datagram (over 262108 characters)']);
  });

  it('of more bytes than a datagram has are passed over', () => {
    expect(decode(`${'ab'.repeat(66_000)}\n`).bad).toEqual(['1: 66000 bytes are longer than any datagram']);
  });
});

describe('frames', () => {
  it('come out as they went in, with time and source, however they are cut', () => {
    const arrivals = fc.record({
      timeMicros: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      source: fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer()),
      port: fc.integer({ min: 0, max: 65_535 }),
    });
    fc.assert(
      fc.property(datagramLists, arrivals, chunkSizes, (datagrams, arrival, sizes) => {
        const stream = Buffer.concat([startOfFrames(true, 7e15), encode('frames', datagrams, arrival)]);
        const decoded = decode(stream, sizes);
        expect(decoded.datagrams).toEqual(datagrams.map((one) => Buffer.from(one)));
        expect(decoded.arrivals).toEqual(datagrams.map(() => arrival));
        expect(decoded.notes).toEqual([`start true ${7e15}`]);
      }),
    );
  });

  it('begin behind lines that a login prints', () => {
    const frames = Buffer.concat([startOfFrames(false, 0), encode('frames', [Uint8Array.of(1)], ARRIVAL)]);
    const decoded = decode(Buffer.concat([Buffer.from('Welcome\n'), frames]));
    expect(decoded.datagrams).toEqual([Buffer.of(1)]);
    expect(decoded.bad).toEqual(["1: 'W' at column 1 is no hexadecimal digit"]);
  });

  it('tell what was dropped; others are passed over', () => {
    const other = Buffer.from([9, 0, 0, 2, 1, 2]);
    const { notes } = decode(Buffer.concat([FRAMES_BEGIN, droppedFrame(3), other, droppedFrame(2 ** 40)]));
    expect(notes).toEqual(['dropped 3', `dropped ${2 ** 32 - 1}`]);
  });

  it('that are damaged end the stream with an error, and never crash', () => {
    const bad = (bytes: readonly number[]): Decoded =>
      decode(Buffer.concat([FRAMES_BEGIN, Buffer.from(bytes)]));
    expect(() => bad([1, 0xff, 0, 0])).toThrow('the stream is damaged: a frame of 16711680 bytes');
    expect(() => bad([1, 0, 0, 1, 0])).toThrow("a datagram's frame of 1 bytes");
    expect(() => bad([0, 0, 0, 0])).toThrow('a frame of type 0');
    expect(bad([1, 0, 0, 99, 0]).bad).toEqual([
      '1: the stream was cut off inside a frame, 5 bytes after its beginning',
    ]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), chunkSizes, fc.boolean(), (bytes, sizes, framed) => {
        const stream = framed ? Buffer.concat([FRAMES_BEGIN, bytes]) : bytes;
        try {
          decode(stream, sizes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RELAY_BAD_STREAM' });
        }
      }),
    );
  });
});
