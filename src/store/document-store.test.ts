import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocumentStore, type DocumentStore, type StoredDocument } from './index.ts';

const KINDS = ['flow', 'group'];

let folder: string;
let warnings: string[];
let running: DocumentStore[];

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'weir-store-')), 'below', 'store');
  warnings = [];
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((store) => store.stop()));
  rmSync(join(folder, '..', '..'), { recursive: true });
});

async function open(): Promise<DocumentStore> {
  const log = { warn: (message: string) => void warnings.push(message) };
  const store = createDocumentStore({ folder, kinds: KINDS }, { log });
  await store.start();
  running.push(store);
  return store;
}

async function all(store: DocumentStore, kind = 'flow'): Promise<StoredDocument[]> {
  const documents: StoredDocument[] = [];
  for await (const document of store.documents(kind)) documents.push(document);
  return documents;
}

async function contents(store: DocumentStore, kind = 'flow'): Promise<Record<string, unknown>> {
  return Object.fromEntries((await all(store, kind)).map(({ name, content }) => [name, content]));
}

const file = (name: string): string => join(folder, 'flow', name);

describe('documents', () => {
  it('survive, with their names and the time of saving', async () => {
    const first = await open();
    const before = Date.now();
    await first.put('flow', 'top', { keys: 'ipsource', t: 2 });
    await first.put('flow', 'Top', { keys: 'ipdestination' });
    await first.put('group', 'top', { lan: ['10.0.0.0/8'] });
    await first.stop();
    const second = await open();
    expect(await contents(second)).toEqual({
      top: { keys: 'ipsource', t: 2 },
      Top: { keys: 'ipdestination' },
    });
    expect(await contents(second, 'group')).toEqual({ top: { lan: ['10.0.0.0/8'] } });
    const [{ saved }] = await all(second, 'group');
    expect(saved).toBeGreaterThanOrEqual(before);
    expect(saved).toBeLessThanOrEqual(Date.now());
  });

  it('are replaced and removed', async () => {
    const store = await open();
    await store.put('flow', 'a', 1);
    await store.put('flow', 'b', 1);
    await store.put('flow', 'a', 2);
    await store.remove('flow', 'b');
    await store.remove('flow', 'never');
    expect(await contents(store)).toEqual({ a: 2 });
    expect(readdirSync(file(''))).toEqual(['a.json']);
  });

  it('keep any name and any JSON', async () => {
    const store = await open();
    const name = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_.-]{1,300}$/), fc.string({ unit: 'binary' }));
    const documents = fc.uniqueArray(fc.tuple(name, fc.jsonValue()), {
      selector: ([one]) => one,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(documents, async (entries) => {
        await Promise.all(entries.map(([one, content]) => store.put('flow', one, content)));
        const kept = new Map((await all(store)).map((document) => [document.name, document.content]));
        // What JSON makes of it: -0 becomes 0.
        expect(kept).toEqual(
          new Map(entries.map(([one, content]) => [one, JSON.parse(JSON.stringify(content))])),
        );
        await Promise.all(entries.map(([one]) => store.remove('flow', one)));
      }),
      { numRuns: 30 },
    );
    expect(warnings).toEqual([]);
  });

  it('may be large', async () => {
    const prefixes = Array.from(
      { length: 100_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
    );
    const store = await open();
    await store.put('group', 'many', { all: prefixes });
    expect(await contents(store, 'group')).toEqual({ many: { all: prefixes } });
  });
});

describe('changes', () => {
  it('of one document come out in their order, whatever else is written at the same time', async () => {
    const store = await open();
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++)
      for (let i = 0; i < 10; i++)
        work.push(round % 5 === 4 ? store.remove('flow', `n${i}`) : store.put('flow', `n${i}`, round));
    for (let i = 0; i < 5; i++) work.push(store.put('flow', `n${i}`, 'last'));
    await Promise.all(work);
    expect(await contents(store)).toEqual({ n0: 'last', n1: 'last', n2: 'last', n3: 'last', n4: 'last' });
  });

  it('that are under way are written before the store stops; later ones are refused', async () => {
    const store = await open();
    const writing = Promise.all(Array.from({ length: 200 }, (_, i) => store.put('flow', `n${i}`, i)));
    await store.stop();
    await writing;
    await expect(store.put('flow', 'late', 1)).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_STOPPED' }),
    );
    expect(await all(await open())).toHaveLength(200);
  });

  it('that fail say so, show in the health, and leave the document as it was', async () => {
    const store = await open();
    await store.put('flow', 'a', 1);
    // Nothing can be written under the temporary name: a folder has it.
    mkdirSync(file('a.json.tmp'));
    await expect(store.put('flow', 'a', 2)).rejects.toThrow(
      expect.objectContaining({
        code: 'STORE_WRITE',
        message: expect.stringContaining('flow a cannot be saved: EISDIR'),
      }),
    );
    expect(store.health()).toEqual({ ok: false, reason: expect.stringContaining('flow a') });
    expect(await contents(store)).toEqual({ a: 1 });
    rmSync(file('a.json.tmp'), { recursive: true });
    await store.put('flow', 'a', 3);
    expect(store.health()).toEqual({ ok: true });
    expect(await contents(store)).toEqual({ a: 3 });
  });

  it('fail alone: others of the same moment are saved', async () => {
    const store = await open();
    mkdirSync(file('bad.json.tmp'));
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((name) => store.put('flow', name, 1)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await contents(store)).toEqual({ a: 1, b: 1 });
  });
});

describe('start', () => {
  it('clears what was being written when the process was killed', async () => {
    await (await open()).stop();
    writeFileSync(file('a.json.tmp'), '{"name":"a","sav');
    const store = await open();
    expect(readdirSync(file(''))).toEqual([]);
    expect(await all(store)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('sets damaged files aside, and keeps the others', async () => {
    const first = await open();
    for (const name of ['cut', 'good', 'garbled', 'renamed', 'empty', 'other', 'list'])
      await first.put('flow', name, { name });
    await first.stop();
    truncateSync(file('cut.json'), 20);
    truncateSync(file('empty.json'), 0);
    appendFileSync(file('garbled.json'), 'x');
    renameSync(file('renamed.json'), file('to.json'));
    writeFileSync(file('other.json'), Buffer.from('7b226e616d65223a22ff227d', 'hex'));
    writeFileSync(file('list.json'), '[1]');
    writeFileSync(file('note.txt'), 'not a document');
    const second = await open();
    expect(await contents(second)).toEqual({ good: { name: 'good' } });
    expect(warnings).toHaveLength(6);
    expect(warnings[0]).toBe(
      `${file('cut.json')} was set aside as ${file('cut.json')}.set-aside: it is damaged`,
    );
    expect(warnings.at(-1)).toContain('another name');
    expect(readFileSync(file('to.json.set-aside'), 'utf8')).toContain('renamed');
    warnings = [];
    expect(await all(second)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('leaves alone what it cannot read', async () => {
    const first = await open();
    await first.put('flow', 'good', 1);
    mkdirSync(file('folder.json'));
    expect(await contents(first)).toEqual({ good: 1 });
    expect(warnings).toEqual([expect.stringContaining('folder.json cannot be read: EISDIR')]);
  });

  it('is refused while another has the folder', async () => {
    await open();
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: 'STORE_IN_USE' }));
  });

  it('says what to do where the folder cannot be made', async () => {
    mkdirSync(join(folder, '..'), { recursive: true });
    writeFileSync(folder, 'a file');
    await expect(open()).rejects.toThrow(
      expect.objectContaining({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('set store.dir'),
      }),
    );
    rmSync(folder);
    await open();
    expect(existsSync(join(folder, 'flow'))).toBe(true);
  });
});

it('sets a document aside on request', async () => {
  const store = await open();
  await store.put('flow', 'Old', { keys: 'nonsense(' });
  await store.setAside('flow', 'Old', 'no such key');
  expect(await all(store)).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(/old~.*\.json\.set-aside: no such key$/)]);
  await store.put('flow', 'Old', { keys: 'ipsource' });
  expect(await contents(store)).toEqual({ Old: { keys: 'ipsource' } });
});
