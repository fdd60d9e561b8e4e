import type { Config } from '../../config/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { FrontCalls } from './calls.ts';
import type { FrontHandlers } from './handlers.ts';
import { sharedCalls } from './shared.ts';

/** What the main thread's side of the API works with. */
export interface FrontDependencies {
  /** What is defined on it is not kept over a restart: scripts define again. */
  readonly engine: Engine;
  readonly config: Config;
  /** Version of the software. */
  readonly version: string;
}

/** The main thread's side of all calls. */
export function createFront(_deps: FrontDependencies): FrontHandlers<FrontCalls> {
  return { ...sharedCalls() };
}
