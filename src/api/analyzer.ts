import type { ReceiveCounters, TableReport } from '../engine/index.ts';
import type { ApiContext } from './context.ts';
import type { HttpCounters } from './http-meter.ts';
import type { ProcessFigures } from './process-meter.ts';

/** Everything /analyzer/json and /prometheus/analyzer/txt print. */
export interface AnalyzerFigures {
  readonly receive: ReceiveCounters;
  readonly tables: readonly TableReport[];
  readonly http: HttpCounters;
  readonly machine: ProcessFigures;
}

export async function analyzerFigures({ engine, http, process }: ApiContext): Promise<AnalyzerFigures> {
  const [receive, tables] = await Promise.all([
    engine.ask('receive', undefined),
    engine.ask('tables', undefined),
  ]);
  return { receive, tables, http: http.read(), machine: process.read() };
}
