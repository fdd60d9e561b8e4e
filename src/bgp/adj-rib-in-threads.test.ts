import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import type { SharedRoutes } from '../rib/index.ts';
import { medOf } from '../rib/testing/stress-rule.ts';
import { AdjRibIn } from './adj-rib-in.ts';
import { asSequence } from './as-path.ts';
import type { LearntContext } from './learnt-routes.ts';
import { makePrefix, type Prefix } from './prefix.ts';

const CONTEXT: LearntContext = {
  peerAs: 65001,
  peerIdentifier: '192.0.2.1',
  external: true,
  addPath: new Set(),
  treatAsWithdraw: false,
};
const READERS = 2;
/** Changes of routes: thousands of times memory is used again. */
const ROUNDS = 60_000;

interface Report {
  lookups: number;
  longer: number;
  again: number;
  unsettled: number;
  faults: string[];
}

function announce(rib: AdjRibIn, prefix: Prefix, more: number): void {
  const attributes = {
    origin: 'IGP' as const,
    asPath: asSequence(Array.from({ length: 1 + (more % 5) }, (_, i) => 65001 + i)),
    med: medOf(prefix.version === 4 ? prefix.w0 : prefix.w1, prefix.length),
    localPref: more,
    nextHop: '192.0.2.1',
  };
  const nlri = [{ prefix, pathId: undefined }];
  const four = prefix.version === 4;
  rib.update(
    {
      type: 'update',
      withdrawn: [],
      announced: four ? nlri : [],
      attributes,
      reach: four ? undefined : { family: 'ipv6-unicast', nlri, nextHop: { address: '2001:db8::1' } },
      unreach: undefined,
    },
    CONTEXT,
  );
}

function withdraw(rib: AdjRibIn, prefix: Prefix): void {
  const nlri = [{ prefix, pathId: undefined }];
  const four = prefix.version === 4;
  rib.update(
    {
      type: 'update',
      withdrawn: four ? nlri : [],
      announced: [],
      attributes: {},
      reach: undefined,
      unreach: four ? undefined : { family: 'ipv6-unicast', nlri },
    },
    CONTEXT,
  );
}

it('readers in other threads see no route that is not one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-rib-'));
  try {
    const file = join(folder, 'reader.mjs');
    await build({
      entryPoints: [new URL('../rib/testing/stress-reader.ts', import.meta.url).pathname],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const stop = new SharedArrayBuffer(4);
    const ports: MessageChannel[] = [];
    const share = (routes: SharedRoutes): void => {
      for (const { port1 } of ports) port1.postMessage(routes);
    };
    const rib = new AdjRibIn({ onShare: share });
    announce(rib, makePrefix(4, 8, 0x0a000000, 0, 0, 0), 1);
    announce(rib, makePrefix(6, 32, 0x20010db8, 0, 0, 0), 1);
    const reports = Array.from({ length: READERS }, (_, seed) => {
      const channel = new MessageChannel();
      ports.push(channel);
      const worker = new Worker(file, {
        workerData: { port: channel.port2, stop, routes: rib.share(), seed },
        transferList: [channel.port2],
      });
      return new Promise<Report>((resolve, reject) => {
        worker.on('error', reject);
        channel.port1.on('message', resolve);
      });
    });
    const held: Prefix[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      // Now and then the other threads get to run, and this one to send.
      if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      const word = Math.floor(Math.random() * 0x1000000);
      const length = 9 + Math.floor(Math.random() * 24);
      const prefix =
        i % 2 === 0
          ? makePrefix(4, length, 0x0a000000 | word, 0, 0, 0)
          : makePrefix(6, 24 + length, 0x20010db8, word << 8, 0, 0);
      announce(rib, prefix, i % 50);
      held.push(prefix);
      if (held.length > 3000) withdraw(rib, held[Math.floor(Math.random() * held.length)]);
      if (held.length > 4000) for (const each of held.splice(0, 2000)) withdraw(rib, each);
    }
    Atomics.store(new Int32Array(stop), 0, 1);
    for (const report of await Promise.all(reports)) {
      expect(report.faults).toEqual([]);
      expect(report.lookups).toBeGreaterThan(1000);
      // Not all of them found the one that is always there.
      expect(report.longer).toBeGreaterThan(0);
      expect(report.unsettled).toBe(0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
