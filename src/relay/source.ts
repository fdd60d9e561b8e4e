import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { isWeirError, WeirError } from '../common/index.ts';
import { DgramReceiver, loadNative, type ReceiverInfo } from '../udp/index.ts';
import { type Batch, FULL_BATCH_BYTES } from './batch.ts';
import { Intake, nowMicros } from './intake.ts';
import type { SourceCounts, SourceOptions, WorkerMessage } from './source-messages.ts';

/** A UDP port whose datagrams come as batches. */
export interface Source {
  readonly info: ReceiverInfo;
  readonly counts: Readonly<SourceCounts>;
  /** Closes the port; what came in before has been delivered when it resolves. */
  stop(): Promise<void>;
}

/** What happens with a source: it never throws into the source. */
export interface SourceEvents {
  readonly batch: (batch: Batch) => void;
  /** It has ended by itself. */
  readonly failed: (error: Error) => void;
}

/** A batch that is not full waits so long for more, ms. */
const GATHER_MS = 1;

/**
 * Opens a port: in a thread of its own with `recvmmsg` where that is to be had, else with node:dgram.
 *
 * @throws WeirError RECEIVER_PORT_IN_USE or RECEIVER_BIND
 */
export async function openSource(options: SourceOptions, events: SourceEvents): Promise<Source> {
  const worker = new URL('./forward-worker.mjs', import.meta.url);
  if (existsSync(fileURLToPath(worker)) && isNativeHere()) return ThreadSource.open(worker, options, events);
  return DgramSource.open(options, events);
}

function isNativeHere(): boolean {
  try {
    loadNative();
    return true;
  } catch (error) {
    if (isWeirError(error)) return false;
    throw error;
  }
}

class ThreadSource implements Source {
  readonly info: ReceiverInfo;
  counts: SourceCounts = { received: 0, bytes: 0, notAllowed: 0, empty: 0, kernelDrops: 0 };
  private readonly worker: Worker;
  private readonly ended: Promise<void>;

  static async open(url: URL, options: SourceOptions, events: SourceEvents): Promise<ThreadSource> {
    const worker = new Worker(url, { workerData: options });
    const info = await new Promise<ReceiverInfo>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: WorkerMessage) => {
        if (message.type === 'listening') resolve(message.info);
        else if (message.type === 'failed') reject(new WeirError(message.code, message.message));
      });
    });
    worker.removeAllListeners('error');
    return new ThreadSource(worker, info, events);
  }

  private constructor(worker: Worker, info: ReceiverInfo, events: SourceEvents) {
    this.worker = worker;
    this.info = info;
    worker.on('error', (error) => events.failed(error instanceof Error ? error : new Error(String(error))));
    this.ended = new Promise((resolve) => {
      worker.on('exit', resolve);
      worker.on('message', (message: WorkerMessage) => {
        if ('counts' in message) this.counts = message.counts;
        if (message.type === 'batch') events.batch(message.batch);
        if (message.type === 'ended') resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.worker.postMessage('stop');
    await this.ended;
  }
}

class DgramSource implements Source {
  private readonly receiver: DgramReceiver;
  private readonly intake: Intake;
  private readonly events: SourceEvents;
  private timer: NodeJS.Timeout | undefined;

  static async open(options: SourceOptions, events: SourceEvents): Promise<DgramSource> {
    const source = new DgramSource(options, events);
    await source.receiver.start();
    return source;
  }

  private constructor(options: SourceOptions, events: SourceEvents) {
    this.events = events;
    this.intake = new Intake(options);
    this.receiver = new DgramReceiver(options, (...datagram) => {
      this.intake.timeMicros = nowMicros();
      this.intake.take(...datagram);
      if (this.intake.bytes >= FULL_BATCH_BYTES) this.deliver();
      else this.timer ??= setTimeout(() => this.deliver(), GATHER_MS);
    });
  }

  get info(): ReceiverInfo {
    return this.receiver.info;
  }

  get counts(): SourceCounts {
    const { counts } = this.intake;
    counts.kernelDrops = Math.max(counts.kernelDrops, this.receiver.kernelDrops());
    return counts;
  }

  async stop(): Promise<void> {
    this.intake.counts.kernelDrops = this.counts.kernelDrops;
    this.receiver.close();
    this.deliver();
  }

  private deliver(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.intake.writer.take();
    if (batch !== undefined) this.events.batch(batch);
  }
}
