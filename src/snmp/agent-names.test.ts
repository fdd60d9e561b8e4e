import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import type { AgentNames, Engine, UnnamedAgent } from '../engine/index.ts';
import { type AgentNamesSource, createAgentNames, mergeNames } from './agent-names.ts';
import type { Walk } from './walk-schedule.ts';

const AGENT = '192.0.2.1';
const WALKED = {
  hostName: 'asked',
  interfaces: { '1': { name: 'if1', alias: 'up', speed: 1e9 }, '2': { name: 'if2' } },
  wrongValues: 0,
};

let folder: string;
let unnamed: UnnamedAgent[];
let names: Map<string, AgentNames | undefined>;
let warnings: string[];
let parts: AgentNamesSource[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-names-'));
  unnamed = [{ agent: AGENT, host: true, interfaces: ['1'] }];
  names = new Map();
  warnings = [];
  parts = [];
});

afterEach(async () => {
  for (const part of parts) await part.stop();
  rmSync(folder, { recursive: true });
});

/** Names of agents in two parts of the engine's answer. */
const engine = {
  ask: async (_kind: string, { from }: { from: number }) =>
    from === 0 ? { agents: [], next: 1 } : { agents: unnamed, next: undefined },
  setAgentNames: async (agent: string, given: AgentNames | undefined) => void names.set(agent, given),
} as unknown as Engine;

async function start(walk: Walk, properties: Record<string, string> = {}): Promise<AgentNamesSource> {
  const config = createConfig({ 'snmp.ifname': 'yes', 'store.dir': folder, ...properties });
  const log = { info() {}, warn: (text: string) => void warnings.push(text), error() {} };
  const part = createAgentNames(config, { engine, log, lookMs: 5, walk });
  parts.push(part);
  await part.start();
  return part;
}

describe('createAgentNames', () => {
  it('asks agents without names, and tells the engine', async () => {
    const part = await start(async () => WALKED);
    await expect.poll(() => names.get(AGENT)?.hostName).toBe('asked');
    expect(part.report()).toMatchObject({
      enabled: true,
      walks: 1,
      failures: 0,
      agents: { [AGENT]: { state: 'named', sysName: 'asked', interfaces: 2, walks: 1 } },
    });
  });

  it('keeps what it was told, for the next run', async () => {
    const first = await start(async () => WALKED);
    await expect.poll(() => first.report().agents[AGENT]?.state).toBe('named');
    await first.stop();
    parts = [];
    names.clear();
    const second = await start(() => Promise.reject(new Error('not asked')));
    expect(names.get(AGENT)).toMatchObject({ hostName: 'asked', interfaces: WALKED.interfaces });
    expect(second.report()).toMatchObject({ walks: 0, agents: { [AGENT]: { state: 'named', walks: 0 } } });
  });

  it('says why an agent has no names', async () => {
    const part = await start(() => Promise.reject(new Error('no answer')));
    await expect.poll(() => part.report().agents[AGENT]?.error).toBe('no answer');
    expect(names.size).toBe(0);
  });

  it('asks nobody unless it is told to', async () => {
    const part = await start(async () => WALKED, { 'snmp.ifname': 'no' });
    expect(part.report()).toEqual({ enabled: false, walks: 0, failures: 0, agents: {} });
  });

  it('the file counts before what agents answer, name by name, and gives way when it changes', async () => {
    const path = join(folder, 'names.txt');
    writeFileSync(path, `${AGENT} mine\n${AGENT} 1 port1`);
    await start(async () => WALKED, { 'names.file': path });
    expect(names.get(AGENT)).toEqual({ hostName: 'mine', interfaces: { '1': { name: 'port1' } } });
    await expect
      .poll(() => names.get(AGENT))
      .toEqual({
        hostName: 'mine',
        interfaces: { '1': { name: 'port1', alias: 'up', speed: 1e9 }, '2': { name: 'if2' } },
      });
    writeFileSync(path, '# nothing');
    await expect.poll(() => names.get(AGENT)?.hostName, { timeout: 5000 }).toBe('asked');
  });
});

it('mergeNames: nothing known is nothing', () => {
  expect(mergeNames(undefined, undefined)).toBeUndefined();
});
