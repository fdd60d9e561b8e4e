import { canonicalAddress } from '../common/index.ts';
import { type MetricCell, type QueryContext, queryDump } from '../metric/index.ts';
import {
  agentForNode,
  ifName,
  interfaceToLink,
  interfaceToPort,
  linkMetric,
  linkToInterfaces,
  nodesForAgent,
  portToInterface,
  type ResolvedTopology,
} from '../topology/index.ts';
import type { DataSourceName, Questions } from './index.ts';
import type { Shard } from './shard.ts';

interface View {
  readonly shard: Shard;
}

/** Questions about the interfaces of the topology. */
export const TOPOLOGY_ANSWERERS = {
  agentForNode: ({ shard }: View, { node }: Questions['agentForNode']['question']) =>
    agentForNode(shard.topology.resolved, node),
  nodesForAgent: ({ shard }: View, { agent, ifIndex }: Questions['nodesForAgent']['question']) =>
    nodesForAgent(shard.topology.resolved, canonicalAddress(agent), ifIndex),
  interfaceToLink: ({ shard }: View, { agent, ifIndex }: Questions['interfaceToLink']['question']) =>
    interfaceToLink(shard.topology.resolved, canonicalAddress(agent), ifIndex),
  interfaceToPort: ({ shard }: View, { agent, ifIndex }: Questions['interfaceToPort']['question']) =>
    interfaceToPort(shard.topology.resolved, shard.facts, canonicalAddress(agent), ifIndex),
  ifName: ({ shard }: View, { agent, ifIndex }: Questions['ifName']['question']) =>
    ifName(shard.topology.resolved, shard.facts, canonicalAddress(agent), ifIndex),
  portToInterface: ({ shard }: View, { node, port }: Questions['portToInterface']['question']) =>
    portToInterface(shard.topology.resolved, node, port),
  linkToInterfaces: ({ shard }: View, { link }: Questions['linkToInterfaces']['question']) =>
    linkToInterfaces(shard.topology.resolved, link),
};

/** Throws a WeirError METRIC_BAD_QUERY for what is no plain name of a metric. */
export function linkCells(
  topology: ResolvedTopology | undefined,
  context: QueryContext,
  { link, metrics }: Questions['linkMetric']['question'],
): Questions['linkMetric']['answer'] {
  const cellOf = (agent: string, dataSource: string, metric: string): MetricCell | undefined =>
    queryDump(context, { agents: agent, metrics: [metric], filters: {} }).find(
      (cell) => cell.dataSource === dataSource,
    );
  return linkMetric(topology, link, metrics, cellOf);
}

/** The data source whose host_adapters hold a MAC address; for an IP address the one it was last seen with. */
export function hostFor(
  { hosts, metrics, topology, facts }: Shard,
  { by, value }: Questions['hostFor']['question'],
  now: number,
): DataSourceName | undefined {
  const context = { topology: topology.resolved, facts };
  const mac = by === 'mac' ? value : hosts.locate({ by, value }, context, now)[0]?.mac;
  return mac === undefined ? undefined : metrics.hostForMac(mac);
}
