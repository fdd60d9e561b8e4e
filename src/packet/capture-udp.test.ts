import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { udpPayloads } from './capture-udp.ts';
import { bytes, eth, ip, ip6, tcp, text, u16, u32, udp, zeros } from './testing/build-packet.ts';

/** A capture with these packets. */
function capture(linkType: number, ...packets: readonly Uint8Array[]): Uint8Array {
  const records = packets.map((packet) =>
    bytes(u32(1700000000), u32(1000), u32(packet.length), u32(packet.length), packet),
  );
  return bytes(u32(0xa1b2c3d4), u16(2), u16(4), zeros(8), u32(65535), u32(linkType), ...records);
}

const datagram = udp(40000, 6343, text('payload'));

describe('udpPayloads', () => {
  it('gives addresses, ports, time and payload', () => {
    const found = [...udpPayloads(capture(1, eth(0x0800, ip(17, datagram))))];
    expect(found).toEqual([
      {
        payload: text('payload'),
        sourceAddress: '10.0.0.1',
        sourcePort: 40000,
        destinationAddress: '10.0.0.2',
        destinationPort: 6343,
        timestampMs: 1700000000001,
        packetNumber: 1,
      },
    ]);
  });

  it('leaves Ethernet padding out of the payload', () => {
    const [found] = udpPayloads(capture(1, bytes(eth(0x0800, ip(17, udp(1, 2, text('ab')))), zeros(16))));
    expect(found.payload).toEqual(text('ab'));
  });

  const v4 = ip(17, datagram);
  const v6 = ip6(17, datagram);
  const links: readonly [string, number, Uint8Array, string][] = [
    ['802.1Q', 1, eth(0x0800, v4, { tags: [[0x8100, 100]] }), '10.0.0.1'],
    [
      'QinQ, IPv6',
      1,
      eth(0x86dd, v6, {
        tags: [
          [0x88a8, 1],
          [0x8100, 2],
        ],
      }),
      '2001:db8::1',
    ],
    ['Linux cooked', 113, bytes(zeros(14), u16(0x0800), v4), '10.0.0.1'],
    ['Linux cooked with a tag', 113, bytes(zeros(14), u16(0x8100), u16(5), u16(0x86dd), v6), '2001:db8::1'],
    ['Linux cooked 2', 276, bytes(u16(0x86dd), zeros(18), v6), '2001:db8::1'],
    ['BSD loopback, little-endian', 0, bytes('02000000', v4), '10.0.0.1'],
    ['BSD loopback, big-endian IPv6', 0, bytes('0000001e', v6), '2001:db8::1'],
    ['OpenBSD loopback', 108, bytes('00000002', v4), '10.0.0.1'],
    ['raw IP', 101, v6, '2001:db8::1'],
    ['raw IP as BSD numbers it', 12, v4, '10.0.0.1'],
    ['IPv4', 228, v4, '10.0.0.1'],
    ['IPv6', 229, v6, '2001:db8::1'],
    ['IPv4 options', 228, ip(17, datagram, { options: zeros(8) }), '10.0.0.1'],
    [
      'IPv6 extension headers',
      229,
      ip6(0, bytes('3c00', zeros(6), '1101', zeros(14), datagram)),
      '2001:db8::1',
    ],
    [
      'an IPv6 fragment header of a whole datagram',
      229,
      ip6(44, bytes('1100 0000 00000001', datagram)),
      '2001:db8::1',
    ],
  ];
  for (const [name, linkType, packet, source] of links) {
    it(`finds the datagram behind ${name}`, () => {
      const [found] = udpPayloads(capture(linkType, packet));
      expect(found?.sourceAddress).toBe(source);
      expect(found?.destinationPort).toBe(6343);
      expect(found?.payload).toEqual(text('payload'));
    });
  }

  it('counts what it leaves out, by reason', () => {
    const whole = eth(0x0800, ip(17, datagram));
    const cases: readonly [Uint8Array, string][] = [
      [eth(0x0806, zeros(28)), 'notUdp'],
      [eth(0x0800, ip(6, tcp(1, 2))), 'notUdp'],
      [eth(0x0800, ip(17, datagram, { fragment: 0x2000 })), 'fragments'],
      [eth(0x0800, ip(17, datagram, { fragment: 100 })), 'fragments'],
      [eth(0x86dd, ip6(44, bytes('1100 0001 00000001', datagram))), 'fragments'],
      [whole.subarray(0, 10), 'cut'],
      [whole.subarray(0, 14), 'cut'],
      [whole.subarray(0, 30), 'cut'],
      [whole.subarray(0, 40), 'cut'],
      [whole.subarray(0, whole.length - 1), 'cut'],
      [eth(0x0800, ip(17, datagram), { tags: [[0x8100, 1]] }).subarray(0, 16), 'cut'],
      [eth(0x86dd, ip6(17, datagram)).subarray(0, 50), 'cut'],
      [eth(0x86dd, ip6(0, zeros(4))), 'cut'],
      [eth(0x0800, ip(17, bytes(u16(1), u16(2), u16(7), u16(0)))), 'malformed'],
      [eth(0x0800, ip(17, datagram, { totalLength: 24 })), 'malformed'],
      [eth(0x0800, bytes('44', ip(17, datagram).subarray(1))), 'malformed'],
      [eth(0x0800, ip(17, udp(6343, 9, text('x')))), 'otherPort'],
    ];
    for (const [packet, reason] of cases) {
      const datagrams = udpPayloads(capture(1, packet), { port: 6343 });
      expect([...datagrams], reason).toEqual([]);
      const counts = Object.entries(datagrams.skipped).filter(([, count]) => count > 0);
      expect(counts).toEqual([[reason, 1]]);
    }
    const unknown = udpPayloads(capture(147, whole));
    expect([...unknown]).toEqual([]);
    expect(unknown.skipped.unknownLink).toBe(1);
  });

  it('reads every datagram of the real captures', () => {
    const counts: Record<string, number> = { hsflowd: 151, 'mininet-tree': 902, ovs: 542, structures: 105 };
    for (const [name, count] of Object.entries(counts)) {
      const file = readFileSync(new URL(`../../test/fixtures/captures/${name}.pcap`, import.meta.url));
      let found = 0;
      for (const { payload } of udpPayloads(file)) if (payload[3] === 5) found++;
      expect(found, name).toBe(count);
    }
  });
});
