import type { DestinationStream } from 'pino';

/** Levels of pino from each number on, by the names that the classic form has for them. */
const LEVELS: readonly (readonly [from: number, name: string])[] = [
  [50, 'SEVERE'],
  [40, 'WARNING'],
  [30, 'INFO'],
  [0, 'FINE'],
];

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

/** Log lines as `2026-11-23T00:49:17Z INFO: text`, as the established engine writes them (script-api section 1). */
export function classicStream(write: (text: string) => void): DestinationStream {
  return { write: (json) => write(classicLine(JSON.parse(json) as Line)) };
}

function classicLine({ level, time, msg = '', err }: Line): string {
  const moment = new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
  const [, name] = LEVELS.find(([from]) => level >= from)!;
  const reason = err?.message === undefined || err.message === msg ? '' : `: ${err.message}`;
  return `${moment} ${name}: ${msg}${reason}\n`;
}
