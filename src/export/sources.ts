import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, LoggedFlow, Questions, ThresholdEvent } from '../engine/index.ts';
import { parseDefinition } from '../flow/index.ts';
import type { MetricsSource, SourceDefinition, TopFlowsSource } from './definition.ts';
import type { ExportMessage } from './message.ts';
import { readMetricLine } from './metric-line.ts';

export interface SourceCounters {
  /** Rounds of an interval that were left out or cut short: the queue was full and did not empty, or the last took too long. */
  roundsCut: number;
  /** Records of the flow log that came in a flood and were not kept. */
  skipped: number;
}

export interface SourceDependencies {
  readonly engine: Engine;
  /** epoch ms */
  readonly now: () => number;
  readonly offer: (message: ExportMessage) => void;
  /** Share of the queue that is taken, and whether what is in it gets nowhere now. */
  readonly fill: () => number;
  readonly failing: () => boolean;
  readonly log: { warn(message: string): void };
  /** What the export is called in the log. */
  readonly name: string;
}

/** A source that runs. */
export interface Source {
  readonly counters: Readonly<SourceCounters>;
  stop(): void;
}

/** How full a queue may be before more metrics are read for it. */
const ROOM = 0.5;
const WAIT_MS = 20;
/** Series in one round at most. */
const MAX_SERIES = 100_000_000;

export function startSource(definition: SourceDefinition, deps: SourceDependencies): Source {
  switch (definition.type) {
    case 'events':
      return eventSource(definition.thresholds, deps);
    case 'flows':
      return flowSource(definition.flows, deps);
    case 'topflows':
      return everyInterval(definition.intervalMs, deps, () => topFlows(definition, deps));
    case 'metrics':
      return everyInterval(definition.intervalMs, deps, (signal) => metrics(definition, deps, signal));
  }
}

function eventSource(thresholds: readonly string[], { engine, offer }: SourceDependencies): Source {
  const wanted = new Set(thresholds);
  const stop = engine.onEvent((event) => {
    if (wanted.size === 0 || wanted.has(event.thresholdID)) offer(eventMessage(event));
  });
  return { counters: { roundsCut: 0, skipped: 0 }, stop };
}

function eventMessage({ timestamp, ...event }: ThresholdEvent): ExportMessage {
  return { type: 'event', time: timestamp, ...event };
}

function flowSource(flows: readonly string[], { engine, offer }: SourceDependencies): Source {
  const wanted = new Set(flows);
  const counters = { roundsCut: 0, skipped: 0 };
  const names = new KeyNames(engine);
  const stop = engine.onLoggedFlows((logged, skipped) => {
    counters.skipped += skipped;
    for (const flow of logged)
      if (wanted.size === 0 || wanted.has(flow.name)) offer(flowMessage(flow, names));
  });
  return { counters, stop };
}

function flowMessage({ end, ...flow }: LoggedFlow, names: KeyNames): ExportMessage {
  const keys = names.split(flow.name, flow.flowKeys);
  return { type: 'flow', time: end, ...flow, ...(keys !== undefined && { keys }) };
}

/** Runs a round now and at every interval; never two at a time. */
function everyInterval(
  intervalMs: number,
  { log, name }: SourceDependencies,
  round: (signal: AbortSignal) => Promise<boolean>,
): Source {
  const counters = { roundsCut: 0, skipped: 0 };
  const stopping = new AbortController();
  let running = false;
  const begin = (): void => {
    if (running) {
      counters.roundsCut++;
      return;
    }
    running = true;
    round(stopping.signal)
      .then(
        (whole) => {
          if (!whole && !stopping.signal.aborted) counters.roundsCut++;
        },
        (error: unknown) => {
          counters.roundsCut++;
          if (!stopping.signal.aborted)
            log.warn(`export ${name}: ${error instanceof Error ? error.message : String(error)}`);
        },
      )
      .finally(() => {
        running = false;
      });
  };
  const timer = setInterval(begin, intervalMs);
  timer.unref();
  begin();
  return {
    counters,
    stop() {
      clearInterval(timer);
      stopping.abort();
    },
  };
}

async function topFlows(
  source: TopFlowsSource,
  { engine, now, offer }: SourceDependencies,
): Promise<boolean> {
  const { agents, maxFlows, minValue, aggMode } = source;
  const names = new KeyNames(engine);
  const time = now();
  for (const name of source.flows) {
    const question = { agents, name, maxFlows, minValue, aggMode, filter: undefined };
    for (const { key, ...flow } of (await engine.ask('activeFlows', question)) ?? []) {
      const keys = names.split(name, key);
      offer({ type: 'topflow', time, name, flowKeys: key, ...(keys !== undefined && { keys }), ...flow });
    }
  }
  return true;
}

/** False: the rest was left out, for the queue did not empty. */
async function metrics(
  source: MetricsSource,
  { engine, now, offer, fill, failing }: SourceDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const { agents, metrics: names, filters } = source;
  const reader = randomUUID();
  const question: Omit<Questions['prometheus']['question'], 'first'> = {
    ...{ agents, metrics: names, filters, reader, prefix: '', maxSeries: MAX_SERIES },
    form: 'plain',
  };
  const time = now();
  for (let first = true; ; first = false) {
    const { bytes, end } = await engine.ask('prometheus', { ...question, first });
    for (const line of Buffer.from(bytes.buffer).toString('utf8').split('\n')) {
      const read = readMetricLine(line);
      if (read !== undefined) offer(metricMessage(read.name, read.value, read.labels, time));
    }
    if (end !== undefined) return true;
    while (fill() > ROOM && !signal.aborted && !failing())
      await sleep(WAIT_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || fill() > ROOM) {
      await engine.ask('prometheusEnd', { reader });
      return false;
    }
  }
}

function metricMessage(
  metric: string,
  value: number,
  { agent, datasource, ...labels }: Record<string, string>,
  time: number,
): ExportMessage {
  return { type: 'metric', time, metric, value, agent, dataSource: datasource, labels };
}

/** Names of the keys of flow definitions. */
class KeyNames {
  private readonly engine: Engine;
  private readonly known = new Map<
    string,
    { echo: unknown; keys: readonly string[]; fs: string } | undefined
  >();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The text of flow keys by name. undefined: the definition is not, or no longer, one with as many keys. */
  split(flow: string, text: string): Record<string, string> | undefined {
    const definition = this.definition(flow);
    if (definition === undefined) return undefined;
    const values = definition.fs === '' ? [text] : text.split(definition.fs);
    if (values.length !== definition.keys.length) return undefined;
    return Object.fromEntries(definition.keys.map((key, i) => [key, values[i]]));
  }

  private definition(flow: string): { keys: readonly string[]; fs: string } | undefined {
    const flows = this.engine.flows();
    const echo = Object.hasOwn(flows, flow) ? flows[flow] : undefined;
    const known = this.known.get(flow);
    if (echo === undefined || known?.echo === echo) return echo === undefined ? undefined : known;
    const parsed = parseDefinition(flow, echo);
    const made = parsed && { echo, keys: parsed.keys.map(({ text }) => text), fs: parsed.fs };
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(flow, made);
    return made;
  }
}

const MAX_KNOWN = 1000;
