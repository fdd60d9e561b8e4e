import type { ScriptHost } from '../host.ts';

type Callback = (...args: unknown[]) => unknown;

/** A function that the script gave; anything else is none. */
export function callbackOf(value: unknown): Callback | undefined {
  return typeof value === 'function' ? (value as Callback) : undefined;
}

/** Has a function of the script called with an argument, when its thread is free. */
export function callBack(host: ScriptHost, callback: Callback | undefined, argument: unknown): void {
  if (callback !== undefined) host.enqueue(() => void callback(host.toScript(argument)));
}
