/** What a property is: its name, what it may be, and what it is for. */
export interface PropertySchema {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'list';
  /** Text form of the default, as a user would write it; '' for none. */
  readonly default: string;
  /** An upper limit of the default that depends on the machine; what a user sets is not limited by it. */
  readonly defaultLimit?: { readonly doc: string; of(machine: Machine): number };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  /** An integer whose unit is `bytes` may be written with a suffix: `64K`, `64M`, `1.5G` (powers of 1024). */
  readonly unit?: string;
  readonly doc: string;
  /** Set when the property is accepted but changes nothing: a clause that says why. Setting it gives a warning. */
  readonly unused?: string;
}

/** What defaults may depend on. */
export interface Machine {
  /** Bytes of memory this process may use: of the machine, or of the container when that is less. */
  readonly memory: number;
}

/** The values of all properties. */
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
