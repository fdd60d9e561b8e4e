import type { FrontHandlers } from './handlers.ts';

/** What the program tells of itself. */
export interface ServerCalls {
  /** As /version has it. */
  version(): string;
  /** As /analyzer/json has it. */
  analyzer(): Readonly<Record<string, unknown>>;
}

export interface ServerFacts {
  readonly version: string;
  readonly analyzer: () => Promise<Readonly<Record<string, unknown>>>;
}

export function serverCalls({ version, analyzer }: ServerFacts): FrontHandlers<ServerCalls> {
  return { version: () => version, analyzer: () => analyzer() };
}
