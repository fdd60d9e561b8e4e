import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDefinition } from './definition.ts';
import { IPFIX_KEYS, IPFIX_MESSAGE_BYTES, IPFIX_VALUES, type IpfixFlow, IpfixTemplate } from './ipfix.ts';

/** A message read by the letter of RFC 7011: fields by element number, in hex. */
interface Reading {
  readonly exportTime: number;
  readonly sequence: number;
  readonly domain: number;
  readonly template: { id: number; elements: number[] };
  readonly records: [element: number, hex: string][][];
}

function read(message: Uint8Array): Reading {
  const bytes = Buffer.from(message);
  expect(bytes.readUInt16BE(0)).toBe(10);
  expect(bytes.readUInt16BE(2)).toBe(bytes.length);
  const elements: { id: number; length: number }[] = [];
  const records: [number, string][][] = [];
  let templateId = 0;
  let at = 16;
  while (at < bytes.length) {
    const set = bytes.readUInt16BE(at);
    const end = at + bytes.readUInt16BE(at + 2);
    at += 4;
    if (set === 2) {
      templateId = bytes.readUInt16BE(at);
      const count = bytes.readUInt16BE(at + 2);
      at += 4;
      for (let i = 0; i < count; i++, at += 4)
        elements.push({ id: bytes.readUInt16BE(at), length: bytes.readUInt16BE(at + 2) });
    } else {
      expect(set).toBe(templateId);
      while (at < end) {
        const fields: [number, string][] = [];
        for (const { id, length } of elements) {
          fields.push([id, bytes.toString('hex', at, at + length)]);
          at += length;
        }
        records.push(fields);
      }
    }
    expect(at).toBe(end);
  }
  return {
    exportTime: bytes.readUInt32BE(4),
    sequence: bytes.readUInt32BE(8),
    domain: bytes.readUInt32BE(12),
    template: { id: templateId, elements: elements.map(({ id }) => id) },
    records,
  };
}

const HEADER = { exportTime: 1_795_000_000_999, sequence: 7, observationDomain: 0 };
const TIMES = { start: 1_795_000_000_123, end: 1_795_000_060_123 };

function encoded(keys: Record<string, string>, totals: Record<string, number>, agent = '192.0.2.1'): Reading {
  const template = new IpfixTemplate(256, Object.keys(keys), Object.keys(totals), agent.includes(':'));
  const flow = { agent, keys: Object.values(keys), totals: Object.values(totals), ...TIMES };
  return read(template.encode([flow], HEADER));
}

describe('4.1 IPFIX messages', () => {
  it('begin with the header of version 10 and the template', () => {
    const message = encoded({ ipsource: '10.0.0.1', ipdestination: '10.0.0.2' }, { bytes: 1000 });
    expect(message).toMatchObject({ exportTime: 1_795_000_000, sequence: 7, domain: 0 });
    expect(message.template).toEqual({ id: 256, elements: [8, 12, 1, 152, 153, 130] });
    expect(message.records).toEqual([
      [
        [8, '0a000001'],
        [12, '0a000002'],
        [1, '00000000000003e8'],
        [152, TIMES.start.toString(16).padStart(16, '0')],
        [153, TIMES.end.toString(16).padStart(16, '0')],
        [130, 'c0000201'],
      ],
    ]);
  });

  it.each([
    ['macsource', '000C29AABBCC', 56, '000c29aabbcc'],
    ['macdestination', 'FFFFFFFFFFFF', 80, 'ffffffffffff'],
    ['ethernetprotocol', '34525', 256, '86dd'],
    ['vlan', '4094', 58, '0ffe'],
    ['priority', '7', 244, '07'],
    ['ipprotocol', '255', 4, 'ff'],
    ['ipsource', '255.0.0.1', 8, 'ff000001'],
    ['ipdestination', '0.0.0.0', 12, '00000000'],
    ['ip6source', '2001:db8::1', 27, '20010db8000000000000000000000001'],
    ['ip6destination', 'ff02::fb', 28, 'ff0200000000000000000000000000fb'],
    ['ip6nexthdr', '58', 4, '3a'],
    ['tcpsourceport', '65535', 7, 'ffff'],
    ['tcpdestinationport', '80', 11, '0050'],
    ['udpsourceport', '53', 7, '0035'],
    ['udpdestinationport', '4739', 11, '1283'],
    ['inputifindex', '2147483647', 10, '7fffffff'],
    ['inputifindex', 'internal', 10, '3fffffff'],
    ['inputifindex', 'unknown', 10, '00000000'],
    ['outputifindex', '3', 14, '00000003'],
    ['outputifindex', 'multiple', 14, '00000000'],
    ['outputifindex', 'discard', 14, '00000000'],
  ])('%s %s is element %i, %s', (key, text, element, hex) => {
    expect(encoded({ [key]: text }, { bytes: 1 }).records[0][0]).toEqual([element, hex]);
  });

  it('every key and value that a definition may name has an element', () => {
    for (const keys of IPFIX_KEYS.keys())
      expect(() =>
        parseDefinition('f', { keys, value: 'bytes', ipfixCollectors: ['192.0.2.9'] }),
      ).not.toThrow();
    for (const value of IPFIX_VALUES.keys())
      expect(() => parseDefinition('f', { value, ipfixCollectors: ['192.0.2.9'] })).not.toThrow();
  });

  it('a port tells the protocol, unless the definition has it', () => {
    const elements = (keys: Record<string, string>) => encoded(keys, { bytes: 1 }).records[0].slice(0, 3);
    expect(elements({ tcpsourceport: '80' })).toContainEqual([4, '06']);
    expect(elements({ udpdestinationport: '80' })).toContainEqual([4, '11']);
    expect(elements({ ipprotocol: '132', udpdestinationport: '80' })).toEqual([
      [4, '84'],
      [11, '0050'],
      [1, '0000000000000001'],
    ]);
  });

  it('totals are whole numbers of 64 bits', () => {
    const totals = (bytes: number): unknown => encoded({}, { bytes, frames: 3 }).records[0].slice(0, 2);
    expect(totals(99.6)).toEqual([
      [1, '0000000000000064'],
      [2, '0000000000000003'],
    ]);
    expect(totals(2 ** 60)).toContainEqual([1, '1000000000000000']);
    for (const nonsense of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(totals(nonsense)).toContainEqual([1, '0000000000000000']);
  });

  it('an IPv6 agent is element 131', () => {
    expect(encoded({}, { bytes: 1 }, '2001:db8::9').records[0].at(-1)).toEqual([
      131,
      '20010db8000000000000000000000009',
    ]);
  });

  it('hold as many records as fit, in order', () => {
    const template = new IpfixTemplate(300, [...IPFIX_KEYS.keys()], [...IPFIX_VALUES.keys()], true);
    const flow = (totals: number[]): IpfixFlow => ({ agent: '::1', keys: [], totals, ...TIMES });
    const full = template.encode(
      Array.from({ length: template.capacity }, (_, i) => flow([i])),
      HEADER,
    );
    expect(full.length).toBeLessThanOrEqual(IPFIX_MESSAGE_BYTES);
    const recordBytes =
      template.encode([flow([]), flow([])], HEADER).length - template.encode([flow([])], HEADER).length;
    expect(full.length + recordBytes).toBeGreaterThan(IPFIX_MESSAGE_BYTES);
    const { records } = read(full);
    expect(records.map((fields) => Number(`0x${fields.find(([id]) => id === 1)?.[1]}`))).toEqual(
      Array.from({ length: template.capacity }, (_, i) => i),
    );
  });

  it('texts that no packet has (custom samples) harm nothing', () => {
    fc.assert(
      fc.property(
        fc.subarray([...IPFIX_KEYS.keys()], { minLength: 1 }),
        fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.integer().map(String))),
        fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()),
        fc.boolean(),
        (names, keys, agent, ipv6) => {
          const template = new IpfixTemplate(256, names, ['bytes'], ipv6);
          const { records } = read(template.encode([{ agent, keys, totals: [5], ...TIMES }], HEADER));
          expect(records.length).toBe(1);
          expect(records[0]).toContainEqual([1, '0000000000000005']);
        },
      ),
      { numRuns: 300 },
    );
  });
});
