import { afterEach, expect, it, vi } from 'vitest';
import { untilStopSignal } from './stop-signal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

afterEach(() => {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  vi.restoreAllMocks();
});

it.each(SIGNALS)('%s asks the process to end', async (signal) => {
  const asked = untilStopSignal();
  process.emit(signal);
  expect(await asked).toBe(signal);
});

it('the second signal ends it at once', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const asked = untilStopSignal();
  process.emit('SIGINT');
  await asked;
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledWith(1);
});
