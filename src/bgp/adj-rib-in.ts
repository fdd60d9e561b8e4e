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
  type SharedRoutes,
} from '../rib/index.ts';
import { AttributeWords } from './attribute-words.ts';
import type { MpNextHop, PathAttributes } from './attributes.ts';
import type { Family } from './family.ts';
import { FamilyRoutes } from './family-routes.ts';
import type { LearntContext, LearntRoutes } from './learnt-routes.ts';
import type { UnicastNlri } from './nlri.ts';
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

/** What lasts as long as a session. */
interface Held {
  readonly memory: RouteMemory;
  readonly store: AttributeStore;
  readonly table4: RouteTable4;
  readonly four: FamilyRoutes;
  readonly six: FamilyRoutes;
}

/**
 * Adj-RIB-In: the unicast routes that one neighbour has announced (RFC 4271 3.2), in memory that other threads may read
 * (`share`). Routes with equal attributes share one set of them.
 */
export class AdjRibIn implements LearntRoutes {
  private readonly options: AdjRibInOptions;
  private readonly content = new AttributeWords();
  private held: Held;
  private readonly reader: RouteReader;
  private hasGrown = false;

  constructor(options: AdjRibInOptions = {}) {
    this.options = options;
    this.held = this.begin();
    this.reader = new RouteReader(this.share());
  }

  /** The memory for readers in other threads; `onShare` tells when there is more. */
  share(): SharedRoutes {
    return this.held.memory.share();
  }

  counters(version: 4 | 6): LearntCounters {
    const { table, added, removed, refused } = this.family(version);
    return { prefixes: table.routes.count, added, removed, refused };
  }

  /** Bytes of memory, pages that were never touched included; sets of attributes. */
  size(): { bytes: number; attributeSets: number } {
    const { memory, store, four, six, table4 } = this.held;
    const shared =
      memory.records4.bytes +
      memory.blocks.bytes +
      memory.nodes6.bytes +
      memory.serials6.bytes +
      memory.attributes.bytes;
    const directory = table4.highest > 0 ? memory.directory().byteLength : 0;
    const apart = store.privateBytes + table4.privateBytes + four.paths.bytes + six.paths.bytes;
    return { bytes: shared + directory + apart, attributeSets: store.count };
  }

  update(message: UpdateMessage, context: LearntContext): void {
    const { four, six, memory } = this.held;
    const { reach, unreach, attributes } = message;
    memory.control[CONTROL.peerAs] = context.peerAs;
    four.withdraw(message.withdrawn);
    if (unreach?.family === 'ipv4-unicast') four.withdraw(unreach.nlri);
    if (unreach?.family === 'ipv6-unicast') six.withdraw(unreach.nlri);
    const nextHop = attributes.nextHop === undefined ? undefined : { address: attributes.nextHop };
    this.announce(four, message.announced, attributes, nextHop, context);
    if (reach?.family === 'ipv4-unicast') this.announce(four, reach.nlri, attributes, reach.nextHop, context);
    if (reach?.family === 'ipv6-unicast') this.announce(six, reach.nlri, attributes, reach.nextHop, context);
    this.tellGrowth();
  }

  refresh(family: Family, mark: 'begin' | 'end'): void {
    if (family !== 'ipv4-unicast' && family !== 'ipv6-unicast') return;
    const routes = this.family(family === 'ipv4-unicast' ? 4 : 6);
    if (mark === 'begin') routes.beginRefresh();
    else routes.endRefresh();
  }

  clear(): void {
    this.held.memory.close();
    this.held = this.begin();
    this.hasGrown = true;
    this.tellGrowth();
  }

  /** The longest match of an address; undefined when there is none, or the text is no address. */
  routeForAddress(address: string): LearntRoute | undefined {
    const word = parseIPv4(address);
    if (word !== undefined) {
      const record = this.reader.lookup4(word);
      return record === 0 ? undefined : this.describe(this.held.four, record);
    }
    const words = parseIPv6(address);
    if (words === undefined) return undefined;
    const node = this.reader.lookup6(words[0], words[1], words[2], words[3]);
    return node === 0 ? undefined : this.describe(this.held.six, node);
  }

  /** All routes of a family, in no order. */
  *routes(version: 4 | 6): Generator<LearntRoute> {
    const family = this.family(version);
    for (const route of family.table.routes.all()) yield this.describe(family, route);
  }

  private describe({ paths, table }: FamilyRoutes, route: number): LearntRoute {
    const { reader } = this;
    const { version, routes } = table;
    const known: LearntPath[] = [];
    const best = routes.attributesOf(route);
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
    family: FamilyRoutes,
    nlri: readonly UnicastNlri[],
    attributes: PathAttributes,
    nextHop: MpNextHop | undefined,
    context: LearntContext,
  ): void {
    if (nlri.length === 0) return;
    if (context.treatAsWithdraw) {
      family.withdraw(nlri);
      return;
    }
    const set = this.acquire(attributes, nextHop);
    if (set === 0) {
      this.refuse(family, nlri.length, 'their attributes take too much memory');
      family.withdraw(nlri);
      return;
    }
    const most = this.options.maxPrefixes ?? MAX_PREFIXES;
    for (const one of nlri)
      if (!family.announce(one, set, most)) this.refuse(family, 1, `there are ${most} prefixes`);
    this.held.store.release(set);
  }

  private refuse(family: FamilyRoutes, count: number, reason: string): void {
    const { four, six } = this.held;
    if (four.refused + six.refused === 0) this.options.onRefused?.(reason);
    family.refused += count;
  }

  /** The set for these attributes, held until it is released; 0 when there is no room. */
  private acquire(attributes: PathAttributes, nextHop: MpNextHop | undefined): number {
    const { memory, store } = this.held;
    if (memory.attributes.bytes >= (this.options.maxAttributeBytes ?? MAX_ATTRIBUTE_BYTES)) return 0;
    const end = this.content.write(attributes, nextHop);
    return store.acquire(this.content.words, end);
  }

  private family(version: 4 | 6): FamilyRoutes {
    return version === 4 ? this.held.four : this.held.six;
  }

  /** Memory and tables of a session, with nothing in them. */
  private begin(): Held {
    const memory = new RouteMemory(() => {
      this.hasGrown = true;
    });
    const store = new AttributeStore(memory);
    const table4 = new RouteTable4(memory);
    return {
      memory,
      store,
      table4,
      four: new FamilyRoutes({ version: 4, routes: table4 }, store),
      six: new FamilyRoutes({ version: 6, routes: new RouteTable6(memory) }, store),
    };
  }

  private tellGrowth(): void {
    if (!this.hasGrown) return;
    this.hasGrown = false;
    const routes = this.share();
    this.reader.use(routes);
    this.options.onShare?.(routes);
  }
}
