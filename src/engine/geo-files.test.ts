import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GeoFiles } from './geo-files.ts';

let folder: string;
let path: string;
let used: string[];
let lines: string[];
let running: GeoFiles | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-geo-'));
  path = join(folder, 'country.mmdb');
  used = [];
  lines = [];
});

afterEach(() => {
  running?.close();
  rmSync(folder, { recursive: true });
});

async function start(file = path): Promise<void> {
  running = new GeoFiles(new Map([['country', file]]), {
    async use(which, bytes) {
      const text = Buffer.from(bytes).toString();
      if (text === 'bad') throw new Error('it is not in the MaxMind DB format');
      used.push(`${which} ${text}`);
    },
    log: { info: (line) => void lines.push(`info ${line}`), warn: (line) => void lines.push(`warn ${line}`) },
    pollMs: 10,
  });
  await running.start();
}

it('reads a file at start, and again when it was replaced or written', async () => {
  writeFileSync(path, 'one');
  await start();
  expect(used).toEqual(['country one']);
  writeFileSync(`${path}.new`, 'two');
  renameSync(`${path}.new`, path);
  await expect.poll(() => used).toEqual(['country one', 'country two']);
  writeFileSync(path, 'three');
  await expect.poll(() => used).toEqual(['country one', 'country two', 'country three']);
  expect(lines).toEqual(Array(2).fill(`info geo.country: ${path} has changed and was read again`));
});

it('does not read a file that stays as it is', async () => {
  writeFileSync(path, 'one');
  await start();
  await sleep(100);
  expect(used).toEqual(['country one']);
});

it('keeps what it has while the file is damaged or gone, and says so once', async () => {
  writeFileSync(path, 'one');
  await start();
  writeFileSync(path, 'bad');
  await expect.poll(() => lines).toHaveLength(1);
  rmSync(path);
  await expect.poll(() => lines).toHaveLength(2);
  await sleep(100);
  expect(lines).toEqual([
    expect.stringMatching(/^warn .* what was read before stays: it is not in the MaxMind DB format$/),
    expect.stringMatching(/^warn .* what was read before stays: ENOENT: no such file or directory$/),
  ]);
  writeFileSync(path, 'two');
  await expect.poll(() => used).toEqual(['country one', 'country two']);
});

it('does not start without the file, or with a bad one: the property is named', async () => {
  await expect(start()).rejects.toThrow(
    expect.objectContaining({
      code: 'GEO_BAD_FILE',
      message: `geo.country=${path}: ENOENT: no such file or directory`,
    }),
  );
  writeFileSync(path, 'bad');
  await expect(start()).rejects.toThrow('MaxMind DB format');
  await expect(start(folder)).rejects.toThrow(`geo.country=${folder}: EISDIR`);
});
