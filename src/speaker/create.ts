import { hostname, networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';
import { WeirError } from '../common/index.ts';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import type { Speaker, SpeakerPlace } from './index.ts';
import { readNeighborsFile } from './neighbors-file.ts';
import type { FromSpeaker, SpeakerCalls, SpeakerData, SpeakerNews, ToSpeaker } from './protocol.ts';

export interface SpeakerDependencies {
  /** Where learnt routes are looked up. */
  readonly engine: Pick<Engine, 'setBgpRoutes'>;
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
  /** The thread's program; beside this one unless a test says otherwise. */
  readonly workerUrl?: URL;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** How long a call may take: resolving a name is the longest part. */
const ANSWER_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 500;

/** The speaker, in a thread of its own. Listens where properties `bgp.hostname` and `bgp.port` say. */
export function createSpeaker(config: Config, deps: SpeakerDependencies): Speaker {
  return new SpeakerFront(config, deps);
}

class SpeakerFront implements Speaker {
  private readonly config: Config;
  private readonly deps: SpeakerDependencies;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(news: SpeakerNews) => void>();
  private worker: Worker | undefined;
  private nextId = 1;
  private failure: string | undefined;
  private stopped: (() => void) | undefined;

  constructor(config: Config, deps: SpeakerDependencies) {
    this.config = config;
    this.deps = deps;
  }

  async start(kept: Parameters<Speaker['start']>[0] = { neighbors: [], pushes: [] }): Promise<SpeakerPlace> {
    const { config } = this;
    const file = config.string('bgp.neighbors');
    const data: SpeakerData = {
      hostname: config.string('bgp.hostname'),
      port: config.integer('bgp.port'),
      defaults: {
        as: config.integer('bgp.as'),
        routerId: config.string('bgp.routerid') || ownAddress(),
        hostName: hostname().split('.')[0],
      },
      neighbors: [
        ...kept.neighbors.map((each) => ({ ...each, origin: 'rest' as const })),
        ...(file === '' ? [] : readNeighborsFile(file)).map((each) => ({
          ...each,
          origin: 'property' as const,
        })),
      ],
      pushes: kept.pushes,
    };
    const url = this.deps.workerUrl ?? new URL('./speaker-worker.mjs', import.meta.url);
    const worker = new Worker(url, { workerData: data });
    this.worker = worker;
    worker.unref();
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromSpeaker) => {
        if (message.kind === 'ready') resolve({ address: message.address, port: message.port });
        else if (message.kind === 'failed') {
          this.worker = undefined;
          void worker.terminate();
          reject(new WeirError(message.code, message.message));
        } else this.heard(message);
      });
      worker.on('error', (error) => {
        this.fail(error instanceof Error ? error.message : String(error));
        reject(error);
      });
      worker.on('exit', () => {
        if (this.worker !== undefined && this.stopped === undefined) this.fail('its thread has ended');
        this.stopped?.();
      });
    });
  }

  async stop(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      this.stopped = resolve;
      setTimeout(resolve, STOP_WITHIN_MS).unref();
      this.post({ kind: 'stop' });
    });
    this.worker = undefined;
    await worker.terminate();
    this.endCalls('the speaker ends');
  }

  health(): { ok: boolean; reason?: string } {
    return this.failure === undefined ? { ok: true } : { ok: false, reason: this.failure };
  }

  call<K extends keyof SpeakerCalls>(
    name: K,
    ...args: Parameters<SpeakerCalls[K]>
  ): Promise<ReturnType<SpeakerCalls[K]>> {
    return new Promise((resolve, reject) => {
      if (this.worker === undefined) {
        reject(new WeirError('BGP_NOT_RUNNING', this.failure ?? 'the speaker does not run'));
        return;
      }
      const id = this.nextId++;
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new WeirError('BGP_NO_ANSWER', 'the speaker does not answer'));
      }, ANSWER_WITHIN_MS);
      this.waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value as ReturnType<SpeakerCalls[K]>);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.post({ kind: 'call', id, name, args });
    });
  }

  onNews(listener: (news: SpeakerNews) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private post(message: ToSpeaker): void {
    this.worker?.postMessage(message);
  }

  private heard(message: FromSpeaker): void {
    switch (message.kind) {
      case 'answer':
        this.take(message.id)?.resolve(message.value);
        break;
      case 'refusal':
        this.take(message.id)?.reject(new WeirError(message.code, message.message));
        break;
      case 'log':
        this.deps.log[message.level](message.line);
        break;
      case 'news':
        this.heardNews(message.news);
        break;
      case 'stopped':
        this.stopped?.();
    }
  }

  private heardNews(news: SpeakerNews): void {
    if (news.kind === 'routes')
      this.deps.engine.setBgpRoutes(news.address, news.routes).catch((error) => {
        this.deps.log.error(`the engine does not take the routes of ${news.address}: ${error}`);
      });
    for (const listener of this.listeners) listener(news);
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private fail(reason: string): void {
    this.failure = `BGP: ${reason}`;
    this.worker = undefined;
    this.deps.log.error(`the BGP speaker has failed: ${reason}`);
    this.endCalls(reason);
  }

  private endCalls(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(new WeirError('BGP_NOT_RUNNING', reason));
    this.waiting.clear();
  }
}

/** The machine's own IPv4 address, for want of a configured identifier. */
function ownAddress(): string {
  for (const list of Object.values(networkInterfaces()))
    for (const { family, internal, address } of list ?? [])
      if (family === 'IPv4' && !internal) return address;
  return '127.0.0.1';
}
