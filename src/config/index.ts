/**
 * Properties: one schema gives names, types, defaults, validation and the reference page. Values come from
 * `-Dname=value`, the environment, a file, and the defaults, in this order.
 */
export interface PropertySchema {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'list';
  /** Text form of the default, as a user would write it; '' for none. */
  readonly default: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly doc: string;
}

export interface Config {
  /** Typed getters; asking for an undeclared name or the wrong type is a programming error. */
  string(name: string): string;
  integer(name: string): number;
  number(name: string): number;
  boolean(name: string): boolean;
  list(name: string): readonly string[];
  /** Any property as text, declared or not: what scripts read. undefined when it is not set and has no default. */
  raw(name: string): string | undefined;
  names(): readonly string[];
  /** Lines for the log: unknown properties that look like slips, and the like. */
  readonly warnings: readonly string[];
}
