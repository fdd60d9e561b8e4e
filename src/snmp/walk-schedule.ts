import type { UnnamedAgent } from '../engine/index.ts';
import type { WalkedNames } from './walk-agent.ts';

/** What is known of the walks of one agent. Times are epoch ms. */
export interface AgentWalks {
  readonly agent: string;
  /** The latest that came to its end. */
  names: WalkedNames | undefined;
  walked: number | undefined;
  walks: number;
  /** The latest walk failed: why, in words. */
  error: string | undefined;
  /** Consecutive ones that did. */
  failures: number;
  /** Interfaces that telemetry came from when it was asked last. */
  askedFor: ReadonlySet<string>;
  /** It has been without names at this many looks in a row; those without a name for a moment only are let be. */
  looks: number;
  /** Not before. */
  due: number;
  wanted: UnnamedAgent | undefined;
  state: 'waiting' | 'asked now' | 'named';
}

export interface ScheduleOptions {
  /** Time between two walks of an agent, ms. */
  readonly intervalMs: number;
  readonly parallelism: number;
}

/** Walk the agent. Rejects with an Error in words. */
export type Walk = (agent: string, interfaces: boolean) => Promise<WalkedNames>;

export interface ScheduleDependencies {
  readonly walk: Walk;
  /** Epoch ms. */
  readonly now: () => number;
  readonly onNames: (agent: AgentWalks) => void;
}

/** An agent that shows a new interface is asked again, but not sooner than this after the time before. */
const NEW_INTERFACE_MS = 60_000;
const FIRST_RETRY_MS = 5 * 60_000;
/** Looks in a row that an agent is without names before it is asked: its own may be on their way. */
const PATIENCE = 2;
/** Agents that are remembered. */
const MAX_AGENTS = 50_000;

/**
 * When which agent is asked: once an hour, or when telemetry comes from an interface that was not there before; later
 * and later when it does not answer; so many at a time.
 */
export class WalkSchedule {
  readonly agents = new Map<string, AgentWalks>();
  /** Walks of all agents together. */
  walks = 0;
  failures = 0;
  private readonly options: ScheduleOptions;
  private readonly deps: ScheduleDependencies;
  private running = 0;
  private stopped = false;

  constructor(options: ScheduleOptions, deps: ScheduleDependencies) {
    this.options = options;
    this.deps = deps;
  }

  /** What an earlier run found out. */
  restore(agent: string, names: WalkedNames, walked: number, askedFor: readonly string[]): void {
    const known = this.agentOf(agent);
    if (known === undefined) return;
    known.names = names;
    known.walked = walked;
    known.askedFor = new Set(askedFor);
    known.due = walked + this.options.intervalMs;
    known.state = 'named';
  }

  /** Look at all agents that are without names now: some of them become due. */
  look(unnamed: readonly UnnamedAgent[]): void {
    const seen = new Set<string>();
    for (const wanted of unnamed) {
      const known = this.agentOf(wanted.agent);
      if (known === undefined) continue;
      seen.add(wanted.agent);
      known.looks++;
      known.wanted = wanted;
      const isNew = wanted.interfaces.some((ifIndex) => !known.askedFor.has(ifIndex));
      if (isNew && known.walked !== undefined && known.failures === 0)
        known.due = Math.min(known.due, known.walked + NEW_INTERFACE_MS);
    }
    for (const known of this.agents.values()) {
      if (seen.has(known.agent)) continue;
      known.looks = 0;
      known.wanted = undefined;
    }
    this.startDue();
  }

  /** Walks under way come to their ends; no other begins. */
  stop(): void {
    this.stopped = true;
  }

  private agentOf(agent: string): AgentWalks | undefined {
    let known = this.agents.get(agent);
    if (known === undefined) {
      if (this.agents.size >= MAX_AGENTS && !this.forgetOne()) return undefined;
      known = {
        agent,
        names: undefined,
        walked: undefined,
        walks: 0,
        error: undefined,
        failures: 0,
        askedFor: new Set(),
        looks: 0,
        due: 0,
        wanted: undefined,
        state: 'waiting',
      };
      this.agents.set(agent, known);
    }
    return known;
  }

  /** The oldest of those that have no telemetry any more. */
  private forgetOne(): boolean {
    for (const { agent, wanted, state } of this.agents.values()) {
      if (wanted !== undefined || state === 'asked now') continue;
      return this.agents.delete(agent);
    }
    return false;
  }

  private startDue(): void {
    const now = this.deps.now();
    for (const known of this.agents.values()) {
      if (this.stopped || this.running >= this.options.parallelism) return;
      if (known.state === 'asked now' || known.wanted === undefined || known.looks < PATIENCE) continue;
      if (known.due <= now) void this.ask(known, known.wanted);
    }
  }

  private async ask(known: AgentWalks, { agent, interfaces }: UnnamedAgent): Promise<void> {
    this.running++;
    known.state = 'asked now';
    known.askedFor = new Set(interfaces);
    known.walks++;
    this.walks++;
    try {
      known.names = await this.deps.walk(agent, interfaces.length > 0);
      known.error = undefined;
      known.failures = 0;
      known.walked = this.deps.now();
      known.due = known.walked + this.options.intervalMs;
    } catch (error) {
      known.error = error instanceof Error ? error.message : String(error);
      this.failures++;
      const wait = Math.min(this.options.intervalMs, FIRST_RETRY_MS * 2 ** known.failures++);
      known.due = this.deps.now() + wait;
    }
    known.state = known.names === undefined ? 'waiting' : 'named';
    this.running--;
    if (this.stopped) return;
    if (known.failures === 0) this.deps.onNames(known);
    this.startDue();
  }
}
