import { beforeEach, describe, expect, it } from 'vitest';
import type { Announced } from './announcement.ts';
import { parseFlowSpecRule } from './flowspec-json.ts';
import type { LearntRoutes } from './learnt-routes.ts';
import { encodeMessage, KEEPALIVE } from './messages.ts';
import { type Dial, Neighbor } from './neighbor.ts';
import { type NeighborSettings, openOf, PLAIN_PROFILE } from './neighbor-settings.ts';
import type { NotificationMessage } from './notification.ts';
import type { OpenMessage } from './open.ts';
import { parseRoute } from './route-json.ts';
import type { Session, SessionEnd } from './session.ts';
import { ManualTimers } from './testing/manual-timers.ts';
import { TestStream } from './testing/test-stream.ts';
import { endOfRibFamily, type UpdateMessage } from './update.ts';

const SETTINGS: NeighborSettings = {
  localAs: 65000,
  identifier: '10.0.0.1',
  remoteAs: undefined,
  families: ['ipv4-unicast', 'ipv4-flowspec'],
  compatible: false,
  addPath: 'none',
  holdTime: 90,
  restartTime: 0,
  longLivedTime: 0,
  endOfRibMs: 0,
  hostName: '',
  sendHoldMs: 480_000,
  active: false,
  connectRetryMs: 10_000,
  profile: PLAIN_PROFILE,
};
const NO_LEARNT: LearntRoutes = { update: () => undefined, refresh: () => undefined, clear: () => undefined };
const WIRE = { fourOctetAs: true, extendedMessage: false };

class Bench {
  readonly timers = new ManualTimers();
  readonly dials: Dial[] = [];
  readonly ends: SessionEnd[] = [];
  opened = 0;
  readonly neighbor: Neighbor;
  readonly settings: NeighborSettings;

  constructor(changes: Partial<NeighborSettings> = {}) {
    this.settings = { ...SETTINGS, ...changes };
    this.neighbor = new Neighbor(this.settings, {
      timers: this.timers,
      learnt: NO_LEARNT,
      log: () => undefined,
      opened: () => {
        this.opened++;
      },
      closed: (_, end) => this.ends.push(end),
      dial: (dial) => {
        this.dials.push(dial);
        return () => undefined;
      },
    });
    this.neighbor.start();
  }

  /** The neighbour's OPEN, as it would answer ours. */
  open(changes: Partial<NeighborSettings> = {}): OpenMessage {
    return openOf({ ...this.settings, localAs: 65001, identifier: '10.0.0.2', ...changes }, false);
  }

  accept(): { stream: TestStream; session: Session | undefined } {
    const stream = new TestStream();
    return { stream, session: this.neighbor.accept(stream) };
  }

  /** Through the handshake. */
  up(changes: Partial<NeighborSettings> = {}): { stream: TestStream; session: Session } {
    const { stream, session } = this.accept();
    if (session === undefined) throw new Error('refused');
    session.receive(encodeMessage(this.open(changes), WIRE));
    session.receive(encodeMessage(KEEPALIVE, WIRE));
    return { stream, session };
  }

  push(what: Announced, transient = false): void {
    this.neighbor.out.set(what, { who: 'rest', why: '', transient }, this.timers.now());
    this.neighbor.flush();
  }
}

function route(prefix: string, more: object = {}): Announced {
  const parsed = parseRoute({ prefix, nexthop: '192.0.2.1', ...more });
  if (!parsed.ok) throw new Error(parsed.reason);
  return { kind: 'route', route: parsed.value };
}

function rule(destination: string): Announced {
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
  const parsed = parseFlowSpecRule({ match: { destination }, then: { 'traffic-rate': '0' } });
  if (!parsed.ok) throw new Error(parsed.reason);
  return { kind: 'rule', rule: parsed.value.rule };
}

function notifications(stream: TestStream): string[] {
  return stream.sent
    .filter((message): message is NotificationMessage => message.type === 'notification')
    .map(({ code, subcode }) => `${code}/${subcode}`);
}

function updates(stream: TestStream): UpdateMessage[] {
  return stream.sent.filter((message): message is UpdateMessage => message.type === 'update');
}

describe('timers', () => {
  it('KEEPALIVE within a third of the hold time; the session ends when nothing is heard for all of it', () => {
    const bench = new Bench();
    const { stream } = bench.up({ holdTime: 9 });
    const before = stream.sent.length;
    bench.timers.advance(3000);
    expect(stream.sent.length).toBe(before + 1);
    bench.timers.advance(5999);
    expect(bench.neighbor.state()).toBe('established');
    bench.timers.advance(1);
    expect(notifications(stream)).toEqual(['4/0']);
    expect(bench.ends).toHaveLength(1);
  });

  it('hold time 0 means none', () => {
    const bench = new Bench();
    const { stream } = bench.up({ holdTime: 0 });
    const before = stream.sent.length;
    bench.timers.advance(3_600_000);
    expect(bench.neighbor.state()).toBe('established');
    expect(stream.sent.length).toBe(before);
  });

  it('a peer that sends and does not read is given up (RFC 9687)', () => {
    const bench = new Bench({ sendHoldMs: 60_000 });
    const { stream, session } = bench.up();
    stream.unread = 100_000;
    for (let i = 0; i < 40; i++) {
      bench.timers.advance(2000);
      session.receive(encodeMessage(KEEPALIVE, WIRE));
    }
    expect(stream.isOver).toBe(true);
    expect(bench.ends[0].notification?.code).toBe(8);
  });

  it('no OPEN within four minutes', () => {
    const bench = new Bench();
    const { stream } = bench.accept();
    bench.timers.advance(240_000);
    expect(notifications(stream)).toEqual(['4/0']);
  });
});

describe('dialling', () => {
  it('again after a time that grows with failures, with jitter', () => {
    const bench = new Bench({ active: true });
    bench.timers.advance(0);
    expect(bench.neighbor.state()).toBe('connect');
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      bench.dials[i].failed('refused');
      let waited = 0;
      while (bench.dials.length === i + 1 && waited < 200_000) {
        bench.timers.advance(250);
        waited += 250;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([8750, 17_500, 35_000, 70_000, 105_000, 105_000]);
  });

  it('not while there is a session; again when it has ended', () => {
    const bench = new Bench({ active: true });
    const { session } = bench.up();
    bench.timers.advance(60_000);
    expect(bench.dials).toHaveLength(0);
    session.connectionEnded('closed');
    bench.timers.advance(10_000);
    expect(bench.dials).toHaveLength(1);
  });
});

describe('two connections (RFC 4271 6.8)', () => {
  /** Both dial at the same time; whose connection stays. */
  function collide(peerIdentifier: string): { incoming: TestStream; outgoing: TestStream; state: string } {
    const bench = new Bench({ active: true });
    bench.timers.advance(0);
    const incoming = bench.accept();
    const stream = new TestStream();
    const outgoing = bench.dials[0].connected(stream);
    const open = encodeMessage(bench.open({ identifier: peerIdentifier }), WIRE);
    incoming.session?.receive(open);
    outgoing.receive(open);
    for (const session of [incoming.session, outgoing]) session?.receive(encodeMessage(KEEPALIVE, WIRE));
    return { incoming: incoming.stream, outgoing: stream, state: bench.neighbor.state() };
  }

  it('the connection of the higher identifier stays', () => {
    const higher = collide('10.0.0.200');
    expect(notifications(higher.outgoing)).toEqual(['6/7']);
    expect(notifications(higher.incoming)).toEqual([]);
    const lower = collide('9.0.0.1');
    expect(notifications(lower.incoming)).toEqual(['6/7']);
    expect(notifications(lower.outgoing)).toEqual([]);
    expect([higher.state, lower.state]).toEqual(['established', 'established']);
  });

  it('a session that is up stays, and the new connection is refused', () => {
    const bench = new Bench();
    const first = bench.up();
    const second = bench.accept();
    expect(second.session).toBeUndefined();
    expect(notifications(second.stream)).toEqual(['6/7']);
    expect(first.session.state).toBe('established');
  });

  it('with graceful restart the new one takes over, without a NOTIFICATION (RFC 4724 5)', () => {
    const bench = new Bench({ restartTime: 120 });
    const first = bench.up();
    bench.timers.advance(1000);
    const second = bench.up();
    expect(notifications(first.stream)).toEqual([]);
    expect(first.stream.isOver).toBe(true);
    expect(second.session.state).toBe('established');
  });

  it.each([
    ['9.0.0.1', 'the call of ours stays', ['6/7'], false],
    ['10.0.0.200', 'its call takes over', [], true],
  ])('from when the session came up it is a collision: %s, %s', (identifier, _, told, isOver) => {
    const bench = new Bench({ restartTime: 120, active: true });
    bench.timers.advance(0);
    const outgoing = new TestStream();
    const session = bench.dials[0].connected(outgoing);
    const open = encodeMessage(bench.open({ identifier }), WIRE);
    for (const bytes of [open, encodeMessage(KEEPALIVE, WIRE)]) session.receive(bytes);
    bench.timers.advance(999);
    const incoming = bench.accept();
    incoming.session?.receive(open);
    expect(notifications(incoming.stream)).toEqual(told);
    expect(outgoing.isOver).toBe(isOver);
  });

  it('compatible: both end, the old one with Administrative Shutdown', () => {
    const bench = new Bench({ compatible: true });
    const first = bench.up();
    const second = bench.accept();
    expect(second.stream.sent).toEqual([]);
    expect(second.stream.isOver).toBe(true);
    expect(notifications(first.stream)).toEqual(['6/2']);
  });
});

describe('what is pushed', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ restartTime: 120 });
  });

  it('everything comes with the session, together where it may, and then the marks of the end', () => {
    bench.push(route('10.0.0.0/24'));
    bench.push(route('10.0.1.0/24'));
    bench.push(route('10.0.2.0/24', { communities: '65535:666' }));
    bench.push(rule('203.0.113.1'));
    const { stream } = bench.up();
    expect(updates(stream).map(({ announced }) => announced.length)).toEqual([2, 1, 0, 0, 0]);
    expect(updates(stream).slice(-2).map(endOfRibFamily)).toEqual(['ipv4-unicast', 'ipv4-flowspec']);
  });

  it('the same again sends nothing; a change and a removal one UPDATE each', () => {
    const { stream } = bench.up();
    const before = updates(stream).length;
    const count = (): number => updates(stream).length - before;
    bench.push(route('10.0.0.0/24'));
    bench.push(route('10.0.0.0/24'));
    expect(count()).toBe(1);
    bench.push(route('10.0.0.0/24', { med: 5 }));
    expect(count()).toBe(2);
    bench.neighbor.out.remove('route 10.0.0.0/24');
    bench.neighbor.flush();
    bench.neighbor.flush();
    expect(count()).toBe(3);
    expect(updates(stream).at(-1)?.withdrawn).toHaveLength(1);
  });

  it('comes again with the next session, but for what is transient', () => {
    const first = bench.up();
    bench.push(route('10.0.0.0/24'));
    bench.push(route('10.0.1.0/24'), true);
    first.session.connectionEnded('closed');
    const { stream } = bench.up();
    expect(updates(stream).flatMap(({ announced }) => announced)).toHaveLength(1);
  });

  it('a family that was not agreed on is kept, told, and not sent', () => {
    const { stream } = bench.up({ families: ['ipv4-unicast'] });
    const before = updates(stream).length;
    bench.push(rule('203.0.113.1'));
    expect(updates(stream)).toHaveLength(before);
    const [[key]] = bench.neighbor.out.all();
    expect(bench.neighbor.out.standing(key).standing).toBe('not-negotiated');
  });

  it('a limit of the rate holds', () => {
    const slow = new Bench({ profile: { ...PLAIN_PROFILE, nlriPerSecond: 10, nlriPerUpdate: 1 } });
    for (let i = 0; i < 50; i++) slow.push(route(`10.0.${i}.0/24`));
    const { stream } = slow.up();
    const sent = (): number => updates(stream).flatMap(({ announced }) => announced).length;
    expect(sent()).toBeLessThanOrEqual(10);
    slow.timers.advance(2000);
    expect(sent()).toBeLessThanOrEqual(31);
    slow.timers.advance(4000);
    expect(sent()).toBe(50);
  });

  it('a slow peer gets what is true when it reads', () => {
    const { stream } = bench.up();
    const before = updates(stream).length;
    stream.unread = 1 << 20;
    for (let i = 0; i < 100; i++) bench.push(route('10.0.0.0/24', { med: i }));
    expect(updates(stream)).toHaveLength(before);
    stream.unread = 0;
    bench.timers.advance(100);
    expect(
      updates(stream)
        .slice(before)
        .map(({ attributes }) => attributes.med),
    ).toEqual([99]);
  });

  it('no more than the profile allows', () => {
    const small = new Bench({ profile: { ...PLAIN_PROFILE, maxRules: 1 } });
    const from = { who: 'rest', why: '', transient: false };
    expect(small.neighbor.out.set(rule('203.0.113.1'), from, 0)).toBe('added');
    expect(small.neighbor.out.set(rule('203.0.113.2'), from, 0)).toBe('full');
  });

  it('an orderly end leaves it with the neighbour; a removal is a hard reset', () => {
    const kept = bench.up();
    bench.neighbor.stop(undefined, 'Weir ends');
    expect(notifications(kept.stream)).toEqual([]);
    const other = new Bench({ restartTime: 120 });
    const { stream } = other.up();
    other.neighbor.reset({ type: 'notification', code: 6, subcode: 3, data: new Uint8Array(0) }, 'removed');
    expect(notifications(stream)).toEqual(['6/9']);
  });
});
