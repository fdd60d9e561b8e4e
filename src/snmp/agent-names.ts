import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { AgentNames, Engine, UnnamedAgent } from '../engine/index.ts';
import { createDocumentStore, type DocumentStore } from '../store/index.ts';
import { createNamesFile, type NamesByAgent, type NamesFile } from './names-file.ts';
import { readSnmpSettings, type SnmpSettings } from './snmp-settings.ts';
import type { WalkedNames } from './walk-agent.ts';
import { type AgentWalks, type Walk, WalkSchedule } from './walk-schedule.ts';

export interface AgentNamesDependencies {
  readonly engine: Pick<Engine, 'ask' | 'setAgentNames'>;
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
  /** Epoch ms. */
  readonly now?: () => number;
  /** How often agents are looked at, ms. */
  readonly lookMs?: number;
  /** How an agent is asked, where that is not by SNMP. */
  readonly walk?: Walk;
}

/** What /v1/snmp shows. */
export interface SnmpReport {
  /** Property `snmp.ifname`. */
  enabled: boolean;
  walks: number;
  failures: number;
  /** Agents that were asked, or are to be. */
  agents: Record<string, SnmpAgentReport>;
}

export interface SnmpAgentReport {
  state: 'waiting' | 'asked now' | 'named';
  sysName?: string;
  /** Interfaces that it has told of. */
  interfaces: number;
  /** Values that were no names: passed over. */
  wrongValues: number;
  walks: number;
  /** ms since the last walk that came to its end. */
  lastWalk?: number;
  /** Why the last walk failed, in words. */
  error?: string;
  /** ms until it is asked again, when it is. */
  nextWalk: number;
}

/** Names for agents that send none: from the user's file (property `names.file`), and by SNMP (`snmp.ifname`). */
export interface AgentNamesSource {
  /** Throws WeirError SNMP_BAD_SETTING, NAMES_BAD_FILE. Call it once the engine runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
  report(): SnmpReport;
}

const LOOK_MS = 5000;
/** An agent that takes longer for all its interfaces is given up. */
const WALK_MS = 120_000;
const KIND = 'names';

export function createAgentNames(config: Config, deps: AgentNamesDependencies): AgentNamesSource {
  const settings = config.boolean('snmp.ifname') ? readSnmpSettings(config) : undefined;
  return new AgentNamesPart(config, settings, deps);
}

class AgentNamesPart implements AgentNamesSource {
  private readonly settings: SnmpSettings | undefined;
  private readonly deps: AgentNamesDependencies;
  private readonly now: () => number;
  private readonly file: NamesFile | undefined;
  private readonly store: DocumentStore | undefined;
  private readonly schedule: WalkSchedule;
  private fromFile: NamesByAgent = new Map();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private readonly underWay = new Set<() => void>();

  constructor(config: Config, settings: SnmpSettings | undefined, deps: AgentNamesDependencies) {
    const { log } = deps;
    this.settings = settings;
    this.deps = deps;
    this.now = deps.now ?? Date.now;
    const path = config.string('names.file');
    if (path !== '') this.file = createNamesFile(path, { use: (names) => this.useFile(names), log });
    if (settings !== undefined && config.boolean('store.persist'))
      this.store = createDocumentStore(
        { folder: join(config.string('store.dir'), 'snmp'), kinds: [KIND] },
        { log },
      );
    this.schedule = new WalkSchedule(
      {
        intervalMs: config.integer('snmp.interval') * 1000,
        parallelism: config.integer('snmp.parallelism'),
      },
      {
        walk: deps.walk ?? ((agent, interfaces) => this.walk(agent, interfaces)),
        now: this.now,
        onNames: (walks) => this.found(walks),
      },
    );
  }

  async start(): Promise<void> {
    await this.file?.start();
    if (this.settings === undefined) return;
    await this.store?.start();
    await this.restore();
    this.timer = setInterval(() => void this.look(), this.deps.lookMs ?? LOOK_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.schedule.stop();
    this.file?.stop();
    for (const end of this.underWay) end();
    await this.store?.stop();
  }

  report(): SnmpReport {
    const { walks, failures, agents } = this.schedule;
    const now = this.now();
    return {
      enabled: this.settings !== undefined,
      walks,
      failures,
      agents: Object.fromEntries([...agents.values()].map((known) => [known.agent, agentReport(known, now)])),
    };
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const unnamed: UnnamedAgent[] = [];
      for (let from: number | undefined = 0; from !== undefined; ) {
        const part: { agents: UnnamedAgent[]; next: number | undefined } = await this.deps.engine.ask(
          'unnamed',
          { from },
        );
        unnamed.push(...part.agents);
        from = part.next;
      }
      this.schedule.look(unnamed);
    } catch {
      // An engine that does not answer says so itself.
    }
    this.looking = false;
  }

  private async walk(agent: string, interfaces: boolean): Promise<WalkedNames> {
    const settings = this.settings;
    if (settings === undefined) throw new Error('SNMP is off');
    // Loaded by those who ask.
    const [{ openSnmpSession }, { walkAgent }] = await Promise.all([
      import('./snmp-session.ts'),
      import('./walk-agent.ts'),
    ]);
    const session = openSnmpSession(agent, settings);
    let fail: (error: Error) => void = () => undefined;
    const cutShort = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const timer = setTimeout(() => fail(new Error(`not through after ${WALK_MS / 1000} seconds`)), WALK_MS);
    const end = () => fail(new Error('Weir ends'));
    this.underWay.add(end);
    try {
      return await Promise.race([walkAgent(session, interfaces), cutShort]);
    } finally {
      this.underWay.delete(end);
      clearTimeout(timer);
      session.close();
    }
  }

  private found(walks: AgentWalks): void {
    const { agent, names, walked, askedFor } = walks;
    void this.show(agent);
    this.store?.put(KIND, agent, { names, walked, askedFor: [...askedFor] }).catch((error) => {
      this.deps.log.warn(`names of ${agent} are not kept: ${error instanceof Error ? error.message : error}`);
    });
  }

  private useFile(names: NamesByAgent): void {
    const before = this.fromFile;
    this.fromFile = names;
    for (const agent of new Set([...before.keys(), ...names.keys()])) void this.show(agent);
  }

  /** Tell the engine what is known of an agent. */
  private async show(agent: string): Promise<void> {
    const names = mergeNames(this.fromFile.get(agent), this.schedule.agents.get(agent)?.names);
    try {
      await this.deps.engine.setAgentNames(agent, names);
    } catch (error) {
      this.deps.log.warn(
        `names of ${agent} are not in use: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  private async restore(): Promise<void> {
    if (this.store === undefined) return;
    for await (const { name, content } of this.store.documents(KIND)) {
      const { names, walked, askedFor } = content as Kept;
      if (typeof walked !== 'number' || typeof names?.interfaces !== 'object' || !Array.isArray(askedFor)) {
        await this.store.setAside(KIND, name, 'it is of another version');
        continue;
      }
      this.schedule.restore(name, names, walked, askedFor);
      await this.show(name);
    }
  }
}

/** As it is kept in the store. */
interface Kept {
  readonly names: WalkedNames | undefined;
  readonly walked: number | undefined;
  readonly askedFor: readonly string[];
}

/** What the file says counts before what the agent answered, name by name. */
export function mergeNames(
  file: AgentNames | undefined,
  walked: Pick<WalkedNames, 'hostName' | 'interfaces'> | undefined,
): AgentNames | undefined {
  if (file === undefined || walked === undefined)
    return file ?? (walked && { hostName: walked.hostName, interfaces: walked.interfaces });
  const interfaces = { ...walked.interfaces };
  for (const [ifIndex, names] of Object.entries(file.interfaces))
    interfaces[ifIndex] = { ...interfaces[ifIndex], ...names };
  return { hostName: file.hostName ?? walked.hostName, interfaces };
}

function agentReport(known: AgentWalks, now: number): SnmpAgentReport {
  const { names, walked, error, walks, due, state } = known;
  return {
    state,
    ...(names?.hostName !== undefined && { sysName: names.hostName }),
    interfaces: names === undefined ? 0 : Object.keys(names.interfaces).length,
    wrongValues: names?.wrongValues ?? 0,
    walks,
    ...(walked !== undefined && { lastWalk: Math.max(0, now - walked) }),
    ...(error !== undefined && { error }),
    nextWalk: Math.max(0, due - now),
  };
}
