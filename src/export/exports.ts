import { WeirError } from '../common/index.ts';
import type { Engine } from '../engine/index.ts';
import { type ExportDefinition, parseExport } from './definition.ts';
import { Pipeline, type PipelineStatus } from './pipeline.ts';
import { type Source, startSource } from './sources.ts';

/** An export as REST shows it. */
export interface ExportReport {
  readonly definition: Readonly<Record<string, unknown>>;
  readonly status: ExportStatus;
}

export interface ExportStatus extends PipelineStatus {
  /** `failing`: the last attempt to deliver something did not succeed. */
  state: 'off' | 'on' | 'failing';
  roundsCut: number;
  skipped: number;
}

/** Where exports are kept over a restart. */
export interface ExportStore {
  documents(kind: 'export'): AsyncIterable<{ name: string; content: unknown }>;
  put(kind: 'export', name: string, content: unknown): Promise<number>;
  remove(kind: 'export', name: string): Promise<void>;
  setAside(kind: 'export', name: string, reason: string): Promise<void>;
}

export interface ExportsDependencies {
  readonly engine: Engine;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** undefined: they are forgotten at the end. It must have been started. */
  readonly store?: ExportStore | undefined;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Sends events, flows and metrics to other systems, as definitions ask for. */
export interface Exports {
  /** Restores what is in the store. */
  start(): Promise<void>;
  /** Tries for a moment to deliver what is waiting. */
  stop(): Promise<void>;
  /** Ill while an export cannot deliver. */
  health(): { ok: boolean; reason?: string };
  /** Define or replace. Throws WeirError `EXPORT_BAD…` that says what is wrong, and what the store throws. */
  set(name: string, specification: unknown): Promise<void>;
  /** Remove, if there is one. */
  clear(name: string): Promise<void>;
  get(name: string): ExportReport | undefined;
  all(): Readonly<Record<string, ExportReport>>;
}

const MAX_EXPORTS = 100;

/** Kind of their documents in a store. */
export const EXPORT_KIND = 'export';

export function createExports(deps: ExportsDependencies): Exports {
  return new RunningExports(deps);
}

interface Running {
  readonly definition: ExportDefinition;
  readonly pipeline: Pipeline;
  /** undefined: it is off. */
  readonly source: Source | undefined;
}

class RunningExports implements Exports {
  private readonly deps: ExportsDependencies;
  private readonly running = new Map<string, Running>();
  /** Changes happen one after the other. */
  private change: Promise<unknown> = Promise.resolve();

  constructor(deps: ExportsDependencies) {
    this.deps = deps;
  }

  async start(): Promise<void> {
    const { store, log } = this.deps;
    if (store === undefined) return;
    let count = 0;
    for await (const { name, content } of store.documents(EXPORT_KIND)) {
      try {
        this.begin(name, parseExport(name, content));
        count++;
      } catch (error) {
        await store.setAside(EXPORT_KIND, name, error instanceof Error ? error.message : String(error));
      }
    }
    if (count > 0) log.info(`restored from the store: export ${count}`);
  }

  async stop(): Promise<void> {
    await this.change.catch(() => undefined);
    await Promise.all([...this.running.keys()].map((name) => this.end(name)));
  }

  health(): { ok: boolean; reason?: string } {
    for (const [name, { pipeline }] of this.running)
      if (pipeline.failing)
        return { ok: false, reason: `export ${name} does not deliver: ${pipeline.status().lastError}` };
    return { ok: true };
  }

  async set(name: string, specification: unknown): Promise<void> {
    const definition = parseExport(name, specification);
    if (!this.running.has(name) && this.running.size >= MAX_EXPORTS)
      throw new WeirError('EXPORT_BAD', `there are ${MAX_EXPORTS} exports already`);
    await this.inOrder(async () => {
      await this.end(name);
      this.begin(name, definition);
      await this.deps.store?.put(EXPORT_KIND, name, specification);
    });
  }

  async clear(name: string): Promise<void> {
    if (!this.running.has(name)) return;
    await this.inOrder(async () => {
      await this.end(name);
      await this.deps.store?.remove(EXPORT_KIND, name);
    });
  }

  get(name: string): ExportReport | undefined {
    const found = this.running.get(name);
    return found && report(found);
  }

  all(): Record<string, ExportReport> {
    return Object.fromEntries([...this.running].map(([name, found]) => [name, report(found)]));
  }

  private begin(name: string, definition: ExportDefinition): void {
    const { engine, log, now = Date.now, random = Math.random } = this.deps;
    const sink = definition.createSink();
    const pipeline = new Pipeline(definition.pipeline, { sink, log, name, now, random });
    if (definition.enabled) pipeline.start();
    const source = definition.enabled
      ? startSource(definition.source, {
          ...{ engine, now, log, name },
          offer: (message) => pipeline.offer(message),
          fill: () => pipeline.fill,
          failing: () => pipeline.failing,
        })
      : undefined;
    this.running.set(name, { definition, pipeline, source });
  }

  private async end(name: string): Promise<void> {
    const found = this.running.get(name);
    this.running.delete(name);
    found?.source?.stop();
    await found?.pipeline.stop();
  }

  private inOrder(change: () => Promise<void>): Promise<void> {
    const own = this.change.then(change, change);
    this.change = own;
    return own;
  }
}

function report({ definition, pipeline, source }: Running): ExportReport {
  const state = !definition.enabled ? 'off' : pipeline.failing ? 'failing' : 'on';
  const { roundsCut, skipped } = source?.counters ?? { roundsCut: 0, skipped: 0 };
  return { definition: definition.echo, status: { state, ...pipeline.status(), roundsCut, skipped } };
}
