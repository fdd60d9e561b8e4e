import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { WeirError } from '../common/index.ts';
import type { Config } from '../config/index.ts';
import { parseThreshold, type Threshold } from '../event/index.ts';
import { type FlowDefinition, parseDefinition, sameDefinition } from '../flow/index.ts';
import { createGroup, createMap, type GeoFile } from '../lookup/index.ts';
import type { SharedRoutes } from '../rib/index.ts';
import { CurrentTopology, NO_FACTS } from '../topology/index.ts';
import { type Bell, openBell } from './bell.ts';
import type { BgpSource } from './bgp-routes.ts';
import { clockOrigin } from './clock.ts';
import { DestinationBook } from './destination-book.ts';
import { echoForwarding, type Forwarding, parseForwarding } from './forwarding.ts';
import { GeoFiles } from './geo-files.ts';
import type {
  AgentNames,
  EndedFlows,
  Engine,
  EngineLink,
  LoggedFlow,
  Questions,
  ReceivePath,
  ThresholdEvent,
} from './index.ts';
import { LossLog } from './loss-log.ts';
import { NameResolver, validServers } from './name-resolver.ts';
import type { Parcel } from './outbox.ts';
import {
  type Change,
  type FromShard,
  type QuestionKind,
  type ShardClient,
  type ShardData,
  SIGNAL,
  type ToShard,
  type UnnumberedFlow,
} from './protocol.ts';
import { RecordLog } from './record-log.ts';
import { echoTenant, parseTenant, type Tenant } from './tenant.ts';
import type { Crossing } from './threshold-monitor.ts';

/** The part of a logger the engine uses. */
export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface EngineDependencies {
  readonly log: EngineLog;
  /** The shard's program; beside this one unless a test says otherwise. */
  readonly workerUrl?: URL;
}

/** How long a shard may take to answer before the question fails. */
const ANSWER_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 1000;
/** How often losses are looked for. */
const LOSS_LOOK_MS = 5000;

/** The engine: a shard in a thread of its own, definitions, and the flow log. */
export function createEngine(config: Config, deps: EngineDependencies): Engine {
  return new EngineFront(config, deps);
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Content {
  content: unknown;
  updated: number;
}

class EngineFront implements Engine {
  private readonly config: Config;
  private readonly deps: EngineDependencies;
  private readonly definitions = new Map<string, FlowDefinition>();
  private readonly groupContents = new Map<string, Content>();
  private readonly mapContents = new Map<string, Content>();
  private readonly thresholdDefinitions = new Map<string, Threshold>();
  private readonly topologyDocument = new CurrentTopology(NO_FACTS);
  private readonly log: RecordLog<LoggedFlow>;
  private readonly eventLog: RecordLog<ThresholdEvent>;
  private readonly eventListeners = new Set<(event: ThresholdEvent) => void>();
  private readonly flowListeners = new Set<(flows: readonly LoggedFlow[], skipped: number) => void>();
  private readonly endedListeners = new Set<(flows: EndedFlows) => void>();
  private readonly forwardingBook: DestinationBook<Forwarding>;
  private readonly tenantBook: DestinationBook<Tenant>;
  private readonly geo: GeoFiles;
  private readonly names: NameResolver | undefined;
  private readonly pending = new Map<number, Pending>();
  private worker: Worker | undefined;
  private port: MessagePort | undefined;
  private waker: Socket | undefined;
  private readonly waiting = new Int32Array(new SharedArrayBuffer(4));
  /** Rung by other threads. */
  private bell: Bell | undefined;
  private path: ReceivePath = { kind: 'none', address: '', port: 0, bufferAsked: 0, bufferGranted: 0 };
  private lossTimer: NodeJS.Timeout | undefined;
  private nextId = 1;
  private failure: string | undefined;
  private stopped: (() => void) | undefined;

  constructor(config: Config, deps: EngineDependencies) {
    this.config = config;
    this.deps = deps;
    this.log = new RecordLog(config.integer('flows.max'));
    this.eventLog = new RecordLog(config.integer('events.max'));
    const book = { socket: () => this.path, warn: (message: string) => deps.log.warn(message) };
    this.forwardingBook = new DestinationBook({
      ...book,
      code: 'FORWARDING_BAD',
      apply: (name, content) => this.change({ what: 'forwarding', name, content }),
    });
    this.tenantBook = new DestinationBook({
      ...book,
      code: 'TENANT_BAD',
      apply: (name, content) => this.change({ what: 'tenant', name, content }),
    });
    this.geo = new GeoFiles(this.geoPaths(), {
      use: (name, content) => this.change({ what: 'geo', name, content }),
      log: deps.log,
    });
    this.names = this.nameResolver();
  }

  async start(): Promise<ReceivePath> {
    const waker = await boundSocket(this.config.string('sflow.hostname'));
    this.waker = waker;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const data = this.shardData(waker.address().port);
    const url = this.deps.workerUrl ?? new URL('./shard-worker.mjs', import.meta.url);
    const worker = new Worker(url, { workerData: { data, port: port2 }, transferList: [port2] });
    this.worker = worker;
    worker.unref();
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      port1.on('message', (message: FromShard) => {
        if (message.kind === 'ready') {
          const { info, reason } = message;
          this.path = { ...info, ...(reason === undefined ? {} : { reason }) };
          resolve();
        } else if (message.kind === 'failed') {
          const error = new WeirError(message.code, message.message);
          if (this.path.kind === 'none') reject(error);
          else this.fail(error);
        } else this.heard(message);
      });
    }).catch(async (error) => {
      await this.close();
      throw error;
    });
    worker.removeAllListeners('error');
    worker.on('error', (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => {
      if (this.worker !== undefined) this.fail(new Error('the receiving thread ended'));
    });
    this.watchLosses();
    await this.geo.start().catch(async (error) => {
      await this.close();
      throw error;
    });
    return this.path;
  }

  /** Have losses and errors told in the log. */
  private watchLosses(): void {
    const losses = new LossLog((message) => this.deps.log.warn(message));
    this.lossTimer = setInterval(() => {
      this.ask('receive', undefined).then(
        (counters) => losses.look(counters, Date.now()),
        () => undefined, // that the engine does not answer is told elsewhere
      );
    }, LOSS_LOOK_MS);
    this.lossTimer.unref();
  }

  async stop(): Promise<void> {
    if (this.worker === undefined) return;
    this.log.close();
    this.eventLog.close();
    if (this.failure === undefined) await this.stopShard();
    await this.close();
  }

  health(): { ok: boolean; reason?: string } {
    return this.failure === undefined ? { ok: true } : { ok: false, reason: this.failure };
  }

  receivePath(): ReceivePath {
    return this.path;
  }

  async ask<K extends QuestionKind>(
    what: K,
    question: Questions[K]['question'],
  ): Promise<Questions[K]['answer']> {
    const answer = (await this.request((id) => ({
      kind: 'ask',
      id,
      what,
      question,
    }))) as Questions[K]['answer'];
    if (what === 'receive') this.completeReceive(answer as Questions['receive']['answer']);
    if (what === 'tenants') {
      const samples = answer as Questions['tenants']['answer'];
      for (const { name } of this.tenantBook.all()) samples[name] ??= 0;
    }
    return answer;
  }

  /** Add what only this side knows. */
  private completeReceive(counters: Questions['receive']['answer']): void {
    counters.flowsGenerated = this.log.total;
    for (const { name } of this.forwardingBook.all()) {
      const lookupsFailed = this.forwardingBook.attempts(name);
      counters.forwarding[name] = { ...(counters.forwarding[name] ?? { sent: 0, failed: 0 }), lookupsFailed };
    }
  }

  async setFlow(name: string, specification: unknown): Promise<void> {
    const definition = parseDefinition(name, specification);
    if (definition === undefined) return;
    const before = this.definitions.get(name);
    if (before !== undefined && sameDefinition(before, definition)) return;
    this.definitions.set(name, definition);
    await this.change({ what: 'flow', name, content: specification });
  }

  async clearFlow(name: string): Promise<void> {
    if (this.definitions.delete(name)) await this.change({ what: 'flow', name, content: undefined });
  }

  flows(): Record<string, Readonly<Record<string, unknown>>> {
    return Object.fromEntries([...this.definitions].map(([name, definition]) => [name, definition.echo]));
  }

  async setGroup(name: string, content: unknown): Promise<void> {
    createGroup(content);
    this.groupContents.set(name, { content, updated: Date.now() });
    await this.change({ what: 'group', name, content });
  }

  async clearGroup(name: string): Promise<void> {
    if (this.groupContents.delete(name)) await this.change({ what: 'group', name, content: undefined });
  }

  groups(): Record<string, Content> {
    return Object.fromEntries(this.groupContents);
  }

  async setMap(name: string, content: unknown): Promise<void> {
    createMap(content);
    this.mapContents.set(name, { content, updated: Date.now() });
    await this.change({ what: 'map', name, content });
  }

  async clearMap(name: string): Promise<void> {
    if (this.mapContents.delete(name)) await this.change({ what: 'map', name, content: undefined });
  }

  maps(): Record<string, Content> {
    return Object.fromEntries(this.mapContents);
  }

  loggedFlows(question: Parameters<Engine['loggedFlows']>[0]): ReturnType<Engine['loggedFlows']> {
    const { names, flowID, maxFlows, timeoutMs, signal } = question;
    const matches = (flow: LoggedFlow): boolean => names.length === 0 || names.includes(flow.name);
    return this.log.query({ matches, after: flowID, limit: maxFlows, timeoutMs, signal });
  }

  async setThreshold(name: string, specification: unknown): Promise<void> {
    const threshold = parseThreshold(name, specification);
    if (threshold === undefined) return;
    this.thresholdDefinitions.set(name, threshold);
    await this.change({ what: 'threshold', name, content: specification });
  }

  async clearThreshold(name: string): Promise<void> {
    if (this.thresholdDefinitions.delete(name))
      await this.change({ what: 'threshold', name, content: undefined });
  }

  thresholds(): Record<string, Readonly<Record<string, unknown>>> {
    return Object.fromEntries([...this.thresholdDefinitions].map(([name, { echo }]) => [name, echo]));
  }

  async setTopology(document: unknown): Promise<void> {
    const changed = this.topologyDocument.set(document);
    if (changed) await this.change({ what: 'topology', name: '', content: document });
  }

  topology(): Readonly<Record<string, unknown>> {
    return { ...this.topologyDocument.echo() };
  }

  events(question: Parameters<Engine['events']>[0]): ReturnType<Engine['events']> {
    const { thresholds, eventID, maxEvents, timeoutMs, signal } = question;
    const matches = ({ thresholdID }: ThresholdEvent): boolean =>
      thresholds.length === 0 || thresholds.includes(thresholdID);
    return this.eventLog.query({ matches, after: eventID, limit: maxEvents, timeoutMs, signal });
  }

  onEvent(listener: (event: ThresholdEvent) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  async setAgentNames(agent: string, names: AgentNames | undefined): Promise<void> {
    await this.change({ what: 'agentNames', name: agent, content: names });
  }

  async setForwarding(name: string, specification: unknown): Promise<void> {
    await this.forwardingBook.set(name, parseForwarding(name, specification));
  }

  clearForwarding(name: string): Promise<void> {
    return this.forwardingBook.clear(name);
  }

  forwardings(): Record<string, Readonly<Record<string, unknown>>> {
    return Object.fromEntries(
      this.forwardingBook.all().map(({ name, content, address }) => [name, echoForwarding(content, address)]),
    );
  }

  async setTenant(name: string, specification: unknown): Promise<void> {
    await this.tenantBook.set(name, parseTenant(name, specification));
  }

  clearTenant(name: string): Promise<void> {
    return this.tenantBook.clear(name);
  }

  tenants(): Record<string, Readonly<Record<string, unknown>>> {
    return Object.fromEntries(
      this.tenantBook.all().map(({ name, content, address }) => [name, echoTenant(content, address)]),
    );
  }

  onLoggedFlows(listener: (flows: readonly LoggedFlow[], skipped: number) => void): () => void {
    this.flowListeners.add(listener);
    return () => this.flowListeners.delete(listener);
  }

  connect(): EngineLink {
    if (this.worker === undefined) throw new WeirError('ENGINE_STOPPED', 'the engine is not running');
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4 * SIGNAL.WORDS));
    const id = this.nextId++;
    const isBlocking = this.path.kind === 'recvmmsg';
    if (isBlocking) this.bell ??= openBell(this.path);
    const client: ShardClient = { id, port: port2, signal, wakePort: this.bell?.port ?? 0 };
    this.send({ kind: 'connect', client }, [port2]);
    return {
      port: port1,
      signal,
      wake: this.bell && { fd: this.bell.fd, address: this.bell.address, waiting: this.waiting },
      close: () => this.send({ kind: 'disconnect', id }),
    };
  }

  onEndedFlows(listener: (flows: EndedFlows) => void): () => void {
    this.endedListeners.add(listener);
    return () => this.endedListeners.delete(listener);
  }

  setBgpRoutes(router: string, routes: SharedRoutes | undefined): Promise<void> {
    return this.change({ what: 'bgpRoutes', name: router, content: routes });
  }

  setBgpSource(agent: string, source: BgpSource): Promise<void> {
    return this.change({ what: 'bgpSource', name: agent, content: source });
  }

  clearBgpSource(agent: string): Promise<void> {
    return this.change({ what: 'bgpSource', name: agent, content: undefined });
  }

  private logFlows({ items, skipped }: Parcel<UnnumberedFlow>): void {
    this.log.skip(skipped);
    const flows = items.map(({ values, ...flow }) =>
      this.log.add((flowID) => ({
        flowID,
        ...flow,
        ...(values === undefined ? {} : { values: [...values] }),
      })),
    );
    this.log.flush();
    for (const listener of this.flowListeners) listener(flows, skipped);
  }

  private logEvents({ items, skipped }: Parcel<Crossing>): void {
    this.eventLog.skip(skipped);
    for (const { flowKey, values, ...crossing } of items) {
      const event = this.eventLog.add((eventID) => ({
        eventID,
        ...crossing,
        ...(flowKey === undefined ? {} : { flowKey }),
        ...(values === undefined ? {} : { values }),
      }));
      for (const listener of this.eventListeners) listener(event);
    }
    this.eventLog.flush();
  }

  private stopShard(): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
      this.stopped = () => {
        clearTimeout(timer);
        resolve();
      };
      this.send({ kind: 'stop' });
    });
  }

  private shardData(wakePort: number): ShardData {
    const { config } = this;
    const kind = config.string('engine.receiver');
    return {
      receiver: {
        kind: kind === 'recvmmsg' || kind === 'dgram' ? kind : 'auto',
        address: config.string('sflow.hostname'),
        port: config.integer('sflow.port'),
        bufferBytes: config.integer('sflow.buffer'),
      },
      memoryBytes: config.integer('flow.memory'),
      maxAgents: config.integer('agents.max'),
      maxDataSources: config.integer('datasources.max'),
      maxFlows: config.integer('flows.max'),
      maxEvents: config.integer('events.max'),
      clockOrigin: clockOrigin(),
      ownAddress: ownAddress(),
      wakePort,
      waiting: this.waiting,
      vendorFile: config.string('oui.names'),
      geo: this.geoPaths().size > 0,
      dns: this.names !== undefined,
      captureFile: config.string('sflow.file'),
    };
  }

  private geoPaths(): Map<GeoFile, string> {
    const { config } = this;
    const paths: [GeoFile, string][] = [
      ['country', config.string('geo.country')],
      ['country6', config.string('geo.country6')],
      ['asn', config.string('geo.asn')],
      ['asn6', config.string('geo.asn6')],
    ];
    return new Map(paths.filter(([, path]) => path !== ''));
  }

  /** undefined: there is no server to ask. */
  private nameResolver(): NameResolver | undefined {
    const { log } = this.deps;
    const given = this.config.list('dns.servers');
    const servers = validServers(given, (server) =>
      log.warn(`dns.servers: ${server} is not an IP address, and is not asked`),
    );
    if (servers.length === 0) return undefined;
    return new NameResolver({ servers }, { answer: (answers) => this.send({ kind: 'names', answers }) });
  }

  private async change(change: Change): Promise<void> {
    await this.request((id) => ({ kind: 'change', id, change }));
  }

  private request(message: (id: number) => ToShard): Promise<unknown> {
    if (this.worker === undefined)
      return Promise.reject(new WeirError('ENGINE_STOPPED', 'the engine is not running'));
    if (this.failure !== undefined) return Promise.reject(new WeirError('ENGINE_FAULT', this.failure));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(
          new WeirError('ENGINE_TIMEOUT', `no answer from the receiving thread in ${ANSWER_TIMEOUT_MS} ms`),
        );
      }, ANSWER_TIMEOUT_MS);
      this.pending.set(id, { resolve, reject, timer });
      this.send(message(id));
    });
  }

  private send(message: ToShard, transfer: readonly MessagePort[] = []): void {
    this.port?.postMessage(message, transfer);
    if (this.path.kind === 'recvmmsg') this.wake();
  }

  /** The shard's thread blocks for datagrams; an empty one from here makes it look at its messages. */
  private wake(): void {
    const { address, port } = this.path;
    const target = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
    this.waker?.send(EMPTY, port, target, () => undefined);
  }

  private heard(message: FromShard): void {
    switch (message.kind) {
      case 'answer':
      case 'error': {
        const pending = this.pending.get(message.id);
        if (pending === undefined) return;
        this.pending.delete(message.id);
        clearTimeout(pending.timer);
        if (message.kind === 'answer') pending.resolve(message.answer);
        else pending.reject(new WeirError(message.code, message.message));
        return;
      }
      case 'logged':
        this.logFlows(message);
        return;
      case 'events':
        this.logEvents(message);
        return;
      case 'wanted':
        this.names?.ask(message.addresses);
        return;
      case 'ended':
        for (const flows of message.flows) for (const listener of this.endedListeners) listener(flows);
        return;
      case 'stopped':
        this.stopped?.();
        return;
    }
  }

  /** The first reason counts: the end of the thread follows from it. */
  private fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error.message;
    this.deps.log.error(`receiving has ended: ${error.message}`);
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(new WeirError('ENGINE_FAULT', error.message, { cause: error }));
    }
    this.pending.clear();
  }

  private async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    clearInterval(this.lossTimer);
    this.forwardingBook.close();
    this.tenantBook.close();
    this.geo.close();
    this.names?.close();
    this.waker?.close();
    this.waker = undefined;
    this.bell?.close();
    this.bell = undefined;
    this.port?.close();
    this.port = undefined;
    await worker?.terminate();
  }
}

const EMPTY = new Uint8Array(0);

/** An IPv4 address of this machine, if it has one that others can reach. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** A socket that reaches one bound to `target`; one bound to every address is reached over IPv4. */
async function boundSocket(target: string): Promise<Socket> {
  const socket = createSocket(target.includes(':') && target !== '::' ? 'udp6' : 'udp4');
  socket.unref();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, resolve);
  });
  return socket;
}
