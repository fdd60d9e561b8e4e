import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, eth, ip, ip6, tcp, u16, udp, zeros } from '../packet/testing/build-packet.ts';
import { writeSampledHeader } from './sflowtool-header.ts';
import { SflowtoolWriter } from './sflowtool-writer.ts';

const HEADER_FIELDS = [
  'flowSampleType',
  'headerProtocol',
  'sampledPacketSize',
  'strippedBytes',
  'headerLen',
  'headerBytes',
];

/** Fields behind those of every header, as `name value`. */
function derived(header: Uint8Array, protocol = 1, frameLength = header.length + 4): string[] {
  const out = new SflowtoolWriter();
  out.openObject();
  writeSampledHeader(out, { protocol, frameLength, stripped: 4, bytes: header });
  out.closeObject();
  return Object.entries<string>(JSON.parse(out.take()))
    .filter(([name]) => !HEADER_FIELDS.includes(name))
    .map(([name, value]) => `${name} ${value}`);
}

const MACS = ['dstMAC 000c29ddeeff', 'srcMAC 000c29aabbcc'];

describe('Ethernet', () => {
  it('numbers the tags behind the first', () => {
    const frame = eth(0x1234, zeros(20), {
      tags: [
        [0x88a8, 0x6064],
        [0x8100, 0x00c8],
      ],
    });
    expect(derived(frame)).toEqual([
      ...MACS,
      'decodedVLAN 100',
      'decodedPriority 3',
      'decodedVLAN.1 200',
      'decodedPriority.1 0',
      'ethernet_type 4660',
    ]);
  });

  it('reads the type behind SNAP, and names a vendor that has its own', () => {
    const snap = (oui: string) => bytes('AAAA03', oui, u16(0x0806), zeros(20));
    expect(derived(eth(28, snap('000000')))).toEqual([...MACS, 'ethernet_type 2054']);
    expect(derived(eth(28, snap('00000C')))).toEqual([...MACS, 'VSNAP_OUI 00-00-0C']);
  });

  it('leaves spanning tree and IPX alone', () => {
    expect(derived(eth(38, bytes('424203', zeros(35))))).toEqual(MACS);
    expect(derived(eth(0x0200, bytes('FFFF', u16(40), zeros(20))))).toEqual(MACS);
  });

  it('shows nothing of a header that is cut before the type', () => {
    expect(derived(eth(0x0800, zeros(0)).subarray(0, 13))).toEqual([]);
  });
});

describe('IPv4', () => {
  it('measures the packet by the frame, and swaps the identification', () => {
    const frame = eth(0x0800, ip(6, tcp(1000, 80, zeros(0), { flags: 0x12 }), { id: 0x0102, tos: 184 }));
    expect(derived(frame, 1, 1518)).toEqual([
      ...MACS,
      'ethernet_type 2048',
      'IPSize 1500',
      'ip.tot_len 40',
      'srcIP 10.0.0.1',
      'dstIP 10.0.0.2',
      'IPProtocol 6',
      'IPTOS 184',
      'IPTTL 64',
      'IPID 513',
      'TCPSrcPort 1000',
      'TCPDstPort 80',
      'TCPFlags 18',
    ]);
  });

  it('shows the offset of a later fragment, and no ports', () => {
    const fields = derived(eth(0x0800, ip(17, udp(1, 2), { fragment: 185 })));
    expect(fields.slice(-1)).toEqual(['IPFragmentOffset 185']);
  });

  it('leaves out flags that were not captured', () => {
    const frame = eth(0x0800, ip(6, tcp(1000, 80)));
    expect(derived(frame.subarray(0, 14 + 20 + 13)).slice(-1)).toEqual(['TCPDstPort 80']);
    expect(derived(frame.subarray(0, 14 + 20 + 7)).slice(-1)).toEqual(['IPID 256']);
  });

  it('begins at once when the header is IP itself', () => {
    expect(derived(ip(17, udp(5, 6)), 11).slice(0, 2)).toEqual(['IPSize 28', 'ip.tot_len 28']);
    expect(derived(zeros(10), 11)).toEqual(['IPSize 10']);
  });
});

describe('IPv6', () => {
  it('lists the extension headers', () => {
    const payload = bytes('2C', 0, zeros(6), 17, 0, zeros(6), udp(5, 6));
    const fields = derived(ip6(0, payload, { trafficClass: 0xb8, flowLabel: 0xabcde, payloadLength: 0 }), 12);
    expect(fields.slice(1, 4)).toEqual(['IPTOS 184', 'IP6_label 0xabcde', 'IPV6_payloadLen <jumbo>']);
    expect(fields.slice(7)).toEqual([
      'IP6HeaderExtension 44',
      'IPProtocol 17',
      'UDPSrcPort 5',
      'UDPDstPort 6',
      'UDPBytes 8',
    ]);
  });

  it('stops where an extension header leaves the captured bytes', () => {
    expect(derived(ip6(60, bytes(6, 9, zeros(6))), 12).slice(-1)).toEqual(['IP6HeaderExtension 60']);
    expect(derived(ip6(60, zeros(0)), 12).slice(-1)).toEqual(['IP6HeaderExtension 60']);
  });
});

describe('802.11', () => {
  const frame = (flags: number) =>
    bytes(0x08, flags, zeros(2), '010101010101', '020202020202', '030303030303', zeros(2), '040404040404');

  it('knows source and destination by the direction', () => {
    const macs = (flags: number) => derived(frame(flags), 15).slice(0, 2);
    expect(macs(0)).toEqual(['srcMAC 020202020202', 'dstMAC 010101010101']);
    expect(macs(1)).toEqual(['srcMAC 020202020202', 'dstMAC 030303030303']);
    expect(macs(2)).toEqual(['srcMAC 030303030303', 'dstMAC 010101010101']);
    expect(macs(3)).toEqual(['srcMAC 040404040404', 'dstMAC 030303030303']);
    expect(derived(frame(0), 15).slice(2)).toEqual(['txMAC 020202020202', 'rxMAC 010101010101']);
  });
});

it('survives any bytes', () => {
  const protocol = fc.constantFrom(1, 7, 11, 12, 13, 15);
  const start = fc.constantFrom(
    zeros(0),
    eth(0x0800, zeros(0)),
    eth(0x86dd, zeros(0)),
    eth(0x8100, zeros(0)),
    eth(3, zeros(0)),
  );
  fc.assert(
    fc.property(protocol, start, fc.uint8Array({ maxLength: 80 }), (header, prefix, rest) => {
      for (const field of derived(bytes(prefix, rest), header)) expect(field).not.toMatch(/undefined|NaN/);
    }),
  );
});
