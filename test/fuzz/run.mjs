#!/usr/bin/env node
/**
 * Fuzzes everything that reads datagrams, or with `--bgp` what reads BGP messages:
 * `node test/fuzz/run.mjs [--bgp] [--seconds 30] [--count N] [--seed N] [--from N]`.
 *
 * Datagram, or message, number N of a seed is always the same; what the shard made of the ones before is not, so a fault that needs
 * them shows again with the same `--seed` from 0 on. It ends with an exit code other than 0, and says with which
 * datagram, when something throws, when one datagram takes longer than a second, or when memory keeps growing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';

/** No datagram may keep the engine longer than this, ms. Far above what any takes, for busy machines. */
const LONGEST_MS = 1000;
/** When nothing moves for so long, ms, it hangs. Questions and rotations lie between datagrams. */
const HANG_MS = 20_000;
/** Datagrams after which all tables have reached their bounds. */
const WARM = 200_000;
/** How much memory may grow after that, bytes. */
const GROWTH = 64 << 20;
const BUFFER_BYTES = 9000;

const { values } = parseArgs({
  options: {
    bgp: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '30' },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});
/** What is made, and the worker that makes it. */
const noun = values.bgp ? 'message' : 'datagram';
const source = values.bgp ? 'bgp-worker.ts' : 'worker.ts';
const seed = Number(values.seed);
const from = Number(values.from);
const count = values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count);
const seconds = values.count === undefined ? Number(values.seconds) : Number.POSITIVE_INFINITY;
if (![seed, from, count].every((value) => value >= 0) || !(seconds > 0)) {
  process.stderr.write('fuzz: --seconds, --count, --seed and --from take numbers\n');
  process.exit(2);
}

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

await build({
  entryPoints: [join(here, source)],
  outfile: join(folder, 'worker.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  external: ['koffi'],
  sourcemap: 'inline',
  logLevel: 'warning',
});

// For the worker, which is made afterwards: memory is measured without what could be collected.
setFlagsFromString('--expose-gc');
process.setSourceMapsEnabled(true);

const progress = new SharedArrayBuffer(16);
const current = new SharedArrayBuffer(BUFFER_BYTES);
const state = new Float64Array(progress);
const memory = [];
let fault;

const worker = new Worker(join(folder, 'worker.mjs'), {
  workerData: { seed, from, count, seconds, progress, current, captures: join(here, '../fixtures/captures') },
});
const watchdog = watch();
const end = await new Promise((resolve) => {
  worker.on('message', (message) => {
    if (message.kind === 'memory') memory.push(message);
    else resolve(message);
  });
  worker.on('error', (error) => {
    fault = `threw ${error.stack ?? error}`;
    resolve(undefined);
  });
});
clearInterval(watchdog);

if (end !== undefined && end.slowest > LONGEST_MS)
  fault = `${noun} ${end.slowestAt} took ${Math.round(end.slowest)} ms`;
fault ??= growth();
if (end !== undefined) {
  const rate = Math.round(end.done / end.seconds);
  const held = (memory.at(-1).bytes / 2 ** 20).toFixed(0);
  process.stdout.write(
    `fuzz: ${end.done.toLocaleString('en-US')} ${noun}s of seed ${seed} in ${end.seconds.toFixed(0)} s (${rate}/s), ` +
      `the slowest ${end.slowest.toFixed(1)} ms, ${held} MB in use\n`,
  );
}
if (fault !== undefined) {
  process.stdout.write(`fuzz: ${fault}\nlast was ${noun} ${state[0]} of seed ${seed}:\n${hexOfCurrent()}\n`);
  process.exit(1);
}

/** Ends the worker when it makes no progress. */
function watch() {
  let last = -1;
  let since = performance.now();
  return setInterval(() => {
    if (state[0] !== last) {
      last = state[0];
      since = performance.now();
    } else if (performance.now() - since > HANG_MS) {
      process.stdout.write(`fuzz: hangs with ${noun} ${last} of seed ${seed}:\n${hexOfCurrent()}\n`);
      process.exit(1);
    }
  }, 250);
}

/** What is wrong with the memory that was in use; undefined when nothing is. */
function growth() {
  const warm = memory.filter(({ number }) => number - from >= WARM);
  if (warm.length < 2) return undefined;
  const grown = Math.max(...warm.map(({ bytes }) => bytes)) - warm[0].bytes;
  return grown > GROWTH
    ? `memory grew by ${Math.round(grown / 2 ** 20)} MB after the tables were full`
    : undefined;
}

function hexOfCurrent() {
  return Buffer.from(current, 0, state[1]).toString('hex');
}
