import type { MessagePort } from 'node:worker_threads';
import type { EngineLink, LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import type { LogLevel } from './host.ts';
import type { ScriptRequest, ScriptResponse } from './http-exchange.ts';
import type { ScriptNews } from './script-news.ts';

/** What a script's thread is started with. */
export interface ScriptData {
  readonly key: string;
  /** As it stands in the log. */
  readonly path: string;
  readonly folder: string;
  readonly storeFolder: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Blanks by which JSON answers are indented. */
  readonly indent: number;
  /** Most timers at a time. */
  readonly maxTimers: number;
  /** Most bytes outside the heap, in buffers. */
  readonly maxExternalBytes: number;
  readonly link: Pick<EngineLink, 'port' | 'signal' | 'wake'>;
  /** Calls and news go out here, and answers come in. */
  readonly calls: MessagePort;
  /** Words of `SIGNAL`, for the calls. */
  readonly callSignal: Int32Array;
  /** Words of `STATE`. */
  readonly state: Int32Array;
}

/** Shared memory in which a script's thread tells how it is; the main thread only reads, but for LOGS_TAKEN. */
export const STATE = {
  /** Kernel's number of the thread; 0 where there is none to be known. */
  THREAD: 0,
  /** Since when it is busy with what BUSY_WITH says: seconds since the epoch; 0: it waits. */
  BUSY_SINCE: 1,
  /** Index into JOB_KINDS. */
  BUSY_WITH: 2,
  /** Handled so far. */
  EVENTS: 3,
  FLOWS: 4,
  REQUESTS: 5,
  /** Log lines taken by the main thread. */
  LOGS_TAKEN: 6,
  WORDS: 7,
} as const;

/** What a script's thread does, in words for its user. */
export const JOB_KINDS = ['script', 'interval', 'timer', 'event', 'flow', 'http', 'callback'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** From the main thread. */
export type ToScript =
  | { readonly kind: 'request'; readonly id: number; readonly request: ScriptRequest }
  | { readonly kind: 'events'; readonly events: readonly ThresholdEvent[] }
  | { readonly kind: 'flows'; readonly flows: readonly LoggedFlow[] }
  | { readonly kind: 'news'; readonly news: ScriptNews };

/** Which names a handler hears of; undefined: all. */
export type NameFilter = readonly string[] | undefined;

/** From a script's thread, in order. */
export type FromScript =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly lost: number }
  /** Which handlers there are now. */
  | {
      readonly kind: 'handlers';
      readonly events: { readonly names: NameFilter } | undefined;
      readonly flows: { readonly names: NameFilter } | undefined;
    }
  /** A file that the script has loaded. */
  | { readonly kind: 'loaded'; readonly path: string }
  | { readonly kind: 'response'; readonly id: number; readonly response: ScriptResponse }
  /** The last message. `error`: what ended it. */
  | { readonly kind: 'ended'; readonly error: string | undefined };

/** Answer to a `call`. */
export type CallAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
