import type { Questions } from '../engine/index.ts';
import type { FrontCalls } from './front/calls.ts';
import type { ScriptNews } from './script-news.ts';

/**
 * What the functions of the script API stand on, inside the thread of a script. Every call here is synchronous: the
 * thread sleeps until the other side has answered.
 *
 * Scripts live in a realm of their own: an array, date or error of theirs is not `instanceof` ours, so look at arguments
 * with `typeof`, `Array.isArray` and `util.types`. What a function returns or throws is copied into that realm; what a
 * callback gets has to go through `toScript`.
 */
export interface ScriptHost {
  /** `FILE.js`, or `APP~FILE.js` of an application. */
  readonly key: string;
  /** Folder of the main script: what `scriptdir()` gives. */
  readonly folder: string;
  /** Folder of what scripts keep: property `script.store`. */
  readonly storeFolder: string;

  /** Asks the shard. Throws a ScriptError when the engine does not answer. */
  ask<K extends keyof Questions>(kind: K, question: Questions[K]['question']): Questions[K]['answer'];

  /** Calls the main thread. Throws a ScriptError with the message of what the call threw there. */
  call<K extends keyof FrontCalls>(
    name: K,
    ...args: Parameters<FrontCalls[K]>
  ): Awaited<ReturnType<FrontCalls[K]>>;

  /** Value of a property as text, null when it has none. */
  property(name: string): string | null;
  propertyNames(): string[];

  log(level: LogLevel, message: string): void;

  /**
   * Has a function of the script run when its thread is free, as a handler does: it never overlaps another, and what it
   * throws ends the script.
   */
  enqueue(run: () => void): void;

  /** Keeps the script alive while something is under way (an asynchronous request, a child process). Returns how to end that. */
  hold(): () => void;

  /** Has a function called with what happens elsewhere and concerns this script, at once and in the order of things. */
  onNews(listener: (news: ScriptNews) => void): void;

  /** A copy of plain data (objects, arrays, dates) in the realm of the script, for arguments of its callbacks. */
  toScript<T>(value: T): T;

  /** As the script's own `JSON.parse` and `JSON.stringify` do it, the one-blank indent included; they throw. */
  parseJson(text: string): unknown;
  /** undefined for a function and undefined itself. */
  formatJson(value: unknown): string | undefined;

  /**
   * An error raised by a function of the API rather than by a `throw` of the script: `name` is `InternalError`. It ends
   * an HTTP handler's script (script-api section 1).
   */
  error(message: string): Error;
}

export type LogLevel = 'fine' | 'info' | 'warning' | 'severe';

/** Functions of the API by their global names. Arguments come from scripts: they may be anything. */
export type ScriptFunctions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** An area of the API: a module of `functions/`. */
export type ScriptArea = (host: ScriptHost) => ScriptFunctions;

/** What `ScriptHost.error` makes, and what `ask` and `call` throw. */
export class ScriptError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InternalError';
  }
}
