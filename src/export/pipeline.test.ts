import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExportMessage, MetricMessage } from './message.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';
import { type Sink, SinkError } from './sink.ts';

const OPTIONS: PipelineOptions = { queue: 10, batch: 4, lingerMs: 0, retries: 3 };

const message = (value: number): MetricMessage => ({
  ...{ type: 'metric', time: 0, metric: 'm', value },
  ...{ agent: '192.0.2.1', dataSource: '1', labels: {} },
});
const valuesOf = (messages: readonly ExportMessage[]): number[] => messages.map(({ value }) => value);

let pipeline: Pipeline | undefined;
let logged: string[];
beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await pipeline?.stop();
});

/** A sink that does what the test says, one step for each batch; then it takes all. */
function start(
  steps: ((messages: readonly ExportMessage[]) => void)[],
  given: Partial<PipelineOptions> = {},
): { pipeline: Pipeline; batches: number[][] } {
  const batches: number[][] = [];
  const sink: Sink = {
    async send(messages) {
      batches.push(valuesOf(messages));
      steps.shift()?.(messages);
    },
    close: async () => undefined,
  };
  const log = { info: (text: string) => logged.push(text), warn: (text: string) => logged.push(text) };
  pipeline = new Pipeline(
    { ...OPTIONS, ...given },
    { sink, log, name: 'test', now: () => Date.now(), random: () => 1 },
  );
  pipeline.start();
  return { pipeline, batches };
}

function offer(to: Pipeline, count: number): void {
  for (let i = 1; i <= count; i++) to.offer(message(i));
}

const fail =
  (fault: ConstructorParameters<typeof SinkError>[1] = {}) =>
  () => {
    throw new SinkError('no', fault);
  };

describe('a pipeline', () => {
  it('sends in batches, in order', async () => {
    const { pipeline: to, batches } = start([]);
    offer(to, 9);
    await vi.advanceTimersByTimeAsync(10);
    expect(batches).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
    expect(to.status()).toMatchObject({ sent: 9, dropped: 0, failed: 0, retried: 0, queued: 0 });
  });

  it('lets few messages wait for more', async () => {
    const { pipeline: to, batches } = start([], { lingerMs: 100 });
    offer(to, 1);
    await vi.advanceTimersByTimeAsync(50);
    offer(to, 2);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(60);
    expect(batches).toEqual([[1, 1, 2]]);
  });

  it('tries again after pauses that grow, and says so once', async () => {
    const { pipeline: to, batches } = start([fail(), fail(), fail()]);
    offer(to, 2);
    await vi.advanceTimersByTimeAsync(249);
    expect(batches).toHaveLength(1);
    expect(to.failing).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(499);
    expect(batches).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1 + 1000);
    expect(batches).toHaveLength(4);
    expect(to.status()).toMatchObject({ sent: 2, retried: 3, failed: 0, lastError: 'no' });
    expect(logged).toEqual([
      'export test: messages are not delivered: no',
      'export test: messages are delivered again',
    ]);
  });

  it('gives a batch up after so many retries', async () => {
    const { pipeline: to, batches } = start([fail(), fail(), fail(), fail()]);
    offer(to, 5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(batches).toHaveLength(5);
    expect(to.status()).toMatchObject({ sent: 1, failed: 4, retried: 3 });
  });

  it('does not try again what is refused for good', async () => {
    const { pipeline: to, batches } = start([fail({ permanent: true })]);
    offer(to, 5);
    await vi.advanceTimersByTimeAsync(10);
    expect(batches).toEqual([[1, 2, 3, 4], [5]]);
    expect(to.status()).toMatchObject({ sent: 1, failed: 4, retried: 0 });
  });

  it('goes on behind what was delivered, and behind the one that was refused', async () => {
    const { pipeline: to, batches } = start([
      fail({ delivered: 1 }),
      fail({ delivered: 1, permanent: true, refused: 1 }),
    ]);
    offer(to, 4);
    await vi.advanceTimersByTimeAsync(1000);
    expect(batches).toEqual([[1, 2, 3, 4], [2, 3, 4], [4]]);
    expect(to.status()).toMatchObject({ sent: 3, failed: 1, retried: 1 });
  });

  it('drops the oldest when its queue is full', async () => {
    const { pipeline: to, batches } = start([fail()]);
    offer(to, 4);
    await vi.advanceTimersByTimeAsync(1);
    offer(to, 15);
    expect(to.status()).toMatchObject({ dropped: 5, queued: 14 });
    expect(to.fill).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(batches.slice(2).flat()).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('every message ends as sent, dropped or failed', async () => {
    const steps = Array.from({ length: 50 }, (_, i) =>
      i % 3 === 0 ? fail({ permanent: i % 2 === 0 }) : () => {},
    );
    const { pipeline: to } = start(steps, { retries: 1 });
    for (let i = 0; i < 20; i++) {
      offer(to, 13);
      await vi.advanceTimersByTimeAsync(100);
    }
    const { sent, dropped, failed, queued } = to.status();
    expect(sent + dropped + failed + queued).toBe(20 * 13);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(to.status().queued).toBe(0);
  });

  it('at its end tries once to deliver what is left', async () => {
    const { pipeline: to, batches } = start([], { lingerMs: 10_000 });
    offer(to, 2);
    vi.useRealTimers();
    await to.stop();
    expect(batches).toEqual([[1, 2]]);
  });
});
