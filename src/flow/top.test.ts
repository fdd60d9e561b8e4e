import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDefinition } from './definition.ts';
import { FlowSet } from './flow-set.ts';
import type { FlowState } from './flow-state.ts';
import { NO_LOOKUPS } from './lookups.ts';
import { type MergeMode, topByScope } from './top.ts';

/** One report: a value of a key at a data source. */
type Report = readonly [scope: number, key: number, value: number];

/** A set with one definition whose table holds these reports, one entry each. Keys are ifIndexes. */
function flowsWith(reports: readonly Report[]): { flows: FlowSet; state: FlowState } {
  const flows = new FlowSet({
    memoryBytes: 1 << 28,
    seed: 5,
    lookups: NO_LOOKUPS,
    isLive: () => true,
    onClosed: () => undefined,
  });
  const definition = parseDefinition('f', { keys: 'inputifindex', value: 'bytes', t: 1 });
  if (definition === undefined) throw new Error('no definition');
  flows.define(definition, 0);
  const state = flows.state('f');
  if (state === undefined) throw new Error('no state');
  const { table } = state;
  const key = new Int32Array(table.shape.keyWords);
  for (const [scope, ifIndex, value] of reports) {
    key[0] = scope;
    key[key.length - 1] = ifIndex;
    const entry = table.obtain(key, 0, 0);
    table.doubles[entry >> 1] += value;
  }
  return { flows, state };
}

function merged(reports: readonly Report[], include: (scope: number) => boolean) {
  const single = new Map<string, number>();
  for (const [scope, key, value] of reports) {
    if (include(scope)) single.set(`${scope} ${key}`, (single.get(`${scope} ${key}`) ?? 0) + value);
  }
  const byKey = new Map<string, number[]>();
  for (const [name, value] of single) {
    const key = name.split(' ')[1];
    byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  return byKey;
}

const REPORTS = fc.array(
  fc.tuple(
    fc.integer({ min: 2, max: 12 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 1000 }),
  ),
  { maxLength: 600 },
);

describe('largest flows', () => {
  it.each<MergeMode>(['max', 'sum', 'avg'])('%s over data sources is what a plain merge gives', (mode) => {
    fc.assert(
      fc.property(REPORTS, fc.integer({ min: 1, max: 12 }), (reports, maxFlows) => {
        const { flows } = flowsWith(reports);
        const include = (scope: number): boolean => scope % 3 !== 0;
        const got = flows.top('f', { include, mode, maxFlows, minValue: 0, fields: undefined }, 0) ?? [];
        const unit = 1 / 1.001;
        const byKey = merged(reports, include);
        const all = [...byKey].map(([key, values]) => {
          const sum = values.reduce((a, b) => a + b, 0);
          const value = mode === 'max' ? Math.max(...values) : mode === 'sum' ? sum : sum / values.length;
          return { key, value: value * unit, reports: values.length };
        });
        all.sort((a, b) => b.value - a.value);
        expect(got.length).toBe(Math.min(maxFlows, all.length));
        got.forEach((flow, i) => {
          expect(flow.value).toBeCloseTo(all[i].value, 6);
          // Ties may stand in any order; each flow itself has to be right.
          const same = all.find(({ key }) => key === flow.key);
          expect(flow.value).toBeCloseTo(same?.value ?? Number.NaN, 6);
          expect(flow.reports).toBe(same?.reports);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('of many keys and data sources: exactly the largest, with every report counted', () => {
    const reports: Report[] = [];
    for (let key = 1; key <= 20_000; key++) {
      for (let scope = 2; scope < 2 + (key % 4); scope++) reports.push([scope, key, key * 10 + scope]);
    }
    const { flows } = flowsWith(reports);
    const query = { include: () => true, mode: 'max' as const, maxFlows: 50, minValue: 0, fields: undefined };
    const got = flows.top('f', query, 0) ?? [];
    const keys = Array.from({ length: 20_000 }, (_, i) => 20_000 - i).filter((key) => key % 4 !== 0);
    expect(got.map(({ key }) => Number(key))).toEqual(keys.slice(0, 50));
    expect(got.map(({ reports: n }) => n)).toEqual(keys.slice(0, 50).map((key) => key % 4));
  });

  it('finds the few large ones among very many that tie', () => {
    const reports: Report[] = [];
    for (let key = 1; key <= 30_000; key++) reports.push([2, key, key % 700 === 0 ? 1000 + key : 7]);
    const { flows } = flowsWith(reports);
    const query = { include: () => true, mode: 'max' as const, maxFlows: 42, minValue: 0, fields: undefined };
    const keys = (flows.top('f', query, 0) ?? []).map(({ key }) => Number(key));
    expect(keys).toEqual(Array.from({ length: 42 }, (_, i) => 29_400 - i * 700));
  });

  it('per data source: the n largest of each, in order', () => {
    fc.assert(
      fc.property(REPORTS, fc.integer({ min: 1, max: 6 }), (reports, n) => {
        const { state } = flowsWith(reports);
        const got = topByScope(state, (scope) => scope !== 5, n, 0);
        expect(got.has(5)).toBe(false);
        const scopes = new Set(reports.map(([scope]) => scope).filter((scope) => scope !== 5));
        expect(new Set(got.keys())).toEqual(scopes);
        for (const [scope, flows] of got) {
          const values = [...merged(reports, (other) => other === scope).values()].map(([value]) => value);
          const largest = values.sort((a, b) => b - a).slice(0, n);
          expect(flows.length).toBe(largest.length);
          flows.forEach((flow, i) => {
            expect(flow.value).toBeCloseTo(largest[i] / 1.001, 6);
          });
        }
      }),
      { numRuns: 100 },
    );
  });
});
