import { release } from 'node:os';
import type { Engine, ReceiveCounters, TableReport } from '../engine/index.ts';
import type { ExportStatus } from '../export/index.ts';
import type { ApiContext } from './context.ts';
import type { HttpCounters } from './http-meter.ts';
import type { MetricTextCounters } from './metric-texts.ts';
import type { ProcessFigures } from './process-meter.ts';

/** Everything /analyzer/json and /prometheus/analyzer/txt print. */
export interface AnalyzerFigures {
  readonly receive: ReceiveCounters;
  readonly tables: readonly TableReport[];
  /** Events since start. */
  readonly events: number;
  readonly http: HttpCounters;
  readonly machine: ProcessFigures;
  readonly texts: MetricTextCounters;
  readonly exports: Readonly<Record<string, ExportStatus>>;
}

export async function analyzerFigures({
  engine,
  http,
  process,
  metricTexts,
  exports,
}: ApiContext): Promise<AnalyzerFigures> {
  const [receive, tables, events] = await Promise.all([
    engine.ask('receive', undefined),
    engine.ask('tables', undefined),
    countEvents(engine),
  ]);
  return {
    receive,
    tables,
    events,
    http: http.read(),
    machine: process.read(),
    texts: metricTexts.counters,
    exports: Object.fromEntries(Object.entries(exports.all()).map(([name, { status }]) => [name, status])),
  };
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

/** What /analyzer/json answers: the members of section 14.1, then those of our own. */
export async function analyzerDocument(context: ApiContext): Promise<Record<string, unknown>> {
  const { receive, tables, events, http, machine, texts } = await analyzerFigures(context);
  return {
    sFlowAgents: receive.agents,
    sFlowDatagramsReceived: receive.datagrams,
    sFlowBytesReceived: receive.bytes,
    sFlowDatagramsDiscarded: receive.discarded,
    sFlowDatagramsTooLarge: receive.tooLarge,
    sFlowParseErrors: receive.parseErrors,
    sFlowUnsupportedVersion: receive.unsupportedVersion,
    flowsGenerated: receive.flowsGenerated,
    eventsGenerated: events,
    httpConnectionsCurrent: http.connectionsCurrent,
    httpConnectionsTotal: http.connectionsTotal,
    httpMessagesSent: http.messagesSent,
    httpMessagesReceived: http.messagesReceived,
    httpBytesSent: http.bytesSent,
    httpBytesReceived: http.bytesReceived,
    uptime: machine.uptime,
    cpuTime: machine.cpuTime,
    cpuLoadProcess: machine.cpuLoadProcess,
    cpuLoadSystem: machine.cpuLoadSystem,
    loadAverage: machine.loadAverage,
    availableProcessors: machine.availableProcessors,
    memTotal: machine.memTotal,
    memFree: machine.memFree,
    heapInit: 0,
    heapUsed: machine.heapUsed,
    heapCommitted: machine.heapCommitted,
    heapMax: machine.heapMax,
    nonHeapInit: 0,
    nonHeapUsed: machine.externalUsed,
    nonHeapCommitted: machine.externalCommitted,
    nonHeapMax: -1,
    gcCount: machine.gcCount,
    gcTime: machine.gcTime,
    threadCount: machine.threadCount,
    threadDaemonCount: machine.threadCount - 1,
    threadTotalStartedCount: machine.threadCountMax,
    version: context.version,
    jvmName: 'Node.js',
    jvmVendor: 'OpenJS Foundation',
    jvmVersion: process.versions.v8,
    javaVersion: process.versions.node,
    osName: process.platform,
    osArch: process.arch,
    osVersion: release(),

    sFlowDataSources: receive.dataSources,
    sFlowFlowSamples: receive.flowSamples,
    sFlowCounterSamples: receive.counterSamples,
    sFlowDiscardSamples: receive.discardSamples,
    sFlowDatagramsLost: receive.datagramsLost,
    sFlowSamplesLost: receive.samplesLost,
    sFlowKernelDrops: receive.kernelDrops,
    sFlowErrors: receive.errors,
    sFlowUnknownStructures: receive.unknown,
    sFlowAgentsRefused: receive.agentsRefused,
    sFlowDataSourcesRefused: receive.dataSourcesRefused,
    flowsDropped: receive.flowsDropped,
    flowTables: tables,
    forwarding: receive.forwarding,
    prometheusSeries: texts.series,
    prometheusSeriesLeftOut: texts.leftOut,
    receivePath: context.engine.receivePath(),
    processResidentBytes: machine.memResident,
  };
}
