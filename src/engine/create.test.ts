import { afterEach, describe, expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { createEngine } from './create.ts';
import type { Engine } from './index.ts';

/* The front, with threads of the tests' own in place of the shard. */

const READY = {
  kind: 'ready',
  info: { kind: 'dgram', address: '', port: 7, bufferAsked: 0, bufferGranted: 0 },
};

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.stop();
});

/** An engine whose shard runs these statements; `port` leads to the front. */
function engineWith(statements: string): { engine: Engine; errors: string[] } {
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message: string) => errors.push(message),
  };
  const program = `import { workerData } from 'node:worker_threads'; const { port } = workerData; ${statements}`;
  const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const made = createEngine(createConfig({}), { log, workerUrl });
  engine = made;
  return { engine: made, errors };
}

const post = (message: object): string => `port.postMessage(${JSON.stringify(message)});`;

describe('a shard that fails', () => {
  const failed = { kind: 'failed', code: 'SOME_CODE', message: 'something broke' };

  it('at start: start throws its reason', async () => {
    const { engine: made } = engineWith(post(failed));
    await expect(made.start()).rejects.toMatchObject({ code: 'SOME_CODE', message: 'something broke' });
  });

  it('later: its reason is logged and shown, and questions fail at once', async () => {
    const { engine: made, errors } = engineWith(
      `${post(READY)} port.once('message', () => { ${post(failed)} port.close(); });`,
    );
    await made.start();
    expect(made.health()).toEqual({ ok: true });
    await expect(made.ask('receive', undefined)).rejects.toMatchObject({
      code: 'ENGINE_FAULT',
      message: 'something broke',
    });
    expect(made.health()).toEqual({ ok: false, reason: 'something broke' });
    await expect(made.ask('receive', undefined)).rejects.toMatchObject({ code: 'ENGINE_FAULT' });
    expect(errors).toEqual(['receiving has ended: something broke']);
  });

  it('by an exception of its thread: the same', async () => {
    const { engine: made, errors } = engineWith(
      `${post(READY)} port.once('message', () => { throw new Error('a slip'); });`,
    );
    await made.start();
    await expect(made.ask('receive', undefined)).rejects.toMatchObject({
      code: 'ENGINE_FAULT',
      message: 'a slip',
    });
    expect(errors).toEqual(['receiving has ended: a slip']);
  });
});
