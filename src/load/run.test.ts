import { describe, expect, it } from 'vitest';
import { LOAD_DEFAULTS, LoadGenerator } from './generator.ts';
import { type LoadTotals, type RunClock, runLoad } from './run.ts';
import type { RingSender } from './sender.ts';

/** A clock that only sleeping and sending move. */
class ManualClock implements RunClock {
  time = 1000;
  now(): number {
    return this.time;
  }
  sleep(ms: number): void {
    this.time += ms;
  }
}

/** A sender that takes `cost` ms for each datagram. */
function slowSender(clock: ManualClock, cost: (sent: number) => number): RingSender & { batches: number[] } {
  let sent = 0;
  return {
    kind: 'sendmmsg',
    refused: 0,
    batches: [] as number[],
    send(_first, count) {
      for (let i = 0; i < count; i++) clock.time += cost(sent++);
      this.batches.push(count);
      return undefined;
    },
    close: () => undefined,
  };
}

const small = { ...LOAD_DEFAULTS, agents: 2, ports: 2, samples: 1 };

describe('a run', () => {
  it.each([1, 10, 1000, 50_000])('keeps a rate of %d datagrams per second', async (rate) => {
    const clock = new ManualClock();
    const totals = await runLoad(
      new LoadGenerator(small),
      slowSender(clock, () => 0.001),
      { rate, seconds: 3, interval: 0 },
      clock,
    );
    expect(totals.datagrams / (3 * rate)).toBeCloseTo(1, 2);
    expect(totals.seconds).toBeCloseTo(3, 1);
  });

  it('sends as fast as the sender goes at rate 0', async () => {
    const clock = new ManualClock();
    const totals = await runLoad(
      new LoadGenerator(small),
      slowSender(clock, () => 0.01),
      { rate: 0, seconds: 1, interval: 0 },
      clock,
    );
    expect(totals.pps).toBeGreaterThan(99_000);
  });

  it('does not make up for a long interruption with a burst', async () => {
    const clock = new ManualClock();
    const sender = slowSender(clock, (sent) => (sent === 1000 ? 500 : 0.001));
    const totals = await runLoad(
      new LoadGenerator(small),
      sender,
      { rate: 10_000, seconds: 2, interval: 0 },
      clock,
    );
    // Half a second is missing, but for the ten milliseconds that may be caught up.
    expect(totals.datagrams).toBeGreaterThan(15_000);
    expect(totals.datagrams).toBeLessThan(15_300);
  });

  it('reports totals at the interval', async () => {
    const clock = new ManualClock();
    const reports: LoadTotals[] = [];
    await runLoad(
      new LoadGenerator(small),
      slowSender(clock, () => 0),
      { rate: 100, seconds: 2.5, interval: 1, onInterval: (totals) => reports.push(totals) },
      clock,
    );
    expect(reports.map((report) => Math.round(report.seconds))).toEqual([1, 2]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const clock = new ManualClock();
    const sender = slowSender(clock, (sent) => {
      if (sent === 500) stop.abort();
      return 0.01;
    });
    const totals = await runLoad(
      new LoadGenerator(small),
      sender,
      { rate: 1000, seconds: 600, interval: 0, signal: stop.signal },
      clock,
    );
    expect(totals.datagrams).toBeLessThan(600);
  });
});
