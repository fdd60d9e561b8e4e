import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../common/index.ts';
import {
  AttributeStore,
  CONTROL,
  NODE6,
  RECORD4,
  type RouteFacts,
  RouteMemory,
  RouteReader,
  RouteTable4,
  RouteTable6,
  routeFacts,
  SET,
  SET_FLAG,
  type SharedRoutes,
} from '../rib/index.ts';
import { AttributeWords } from './attribute-words.ts';
import type { MpNextHop, PathAttributes } from './attributes.ts';
import type { Family } from './family.ts';
import type { LearntContext, LearntRoutes } from './learnt-routes.ts';
import type { UnicastNlri } from './nlri.ts';
import { PathLists } from './path-lists.ts';
import type { Prefix } from './prefix.ts';
import type { UpdateMessage } from './update.ts';

export interface AdjRibInOptions {
  /** Prefixes of each family that are kept; what is announced beyond is counted, and not kept. */
  readonly maxPrefixes?: number;
  /** Bytes for sets of path attributes; routes whose attributes find no room are not kept. */
  readonly maxAttributeBytes?: number;
  /** Memory was added or is another: readers in other threads are to have this. */
  readonly onShare?: (routes: SharedRoutes) => void;
  /** For the first time since the session began there was no room for something. */
  readonly onRefused?: (reason: string) => void;
}

/** What has happened to the routes of a family since the session began. */
export interface LearntCounters {
  /** Prefixes there are. */
  readonly prefixes: number;
  /** Paths that came and went; without path identifiers a prefix is one path. A change of attributes is neither. */
  readonly added: number;
  readonly removed: number;
  /** Announced, but not kept: there was no room. */
  readonly refused: number;
}

/** A path of a learnt route. */
export interface LearntPath extends RouteFacts {
  /** undefined where the peer sends no path identifiers. */
  readonly pathId: number | undefined;
}

/** A learnt route. */
export interface LearntRoute {
  readonly version: 4 | 6;
  readonly prefix: string;
  /** Which record it is for those who share the memory, and what tells it from the record's other routes. */
  readonly route: number;
  readonly serial: number;
  /** The best first. */
  readonly paths: readonly LearntPath[];
}

const MAX_PREFIXES = 4_000_000;
const MAX_ATTRIBUTE_BYTES = 512 << 20;

/** Table of one family, by the numbers of its routes. */
interface FamilyState {
  readonly version: 4 | 6;
  readonly table: RouteTable4 | RouteTable6;
  readonly paths: PathLists;
  /** While the peer sends the family anew: 1 for each route that came again. */
  seen: Uint8Array | undefined;
  added: number;
  removed: number;
  refused: number;
}

/**
 * Adj-RIB-In: the unicast routes that one neighbour has announced (RFC 4271 3.2), in memory that other threads may read
 * (`share`). Routes with equal attributes share one set of them.
 */
export class AdjRibIn implements LearntRoutes {
  private readonly options: AdjRibInOptions;
  private readonly content = new AttributeWords();
  private memory: RouteMemory;
  private store: AttributeStore;
  private table4: RouteTable4;
  private table6: RouteTable6;
  private four: FamilyState;
  private six: FamilyState;
  private reader: RouteReader;
  private hasGrown = false;

  constructor(options: AdjRibInOptions = {}) {
    this.options = options;
    this.memory = new RouteMemory(() => {
      this.hasGrown = true;
    });
    this.store = new AttributeStore(this.memory);
    this.table4 = new RouteTable4(this.memory);
    this.table6 = new RouteTable6(this.memory);
    this.four = familyState(4, this.table4);
    this.six = familyState(6, this.table6);
    this.reader = new RouteReader(this.memory.share());
  }

  /** The memory for readers in other threads; `onShare` tells when there is more. */
  share(): SharedRoutes {
    return this.memory.share();
  }

  counters(version: 4 | 6): LearntCounters {
    const { table, added, removed, refused } = version === 4 ? this.four : this.six;
    return { prefixes: table.count, added, removed, refused };
  }

  /** Bytes of memory, pages that were never touched included; sets of attributes. */
  size(): { bytes: number; attributeSets: number } {
    const { memory, store, four, six } = this;
    const shared =
      memory.records4.bytes +
      memory.blocks.bytes +
      memory.nodes6.bytes +
      memory.serials6.bytes +
      memory.attributes.bytes;
    const directory = this.table4.highest > 0 ? memory.directory().byteLength : 0;
    const apart = store.privateBytes + this.table4.privateBytes + four.paths.bytes + six.paths.bytes;
    return { bytes: shared + directory + apart, attributeSets: store.count };
  }

  update(message: UpdateMessage, context: LearntContext): void {
    const { four, six, memory } = this;
    const { reach, unreach, attributes } = message;
    memory.control[CONTROL.peerAs] = context.peerAs;
    this.withdraw(four, message.withdrawn);
    if (unreach?.family === 'ipv4-unicast') this.withdraw(four, unreach.nlri);
    if (unreach?.family === 'ipv6-unicast') this.withdraw(six, unreach.nlri);
    const nextHop = attributes.nextHop === undefined ? undefined : { address: attributes.nextHop };
    this.announce(four, message.announced, attributes, nextHop, context);
    if (reach?.family === 'ipv4-unicast') this.announce(four, reach.nlri, attributes, reach.nextHop, context);
    if (reach?.family === 'ipv6-unicast') this.announce(six, reach.nlri, attributes, reach.nextHop, context);
    this.tellGrowth();
  }

  refresh(family: Family, mark: 'begin' | 'end'): void {
    if (family !== 'ipv4-unicast' && family !== 'ipv6-unicast') return;
    const state = family === 'ipv4-unicast' ? this.four : this.six;
    if (mark === 'begin') {
      state.seen = new Uint8Array(state.table.highest + 1);
      state.paths.forgetSeen();
      return;
    }
    const { seen } = state;
    if (seen === undefined) return;
    state.seen = undefined;
    for (const route of [...state.table.all()]) this.removeUnseen(state, route, seen);
  }

  clear(): void {
    this.memory.close();
    this.memory = new RouteMemory(() => {
      this.hasGrown = true;
    });
    this.store = new AttributeStore(this.memory);
    this.table4 = new RouteTable4(this.memory);
    this.table6 = new RouteTable6(this.memory);
    this.four = familyState(4, this.table4);
    this.six = familyState(6, this.table6);
    this.hasGrown = true;
    this.tellGrowth();
  }

  /** The longest match of an address; undefined when there is none, or the text is no address. */
  routeForAddress(address: string): LearntRoute | undefined {
    const word = parseIPv4(address);
    if (word !== undefined) {
      const record = this.reader.lookup4(word);
      return record === 0 ? undefined : this.describe(this.four, record);
    }
    const words = parseIPv6(address);
    if (words === undefined) return undefined;
    const node = this.reader.lookup6(words[0], words[1], words[2], words[3]);
    return node === 0 ? undefined : this.describe(this.six, node);
  }

  /** All routes of a family, in no order. */
  *routes(version: 4 | 6): Generator<LearntRoute> {
    const state = version === 4 ? this.four : this.six;
    for (const route of state.table.all()) yield this.describe(state, route);
  }

  private describe(state: FamilyState, route: number): LearntRoute {
    const { reader } = this;
    const { version, paths, table } = state;
    const known: LearntPath[] = [];
    const best = table.attributesOf(route);
    for (let entry = paths.first(route); entry !== 0; entry = paths.next(entry)) {
      const set = paths.attributes(entry);
      const path = { pathId: paths.pathId(entry), ...routeFacts(reader.setWords(set)) };
      if (set === best) known.unshift(path);
      else known.push(path);
    }
    if (known.length === 0) known.push({ pathId: undefined, ...routeFacts(reader.setWords(best)) });
    const prefix =
      version === 4
        ? `${formatIPv4(reader.word4(route, RECORD4.prefix))}/${reader.word4(route, RECORD4.length)}`
        : `${formatIPv6(
            reader.word6(route, NODE6.w0),
            reader.word6(route, NODE6.w1),
            reader.word6(route, NODE6.w2),
            reader.word6(route, NODE6.w3),
          )}/${reader.word6(route, NODE6.length)}`;
    return { version, prefix, route, serial: reader.serial(version, route), paths: known };
  }

  private announce(
    state: FamilyState,
    nlri: readonly UnicastNlri[],
    attributes: PathAttributes,
    nextHop: MpNextHop | undefined,
    context: LearntContext,
  ): void {
    if (nlri.length === 0) return;
    if (context.treatAsWithdraw) {
      this.withdraw(state, nlri);
      return;
    }
    const set = this.acquire(attributes, nextHop);
    if (set === 0) {
      this.refuse(state, nlri.length, 'their attributes take too much memory');
      this.withdraw(state, nlri);
      return;
    }
    for (const { prefix, pathId } of nlri) this.announceOne(state, prefix, pathId, set);
    this.store.release(set);
  }

  private refuse(state: FamilyState, count: number, reason: string): void {
    if (this.four.refused + this.six.refused === 0) this.options.onRefused?.(reason);
    state.refused += count;
  }

  /** The set for these attributes, held until it is released; 0 when there is no room. */
  private acquire(attributes: PathAttributes, nextHop: MpNextHop | undefined): number {
    if (this.memory.attributes.bytes >= (this.options.maxAttributeBytes ?? MAX_ATTRIBUTE_BYTES)) return 0;
    const end = this.content.write(attributes, nextHop);
    return this.store.acquire(this.content.words, end);
  }

  private announceOne(state: FamilyState, prefix: Prefix, pathId: number | undefined, set: number): void {
    const { table, paths } = state;
    let route = this.find(state, prefix);
    if (route === 0) {
      if (table.count >= (this.options.maxPrefixes ?? MAX_PREFIXES)) {
        this.refuse(state, 1, `there are ${table.count} prefixes`);
        return;
      }
      this.store.share(set);
      route = this.add(state, prefix, set);
      if (pathId !== undefined) paths.add(route, pathId, set);
      state.added++;
    } else if (pathId === undefined) {
      const before = table.attributesOf(route);
      if (before !== set) {
        this.store.share(set);
        table.replace(route, set);
        this.store.release(before);
      }
    } else this.announcePath(state, route, pathId, set);
    if (state.seen === undefined) return;
    this.markSeen(state, route);
    if (pathId !== undefined) paths.setSeen(paths.find(route, pathId));
  }

  private announcePath(state: FamilyState, route: number, pathId: number, set: number): void {
    const { table, paths } = state;
    const entry = paths.find(route, pathId);
    if (entry === 0) {
      this.store.share(set);
      paths.add(route, pathId, set);
      state.added++;
      table.replace(route, this.bestPath(state, route));
      return;
    }
    const before = paths.attributes(entry);
    if (before === set) return;
    this.store.share(set);
    paths.setAttributes(entry, set);
    table.replace(route, this.bestPath(state, route));
    this.store.release(before);
  }

  private withdraw(state: FamilyState, nlri: readonly UnicastNlri[]): void {
    for (const { prefix, pathId } of nlri) {
      const route = this.find(state, prefix);
      if (route === 0) continue;
      if (pathId === undefined) this.removeRoute(state, route);
      else this.removePath(state, route, state.paths.find(route, pathId));
    }
  }

  private removeRoute(state: FamilyState, route: number): void {
    const { table, paths } = state;
    const set = table.attributesOf(route);
    table.remove(route);
    if (paths.first(route) === 0) {
      this.store.release(set);
      state.removed++;
    }
    for (let entry = paths.first(route); entry !== 0; entry = paths.first(route)) {
      const held = paths.attributes(entry);
      paths.remove(route, entry);
      this.store.release(held);
      state.removed++;
    }
    if (state.seen !== undefined && route < state.seen.length) state.seen[route] = 0;
  }

  private removePath(state: FamilyState, route: number, entry: number): void {
    const { table, paths } = state;
    if (entry === 0) return;
    if (paths.next(paths.first(route)) === 0) {
      this.removeRoute(state, route);
      return;
    }
    const set = paths.attributes(entry);
    paths.remove(route, entry);
    table.replace(route, this.bestPath(state, route));
    this.store.release(set);
    state.removed++;
  }

  private markSeen(state: FamilyState, route: number): void {
    let seen = state.seen ?? new Uint8Array(0);
    if (route >= seen.length) {
      const larger = new Uint8Array(Math.max(route + 1, seen.length * 2));
      larger.set(seen);
      seen = larger;
      state.seen = seen;
    }
    seen[route] = 1;
  }

  /** What has not come again since the peer began to send the family anew goes. */
  private removeUnseen(state: FamilyState, route: number, seen: Uint8Array): void {
    if (seen[route] !== 1) {
      this.removeRoute(state, route);
      return;
    }
    const { paths } = state;
    for (let entry = paths.first(route), next = 0; entry !== 0; entry = next) {
      next = paths.next(entry);
      if (!paths.isSeen(entry)) this.removePath(state, route, entry);
    }
  }

  /** The set of the path that would be chosen (RFC 4271 9.1.2.2, as far as one neighbour's paths differ). */
  private bestPath({ paths }: FamilyState, route: number): number {
    let best = paths.first(route);
    for (let entry = paths.next(best); entry !== 0; entry = paths.next(entry)) {
      const order = this.compare(paths.attributes(entry), paths.attributes(best));
      if (order < 0 || (order === 0 && paths.pathId(entry) < paths.pathId(best))) best = entry;
    }
    return paths.attributes(best);
  }

  /** Below 0 when set `a` is to be preferred. */
  private compare(a: number, b: number): number {
    const word = (set: number, at: number): number => this.store.word(set, at);
    const localPref = (set: number): number =>
      (word(set, SET.flags) & SET_FLAG.localPref) === 0 ? DEFAULT_LOCAL_PREF : word(set, SET.localPref) >>> 0;
    return (
      localPref(b) - localPref(a) ||
      word(a, SET.pathWords) - word(b, SET.pathWords) ||
      (word(a, SET.flags) & 3) - (word(b, SET.flags) & 3) ||
      (word(a, SET.med) >>> 0) - (word(b, SET.med) >>> 0)
    );
  }

  private find({ version }: FamilyState, { w0, w1, w2, w3, length }: Prefix): number {
    return version === 4 ? this.table4.find(w0, length) : this.table6.find(w0, w1, w2, w3, length);
  }

  private add({ version }: FamilyState, { w0, w1, w2, w3, length }: Prefix, set: number): number {
    return version === 4 ? this.table4.add(w0, length, set) : this.table6.add(w0, w1, w2, w3, length, set);
  }

  private tellGrowth(): void {
    if (!this.hasGrown) return;
    this.hasGrown = false;
    const routes = this.memory.share();
    this.reader.use(routes);
    this.options.onShare?.(routes);
  }
}

/** What a route without LOCAL_PREF counts as. */
const DEFAULT_LOCAL_PREF = 100;

function familyState(version: 4 | 6, table: RouteTable4 | RouteTable6): FamilyState {
  return {
    version,
    table,
    paths: new PathLists(),
    seen: undefined,
    added: 0,
    removed: 0,
    refused: 0,
  };
}
