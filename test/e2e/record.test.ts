/** `weir record`: what comes is in the files, in order, with times and sources; a full disk is told and survived. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { udpPayloads } from '../../src/packet/index.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

const WITHIN_MS = 15_000;

let folder: string;
const running: WeirProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-record-'));
});
afterEach(async () => {
  for (const weir of running.splice(0)) weir.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function says(process: { error: string; child: ChildProcess }, text: string | RegExp): Promise<string> {
  const until = performance.now() + WITHIN_MS;
  while (process.error.search(text) < 0) {
    if (performance.now() > until || process.child.exitCode !== null)
      throw new Error(`"${text}" was not said:\n${process.error}`);
    await sleep(10);
  }
  return process.error;
}

async function record(...args: string[]): Promise<{ weir: WeirProcess; port: number }> {
  const weir = new WeirProcess(['record', ...args, '--bind', '127.0.0.1', '--port', '0']);
  running.push(weir);
  const said = await says(weir, 'recording to');
  return { weir, port: Number(/127\.0\.0\.1:(\d+)/.exec(said)![1]) };
}

function datagrams(...names: string[]) {
  return names.flatMap((name) => [...udpPayloads(readFileSync(join(folder, name)))]);
}

describe('a recording', () => {
  it('of a replay of a recording has the same bytes and pauses', async () => {
    const first = await record(join(folder, 'a.pcap'));
    const sender = await UdpSender.open(first.port);
    const payloads = Array.from({ length: 10 }, (_, i) => Buffer.alloc(1 + i * 1000, i));
    for (const payload of payloads) {
      await sender.send([payload]);
      await sleep(30);
    }
    sender.close();
    expect(await first.weir.end()).toMatchObject({ code: 0 });
    const second = await record(join(folder, 'b.pcap'));
    const replay = new WeirProcess(['replay', join(folder, 'a.pcap'), '--to', `127.0.0.1:${second.port}`]);
    expect(await replay.finished()).toMatchObject({ code: 0 });
    await sleep(200);
    await second.weir.end();
    const [a, b] = [datagrams('a.pcap'), datagrams('b.pcap')];
    expect(a.map(({ payload }) => Buffer.from(payload))).toEqual(payloads);
    expect(b.map(({ payload }) => Buffer.from(payload))).toEqual(payloads);
    const length = (list: typeof a): number => list.at(-1)!.timestampMs - list[0].timestampMs;
    expect(length(a)).toBeGreaterThan(250);
    expect(length(b)).toBeGreaterThan(length(a) * 0.8);
  });

  it('rotates by size, keeps the newest files, and loses nothing between two', async () => {
    const { weir, port } = await record(join(folder, 'r.pcap'), '--rotate-size', '0.1', '--keep', '100');
    const sender = await UdpSender.open(port);
    const payloads = Array.from({ length: 1000 }, (_, i) =>
      Buffer.from([i >> 8, i & 255, ...new Array(500).fill(1)]),
    );
    await sender.send(payloads, 5000);
    sender.close();
    await sleep(300);
    const { code, error } = await weir.end();
    const names = readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    expect(code, error).toBe(0);
    expect(names.length).toBeGreaterThan(4);
    const got = datagrams(...names).map(({ payload }) => (payload[0] << 8) | payload[1]);
    expect(got.sort((a, b) => a - b)).toEqual(payloads.map((_, i) => i));
  });

  it('on a full disk counts what is lost, says so, and goes on when there is room', async () => {
    // A file system of 1 MB that only this process and its children see.
    const inner = `mount -t tmpfs -o size=1m none ${folder} && dd if=/dev/zero of=${folder}/ballast bs=1k count=700 2>/dev/null && exec ./weir record ${folder}/full.pcap --bind 127.0.0.1 --port 0`;
    const child = spawn('unshare', ['-m', 'bash', '-c', inner], { stdio: ['ignore', 'pipe', 'pipe'] });
    const weir = { child, error: '' };
    child.stderr.on('data', (chunk) => {
      weir.error += chunk;
    });
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    try {
      const said = await says(weir, 'recording to');
      const sender = await UdpSender.open(Number(/127\.0\.0\.1:(\d+)/.exec(said)![1]));
      const payload = Buffer.alloc(1000, 7);
      await sender.send(new Array(500).fill(payload), 2000);
      await says(weir, 'the disk is full; datagrams are lost until it works again');
      // The folder as the process sees it.
      const inside = `/proc/${child.pid}/root${folder}`;
      rmSync(join(inside, 'ballast'));
      await sleep(1200);
      await sender.send(new Array(10).fill(payload), 100);
      await says(weir, /writing works again; \d+ datagrams were not recorded/);
      sender.close();
      const [part] = readdirSync(inside);
      child.kill('SIGTERM');
      await says(weir, /\d+ not recorded$/m);
      expect(part).toMatch(/^\.full\.pcap\.\d+\.part$/);
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(1);
      const [, received, recorded, lost] =
        /(\d+) datagrams, \d+ bytes received, (\d+) recorded in 1 files of \d+ bytes, (\d+) not recorded/.exec(
          weir.error,
        )!;
      expect(Number(received)).toBe(510);
      expect(Number(recorded) + Number(lost)).toBe(510);
      expect(Number(recorded)).toBeGreaterThan(200);
      expect(Number(lost)).toBeGreaterThan(100);
    } finally {
      process.removeListener('exit', kill);
      kill();
    }
  });

  it('that cannot begin says why', async () => {
    const run = async (...args: string[]) =>
      (await new WeirProcess(['record', ...args, '--port', '0']).finished()).error;
    expect(await run(join(folder, 'no', 'a.pcap'))).toContain('cannot record in');
    expect(await run()).toContain('which file?');
    expect(await run(join(folder, 'a.pcap'), '--keep', '3')).toContain(
      '--keep needs --rotate-size or --rotate-time',
    );
    expect(await run(join(folder, 'a.pcap'), '--allow', '10.0.0.0/40')).toContain("not '10.0.0.0/40'");
  });
});
