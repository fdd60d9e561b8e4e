import type { Config } from '../../config/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Speaker } from '../../speaker/index.ts';
import { bgpCalls } from './bgp.ts';
import type { FrontCalls } from './calls.ts';
import { commandCalls } from './commands.ts';
import { definitionCalls } from './definitions.ts';
import type { FrontHandlers } from './handlers.ts';
import { httpCalls } from './http.ts';
import { messageCalls } from './messages.ts';
import { type ServerFacts, serverCalls } from './server.ts';
import { sharedCalls } from './shared.ts';
import { typeCalls } from './types.ts';

/** What the main thread's side of the API works with. */
export interface FrontDependencies extends ServerFacts {
  /** What is defined on it is not kept over a restart: scripts define again. */
  readonly engine: Engine;
  readonly speaker?: Speaker | undefined;
  readonly config: Config;
  readonly log: { warn(message: string): void };
}

/** The main thread's side of all calls. */
export function createFront(deps: FrontDependencies): FrontHandlers<FrontCalls> {
  const { engine, speaker, config, log, version } = deps;
  return {
    ...sharedCalls(),
    ...typeCalls(),
    ...definitionCalls(engine, log),
    ...serverCalls(deps),
    ...bgpCalls(speaker, engine, log),
    ...messageCalls(config.string('script.syslog.tag'), log),
    ...commandCalls(config.boolean('script.runcmd')),
    ...httpCalls(version, {
      ca: config.string('script.https.ca'),
      cert: config.string('script.https.cert'),
      key: config.string('script.https.key'),
    }),
  };
}
