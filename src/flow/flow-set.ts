import { compile, type Program } from './compile.ts';
import { Decay } from './decay.ts';
import { sameDefinition } from './definition.ts';
import type { FlowDefinition } from './expression.ts';
import { type ClosedFlow, type EndedFlow, FlowState, type WindowBudget } from './flow-state.ts';
import { Interner } from './interner.ts';
import type { Lookups } from './lookups.ts';
import { SAMPLE_KIND, type SampleContext } from './sample.ts';
import type { TableMemory } from './table.ts';
import { type TopFlow, type TopQuery, topFlows } from './top.ts';
import type { FlowWatch } from './watch.ts';

export interface FlowSetOptions {
  /** Bytes for all tables together; each of N definitions may use 1/N of it. */
  readonly memoryBytes: number;
  /** Bytes of interned text before what no table holds is forgotten. */
  readonly textBytes?: number;
  /** Samples held in sliding windows, over all definitions. */
  readonly windowSamples?: number;
  /** Secret start of the tables' hash. */
  readonly seed: number;
  readonly lookups: Lookups;
  readonly isLive: (scope: number) => boolean;
  /** A record of the flow log was closed. */
  readonly onClosed: (flow: ClosedFlow) => void;
  /** A flow that IPFIX collectors are to hear of has ended. */
  readonly onEnded?: ((flow: EndedFlow) => void) | undefined;
  /** Memory for tables. */
  readonly memory?: TableMemory | undefined;
}

const TEXT_BYTES = 64 << 20;
const WINDOW_SAMPLES = 4_000_000;
/** A sweep of logs and windows (rest-api 6.5: about ten seconds). */
const SWEEP_MS = 10_000;

/** All flow definitions of a shard: one generated function updates their tables. */
export class FlowSet {
  readonly interner = new Interner();
  private readonly options: FlowSetOptions;
  private readonly states = new Map<string, FlowState>();
  private readonly decays = new Map<number, Decay>();
  private readonly watches = new Map<string, FlowWatch>();
  private readonly windowBudget: WindowBudget;
  private program: Program = () => undefined;
  private lastSweep = Number.NEGATIVE_INFINITY;
  /** Samples that were offered to the tables. */
  samples = 0;

  constructor(options: FlowSetOptions) {
    this.options = options;
    this.windowBudget = { held: 0, limit: options.windowSamples ?? WINDOW_SAMPLES, dropped: 0 };
  }

  /** Define or replace; an identical definition keeps its flows. */
  define(definition: FlowDefinition, now: number): void {
    const before = this.states.get(definition.name);
    if (before !== undefined) {
      if (sameDefinition(before.definition, definition)) return;
      before.close(now);
    }
    this.states.set(definition.name, this.open(definition, now));
    this.rebuild(now);
  }

  remove(name: string, now: number): void {
    const state = this.states.get(name);
    if (state === undefined) return;
    this.states.delete(name);
    state.close(now);
    this.rebuild(now);
  }

  /** Make the weights right for the time of the datagrams that follow. */
  advance(now: number): void {
    for (const decay of this.decays.values()) decay.advance(now);
  }

  /** Add one sample to every table it belongs to. `advance(now)` must have been called. */
  update(sample: SampleContext, now: number): void {
    this.samples++;
    if (sample.kind === SAMPLE_KIND.custom) {
      for (const state of this.states.values()) state.updateCustom(sample, now);
    } else this.program(sample, now);
  }

  /** Housekeeping, about once a second. */
  tick(now: number): void {
    this.advance(now);
    if (now - this.lastSweep < SWEEP_MS) return;
    this.lastSweep = now;
    for (const state of this.states.values()) state.sweep(now);
    if (this.interner.bytes > (this.options.textBytes ?? TEXT_BYTES)) this.forgetTexts(now);
  }

  /** Drop the entries of scopes that are gone. */
  reap(now: number): void {
    for (const state of this.states.values()) state.reap(now);
  }

  /** Watch the flows of a definition, or stop (undefined); survives a change of the definition. */
  watch(name: string, watch: FlowWatch | undefined, now: number): void {
    if (watch === undefined) this.watches.delete(name);
    else this.watches.set(name, watch);
    if (this.states.has(name)) this.rebuild(now);
  }

  state(name: string): FlowState | undefined {
    return this.states.get(name);
  }

  names(): string[] {
    return [...this.states.keys()];
  }

  /** undefined: no such definition. */
  top(name: string, query: TopQuery, now: number): TopFlow[] | undefined {
    const state = this.states.get(name);
    if (state === undefined) return undefined;
    this.advance(now);
    return topFlows(state, query, now);
  }

  /** Size of each definition's tables. */
  report(): { name: string; entries: number; bytes: number; limitBytes: number; dropped: number }[] {
    return [...this.states].map(([name, state]) => ({ name, ...state.report() }));
  }

  private open(definition: FlowDefinition, now: number): FlowState {
    const { options, interner, windowBudget } = this;
    let decay = this.decays.get(definition.t);
    if (decay === undefined) {
      decay = new Decay(definition.t, now);
      decay.advance(now);
      this.decays.set(definition.t, decay);
    }
    return new FlowState(definition, {
      interner,
      windowBudget,
      decay,
      lookups: options.lookups,
      seed: options.seed,
      limitBytes: options.memoryBytes,
      isLive: options.isLive,
      onClosed: options.onClosed,
      onEnded: options.onEnded,
      memory: options.memory,
    });
  }

  private rebuild(now: number): void {
    const states = [...this.states.values()];
    const share = Math.floor(this.options.memoryBytes / Math.max(1, states.length));
    for (const state of states) {
      state.setLimit(share, now);
      state.watch = this.watches.get(state.definition.name);
    }
    const used = new Set(states.map((state) => state.definition.t));
    for (const t of this.decays.keys()) if (!used.has(t)) this.decays.delete(t);
    this.program = compile(
      states.map((state) => state.unit),
      this.interner,
      this.options.lookups,
    );
  }

  /** Forget texts that no flow holds; when that is not enough, the smaller half of the flows with most text goes too. */
  private forgetTexts(now: number): void {
    const limit = this.options.textBytes ?? TEXT_BYTES;
    for (let round = 0; round < 8; round++) {
      this.interner.startSweep();
      for (const state of this.states.values()) state.markInterned();
      this.interner.finishSweep();
      if (this.interner.bytes <= limit / 2) return;
      for (const state of this.states.values()) state.halveInterned(now);
    }
  }
}
