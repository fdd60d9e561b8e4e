import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatIPv4 } from '../common/index.ts';
import { udpPayloads } from '../packet/capture-udp.ts';
import { DatagramWalker, SAMPLE } from '../sflow/index.ts';
import { dataSourceName } from './label.ts';
import { MetricStore } from './store.ts';

/** Feed the counter samples of a capture, one second between datagrams. Returns the store and how many records it refused. */
function replay(name: string): { store: MetricStore; records: number; refused: number } {
  const store = new MetricStore({ maxSources: 1000 });
  const walker = new DatagramWalker();
  let now = 0;
  let records = 0;
  let refused = 0;
  const bytes = readFileSync(new URL(`../../test/fixtures/captures/${name}.pcap`, import.meta.url));
  for (const { payload } of udpPayloads(bytes)) {
    now += 1000;
    walker.begin(payload, 0, payload.length);
    for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
      if (kind !== SAMPLE.counter) continue;
      const source = store.source(
        formatIPv4(walker.agent0),
        dataSourceName(walker.sourceClass, walker.sourceIndex),
      )!;
      source.beginSample(now, false);
      while (walker.nextRecord()) {
        records++;
        if (!source.record(walker.recordFormat, payload, walker.recordStart, walker.recordEnd, now))
          refused++;
      }
    }
  }
  return { store, records, refused };
}

describe('real agents', () => {
  it.each([
    ['ovs', 272],
    ['mininet-tree', 552],
    ['hsflowd', 144],
  ])('every counter record of %s is understood', (name, expected) => {
    const { records, refused } = replay(name);
    expect({ records, refused }).toEqual({ records: expected, refused: 0 });
  });

  it('a Linux host', () => {
    const { store } = replay('hsflowd');
    const agent = '10.253.0.1';
    const value = (metric: string, dataSource = '2.1') => store.value(agent, dataSource, metric);
    expect(value('os_name')).toBe('linux');
    expect(value('host_name')).toMatch(/./);
    expect(value('ifname', '16')).toBe('hv1');
    const shares = ['user', 'nice', 'system', 'idle', 'wio', 'intr', 'sintr', 'steal'].map(
      (mode) => value(`cpu_${mode}`) as number,
    );
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 6);
    expect(value('cpu_utilization')).toBeCloseTo(100 - (value('cpu_idle') as number), 9);
    expect(value('mem_utilization')).toSatisfy((percent: number) => percent > 0 && percent < 100);
  });
});
