import { setTimeout as delay } from 'node:timers/promises';
import { createEngine } from '../engine/create.ts';
import { createFabricSource } from '../load/index.ts';
import { createSpeaker } from '../speaker/create.ts';
import { configOf, takeProperties } from './arguments.ts';
import { integerOption, numberOption, parseOptions, usageError } from './decode-options.ts';
import { DEMO_FLOWS, DEMO_GROUPS, DEMO_MAPS, demoCommands } from './demo-flows.ts';
import { createLog } from './log.ts';
import { startServer } from './server.ts';
import { createServerParts } from './server-parts.ts';
import { httpUrl } from './start-screen.ts';
import { exitSoon, untilStopSignal } from './stop-signal.ts';

const USAGE = `weir demo [options] [-Dname=value …] [--config FILE]

What weir serve does, with the traffic of a made-up network: four leaves, two spines and sixteen hosts, with a
port scan and an attack every minute.

  --minutes N     end after N minutes, at most 1440 (default 30)
  --seed N        another seed, other traffic
  -Dname=value    properties, as for weir serve
`;

const DEFAULT_MINUTES = 30;
const MOST_MINUTES = 1440;

/** What one `weir demo` is to do. */
export interface DemoRequest {
  readonly minutes: number;
  readonly seed: number | undefined;
}

/** Read the options of `weir demo` that are not properties. Throws a WeirError `CLI_USAGE`. */
export function parseDemoOptions(args: readonly string[]): DemoRequest {
  const { values, positionals } = parseOptions(args, {
    minutes: { type: 'string' },
    seed: { type: 'string' },
  });
  if (positionals.length > 0) throw usageError(`'${positionals[0]}' is not an option`);
  return {
    minutes: numberOption(values, 'minutes', 0, MOST_MINUTES) ?? DEFAULT_MINUTES,
    seed: integerOption(values, 'seed', 0),
  };
}

/** `weir demo`: runs for a while, or until a signal asks it to end. */
export async function run(args: string[]): Promise<number> {
  const taken = takeProperties(args);
  if (taken.rest.includes('--help') || taken.rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { minutes, seed } = parseDemoOptions(taken.rest);
  const config = configOf(taken, process.env);
  const log = await createLog(config);
  const stopSignal = untilStopSignal();
  const engine = createEngine(config, { log });
  const speaker = config.boolean('bgp.start') ? createSpeaker(config, { engine, log }) : undefined;
  const server = await startServer(createServerParts({ engine, bare: engine, speaker, config, log })).catch(
    (error) => {
      exitSoon(1);
      throw error;
    },
  );
  const { http, receive } = server.started;
  const source = createFabricSource({
    address: reachable(receive.address),
    port: receive.port,
    ...(seed === undefined ? {} : { seed }),
  });
  for (const [name, content] of Object.entries(DEMO_GROUPS)) await engine.setGroup(name, content);
  for (const [name, content] of Object.entries(DEMO_MAPS)) await engine.setMap(name, content);
  for (const [name, definition] of Object.entries(DEMO_FLOWS)) await engine.setFlow(name, definition);
  await source.start();
  process.stdout.write(invitation(httpUrl(http), minutes));
  const reason = await Promise.race([stopSignal, delay(minutes * 60_000, `${minutes} minutes are over`)]);
  log.info(`${reason}: ending`);
  await source.stop();
  await server.stop();
  exitSoon(0);
  return 0;
}

/** An address at which this machine's own receiver is reached. */
function reachable(address: string): string {
  return address === '' || address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
}

function invitation(url: string, minutes: number): string {
  const commands = demoCommands(url).map(({ shows, line }) => `  # ${shows}\n${line.replace(/^/gm, '  ')}\n`);
  return `The network is made up; it ends after ${minutes} minutes. Try:\n\n${commands.join('\n')}\n`;
}
