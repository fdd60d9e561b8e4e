import { unwatchFile, watchFile } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import type { Speaker } from '../speaker/index.ts';
import { type Found, type FoundScript, findScripts } from './find-scripts.ts';
import { createFront } from './front/create.ts';
import type { LogLevel } from './host.ts';
import type { ScriptRequest, ScriptResponse } from './http-exchange.ts';
import { type RunnerDependencies, type RunnerOptions, ScriptRunner } from './script-runner.ts';
import type { AppStatus, ScriptStatus, Scripts } from './scripts.ts';

export interface ScriptsDependencies {
  /** The engine without memory: what scripts define they define again at the next start. */
  readonly engine: Engine;
  /** undefined: no BGP. */
  readonly speaker?: Speaker | undefined;
  readonly log: {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  };
  readonly version: string;
  /** What /analyzer/json answers. */
  readonly analyzer: () => Promise<Readonly<Record<string, unknown>>>;
  /** Run a script anew when one of its files changes. */
  readonly watch?: boolean;
  /** Clock, epoch ms. */
  readonly now?: () => number;
  /** Folder of the applications that come with the program; beside it unless a test says otherwise. */
  readonly appsFolder?: string;
  /** Program of a script's thread; beside this one unless a test says otherwise. */
  readonly workerUrl?: URL;
}

/** From dist/, where the program is. */
const BUNDLED_APPS = fileURLToPath(new URL('../apps/', import.meta.url));

/** How often scripts are looked at, and watched files. */
const LOOK_MS = 1000;
const WATCH_MS = 250;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 300_000;
/** A script that has lived so long starts again with the first backoff. */
const SETTLED_MS = 60_000;

/** The scripts of `script.file` and of the applications below `app.dir`. */
export function createScripts(config: Config, deps: ScriptsDependencies): Scripts {
  return new Supervisor(config, deps);
}

/** A script through all its lives. */
interface Entry {
  readonly script: FoundScript;
  runner: ScriptRunner;
  started: number;
  backoffMs: number;
  restarts: number;
  restart: NodeJS.Timeout | undefined;
  readonly files: Set<string>;
}

class Supervisor implements Scripts {
  private readonly config: Config;
  private readonly deps: ScriptsDependencies;
  private readonly now: () => number;
  private readonly options: RunnerOptions;
  private readonly front: RunnerDependencies['front'];
  private readonly entries = new Map<string, Entry>();
  private found: Found = { scripts: [], apps: [], warnings: [] };
  private look: NodeJS.Timeout | undefined;
  private stopListening: (() => void)[] = [];

  constructor(config: Config, deps: ScriptsDependencies) {
    this.config = config;
    this.deps = deps;
    this.now = deps.now ?? Date.now;
    this.front = createFront({ ...deps, config });
    this.options = {
      storeFolder: config.string('script.store'),
      properties: Object.fromEntries(config.names().map((name) => [name, config.raw(name) ?? ''])),
      indent: config.integer('http.json.indent'),
      memoryBytes: config.integer('script.memory'),
      handlerLimitMs: config.number('script.timeout') * 1000,
      maxQueued: config.integer('script.queue'),
    };
  }

  async start(): Promise<void> {
    this.found = findScripts(this.config.list('script.file'), this.config.string('app.dir'), {
      folder: this.deps.appsFolder ?? BUNDLED_APPS,
      names: this.config.list('app.bundled'),
    });
    for (const warning of this.found.warnings) this.deps.log.warn(warning);
    for (const script of this.found.scripts) this.add(script);
    const { engine, speaker } = this.deps;
    this.stopListening = [
      engine.onEvent((event) => {
        for (const { runner } of this.entries.values()) runner.event(event);
      }),
      engine.onLoggedFlows((flows, skipped) => {
        for (const { runner } of this.entries.values()) runner.loggedFlows(flows, skipped);
      }),
    ];
    if (speaker !== undefined)
      this.stopListening.push(
        speaker.onNews((news) => {
          if (news.kind !== 'routes') this.entries.get(news.script)?.runner.news(news);
        }),
      );
    this.look = setInterval(() => {
      for (const { runner } of this.entries.values()) runner.watch();
    }, LOOK_MS);
    this.look.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.look);
    for (const stop of this.stopListening) stop();
    const entries = [...this.entries.values()];
    for (const entry of entries) {
      clearTimeout(entry.restart);
      for (const file of entry.files) unwatchFile(file);
    }
    await Promise.all(entries.map(({ runner }) => runner.stop()));
  }

  health(): { ok: boolean; reason?: string } {
    return healthOf([...this.entries.values()]);
  }

  scripts(): Record<string, ScriptStatus> {
    return Object.fromEntries(
      [...this.entries].map(([key, { runner, restarts }]) => [
        key,
        { ...runner.status(), ...(restarts === 0 ? {} : { restarts }) },
      ]),
    );
  }

  apps(): Record<string, AppStatus> {
    return Object.fromEntries(
      this.found.apps.map(({ name, scripts, pages }) => [
        name,
        { scripts, ...(pages === undefined ? {} : { entry: '/html/' }) },
      ]),
    );
  }

  appHealth(app: string): { ok: boolean; reason?: string } | undefined {
    const found = this.found.apps.find(({ name }) => name === app);
    return found && healthOf(found.scripts.flatMap((key) => this.entries.get(key) ?? []));
  }

  pagesOf(app: string): string | undefined {
    return this.found.apps.find(({ name }) => name === app)?.pages;
  }

  request(key: string, request: ScriptRequest): Promise<ScriptResponse> {
    return this.entries.get(key)?.runner.request(request) ?? Promise.resolve({ status: 503 });
  }

  private add(script: FoundScript): void {
    const files = new Set<string>();
    const entry: Entry = {
      script,
      started: this.now(),
      backoffMs: FIRST_BACKOFF_MS,
      restarts: 0,
      restart: undefined,
      files,
      runner: this.run(script, files),
    };
    this.entries.set(script.key, entry);
  }

  private run({ key, path, folder }: FoundScript, files: Set<string>): ScriptRunner {
    return new ScriptRunner({ key, path, folder }, this.options, {
      connect: () => this.deps.engine.connect(),
      front: this.front,
      log: (level, message) => this.log(level, message),
      workerUrl: this.deps.workerUrl ?? new URL('./script-worker.mjs', import.meta.url),
      now: this.now,
      onEnd: () => this.ended(key),
      onLoad: (file) => this.watchFile(key, file, files),
    });
  }

  /** A script that failed starts again, if it may, after a time that doubles from failure to failure. */
  private ended(key: string): void {
    this.deps.speaker?.call('forgetScript', key).catch(() => undefined); // one that has failed has forgotten it, too
    const entry = this.entries.get(key);
    if (entry === undefined || entry.runner.ok || !this.config.boolean('script.restart')) return;
    if (this.now() - entry.started >= SETTLED_MS) entry.backoffMs = FIRST_BACKOFF_MS;
    this.log('info', `${entry.script.path} starts again in ${entry.backoffMs / 1000} s`);
    entry.restart = setTimeout(() => this.renew(entry), entry.backoffMs);
    entry.restart.unref();
    entry.backoffMs = Math.min(2 * entry.backoffMs, LONGEST_BACKOFF_MS);
  }

  private renew(entry: Entry): void {
    entry.started = this.now();
    entry.restarts++;
    entry.runner = this.run(entry.script, entry.files);
  }

  private watchFile(key: string, file: string, files: Set<string>): void {
    if (this.deps.watch !== true || files.has(file)) return;
    files.add(file);
    watchFile(file, { interval: WATCH_MS, persistent: false }, () => void this.reload(key, file));
  }

  private async reload(key: string, file: string): Promise<void> {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    clearTimeout(entry.restart);
    this.log('info', `${file} has changed: ${entry.script.path} starts again`);
    await entry.runner.stop();
    entry.backoffMs = FIRST_BACKOFF_MS;
    this.renew(entry);
  }

  private log(level: LogLevel, message: string): void {
    const { log } = this.deps;
    if (level === 'fine') log.debug(message);
    else if (level === 'info') log.info(message);
    else if (level === 'warning') log.warn(message);
    else log.error(message);
  }
}

function healthOf(entries: readonly Entry[]): { ok: boolean; reason?: string } {
  const failed = entries.find(({ runner }) => !runner.ok);
  if (failed === undefined) return { ok: true };
  return { ok: false, reason: failed.runner.failure ?? `${failed.script.path} has failed` };
}
