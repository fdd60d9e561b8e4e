import { canonicalAddress } from '../common/index.ts';
import type { SendCounts } from '../udp/sender.ts';
import type { AgentRecord, Questions, ReceiveCounters, UnnamedAgent } from './index.ts';
import type { Agent, SampleCounters } from './registry.ts';
import type { Shard } from './shard.ts';

/** What was received, and what went wrong on the way. */
export function receiveCounters(
  shard: Shard,
  kernelDrops: number,
  forwarding: Readonly<Record<string, SendCounts>>,
): ReceiveCounters {
  const { registry, received } = shard;
  const { refused } = shard.metrics;
  const refusedMetrics = refused.records + refused.customMetrics;
  return {
    ...received,
    agents: registry.agents.size,
    dataSources: registry.dataSourceCount,
    flowsGenerated: 0, // the front numbers the records
    kernelDrops,
    // The front knows how its lookups went.
    forwarding: Object.fromEntries(
      Object.entries(forwarding).map(([name, counts]) => [name, { ...counts, lookupsFailed: 0 }]),
    ),
    errors: {
      ...shard.faults.toObject(),
      ...shard.shortRecords.toObject('record too short '),
      ...(refusedMetrics > 0 ? { 'metrics beyond the limit': refusedMetrics } : {}),
    },
    unknown: { ...shard.unknownSamples.toObject('sample '), ...shard.unknownRecords.toObject('record ') },
    flowsDropped: Object.fromEntries(shard.flows.report().map(({ name, dropped }) => [name, dropped])),
    agentsRefused: registry.agentsRefused + registry.agentsEvicted,
    dataSourcesRefused: registry.dataSourcesRefused + refused.sources,
  };
}

/** /agents (rest-api 3.4), all or those whose address is named. */
export function agents(shard: Shard, addresses: readonly string[], now: number): Record<string, AgentRecord> {
  const all = shard.registry.agents;
  const chosen =
    addresses.length === 0
      ? [...all.values()]
      : addresses.flatMap((address) => all.get(canonicalAddress(address)) ?? []);
  return Object.fromEntries(chosen.map((agent) => [agent.address, agentRecord(agent, now)]));
}

function agentRecord(agent: Agent, now: number): AgentRecord {
  return {
    sFlowDatagramSource: [...agent.sources],
    firstSeen: now - agent.firstSeen,
    lastSeen: now - agent.lastSeen,
    uptime: agent.uptime,
    sFlowDatagramsReceived: agent.datagrams,
    sFlowDatagramsLost: agent.datagramsLost,
    sFlowDatagramsDuplicates: agent.duplicates,
    sFlowDatagramsOutOfOrder: agent.outOfOrder,
    ...sampleCounters('sFlowFlow', agent.flow, true),
    ...sampleCounters('sFlowCounter', agent.counter, false),
    ...sampleCounters('sFlowNotification', agent.discard, true),
  };
}

function sampleCounters(
  prefix: string,
  counters: SampleCounters,
  withDrops: boolean,
): Record<string, number> {
  return {
    [`${prefix}Datasources`]: counters.dataSources,
    [`${prefix}Samples`]: counters.samples,
    [`${prefix}DuplicateSamples`]: counters.duplicates,
    [`${prefix}OutOfOrderSamples`]: counters.outOfOrder,
    [`${prefix}LostSamples`]: counters.lost,
    ...(withDrops ? { [`${prefix}Drops`]: counters.drops } : {}),
  };
}

/** Data sources that are looked at for one answer: about a millisecond of the shard's time. */
const LOOK_AT = 5000;

/** One part of the answer to `unnamed`. */
export function unnamedAgents(shard: Shard, from: number): Questions['unnamed']['answer'] {
  const { registry, metrics } = shard;
  const found: UnnamedAgent[] = [];
  let place = 0;
  let looked = 0;
  for (const { address, dataSources } of registry.agents.values()) {
    if (place++ < from) continue;
    if (looked >= LOOK_AT) return { agents: found, next: place - 1 };
    looked += 1 + dataSources.length;
    const host = !metrics.isSent(address, 'host_name');
    const interfaces = dataSources.flatMap(({ sourceClass, name }) =>
      sourceClass === 0 && !metrics.isSent(address, 'ifname', name) ? [name] : [],
    );
    if (host || interfaces.length > 0) found.push({ agent: address, host, interfaces });
  }
  return { agents: found, next: undefined };
}
