import { describe, expect, it } from 'vitest';
import { LAYER, LAYER_BYTES, LAYER_NAMES, LayerTable, MAX_LAYERS, MAX_OCCURRENCES, SLOT } from './layers.ts';

const someBytes = new Uint8Array(100);

describe('layer names', () => {
  it('are numbered in the order of the list, which fits the table', () => {
    expect(LAYER_NAMES.map((name) => LAYER[name])).toEqual(LAYER_NAMES.map((_, number) => number));
    expect(LAYER_NAMES.length).toBeLessThanOrEqual(256);
    for (const name of LAYER_NAMES) expect(LAYER_BYTES[name]).toBeGreaterThan(0);
  });
});

describe('a layer table', () => {
  it('gives occurrences, offsets and slots', () => {
    const table = new LayerTable();
    table.reset(someBytes, 90, 10);
    expect([table.start, table.end, table.cursor, table.limit]).toEqual([10, 90, 10, 90]);
    expect(table.enter(LAYER.eth, 10)).toBe(0);
    expect(table.enter(LAYER.ip6, 24)).toBe(0);
    expect(table.enter(LAYER.ip6, 64)).toBe(1);
    table.setSlot(SLOT.ip6Upper, 1, 58);
    expect(table.slots[SLOT.ip6Upper * MAX_OCCURRENCES + 1]).toBe(58);
    expect(table.occurrenceAt(LAYER.ip6, 64)).toBe(1);
    expect(table.occurrenceAt(LAYER.ip6, 65)).toBe(-1);
    expect(table.occurrenceAt(LAYER.tcp, -1)).toBe(-1);
    expect(table.nearestBefore(LAYER.ip6, 64)).toBe(24);
    expect(table.nearestBefore(LAYER.ip6, 90)).toBe(64);
    expect(table.nearestBefore(LAYER.ip6, 24)).toBe(-1);
    expect(table.stack()).toBe('eth.ip6.ip6');
  });

  it('numbers four occurrences, keeps further ones in order only, and ends when full', () => {
    const table = new LayerTable();
    table.reset(someBytes, 100);
    const occurrences = Array.from({ length: MAX_LAYERS + 2 }, (_, i) => table.enter(LAYER.q, i));
    expect(occurrences.slice(0, 5)).toEqual([0, 1, 2, 3, -1]);
    expect(new Set(occurrences.slice(4))).toEqual(new Set([-1]));
    expect(table.count).toBe(MAX_LAYERS);
    table.setSlot(SLOT.mplsDepth, -1, 7);
    expect(table.slots.every((value) => value === 0)).toBe(true);
    table.reset(someBytes, 100);
    expect(table.at.every((at) => at === -1)).toBe(true);
    expect(table.seen.every((seen) => seen === 0)).toBe(true);
    expect(table.enter(LAYER.q, 3)).toBe(0);
  });

  it('shows in the stack nothing from the first layer on that the contract lacks', () => {
    const table = new LayerTable();
    table.reset(someBytes, 100);
    for (const name of ['eth', 'ip', 'ah', 'ip', 'tcp'] as const) table.enter(LAYER[name], 0);
    expect(table.stack()).toBe('eth.ip');
    expect(table.names()).toEqual(['eth', 'ip', 'ah', 'ip', 'tcp']);
    table.reset(someBytes, 100);
    expect(table.stack()).toBe('');
  });
});
