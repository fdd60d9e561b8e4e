/** The thread that fuzzes. Its parent watches it through shared memory: how far it is, and with which datagram. */
import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../src/load/random.ts';
import { createCorpus } from './corpus.ts';
import { dissectSpecimen, Mutator } from './mutate.ts';
import { FuzzTarget } from './target.ts';

interface WorkerData {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  /** Two words: number of the datagram in the works (upper and lower half), then its length. */
  readonly progress: SharedArrayBuffer;
  /** The datagram in the works. */
  readonly current: SharedArrayBuffer;
  /** Folder of captures to begin with. */
  readonly captures: string;
}

/** How often the tools' decoder gets a datagram too; it is slower than the shard. */
const DECODE_EVERY = 4;
const TICK_EVERY = 1000;
const ASK_EVERY = 25_000;
const ROTATE_EVERY = 20_000;
const MEASURE_EVERY = 100_000;

/** Milliseconds on the engine's clock for one datagram, and how often the clock jumps. */
const STEP_MS = 0.2;
const JUMPS = 1e-5;

const { seed, from, count, seconds, progress, current, captures } = workerData as WorkerData;
const collect = (globalThis as { gc?: () => void }).gc;
const state = new Float64Array(progress);
const shown = new Uint8Array(current);
const mutator = new Mutator(createCorpus(seed, captures).map(dissectSpecimen));
const target = new FuzzTarget();

const begin = performance.now();
let now = 0;
let slowest = 0;
let slowestAt = 0;
let done = 0;
let ended = 'count';

for (let number = from; done < count; number++, done++) {
  const random = new Random(seed * 2 ** 32 + number);
  mutator.make(number, random);
  shown.set(mutator.buffer.subarray(0, mutator.length));
  state[1] = mutator.length;
  state[0] = number;
  now += STEP_MS;
  if (random.unit() < JUMPS) now += random.below(1_300_000);

  const before = performance.now();
  target.receive(mutator.buffer, mutator.length, Math.floor(now));
  if (number % DECODE_EVERY === 0) target.decode(mutator.buffer, mutator.length);
  const after = performance.now();
  if (after - before > slowest) {
    slowest = after - before;
    slowestAt = number;
  }

  if (number % TICK_EVERY === 0) target.tick(Math.floor(now));
  if (number % ROTATE_EVERY === 0) target.rotate(Math.floor(now));
  if (number % ASK_EVERY === ASK_EVERY - 1) target.ask(Math.floor(now));
  if (number % MEASURE_EVERY === MEASURE_EVERY - 1) measure();
  if (number % 256 === 0 && after - begin > seconds * 1000) {
    ended = 'time';
    done++;
    break;
  }
}
target.ask(Math.floor(now));
measure();
parentPort?.postMessage({
  kind: 'end',
  done,
  ended,
  slowest,
  slowestAt,
  seconds: (performance.now() - begin) / 1000,
});

/** Memory that is in use, after everything that is not has been collected. */
function measure(): void {
  collect?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  parentPort?.postMessage({ kind: 'memory', number: from + done, bytes: heapUsed + arrayBuffers });
}
