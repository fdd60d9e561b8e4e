import type { MessagePort } from 'node:worker_threads';
import { isWeirError } from '../common/index.ts';
import { AskingThread } from '../engine/asking-thread.ts';
import { ringer } from '../engine/bell.ts';
import type { Questions } from '../engine/index.ts';
import type { FrontCalls } from './front/calls.ts';
import { type LogLevel, ScriptError, type ScriptHost } from './host.ts';
import type { JobQueue } from './job-queue.ts';
import { type CallAnswer, type FromScript, type ScriptData, STATE } from './protocol.ts';
import type { Realm } from './realm.ts';
import type { ScriptNews } from './script-news.ts';

const ASK_TIMEOUT_MS = 10_000;
/** Calls may look up names or fetch pages. */
const CALL_TIMEOUT_MS = 60_000;
/** Lines of the log on their way to the main thread; further ones are counted and dropped. */
const MAX_LOG_LINES = 1000;
const MAX_LINE_CHARACTERS = 64 * 1024;

type ShardAnswer = { readonly id: number } & (
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'error'; readonly message: string }
);

/** The host of the API's functions, in a script's thread. */
export class ThreadHost implements ScriptHost {
  readonly key: string;
  readonly folder: string;
  readonly storeFolder: string;
  private readonly data: ScriptData;
  private readonly realm: Realm;
  private readonly queue: JobQueue;
  private readonly shard: AskingThread<object, ShardAnswer>;
  private readonly front: AskingThread<object, CallAnswer>;
  private readonly calls: MessagePort;
  private logged = 0;
  private logLost = 0;
  private held = 0;
  private readonly newsListeners: ((news: ScriptNews) => void)[] = [];

  constructor(data: ScriptData, realm: Realm, queue: JobQueue) {
    this.data = data;
    this.key = data.key;
    this.folder = data.folder;
    this.storeFolder = data.storeFolder;
    this.realm = realm;
    this.queue = queue;
    this.calls = data.calls;
    const { port, signal, wake } = data.link;
    this.shard = new AskingThread(port, signal, wake === undefined ? undefined : ringer(wake));
    this.front = new AskingThread(data.calls, data.callSignal);
  }

  /** Whether something under way keeps the script alive. */
  get isHeld(): boolean {
    return this.held > 0;
  }

  ask<K extends keyof Questions>(what: K, question: Questions[K]['question']): Questions[K]['answer'] {
    const answer = this.answerOf(() => this.shard.ask({ kind: 'ask', what, question }, ASK_TIMEOUT_MS));
    if (answer.kind === 'error') throw new ScriptError(answer.message);
    return answer.answer as Questions[K]['answer'];
  }

  call<K extends keyof FrontCalls>(
    name: K,
    ...args: Parameters<FrontCalls[K]>
  ): Awaited<ReturnType<FrontCalls[K]>> {
    const answer = this.answerOf(() => this.front.ask({ kind: 'call', name, args }, CALL_TIMEOUT_MS));
    if ('error' in answer) throw new ScriptError(answer.error);
    return answer.value as Awaited<ReturnType<FrontCalls[K]>>;
  }

  private answerOf<A>(ask: () => A): A {
    try {
      return ask();
    } catch (error) {
      if (isWeirError(error, 'ENGINE_TIMEOUT')) throw new ScriptError(`the engine gives ${error.message}`);
      // An argument that cannot go to another thread, such as a function.
      throw new ScriptError(error instanceof Error ? error.message : String(error));
    }
  }

  property(name: string): string | null {
    const { properties } = this.data;
    return Object.hasOwn(properties, name) ? properties[name] : null;
  }

  propertyNames(): string[] {
    return Object.keys(this.data.properties);
  }

  log(level: LogLevel, message: string): void {
    const onTheWay = (this.logged - Atomics.load(this.data.state, STATE.LOGS_TAKEN)) | 0;
    if (onTheWay >= MAX_LOG_LINES) {
      this.logLost++;
      return;
    }
    this.logged = (this.logged + 1) | 0;
    this.tell({ kind: 'log', level, message: message.slice(0, MAX_LINE_CHARACTERS), lost: this.logLost });
    this.logLost = 0;
  }

  enqueue(run: () => void): void {
    this.queue.push('callback', run);
  }

  hold(): () => void {
    this.held++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.held--;
      this.queue.schedule();
    };
  }

  onNews(listener: (news: ScriptNews) => void): void {
    this.newsListeners.push(listener);
  }

  hear(news: ScriptNews): void {
    for (const listener of this.newsListeners) listener(news);
  }

  toScript<T>(value: T): T {
    return this.realm.copy(value);
  }

  parseJson(text: string): unknown {
    return this.realm.parse(text);
  }

  formatJson(value: unknown): string | undefined {
    return this.realm.stringify(value, 1);
  }

  error(message: string): Error {
    return new ScriptError(message);
  }

  /** Sends a message that has no answer. */
  tell(message: FromScript): void {
    this.calls.postMessage(message);
  }
}
