import type { Engine, ReceiveCounters, TableReport } from '../engine/index.ts';
import type { ApiContext } from './context.ts';
import type { HttpCounters } from './http-meter.ts';
import type { ProcessFigures } from './process-meter.ts';

/** Everything /analyzer/json and /prometheus/analyzer/txt print. */
export interface AnalyzerFigures {
  readonly receive: ReceiveCounters;
  readonly tables: readonly TableReport[];
  /** Events since start. */
  readonly events: number;
  readonly http: HttpCounters;
  readonly machine: ProcessFigures;
}

export async function analyzerFigures({ engine, http, process }: ApiContext): Promise<AnalyzerFigures> {
  const [receive, tables, events] = await Promise.all([
    engine.ask('receive', undefined),
    engine.ask('tables', undefined),
    countEvents(engine),
  ]);
  return { receive, tables, events, http: http.read(), machine: process.read() };
}

/** Events are numbered from 0. */
async function countEvents(engine: Engine): Promise<number> {
  const [newest] = await engine.events({
    thresholds: [],
    eventID: undefined,
    maxEvents: 1,
    timeoutMs: undefined,
  });
  return newest === undefined ? 0 : newest.eventID + 1;
}
