import { expect, it } from 'vitest';
import { JobQueue } from './job-queue.ts';

function setUp() {
  const told: string[] = [];
  let idle = (): void => {};
  const untilIdle = new Promise<void>((resolve) => {
    idle = resolve;
  });
  const queue = new JobQueue({
    onBusy: (kind) => told.push(kind ?? '.'),
    onFault: (caught) => told.push(`fault ${String(caught)}`),
    onIdle: () => idle(),
  });
  return { told, queue, untilIdle };
}

it('runs one job after the other, ticks and timers first, and tells what it does', async () => {
  const { told, queue, untilIdle } = setUp();
  const ran: number[] = [];
  queue.push('flow', () => {
    ran.push(1);
    queue.push('interval', () => ran.push(2));
    queue.push('timer', () => ran.push(3));
  });
  queue.push('flow', () => ran.push(4));
  await untilIdle;
  expect(ran).toEqual([1, 2, 3, 4]);
  expect(told).toEqual(['flow', '.', 'interval', '.', 'timer', '.', 'flow', '.']);
});

it('promises settle between jobs', async () => {
  const { queue, untilIdle } = setUp();
  const order: string[] = [];
  queue.push('event', () => {
    order.push('first');
    void Promise.resolve()
      .then(() => order.push('promise'))
      .then(() => order.push('its promise'));
  });
  queue.push('event', () => order.push('second'));
  await untilIdle;
  expect(order).toEqual(['first', 'promise', 'its promise', 'second']);
});

it('nothing runs after a fault', async () => {
  const { told, queue } = setUp();
  queue.push('http', () => {
    throw 'x';
  });
  queue.push('http', () => told.push('ran'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual(['http', 'fault x', '.']);
});

it('keeps the order of many jobs', async () => {
  const { queue, untilIdle } = setUp();
  const ran: number[] = [];
  for (let i = 0; i < 5000; i++) queue.push('flow', () => ran.push(i));
  await untilIdle;
  expect(ran).toEqual(Array.from({ length: 5000 }, (_, i) => i));
});
