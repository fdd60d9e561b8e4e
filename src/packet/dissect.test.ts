import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissect, HEADER_PROTOCOL } from './dissect.ts';
import { LAYER, LAYER_BYTES, LAYER_NAMES, LayerTable, MAX_LAYERS, MAX_OCCURRENCES } from './layers.ts';
import { bytes, eth, ip, tcp, u16, zeros } from './testing/build-packet.ts';
import { SPECIMENS } from './testing/corpus.ts';
import { keysOf, layersOf } from './testing/read-packet.ts';

describe('layers of', () => {
  for (const { name, packet, protocol, stack, layers } of SPECIMENS) {
    it(name, () => {
      const table = layersOf(packet, protocol);
      expect(table.stack()).toBe(stack);
      expect(table.names().join('.')).toBe(layers ?? stack);
    });
  }
});

/** What the dissector and every key say of `bytes[start, start + length)`. */
function reading(table: LayerTable, all: Uint8Array, start: number, length: number, protocol: number) {
  dissect(table, all, start, start + length, protocol);
  return { names: table.names(), stack: table.stack(), keys: keysOf(table) };
}

/** A packet in the middle of bytes that are not its own. */
function surrounded(packet: Uint8Array, before: number, filler: number): Uint8Array {
  return bytes(zeros(before).fill(filler), packet, zeros(64).fill(filler));
}

/** Nothing is read outside the header, and every layer lies in it, in order. */
function expectContained(packet: Uint8Array, protocol: number): void {
  const table = new LayerTable();
  const alone = reading(table, packet, 0, packet.length, protocol);
  let previous = 0;
  const occurrences = new Uint8Array(LAYER_NAMES.length);
  expect(table.count).toBeLessThanOrEqual(MAX_LAYERS);
  for (let i = 0; i < table.count; i++) {
    const layer = table.order[i];
    const occurrence = occurrences[layer]++;
    if (occurrence >= MAX_OCCURRENCES) continue;
    const at = table.at[layer * MAX_OCCURRENCES + occurrence];
    expect(at).toBeGreaterThanOrEqual(previous);
    expect(at + LAYER_BYTES[LAYER_NAMES[layer]]).toBeLessThanOrEqual(packet.length);
    previous = at;
  }
  for (const filler of [0xff, 0x45]) {
    const all = surrounded(packet, 7, filler);
    expect(reading(table, all, 7, packet.length, protocol)).toEqual(alone);
  }
}

describe('a header cut short', () => {
  it('at any byte gives the layers that are whole, and nothing from beyond', () => {
    for (const { packet, protocol = HEADER_PROTOCOL.ethernet } of SPECIMENS) {
      const whole = layersOf(packet, protocol).names();
      let before = 0;
      for (let length = 0; length <= packet.length; length++) {
        const cut = packet.subarray(0, length);
        expectContained(cut, protocol);
        const names = layersOf(cut, protocol).names();
        // A pseudowire is told by bytes behind it; all else only gains layers with more bytes.
        if (!whole.includes('mpls')) {
          expect(whole.slice(0, names.length)).toEqual(names);
          expect(names.length).toBeGreaterThanOrEqual(before);
        }
        before = names.length;
      }
    }
  });
});

describe('hostile bytes', () => {
  const protocols = fc.constantFrom(1, 11, 12, 13, 7, 0, -1, 4294967295);

  it('at random are contained', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), protocols, expectContained), { numRuns: 500 });
  });

  it('in place of a packet’s own are contained', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...SPECIMENS), changes, (specimen, changed) => {
        const packet = specimen.packet.slice();
        for (const [at, value] of changed) packet[at % packet.length] = value;
        expectContained(packet, specimen.protocol ?? HEADER_PROTOCOL.ethernet);
      }),
      { numRuns: 1000 },
    );
  });

  it('cannot nest deeper than the table', () => {
    let packet = ip(6, tcp(1, 2));
    for (let i = 0; i < 40; i++) packet = ip(4, packet);
    const table = layersOf(packet, HEADER_PROTOCOL.ipv4);
    expect(table.count).toBe(MAX_LAYERS);
    expect(table.seen[LAYER.ip]).toBe(MAX_OCCURRENCES);
    expectContained(packet, HEADER_PROTOCOL.ipv4);
    const tagged = eth(0x0800, ip(6, tcp(1, 2)), { tags: Array(60).fill([0x8100, 1]) });
    expect(layersOf(tagged).count).toBe(MAX_LAYERS);
    expectContained(tagged, HEADER_PROTOCOL.ethernet);
  });

  it('find five tags and what is behind them, though the fifth cannot be addressed', () => {
    const table = layersOf(eth(0x0800, ip(6, tcp(1, 2)), { tags: Array(5).fill([0x8100, 1]) }));
    expect(table.stack()).toBe('eth.q.q.q.q.q.ip.tcp');
    expect(keysOf(table)).toMatchObject({ 'vlan.3': '1', ethernetprotocol: '2048' });
  });

  it('leave a long label stack quickly', () => {
    const endless = bytes(eth(0x8847, zeros(60000)));
    expect(layersOf(endless).stack()).toBe('eth.mpls');
    expect(keysOf(layersOf(endless))['mplslabels']).toBe(Array(16).fill('0').join('-'));
    const extensions = eth(0x86dd, bytes('60000000', u16(60000), '00 40', zeros(32), zeros(60000)));
    expect(layersOf(extensions).stack()).toBe('eth.ip6');
  });
});

describe('a table that is used again', () => {
  it('forgets the packet before', () => {
    const used = new LayerTable();
    for (const { packet, protocol = HEADER_PROTOCOL.ethernet } of [
      ...SPECIMENS,
      ...[...SPECIMENS].reverse(),
    ]) {
      const fresh = layersOf(packet, protocol);
      dissect(used, packet, 0, packet.length, protocol);
      expect(used.at).toEqual(fresh.at);
      expect(used.seen).toEqual(fresh.seen);
      expect(used.names()).toEqual(fresh.names());
      expect(keysOf(used)).toEqual(keysOf(fresh));
    }
  });
});
