import type { Logger } from 'pino';
import type { Api } from '../api/index.ts';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import type { Exports } from '../export/index.ts';
import { createIpfixExporter } from '../export/ipfix-exporter.ts';
import type { Scripts } from '../script/index.ts';
import type { AgentNamesSource } from '../snmp/index.ts';
import type { Speaker } from '../speaker/index.ts';
import { logFormat } from './log.ts';
import { httpUrl, type Started, startScreen, startWarnings } from './start-screen.ts';

/** Longest time an orderly end may take, ms; then the process ends without it. */
const STOP_WITHIN_MS = 700;
const HEALTH_INTERVAL_MS = 5_000;

export interface ServerParts {
  readonly engine: Engine;
  readonly scripts: Scripts;
  /** Where BGP is spoken. */
  readonly speaker?: Speaker | undefined;
  readonly api: Api;
  readonly names: AgentNamesSource;
  readonly exports: Exports;
  readonly config: Config;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly version: string;
  /** Writes text to standard output. */
  readonly print: (text: string) => void;
}

export interface RunningServer {
  readonly started: Started;
  /** Ends it all. Resolves when done, or when it took too long; never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts the engine, then BGP and HTTP, and says where they are: on a screen for people, or in one line of the log. Throws what
 * either of them throws at start, with nothing left running.
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { engine, speaker, scripts, names, exports, api, config, log, version, print } = parts;
  for (const warning of config.warnings) log.warn(warning);
  const receive = await engine.start();
  let bgp: Started['bgp'];
  let http: Started['http'];
  try {
    await names.start();
    bgp = await speaker?.start();
    http = await api.start();
    await exports.start();
    await scripts.start();
  } catch (error) {
    await exports.stop();
    await speaker?.stop();
    await names.stop();
    await engine.stop();
    throw error;
  }
  const started: Started = { version, http, receive, ...(bgp !== undefined && { bgp }) };
  if (logFormat(config, process.stderr.isTTY === true) === 'pretty') print(startScreen(started, config));
  else {
    log.info({ http: httpUrl(http), receive, ...(bgp !== undefined && { bgp }), version }, 'serving');
    for (const warning of startWarnings(started, config)) log.warn(warning);
  }
  const ipfix = createIpfixExporter(engine, { log });
  ipfix.start();
  const health = [watchHealth('engine', engine, log)];
  if (speaker !== undefined) health.push(watchHealth('BGP speaker', speaker, log));
  return {
    started,
    async stop() {
      for (const timer of health) clearInterval(timer);
      await stopAll(
        [
          async () => speaker?.stop(),
          () => api.stop(),
          () => scripts.stop(),
          () => exports.stop(),
          () => names.stop(),
          () => engine.stop(),
          async () => ipfix.stop(),
        ],
        log,
      );
    },
  };
}

/** Logs when a part falls ill and when it is well again. */
function watchHealth(name: string, part: Pick<Engine, 'health'>, log: ServerParts['log']): NodeJS.Timeout {
  let wasWell = true;
  const timer = setInterval(() => {
    const { ok, reason } = part.health();
    if (ok !== wasWell) {
      if (ok) log.info(`the ${name} is well again`);
      else log.error(`the ${name} is not well: ${reason ?? 'no reason given'}`);
    }
    wasWell = ok;
  }, HEALTH_INTERVAL_MS);
  return timer.unref();
}

/** Runs the steps one after the other, whatever becomes of each, and waits for them no longer than allowed. */
async function stopAll(steps: readonly (() => Promise<void>)[], log: ServerParts['log']): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), STOP_WITHIN_MS);
  });
  const work = async (): Promise<void> => {
    for (const step of steps)
      try {
        await step();
      } catch (error) {
        log.error({ err: error }, 'a part did not stop in order');
      }
  };
  if ((await Promise.race([work(), tooLate])) === 'late')
    log.warn('ended without waiting for all parts to stop');
  clearTimeout(timer);
}
