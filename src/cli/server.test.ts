import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WeirError } from '../common/index.ts';
import { createConfig } from '../config/index.ts';
import type { Engine, ReceivePath } from '../engine/index.ts';
import { type ServerParts, startServer } from './server.ts';

const receive: ReceivePath = {
  kind: 'recvmmsg',
  address: '::',
  port: 6343,
  bufferAsked: 1024,
  bufferGranted: 512,
};

let did: string[];
let health: { ok: boolean; reason?: string };

beforeEach(() => {
  vi.useFakeTimers();
  did = [];
  health = { ok: true };
});

afterEach(() => {
  vi.useRealTimers();
});

function partsWith(
  changes: { api?: object; engine?: object; properties?: Record<string, string> } = {},
): ServerParts {
  const note = (text: string) => async () => void did.push(text);
  const write = (level: string) => (first: unknown, text?: string) =>
    void did.push(`${level} ${text ?? String(first)}`);
  const engine = {
    async start() {
      did.push('start engine');
      return receive;
    },
    stop: note('stop engine'),
    health: () => health,
    onEndedFlows: () => () => {},
    ...changes.engine,
  };
  const api = {
    async start() {
      did.push('start api');
      return { address: '127.0.0.1', port: 8008 };
    },
    stop: note('stop api'),
    ...changes.api,
  };
  return {
    engine: engine as unknown as Engine,
    api,
    names: { start: async () => {}, stop: async () => {} },
    scripts: { start: async () => {}, stop: async () => {} },
    exports: { start: async () => {}, stop: async () => {} },
    config: createConfig(changes.properties),
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    version: '1.2.3',
    print: (text) => void did.push(`print ${text.trim().split('\n')[0]}`),
  } as ServerParts;
}

describe('start', () => {
  it('starts the engine, then HTTP, then says where they are', async () => {
    await startServer(partsWith({ properties: { 'log.format': 'pretty', 'htpp.port': '1' } }));
    expect(did).toEqual([
      expect.stringContaining('warn htpp.port'),
      'start engine',
      'start api',
      'print Weir 1.2.3',
    ]);
  });

  it('is told in the log, with what is amiss, where the log is JSON', async () => {
    await startServer(partsWith({ properties: { 'log.format': 'json' } }));
    expect(did.slice(2)).toEqual([
      'info serving',
      expect.stringContaining('warn socket buffer: 512 bytes of 1 KB'),
    ]);
  });

  it('leaves nothing running when HTTP cannot start', async () => {
    const inUse = new WeirError('HTTP_PORT_IN_USE', 'TCP port 8008 is in use');
    await expect(startServer(partsWith({ api: { start: () => Promise.reject(inUse) } }))).rejects.toBe(inUse);
    expect(did).toEqual(['start engine', 'stop engine']);
  });

  it('does not start HTTP when the engine cannot start', async () => {
    const inUse = new WeirError('RECEIVER_PORT_IN_USE', 'UDP port 6343 is in use');
    await expect(startServer(partsWith({ engine: { start: () => Promise.reject(inUse) } }))).rejects.toBe(
      inUse,
    );
    expect(did).toEqual([]);
  });
});

describe('stop', () => {
  it('ends HTTP, then the engine', async () => {
    const server = await startServer(partsWith());
    did = [];
    await server.stop();
    expect(did).toEqual(['stop api', 'stop engine']);
  });

  it('ends the engine also when HTTP fails to end', async () => {
    const server = await startServer(partsWith({ api: { stop: () => Promise.reject(new Error('no')) } }));
    did = [];
    await server.stop();
    expect(did).toEqual([expect.stringContaining('error'), 'stop engine']);
  });

  it('waits less than a second', async () => {
    const server = await startServer(partsWith({ engine: { stop: () => new Promise(() => {}) } }));
    did = [];
    let stopped = false;
    void server.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(stopped).toBe(false);
    await vi.advanceTimersByTimeAsync(500);
    expect(stopped).toBe(true);
    expect(did.at(-1)).toMatch(/^warn ended without waiting/);
  });
});

it('logs when the engine falls ill and when it is well again, once each', async () => {
  const server = await startServer(partsWith());
  did = [];
  health = { ok: false, reason: 'a shard has ended' };
  await vi.advanceTimersByTimeAsync(20_000);
  health = { ok: true };
  await vi.advanceTimersByTimeAsync(20_000);
  await server.stop();
  expect(did.slice(0, 2)).toEqual([
    'error the engine is not well: a shard has ended',
    'info the engine is well again',
  ]);
  expect(did).toHaveLength(4);
});
