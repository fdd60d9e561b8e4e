import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeEngine, type FakeEngine } from '../api/fake-engine.ts';
import type { Engine } from '../engine/index.ts';
import { createDocumentStore } from '../store/index.ts';
import { PERSISTENT_KINDS, persistentEngine } from './persistent-engine.ts';

const TOPOLOGY = { nodes: { leaf1: { agent: '192.0.2.1', ports: {} } }, links: {} };

let folder: string;
let lines: string[];
let running: Engine[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-persistent-'));
  lines = [];
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((engine) => engine.stop()));
  rmSync(folder, { recursive: true });
});

/** A new process, as far as this is concerned. */
async function start(inner: FakeEngine = createFakeEngine()): Promise<Engine> {
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const store = createDocumentStore({ folder, kinds: PERSISTENT_KINDS }, { log });
  const engine = persistentEngine(inner, store, { log });
  await engine.start();
  running.push(engine);
  return engine;
}

async function restart(engine: Engine, inner?: FakeEngine): Promise<Engine> {
  running.splice(running.indexOf(engine), 1);
  await engine.stop();
  lines = [];
  return start(inner);
}

/** Of everything that is kept, what an engine has. */
function definitions(engine: Engine) {
  const contents = (all: ReturnType<Engine['groups']>) =>
    Object.fromEntries(Object.entries(all).map(([name, { content }]) => [name, content]));
  return {
    flows: engine.flows(),
    thresholds: engine.thresholds(),
    groups: contents(engine.groups()),
    maps: contents(engine.maps()),
    topology: engine.topology(),
    forwardings: engine.forwardings(),
    tenants: engine.tenants(),
  };
}

async function defineAll(engine: Engine): Promise<void> {
  await engine.setFlow('pairs', { keys: 'ipsource,ipdestination', value: 'bytes' });
  await engine.setThreshold('high', { metric: 'pairs', value: 1000 });
  await engine.setGroup('sites', { berlin: ['10.1.0.0/16'] });
  await engine.setMap('services', { web: ['80'] });
  await engine.setTopology(TOPOLOGY);
  await engine.setForwarding('copy', { address: '127.0.0.1' });
  await engine.setTenant('blue', { filters: { cidr: ['10.0.0.0/8'] } });
}

describe('what is defined', () => {
  it('of every kind, is there after a restart', async () => {
    const first = await start();
    await defineAll(first);
    const before = definitions(first);
    const second = await restart(first);
    expect(definitions(second)).toEqual(before);
    expect(Object.values(before).every((kind) => Object.keys(kind).length > 0)).toBe(true);
    expect(lines).toEqual([
      'info restored from the store: group 1, map 1, topology 1, flow 1, threshold 1, forwarding 1, tenant 1',
    ]);
  });

  it('and cleared, of every kind, is gone after a restart', async () => {
    const first = await start();
    await defineAll(first);
    await first.clearFlow('pairs');
    await first.clearThreshold('high');
    await first.clearGroup('sites');
    await first.clearMap('services');
    await first.setTopology({});
    await first.clearForwarding('copy');
    await first.clearTenant('blue');
    await first.clearTenant('never');
    const nothing = definitions(createFakeEngine());
    expect(definitions(await restart(first))).toEqual(nothing);
    expect(lines).toEqual([]);
  });

  it('last is what counts, of many at once', async () => {
    const first = await start();
    await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        i === 20
          ? first.clearFlow('pairs')
          : first.setFlow('pairs', { keys: 'ipsource', value: 'bytes', t: i }),
      ),
    );
    const before = first.flows();
    expect(before['pairs']).toMatchObject({ t: 29 });
    expect((await restart(first)).flows()).toEqual(before);
  });

  it('on the inner engine, is not kept', async () => {
    const inner = createFakeEngine();
    const first = await start(inner);
    await inner.setFlow('script', { value: 'bytes' });
    expect(first.flows()).toHaveProperty('script');
    expect((await restart(first)).flows()).toEqual({});
  });
});

describe('what is refused', () => {
  it('is not kept, and neither is what stores nothing', async () => {
    const first = await start();
    await first.setFlow('pairs', { keys: 'ipsource', value: 'bytes' });
    await expect(first.setFlow('pairs', { keys: 'ipsource' })).rejects.toThrow('value is missing');
    await expect(first.setGroup('sites', {})).rejects.toThrow();
    await first.setFlow('pairs', {});
    await first.setThreshold('none', {});
    const second = await restart(first);
    expect(second.flows()).toEqual({ pairs: expect.objectContaining({ keys: 'ipsource', value: 'bytes' }) });
    expect(lines).toEqual(['info restored from the store: flow 1']);
  });

  it('at the next start, by a stricter engine, is set aside and said', async () => {
    const first = await start();
    await first.setFlow('good', { value: 'bytes' });
    await first.stop();
    running = [];
    const old = JSON.stringify({ name: 'old', saved: 1, content: { keys: 'ipsource' } });
    writeFileSync(join(folder, 'flow', 'old.json'), old);
    expect((await start()).flows()).toEqual({ good: expect.anything() });
    expect(lines).toEqual([
      expect.stringMatching(/^warn .*old\.json was set aside as .*: old: value is missing$/),
      'info restored from the store: flow 1',
    ]);
    expect(readdirSync(join(folder, 'flow'))).toEqual(['good.json', 'old.json.set-aside']);
  });
});

it('what fails for another reason at the next start stays in the store', async () => {
  const first = await start();
  await first.setFlow('pairs', { value: 'bytes' });
  const broken = createFakeEngine();
  broken.setFlow = () => Promise.reject(new Error('no answer'));
  const second = await restart(first, broken);
  expect(lines).toEqual(['error flow pairs could not be restored, and stays in the store: no answer']);
  expect((await restart(second)).flows()).toHaveProperty('pairs');
});

it('a change that cannot be saved fails, and shows in the health until one can', async () => {
  const engine = await start();
  mkdirSync(join(folder, 'flow', 'pairs.json.tmp'));
  await expect(engine.setFlow('pairs', { value: 'bytes' })).rejects.toThrow(
    expect.objectContaining({ code: 'STORE_WRITE' }),
  );
  expect(engine.health()).toEqual({
    ok: false,
    reason: expect.stringContaining('flow pairs cannot be saved'),
  });
  rmSync(join(folder, 'flow', 'pairs.json.tmp'), { recursive: true });
  await engine.setFlow('pairs', { value: 'bytes' });
  expect(engine.health()).toEqual({ ok: true });
});

it("groups keep the time of their last update; the engine's health comes first", async () => {
  const inner = createFakeEngine();
  const before = Date.now();
  const first = await start();
  await first.setGroup('sites', { berlin: ['10.1.0.0/16'] });
  const { updated } = first.groups()['sites'];
  expect(updated).toBeGreaterThanOrEqual(before);
  expect(updated).toBeLessThanOrEqual(Date.now());
  const second = await restart(first, inner);
  expect(second.groups()['sites'].updated).toBe(updated);
  await sleep(2);
  await second.setGroup('sites', { berlin: ['10.2.0.0/16'] });
  expect(second.groups()['sites'].updated).toBeGreaterThan(updated);
  inner.healthy = false;
  expect(second.health()).toEqual({ ok: false, reason: 'a shard has ended' });
});

it('leaves the folder free when the engine cannot start', async () => {
  const broken = createFakeEngine();
  broken.start = () => Promise.reject(new Error('UDP port 6343 is in use'));
  await expect(start(broken)).rejects.toThrow('in use');
  await start();
});

it('leaves nothing running when the folder cannot be read', async () => {
  const inner = createFakeEngine();
  let stopped = false;
  inner.stop = async () => {
    stopped = true;
  };
  inner.start = async () => {
    rmSync(join(folder, 'flow'), { recursive: true });
    return inner.receivePath();
  };
  await expect(start(inner)).rejects.toThrow('ENOENT');
  expect(stopped).toBe(true);
  await start();
});
