import { expect, it } from 'vitest';
import { fullTable, prefixCount, updatesOf } from '../../bench/lib/full-table.mjs';
import { AdjRibIn, decodeMessage, INITIAL_CONTEXT } from '../../src/bgp/index.ts';

const CONTEXT = { ...INITIAL_CONTEXT, fourOctetAs: true };
const SIZE = { ipv4: 5000, ipv6: 1000 };

it('a made-up table is the same each time, and good BGP', () => {
  const groups = fullTable(SIZE);
  expect(fullTable(SIZE)).toEqual(groups);
  const rib = new AdjRibIn();
  for (const bytes of updatesOf(groups)) {
    expect(bytes.length).toBeLessThanOrEqual(4096);
    const reading = decodeMessage(bytes, CONTEXT);
    if (!reading.ok || reading.message.type !== 'update') throw new Error(Buffer.from(bytes).toString('hex'));
    expect(reading.faults).toEqual([]);
    rib.update(reading.message, {
      peerAs: 65001,
      peerIdentifier: '192.0.2.1',
      external: true,
      addPath: new Set(),
      treatAsWithdraw: false,
    });
  }
  for (const version of [4, 6] as const) {
    const count = prefixCount(groups, version);
    expect(count).toBeGreaterThan(0.99 * (version === 4 ? SIZE.ipv4 : SIZE.ipv6));
    expect(rib.counters(version).prefixes).toBe(count);
  }
});
