import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decay } from './decay.ts';
import { FlowTable, nthLargest } from './table.ts';

const SHAPE = { rates: 1, attachment: false, keyWords: 2 };
const LIVE = { isLive: () => true };

function makeTable(
  options: {
    limitBytes?: number;
    seconds?: number;
    hooks?: ConstructorParameters<typeof FlowTable>[4];
    attachmentBytes?: number;
  } = {},
) {
  const decay = new Decay(options.seconds ?? 2, 0);
  const { attachmentBytes = 0 } = options;
  const shape = { ...SHAPE, attachment: attachmentBytes > 0, attachmentBytes };
  const table = new FlowTable(shape, decay, 12345, options.limitBytes ?? 1 << 24, options.hooks ?? LIVE);
  const add = (scope: number, key: number, x: number, now: number): void => {
    decay.advance(now);
    const entry = table.obtain(Int32Array.of(scope, key), 0, now);
    table.doubles[entry >> 1] += x * decay.weight;
    table.words[entry + table.updatedAt] = decay.elapsed;
  };
  const read = (scope: number, key: number, now: number): number | undefined => {
    const entry = table.find(Int32Array.of(scope, key), 0);
    return entry < 0 ? undefined : table.doubles[entry >> 1] * decay.readFactor(now);
  };
  return { decay, table, add, read };
}

describe('decay (rest-api 6.1)', () => {
  it.each([
    [0.1, 1000 / 0.101 / 1000],
    [1, 1000 / 1.001 / 1000],
    [2, 1000 / 2.001 / 1000],
    [600, 1000 / 600.001 / 1000],
  ])('one sample of 1000 with t=%d shows x/(t+0.001) at its own instant', (t, expected) => {
    const { add, read } = makeTable({ seconds: t });
    add(1, 7, 1000, 5000);
    expect(read(1, 7, 5000)).toBeCloseTo(expected * 1000, 9);
  });

  it('follows v·(N/(N+1))^Δ + 1000·x/(N+1) exactly, over landmarks', () => {
    const t = 0.1;
    const { add, read } = makeTable({ seconds: t });
    const n = t * 1000;
    let v = 0;
    let last = 0;
    // 10 minutes at t=0.1 is 6000 time constants: the landmark moves a dozen times.
    for (let now = 0; now <= 600_000; now += 137) {
      v = v * (n / (n + 1)) ** (now - last) + (1000 * 50) / (n + 1);
      last = now;
      add(3, 9, 50, now);
      expect(read(3, 9, now)).toBeCloseTo(v, 6);
    }
    expect(read(3, 9, last + 100)).toBeCloseTo(v * (n / (n + 1)) ** 100, 9);
  });

  it('a step of 5 MB/s with t=2 reads 2.15M at 1.1 s and 4.38M at 4.1 s', () => {
    const { add, read } = makeTable();
    const at = (end: number): number => {
      for (let now = 0; now <= end; now += 20) add(1, end, 100_000, now);
      return read(1, end, end) ?? 0;
    };
    expect(at(1100) / 1e6).toBeCloseTo(2.15, 1);
    expect(at(4100) / 1e6).toBeCloseTo(4.38, 1);
    expect(Math.abs(at(60_000) / 1e6 - 5)).toBeLessThan(0.05);
  });

  it('an idle flow stays with an ever smaller value (6.6)', () => {
    const { add, read } = makeTable();
    add(1, 1, 1e6, 0);
    add(1, 2, 1, 605_000);
    const value = read(1, 1, 605_000) ?? -1;
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1e-120);
  });
});

describe('table', () => {
  it('sums exactly like a map, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.integer({ min: 1, max: 1000 })), {
          maxLength: 3000,
        }),
        (updates) => {
          const { table, add, read } = makeTable();
          const sums = new Map<string, number>();
          for (const [scope, key, x] of updates) {
            add(scope, key, x, 0);
            sums.set(`${scope} ${key}`, (sums.get(`${scope} ${key}`) ?? 0) + x);
          }
          expect(table.count).toBe(sums.size);
          for (const [name, sum] of sums) {
            const [scope, key] = name.split(' ').map(Number);
            expect(read(scope, key, 0)).toBeCloseTo(sum / 2.001, 6);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('never exceeds its budget, keeps the largest, and counts what it drops', () => {
    const limitBytes = 64 * 1024;
    const { table, add, read } = makeTable({ limitBytes });
    for (let key = 0; key < 100; key++) add(1, key, 1_000_000 + key, 0);
    for (let i = 0; i < 200_000; i++) {
      add(1, 1000 + i, 10, 0);
      if (i % 1000 === 0) expect(table.bytes).toBeLessThanOrEqual(limitBytes);
    }
    for (let key = 0; key < 100; key++) expect(read(1, key, 0)).toBeCloseTo((1_000_000 + key) / 2.001, 3);
    expect(table.dropped + table.count).toBe(200_100);
    expect(table.bytes).toBeLessThanOrEqual(limitBytes);
  });

  it('reckons what is attached to its entries with its budget', () => {
    const limitBytes = 1 << 20;
    const { table, add } = makeTable({ limitBytes, attachmentBytes: 1000 });
    for (let i = 0; i < 10_000; i++) {
      add(1, i, 10, 0);
      expect(table.count * 1000).toBeLessThanOrEqual(limitBytes);
    }
    expect(table.bytes).toBeLessThanOrEqual(limitBytes);
    expect(table.count).toBeGreaterThan(400);
    table.setLimit(limitBytes / 2, 0);
    expect(table.bytes).toBeLessThanOrEqual(limitBytes / 2);
  });

  it('of 50,000 Zipf-distributed flows in a table of 1 MB the 100 largest are all there', () => {
    const { table, add, read } = makeTable({ limitBytes: 1 << 20 });
    // Deterministic: each flow's bytes are its rank's Zipf share, in many interleaved samples.
    for (let round = 0; round < 10; round++) {
      for (let rank = 1; rank <= 50_000; rank++)
        if (rank % 10 === round || rank <= 5000) add(1, rank, 1e9 / rank, round * 100);
    }
    for (let rank = 1; rank <= 100; rank++) expect(read(1, rank, 900)).toBeGreaterThan(0);
    expect(table.dropped).toBeGreaterThan(0);
    expect(table.bytes).toBeLessThanOrEqual(1 << 20);
  });

  it('drops entries of scopes that are gone before any other', () => {
    const gone = new Set<number>();
    const { add, read } = makeTable({
      limitBytes: 64 * 1024,
      hooks: { isLive: (scope) => !gone.has(scope) },
    });
    for (let i = 0; i < 1000; i++) add(2, i, 1e9, 0);
    for (let i = 0; i < 500; i++) add(3, i, 1, 0);
    gone.add(2);
    for (let i = 0; i < 1000; i++) add(4, i, 5, 0);
    expect(read(2, 1, 0)).toBeUndefined();
    expect(read(3, 1, 0)).toBeDefined();
  });

  it('lowering the limit keeps the largest', () => {
    const { table, add, read } = makeTable();
    for (let i = 1; i <= 10_000; i++) add(1, i, i, 0);
    table.setLimit(32 * 1024, 0);
    expect(table.bytes).toBeLessThanOrEqual(32 * 1024);
    expect(read(1, 10_000, 0)).toBeCloseTo(10_000 / 2.001, 6);
    expect(read(1, 1, 0)).toBeUndefined();
    add(1, 20_000, 1, 0);
    expect(read(1, 20_000, 0)).toBeDefined();
  });
});

describe('nthLargest', () => {
  it('is the element that sorting would give', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), fc.nat(), (values, i) => {
        const n = (i % values.length) + 1;
        const sorted = [...values].sort((a, b) => b - a);
        expect(nthLargest(Float64Array.from(values), n) === sorted[n - 1]).toBe(true);
      }),
    );
  });
});
