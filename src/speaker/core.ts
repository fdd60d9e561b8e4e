import type { Socket } from 'node:net';
import {
  ADMINISTRATIVE_SHUTDOWN,
  AdjRibIn,
  CEASE,
  ERROR,
  type LearntRoute,
  Neighbor,
  notification,
  type Session,
  shutdownMessage,
  type Timers,
} from '../bgp/index.ts';
import { WeirError } from '../common/index.ts';
import type { SharedRoutes } from '../rib/index.ts';
import { type DialTarget, dial } from './dialler.ts';
import type { Entry } from './entry.ts';
import { Listener, type SpeakerPlace } from './listener.ts';
import {
  type NeighborDefinition,
  normalAddress,
  parseNeighbor,
  type SpeakerDefaults,
  scriptNeighbor,
} from './neighbor-definition.ts';
import type { LearntRule, NeighborStatus, PushedStatus, SessionFacts, SpeakerNews } from './protocol.ts';
import { learntRules, pushedStatus } from './pushed-status.ts';
import { Pushes } from './pushes.ts';
import { SocketOptions } from './socket-options.ts';
import { feed, plainAddress, streamOf } from './socket-stream.ts';
import { neighborStatus, sessionFacts } from './status.ts';

export interface CoreDependencies {
  readonly timers: Timers;
  log(level: 'info' | 'warn', line: string): void;
  news(news: SpeakerNews): void;
  /** Addresses of a name, the first one first. Rejects for a name that has none. */
  resolve(name: string): Promise<string>;
}

/** How long what the end has to say may take to leave. */
const LAST_WORDS_MS = 20;

const RECONFIGURED = notification(ERROR.cease, CEASE.configurationChange);
const UNCONFIGURED = notification(ERROR.cease, CEASE.peerDeconfigured);
const RESET = notification(ERROR.cease, CEASE.administrativeReset);

/** The speaker inside its thread: neighbours, sockets, and what is pushed. */
export class SpeakerCore {
  private readonly deps: CoreDependencies;
  private readonly defaults: SpeakerDefaults;
  private readonly options = new SocketOptions();
  private readonly listener: Listener;
  /** By address. */
  private readonly entries = new Map<string, Entry>();
  readonly pushes: Pushes;

  constructor(defaults: SpeakerDefaults, deps: CoreDependencies) {
    this.defaults = defaults;
    this.deps = deps;
    this.listener = new Listener(this.options, (socket) => this.connected(socket));
    this.pushes = new Pushes({ now: () => deps.timers.now(), find: (router) => this.find(router) });
  }

  /** Listens. What neighbours there are already begin their sessions. */
  async start(hostname: string, port: number): Promise<SpeakerPlace> {
    const place = await this.listener.start(hostname, port);
    for (const entry of this.entries.values()) this.beginOrDrop(entry);
    this.deps.log('info', `Listening, BGP port ${place.port}`);
    return place;
  }

  /** Ends all sessions. Neighbours that keep our routes over a restart are left without a word (RFC 4724 4.1). */
  async stop(): Promise<void> {
    const end = shutdownMessage('Weir ends');
    for (const { neighbor } of this.entries.values()) {
      const isKept = neighbor.session()?.agreement?.gracefulRestart === true;
      neighbor.stop(isKept ? undefined : end, 'Weir ends');
    }
    this.listener.stop();
    // The last words are on their way once the event loop has turned.
    await new Promise((resolve) => this.deps.timers.after(LAST_WORDS_MS, () => resolve(undefined)));
  }

  async putNeighbor(router: string, json: unknown, origin: 'property' | 'rest'): Promise<void> {
    const definition = parseNeighbor(json, this.defaults);
    const address = await this.addressOf(router);
    const entry = this.entries.get(address);
    if (entry?.origin === 'property' && origin === 'rest')
      throw new WeirError('BGP_NOT_YOURS', `${router} is defined by property bgp.neighbors`);
    if (entry === undefined) {
      this.add({ router, address, origin, definition });
      return;
    }
    const before = JSON.stringify([entry.definition.settings, entry.definition.transport, entry.origin]);
    entry.origin = origin;
    this.redefine(entry, definition);
    if (before !== JSON.stringify([definition.settings, definition.transport, origin]))
      entry.neighbor.reset(RECONFIGURED, 'the neighbour has been configured anew');
  }

  async deleteNeighbor(router: string): Promise<boolean> {
    const entry = await this.find(router);
    if (entry === undefined) return false;
    if (entry.origin !== 'rest') {
      const by = entry.origin === 'script' ? 'a script' : 'property bgp.neighbors';
      throw new WeirError('BGP_NOT_YOURS', `${router} is defined by ${by}`);
    }
    this.remove(entry, UNCONFIGURED);
    return true;
  }

  neighbors(): NeighborStatus[] {
    return [...this.entries.values()].map(neighborStatus);
  }

  async neighbor(router: string): Promise<NeighborStatus | undefined> {
    const entry = await this.find(router);
    return entry === undefined ? undefined : neighborStatus(entry);
  }

  async resetNeighbor(router: string, how: 'soft' | 'hard'): Promise<boolean> {
    const entry = await this.find(router);
    const session = entry?.neighbor.session();
    if (entry === undefined || session === undefined) return false;
    if (how === 'hard') {
      entry.neighbor.reset(RESET, 'reset by an operator');
      return true;
    }
    for (const family of session.agreement?.families ?? []) entry.neighbor.out.refresh(family);
    entry.neighbor.flush();
    entry.neighbor.askRoutes();
    return true;
  }

  async pushed(router: string): Promise<PushedStatus[] | undefined> {
    const entry = await this.find(router);
    return entry === undefined ? undefined : pushedStatus(entry.neighbor.out);
  }

  async learntRules(router: string): Promise<LearntRule[] | undefined> {
    const entry = await this.find(router);
    return entry === undefined ? undefined : learntRules(entry.neighbor.rules);
  }

  async addScriptNeighbor(
    script: string,
    router: string,
    as: number,
    routerId: string | undefined,
    options: unknown,
  ): Promise<void> {
    const identifier = routerId === undefined ? this.defaults.routerId : await this.addressOf(routerId, 4);
    const definition = scriptNeighbor(as, identifier, options, this.defaults);
    const address = await this.addressOf(router);
    const entry = this.entries.get(address);
    if (entry === undefined) {
      this.add({ router, address, origin: 'script', definition }).watchers.set(script, router);
      return;
    }
    // One that has started again, or comes after another, finds the session up already.
    if (!entry.watchers.has(script) && entry.neighbor.state() === 'established')
      this.deps.news({ kind: 'opened', router, script });
    entry.watchers.set(script, router);
    if (entry.origin === 'script') this.redefine(entry, definition);
  }

  async removeScriptNeighbor(script: string, router: string): Promise<void> {
    const entry = await this.find(router);
    if (entry === undefined) throw new WeirError('BGP_UNKNOWN_ROUTER', `no neighbor ${router}`);
    // One of an operator outlives what a script thinks of it.
    if (entry.origin === 'script') this.remove(entry, ADMINISTRATIVE_SHUTDOWN);
    else entry.watchers.delete(script);
  }

  forgetScript(script: string): void {
    for (const { watchers } of this.entries.values()) watchers.delete(script);
  }

  async session(
    router: string,
    version: 4 | 6,
  ): Promise<{ address: string; facts: SessionFacts } | undefined> {
    const entry = await this.find(router);
    const session = entry?.neighbor.session();
    if (entry === undefined || session === undefined) return undefined;
    return { address: entry.address, facts: sessionFacts(entry, session, version) };
  }

  async learntRoute(
    router: string,
    address: string,
  ): Promise<{ address: string; route: LearntRoute } | undefined> {
    const entry = await this.find(router);
    const route = entry?.learnt.routeForAddress(address);
    return entry === undefined || route === undefined ? undefined : { address: entry.address, route };
  }

  /** A neighbour by its address or by a name of it. Throws WeirError `BGP_BAD_HOST`. */
  private async find(router: string): Promise<Entry | undefined> {
    const address = normalAddress(router);
    if (address !== undefined) return this.entries.get(address);
    for (const entry of this.entries.values()) if (entry.router === router) return entry;
    return this.entries.get(await this.addressOf(router));
  }

  async addressOf(name: string, version?: 4): Promise<string> {
    const address = normalAddress(name) ?? (await this.resolved(name));
    if (version === 4 && address.includes(':'))
      throw new WeirError('BGP_BAD_HOST', `${name} is not an IPv4 address`);
    return address;
  }

  private async resolved(name: string): Promise<string> {
    try {
      return normalAddress(await this.deps.resolve(name)) ?? name;
    } catch (cause) {
      throw new WeirError('BGP_BAD_HOST', `${name} is neither an address nor a name of one`, { cause });
    }
  }

  private add(what: Pick<Entry, 'router' | 'address' | 'origin' | 'definition'>): Entry {
    const { address } = what;
    const share = (routes: SharedRoutes | undefined): void =>
      this.deps.news({ kind: 'routes', address, routes });
    const learnt = new AdjRibIn({
      onShare: share,
      onRefused: (reason) => this.deps.log('warn', `BGP ${address}: no more routes are kept: ${reason}`),
    });
    const neighbor = new Neighbor(what.definition.settings, {
      timers: this.deps.timers,
      learnt,
      log: (level, line) => this.deps.log(level, `BGP ${address}: ${line}`),
      opened: () => {
        share(learnt.share());
        this.tell(entry, 'opened');
      },
      closed: (session, end) => {
        if (session.establishedAt !== undefined) share(undefined);
        if (end.by === 'peer' && end.notification !== undefined) {
          const { code, subcode } = end.notification;
          this.deps.log('warn', `BGP notification, ${code}:${subcode} from ${address}`);
        }
        if (end.by === 'us' && end.notification !== undefined)
          this.deps.log('warn', `BGP error, ${address}: ${end.reason}`);
        this.tell(entry, 'closed');
      },
      dial: (dialling) =>
        dial(
          this.targetOf(entry),
          this.options,
          (socket) => {
            this.deps.log('info', `BGP open ${address} ${socket.remotePort}`);
            this.feed(socket, dialling.connected(streamOf(socket)));
          },
          (reason) => dialling.failed(reason),
        ),
    });
    const entry: Entry = { ...what, neighbor, learnt, watchers: new Map() };
    this.secure(entry);
    this.entries.set(address, entry);
    if (this.listener.isListening()) this.begin(entry);
    return entry;
  }

  private redefine(entry: Entry, definition: NeighborDefinition): void {
    const { transport } = entry.definition;
    entry.definition = definition;
    if (
      transport.password !== definition.transport.password ||
      transport.ttlSecurity !== definition.transport.ttlSecurity
    )
      this.secure(entry);
    entry.neighbor.setSettings(definition.settings);
  }

  private remove(entry: Entry, message: typeof UNCONFIGURED): void {
    entry.neighbor.stop(message, 'the neighbour has been removed');
    this.entries.delete(entry.address);
    if (entry.definition.transport.password !== '') this.listener.setPassword(entry.address, '');
  }

  private begin(entry: Entry): void {
    this.secure(entry);
    entry.neighbor.start();
  }

  /** One that cannot be kept safe is not there at all: without its password anybody could be it. */
  private beginOrDrop(entry: Entry): void {
    try {
      this.begin(entry);
    } catch (error) {
      this.entries.delete(entry.address);
      this.deps.log(
        'warn',
        `BGP neighbour ${entry.router}: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  /** Prepares the listening socket for a neighbour with a password or TTL security. */
  private secure({ address, definition }: Entry): void {
    const { password, ttlSecurity } = definition.transport;
    if (!this.listener.isListening()) return;
    this.listener.setPassword(address, password);
    if (ttlSecurity > 0) this.listener.useGreatestTtl();
  }

  private targetOf({ address, definition }: Entry): DialTarget {
    return { address, ...definition.transport };
  }

  /** Somebody has connected. */
  private connected(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    const port = socket.remotePort;
    const entry = this.entries.get(address);
    const closed = (): void => this.deps.log('info', `BGP close ${address} ${port}`);
    if (entry === undefined) {
      this.deps.log('warn', `BGP no configuration for ${address}`);
      socket
        .on('error', () => undefined)
        .on('close', closed)
        .resume();
      streamOf(socket).end();
      return;
    }
    this.deps.log('info', `BGP open ${address} ${port}`);
    if (!this.secureAccepted(socket, entry)) return;
    const session = entry.neighbor.accept(streamOf(socket));
    if (session === undefined)
      socket
        .on('error', () => undefined)
        .on('close', closed)
        .resume();
    else this.feed(socket, session);
  }

  /** False, and the socket is closed, when the TTL of what comes cannot be looked at. */
  private secureAccepted(socket: Socket, { definition }: Entry): boolean {
    const { ttlSecurity } = definition.transport;
    if (ttlSecurity === 0) return true;
    try {
      this.options.limitHops(socket, ttlSecurity);
      return true;
    } catch (error) {
      this.deps.log('warn', error instanceof Error ? error.message : String(error));
      socket.destroy();
      return false;
    }
  }

  private feed(socket: Socket, session: Session): void {
    const [address, port] = [plainAddress(socket.remoteAddress), socket.remotePort];
    feed(socket, session, () => this.deps.log('info', `BGP close ${address} ${port}`));
  }

  private tell(entry: Entry, kind: 'opened' | 'closed'): void {
    for (const [script, router] of entry.watchers) this.deps.news({ kind, router, script });
  }
}
