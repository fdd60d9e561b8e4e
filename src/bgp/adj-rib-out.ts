import type { Agreement } from './agreement.ts';
import {
  type Announced,
  type Announcement,
  announceTogether,
  type Encoded,
  encodeAnnounced,
  familyOfAnnounced,
  keyOfAnnounced,
  withdrawTogether,
} from './announcement.ts';
import { FAMILIES, type Family } from './family.ts';
import { type BgpMessage, MAXIMUM_LENGTH } from './messages.ts';
import type { NeighborProfile } from './neighbor-settings.ts';
import { REFRESH } from './route-refresh.ts';
import { endOfRib } from './update.ts';

/** The session that announcements go to. */
export interface Outlet {
  readonly agreement: Agreement;
  readonly localAs: number;
  send(message: BgpMessage): void;
  /** Bytes that wait to be read by the peer. */
  queued(): number;
}

/** What became of something that was asked for. */
export type SetResult = 'added' | 'changed' | 'same' | 'full';

/** Why sending stopped: nothing is left, the peer reads slowly, or the rate is used up for so many ms. */
export type FlushResult =
  | { readonly status: 'done' | 'slow' }
  | { readonly status: 'limited'; readonly ms: number };

/** How an announcement stands with the neighbour. */
export type Standing = 'sent' | 'waiting' | 'not-negotiated' | 'faulty' | 'no-session';

interface Sent {
  readonly family: Family;
  readonly nlri: Encoded['nlri'];
  readonly nlriBytes: number;
  readonly group: string;
}

/** More than this waiting for the peer, and nothing is added: what has not been sent costs nothing here. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Header of a message, lengths, and the MP attribute's own header with the longest next hop. */
const MESSAGE_OVERHEAD = 23 + 4 + 5 + 32;
const PATH_ID_BYTES = 4;

/**
 * What is to be announced to one neighbour (Adj-RIB-Out, RFC 4271 3.2): a set of routes and rules that is asked for, and
 * how much of it the neighbour has been told. UPDATEs are made from the difference, so that asking for the same again
 * sends nothing, and everything comes back when a new session connects.
 */
export class AdjRibOut {
  private readonly wanted = new Map<string, Announcement>();
  private readonly sent = new Map<string, Sent>();
  /** Keys of which the neighbour may not have been told the truth. */
  private readonly pending = new Set<string>();
  private readonly faults = new Map<string, string>();
  private readonly counts: Record<Family, number> = zeroes();
  /** Destinations announced to and withdrawn from the neighbour, in this session. */
  readonly pushed: Record<Family, { added: number; removed: number }> = noPushes();
  private readonly ends = new Set<Family>();
  private readonly refreshing = new Set<Family>();
  private outlet: Outlet | undefined;
  private profile: NeighborProfile;
  private tokens = 0;
  private tokensAt = 0;

  constructor(profile: NeighborProfile) {
    this.profile = profile;
  }

  setProfile(profile: NeighborProfile): void {
    this.profile = profile;
  }

  /** Asks for something. A destination that is there already is replaced. */
  set(what: Announced, from: Omit<Announcement, 'what' | 'since' | 'changed'>, now: number): SetResult {
    const key = keyOfAnnounced(what);
    const before = this.wanted.get(key);
    const family = familyOfAnnounced(what);
    if (before === undefined && this.isFull(what.kind)) return 'full';
    const group = encodeAnnounced(what, 1, true, this.profile).group;
    if (before !== undefined && encodeAnnounced(before.what, 1, true, this.profile).group === group) {
      this.wanted.set(key, { ...before, ...from });
      return 'same';
    }
    this.wanted.set(key, { what, ...from, since: before?.since ?? now, changed: now });
    this.pending.add(key);
    if (before !== undefined) return 'changed';
    this.counts[family]++;
    return 'added';
  }

  /** False when it was not there. */
  remove(key: string): boolean {
    const before = this.wanted.get(key);
    if (before === undefined) return false;
    this.wanted.delete(key);
    this.faults.delete(key);
    this.counts[familyOfAnnounced(before.what)]--;
    this.pending.add(key);
    return true;
  }

  /** Removes what is only there for the session that has ended, or everything of somebody. */
  removeAll(goes: (announcement: Announcement) => boolean): void {
    for (const [key, announcement] of this.wanted) if (goes(announcement)) this.remove(key);
  }

  get(key: string): Announcement | undefined {
    return this.wanted.get(key);
  }

  all(): IterableIterator<[string, Announcement]> {
    return this.wanted.entries();
  }

  count(family: Family): number {
    return this.counts[family];
  }

  /** How an announcement stands, and what is wrong with it. */
  standing(key: string): { readonly standing: Standing; readonly reason?: string } {
    const announcement = this.wanted.get(key);
    if (this.outlet === undefined || announcement === undefined) return { standing: 'no-session' };
    const fault = this.faults.get(key);
    if (fault !== undefined) return { standing: 'faulty', reason: fault };
    const family = familyOfAnnounced(announcement.what);
    if (!this.outlet.agreement.families.has(family))
      return { standing: 'not-negotiated', reason: `the session does not carry ${family}` };
    return { standing: this.pending.has(key) ? 'waiting' : 'sent' };
  }

  /** A session has come up: everything is to be told. */
  connect(outlet: Outlet): void {
    this.disconnect();
    this.outlet = outlet;
    for (const key of this.inGroups()) this.pending.add(key);
    if (outlet.agreement.gracefulRestart)
      for (const family of outlet.agreement.families) this.ends.add(family);
  }

  /** The session is gone, and the neighbour has forgotten everything. */
  disconnect(): void {
    this.outlet = undefined;
    this.sent.clear();
    this.pending.clear();
    this.faults.clear();
    this.ends.clear();
    this.refreshing.clear();
    for (const family of Object.values(this.pushed)) Object.assign(family, { added: 0, removed: 0 });
  }

  /** The neighbour asks for a family again (RFC 2918), with marks around the answer where it knows them (RFC 7313). */
  refresh(family: Family): void {
    if (this.outlet === undefined) return;
    for (const [key, sent] of this.sent) {
      if (sent.family !== family) continue;
      this.sent.set(key, { ...sent, group: '' });
      this.pending.add(key);
    }
    if (!this.outlet.agreement.enhancedRefresh) return;
    this.outlet.send({ type: 'route-refresh', ...FAMILIES[family], subtype: REFRESH.begin });
    this.refreshing.add(family);
  }

  /** Tells the neighbour what it does not know yet, as far as it goes. `endOfRib`: marks may be sent. */
  flush(now: number, endOfRibDue: boolean): FlushResult {
    const { outlet } = this;
    if (outlet === undefined) return { status: 'done' };
    this.fillTokens(now);
    while (this.pending.size > 0) {
      if (outlet.queued() > HIGH_WATER_BYTES) return { status: 'slow' };
      if (this.profile.nlriPerSecond > 0 && this.tokens < 1)
        return { status: 'limited', ms: Math.ceil(((1 - this.tokens) * 1000) / this.profile.nlriPerSecond) };
      this.sendNext(outlet);
    }
    for (const family of this.refreshing)
      outlet.send({ type: 'route-refresh', ...FAMILIES[family], subtype: REFRESH.end });
    this.refreshing.clear();
    if (endOfRibDue) {
      for (const family of this.ends) outlet.send(endOfRib(family));
      this.ends.clear();
    }
    return { status: 'done' };
  }

  private isFull(kind: Announced['kind']): boolean {
    const { counts, profile } = this;
    return kind === 'route'
      ? counts['ipv4-unicast'] + counts['ipv6-unicast'] >= profile.maxRoutes
      : counts['ipv4-flowspec'] + counts['ipv6-flowspec'] >= profile.maxRules;
  }

  /** Keys of what is asked for, those that may share an UPDATE one behind the other. */
  private inGroups(): string[] {
    const groups = new Map<string, string[]>();
    for (const [key, { what }] of this.wanted) {
      const { group } = encodeAnnounced(what, 1, true, this.profile);
      const keys = groups.get(group);
      if (keys === undefined) groups.set(group, [key]);
      else keys.push(key);
    }
    return [...groups.values()].flat();
  }

  /** Sends one UPDATE: the first that is pending, and those behind it that fit into the same one. */
  private sendNext(outlet: Outlet): void {
    const nlri: Encoded['nlri'][] = [];
    let first: Encoded | undefined;
    let bytes = 0;
    let most = this.profile.nlriPerUpdate;
    if (this.profile.nlriPerSecond > 0) most = Math.min(most, Math.floor(this.tokens));
    for (const key of this.pending) {
      if (nlri.length >= most) break;
      const item = this.itemFor(key, outlet);
      if (item === undefined) {
        this.pending.delete(key);
        continue;
      }
      const size = item.nlriBytes + PATH_ID_BYTES;
      if (first === undefined) {
        first = item;
        bytes = MESSAGE_OVERHEAD + item.attributeBytes;
      } else if (item.group !== first.group || bytes + size > MAXIMUM_LENGTH) break;
      bytes += size;
      this.pending.delete(key);
      const pathId = outlet.agreement.sendPathIds.has(item.family) ? 1 : undefined;
      nlri.push({ ...item.nlri, pathId });
      this.note(key, item);
    }
    if (first === undefined) return;
    this.tokens -= nlri.length;
    const isWithdrawal = first.group === WITHDRAWAL[first.family];
    outlet.send(isWithdrawal ? withdrawTogether(first.family, nlri) : announceTogether(first, nlri));
  }

  /** What is to be sent about a destination; undefined when the neighbour knows the truth or cannot be told. */
  private itemFor(key: string, outlet: Outlet): Encoded | undefined {
    const wanted = this.wanted.get(key);
    const sent = this.sent.get(key);
    if (wanted === undefined) return sent === undefined ? undefined : withdrawalOf(sent);
    if (!outlet.agreement.families.has(familyOfAnnounced(wanted.what))) return undefined;
    try {
      const item = encodeAnnounced(wanted.what, outlet.localAs, outlet.agreement.external, this.profile);
      this.faults.delete(key);
      return item.group === sent?.group ? undefined : item;
    } catch (error) {
      this.faults.set(key, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private note(key: string, { family, nlri, nlriBytes, group }: Encoded): void {
    if (group === WITHDRAWAL[family]) {
      this.sent.delete(key);
      this.pushed[family].removed++;
      return;
    }
    if (!this.sent.has(key)) this.pushed[family].added++;
    this.sent.set(key, { family, nlri, nlriBytes, group });
  }

  private fillTokens(now: number): void {
    const { nlriPerSecond } = this.profile;
    const earned = ((now - this.tokensAt) * nlriPerSecond) / 1000;
    this.tokens = Math.min(this.tokens + earned, Math.max(nlriPerSecond, 1));
    this.tokensAt = now;
  }
}

/** The group of withdrawals of each family. */
const WITHDRAWAL: Readonly<Record<Family, string>> = {
  'ipv4-unicast': 'withdraw ipv4-unicast',
  'ipv6-unicast': 'withdraw ipv6-unicast',
  'ipv4-flowspec': 'withdraw ipv4-flowspec',
  'ipv6-flowspec': 'withdraw ipv6-flowspec',
};

function withdrawalOf({ family, nlri, nlriBytes }: Sent): Encoded {
  return {
    family,
    nlri,
    nlriBytes,
    attributes: {},
    nextHop: { address: '' },
    attributeBytes: 0,
    group: WITHDRAWAL[family],
  };
}

function zeroes(): Record<Family, number> {
  return { 'ipv4-unicast': 0, 'ipv6-unicast': 0, 'ipv4-flowspec': 0, 'ipv6-flowspec': 0 };
}

function noPushes(): Record<Family, { added: number; removed: number }> {
  const none = () => ({ added: 0, removed: 0 });
  return {
    'ipv4-unicast': none(),
    'ipv6-unicast': none(),
    'ipv4-flowspec': none(),
    'ipv6-flowspec': none(),
  };
}
