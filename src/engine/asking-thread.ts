import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { WeirError } from '../common/index.ts';
import { SIGNAL } from './protocol.ts';

/** An answer to question `id`. */
interface Numbered {
  readonly id: number;
}

/** So long a thread looks for its answer before it sleeps: to be woken takes longer than most answers do. */
const LOOK_MS = 0.3;

/**
 * Questions of a thread that sleeps until it has the answer. The other side takes them from its port by whatever means,
 * posts the answer with the question's number, adds one to `SIGNAL.ANSWERED`, and notifies.
 */
export class AskingThread<Question extends object, Answer extends Numbered> {
  private readonly port: MessagePort;
  private readonly signal: Int32Array;
  private readonly wake: () => void;
  private nextId = 1;

  /** @param wake what makes the other side look at its port; nothing when it looks by itself */
  constructor(port: MessagePort, signal: Int32Array, wake: () => void = () => {}) {
    this.port = port;
    this.signal = signal;
    this.wake = wake;
  }

  /** Throws a WeirError ENGINE_TIMEOUT; an answer that comes later is forgotten. */
  ask(question: Question, timeoutMs: number): Answer {
    const { port, signal } = this;
    const id = this.nextId++;
    port.postMessage({ ...question, id });
    Atomics.add(signal, SIGNAL.ASKED, 1);
    this.wake();
    const asked = performance.now();
    const until = asked + timeoutMs;
    for (;;) {
      const seen = Atomics.load(signal, SIGNAL.ANSWERED);
      const got = receiveMessageOnPort(port) as { message: Answer } | undefined;
      if (got !== undefined) {
        if (got.message.id === id) return got.message;
        continue;
      }
      let now = performance.now();
      while (now < asked + LOOK_MS && Atomics.load(signal, SIGNAL.ANSWERED) === seen) now = performance.now();
      const left = until - now;
      if (left <= 0) throw new WeirError('ENGINE_TIMEOUT', `no answer within ${timeoutMs} ms`);
      Atomics.wait(signal, SIGNAL.ANSWERED, seen, left);
    }
  }
}
