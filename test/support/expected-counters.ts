import type { DatagramReading, RecordReading } from './captures.ts';

/** The last two counter samples of one data source, all fields of their records together. */
export interface CounterPair {
  readonly agent: string;
  /** As rest-api 3.7 writes it: `3`, `2.1`. */
  readonly dataSource: string;
  readonly before: RecordReading;
  readonly last: RecordReading;
  /** Numbers of their datagrams in the capture, from 0. */
  readonly beforeAt: number;
  readonly lastAt: number;
}

export function lastCounters(readings: readonly DatagramReading[]): CounterPair[] {
  const pairs = new Map<string, CounterPair>();
  for (const [lastAt, { agent, samples }] of readings.entries()) {
    for (const { sampleType, sourceId, elements } of samples) {
      if (sampleType !== 'COUNTERSSAMPLE') continue;
      const dataSource = sourceId.replace(/^0:/, '').replace(':', '.');
      const known = pairs.get(`${agent} ${dataSource}`);
      const last: RecordReading = Object.assign({}, ...elements);
      const { last: before, lastAt: beforeAt } = known ?? { last, lastAt };
      pairs.set(`${agent} ${dataSource}`, { agent, dataSource, before, last, beforeAt, lastAt });
    }
  }
  return [...pairs.values()];
}
