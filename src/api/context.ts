import type { Logger } from 'pino';
import type { Engine } from '../engine/index.ts';
import type { Exports } from '../export/index.ts';
import type { Scripts } from '../script/index.ts';
import type { SnmpReport } from '../snmp/index.ts';
import type { Speaker } from '../speaker/index.ts';
import type { Assets } from './assets.ts';
import type { Files } from './files.ts';
import type { HttpMeter } from './http-meter.ts';
import type { Live } from './live.ts';
import type { LogPositions } from './log-position.ts';
import type { MetricTexts } from './metric-texts.ts';
import type { ProcessMeter } from './process-meter.ts';

/** The part of the log the API uses. */
export type ApiLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/** What handlers work with. */
export interface ApiContext {
  readonly engine: Engine;
  readonly scripts: Scripts;
  /** undefined: property `bgp.start` is `no`. */
  readonly speaker: Speaker | undefined;
  readonly exports: Exports;
  readonly version: string;
  /** Prefix of metric names in Prometheus text (property `prometheus.metric.prefix`). */
  readonly prometheusPrefix: string;
  /** Prometheus text as established clients know it, whatever they ask for (property `prometheus.compat`). */
  readonly prometheusCompat: boolean;
  readonly metricTexts: MetricTexts;
  /** Address `/` leads to. */
  readonly startPage: string;
  readonly http: HttpMeter;
  readonly process: ProcessMeter;
  readonly files: Files;
  readonly assets: Assets;
  readonly live: Live;
  readonly positions: LogPositions;
  /** How agents are asked for names. */
  readonly snmp: () => SnmpReport;
  /** The OpenAPI document. */
  readonly openApi: () => unknown;
}
