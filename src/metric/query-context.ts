import type { MetricFilters } from './answers.ts';
import type { FlowMetrics, FlowMetricValue, IncludeDataSource } from './flow-metrics.ts';
import { compileGlob, type Glob } from './glob.ts';
import { parseSelection, type Selection, type TopologyMember } from './selection.ts';
import { createReading, MetricName, type MetricSource, type Reading } from './source.ts';
import type { AgentMetrics, MetricStore } from './store.ts';

/** What questions are asked of. */
export interface QueryContext {
  readonly store: MetricStore;
  readonly flows: FlowMetrics;
  /** undefined: there is no topology. */
  readonly topology: TopologyMember | undefined;
  /** ms, on the clock that samples were recorded with. */
  readonly now: number;
}

/** ms since `updated`; the clock may have been set back. */
export function elapsed(now: number, updated: number): number {
  return Math.max(0, now - updated);
}

interface FilterTest {
  readonly metric: MetricName;
  readonly globs: readonly Glob[];
  /** Set when the metric is a flow definition: its values. */
  readonly flows: FlowValues | undefined;
}

/** The data sources of one question: those of the `{agent}` segment that pass the filters. */
export class Scope {
  readonly selection: Selection;
  private readonly context: QueryContext;
  private readonly tests: readonly FilterTest[];
  private readonly reading: Reading = createReading();

  constructor(context: QueryContext, agents: string, filters: MetricFilters) {
    this.context = context;
    this.selection = parseSelection(agents, context.topology);
    const flowNames = new Set(context.flows.names());
    this.tests = Object.entries(filters).map(([name, patterns]) => ({
      metric: new MetricName(name),
      globs: patterns.map(compileGlob),
      flows: flowNames.has(name) ? new FlowValues(context.flows, name, this.selection.includes) : undefined,
    }));
  }

  /** Agents that may have selected data sources. */
  *agents(): Iterable<AgentMetrics> {
    const { store } = this.context;
    if (this.selection.addresses === undefined) yield* store.agents();
    else {
      for (const address of this.selection.addresses) {
        const agent = store.agent(address);
        if (agent !== undefined) yield agent;
      }
    }
  }

  /** Selected data sources with counter metrics. */
  *sources(): Iterable<MetricSource> {
    for (const agent of this.agents())
      for (const source of agent.sources.values())
        if (this.includes(agent.address, source.name, source)) yield source;
  }

  readonly include: IncludeDataSource = (agent, dataSource) =>
    this.includes(agent, dataSource, this.context.store.agent(agent)?.sources.get(dataSource));

  private includes(agent: string, dataSource: string, source: MetricSource | undefined): boolean {
    if (!this.selection.includes(agent, dataSource)) return false;
    for (const test of this.tests) {
      const text = this.textOf(test, agent, dataSource, source);
      if (text === undefined || !test.globs.some((glob) => glob.matches(text))) return false;
    }
    return true;
  }

  private textOf(
    test: FilterTest,
    agent: string,
    dataSource: string,
    source: MetricSource | undefined,
  ): string | undefined {
    if (source?.read(test.metric, this.reading)) return String(this.reading.value);
    const flow = test.flows?.get(agent, dataSource);
    return flow && String(flow.value);
  }
}

/** Values of one flow metric, by agent and data source. */
export class FlowValues {
  private readonly byAgent = new Map<string, Map<string, FlowMetricValue>>();

  constructor(flows: FlowMetrics, name: string, include: IncludeDataSource) {
    for (const value of flows.values(name, include)) {
      let values = this.byAgent.get(value.agent);
      if (values === undefined) this.byAgent.set(value.agent, (values = new Map()));
      values.set(value.dataSource, value);
    }
  }

  agents(): Iterable<string> {
    return this.byAgent.keys();
  }

  ofAgent(agent: string): ReadonlyMap<string, FlowMetricValue> {
    return this.byAgent.get(agent) ?? NONE;
  }

  get(agent: string, dataSource: string): FlowMetricValue | undefined {
    return this.byAgent.get(agent)?.get(dataSource);
  }
}

const NONE: ReadonlyMap<string, FlowMetricValue> = new Map();
