import type { MetricQuestion } from '../../engine/index.ts';
import type { ScriptArea } from '../host.ts';
import { agentsOf, isAbsent, isObject, listOf, textOf } from './arguments.ts';

/** Section 6: metrics, agents, and the state of the server. */
export const metricFunctions: ScriptArea = (host) => ({
  version: () => host.call('version'),
  analyzer: () => host.call('analyzer'),
  /** Anything but an array is ignored. */
  agents: (addresses) =>
    host.ask('agents', { agents: Array.isArray(addresses) ? addresses.map(String) : [] }),
  metrics(agent) {
    if (isAbsent(agent)) return host.ask('metrics', undefined);
    return host.ask('agentMetrics', { agent: String(agent) });
  },
  metric(agents, names, filter) {
    const question = questionOf(agents, names, filter);
    return question === undefined ? null : host.ask('metric', question);
  },
  table(agents, names, filter) {
    const question = questionOf(agents, names, filter);
    return question === undefined ? null : host.ask('table', question);
  },
  dump(agents, names, filter) {
    const question = questionOf(agents, names, filter);
    return question === undefined ? null : host.ask('dump', question);
  },
  ifName(agent, ifIndex) {
    if (isAbsent(agent) || isAbsent(ifIndex)) return null;
    return host.ask('ifName', { agent: String(agent), ifIndex: String(ifIndex) });
  },
  hostForMAC: (mac) => host.ask('hostFor', { by: 'mac', value: textOf(mac) ?? '' }) ?? null,
  hostForIP: (address) => host.ask('hostFor', { by: 'ip', value: textOf(address) ?? '' }) ?? null,
  hostForIP6: (address) => host.ask('hostFor', { by: 'ip6', value: textOf(address) ?? '' }) ?? null,
});

function questionOf(agents: unknown, names: unknown, filter: unknown): MetricQuestion | undefined {
  const metrics = listOf(names);
  if (isAbsent(agents) || metrics === undefined) return undefined;
  return { agents: agentsOf(agents), metrics, filters: filtersOf(filter) };
}

/** Metric → patterns. A bare value instead of an array of patterns is ignored. */
function filtersOf(filter: unknown): Record<string, string[]> {
  if (!isObject(filter)) return {};
  const lists = Object.entries(filter).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  return Object.fromEntries(lists.map(([metric, patterns]) => [metric, patterns.map(String)]));
}
