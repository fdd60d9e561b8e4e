import { canonicalAddress } from '../common/index.ts';
import {
  type FlowState,
  flowByKey,
  type MergeMode,
  reportsOf,
  type ScopedFlow,
  type TopFlow,
  topByScope,
} from '../flow/index.ts';
import {
  type FlowMetrics,
  type FlowMetricValue,
  type IncludeDataSource,
  parseSelection,
  type TopKey,
} from '../metric/index.ts';
import type { ResolvedTopology } from '../topology/index.ts';
import type { ActiveFlow, FlowLocation, Questions } from './index.ts';
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
  const network = definition.aggMode === 'EDGE';
  if (network && !networkAnswers(question.agents, question.aggMode)) return [];
  const { include, mode, placed } = network
    ? { include: () => true, mode: 'max' as const, placed: false }
    : mergeOf(question.agents, question.aggMode, shard.topology.resolved);
  const fields = question.filter === undefined ? undefined : splitFields(question.filter, definition.fs);
  const flows = shard.flows.top(
    question.name,
    {
      include: (scope) => {
        const place = shard.placeOf(scope);
        return place !== undefined && include(place.agent, place.dataSource);
      },
      mode,
      maxFlows: question.maxFlows,
      minValue: question.minValue,
      fields,
    },
    now,
  );
  return flows?.map((flow) => activeFlow(shard, flow, placed, definition.aggMode === 'AGENT'));
}

/** Whether a network-wide table answers to this agent selector and aggMode (rest-api 6.3). */
function networkAnswers(agents: string, aggMode: string): boolean {
  return ['ALL', 'TOPOLOGY', 'EDGE'].includes(agents) && (aggMode === '' || aggMode === 'edge');
}

interface Merge {
  readonly include: IncludeDataSource;
  readonly mode: MergeMode;
  /** Rows name agent and data source of the largest report. */
  readonly placed: boolean;
}

/**
 * What agent selector and aggMode mean together (rest-api 6.2). EDGE and CORE as selectors stand for the aggMode when
 * none is given; with one they mean TOPOLOGY, but for CORE with sum and avg.
 */
function mergeOf(agents: string, aggMode: string, topology: ResolvedTopology | undefined): Merge {
  const isPart = agents === 'EDGE' || agents === 'CORE';
  const asked = aggMode === '' && isPart ? agents.toLowerCase() : aggMode;
  const member = (part: 'TOPOLOGY' | 'EDGE' | 'CORE', agent: string, dataSource: string): boolean =>
    topology?.member(part, agent, dataSource) ?? false;
  const merged = asked === 'sum' || asked === 'avg';
  const selection = parseSelection(isPart && !(agents === 'CORE' && merged) ? 'TOPOLOGY' : agents, member);
  if (asked === 'edge' || asked === 'core') {
    const part = asked === 'edge' ? 'EDGE' : 'CORE';
    return {
      include: (agent, dataSource) =>
        selection.includes(agent, dataSource) && member(part, agent, dataSource),
      mode: asked === 'edge' ? 'sum' : 'avg',
      placed: false,
    };
  }
  if (merged) return { include: selection.includes, mode: asked, placed: false };
  return { include: selection.includes, mode: 'max', placed: true };
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
  question: Questions['flowValue']['question'],
  now: number,
): number | undefined {
  return flowOf(shard, question, now)?.flow.value;
}

/** The same flow with all its values and the ms since its last sample. */
export function flowValues(
  shard: Shard,
  question: Questions['flowValues']['question'],
  now: number,
): Questions['flowValues']['answer'] {
  const found = flowOf(shard, question, now);
  if (found === undefined) return undefined;
  const { table, entry, value } = found.flow;
  const values = found.state.extraValues(table, entry, now);
  return {
    lastUpdate: now - table.updated(entry),
    value,
    ...(values === undefined ? {} : { values }),
  };
}

function flowOf(
  shard: Shard,
  { agent, dataSource, name, key }: Questions['flowValue']['question'],
  now: number,
): { flow: ScopedFlow; state: FlowState } | undefined {
  const state = shard.flows.state(name);
  const owner = shard.registry.agents.get(canonicalAddress(agent));
  if (state === undefined || owner === undefined) return undefined;
  const perAgent = state.definition.aggMode === 'AGENT';
  const source = owner.dataSources.find(({ name: ds }) => ds === dataSource);
  const ofSource = source === undefined ? undefined : shard.registry.scopeOf(source);
  const scope = perAgent && dataSource === '0' ? owner.scope : ofSource;
  if (scope === undefined) return undefined;
  shard.advance(now);
  const flow =
    key === undefined
      ? topByScope(state, (candidate) => candidate === scope, 1, now).get(scope)?.[0]
      : flowByKey(state, scope, key, now);
  return flow && { flow, state };
}

/** /flowlocations (rest-api 6.4): where the key is reported, or anything at all. undefined: no such flow. */
export function flowLocations(
  shard: Shard,
  { agents, name, key }: Questions['flowLocations']['question'],
  now: number,
): FlowLocation[] | undefined {
  const state = shard.flows.state(name);
  if (state === undefined) return undefined;
  if (state.definition.aggMode !== '') return [];
  shard.advance(now);
  const topology = shard.topology.resolved;
  const selection = parseSelection(
    agents,
    (part, agent, source) => topology?.member(part, agent, source) ?? false,
  );
  const include = (scope: number): boolean => {
    const place = shard.placeOf(scope);
    return place !== undefined && selection.includes(place.agent, place.dataSource);
  };
  const reports =
    key === undefined
      ? [...topByScope(state, include, 1, now)].map(([scope, [flow]]) => ({ scope, value: flow.value }))
      : reportsOf(state, key, now).filter(({ scope }) => include(scope));
  return reports.flatMap(({ scope, value }) => {
    const place = shard.placeOf(scope);
    if (place === undefined) return [];
    const { agent, dataSource } = place;
    return [{ ...topology?.placeOf(agent, dataSource), agent, dataSource, value }];
  });
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
