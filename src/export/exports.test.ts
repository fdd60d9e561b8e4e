import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import { createExports, type ExportStore, type Exports } from './exports.ts';

const EVENT: ThresholdEvent = {
  ...{ eventID: 1, timestamp: 5, thresholdID: 'busy', metric: 'pairs', threshold: 1, value: 2 },
  ...{ agent: '192.0.2.1', dataSource: '3' },
};
const FLOW: LoggedFlow = {
  ...{ flowID: 1, name: 'pairs', agent: '192.0.2.1', dataSource: '3', flowKeys: '10.0.0.1,10.0.0.2' },
  ...{ value: 5, start: 1, end: 2 },
};

/** As much of an engine as sources need. */
function fakeEngine() {
  let onEvent: (event: ThresholdEvent) => void = () => undefined;
  let onFlows: (flows: readonly LoggedFlow[], skipped: number) => void = () => undefined;
  const pages = { left: 0, ended: 0 };
  const engine = {
    onEvent(listener: typeof onEvent) {
      onEvent = listener;
      return () => {
        onEvent = () => undefined;
      };
    },
    onLoggedFlows(listener: typeof onFlows) {
      onFlows = listener;
      return () => {
        onFlows = () => undefined;
      };
    },
    flows: () => ({ pairs: FLOWS }),
    async ask(kind: string) {
      if (kind === 'prometheusEnd') pages.ended++;
      if (kind !== 'prometheus') return undefined;
      const text = 'ifinoctets{agent="192.0.2.1",datasource="3",ifname="swp3"} 5.0\n'.repeat(100);
      pages.left--;
      return {
        bytes: new TextEncoder().encode(text),
        end: pages.left <= 0 ? { series: 1, leftOut: 0 } : undefined,
      };
    },
  };
  return {
    engine: engine as unknown as Engine,
    pages,
    fire: (event: ThresholdEvent) => onEvent(event),
    log: (flows: readonly LoggedFlow[], skipped: number) => onFlows(flows, skipped),
  };
}
const FLOWS = { keys: 'ipsource,ipdestination', value: 'bytes' };

function fakeStore(documents: Record<string, unknown> = {}) {
  const aside: string[] = [];
  const store: ExportStore = {
    async *documents() {
      for (const [name, content] of Object.entries(documents)) yield { name, content };
    },
    async put(_kind, name, content) {
      documents[name] = content;
      return 0;
    },
    async remove(_kind, name) {
      delete documents[name];
    },
    async setAside(_kind, name) {
      aside.push(name);
    },
  };
  return { store, documents, aside };
}

const log = { info: () => undefined, warn: () => undefined };
let exports: Exports;
let url: string;
let bodies: unknown[];
let stopServer: () => void;

beforeEach(async () => {
  bodies = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push(...(JSON.parse(text) as unknown[]));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  stopServer = () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(async () => {
  await exports.stop();
  stopServer();
});

describe('exports', () => {
  const to = () => ({ sink: { type: 'http', url }, linger: 0 });

  it('send events of the thresholds asked for', async () => {
    const { engine, fire } = fakeEngine();
    exports = createExports({ engine, log });
    await exports.set('x', { source: { type: 'events', thresholds: ['busy'] }, ...to() });
    fire({ ...EVENT, thresholdID: 'other' });
    fire(EVENT);
    await vi.waitFor(() => expect(bodies).toHaveLength(1));
    const { timestamp, ...rest } = EVENT;
    expect(bodies[0]).toEqual({ type: 'event', time: timestamp, ...rest });
  });

  it('send flows with their keys by name, and count those that came in a flood', async () => {
    const { engine, log: logFlows } = fakeEngine();
    exports = createExports({ engine, log });
    await exports.set('x', { source: { type: 'flows' }, ...to() });
    logFlows([FLOW, { ...FLOW, flowKeys: 'one', name: 'gone' }], 3);
    await vi.waitFor(() => expect(bodies).toHaveLength(2));
    expect(bodies[0]).toMatchObject({ keys: { ipsource: '10.0.0.1', ipdestination: '10.0.0.2' }, time: 2 });
    expect(bodies[1]).not.toHaveProperty('keys');
    expect(exports.get('x')?.status).toMatchObject({ sent: 2, skipped: 3 });
  });

  it('send metrics page by page, and leave the rest out when nobody takes them', async () => {
    const { engine, pages } = fakeEngine();
    exports = createExports({ engine, log });
    pages.left = 3;
    await exports.set('x', { source: { type: 'metrics' }, ...to(), queue: 150 });
    await vi.waitFor(() => expect(bodies).toHaveLength(300));
    expect(bodies[0]).toMatchObject({ metric: 'ifinoctets', labels: { ifname: 'swp3' }, value: 5 });
    stopServer();
    pages.left = 1e6;
    const dead = { type: 'http', url: 'http://127.0.0.1:9/' };
    await exports.set('x', { source: { type: 'metrics' }, sink: dead, linger: 0, queue: 150 });
    await vi.waitFor(() => expect(exports.get('x')?.status.roundsCut).toBe(1), 5000);
    expect(pages.ended).toBe(1);
    expect(exports.get('x')?.status.state).toBe('failing');
    expect(exports.health()).toMatchObject({ ok: false });
  });

  it('that are off do nothing', async () => {
    const { engine, fire } = fakeEngine();
    exports = createExports({ engine, log });
    await exports.set('x', { source: { type: 'events' }, ...to() });
    await exports.set('x', { enabled: false, source: { type: 'events' }, ...to() });
    fire(EVENT);
    expect(exports.all()['x'].status).toMatchObject({ state: 'off', queued: 0 });
    await exports.clear('x');
    expect(exports.get('x')).toBeUndefined();
  });

  it('are kept, and restored; one that is no longer understood is set aside', async () => {
    const { store, documents, aside } = fakeStore({ bad: { source: 1 } });
    const definition = { source: { type: 'events' }, ...to() };
    const first = createExports({ engine: fakeEngine().engine, log, store });
    await first.set('x', definition);
    await first.set('y', definition);
    await first.clear('y');
    await first.stop();
    expect(documents).toMatchObject({ x: definition });
    exports = createExports({ engine: fakeEngine().engine, log, store });
    await exports.start();
    expect(Object.keys(exports.all())).toEqual(['x']);
    expect(aside).toEqual(['bad']);
  });

  it('that are wrong change nothing', async () => {
    exports = createExports({ engine: fakeEngine().engine, log });
    await exports.set('x', { source: { type: 'events' }, ...to() });
    await expect(exports.set('x', { source: { type: 'events' } })).rejects.toThrow('sink.type is missing');
    expect(exports.get('x')).toBeDefined();
  });
});
