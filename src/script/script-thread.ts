import { readlinkSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';
import { SCRIPT_AREAS } from './areas.ts';
import { describeFault } from './fault.ts';
import { Handlers } from './handlers.ts';
import { ScriptError, type ScriptFunctions } from './host.ts';
import { JobQueue } from './job-queue.ts';
import type { ScriptMetadata } from './metadata.ts';
import { JOB_KINDS, type JobKind, type ScriptData, STATE, type ToScript } from './protocol.ts';
import { createRealm, type Realm } from './realm.ts';
import { SourceBook } from './source-book.ts';
import { ThreadHost } from './thread-host.ts';
import { Timers } from './timers.ts';

/** How often memory outside the heap is looked at. */
const LOOK_MS = 1000;

/** A script in its thread: loads it, runs its handlers one at a time, and ends when nothing is left or it fails. */
export class ScriptThread {
  private readonly data: ScriptData;
  private readonly end: () => void;
  private readonly realm: Realm = createRealm();
  private readonly sources = new SourceBook((text) => this.host.call('stripTypes', text));
  private readonly queue: JobQueue;
  private readonly host: ThreadHost;
  private readonly handlers: Handlers;
  private readonly timers: Timers;
  private hasEnded = false;
  private lastLook = 0;

  /** @param end ends the thread once everything has been said */
  constructor(data: ScriptData, end: () => void) {
    this.data = data;
    this.end = end;
    this.queue = new JobQueue({
      onBusy: (kind) => this.noteBusy(kind),
      onFault: (caught) => this.fail(caught),
      onIdle: () => this.endIfDone(),
    });
    this.host = new ThreadHost(data, this.realm, this.queue);
    this.handlers = new Handlers(this.realm, this.queue, (message) => this.host.tell(message), data.indent);
    this.timers = new Timers(this.queue, data.maxTimers);
  }

  /** @param metadata what the head of the script says */
  run(text: string, metadata: ScriptMetadata, inbox: MessagePort): void {
    const { data } = this;
    Atomics.store(data.state, STATE.THREAD, threadNumber());
    this.host.log('info', `${data.path} started`);
    this.defineFunctions(metadata.wrapGlobals);
    this.queue.push('script', () => this.realm.run(this.sources.compile(text, data.path)));
    inbox.on('message', (message: ToScript) => this.take(message));
  }

  /** An error that came up outside of any handler. */
  fail(caught: unknown): void {
    if (this.hasEnded) return;
    const { path } = this.data;
    const fault = describeFault(caught, path, this.realm, this.sources);
    this.host.log('warning', `${path} ${fault}`);
    this.finish(`${path} ${fault}`);
  }

  /** A promise that nobody handles ends nothing, but is told. */
  warnOfRejection(reason: unknown): void {
    const fault = describeFault(reason, this.data.path, this.realm, this.sources);
    this.host.log('warning', `${this.data.path} ${fault} (in a promise)`);
  }

  private defineFunctions(wrapName: string | undefined): void {
    const target = wrapName === undefined ? this.realm.global : this.realm.object(wrapName);
    const areas = [
      this.ownFunctions(),
      this.handlers.functions(),
      ...SCRIPT_AREAS.map((area) => area(this.host)),
    ];
    for (const area of areas)
      for (const [name, call] of Object.entries(area))
        this.realm.define(target, name, (args) => call(...args));
  }

  private ownFunctions(): ScriptFunctions {
    return {
      include: (path) => {
        if (path !== undefined && path !== null) this.include(String(path));
      },
      scriptdir: () => this.data.folder,
      setTimeout: (run, ms, ...args) =>
        this.timers.set(run, ms, args, (script, given) => this.realm.call(script, given)),
      clearTimeout: (id) => this.timers.clear(id),
    };
  }

  private include(path: string): void {
    let script: ReturnType<SourceBook['load']>;
    try {
      script = this.sources.load(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      throw new ScriptError(
        `${path} (${error.code === 'ENOENT' ? 'No such file or directory' : error.code})`,
      );
    }
    this.host.tell({ kind: 'loaded', path });
    this.realm.run(script);
  }

  private take(message: ToScript): void {
    switch (message.kind) {
      case 'request': {
        const { id, request } = message;
        this.queue.push('http', () => {
          const response = this.counted(STATE.REQUESTS, () => this.handlers.handleRequest(request));
          this.host.tell({ kind: 'response', id, response });
        });
        return;
      }
      case 'events':
        for (const event of message.events)
          this.queue.push('event', () => this.counted(STATE.EVENTS, () => this.handlers.handleEvent(event)));
        return;
      case 'flows':
        for (const flow of message.flows)
          this.queue.push('flow', () => this.counted(STATE.FLOWS, () => this.handlers.handleFlow(flow)));
        return;
      case 'news':
        this.host.hear(message.news);
        return;
    }
  }

  private counted<T>(word: number, run: () => T): T {
    Atomics.add(this.data.state, word, 1);
    return run();
  }

  private noteBusy(kind: JobKind | undefined): void {
    const { state } = this.data;
    if (kind !== undefined) {
      Atomics.store(state, STATE.BUSY_WITH, JOB_KINDS.indexOf(kind));
      Atomics.store(state, STATE.BUSY_SINCE, Math.floor(Date.now() / 1000));
      return;
    }
    Atomics.store(state, STATE.BUSY_SINCE, 0);
    this.lookAtMemory();
  }

  /** The heap has a limit of its own; buffers lie outside. */
  private lookAtMemory(): void {
    const now = Date.now();
    if (now - this.lastLook < LOOK_MS) return;
    this.lastLook = now;
    if (getHeapStatistics().external_memory <= this.data.maxExternalBytes) return;
    this.queue.stop();
    this.fail('out of memory: its buffers are larger than script.memory allows');
  }

  private endIfDone(): void {
    if (this.handlers.any || this.timers.size > 0 || this.host.isHeld) return;
    this.finish(undefined);
  }

  private finish(error: string | undefined): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.queue.stop();
    this.host.log('info', `${this.data.path} stopped`);
    this.host.tell({ kind: 'ended', error });
    this.end();
  }
}

/** The kernel's number of this thread, by which its processor time is found; 0 elsewhere than on Linux. */
function threadNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop());
  } catch {
    return 0;
  }
}
