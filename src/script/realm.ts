import { constants, createContext, Script } from 'node:vm';
import { REALM_SOURCE } from './realm-source.ts';
import { HELPER } from './translate.ts';

type ScriptFunction = (...args: never[]) => unknown;

/** A place in a file of a script, by the number that `translate` was given. */
export interface Place {
  readonly file: number;
  readonly line: number;
}

/**
 * The global object and built-ins of a script, apart from those of Node: none of Node's globals, and nothing through
 * which they could be reached by accident. No fence against malice: whoever installs a script trusts it.
 */
export interface Realm {
  /** The script's global object. */
  readonly global: object;
  run(script: Script): void;
  /** Copies plain data into the realm. */
  copy<T>(value: T): T;
  /** Defines a function, plain, writable and not enumerable. Arguments are the script's; what comes back is copied. */
  define(object: object, name: string, call: (args: unknown[]) => unknown): void;
  /** Makes an empty object that is a global. */
  object(name: string): object;
  parse(text: string): unknown;
  /** undefined for what JSON cannot say. */
  stringify(value: unknown, indent: number): string | undefined;
  /** `String(value)`; may throw what the script's own conversion throws. */
  text(value: unknown): string;
  call(run: ScriptFunction, args: readonly unknown[]): unknown;
  /** Whether a throw statement raised what was caught, rather than the language or a function of the engine. */
  isFromStatement(caught: unknown): boolean;
  /** Where a throw statement last raised it, if one did. */
  placeOf(caught: unknown): Place | undefined;
  isError(value: unknown): value is Error;
}

export function createRealm(): Realm {
  // An ordinary global object, without the interceptors that make globals of other contexts several hundred times slower.
  const global = createContext(constants.DONT_CONTEXTIFY);
  const make = new Script(REALM_SOURCE, { filename: 'weir:realm' }).runInContext(global) as (
    helper: string,
  ) => Omit<Realm, 'global' | 'run'>;
  return { ...make(HELPER), global, run: (script) => void script.runInContext(global) };
}
