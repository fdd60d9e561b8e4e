import type { Questions } from '../engine/index.ts';
import type { FrontCalls } from './front/calls.ts';

/**
 * What the functions of the script API stand on, inside the thread of a script. Every call here is synchronous: the
 * thread sleeps until the other side has answered.
 */
export interface ScriptHost {
  /** `FILE.js`, or `APP~FILE.js` of an application. */
  readonly key: string;
  /** Folder of the main script: what `scriptdir()` gives. */
  readonly folder: string;

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

  log(level: 'fine' | 'info' | 'warning' | 'severe', message: string): void;

  /**
   * Has a function of the script run when its thread is free, as a handler does: it never overlaps another, and what it
   * throws ends the script.
   */
  enqueue(run: () => void): void;

  /** Keeps the script alive while something is under way (an asynchronous request, a child process). Returns how to end that. */
  hold(): () => void;

  /**
   * An error raised by a function of the API rather than by a `throw` of the script: `name` is `InternalError`. It ends
   * an HTTP handler's script (script-api section 1).
   */
  error(message: string): Error;
}

/** Functions of the API by their global names. Arguments come from scripts: they may be anything. */
export type ScriptFunctions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** An area of the API: a module of `functions/`. */
export type ScriptArea = (host: ScriptHost) => ScriptFunctions;
