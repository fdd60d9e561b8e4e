import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

let folder: string;
let running: WeirProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-persistence-'));
});

afterEach(async () => {
  await Promise.all(running.map((weir) => weir.end('SIGKILL')));
  running = [];
  rmSync(folder, { recursive: true });
});

async function serve(...properties: string[]): Promise<ServingWeir> {
  const serving = await WeirProcess.serve('-Dstore.persist=yes', `-Dstore.dir=${folder}`, ...properties);
  running.push(serving.weir);
  return serving;
}

/** The status; undefined when there was no answer. */
async function send(url: string, method: string, path: string, body?: unknown): Promise<number | undefined> {
  const options = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  try {
    return (await fetch(url + path, options)).status;
  } catch {
    return undefined;
  }
}

async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(url + path);
  return response.ok ? response.json() : response.status;
}

/** Everything that can be defined, as it is put and as it is asked for. */
const DEFINITIONS: readonly { path: string; body: unknown }[] = [
  { path: 'flow/pairs/json', body: { keys: 'ipsource,ipdestination', value: 'bytes' } },
  { path: 'flow/Pairs/json', body: { keys: 'macsource', value: 'frames' } },
  { path: `flow/${'n'.repeat(300)}/json`, body: { keys: 'ipsource', value: 'bytes' } },
  { path: 'threshold/high/json', body: { metric: 'pairs', value: 1000 } },
  { path: 'group/sites/json', body: { berlin: ['10.1.0.0/16'], größe: [] } },
  { path: 'map/services/json', body: { web: ['80', '443'] } },
  {
    path: 'topology/json',
    body: { nodes: { leaf1: { agent: '192.0.2.1', ports: { swp1: { ifindex: '1' } } } }, links: {} },
  },
  { path: 'forwarding/copy/json', body: { address: '127.0.0.1', port: 9 } },
  {
    path: 'tenant/blue/json',
    body: { collectorAddress: '127.0.0.1', collectorPort: 9, filters: { cidr: ['10.0.0.0/8'] } },
  },
];

const definitions = (url: string): Promise<unknown[]> =>
  Promise.all(DEFINITIONS.map(({ path }) => get(url, path)));

describe('what is set by REST', () => {
  it('is there after a restart, and no more when it was removed', async () => {
    const first = await serve();
    for (const { path, body } of DEFINITIONS)
      expect([path, await send(first.url, 'PUT', path, body)]).toEqual([path, 204]);
    const before = await definitions(first.url);
    const updated = await get(first.url, 'group/json');
    expect((await first.weir.end('SIGTERM')).code).toBe(0);

    const second = await serve();
    expect(await definitions(second.url)).toEqual(before);
    expect(await get(second.url, 'group/json')).toEqual(updated);
    for (const { path } of DEFINITIONS)
      if (path !== 'topology/json')
        expect([path, await send(second.url, 'DELETE', path)]).toEqual([path, 204]);
    expect(await send(second.url, 'PUT', 'topology/json', {})).toBe(204);
    await second.weir.end('SIGKILL');

    const third = await serve();
    expect(await definitions(third.url)).toEqual(
      DEFINITIONS.map(({ path }) => (path === 'topology/json' ? {} : 404)),
    );
  });

  it('may be a group of 100,000 prefixes', async () => {
    const prefixes = Array.from(
      { length: 100_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
    );
    const first = await serve();
    expect(await send(first.url, 'PUT', 'group/many/json', { all: prefixes })).toBe(204);
    await first.weir.end('SIGKILL');
    const second = await serve();
    expect(await get(second.url, 'group/many/json')).toEqual({ all: prefixes });
  });

  it('is forgotten, and nothing is written, with store.persist=no', async () => {
    const first = await serve('-Dstore.persist=no');
    expect(await send(first.url, 'PUT', 'flow/pairs/json', { value: 'bytes' })).toBe(204);
    await first.weir.end();
    expect(readdirSync(folder)).toEqual([]);
    expect(await get((await serve()).url, 'flow/json')).toEqual({});
  });
});

describe('the folder', () => {
  it('is for one Weir at a time', async () => {
    const { url } = await serve();
    const second = new WeirProcess([
      'serve',
      '-Dhttp.port=0',
      '-Dsflow.port=0',
      '-Dstore.persist=yes',
      `-Dstore.dir=${folder}`,
    ]);
    running.push(second);
    const { code, error } = await second.finished();
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([
      expect.stringMatching(`^weir serve: the folder ${folder} is in use by process \\d+; .*store\\.dir`),
    ]);
    expect(await send(url, 'PUT', 'flow/pairs/json', { value: 'bytes' })).toBe(204);
  });

  it('may hold damaged files and definitions that no longer parse: they are set aside, and said', async () => {
    const first = await serve();
    for (const name of ['good', 'cut']) await send(first.url, 'PUT', `flow/${name}/json`, { value: 'bytes' });
    await first.weir.end('SIGKILL');
    const file = (name: string): string => join(folder, 'flow', name);
    truncateSync(file('cut.json'), 10);
    writeFileSync(
      file('old.json'),
      '{"name":"old","saved":1,"content":{"keys":"nonsense(","value":"bytes"}}',
    );
    const { url, weir } = await serve();
    expect(Object.keys((await get(url, 'flow/json')) as object)).toEqual(['good']);
    expect(readdirSync(file('')).sort()).toEqual(['cut.json.set-aside', 'good.json', 'old.json.set-aside']);
    expect(weir.error).toMatch(/cut\.json was set aside as .*: it is damaged/);
    expect(weir.error).toMatch(/old\.json was set aside as /);
  });

  it('that cannot be written is told to whoever changes something', async () => {
    const { url } = await serve();
    mkdirSync(join(folder, 'flow', 'pairs.json.tmp'));
    const response = await fetch(`${url}flow/pairs/json`, { method: 'PUT', body: '{"value":"bytes"}' });
    expect(response.status).toBe(500);
    expect(response.headers.get('weir-error')).toContain('STORE_WRITE');
  });
});

const KILLS = 20;

/** A document that is changed again and again. `absent` stands for its removal. */
class Subject {
  readonly path: string;
  private readonly bodyOf: (version: number) => unknown;
  private readonly versionOf: (body: never) => number;
  private version = 0;
  private acknowledged: number | 'absent' = 'absent';
  private underWay: number | 'absent' | undefined;
  changes = 0;

  constructor(path: string, bodyOf: (version: number) => unknown, versionOf: (body: never) => number) {
    this.path = path;
    this.bodyOf = bodyOf;
    this.versionOf = versionOf;
  }

  /** Changes it until there are no answers any more. */
  async change(url: string): Promise<void> {
    for (;;) {
      const next = ++this.version % 7 === 0 ? 'absent' : this.version;
      this.underWay = next;
      const status =
        next === 'absent'
          ? await send(url, 'DELETE', this.path)
          : await send(url, 'PUT', this.path, this.bodyOf(next));
      if (status === undefined) return;
      expect(status).toBe(204);
      this.acknowledged = next;
      this.underWay = undefined;
      this.changes++;
    }
  }

  /** It must be as it was acknowledged last, or as the change that was under way would have it. */
  async check(url: string): Promise<void> {
    const found = await get(url, this.path);
    const version = found === 404 ? 'absent' : this.versionOf(found as never);
    expect([this.acknowledged, this.underWay], this.path).toContain(version);
    if (version !== 'absent') expect(found).toMatchObject(this.bodyOf(version) as object);
    this.acknowledged = version;
    this.underWay = undefined;
  }
}

function subjects(): Subject[] {
  const flows = [1, 2, 3].map(
    (i) =>
      new Subject(
        `flow/f${i}/json`,
        (version) => ({ keys: 'ipsource', value: 'bytes', t: version }),
        ({ t }: { t: number }) => t,
      ),
  );
  const labelled = ['group/small/json', 'map/small/json', `group/${'L'.repeat(300)}/json`].map(
    (path) =>
      new Subject(
        path,
        (version) => ({ [`v${version}`]: ['10.0.0.1'] }),
        (body: object) => Number(Object.keys(body)[0].slice(1)),
      ),
  );
  const prefixes = Array.from({ length: 3000 }, (_, i) => `10.9.${i >> 8}.${i & 255}`);
  const large = new Subject(
    'group/large/json',
    (version) => ({ [`v${version}`]: prefixes }),
    (body: object) => Number(Object.keys(body)[0].slice(1)),
  );
  return [...flows, ...labelled, large];
}

it(`nothing acknowledged is lost, and no half file is left, by ${KILLS} kills while changes are made`, async () => {
  const all = subjects();
  for (let round = 0; round < KILLS; round++) {
    const { url, weir } = await serve();
    for (const subject of all) await subject.check(url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => !/^([\w-]+|[\w-]+\/[\w~-]+\.json)$/.test(file))).toEqual([]);
    expect(weir.error).not.toMatch(/set aside|"level":[45]0/);
    const changing = Promise.all(all.map((subject) => subject.change(url)));
    await sleep(30 + Math.random() * 150);
    await weir.end('SIGKILL');
    await changing;
  }
  const { url } = await serve();
  for (const subject of all) {
    await subject.check(url);
    expect(subject.changes).toBeGreaterThan(0);
  }
  expect(all.reduce((sum, { changes }) => sum + changes, 0)).toBeGreaterThan(KILLS);
  const [file] = readdirSync(join(folder, 'group')).filter((name) => name.startsWith('large'));
  // What there is must be whole; whether it must be there the checks above have seen.
  if (file !== undefined) JSON.parse(readFileSync(join(folder, 'group', file), 'utf8'));
});
