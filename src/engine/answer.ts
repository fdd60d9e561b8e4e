import {
  agentMetrics,
  metricNames,
  type QueryContext,
  queryDump,
  queryMetric,
  queryTable,
} from '../metric/index.ts';
import type { SendCounts } from '../udp/sender.ts';
import { bgpPrefixValues, bgpTopPrefixes } from './answer-bgp.ts';
import { dataSource } from './answer-data-source.ts';
import { activeFlows, flowKeys, flowLocations, flowMetrics, flowValue, flowValues } from './answer-flows.ts';
import { agents, receiveCounters, unnamedAgents } from './answer-receive.ts';
import { hostFor, linkCells, TOPOLOGY_ANSWERERS } from './answer-topology.ts';
import type { Questions } from './index.ts';
import type { QuestionKind } from './protocol.ts';
import type { Shard } from './shard.ts';

/** A shard and what its thread knows beside it. */
export interface ShardView {
  readonly shard: Shard;
  /** Datagrams the kernel dropped on the shard's socket. */
  readonly kernelDrops: number;
  readonly forwarding: Readonly<Record<string, SendCounts>>;
}

type Answerer<K extends QuestionKind> = (
  view: ShardView,
  question: Questions[K]['question'],
  now: number,
) => Questions[K]['answer'];

const ANSWERERS: { readonly [K in QuestionKind]: Answerer<K> } = {
  receive: ({ shard, kernelDrops, forwarding }) => receiveCounters(shard, kernelDrops, forwarding),
  agents: ({ shard }, { agents: addresses }, now) => agents(shard, addresses, now),
  metrics: (view, _question, now) => metricNames(context(view, now)),
  agentMetrics: (view, { agent }, now) => agentMetrics(context(view, now), agent),
  metric: (view, question, now) => queryMetric(context(view, now), question),
  table: (view, question, now) => queryTable(context(view, now), question),
  dump: (view, question, now) => queryDump(context(view, now), question),
  flowKeys: ({ shard }, _question, now) => flowKeys(shard, now),
  activeFlows: ({ shard }, question, now) => activeFlows(shard, question, now),
  flowLocations: ({ shard }, question, now) => flowLocations(shard, question, now),
  flowValue: ({ shard }, question, now) => flowValue(shard, question, now),
  hosts: ({ shard: { hosts, topology, facts } }, question, now) =>
    hosts.locate(question, { topology: topology.resolved, facts }, now),
  hostMacs: ({ shard: { hosts, topology } }, { agent, ifIndex }, now) =>
    hosts.macs(agent, ifIndex, topology.resolved, now),
  linkMetric: (view, question, now) => linkCells(view.shard.topology.resolved, context(view, now), question),
  flowValues: ({ shard }, question, now) => flowValues(shard, question, now),
  dataSource: ({ shard }, question) => dataSource(shard, question),
  thresholdTriggered: ({ shard }, question, now) => shard.thresholds.triggered(question, now),
  hostFor: ({ shard }, question, now) => hostFor(shard, question, now),
  ...TOPOLOGY_ANSWERERS,
  unnamed: ({ shard }, { from }) => unnamedAgents(shard, from),
  tenants: ({ shard }) => shard.tenants.counts(),
  bgpTopPrefixes: ({ shard }, question, now) => bgpTopPrefixes(shard, question, now),
  bgpPrefixValues: ({ shard }, question, now) => bgpPrefixValues(shard, question, now),
  tables: ({ shard }) => shard.flows.report(),
  prometheus: (view, { reader, first, ...question }, now) => {
    const { shard } = view;
    const make = (): QueryContext => context(view, now);
    return shard.prometheus.page(reader, first, question, make, shard.topology.resolved, now);
  },
  prometheusEnd: ({ shard }, { reader }) => {
    shard.prometheus.close(reader);
    return undefined;
  },
};

/** Answer a question. Throws a WeirError for questions that make no sense (METRIC_BAD_QUERY). */
export function answer<K extends QuestionKind>(
  view: ShardView,
  kind: K,
  question: Questions[K]['question'],
  now: number,
): Questions[K]['answer'] {
  return ANSWERERS[kind](view, question, now);
}

function context({ shard }: ShardView, now: number): QueryContext {
  const topology = shard.topology.resolved;
  return {
    store: shard.metrics,
    flows: flowMetrics(shard, now),
    topology:
      topology === undefined ? undefined : (part, agent, source) => topology.member(part, agent, source),
    now,
  };
}
