import { describe, expect, it } from 'vitest';
import { PACKET_KEYS } from './keys.ts';
import { LAYER_BYTES } from './layers.ts';
import { SPECIMENS } from './testing/corpus.ts';
import { keysOf, layersOf } from './testing/read-packet.ts';

describe('keys of', () => {
  for (const { name, packet, protocol, keys, absent = [] } of SPECIMENS) {
    it(name, () => {
      const found = keysOf(layersOf(packet, protocol));
      expect(found).toMatchObject(keys);
      for (const key of absent) expect(found, key).not.toHaveProperty([key]);
    });
  }
});

describe('the list of keys', () => {
  it('has every name once, in the form that expressions can spell', () => {
    const names = PACKET_KEYS.map((key) => key.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]*(_offset)?$/);
  });

  it('is shown whole by the packets of this test', () => {
    const shown = new Set(SPECIMENS.flatMap((specimen) => Object.keys(specimen.keys)));
    expect(PACKET_KEYS.map((key) => key.name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('reads declared places inside the fixed header of their layer only', () => {
    for (const { name, layer, field } of PACKET_KEYS) {
      if (field.kind === 'slot' || field.kind === 'text' || field.kind === 'number') continue;
      const size = field.kind === 'uint' ? field.size : field.kind === 'mac' ? 6 : 16;
      expect(field.offset, name).toBeGreaterThanOrEqual(0);
      expect(field.offset + size, name).toBeLessThanOrEqual(LAYER_BYTES[layer]);
    }
  });

  it('explains each key in a sentence', () => {
    for (const { name, doc } of PACKET_KEYS) expect(doc, name).toMatch(/^.{7,120}\.$/);
  });
});
