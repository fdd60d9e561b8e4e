import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow, ThresholdEvent } from '../../src/engine/index.ts';
import type { SyntheticAgent } from '../support/synthetic-agent.ts';
import { tcpHeader } from '../support/synthetic-agent.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 6.1: values of flows in real time. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
});
afterAll(() => weir.end());

/** A datagram with one packet of `frameLength` bytes, which stands for `samplingRate` packets. */
function sampleFrom(agent: SyntheticAgent, source: string, frameLength = 1000, samplingRate = 1): Uint8Array {
  return agent.datagram([
    agent.flow([tcpHeader({ source, destination: '10.255.0.1' }, { frameLength })], { samplingRate }),
  ]);
}

const flowsOf = (agent: SyntheticAgent, name: string): Promise<ActiveFlow[]> =>
  weir.get(`/activeflows/${agent.address}/${name}/json`);

describe('6.1 rate', () => {
  const TIMES = [0.1, 0.5, 1, 2, 5, 10, 60, 300, 600];
  const nameOf = (t: number): string => `t-${String(t).replace('.', '_')}`;
  /** Events of a threshold that every sample crosses: they tell values at the instants of samples. */
  const eventsOf = async (t: number): Promise<ThresholdEvent[]> =>
    (await weir.get<ThresholdEvent[]>(`/events/json?thresholdID=${nameOf(t)}`)).reverse();
  let agent: SyntheticAgent;

  beforeAll(async () => {
    for (const t of TIMES) {
      await weir.set(`/flow/${nameOf(t)}/json`, { keys: 'ipsource', value: 'bytes', t });
      await weir.set(`/threshold/${nameOf(t)}/json`, { metric: nameOf(t), value: 0.001, timeout: 0 });
    }
    agent = weir.agent();
    await weir.deliver(sampleFrom(agent, '10.0.0.1'));
    await sleep(200);
    await weir.deliver(sampleFrom(agent, '10.0.0.1', 500));
  });

  it.for(TIMES)('6.1 t=%d: one sample of x shows x/(t+0.001) at its own instant', async (t) => {
    const [{ value }] = await eventsOf(t);
    expect(value).toBeCloseTo(1000 / (t + 0.001), 9);
  });

  it.for(TIMES)('6.1 t=%d: a later sample adds to what has decayed, by the millisecond', async (t) => {
    const [first, second] = await eventsOf(t);
    const elapsed = second.timestamp - first.timestamp;
    expect(elapsed).toBeGreaterThan(150);
    const n = t * 1000;
    // The clocks of events and of values may be cut to milliseconds differently.
    const at = (ms: number): number => first.value * (n / (n + 1)) ** ms + (1000 * 500) / (n + 1);
    expect(second.value).toBeLessThanOrEqual(at(elapsed - 1) * (1 + 1e-9));
    expect(second.value).toBeGreaterThanOrEqual(at(elapsed + 1) * (1 - 1e-9));
  });

  it.for([0.5, 1, 2, 10])('6.1 t=%d: decays with t+0.0005 s when read', async (t) => {
    const other = weir.agent();
    const before = performance.now();
    await weir.deliver(sampleFrom(other, '10.0.0.1'));
    const after = performance.now();
    await sleep(300);
    const asked = performance.now();
    const [{ value }] = await flowsOf(other, nameOf(t));
    const answered = performance.now();
    const n = t * 1000;
    const at = (ms: number): number => (1000 / (t + 0.001)) * (n / (n + 1)) ** ms;
    expect(value).toBeLessThanOrEqual(at(asked - after - 2));
    expect(value).toBeGreaterThanOrEqual(at(answered - before + 2));
  });

  it('6.1 x is the key times the scale factor', async () => {
    const other = weir.agent();
    await weir.deliver(sampleFrom(other, '10.0.0.1', 1000, 400));
    const [{ value }] = await flowsOf(other, nameOf(600));
    expect(value * 600).toBeCloseTo(400_000, -3);
  });

  it('6.1 a plain numeric key is its rate', async () => {
    const other = weir.agent();
    await weir.set('/flow/plain/json', { keys: 'agent', value: 'ipttl', values: 'rate:ipttl', t: 600 });
    await weir.deliver(sampleFrom(other, '10.0.0.1', 1000, 10));
    const [{ value, values }] = await flowsOf(other, 'plain');
    expect(value * 600).toBeCloseTo(640, 0);
    expect(values).toEqual([value]);
  });
});

describe('6.1 a step of 5 MB/s, 50 samples/s, t=2', () => {
  const STEP = 5_000_000;
  const SAMPLE_MS = 20;
  /** Value of the flow by time, s. */
  const seen: { seconds: number; value: number }[] = [];

  beforeAll(async () => {
    await weir.set('/flow/step/json', { keys: 'ipsource', value: 'bytes', t: 2 });
    const agent = weir.agent();
    const began = performance.now();
    let sent = 0;
    const readAt = [1.1, 4.1];
    while (readAt.length > 0) {
      const elapsed = performance.now() - began;
      // However late the timers are, each sample stands for 20 ms.
      const due = Math.floor(elapsed / SAMPLE_MS) + 1 - sent;
      const bytes = (STEP * SAMPLE_MS) / 1000 / 100;
      const payloads = Array.from({ length: due }, () => sampleFrom(agent, '10.0.0.1', bytes, 100));
      if (due > 0) await weir.deliver(...payloads);
      sent += due;
      if (elapsed >= readAt[0] * 1000) {
        const [{ value }] = await flowsOf(agent, 'step');
        seen.push({ seconds: elapsed / 1000, value });
        readAt.shift();
      }
      await sleep(5);
    }
  });

  it('6.1 it is 2.15 MB/s after 1.1 s and 4.38 MB/s after 4.1 s: 1-exp(-time/t) of the step', () => {
    expect(seen).toHaveLength(2);
    for (const { seconds, value } of seen) {
      const part = value / (STEP * (1 - Math.exp(-seconds / 2)));
      expect(Math.abs(part - 1), `after ${seconds} s`).toBeLessThan(0.05);
    }
  });
});

describe('6.1 windows of 4t/3', () => {
  const T = 1.5;
  /** The window, ms. */
  const WINDOW = 2010;
  const STATISTICS = ['avg', 'min', 'max', 'count'] as const;
  let agent: SyntheticAgent;
  const early: Record<string, number | undefined> = {};
  const late: Record<string, number | undefined> = {};
  let lateValues: readonly number[] | undefined;

  const readAll = async (into: Record<string, number | undefined>): Promise<void> => {
    for (const name of [...STATISTICS, 'gauge', 'sources']) {
      const [flow] = await flowsOf(agent, `w-${name}`);
      into[name] = flow?.value;
    }
  };

  beforeAll(async () => {
    for (const statistic of STATISTICS)
      await weir.set(`/flow/w-${statistic}/json`, { keys: 'agent', value: `${statistic}:bytes`, t: T });
    await weir.set('/flow/w-gauge/json', { keys: 'agent', value: 'samplingrate', t: T });
    await weir.set('/flow/w-sources/json', { keys: 'agent', value: 'count:ipsource', t: T });
    const values = STATISTICS.map((statistic) => `${statistic}:bytes`).join(',');
    await weir.set('/flow/w-values/json', {
      keys: 'agent',
      value: 'bytes',
      values: `${values},frames`,
      t: 1,
    });
    agent = weir.agent();
    const began = performance.now();
    await weir.deliver(
      sampleFrom(agent, '10.0.0.1', 100, 10),
      sampleFrom(agent, '10.0.0.2', 400, 10),
      sampleFrom(agent, '10.0.0.1', 100, 10),
      sampleFrom(agent, '10.0.0.3', 1000, 10),
    );
    const sent = performance.now();
    await sleep(WINDOW - 500 - (sent - began));
    await readAll(early);
    await sleep(WINDOW + 20 - (performance.now() - sent));
    await readAll(late);
    lateValues = (await flowsOf(agent, 'w-values'))[0]?.values;
  });

  it.for([
    ['avg', 400],
    ['min', 100],
    ['max', 1000],
    ['count', 3],
  ] as const)('6.1 %s of the raw, unscaled key is %d', ([statistic, value]) => {
    expect(early[statistic]).toBeCloseTo(value, 9);
  });

  it('6.1 count works on any key', () => {
    expect(early['sources']).toBe(3);
  });

  it('6.1 samplingrate is a gauge with a window, unscaled', () => {
    expect(early['gauge']).toBeCloseTo(10, 6);
  });

  it.for([...STATISTICS, 'gauge', 'sources'])(
    '6.1 %s: when the window is empty the flow is not listed',
    (name) => {
      expect(early[name]).toBeDefined();
      expect(late[name]).toBeUndefined();
    },
  );

  it('6.1 as extra values they are 0 then, in the order of the definition', () => {
    expect(lateValues).toEqual([0, 0, 0, 0, expect.any(Number)]);
    expect(lateValues?.[4]).toBeGreaterThan(0);
  });
});

describe('6.1 values', () => {
  it('6.1 are per flow, in the order of the definition', async () => {
    const values = 'frames,avg:bytes,min:bytes,max:bytes,count:tcpsourceport,ipttl';
    await weir.set('/flow/extra/json', { keys: 'ipsource', value: 'bytes', values, t: 600 });
    const agent = weir.agent();
    await weir.deliver(
      sampleFrom(agent, '10.0.0.1', 100, 10),
      sampleFrom(agent, '10.0.0.1', 300, 10),
      sampleFrom(agent, '10.0.0.2', 500, 10),
    );
    const flows = await flowsOf(agent, 'extra');
    const rates = flows.map(({ values: [frames, avg, min, max, count, ttl] = [] }) => [
      Math.round(frames * 600),
      avg,
      min,
      max,
      count,
      Math.round(ttl * 600),
    ]);
    expect(flows.map(({ key }) => key)).toEqual(['10.0.0.2', '10.0.0.1']);
    expect(rates).toEqual([
      [10, 500, 500, 500, 1, 640],
      [20, 200, 100, 300, 1, 1280],
    ]);
  });

  it('6.6 an idle flow stays listed, its value gets smaller', async () => {
    await weir.set('/flow/idle/json', { keys: 'ipsource', value: 'bytes', t: 0.1 });
    const agent = weir.agent();
    await weir.deliver(sampleFrom(agent, '10.0.0.1'));
    await sleep(1500);
    const [{ key, value }] = await flowsOf(agent, 'idle');
    expect(key).toBe('10.0.0.1');
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1);
    expect(await weir.get(`/activeflows/${agent.address}/idle/json?minValue=1`)).toEqual([]);
  });
});
