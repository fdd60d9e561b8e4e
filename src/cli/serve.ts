import type { Config } from '../config/index.ts';
import { createEngine } from '../engine/create.ts';
import type { Engine } from '../engine/index.ts';
import { EXPORT_KIND, type ExportStore } from '../export/index.ts';
import { createSpeaker } from '../speaker/create.ts';
import type { Speaker } from '../speaker/index.ts';
import { createDocumentStore } from '../store/index.ts';
import { configOf, refuseRest, takeProperties } from './arguments.ts';
import { createLog } from './log.ts';
import {
  PERSISTENT_KINDS,
  type PersistentEngineDependencies,
  persistentEngine,
} from './persistent-engine.ts';
import { persistentSpeaker, SPEAKER_KINDS } from './persistent-speaker.ts';
import { startServer } from './server.ts';
import { createServerParts } from './server-parts.ts';
import { exitSoon, untilStopSignal } from './stop-signal.ts';

const USAGE = `weir serve [-Dname=value …] [--config FILE]

Receive sFlow on UDP port 6343, and answer over HTTP on port 8008 of this machine, until Ctrl-C.

  -Dhttp.port=N           another HTTP port
  -Dhttp.hostname=ADDRESS another address than 127.0.0.1; empty for every address
  -Dhttp.readonly=yes     refuse changes by REST
  -Dsflow.port=N          another UDP port
  -Dstore.dir=FOLDER      keep definitions in FOLDER instead of store
  -Dstore.persist=no      forget definitions at the end
  -Dflow.memory=SIZE      most memory for flow tables, such as 512M
  -Dlog.level=LEVEL       debug, info, warn, error
  --config FILE           read properties from FILE instead of weir.conf

Every property: docs/reference/properties.md
`;

/** `weir serve`: runs until a signal asks it to end. */
export async function run(args: string[]): Promise<number> {
  const taken = takeProperties(args);
  if (taken.rest.includes('--help') || taken.rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  refuseRest(taken.rest);
  return serve(configOf(taken, process.env));
}

/** Serves until a signal asks to end. Resolves to the exit code. `watch`: scripts run anew when their files change. */
export async function serve(config: Config, { watch = false } = {}): Promise<number> {
  const log = await createLog(config);
  const stopSignal = untilStopSignal();
  const bare = createEngine(config, { log });
  const memory = withMemory(
    bare,
    config.boolean('bgp.start') ? createSpeaker(config, { engine: bare, log }) : undefined,
    config,
    { log },
  );
  const parts = createServerParts({ ...memory, bare, config, log, watch });
  const server = await startServer(parts).catch((error) => {
    exitSoon(1);
    throw error;
  });
  const signal = await stopSignal;
  log.info(`${signal}: ending`);
  await server.stop();
  exitSoon(0);
  return 0;
}

/** Engine and speaker that remember what is defined over REST, and a store for exports, unless they are told not to. */
function withMemory(
  engine: Engine,
  speaker: Speaker | undefined,
  config: Config,
  deps: PersistentEngineDependencies,
): { engine: Engine; speaker: Speaker | undefined; exportStore?: ExportStore } {
  if (!config.boolean('store.persist')) return { engine, speaker };
  const folder = config.string('store.dir');
  const store = createDocumentStore(
    { folder, kinds: [...PERSISTENT_KINDS, ...SPEAKER_KINDS, EXPORT_KIND] },
    deps,
  );
  return {
    engine: persistentEngine(engine, store, deps),
    speaker: speaker === undefined ? undefined : persistentSpeaker(speaker, store),
    exportStore: store,
  };
}
