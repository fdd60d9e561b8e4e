import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { ROW } from './data-source-rows.ts';
import { Agent, Registry } from './registry.ts';

function makeRegistry(options: { maxAgents?: number; maxDataSources?: number } = {}) {
  const forgotten: string[] = [];
  const registry = new Registry(
    { maxAgents: options.maxAgents ?? 100, maxDataSources: options.maxDataSources ?? 10_000 },
    (agent) => forgotten.push(agent.address),
  );
  const agent = (word: number, subAgent = 0, now = 0): Agent | undefined =>
    registry.session(1, word, 0, 0, 0, subAgent, now)?.agent;
  return { registry, agent, forgotten };
}

describe('registry', () => {
  it('finds the same agent for each sub-agent, with a session of its own', () => {
    const { registry } = makeRegistry();
    const a = registry.session(1, 0x0a000001, 0, 0, 0, 0, 0);
    const b = registry.session(1, 0x0a000001, 0, 0, 0, 1, 0);
    expect(a).not.toBe(b);
    expect(a?.agent).toBe(b?.agent);
    expect(a?.agent.address).toBe('10.0.0.1');
    expect(registry.session(1, 0x0a000001, 0, 0, 0, 1, 5)).toBe(b);
  });

  it('tells IPv6 agents by all four words, and from IPv4 ones', () => {
    const { registry } = makeRegistry();
    const a = registry.session(2, 0x20010db8, 0, 0, 1, 0, 0)?.agent;
    const b = registry.session(2, 0x20010db8, 0, 1, 1, 0, 0)?.agent;
    const c = registry.session(1, 0x20010db8, 0, 0, 0, 0, 0)?.agent;
    expect(new Set([a, b, c]).size).toBe(3);
    expect(a?.address).toBe('2001:db8::1');
    expect(b?.address).toBe('2001:db8::1:0:1');
  });

  it('a flood of made-up agents replaces strangers, never established agents, and stays bounded', () => {
    const { registry, agent, forgotten } = makeRegistry({ maxAgents: 100 });
    const established = Array.from({ length: 50 }, (_, i) => agent(i + 1));
    for (const known of established) if (known !== undefined) known.datagrams = 10;
    for (let i = 0; i < 100_000; i++) agent(1_000_000 + i);
    expect(registry.agents.size).toBeLessThanOrEqual(100);
    for (const known of established) expect(registry.agents.get(known?.address ?? '')).toBe(known);
    expect(forgotten.length).toBe(100_000 - 50);
  });

  it('keeps nothing of agents that came and aged away', () => {
    const { registry, agent } = makeRegistry();
    const before = queryObjects(Agent, { format: 'count' });
    for (let i = 0; i < 1000; i++) {
      agent(i, 0, i * 1000);
      registry.expire(i * 1000, 10_000);
    }
    expect(registry.agents.size).toBe(10);
    expect(queryObjects(Agent, { format: 'count' }) - before).toBeLessThan(20);
  });

  it('refuses new agents when all are established, and counts', () => {
    const { registry, agent } = makeRegistry({ maxAgents: 10 });
    for (let i = 1; i <= 10; i++) {
      const known = agent(i);
      if (known !== undefined) known.datagrams = 3;
    }
    expect(agent(99)).toBeUndefined();
    expect(registry.agentsRefused).toBe(1);
  });

  it('data sources have a ceiling', () => {
    const { registry, agent } = makeRegistry({ maxDataSources: 2000 });
    const one = agent(1);
    if (one === undefined) throw new Error('no agent');
    for (let i = 0; i < 5000; i++) registry.dataSourceRow(one, 0, i, 0);
    expect(registry.dataSourceCount).toBeLessThanOrEqual(2000);
    expect(registry.dataSourcesRefused).toBeGreaterThanOrEqual(3000);
    expect(registry.dataSourceAt(registry.dataSourceRow(one, 0, 7, 0)).name).toBe('7');
  });

  it('a restart gives the agent and its data sources new scopes; the old ones are dead until reaped', () => {
    const { registry, agent } = makeRegistry();
    const one = agent(1);
    if (one === undefined) throw new Error('no agent');
    const source = registry.dataSourceAt(registry.dataSourceRow(one, 2, 1, 0));
    expect(source.name).toBe('2.1');
    const before = registry.scopeOf(source);
    expect(registry.isLive(before)).toBe(true);
    registry.restart(one);
    expect(registry.isLive(before)).toBe(false);
    expect(registry.owner(registry.scopeOf(source))).toBe(source);
    const retired = registry.retiredCount;
    expect(retired).toBe(2);
    registry.reaped();
    expect(registry.retiredCount).toBe(0);
  });

  it('expires silent data sources and agents after 600 s, and they may come back (3.5)', () => {
    const { registry, agent, forgotten } = makeRegistry();
    const one = agent(1);
    if (one === undefined) throw new Error('no agent');
    const source = registry.dataSourceAt(registry.dataSourceRow(one, 0, 1, 0));
    one.lastSeen = 500_000;
    registry.expire(600_001, 600_000);
    expect(registry.dataSourceCount).toBe(0);
    expect(forgotten).toEqual([]);
    registry.expire(1_100_001, 600_000);
    expect(forgotten).toEqual(['0.0.0.1']);
    expect(agent(1)).not.toBe(one);
    expect(registry.dataSourceAt(registry.dataSourceRow(agent(1) ?? one, 0, 1, 0))).not.toBe(source);
  });

  it('finds each data source in its row, however many come and go', () => {
    const { registry, agent } = makeRegistry({ maxDataSources: 100_000 });
    const agents = [1, 2, 3].map((word) => agent(word));
    const named = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      for (const one of agents) {
        if (one === undefined) continue;
        const row = registry.dataSourceRow(one, i % 2, i, (i % 3) * 1_000_000);
        registry.rows.words[row + ROW.pool] = i;
        if (i % 3 !== 0) named.set(`${one.address} ${registry.dataSourceAt(row).name}`, i);
      }
    }
    for (const one of agents) if (one !== undefined) one.lastSeen = 2_000_000;
    registry.expire(1_000_000 + 500_000, 600_000);
    expect(registry.dataSourceCount).toBe(6000);
    for (const one of agents) {
      for (const source of one?.dataSources ?? []) {
        expect(registry.dataSourceAt(source.row)).toBe(source);
        expect(registry.rows.words[source.row + ROW.pool]).toBe(named.get(`${one?.address} ${source.name}`));
        expect(registry.owner(registry.scopeOf(source))).toBe(source);
      }
    }
  });

  it('many agents come and go without losing any that is there', () => {
    const { registry, agent } = makeRegistry({ maxAgents: 5000 });
    for (let i = 1; i <= 3000; i++) agent(i, 0, i);
    for (let i = 1; i <= 3000; i++) {
      const known = registry.agents.get(`0.0.${i >> 8}.${i & 255}`);
      if (known !== undefined) known.lastSeen = i % 3 === 0 ? 0 : 1000;
    }
    registry.expire(600_000, 600_000);
    for (let i = 1; i <= 3000; i++) {
      expect(registry.agents.has(`0.0.${i >> 8}.${i & 255}`)).toBe(i % 3 !== 0);
    }
    expect(registry.agents.size).toBe(2000);
    for (let i = 1; i <= 3000; i++) expect(agent(i)?.words[0]).toBe(i);
  });
});
