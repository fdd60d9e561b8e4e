/** The thread that receives for `weir forward` and `weir record`: waits in the kernel, and hands over batches. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { isWeirError } from '../common/index.ts';
import { RecvmmsgReceiver } from '../udp/index.ts';
import { FULL_BATCH_BYTES } from './batch.ts';
import { Intake, nowMicros } from './intake.ts';
import type { SourceOptions, WorkerMessage } from './source-messages.ts';

/** How long the thread waits for datagrams before it looks whether it is to end, ms. */
const WAIT_MS = 100;
/** While many come in, so long is waited for more, µs: one system call and one message then serve many. */
const GATHER_MICROS = 500;
const MANY = 8;
/** How often the kernel is asked what it dropped, ms. */
const COUNTS_EVERY_MS = 500;
/** No datagram has a longer payload. */
const SLOT_BYTES = 65_536;

const port = parentPort as MessagePort;
const options = workerData as SourceOptions;

try {
  receive();
} catch (error) {
  if (!isWeirError(error)) throw error;
  post({ type: 'failed', code: error.code, message: error.message });
}

function receive(): void {
  const intake = new Intake(options);
  const receiver = new RecvmmsgReceiver({ ...options, slotBytes: SLOT_BYTES }, WAIT_MS, -1, intake.take);
  post({ type: 'listening', info: receiver.info });
  let countsAt = 0;
  while (receiveMessageOnPort(port) === undefined) {
    const n = receiver.wait();
    intake.timeMicros = nowMicros();
    receiver.deliver(n);
    if (n >= MANY && intake.bytes < FULL_BATCH_BYTES) {
      receiver.pause(GATHER_MICROS);
      receiver.deliver(receiver.poll());
    }
    const batch = intake.writer.take();
    if (performance.now() - countsAt >= COUNTS_EVERY_MS) {
      countsAt = performance.now();
      intake.counts.kernelDrops = receiver.kernelDrops();
    }
    if (batch !== undefined) post({ type: 'batch', batch, counts: intake.counts }, [batch.bytes.buffer]);
    else if (n === 0) post({ type: 'counts', counts: intake.counts });
  }
  intake.counts.kernelDrops = receiver.kernelDrops();
  receiver.close();
  post({ type: 'ended', counts: intake.counts });
}

function post(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
