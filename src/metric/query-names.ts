import { canonicalAddress } from '../common/index.ts';
import { elapsed, type QueryContext } from './query-context.ts';

/** Answer /metrics: every metric there is, with the ms since its latest update on any data source. */
export function metricNames({ store, flows, now }: QueryContext): Record<string, number> {
  const latest = new Map<string, number>();
  const note = (name: string, updated: number): void => {
    if (updated > (latest.get(name) ?? Number.NEGATIVE_INFINITY)) latest.set(name, updated);
  };
  for (const agent of store.agents())
    for (const source of agent.sources.values()) source.visit((name, { updated }) => note(name, updated));
  for (const name of flows.names())
    for (const { lastUpdate } of flows.values(name, () => true)) note(name, lastUpdate);
  return Object.fromEntries(Array.from(latest, ([name, updated]) => [name, elapsed(now, updated)]));
}

/** Answers of several stores as one: the shortest time of each name. */
export function mergeMetricNames(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const least = new Map<string, number>();
  for (const part of parts)
    for (const [name, ms] of Object.entries(part)) least.set(name, Math.min(ms, least.get(name) ?? ms));
  return Object.fromEntries(least);
}

/** Answer /metric/{agent}: all metrics of one agent by `<data source>.<metric>`. Empty for any other text than one known address. */
export function agentMetrics({ store, flows }: QueryContext, agent: string): Record<string, number | string> {
  const address = canonicalAddress(agent);
  const values = new Map<string, number | string>();
  for (const source of store.agent(address)?.sources.values() ?? [])
    source.visit((name, { value }) => {
      values.set(`${source.name}.${name}`, value);
    });
  for (const name of flows.names()) {
    for (const { dataSource, value } of flows.values(name, (candidate) => candidate === address)) {
      const key = `${dataSource}.${name}`;
      if (!values.has(key)) values.set(key, value);
    }
  }
  return Object.fromEntries(values);
}
