import {
  type FlowState,
  flowByKey,
  type MergeMode,
  type ScopedFlow,
  type TopFlow,
  topByScope,
} from '../flow/index.ts';
import {
  canonicalAddress,
  type FlowMetrics,
  type FlowMetricValue,
  type IncludeDataSource,
  parseSelection,
  type TopKey,
} from '../metric/index.ts';
import type { ActiveFlow, Questions } from './index.ts';
import { Agent } from './registry.ts';
import type { Shard } from './shard.ts';

/** /activeflows (rest-api 6.2, 6.3). undefined: no such flow. */
export function activeFlows(
  shard: Shard,
  question: Questions['activeFlows']['question'],
  now: number,
): ActiveFlow[] | undefined {
  const state = shard.flows.state(question.name);
  if (state === undefined) return undefined;
  const { definition } = state;
  const selection = parseSelection(question.agents, undefined);
  const { aggMode } = question;
  // Without a topology nothing is an edge or a core.
  if (aggMode === 'edge' || aggMode === 'core') return [];
  const network = definition.aggMode === 'EDGE';
  if (network && (question.agents !== 'ALL' || aggMode !== '')) return [];
  const mode: MergeMode = aggMode === 'sum' || aggMode === 'avg' ? aggMode : 'max';
  const fields = question.filter === undefined ? undefined : splitFields(question.filter, definition.fs);
  const flows = shard.flows.top(
    question.name,
    {
      include: (scope) => {
        const place = shard.placeOf(scope);
        return place !== undefined && (network || selection.includes(place.agent, place.dataSource));
      },
      mode,
      maxFlows: question.maxFlows,
      minValue: question.minValue,
      fields,
    },
    now,
  );
  return flows?.map((flow) =>
    activeFlow(shard, flow, mode === 'max' && !network, definition.aggMode === 'AGENT'),
  );
}

/** The fields of a `filter=` key. Without a separator nothing can be told apart, and the text is one field. */
function splitFields(filter: string, separator: string): string[] {
  return separator === '' ? [filter] : filter.split(separator);
}

function activeFlow(shard: Shard, flow: TopFlow, placed: boolean, perAgent: boolean): ActiveFlow {
  const { key, value, reports, scope, values } = flow;
  const row: ActiveFlow = { key, value, flowN: reports };
  if (placed) {
    const place = shard.placeOf(scope);
    if (place !== undefined) {
      row.agent = place.agent;
      // Flows of samples with fields of their own belong to an agent only (rest-api 7.6).
      if (perAgent || !(shard.registry.owner(scope) instanceof Agent)) row.dataSource = place.dataSource;
    }
  }
  if (values !== undefined) row.values = values;
  return row;
}

/** /flowvalue: of one data source, of the named key or the largest. undefined is 404. */
export function flowValue(
  shard: Shard,
  { agent, dataSource, name, key }: Questions['flowValue']['question'],
  now: number,
): number | undefined {
  const state = shard.flows.state(name);
  const owner = shard.registry.agents.get(canonicalAddress(agent));
  if (state === undefined || owner === undefined) return undefined;
  const perAgent = state.definition.aggMode === 'AGENT';
  const scope =
    perAgent && dataSource === '0'
      ? owner.scope
      : owner.dataSources.find(({ name: ds }) => ds === dataSource)?.scope;
  if (scope === undefined) return undefined;
  shard.advance(now);
  if (key !== undefined) return flowByKey(state, scope, key, now);
  return topByScope(state, (candidate) => candidate === scope, 1, now).get(scope)?.[0]?.value;
}

/** Key name → ms since it was last seen (rest-api 4.4). */
export function flowKeys(shard: Shard, now: number): Record<string, number> {
  return Object.fromEntries([...shard.keysSeen].map(([key, seen]) => [key, now - seen]));
}

/** Flow definitions as metrics of data sources (rest-api 7.3); those with an aggMode are none (6.3). */
export function flowMetrics(shard: Shard, now: number): FlowMetrics {
  const visible = (name: string): FlowState | undefined => {
    const state = shard.flows.state(name);
    return state?.definition.aggMode === '' ? state : undefined;
  };
  return {
    names: () => shard.flows.names().filter((name) => visible(name) !== undefined),
    values: (name, include) => {
      const state = visible(name);
      return state === undefined ? [] : metricValues(shard, state, include, now);
    },
  };
}

function* metricValues(
  shard: Shard,
  state: FlowState,
  include: IncludeDataSource,
  now: number,
): Iterable<FlowMetricValue> {
  const included = (scope: number): boolean => {
    const place = shard.placeOf(scope);
    return place !== undefined && include(place.agent, place.dataSource);
  };
  shard.advance(now);
  for (const [scope, flows] of topByScope(state, included, state.definition.n, now)) {
    const place = shard.placeOf(scope);
    if (place !== undefined) yield new TopFlowsOfSource(place.agent, place.dataSource, state, flows, now);
  }
}

/** The keys are made into text only when somebody looks: most questions want the value alone. */
class TopFlowsOfSource implements FlowMetricValue {
  readonly agent: string;
  readonly dataSource: string;
  readonly value: number;
  readonly lastUpdate: number;
  private readonly state: FlowState;
  private readonly flows: readonly ScopedFlow[];
  private readonly now: number;

  constructor(
    agent: string,
    dataSource: string,
    state: FlowState,
    flows: readonly ScopedFlow[],
    now: number,
  ) {
    this.agent = agent;
    this.dataSource = dataSource;
    this.value = flows[0].value;
    this.lastUpdate = flows[0].table.updated(flows[0].entry);
    this.state = state;
    this.flows = flows;
    this.now = now;
  }

  get topKeys(): TopKey[] {
    return this.flows.map(({ table, layout, entry, value }) => {
      const values = this.state.extraValues(table, entry, this.now);
      return {
        key: layout.format(table.words, entry + table.keyAt),
        value,
        ...(values === undefined ? {} : { values }),
        lastUpdate: this.now - table.updated(entry),
      };
    });
  }
}
