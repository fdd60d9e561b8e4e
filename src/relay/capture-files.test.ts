import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { udpPayloads } from '../packet/index.ts';
import { CaptureFiles, type CaptureFilesOptions } from './capture-files.ts';

let folder: string;
let now: number;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-files-'));
  now = Date.UTC(2026, 0, 2, 3, 4, 5);
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function filesAt(options: Partial<CaptureFilesOptions> = {}): CaptureFiles {
  return new CaptureFiles(
    {
      path: join(folder, 'sflow.pcap'),
      rotateBytes: undefined,
      rotateMs: undefined,
      keep: undefined,
      to: { words: [0, 0, 0xffff, 0x7f000001], port: 6343 },
      ...options,
    },
    { now: () => now, say: (text) => said.push(text) },
  );
}

function add(files: CaptureFiles, byte: number, length = 1): void {
  const arrival = { timeMicros: now * 1000, source: [0, 0, 0xffff, 0x0a000001] as const, port: 5 };
  files.add(new Uint8Array(length).fill(byte), 0, length, arrival);
}

function visible(): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/** First byte of each datagram. */
function contents(name: string): number[] {
  return [...udpPayloads(readFileSync(join(folder, name)))].map(({ payload }) => payload[0]);
}

describe('a recording', () => {
  it('has its name when it is whole, and not before', async () => {
    const files = filesAt();
    await files.start();
    add(files, 1);
    await files.flush();
    expect(visible()).toEqual([]);
    expect(readdirSync(folder)).toEqual([`.sflow.pcap.${process.pid}.part`]);
    add(files, 2);
    await files.close();
    expect(readdirSync(folder)).toEqual(['sflow.pcap']);
    expect(contents('sflow.pcap')).toEqual([1, 2]);
    expect(files.counts).toEqual({ recorded: 2, bytes: 2 * 59, lost: 0, files: 1 });
  });

  it('writes over no file', async () => {
    writeFileSync(join(folder, 'sflow.pcap'), 'dear');
    await expect(filesAt().start()).rejects.toThrow(expect.objectContaining({ code: 'RECORD_EXISTS' }));
    expect(readFileSync(join(folder, 'sflow.pcap'), 'utf8')).toBe('dear');
  });

  it('needs a folder', async () => {
    await expect(filesAt({ path: join(folder, 'nowhere', 'a.pcap') }).start()).rejects.toThrow(
      expect.objectContaining({ code: 'RECORD_FAILED', message: expect.stringContaining('no such folder') }),
    );
  });

  it('begins another file before one would become too large', async () => {
    const files = filesAt({ rotateBytes: 3000 });
    await files.start();
    for (let i = 0; i < 10; i++) {
      add(files, i, 500);
      await files.flush();
      now += 1000;
    }
    await files.close();
    expect(visible()).toEqual(['sflow-20260102T030405Z.pcap', 'sflow-20260102T030410Z.pcap']);
    expect(visible().flatMap(contents)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const name of visible()) expect(readFileSync(join(folder, name)).length).toBeLessThanOrEqual(3000);
  });

  it('begins another file after a time, also when nothing comes, and keeps the newest', async () => {
    const files = filesAt({ rotateMs: 60_000, keep: 2 });
    await files.start();
    add(files, 1);
    for (let i = 0; i < 5; i++) {
      now += 60_000;
      await files.flush();
    }
    await files.close();
    expect(visible()).toEqual([
      'sflow-20260102T030705Z.pcap',
      'sflow-20260102T030805Z.pcap',
      'sflow-20260102T030905Z.pcap',
    ]);
  });

  it('gives files of one second numbers, and knows their order', async () => {
    const files = filesAt({ rotateBytes: 1000, keep: 3 });
    await files.start();
    for (let i = 0; i < 12; i++) {
      add(files, i, 900);
      await files.flush();
    }
    await files.close();
    expect(visible().length).toBe(4);
    expect(
      visible()
        .flatMap(contents)
        .sort((a, b) => a - b),
    ).toEqual([8, 9, 10, 11]);
  });

  it('that was killed is found by the next one, that of a living process is left alone', async () => {
    writeFileSync(join(folder, '.sflow.pcap.4194304.part'), 'left');
    writeFileSync(join(folder, `.sflow.pcap.${process.ppid}.part`), 'living');
    const files = filesAt({ rotateMs: 1000 });
    await files.start();
    await files.close();
    expect(readFileSync(join(folder, 'sflow.pcap'), 'utf8')).toBe('left');
    expect(existsSync(join(folder, `.sflow.pcap.${process.ppid}.part`))).toBe(true);
    expect(said).toEqual([
      `an earlier recording was killed; it is in ${join(folder, 'sflow.pcap')}, perhaps without its end`,
    ]);
  });

  it('counts what it cannot write, says so once, and goes on when it can again', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const files = filesAt({ path: join(gone, 'a.pcap'), rotateBytes: 100 });
    await files.start();
    add(files, 1, 90);
    await files.flush();
    rmSync(gone, { recursive: true });
    for (let i = 0; i < 5; i++) {
      add(files, 2, 90);
      await files.flush();
      now += 300;
    }
    mkdirSync(gone);
    now += 1000;
    add(files, 3, 90);
    await files.flush();
    await files.close();
    expect(said).toEqual([
      `cannot write to ${gone}: there is no such folder; datagrams are lost until it works again`,
      'writing works again; 5 datagrams were not recorded',
    ]);
    expect(files.counts).toMatchObject({ recorded: 2, lost: 5 });
  });
});
