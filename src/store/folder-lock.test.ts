import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lock-'));
  path = join(folder, 'lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function holder(): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const IN_USE = expect.objectContaining({ code: 'STORE_IN_USE' });

it('is held until it is released', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toEqual(IN_USE);
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by process ${process.pid}`);
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
  await (await lockFolder(folder)).release();
});

it('has one holder, of many who want it at once', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
  const held = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(held).toHaveLength(1);
  await held[0].value.release();
});

it('is taken over from a process that has ended', async () => {
  const lock = await lockFolder(folder);
  const text = JSON.stringify({ ...holder(), pid: await endedProcess() });
  await lock.release();
  writeFileSync(path, text);
  await (await lockFolder(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

it('is taken over from a process whose number another one has now', async () => {
  const lock = await lockFolder(folder);
  const text = JSON.stringify({ ...holder(), started: '1' });
  await lock.release();
  writeFileSync(path, text);
  await (await lockFolder(folder)).release();
});

it('is taken over from before the machine was started', async () => {
  const lock = await lockFolder(folder);
  const text = JSON.stringify({ ...holder(), boot: 'another' });
  await lock.release();
  writeFileSync(path, text);
  await (await lockFolder(folder)).release();
});

it.each(['', '{"pid":', 'null', '{"pid":-1}', '{"pid":"x"}'])(
  'is taken over when it is damaged: %j',
  async (text) => {
    writeFileSync(path, text);
    await (await lockFolder(folder)).release();
  },
);

it("is another container's as long as that touches it", async () => {
  const lock = await lockFolder(folder);
  const text = JSON.stringify({ ...holder(), namespace: 'pid:[1]', pid: 1 });
  await lock.release();
  writeFileSync(path, text);
  const beat = setInterval(() => utimesSync(path, new Date(), new Date()), 1000);
  await expect(lockFolder(folder)).rejects.toEqual(IN_USE);
  clearInterval(beat);
  await (await lockFolder(folder)).release();
});

it('is touched by its holder', async () => {
  const lock = await lockFolder(folder);
  utimesSync(path, 1, 1);
  await expect.poll(() => mtime(), { timeout: 5000 }).toBeGreaterThan(Date.now() - 60_000);
  await lock.release();
});

function mtime(): number {
  return statSync(path).mtimeMs;
}

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  return child.pid!;
}
