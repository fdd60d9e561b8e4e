import { describe, expect, it } from 'vitest';
import { record } from './build.ts';
import { minimumBytes } from './minimum-bytes.ts';
import type { FieldType, StructureField } from './schema.ts';
import {
  COUNTER_STRUCTURES,
  FLOW_STRUCTURES,
  STRUCTURES,
  structureNamed,
  structureOf,
} from './structures.ts';

const numbers = (structures: readonly { enterprise: number; format: number }[], enterprise: number) =>
  structures.filter((each) => each.enterprise === enterprise).map((each) => each.format);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('structures', () => {
  it('are those of the public list', () => {
    expect(numbers(FLOW_STRUCTURES, 0)).toEqual([
      ...range(1, 4),
      ...range(1001, 1043),
      ...range(2000, 2003),
      ...range(2100, 2103),
      ...range(2200, 2210),
    ]);
    expect(numbers(FLOW_STRUCTURES, 4413)).toEqual([1]);
    expect(numbers(COUNTER_STRUCTURES, 0)).toEqual([
      ...range(1, 10),
      ...range(1001, 1005),
      ...range(2000, 2010),
      ...range(2100, 2106),
      ...range(2200, 2207),
      ...range(3000, 3003),
    ]);
    expect(numbers(COUNTER_STRUCTURES, 4413)).toEqual([1, 2, 3]);
    expect(numbers(COUNTER_STRUCTURES, 5703)).toEqual([1]);
  });

  it('have names of their own, and fields whose names do not repeat', () => {
    expect(new Set(STRUCTURES.map(({ name }) => name)).size).toBe(STRUCTURES.length);
    for (const { name, fields } of STRUCTURES) {
      expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
      for (const list of [fields, ...nestedFields(fields)]) {
        expect(new Set(list.map((field) => field.name)).size, name).toBe(list.length);
        for (const field of list) expect(field.name).toMatch(/^[a-z][A-Za-z0-9]*$/);
      }
    }
  });

  it('have optional fields at the end only', () => {
    for (const { name, fields } of STRUCTURES) {
      const optional = fields.map((field) => field.optional === true);
      expect(optional, name).toEqual([...optional].sort());
    }
  });

  it('are found by number and by name', () => {
    for (const structure of STRUCTURES) {
      expect(structureOf(structure.kind, structure.enterprise, structure.format)).toBe(structure);
      expect(structureNamed(structure.name)).toBe(structure);
    }
    expect(structureOf('counter', 0, 4095)).toBeUndefined();
    expect(structureOf('flow', 5703, 1)).toBeUndefined();
  });

  it('have the sizes that their specifications give', () => {
    const sizes: { [name: string]: number } = {
      if_counters: 88,
      ethernet_counters: 52,
      tokenring_counters: 72,
      vg_counters: 80,
      vlan_counters: 28,
      ieee80211_counters: 80,
      lag_port_stats: 56,
      ib_counters: 64,
      processor: 28,
      of_port: 12,
      host_cpu: 68,
      host_memory: 72,
      host_disk_io: 52,
      host_net_io: 40,
      jvm_statistics: 100,
      memcache_counters: 140,
      ovs_dp_stats: 24,
      hw_tables: 144,
      nvidia_gpu: 48,
      extended_switch: 16,
      extended_socket_ipv4: 20,
      extended_socket_ipv6: 44,
      extended_tcp_info: 48,
      extended_entities: 16,
      extended_nav_timing: 92,
      extended_ib_grh: 48,
      sampled_ethernet: 24,
      sampled_ipv4: 32,
      sampled_ipv6: 56,
    };
    for (const [name, bytes] of Object.entries(sizes)) {
      expect(minimumBytes(structureNamed(name)!), name).toBe(bytes);
    }
  });
});

describe('record', () => {
  it('has every field of its structure', () => {
    for (const { name, fields } of STRUCTURES) {
      expect(Object.keys(record(name).fields!)).toEqual(fields.map((field) => field.name));
    }
  });

  it('makes 64-bit fields of numbers, and refuses unknown names', () => {
    expect(record('extended_timestamp', { timestamp: 5 }).fields).toEqual({ timestamp: 5n });
    expect(() => record('extended_nothing')).toThrow(expect.objectContaining({ code: 'SFLOW_ENCODE' }));
  });
});

function nestedFields(fields: readonly StructureField[]): (readonly StructureField[])[] {
  const inner = (type: FieldType) =>
    typeof type === 'object' && 'array' in type && typeof type.array === 'object' ? [type.array] : [];
  return fields.flatMap(({ type }) => inner(type).flatMap((list) => [list, ...nestedFields(list)]));
}
