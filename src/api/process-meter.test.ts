import { expect, it } from 'vitest';
import { createProcessMeter } from './process-meter.ts';

/** Uses so much processor time, however busy the machine is. */
function work(ms: number): void {
  const start = process.cpuUsage();
  const used = (): number => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  while (used() < ms) JSON.parse('[1,2,3]');
}

it('measures time and load between readings, on the clock it is given', () => {
  let now = 1_000_000;
  const meter = createProcessMeter(() => now);
  const first = meter.read();
  expect(first.uptime).toBe(0);
  expect(first.cpuLoadProcess).toBe(0);
  work(60);
  now += 2000;
  const second = meter.read();
  expect(second.uptime).toBe(2000);
  expect(second.cpuTime - first.cpuTime).toBeGreaterThanOrEqual(30);
  expect(second.cpuLoadProcess).toBeGreaterThan(0);
  expect(second.cpuLoadProcess).toBeLessThanOrEqual(1);
  expect(second.cpuLoadSystem).toBeGreaterThanOrEqual(0);
  expect(second.cpuLoadSystem).toBeLessThanOrEqual(1);
  now += 10;
  expect(meter.read().cpuLoadProcess).toBe(second.cpuLoadProcess);
});

it('keeps what it says about memory and threads in order', () => {
  const figures = createProcessMeter(Date.now).read();
  expect(figures.heapUsed).toBeGreaterThan(0);
  expect(figures.heapUsed).toBeLessThanOrEqual(figures.heapCommitted);
  expect(figures.heapCommitted).toBeLessThanOrEqual(figures.heapMax);
  expect(figures.memFree).toBeLessThan(figures.memTotal);
  expect(figures.memResident).toBeLessThan(figures.memTotal);
  expect(figures.threadCount).toBeGreaterThanOrEqual(1);
  expect(figures.threadCountMax).toBeGreaterThanOrEqual(figures.threadCount);
  expect(figures.availableProcessors).toBeGreaterThanOrEqual(1);
});

it('counts garbage collections once started', async () => {
  const meter = createProcessMeter(Date.now);
  meter.start();
  try {
    const deadline = Date.now() + 5000;
    const kept: unknown[] = [];
    while (meter.read().gcCount === 0 && Date.now() < deadline) {
      for (let i = 0; i < 20_000; i++) kept[i % 100] = { i, text: `x${i}` };
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(meter.read().gcCount).toBeGreaterThan(0);
    expect(meter.read().gcTime).toBeGreaterThanOrEqual(0);
  } finally {
    meter.stop();
  }
});
