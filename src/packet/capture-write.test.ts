import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPTURE_OVERHEAD_BYTES, captureFileHeader, type UdpEnd, writeCapturedUdp } from './capture-write.ts';
import { udpPayloads } from './index.ts';

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const port = fc.integer({ min: 0, max: 65_535 });
const ipv4: fc.Arbitrary<UdpEnd> = fc.record({
  words: word.map((last): UdpEnd['words'] => [0, 0, 0xffff, last]),
  port,
});
const ipv6: fc.Arbitrary<UdpEnd> = fc.record({ words: fc.tuple(word, word, word, word), port });

describe('a written capture', () => {
  it('reads as it was written, checksums included', () => {
    const packet = fc.record({
      timeMicros: fc.integer({ min: 0, max: 4e15 }),
      ends: fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6)),
      payload: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 5 }), (packets) => {
        const file = new Uint8Array(24 + packets.length * (CAPTURE_OVERHEAD_BYTES + 200));
        file.set(captureFileHeader());
        let end = 24;
        for (const { timeMicros, ends, payload } of packets) {
          const begin = end;
          end = writeCapturedUdp(file, end, timeMicros, ends[0], ends[1], payload);
          expect(end - begin).toBeLessThanOrEqual(CAPTURE_OVERHEAD_BYTES + payload.length);
          expect(udpSum(file.subarray(begin + 16, end))).toBe(0xffff);
        }
        const read = [...udpPayloads(file.subarray(0, end))];
        expect(read.map((one) => Buffer.from(one.payload))).toEqual(
          packets.map((one) => Buffer.from(one.payload)),
        );
        read.forEach(({ timestampMs }, i) => {
          expect(timestampMs).toBeCloseTo(packets[i].timeMicros / 1000, 2);
        });
      }),
    );
  });
});

/** RFC 768 and 8200: over the pseudo header, the UDP header and the data, which makes all ones. */
function udpSum(frame: Uint8Array): number {
  const isV4 = frame[12] === 0x08;
  const ip = frame.subarray(14);
  const udp = ip.subarray(isV4 ? 20 : 40);
  const parts = [
    ip.subarray(isV4 ? 12 : 8, isV4 ? 20 : 40),
    Uint8Array.of(0, 17, udp.length >> 8, udp.length & 255),
    udp,
  ];
  const bytes = Buffer.concat([...parts, Buffer.alloc(udp.length % 2)]);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
