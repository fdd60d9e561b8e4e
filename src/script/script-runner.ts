import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { WeirError } from '../common/index.ts';
import type { EngineLink, LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import { SIGNAL } from '../engine/protocol.ts';
import { aboutOf } from './find-scripts.ts';
import type { FrontCalls } from './front/calls.ts';
import type { CallContext, FrontHandlers } from './front/handlers.ts';
import type { LogLevel } from './host.ts';
import type { ScriptRequest, ScriptResponse } from './http-exchange.ts';
import {
  type CallAnswer,
  type FromScript,
  JOB_KINDS,
  type NameFilter,
  type ScriptData,
  STATE,
  type ToScript,
} from './protocol.ts';
import type { ScriptNews } from './script-news.ts';
import type { ScriptStatus } from './scripts.ts';

/** What all scripts are run with. */
export interface RunnerOptions {
  readonly storeFolder: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly indent: number;
  readonly memoryBytes: number;
  /** Longest time of a handler, ms; 0: no limit. */
  readonly handlerLimitMs: number;
  /** Bounds of the queues. */
  readonly maxQueued: number;
}

export interface RunnerDependencies {
  readonly connect: () => EngineLink;
  readonly front: FrontHandlers<FrontCalls>;
  readonly log: (level: LogLevel, message: string) => void;
  readonly workerUrl: URL;
  readonly now: () => number;
  /** The script has ended. */
  readonly onEnd: () => void;
  /** It has loaded a file, the main one included. */
  readonly onLoad: (path: string) => void;
}

/** Which script. */
export interface ScriptName {
  readonly key: string;
  readonly path: string;
  readonly folder: string;
}

const MEBIBYTE = 2 ** 20;
const MAX_TIMERS = 10_000;
/** A client waits no longer for a script (section 4). */
const RESPONSE_TIMEOUT_MS = 10_000;
/** A handler that has run so long is told in the log. */
const SLOW_HANDLER_MS = 10_000;
const UNAVAILABLE: ScriptResponse = { status: 503 };

/** Things sent to a script and not yet handled by it. */
interface Queue {
  sent: number;
  lost: number;
  /** Word of STATE that counts what is handled. */
  readonly word: number;
}

/** One life of a script, from the main thread's side: its thread, its queues, and what became of it. */
export class ScriptRunner {
  private readonly name: ScriptName;
  private readonly options: RunnerOptions;
  private readonly deps: RunnerDependencies;
  private readonly state = new Int32Array(new SharedArrayBuffer(4 * STATE.WORDS));
  private readonly callSignal = new Int32Array(new SharedArrayBuffer(4 * SIGNAL.WORDS));
  private readonly events: Queue = { sent: 0, lost: 0, word: STATE.EVENTS };
  private readonly flows: Queue = { sent: 0, lost: 0, word: STATE.FLOWS };
  private readonly requests: Queue = { sent: 0, lost: 0, word: STATE.REQUESTS };
  /** Aborted at the end. */
  private readonly life = new AbortController();
  private readonly context: CallContext;
  private readonly waiting = new Map<number, (response: ScriptResponse) => void>();
  private readonly about: Readonly<Record<string, string>>;
  private worker: Worker | undefined;
  private link: EngineLink | undefined;
  private hearsEvents: { readonly names: NameFilter } | undefined;
  private hearsFlows: { readonly names: NameFilter } | undefined;
  private isAlive = true;
  private isGraceful = false;
  private error: string | undefined;
  /** Start, in seconds, of the job that was last told to be slow. */
  private slowSince = 0;
  private nextId = 1;

  constructor(name: ScriptName, options: RunnerOptions, deps: RunnerDependencies) {
    this.name = name;
    this.options = options;
    this.deps = deps;
    const { signal } = this.life;
    // As many listen as there are programs under way.
    setMaxListeners(0, signal);
    this.context = { script: name.key, life: signal, tell: (news) => this.news(news) };
    // Its thread says what is wrong with a file that cannot be read.
    this.about = aboutOf(name.path);
    deps.onLoad(name.path);
    try {
      this.start();
    } catch (error) {
      this.fail(`cannot be started: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  get alive(): boolean {
    return this.isAlive;
  }

  /** Alive, or ended because nothing was left to do. */
  get ok(): boolean {
    return this.isAlive || this.isGraceful;
  }

  /** What ended it, when it failed. */
  get failure(): string | undefined {
    return this.error;
  }

  status(): ScriptStatus {
    const since = this.state[STATE.BUSY_SINCE];
    const busyMs = since === 0 || !this.isAlive ? 0 : this.deps.now() - since * 1000;
    return {
      ...this.about,
      flowsReceived: this.handled(this.flows),
      flowsLost: this.flows.lost,
      eventsReceived: this.handled(this.events),
      eventsLost: this.events.lost,
      requestsReceived: this.handled(this.requests),
      requestsLost: this.requests.lost,
      cpuMs: this.isAlive ? this.processorMs() : 0,
      alive: this.isAlive,
      ...(this.isAlive ? {} : { gracefulExit: this.isGraceful }),
      ...(this.error === undefined ? {} : { error: this.error }),
      ...(busyMs >= SLOW_HANDLER_MS ? { busy: `${this.busyWith()} for ${Math.floor(busyMs / 1000)} s` } : {}),
    };
  }

  event(event: ThresholdEvent): void {
    if (!hears(this.hearsEvents, event.thresholdID) || !this.hasRoom(this.events)) return;
    this.send({ kind: 'events', events: [event] });
  }

  /** @param skipped records of a flood that were not sent at all */
  loggedFlows(flows: readonly LoggedFlow[], skipped: number): void {
    if (this.hearsFlows === undefined) return;
    this.flows.lost += skipped;
    const heard = flows.filter(({ name }) => hears(this.hearsFlows, name) && this.hasRoom(this.flows));
    if (heard.length > 0) this.send({ kind: 'flows', flows: heard });
  }

  news(news: ScriptNews): void {
    this.send({ kind: 'news', news });
  }

  /** Resolves to 503 when the script is dead, is given too much, or takes too long; it may handle the request all the same. */
  request(request: ScriptRequest): Promise<ScriptResponse> {
    if (!this.isAlive || !this.hasRoom(this.requests)) return Promise.resolve(UNAVAILABLE);
    const id = this.nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(UNAVAILABLE), RESPONSE_TIMEOUT_MS);
      const answer = (response: ScriptResponse): void => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(response);
      };
      this.waiting.set(id, answer);
      this.send({ kind: 'request', id, request });
    });
  }

  /** Looks whether it is stuck; to be called about every second. */
  watch(): void {
    const since = Atomics.load(this.state, STATE.BUSY_SINCE);
    if (since === 0 || !this.isAlive) return;
    const busyMs = this.deps.now() - since * 1000;
    const { handlerLimitMs } = this.options;
    const seconds = Math.floor(busyMs / 1000);
    if (handlerLimitMs > 0 && busyMs > handlerLimitMs) {
      this.fail(`its ${this.busyWith()} has run for ${seconds} s: longer than script.timeout allows`);
    } else if (busyMs >= SLOW_HANDLER_MS && since !== this.slowSince) {
      this.slowSince = since;
      this.deps.log('warning', `${this.name.path} its ${this.busyWith()} has been running for ${seconds} s`);
    }
  }

  /** Ends it from outside, without a word. */
  async stop(): Promise<void> {
    this.isGraceful = true;
    await this.close();
  }

  private start(): void {
    const { name, options, deps } = this;
    const { port1, port2 } = new MessageChannel();
    const link = deps.connect();
    this.link = link;
    const { port, signal, wake } = link;
    const workerData: ScriptData = {
      ...name,
      storeFolder: options.storeFolder,
      properties: options.properties,
      indent: options.indent,
      maxTimers: MAX_TIMERS,
      maxExternalBytes: options.memoryBytes,
      link: { port, signal, wake },
      calls: port2,
      callSignal: this.callSignal,
      state: this.state,
    };
    const worker = new Worker(deps.workerUrl, {
      workerData,
      transferList: [port, port2],
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(options.memoryBytes / MEBIBYTE) },
      name: `script ${name.key}`,
    });
    this.worker = worker;
    worker.unref();
    port1.on('message', (message: FromScript) => this.heard(message, port1));
    port1.unref();
    worker.on('error', (error: Error & { code?: string }) => this.fail(reasonOf(error)));
    worker.on('exit', () => {
      // Its last words may still be on their way.
      for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1))
        this.heard(got.message as FromScript, port1);
      port1.close();
      this.fail('its thread has ended');
    });
  }

  private heard(message: FromScript, port: MessagePort): void {
    switch (message.kind) {
      case 'call':
        void this.answerCall(message).then((answer) => {
          port.postMessage(answer);
          Atomics.add(this.callSignal, SIGNAL.ANSWERED, 1);
          Atomics.notify(this.callSignal, SIGNAL.ANSWERED);
        });
        return;
      case 'log':
        Atomics.add(this.state, STATE.LOGS_TAKEN, 1);
        if (message.lost > 0)
          this.deps.log('warning', `${this.name.path} logs too fast: ${message.lost} lines were lost`);
        this.deps.log(message.level, message.message);
        return;
      case 'handlers':
        this.hearsEvents = message.events;
        this.hearsFlows = message.flows;
        return;
      case 'loaded':
        this.deps.onLoad(message.path);
        return;
      case 'response':
        this.waiting.get(message.id)?.(message.response);
        return;
      case 'ended':
        this.error ??= message.error;
        this.isGraceful = message.error === undefined;
        void this.close();
        return;
    }
  }

  private async answerCall(call: Extract<FromScript, { kind: 'call' }>): Promise<CallAnswer> {
    const { id, name, args } = call;
    try {
      const handle = this.deps.front[name as keyof FrontCalls] as
        | ((context: CallContext, ...args: readonly unknown[]) => unknown)
        | undefined;
      if (handle === undefined) throw new WeirError('SCRIPT_CALL', `${name} is not offered`);
      return { id, value: await handle(this.context, ...args) };
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Ended otherwise than by itself. The first reason counts. */
  private fail(reason: string): void {
    if (!this.isAlive) return;
    const { path } = this.name;
    this.error = `${path} ${reason}`;
    this.deps.log('warning', this.error);
    this.deps.log('info', `${path} stopped`);
    void this.close();
  }

  private async close(): Promise<void> {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.life.abort();
    for (const answer of [...this.waiting.values()]) answer(UNAVAILABLE);
    await this.worker?.terminate();
    this.link?.close();
    this.deps.onEnd();
  }

  private send(message: ToScript): void {
    this.worker?.postMessage(message);
  }

  private handled({ word }: Queue): number {
    return Atomics.load(this.state, word);
  }

  /** Counts one more as sent, or as lost. */
  private hasRoom(queue: Queue): boolean {
    const fits = queue.sent - this.handled(queue) < this.options.maxQueued;
    if (fits) queue.sent++;
    else queue.lost++;
    return fits;
  }

  private busyWith(): string {
    const kind = JOB_KINDS[Atomics.load(this.state, STATE.BUSY_WITH)];
    return kind === 'script' ? 'top level' : kind === 'callback' ? 'callback' : `${kind} handler`;
  }

  /** Processor time of its thread: the kernel's, or on other systems than Linux the time its event loop was active. */
  private processorMs(): number {
    const thread = Atomics.load(this.state, STATE.THREAD);
    try {
      const [onProcessor] = readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ');
      return Math.floor(Number(onProcessor) / 1e6);
    } catch {
      return Math.floor(this.worker?.performance.eventLoopUtilization().active ?? 0);
    }
  }
}

function hears(handler: { readonly names: NameFilter } | undefined, name: string): boolean {
  return handler !== undefined && (handler.names === undefined || handler.names.includes(name));
}

function reasonOf(error: Error & { code?: string }): string {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'out of memory: it needs more than script.memory allows';
  return `its thread failed: ${error.message}`;
}
