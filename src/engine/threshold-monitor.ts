import { canonicalAddress } from '../common/index.ts';
import { Crossings, sameThreshold, type Threshold } from '../event/index.ts';
import type { FlowSet, FlowState, FlowTable, FlowWatch } from '../flow/index.ts';
import {
  compileGlob,
  createReading,
  type Glob,
  MetricName,
  type MetricSource,
  type MetricStore,
} from '../metric/index.ts';
import type { Questions } from './index.ts';
import type { Place } from './registry.ts';

/** An event as the shard finds it; the front numbers it. */
export interface Crossing {
  readonly timestamp: number;
  readonly thresholdID: string;
  readonly metric: string;
  readonly threshold: number;
  readonly value: number;
  readonly agent: string;
  readonly dataSource: string;
  readonly flowKey: string | undefined;
  /** Further values of the flow, when its definition has some. */
  readonly values: number[] | undefined;
}

/** The flow whose value came; `name` is its key as text, told of thresholds with byFlow only. */
interface CrossingFlow {
  readonly byFlow: { readonly identity: string; readonly name: () => string } | undefined;
  readonly values: () => number[] | undefined;
}

export interface MonitorDependencies {
  readonly flows: FlowSet;
  readonly metrics: MetricStore;
  readonly placeOf: (scope: number) => Place | undefined;
  readonly onEvent: (event: Crossing) => void;
}

/** A threshold with its state. */
interface Watched {
  readonly threshold: Threshold;
  readonly metric: MetricName;
  readonly filter: readonly { readonly metric: string; readonly globs: readonly Glob[] }[];
  readonly crossings: Crossings;
  /** Who crossed, by data source and the text of the flow key: for questions. Only with byFlow. */
  readonly named: Map<string, string>;
}

/** (data sources, flows) that one threshold remembers. */
const REMEMBERED = 1_000_000;

/** Compares values with thresholds as they come: of counter samples, and of flows (rest-api 9.2). */
export class ThresholdMonitor {
  private readonly deps: MonitorDependencies;
  private readonly watched = new Map<string, Watched>();
  /** By metric name, for flow definitions and counter metrics alike. */
  private readonly byMetric = new Map<string, Watched[]>();
  private readonly flowWatches = new Map<string, LargestFlowWatch>();
  private readonly reading = createReading();

  constructor(deps: MonitorDependencies) {
    this.deps = deps;
  }

  /** Define or replace; an identical definition keeps its state. */
  define(threshold: Threshold, now: number): void {
    const before = this.watched.get(threshold.name);
    if (before !== undefined && sameThreshold(before.threshold, threshold)) return;
    this.watched.set(threshold.name, {
      threshold,
      metric: new MetricName(threshold.metric),
      filter: Object.entries(threshold.filter).map(([metric, patterns]) => ({
        metric,
        globs: patterns.map(compileGlob),
      })),
      crossings: new Crossings(threshold.timeout, REMEMBERED),
      named: new Map(),
    });
    this.arrange(now);
  }

  remove(name: string, now: number): void {
    if (this.watched.delete(name)) this.arrange(now);
  }

  /** A counter sample, or custom metrics, of a data source were taken in. */
  counterSample(source: MetricSource, now: number): void {
    if (this.watched.size === 0) return;
    for (const watched of this.watched.values()) {
      if (!source.read(watched.metric, this.reading)) continue;
      const { value, updated } = this.reading;
      if (typeof value !== 'number' || updated !== now || !(value >= watched.threshold.value)) continue;
      this.cross(watched, { value, agent: source.agent, dataSource: source.name }, undefined, now);
    }
  }

  /** Whether a threshold is triggered (rest-api 9.2: whether it would not fire now). */
  triggered(
    { threshold, agent, dataSource, metric, flowKey }: Questions['thresholdTriggered']['question'],
    now: number,
  ): boolean {
    const watched = this.watched.get(threshold);
    if (watched === undefined || watched.threshold.metric !== metric) return false;
    const place = `${canonicalAddress(agent)} ${dataSource}`;
    const who = watched.threshold.byFlow ? watched.named.get(`${place} ${flowKey ?? ''}`) : place;
    return who !== undefined && watched.crossings.isAbove(who, now);
  }

  /** Housekeeping, about once a second. */
  tick(now: number): void {
    for (const { crossings, named } of this.watched.values()) {
      crossings.forget(now);
      for (const [name, who] of named) if (!crossings.isAbove(who, now)) named.delete(name);
    }
    for (const watch of this.flowWatches.values()) watch.tick(now);
  }

  /**
   * A value at or above the threshold came.
   * @param flow undefined: it is no flow's
   */
  cross(
    { threshold, crossings, filter, named }: Watched,
    { value, agent, dataSource }: { value: number; agent: string; dataSource: string },
    flow: CrossingFlow | undefined,
    now: number,
  ): void {
    if (filter.length > 0 && !this.passes(filter, agent, dataSource)) return;
    const place = `${agent} ${dataSource}`;
    const who = flow?.byFlow === undefined ? place : `${place} ${flow.byFlow.identity}`;
    if (!crossings.seen(who, now)) return;
    const flowKey = flow?.byFlow?.name();
    if (flowKey !== undefined) named.set(`${place} ${flowKey}`, who);
    this.deps.onEvent({
      timestamp: now,
      thresholdID: threshold.name,
      metric: threshold.metric,
      threshold: threshold.value,
      value,
      agent,
      dataSource,
      flowKey,
      values: flow?.values(),
    });
  }

  private passes(filter: Watched['filter'], agent: string, dataSource: string): boolean {
    return filter.every(({ metric, globs }) => {
      const text = this.deps.metrics.text(agent, dataSource, metric);
      return text !== undefined && globs.some((glob) => glob.matches(text));
    });
  }

  /** Sort thresholds by metric, and have the flows of that name watched. */
  private arrange(now: number): void {
    this.byMetric.clear();
    for (const watched of this.watched.values()) {
      const { metric } = watched.threshold;
      this.byMetric.set(metric, [...(this.byMetric.get(metric) ?? []), watched]);
    }
    for (const metric of this.flowWatches.keys()) {
      if (this.byMetric.has(metric)) continue;
      this.flowWatches.delete(metric);
      this.deps.flows.watch(metric, undefined, now);
    }
    for (const [metric, thresholds] of this.byMetric) {
      const known = this.flowWatches.get(metric);
      if (known !== undefined) known.thresholds = thresholds;
      else if (metric !== '') {
        const watch = new LargestFlowWatch(metric, thresholds, this, this.deps);
        this.flowWatches.set(metric, watch);
        this.deps.flows.watch(metric, watch, now);
      }
    }
  }
}

/** The largest flow of a data source as it was last seen above a threshold. */
interface Peak {
  value: number;
  at: number;
}

/**
 * The thresholds on one flow definition. Without byFlow a data source's value is its largest flow: while that one was
 * above, every sample of the data source counts, as the largest flow may still be above when others are updated.
 */
class LargestFlowWatch implements FlowWatch {
  least = Number.POSITIVE_INFINITY;
  everyUpdate = new Uint8Array(1024);
  private readonly name: string;
  private readonly monitor: ThresholdMonitor;
  private readonly deps: MonitorDependencies;
  private readonly peaks = new Map<number, Peak>();
  private list: readonly Watched[] = [];

  constructor(
    name: string,
    thresholds: readonly Watched[],
    monitor: ThresholdMonitor,
    deps: MonitorDependencies,
  ) {
    this.name = name;
    this.monitor = monitor;
    this.deps = deps;
    this.thresholds = thresholds;
  }

  set thresholds(thresholds: readonly Watched[]) {
    this.list = thresholds;
    this.least = Math.min(...thresholds.map(({ threshold }) => threshold.value));
  }

  updated(table: FlowTable, entry: number, value: number, now: number): void {
    const scope = table.scopeOf(entry);
    const place = this.deps.placeOf(scope);
    const state = this.deps.flows.state(this.name);
    if (place === undefined || state === undefined) return;
    const largest = this.largest(scope, value, table, now);
    let above = false;
    for (const watched of this.list) {
      const { byFlow, value: least } = watched.threshold;
      if ((byFlow ? value : largest) < least) continue;
      if (!byFlow) above = true;
      const flow = {
        byFlow: byFlow
          ? { identity: keyIdentity(table, entry), name: () => state.keyText(table, entry) }
          : undefined,
        values: () => state.extraValues(table, entry, now),
      };
      this.monitor.cross(watched, { value: byFlow ? value : largest, ...place }, flow, now);
    }
    this.mark(scope, above);
    if (!above) this.peaks.delete(scope);
  }

  tick(now: number): void {
    const state = this.deps.flows.state(this.name);
    for (const [scope, peak] of this.peaks) {
      const gone = state === undefined || this.deps.placeOf(scope) === undefined;
      if (!gone && decayed(peak, state, now) >= this.least) continue;
      this.peaks.delete(scope);
      this.mark(scope, false);
    }
  }

  private largest(scope: number, value: number, table: FlowTable, now: number): number {
    const peak = this.peaks.get(scope);
    if (peak === undefined) {
      this.peaks.set(scope, { value, at: now });
      return value;
    }
    const before = peak.value * Math.exp(-(now - peak.at) * table.decay.lambda);
    if (value < before) return before;
    peak.value = value;
    peak.at = now;
    return value;
  }

  private mark(scope: number, every: boolean): void {
    if (scope >= this.everyUpdate.length) {
      if (!every) return;
      const longer = new Uint8Array(Math.max(scope + 1, this.everyUpdate.length * 2));
      longer.set(this.everyUpdate);
      this.everyUpdate = longer;
    }
    this.everyUpdate[scope] = every ? 1 : 0;
  }
}

function decayed(peak: Peak, state: FlowState, now: number): number {
  return peak.value * Math.exp(-(now - peak.at) * state.table.decay.lambda);
}

/** An entry's key words as a short text: cheaper than the text of the key, and as distinct. */
function keyIdentity({ words, keyAt, shape }: FlowTable, entry: number): string {
  let identity = '';
  for (let at = entry + keyAt + 1; at < entry + keyAt + shape.keyWords; at++) {
    identity += String.fromCharCode(words[at] >>> 16, words[at] & 0xffff);
  }
  return identity + String.fromCharCode(words[entry + keyAt] >>> 24);
}
