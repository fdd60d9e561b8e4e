import { parseIPv4 } from '../common/index.ts';
import { AdjRibOut } from './adj-rib-out.ts';
import { FAMILIES, type Family } from './family.ts';
import type { LearntRoutes } from './learnt-routes.ts';
import { LearntRules } from './learnt-rules.ts';
import { type NeighborSettings, openOf } from './neighbor-settings.ts';
import {
  CEASE,
  ERROR,
  type NotificationMessage,
  notification,
  shutdownNotification,
} from './notification.ts';
import type { OpenMessage } from './open.ts';
import { REFRESH, type RouteRefreshMessage } from './route-refresh.ts';
import { Session, type SessionEnd, type SessionEvents, type SessionStream } from './session.ts';
import { jittered, type Timers } from './timers.ts';
import type { UpdateMessage } from './update.ts';

/** States of RFC 4271 8.2.2. */
export type NeighborState = 'idle' | 'connect' | 'active' | 'opensent' | 'openconfirm' | 'established';

export interface NeighborDependencies {
  readonly timers: Timers;
  /** Adj-RIB-In. */
  readonly learnt: LearntRoutes;
  /** Begins to dial; exactly one of the functions of `Dial` is called, later. Gives how to stop. */
  dial(dial: Dial): () => void;
  /** A line for the log, which names the neighbour by itself. */
  log(level: 'info' | 'warn', line: string): void;
  /** A session has come up, or has ended; the latter also for one that never came up. */
  opened(session: Session): void;
  closed(session: Session, end: SessionEnd): void;
}

/** Who waits for a connection that is being dialled. */
export interface Dial {
  connected(stream: SessionStream): Session;
  failed(reason: string): void;
}

/** Something that happened, for the operator. */
export interface HistoryEntry {
  /** epoch ms */
  readonly time: number;
  readonly event: string;
}

/** Learnt FlowSpec rules that are kept for display. */
const MAXIMUM_LEARNT_RULES = 10_000;
/** How long after the other end of a session has dialled, too, its connection may arrive. */
const ON_ITS_WAY_MS = 1000;
/** How many entries of history are kept. */
const HISTORY_LENGTH = 50;
/** The longest pause between attempts to dial, after many that failed. */
const LONGEST_RETRY_MS = 120_000;
/** How often a slow neighbour is looked at. */
const SLOW_LOOK_MS = 50;

/**
 * One neighbour over all its sessions: which of two connections stays (RFC 4271 6.8), when to dial again, and what it is
 * to be told. Holds no sockets.
 */
export class Neighbor {
  readonly out: AdjRibOut;
  readonly rules = new LearntRules(MAXIMUM_LEARNT_RULES);
  /** Sessions that came up, and updates with errors that did not end one (RFC 7606). */
  established = 0;
  faultyUpdates = 0;
  lastError: HistoryEntry | undefined;
  readonly history: HistoryEntry[] = [];
  private settings: NeighborSettings;
  private readonly deps: NeighborDependencies;
  private readonly sessions = new Map<Session, 'incoming' | 'outgoing'>();
  private dialling: 'no' | 'waiting' | 'under way' = 'no';
  private stopDialling: () => void = () => undefined;
  private failures = 0;
  private cancelFlush: (() => void) | undefined;
  private running = false;
  /** Until the first session after the start of the program has told everything (RFC 4724 3, R bit). */
  private restarted = true;

  constructor(settings: NeighborSettings, deps: NeighborDependencies) {
    this.settings = settings;
    this.deps = deps;
    this.out = new AdjRibOut(settings.profile);
  }

  get currentSettings(): NeighborSettings {
    return this.settings;
  }

  /** For the next session; a live one goes on as it began. */
  setSettings(settings: NeighborSettings): void {
    this.settings = settings;
    this.out.setProfile(settings.profile);
    if (!this.running) return;
    if (settings.active) this.dialSoon(0);
    else this.giveUpDialling();
  }

  start(): void {
    this.running = true;
    if (this.settings.active) this.dialSoon(0);
  }

  /** Ends everything with a NOTIFICATION, or without one where the neighbour shall keep our routes. */
  stop(message: NotificationMessage | undefined, reason: string): void {
    this.running = false;
    this.giveUpDialling();
    for (const session of [...this.sessions.keys()]) this.end(session, message, reason);
  }

  /** Ends the session; dials again where that is the way. */
  reset(message: NotificationMessage, reason: string): void {
    for (const session of [...this.sessions.keys()]) this.end(session, message, reason);
  }

  /** The session that is up, or the one that is nearest to it. */
  session(): Session | undefined {
    let best: Session | undefined;
    for (const session of this.sessions.keys())
      if (best === undefined || RANK[session.state] > RANK[best.state]) best = session;
    return best;
  }

  state(): NeighborState {
    const session = this.session();
    if (session !== undefined && session.state !== 'closed') return session.state;
    if (this.dialling === 'under way') return 'connect';
    return this.running ? 'active' : 'idle';
  }

  /** True when the neighbour can be told something: its OPEN has been read. */
  hasSession(): boolean {
    const state = this.session()?.state;
    return state === 'openconfirm' || state === 'established';
  }

  /** The neighbour has connected. Undefined: it has been refused, and the stream is closed. */
  accept(stream: SessionStream): Session | undefined {
    const live = [...this.sessions.keys()];
    if (this.settings.compatible) {
      if (live.length > 0) {
        stream.end();
        const reason = 'the neighbour has connected a second time';
        for (const session of live) session.stop(ADMINISTRATIVE_SHUTDOWN, reason);
        return undefined;
      }
    } else if (!this.hasRoom(live)) {
      this.refuse(stream);
      return undefined;
    }
    return this.begin(stream, 'incoming');
  }

  /** Tells the neighbour what has changed. Called after every change of `out`. */
  flush(): void {
    const session = this.session();
    if (session?.state !== 'established') return;
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    const { timers } = this.deps;
    const now = timers.now();
    const endOfRibAt = (session.establishedAt ?? now) + this.settings.endOfRibMs;
    const result = this.out.flush(now, now >= endOfRibAt);
    if (result.status === 'limited') this.flushIn(result.ms);
    else if (result.status === 'slow') this.flushIn(SLOW_LOOK_MS);
    else if (now < endOfRibAt) this.flushIn(endOfRibAt - now);
    else this.restarted = false;
  }

  /** Asks the neighbour for its routes again. False when it cannot be asked. */
  askRoutes(): boolean {
    const session = this.session();
    if (session?.state !== 'established' || session.agreement?.routeRefresh !== true) return false;
    for (const family of session.agreement.families)
      session.send({ type: 'route-refresh', ...FAMILIES[family], subtype: REFRESH.request });
    return true;
  }

  note(event: string): void {
    this.history.push({ time: this.deps.timers.now(), event });
    if (this.history.length > HISTORY_LENGTH) this.history.shift();
  }

  private hasRoom(live: readonly Session[]): boolean {
    if ([...this.sessions.values()].includes('incoming') && !live.every(isUp)) return false;
    // A neighbour that restarts gracefully may have lost a connection that still looks alive here (RFC 4724 5).
    return live.every((session) => !isUp(session) || session.agreement?.gracefulRestart === true);
  }

  private refuse(stream: SessionStream): void {
    this.note('refused another connection');
    this.deps.log('warn', 'another connection while there is a session: refused');
    const session = new Session(this.sessionSettings(), stream, this.deps.timers, NO_EVENTS);
    session.stop(COLLISION, 'another connection');
  }

  private begin(stream: SessionStream, direction: 'incoming' | 'outgoing'): Session {
    const session = new Session(this.sessionSettings(), stream, this.deps.timers, {
      opened: (self) => this.resolveCollision(self),
      established: (self) => this.came(self),
      update: (self, message, treatAsWithdraw, faults) => {
        if (faults.length > 0) this.noteFaults(faults.map(({ reason }) => reason));
        this.learn(self, message, treatAsWithdraw);
      },
      refresh: (_, family, message) => this.refreshed(family, message),
      closed: (self, end) => this.went(self, end),
    });
    this.sessions.set(session, direction);
    session.start();
    return session;
  }

  private sessionSettings() {
    const { remoteAs, sendHoldMs } = this.settings;
    return { open: openOf(this.settings, this.restarted), remoteAs, sendHoldMs };
  }

  /**
   * The OPEN of a connection has been read, and the neighbour may have another: one of them stays. Gives the
   * NOTIFICATION when it is not this one.
   */
  private resolveCollision(session: Session): NotificationMessage | undefined {
    for (const [other, direction] of [...this.sessions]) {
      if (other === session || other.state === 'opensent') continue;
      const otherStays = this.ownConnectionStays(session.peer) === (direction === 'outgoing');
      if (isUp(other)) {
        // RFC 4724 5 takes a new connection for a restart; one that was on its way when the session came up is none.
        const isOfThen = session.startedAt < (other.establishedAt ?? 0) + ON_ITS_WAY_MS;
        if ((isOfThen && otherStays) || other.agreement?.gracefulRestart !== true) return COLLISION;
        other.stop(undefined, 'the neighbour has connected anew');
        continue;
      }
      if (otherStays) return COLLISION;
      other.stop(COLLISION, 'connection collision: the other one stays');
    }
    return undefined;
  }

  /** RFC 4271 6.8, RFC 6286 2.3: the connection that the higher identifier dialled, then the higher AS. */
  private ownConnectionStays(peer: OpenMessage | undefined): boolean {
    const { identifier, localAs } = this.settings;
    const own = (parseIPv4(identifier) ?? 0) >>> 0;
    const theirs = (parseIPv4(peer?.identifier ?? '') ?? 0) >>> 0;
    return own === theirs ? localAs > (peer?.as ?? 0) : own > theirs;
  }

  private came(session: Session): void {
    const { agreement } = session;
    if (agreement === undefined) return;
    this.established++;
    this.failures = 0;
    this.note('established');
    for (const [other, direction] of [...this.sessions])
      if (other !== session && direction === 'outgoing') other.stop(COLLISION, 'the other connection is up');
    this.giveUpDialling();
    const localAs = session.settings.open.as;
    this.out.connect({
      agreement,
      localAs,
      send: (message) => session.send(message),
      queued: () => session.queued(),
    });
    this.flush();
    this.deps.opened(session);
  }

  private went(session: Session, end: SessionEnd): void {
    this.sessions.delete(session);
    const wasUp = session.establishedAt !== undefined;
    if (end.by !== 'us' || end.notification !== undefined) {
      this.lastError = { time: this.deps.timers.now(), event: end.reason };
    }
    this.note(`${wasUp ? 'session ended' : 'connection ended'} by ${BY[end.by]}: ${end.reason}`);
    if (wasUp) {
      this.cancelFlush?.();
      this.cancelFlush = undefined;
      this.out.disconnect();
      this.out.removeAll(({ transient }) => transient);
      this.deps.learnt.clear();
      this.rules.clear();
    } else this.failures++;
    this.deps.closed(session, end);
    if (this.running && this.settings.active && this.sessions.size === 0) this.dialSoon(this.retryMs());
  }

  private learn(session: Session, message: UpdateMessage, treatAsWithdraw: boolean): void {
    const { peer, agreement } = session;
    if (peer === undefined || agreement === undefined) return;
    const { external, addPath } = agreement.context;
    this.rules.update(message, treatAsWithdraw);
    this.deps.learnt.update(message, {
      peerAs: peer.as,
      peerIdentifier: peer.identifier,
      external,
      addPath,
      treatAsWithdraw,
    });
  }

  private refreshed(family: Family, { subtype }: RouteRefreshMessage): void {
    if (subtype === REFRESH.begin) this.deps.learnt.refresh(family, 'begin');
    else if (subtype === REFRESH.end) this.deps.learnt.refresh(family, 'end');
    else if (subtype === REFRESH.request) {
      this.out.refresh(family);
      this.flush();
    }
  }

  private noteFaults(reasons: readonly string[]): void {
    this.faultyUpdates++;
    // One line in the history for each; the log is told of the first, and of every hundredth.
    if (this.faultyUpdates % 100 === 1)
      this.deps.log('warn', `UPDATE with errors (${this.faultyUpdates} so far): ${reasons.join('; ')}`);
    if (this.faultyUpdates <= HISTORY_LENGTH) this.note(`UPDATE with errors: ${reasons.join('; ')}`);
  }

  private end(session: Session, message: NotificationMessage | undefined, reason: string): void {
    const isHard = message !== undefined && session.agreement?.notificationRestart === true;
    session.stop(isHard ? hardReset(message) : message, reason);
  }

  private flushIn(ms: number): void {
    this.cancelFlush = this.deps.timers.after(ms, () => this.flush());
  }

  private retryMs(): number {
    const wait = this.settings.connectRetryMs * 2 ** Math.min(Math.max(this.failures - 1, 0), 10);
    return jittered(
      Math.min(wait, Math.max(LONGEST_RETRY_MS, this.settings.connectRetryMs)),
      this.deps.timers,
    );
  }

  private dialSoon(ms: number): void {
    if (this.dialling !== 'no' || this.sessions.size > 0) return;
    this.dialling = 'waiting';
    this.stopDialling = this.deps.timers.after(ms, () => this.dial());
  }

  private dial(): void {
    this.dialling = 'under way';
    this.stopDialling = this.deps.dial({
      connected: (stream) => {
        // The connection is the session's now.
        this.dialling = 'no';
        this.stopDialling = () => undefined;
        return this.begin(stream, 'outgoing');
      },
      failed: (reason) => {
        this.stopDialling = () => undefined;
        this.dialling = 'no';
        this.failures++;
        this.lastError = { time: this.deps.timers.now(), event: reason };
        if (this.failures <= 3) this.note(`cannot connect: ${reason}`);
        if (this.running && this.settings.active) this.dialSoon(this.retryMs());
      },
    });
  }

  private giveUpDialling(): void {
    this.stopDialling();
    this.stopDialling = () => undefined;
    this.dialling = 'no';
  }
}

/** Cease: Administrative Shutdown, without a text. */
export const ADMINISTRATIVE_SHUTDOWN = notification(ERROR.cease, CEASE.administrativeShutdown);
const COLLISION = notification(ERROR.cease, CEASE.collision);

const RANK = { closed: 0, opensent: 1, openconfirm: 2, established: 3 } as const;
const BY = { us: 'this side', peer: 'the neighbour', connection: 'the connection' } as const;

const NO_EVENTS: SessionEvents = {
  opened: () => undefined,
  established: () => undefined,
  update: () => undefined,
  refresh: () => undefined,
  closed: () => undefined,
};

/** Administrative Shutdown with a text for the operator of the other end (RFC 9003). */
export function shutdownMessage(text: string): NotificationMessage {
  return shutdownNotification(CEASE.administrativeShutdown, text);
}

/** A NOTIFICATION after which the neighbour forgets our routes, where others would not make it do so (RFC 8538 4). */
function hardReset({ code, subcode, data }: NotificationMessage): NotificationMessage {
  return notification(ERROR.cease, CEASE.hardReset, Uint8Array.of(code, subcode, ...data));
}

function isUp(session: Session): boolean {
  return session.state === 'established';
}
