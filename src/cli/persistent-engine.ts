import { isWeirError } from '../common/index.ts';
import type { Engine, Questions, ReceivePath } from '../engine/index.ts';
import type { DocumentStore } from '../store/index.ts';

export interface PersistentEngineDependencies {
  readonly log: { info(message: string): void; warn(message: string): void; error(message: string): void };
}

type Setter = (engine: Engine, name: string, content: unknown) => Promise<void>;

/** What is kept, in the order in which it is restored: later kinds speak of earlier ones. */
const SETTERS = {
  group: (engine, name, content) => engine.setGroup(name, content),
  map: (engine, name, content) => engine.setMap(name, content),
  topology: (engine, _name, content) => engine.setTopology(content),
  flow: (engine, name, content) => engine.setFlow(name, content),
  threshold: (engine, name, content) => engine.setThreshold(name, content),
  forwarding: (engine, name, content) => engine.setForwarding(name, content),
  tenant: (engine, name, content) => engine.setTenant(name, content),
} as const satisfies Readonly<Record<string, Setter>>;

type Kind = keyof typeof SETTERS;

/** The kinds of documents that a store for `persistentEngine` has. */
export const PERSISTENT_KINDS = Object.keys(SETTERS) as readonly Kind[];

/** There is one topology; its document needs a name nevertheless. */
const TOPOLOGY = 'topology';

/**
 * The engine, with a memory: what is defined through it is in the store before the definition resolves, and is defined
 * again at the next start. Starts and stops the store with the engine. Definitions made on the inner engine itself are
 * not kept: whoever makes those, as scripts do, makes them again.
 */
export function persistentEngine(
  engine: Engine,
  store: DocumentStore,
  deps: PersistentEngineDependencies,
): Engine {
  return new PersistentEngine(engine, store, deps);
}

class PersistentEngine implements Engine {
  private readonly engine: Engine;
  private readonly store: DocumentStore;
  private readonly deps: PersistentEngineDependencies;
  /** The last of the changes to each document that are under way. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** When documents were saved, in this or an earlier run, epoch ms: by kind and name. */
  private readonly saved = new Map<string, number>();

  constructor(engine: Engine, store: DocumentStore, deps: PersistentEngineDependencies) {
    this.engine = engine;
    this.store = store;
    this.deps = deps;
  }

  async start(): Promise<ReceivePath> {
    await this.store.start();
    try {
      const path = await this.engine.start();
      await this.restore();
      return path;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    try {
      await this.engine.stop();
    } finally {
      await this.store.stop();
    }
  }

  health(): { ok: boolean; reason?: string } {
    const engine = this.engine.health();
    return engine.ok ? this.store.health() : engine;
  }

  setBgpRoutes(...change: Parameters<Engine['setBgpRoutes']>): Promise<void> {
    return this.engine.setBgpRoutes(...change);
  }

  setBgpSource(...change: Parameters<Engine['setBgpSource']>): Promise<void> {
    return this.engine.setBgpSource(...change);
  }

  clearBgpSource(agent: string): Promise<void> {
    return this.engine.clearBgpSource(agent);
  }

  receivePath(): ReceivePath {
    return this.engine.receivePath();
  }

  ask<K extends keyof Questions>(
    kind: K,
    question: Questions[K]['question'],
  ): Promise<Questions[K]['answer']> {
    return this.engine.ask(kind, question);
  }

  setFlow(name: string, specification: unknown): Promise<void> {
    return this.define('flow', name, specification);
  }

  clearFlow(name: string): Promise<void> {
    return this.clear('flow', name, () => this.engine.clearFlow(name));
  }

  flows(): ReturnType<Engine['flows']> {
    return this.engine.flows();
  }

  setGroup(name: string, content: unknown): Promise<void> {
    return this.define('group', name, content);
  }

  clearGroup(name: string): Promise<void> {
    return this.clear('group', name, () => this.engine.clearGroup(name));
  }

  groups(): ReturnType<Engine['groups']> {
    return this.withTimes('group', this.engine.groups());
  }

  setMap(name: string, content: unknown): Promise<void> {
    return this.define('map', name, content);
  }

  clearMap(name: string): Promise<void> {
    return this.clear('map', name, () => this.engine.clearMap(name));
  }

  maps(): ReturnType<Engine['maps']> {
    return this.withTimes('map', this.engine.maps());
  }

  loggedFlows(question: Parameters<Engine['loggedFlows']>[0]): ReturnType<Engine['loggedFlows']> {
    return this.engine.loggedFlows(question);
  }

  setThreshold(name: string, specification: unknown): Promise<void> {
    return this.define('threshold', name, specification);
  }

  clearThreshold(name: string): Promise<void> {
    return this.clear('threshold', name, () => this.engine.clearThreshold(name));
  }

  thresholds(): ReturnType<Engine['thresholds']> {
    return this.engine.thresholds();
  }

  events(question: Parameters<Engine['events']>[0]): ReturnType<Engine['events']> {
    return this.engine.events(question);
  }

  onEvent(listener: Parameters<Engine['onEvent']>[0]): ReturnType<Engine['onEvent']> {
    return this.engine.onEvent(listener);
  }

  onLoggedFlows(listener: Parameters<Engine['onLoggedFlows']>[0]): ReturnType<Engine['onLoggedFlows']> {
    return this.engine.onLoggedFlows(listener);
  }

  connect(): ReturnType<Engine['connect']> {
    return this.engine.connect();
  }

  onEndedFlows(listener: Parameters<Engine['onEndedFlows']>[0]): ReturnType<Engine['onEndedFlows']> {
    return this.engine.onEndedFlows(listener);
  }

  setTopology(document: unknown): Promise<void> {
    if (isEmpty(document)) return this.clear('topology', TOPOLOGY, () => this.engine.setTopology(document));
    return this.define('topology', TOPOLOGY, document);
  }

  topology(): ReturnType<Engine['topology']> {
    return this.engine.topology();
  }

  /** Whoever finds names keeps them. */
  setAgentNames(...given: Parameters<Engine['setAgentNames']>): Promise<void> {
    return this.engine.setAgentNames(...given);
  }

  setForwarding(name: string, specification: unknown): Promise<void> {
    return this.define('forwarding', name, specification);
  }

  clearForwarding(name: string): Promise<void> {
    return this.clear('forwarding', name, () => this.engine.clearForwarding(name));
  }

  forwardings(): ReturnType<Engine['forwardings']> {
    return this.engine.forwardings();
  }

  setTenant(name: string, specification: unknown): Promise<void> {
    return this.define('tenant', name, specification);
  }

  clearTenant(name: string): Promise<void> {
    return this.clear('tenant', name, () => this.engine.clearTenant(name));
  }

  tenants(): ReturnType<Engine['tenants']> {
    return this.engine.tenants();
  }

  /** The engine first: what it refuses is not kept. An empty specification is accepted and stores nothing. */
  private define(kind: Kind, name: string, content: unknown): Promise<void> {
    return this.inOrder(kind, name, async () => {
      await SETTERS[kind](this.engine, name, content);
      if (!isEmpty(content)) this.saved.set(keyOf(kind, name), await this.store.put(kind, name, content));
    });
  }

  private clear(kind: Kind, name: string, clear: () => Promise<void>): Promise<void> {
    return this.inOrder(kind, name, async () => {
      await clear();
      await this.store.remove(kind, name);
      this.saved.delete(keyOf(kind, name));
    });
  }

  /** Changes of one document reach the engine and the store in the same order. */
  private inOrder(kind: Kind, name: string, change: () => Promise<void>): Promise<void> {
    const key = keyOf(kind, name);
    const before = this.underWay.get(key) ?? Promise.resolve();
    const own = before.then(change, change).finally(() => {
      if (this.underWay.get(key) === own) this.underWay.delete(key);
    });
    this.underWay.set(key, own);
    return own;
  }

  /** A definition that is refused now is set aside, and said: it does not keep the others from being restored. */
  private async restore(): Promise<void> {
    const counts: string[] = [];
    for (const kind of PERSISTENT_KINDS) {
      let count = 0;
      for await (const { name, saved, content } of this.store.documents(kind)) {
        if (!(await this.restoreOne(kind, name, content))) continue;
        this.saved.set(keyOf(kind, name), saved);
        count++;
      }
      if (count > 0) counts.push(`${kind} ${count}`);
    }
    if (counts.length > 0) this.deps.log.info(`restored from the store: ${counts.join(', ')}`);
  }

  private async restoreOne(kind: Kind, name: string, content: unknown): Promise<boolean> {
    try {
      await SETTERS[kind](this.engine, name, content);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isRefusal = isWeirError(error) && /_BAD(_|$)/.test(error.code);
      if (isRefusal) await this.store.setAside(kind, name, reason);
      else this.deps.log.error(`${kind} ${name} could not be restored, and stays in the store: ${reason}`);
      return false;
    }
  }

  /** The same time of update before and after a restart. */
  private withTimes(kind: Kind, contents: ReturnType<Engine['groups']>): ReturnType<Engine['groups']> {
    return Object.fromEntries(
      Object.entries(contents).map(([name, { content, updated }]) => [
        name,
        { content, updated: this.saved.get(keyOf(kind, name)) ?? updated },
      ]),
    );
  }
}

function keyOf(kind: Kind, name: string): string {
  return `${kind}/${name}`;
}

function isEmpty(content: unknown): boolean {
  return typeof content === 'object' && content !== null && Object.keys(content).length === 0;
}
