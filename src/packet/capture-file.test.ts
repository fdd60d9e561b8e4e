import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { readCapture } from './capture-file.ts';
import { bytes, text, u16, u32, zeros } from './testing/build-packet.ts';

const reversed = (part: Uint8Array): Uint8Array => part.slice().reverse();

function writer(littleEndian: boolean) {
  return {
    w16: (value: number) => (littleEndian ? reversed(u16(value)) : u16(value)),
    w32: (value: number) => (littleEndian ? reversed(u32(value)) : u32(value)),
  };
}

/** A classic capture of one record per payload, at 1700000000 s plus `fraction`. */
function pcap(
  magic: number,
  littleEndian: boolean,
  payloads: readonly Uint8Array[],
  fraction = 0,
  linkType = 1,
) {
  const { w16, w32 } = writer(littleEndian);
  const records = payloads.map((payload) =>
    bytes(w32(1700000000), w32(fraction), w32(payload.length), w32(payload.length + 10), payload),
  );
  return bytes(w32(magic), w16(2), w16(4), w32(0), w32(0), w32(65535), w32(linkType), ...records);
}

function pcapngWriter(littleEndian: boolean) {
  const { w16, w32 } = writer(littleEndian);
  const pad = (body: Uint8Array) => bytes(body, zeros(-body.length & 3));
  const block = (type: number, body: Uint8Array) => {
    const padded = pad(body);
    return bytes(w32(type), w32(padded.length + 12), padded, w32(padded.length + 12));
  };
  const option = (code: number, value: Uint8Array) => bytes(w16(code), w16(value.length), pad(value));
  return {
    block,
    option,
    section: () => block(0x0a0d0d0a, bytes(w32(0x1a2b3c4d), w16(1), w16(0), zeros(8).fill(255))),
    description: (linkType: number, snapLength: number, ...options: Uint8Array[]) =>
      block(1, bytes(w16(linkType), w16(0), w32(snapLength), ...options, option(0, zeros(0)))),
    enhanced: (on: number, high: number, low: number, payload: Uint8Array) =>
      block(6, bytes(w32(on), w32(high), w32(low), w32(payload.length), w32(1500), pad(payload))),
    simple: (originalLength: number, payload: Uint8Array) =>
      block(3, bytes(w32(originalLength), pad(payload))),
    obsolete: (on: number, high: number, low: number, payload: Uint8Array) =>
      block(2, bytes(w16(on), w16(0), w32(high), w32(low), w32(payload.length), w32(1500), pad(payload))),
  };
}

const ticksOf = (value: bigint): [number, number] => [Number(value >> 32n), Number(value & 0xffffffffn)];

describe('classic pcap', () => {
  for (const littleEndian of [false, true]) {
    const order = littleEndian ? 'little' : 'big';
    it(`reads ${order}-endian microseconds and nanoseconds`, () => {
      const payloads = [text('first'), text('second!')];
      const micro = readCapture(pcap(0xa1b2c3d4, littleEndian, payloads, 250_500));
      expect(micro.format).toBe('pcap');
      const packets = [...micro];
      expect(packets.map((packet) => [packet.number, packet.offset, packet.bytes.length])).toEqual([
        [1, 40, 5],
        [2, 61, 7],
      ]);
      expect(packets[1].bytes).toEqual(text('second!'));
      expect(packets[1].originalLength).toBe(17);
      expect(packets[0].linkType).toBe(1);
      expect(packets[0].timestampMs).toBe(1700000000250.5);
      expect(micro.notes).toEqual({ packets: 2, truncatedBytes: 0, truncatedAt: -1, unknownInterface: 0 });
      const nano = readCapture(pcap(0xa1b23c4d, littleEndian, payloads, 250_500_000));
      expect([...nano][0].timestampMs).toBe(1700000000250.5);
    });
  }

  it('takes the link type without the frame check bits', () => {
    const [packet] = readCapture(pcap(0xa1b2c3d4, true, [text('x')], 0, 0x14000001 | 0x70));
    expect(packet.linkType).toBe(0x71);
  });

  it('ends at a cut tail and says where, at whatever byte the file is cut', () => {
    const whole = pcap(0xa1b2c3d4, true, [text('first'), text('second')]);
    for (let length = 24; length < whole.length; length++) {
      const capture = readCapture(whole.subarray(0, length));
      const packets = [...capture];
      const expected = length < 45 ? 0 : 1;
      expect(packets.length).toBe(expected);
      const begin = expected === 0 ? 24 : 45;
      expect(capture.notes.truncatedBytes).toBe(length - begin);
      expect(capture.notes.truncatedAt).toBe(length === begin ? -1 : begin);
    }
  });

  it('counts anew in each iteration', () => {
    const capture = readCapture(pcap(0xa1b2c3d4, true, [text('a'), text('b')]));
    expect([...capture].length).toBe(2);
    expect([...capture].length).toBe(2);
    expect(capture.notes.packets).toBe(2);
  });
});

describe('pcapng', () => {
  for (const littleEndian of [false, true]) {
    it(`reads ${littleEndian ? 'little' : 'big'}-endian blocks of several interfaces`, () => {
      const w = pcapngWriter(littleEndian);
      const seconds = 1700000000n;
      const file = bytes(
        w.section(),
        w.description(1, 0),
        w.description(101, 4, w.option(2, text('eth1')), w.option(9, u32(0x09000000))),
        w.block(0x0bad, text('an unknown block')),
        w.enhanced(0, ...ticksOf(seconds * 1_000_000n + 500n), text('abcde')),
        w.enhanced(1, ...ticksOf(seconds * 1_000_000_000n + 1_500_000n), text('wxyz')),
        w.obsolete(1, ...ticksOf(seconds * 1_000_000_000n), text('old')),
        w.enhanced(7, 0, 0, text('nobody')),
      );
      const capture = readCapture(file);
      expect(capture.format).toBe('pcapng');
      const packets = [...capture];
      expect(packets.map((packet) => [packet.linkType, packet.timestampMs, packet.originalLength])).toEqual([
        [1, 1700000000000.5, 1500],
        [101, 1700000000001.5, 1500],
        [101, 1700000000000, 1500],
      ]);
      expect(packets.map((packet) => packet.bytes)).toEqual([text('abcde'), text('wxyz'), text('old')]);
      expect(file.subarray(packets[0].offset, packets[0].offset + 5)).toEqual(text('abcde'));
      expect(capture.notes).toEqual({ packets: 3, truncatedBytes: 0, truncatedAt: -1, unknownInterface: 1 });
    });
  }

  it('reads simple packets to the snap length, powers of two, a time offset and a new section', () => {
    const little = pcapngWriter(true);
    const big = pcapngWriter(false);
    const offset = bytes(u32(0), u32(3600)).reverse();
    const file = bytes(
      little.section(),
      little.description(1, 3),
      little.simple(9, text('abc')),
      little.simple(2, text('ab')),
      big.section(),
      big.description(113, 0, big.option(9, bytes(0x8a))),
      big.enhanced(0, 0, 1536, text('x')),
      little.section(),
      little.description(1, 0, little.option(14, offset)),
      little.enhanced(0, 0, 1000, text('y')),
    );
    const packets = [...readCapture(file)];
    expect(packets.map((packet) => [packet.bytes.length, packet.originalLength, packet.timestampMs])).toEqual(
      [
        [3, 9, 0],
        [2, 2, 0],
        [1, 1500, 1500],
        [1, 1500, 3600001],
      ],
    );
    expect(packets[2].linkType).toBe(113);
  });

  it('stops at a damaged block and keeps what came before', () => {
    const w = pcapngWriter(true);
    const sound = bytes(w.section(), w.description(1, 0), w.enhanced(0, 0, 0, text('abcd')));
    const packet = w.enhanced(0, 0, 0, text('efgh'));
    const badTrailer = packet.slice();
    badTrailer[badTrailer.length - 4] ^= 4;
    const badCapturedLength = packet.slice();
    badCapturedLength[20] = 200;
    const damages = [
      badTrailer,
      badCapturedLength,
      packet.subarray(0, 11),
      packet.subarray(0, 30),
      w.block(6, zeros(8)),
      w.block(1, zeros(0)),
      w.description(1, 0, bytes(u16(0x0900).reverse(), u16(0xff00))),
      w.block(0x0a0d0d0a, zeros(16)),
    ];
    for (const damage of damages) {
      const capture = readCapture(bytes(sound, damage));
      expect([...capture].length).toBe(1);
      expect(capture.notes.truncatedAt).toBe(sound.length);
      expect(capture.notes.truncatedBytes).toBe(damage.length);
    }
  });
});

describe('what is no capture', () => {
  const codeOf = (file: Uint8Array): string => {
    try {
      readCapture(file);
    } catch (error) {
      if (isWeirError(error, 'CAPTURE_BAD')) return error.message;
      throw error;
    }
    return 'no error';
  };

  it('is refused with the byte offset', () => {
    expect(codeOf(zeros(0))).toContain('(byte 0)');
    expect(codeOf(text('GIF89a, certainly'))).toContain('magic 0x47494638');
    expect(codeOf(bytes(u32(0xa1b2c3d4), zeros(10)))).toContain('(byte 14)');
    expect(codeOf(bytes(u32(0x0a0d0d0a), zeros(10)))).toContain('(byte 14)');
    expect(codeOf(bytes(u32(0x0a0d0d0a), zeros(40)))).toContain('(byte 8)');
  });

  it('never ends in another error, and packets lie inside the file', () => {
    const little = pcapngWriter(true);
    const heads = [
      pcap(0xa1b2c3d4, true, [text('hello')]),
      pcap(0xa1b23c4d, false, []),
      bytes(little.section(), little.description(1, 0), little.enhanced(0, 1, 1, text('hello'))),
      zeros(0),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...heads),
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        (head, tail, flips) => {
          const file = bytes(head, tail);
          for (const [at, value] of flips) if (file.length > 0) file[at % file.length] = value;
          try {
            for (const packet of readCapture(file)) {
              expect(packet.offset + packet.bytes.length).toBeLessThanOrEqual(file.length);
            }
          } catch (error) {
            expect(isWeirError(error, 'CAPTURE_BAD')).toBe(true);
          }
        },
      ),
    );
  });
});

describe('real captures', () => {
  it('have the packets their makers counted', () => {
    const counts: Record<string, number> = { hsflowd: 151, 'mininet-tree': 902, ovs: 542, structures: 105 };
    for (const [name, count] of Object.entries(counts)) {
      const capture = readCapture(
        readFileSync(new URL(`../../test/fixtures/captures/${name}.pcap`, import.meta.url)),
      );
      for (const packet of capture) expect(packet.bytes.length).toBe(packet.originalLength);
      expect(capture.notes).toEqual({
        packets: count,
        truncatedBytes: 0,
        truncatedAt: -1,
        unknownInterface: 0,
      });
    }
  });
});
