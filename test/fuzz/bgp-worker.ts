/** The thread that fuzzes BGP: messages read, shown, kept as routes, and written again. Watched as `worker.ts` is. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  AdjRibIn,
  type BgpMessage,
  decodeMessage,
  encodeMessage,
  type Family,
  flowSpecText,
  formatFlowSpecRule,
  INITIAL_CONTEXT,
  type MessageContext,
  messageJson,
  NOTATION_NAMES,
  rulesOfUpdate,
  validateFlowSpecRule,
} from '../../src/bgp/index.ts';
import { isWeirError } from '../../src/common/index.ts';
import { Random } from '../../src/load/random.ts';
import { createMessages, MessageMutator } from './bgp-messages.ts';

interface WorkerData {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  /** Two words: number of the message in the works, then its length. */
  readonly progress: SharedArrayBuffer;
  readonly current: SharedArrayBuffer;
}

const SESSION: MessageContext = { ...INITIAL_CONTEXT, fourOctetAs: true, external: false };
const ALL = new Set<Family>(['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec']);
/** How sessions read. */
const CONTEXTS: readonly MessageContext[] = [
  SESSION,
  { ...SESSION, external: true },
  { ...SESSION, fourOctetAs: false },
  { ...SESSION, addPath: ALL, extendedMessage: true },
];

const MEASURE_EVERY = 100_000;
const CLEAR_EVERY = 500_000;
/** How often a message that was read is written again, and a rule shown in every notation. */
const WRITE_EVERY = 4;

const { seed, from, count, seconds, progress, current } = workerData as WorkerData;
const collect = (globalThis as { gc?: () => void }).gc;
const state = new Float64Array(progress);
const shown = new Uint8Array(current);
const mutator = new MessageMutator(createMessages(SESSION));
// One for each context: what the session has agreed on does not change.
const tables = CONTEXTS.map(() => new AdjRibIn({ maxPrefixes: 5000, maxAttributeBytes: 4 << 20 }));

const begin = performance.now();
let slowest = 0;
let slowestAt = 0;
let done = 0;
let ended = 'count';

for (let number = from; done < count; number++, done++) {
  const random = new Random(seed * 2 ** 32 + number);
  mutator.make(random);
  shown.set(mutator.buffer.subarray(0, mutator.length));
  state[1] = mutator.length;
  state[0] = number;
  const before = performance.now();
  take(number);
  const after = performance.now();
  if (after - before > slowest) {
    slowest = after - before;
    slowestAt = number;
  }
  if (number % CLEAR_EVERY === CLEAR_EVERY - 1) for (const table of tables) table.clear();
  if (number % MEASURE_EVERY === MEASURE_EVERY - 1) measure();
  if (number % 256 === 0 && after - begin > seconds * 1000) {
    ended = 'time';
    done++;
    break;
  }
}
measure();
parentPort?.postMessage({
  kind: 'end',
  done,
  ended,
  slowest,
  slowestAt,
  seconds: (performance.now() - begin) / 1000,
});

function take(number: number): void {
  const which = number % CONTEXTS.length;
  const context = CONTEXTS[which];
  const bytes = mutator.buffer.slice(0, mutator.length);
  const reading = decodeMessage(bytes, context);
  if (!reading.ok) {
    // What is sent to the peer must be a message, too.
    encodeMessage(reading.notification, context);
    return;
  }
  const { message, treatAsWithdraw } = reading;
  if (message.type === 'update') {
    tables[which].update(message, {
      peerAs: 65001,
      peerIdentifier: '192.0.2.1',
      external: context.external,
      addPath: context.addPath,
      treatAsWithdraw,
    });
  }
  if (number % WRITE_EVERY !== 0) return;
  const text = textOf(message);
  if (treatAsWithdraw) return;
  if (message.type === 'update') {
    for (const rule of rulesOfUpdate(message)) {
      for (const name of NOTATION_NAMES) flowSpecText(rule, name);
      formatFlowSpecRule(rule);
      validateFlowSpecRule(rule);
    }
  }
  const again = written(message, context);
  if (again === undefined) return;
  const reread = decodeMessage(again, context);
  if (!reread.ok)
    throw new Error(`written as ${Buffer.from(again).toString('hex')}, which is refused: ${reread.reason}`);
  const second = textOf(reread.message);
  if (second !== text) throw new Error(`read as ${text}, but written and read again as ${second}`);
}

/** All that a message says; its attributes may have come in another order. */
function textOf(message: BgpMessage): string {
  return JSON.stringify(messageJson(message), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** undefined: there are no such bytes, which is said with an error of ours. */
function written(message: BgpMessage, context: MessageContext): Uint8Array | undefined {
  try {
    return encodeMessage(message, context);
  } catch (error) {
    if (isWeirError(error)) return undefined;
    throw error;
  }
}

/** Memory that is in use, after everything that is not has been collected. */
function measure(): void {
  collect?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  parentPort?.postMessage({ kind: 'memory', number: from + done, bytes: heapUsed + arrayBuffers });
}
