import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { untilStopSignal } from './stop-signal.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s asks the process to end', async (signal) => {
  const source = new FakeProcess();
  const asked = untilStopSignal(source);
  source.emit(signal, signal);
  expect(await asked).toBe(signal);
  expect(source.exits).toEqual([]);
});

it('the second signal, whichever it is, ends it at once', async () => {
  const source = new FakeProcess();
  const asked = untilStopSignal(source);
  source.emit('SIGINT', 'SIGINT');
  source.emit('SIGTERM', 'SIGTERM');
  expect(await asked).toBe('SIGINT');
  expect(source.exits).toEqual([1]);
});
