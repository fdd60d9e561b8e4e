import type { Lookups } from './lookups.ts';

/**
 * What an argument of a function is:
 * - `key`: a key or a function in brackets; its text
 * - `number`: the same; its number, for numeric keys
 * - `text`: a literal
 * - `count`: a literal integer, 0 or more
 * - `bound`: a literal number, or empty for none
 */
export type ArgumentKind = 'key' | 'number' | 'text' | 'count' | 'bound';

/** A literal as written, the value of a key argument, or undefined for one that is absent. */
export type ArgumentValue = string | number | undefined;

/** What functions may look at besides their arguments. */
export interface FunctionScope {
  /** Text of the agent's address. */
  readonly agent: string;
  readonly lookups: Lookups;
}

/** A key function (rest-api 5.2). */
export interface KeyFunction {
  readonly name: string;
  readonly required: readonly ArgumentKind[];
  readonly optional?: readonly ArgumentKind[];
  /** Kind of any number of arguments after these. */
  readonly more?: ArgumentKind;
  /** Evaluated even when a key argument is absent; otherwise the result is absent then. */
  readonly seesAbsent?: boolean;
  /** What is wrong with the literals, when something is. */
  readonly check?: (args: readonly unknown[]) => string | undefined;
  /** The result, undefined when absent. Arguments are of the declared kinds, in the order written. */
  readonly evaluate: (args: readonly ArgumentValue[], scope: FunctionScope) => string | undefined;
  /** Form of a call, for the reference. */
  readonly usage: string;
  readonly doc: string;
}

/** Kind of the argument at a position, undefined when there is none. */
export function argumentKind(fn: KeyFunction, position: number): ArgumentKind | undefined {
  const { required, optional = [] } = fn;
  if (position < required.length) return required[position];
  return optional[position - required.length] ?? fn.more;
}
