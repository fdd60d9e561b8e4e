import { type Agreement, agree } from './agreement.ts';
import { type Family, familyOf } from './family.ts';
import { MessageStream } from './message-stream.ts';
import { type BgpMessage, decodeMessage, encodeMessage, INITIAL_CONTEXT, KEEPALIVE } from './messages.ts';
import { ERROR, type NotificationMessage, notification, notificationText } from './notification.ts';
import type { OpenMessage } from './open.ts';
import type { AttributeFault } from './read-attributes.ts';
import type { RouteRefreshMessage } from './route-refresh.ts';
import { jittered, type Timers } from './timers.ts';
import type { UpdateMessage } from './update.ts';

/** The TCP connection of a session. None of its functions throws. */
export interface SessionStream {
  /** Queues bytes to be sent, in order. */
  write(bytes: Uint8Array): void;
  /** Bytes that have been queued and that the kernel has not taken yet. */
  queued(): number;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** States of RFC 4271 8.2.2 that a connection has; those without one are its neighbour's. */
export type SessionState = 'opensent' | 'openconfirm' | 'established' | 'closed';

/** How a session ended. */
export interface SessionEnd {
  /** Who ended it; `connection`: TCP broke or was closed without a word. */
  readonly by: 'us' | 'peer' | 'connection';
  /** The NOTIFICATION that was sent or received, if any. */
  readonly notification: NotificationMessage | undefined;
  /** One line for the log and the operator. */
  readonly reason: string;
}

/** Messages and bytes of one direction. */
export interface TrafficCounters {
  open: number;
  update: number;
  notification: number;
  keepalive: number;
  'route-refresh': number;
  bytes: number;
}

export interface SessionSettings {
  /** The OPEN to send. */
  readonly open: OpenMessage;
  /** AS that the peer must have, where one is configured. */
  readonly remoteAs: number | undefined;
  /** Longest time for which the peer may take nothing of what is sent, ms (RFC 9687). */
  readonly sendHoldMs: number;
}

/** What its neighbour learns of a session. */
export interface SessionEvents {
  /** The OPEN of the peer is good. Gives the NOTIFICATION with which to refuse it nevertheless, as after a collision. */
  opened(session: Session): NotificationMessage | undefined;
  established(session: Session): void;
  update(
    session: Session,
    message: UpdateMessage,
    treatAsWithdraw: boolean,
    faults: readonly AttributeFault[],
  ): void;
  refresh(session: Session, family: Family, message: RouteRefreshMessage): void;
  /** Called once, also for a session that never came up. */
  closed(session: Session, end: SessionEnd): void;
}

/** The hold time before the peer's OPEN says one (RFC 4271 8.2.2, "a large value"). */
const OPEN_HOLD_MS = 240_000;

/** One BGP connection, from OPEN to its end: states OpenSent, OpenConfirm and Established of RFC 4271 8. */
export class Session {
  state: SessionState = 'opensent';
  /** The peer's OPEN; there from OpenConfirm on. */
  peer: OpenMessage | undefined;
  /** There from OpenConfirm on. */
  agreement: Agreement | undefined;
  readonly startedAt: number;
  establishedAt: number | undefined;
  readonly received = noTraffic();
  readonly sent = noTraffic();
  readonly settings: SessionSettings;
  private readonly stream: SessionStream;
  private readonly timers: Timers;
  private readonly events: SessionEvents;
  private readonly messages = new MessageStream();
  private lastHeard: number;
  /** When the kernel last took something, or nothing was waiting; and how much it had taken by then. */
  private lastTaken: number;
  private taken = 0;
  private cancelHold: () => void = () => undefined;
  private cancelKeepalive: () => void = () => undefined;
  private cancelSend: () => void = () => undefined;

  constructor(settings: SessionSettings, stream: SessionStream, timers: Timers, events: SessionEvents) {
    this.settings = settings;
    this.stream = stream;
    this.timers = timers;
    this.events = events;
    this.startedAt = timers.now();
    this.lastHeard = this.startedAt;
    this.lastTaken = this.startedAt;
  }

  /** Sends OPEN: the connection is there. */
  start(): void {
    this.send(this.settings.open);
    this.watchHold(OPEN_HOLD_MS);
    this.watchSend();
  }

  /** Bytes from the peer. */
  receive(bytes: Uint8Array): void {
    if (this.state === 'closed') return;
    this.received.bytes += bytes.length;
    const error = this.messages.push(
      bytes,
      () => this.agreement?.context ?? INITIAL_CONTEXT,
      (message) => {
        this.read(message);
        return this.isClosed() ? 'stop' : 'go on';
      },
    );
    if (error !== undefined) this.fail(error.notification, error.reason);
  }

  /** TCP was closed or broke. */
  connectionEnded(reason: string): void {
    this.finish({ by: 'connection', notification: undefined, reason });
  }

  /** Ends the session with a NOTIFICATION, or without one, as before a graceful restart. */
  stop(message: NotificationMessage | undefined, reason: string): void {
    if (this.isClosed()) return;
    if (message !== undefined) this.send(message);
    this.stream.end();
    this.finish({ by: 'us', notification: message, reason });
  }

  /** Sends a message. What cannot be put into bytes throws WeirError; nothing has been sent then. */
  send(message: BgpMessage): void {
    if (this.isClosed()) return;
    const bytes = encodeMessage(message, this.agreement?.context ?? INITIAL_CONTEXT);
    this.sent[message.type]++;
    this.sent.bytes += bytes.length;
    this.stream.write(bytes);
  }

  /** Bytes that wait for a peer that reads slowly. */
  queued(): number {
    return this.stream.queued();
  }

  /** Ends the session with a NOTIFICATION because of what the peer did. */
  private fail(message: NotificationMessage, reason: string): void {
    this.stop(message, `${notificationText(message)}: ${reason}`);
  }

  private isClosed(): boolean {
    return this.state === 'closed';
  }

  private finish(end: SessionEnd): void {
    if (this.isClosed()) return;
    this.state = 'closed';
    this.cancelHold();
    this.cancelKeepalive();
    this.cancelSend();
    this.events.closed(this, end);
  }

  private read(bytes: Uint8Array): void {
    this.lastHeard = this.timers.now();
    const reading = decodeMessage(bytes, this.agreement?.context ?? INITIAL_CONTEXT);
    if (!reading.ok) {
      this.fail(reading.notification, reading.reason);
      return;
    }
    const { message } = reading;
    this.received[message.type]++;
    switch (message.type) {
      case 'notification':
        this.stream.end();
        this.finish({ by: 'peer', notification: message, reason: notificationText(message) });
        return;
      case 'open':
        if (this.state === 'opensent') this.takeOpen(message);
        else this.unexpected(message);
        return;
      case 'keepalive':
        if (this.state === 'openconfirm') this.establish();
        else if (this.state === 'opensent') this.unexpected(message);
        return;
      case 'update':
        if (this.state !== 'established') this.unexpected(message);
        else this.events.update(this, message, reading.treatAsWithdraw, reading.faults);
        return;
      case 'route-refresh':
        if (this.state !== 'established') this.unexpected(message);
        else this.takeRefresh(message);
    }
  }

  private takeOpen(message: OpenMessage): void {
    const { remoteAs, open } = this.settings;
    if (remoteAs !== undefined && message.as !== remoteAs) {
      this.fail(notification(ERROR.open, 2), `the peer is in AS ${message.as}, not ${remoteAs}`);
      return;
    }
    if (message.as === open.as && message.identifier === open.identifier) {
      // RFC 6286 2.2: two speakers of one AS have different identifiers.
      this.fail(notification(ERROR.open, 3), `the peer has our own identifier ${message.identifier}`);
      return;
    }
    this.peer = message;
    const agreement = agree(open, message);
    const refusal = this.events.opened(this);
    if (this.isClosed()) return;
    if (refusal !== undefined) {
      this.stop(refusal, notificationText(refusal));
      return;
    }
    this.agreement = agreement;
    this.state = 'openconfirm';
    this.send(KEEPALIVE);
    this.cancelHold();
    if (agreement.holdTime === 0) return;
    this.watchHold(agreement.holdTime * 1000);
    this.keepAlive((agreement.holdTime * 1000) / 3);
  }

  private establish(): void {
    this.state = 'established';
    this.establishedAt = this.timers.now();
    this.events.established(this);
  }

  private takeRefresh(message: RouteRefreshMessage): void {
    const family = familyOf(message.afi, message.safi);
    // RFC 2918 4: for a family that was not agreed on it is ignored.
    if (family !== undefined && this.agreement?.families.has(family))
      this.events.refresh(this, family, message);
  }

  /** RFC 4271 6.6, RFC 6608. */
  private unexpected(message: BgpMessage): void {
    const subcode = { opensent: 1, openconfirm: 2, established: 3, closed: 0 }[this.state];
    this.fail(notification(ERROR.stateMachine, subcode), `${message.type} in state ${this.state}`);
  }

  /** Wakes when the time could be over; messages in between only note when they came. */
  private watchHold(holdMs: number): void {
    const look = (waitMs: number): void => {
      this.cancelHold = this.timers.after(waitMs, () => {
        const left = this.lastHeard + holdMs - this.timers.now();
        if (left > 0) look(left);
        else this.fail(notification(ERROR.holdTimer, 0), `nothing heard for ${holdMs / 1000} s`);
      });
    };
    look(holdMs);
  }

  private keepAlive(everyMs: number): void {
    this.cancelKeepalive = this.timers.after(jittered(everyMs, this.timers), () => {
      // One that waits already does as well as another behind it.
      if (this.queued() === 0) this.send(KEEPALIVE);
      this.keepAlive(everyMs);
    });
  }

  private watchSend(): void {
    const { sendHoldMs } = this.settings;
    this.cancelSend = this.timers.after(sendHoldMs / 4, () => {
      if (!this.isStuck()) {
        this.watchSend();
        return;
      }
      const message = notification(ERROR.sendHoldTimer, 0);
      this.send(message);
      this.stream.destroy();
      const reason = `${notificationText(message)}: the peer has read nothing for ${sendHoldMs / 1000} s`;
      this.finish({ by: 'us', notification: message, reason });
    });
  }

  /** RFC 9687: the peer does not read, although it may well send. */
  private isStuck(): boolean {
    const now = this.timers.now();
    const taken = this.sent.bytes - this.queued();
    if (this.queued() === 0 || taken > this.taken) this.lastTaken = now;
    this.taken = taken;
    return now - this.lastTaken >= this.settings.sendHoldMs;
  }
}

function noTraffic(): TrafficCounters {
  return { open: 0, update: 0, notification: 0, keepalive: 0, 'route-refresh': 0, bytes: 0 };
}
