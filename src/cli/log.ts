import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config/index.ts';
import { classicStream } from './classic-log.ts';

/** Standard error: standard output is for what a command was asked for. */
const STDERR = 2;

/** What `log.format` asks for, and for `auto` what suits the place the log goes to. */
export function logFormat(config: Config, isTerminal: boolean): 'json' | 'pretty' | 'classic' {
  const format = config.string('log.format');
  if (format === 'json' || format === 'pretty' || format === 'classic') return format;
  return isTerminal ? 'pretty' : 'json';
}

/** The log, on standard error, as the properties `log.level` and `log.format` ask for it. */
export async function createLog(config: Config): Promise<Logger> {
  const level = config.string('log.level');
  const format = logFormat(config, process.stderr.isTTY === true);
  if (format === 'classic')
    return pino(
      { level },
      classicStream((text) => process.stderr.write(text)),
    );
  if (format === 'json')
    return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, pino.destination(STDERR));
  const { default: pretty } = await import('pino-pretty');
  return pino(
    { level },
    pretty({
      colorize: process.stderr.isTTY === true && process.env['NO_COLOR'] === undefined,
      translateTime: 'SYS:HH:MM:ss.l',
      ignore: 'pid,hostname',
      destination: STDERR,
      sync: true,
    }),
  );
}
