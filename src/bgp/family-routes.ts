import { type AttributeStore, type RouteTable4, type RouteTable6, SET, SET_FLAG } from '../rib/index.ts';
import type { UnicastNlri } from './nlri.ts';
import { PathLists } from './path-lists.ts';
import type { Prefix } from './prefix.ts';

/** The table of a family, found and added to by prefix. */
export type FamilyTable =
  | { readonly version: 4; readonly routes: RouteTable4 }
  | { readonly version: 6; readonly routes: RouteTable6 };

/** What a route without LOCAL_PREF counts as. */
const DEFAULT_LOCAL_PREF = 100;

/** The routes of one family that a neighbour has announced, one path for each or several; `set` is one of attributes. */
export class FamilyRoutes {
  readonly paths = new PathLists();
  added = 0;
  removed = 0;
  refused = 0;
  readonly table: FamilyTable;
  private readonly store: AttributeStore;
  /** While the peer sends the family anew: 1 for each route that came again. */
  private seen: Uint8Array | undefined;

  constructor(table: FamilyTable, store: AttributeStore) {
    this.table = table;
    this.store = store;
  }

  /** False when it is a new prefix, and there are `most` already. */
  announce({ prefix, pathId }: UnicastNlri, set: number, most: number): boolean {
    const { paths } = this;
    const { routes } = this.table;
    let route = this.find(prefix);
    if (route === 0) {
      if (routes.count >= most) return false;
      this.store.share(set);
      route = this.add(prefix, set);
      if (pathId !== undefined) paths.add(route, pathId, set);
      this.added++;
    } else if (pathId !== undefined) this.announcePath(route, pathId, set);
    else {
      const before = routes.attributesOf(route);
      if (before !== set) {
        this.store.share(set);
        routes.replace(route, set);
        this.store.release(before);
      }
    }
    if (this.seen !== undefined) {
      this.markSeen(route);
      if (pathId !== undefined) paths.setSeen(paths.find(route, pathId));
    }
    return true;
  }

  withdraw(list: readonly UnicastNlri[]): void {
    for (const { prefix, pathId } of list) {
      const route = this.find(prefix);
      if (route === 0) continue;
      if (pathId === undefined) this.removeRoute(route);
      else this.removePath(route, this.paths.find(route, pathId));
    }
  }

  /** The peer sends everything anew from now on. */
  beginRefresh(): void {
    this.seen = new Uint8Array(this.table.routes.highest + 1);
    this.paths.forgetSeen();
  }

  /** What has not come again is gone. */
  endRefresh(): void {
    const { seen } = this;
    if (seen === undefined) return;
    this.seen = undefined;
    for (const route of [...this.table.routes.all()]) this.removeUnseen(route, seen);
  }

  private announcePath(route: number, pathId: number, set: number): void {
    const { paths, table } = this;
    const entry = paths.find(route, pathId);
    const before = entry === 0 ? 0 : paths.attributes(entry);
    if (before === set) return;
    this.store.share(set);
    if (entry === 0) {
      paths.add(route, pathId, set);
      this.added++;
    } else paths.setAttributes(entry, set);
    table.routes.replace(route, this.bestPath(route));
    if (before !== 0) this.store.release(before);
  }

  private removeRoute(route: number): void {
    const { paths, table } = this;
    const set = table.routes.attributesOf(route);
    table.routes.remove(route);
    if (paths.first(route) === 0) {
      this.store.release(set);
      this.removed++;
    }
    for (let entry = paths.first(route); entry !== 0; entry = paths.first(route)) {
      const held = paths.attributes(entry);
      paths.remove(route, entry);
      this.store.release(held);
      this.removed++;
    }
    if (this.seen !== undefined && route < this.seen.length) this.seen[route] = 0;
  }

  private removePath(route: number, entry: number): void {
    const { paths, table } = this;
    if (entry === 0) return;
    if (paths.next(paths.first(route)) === 0) {
      this.removeRoute(route);
      return;
    }
    const set = paths.attributes(entry);
    paths.remove(route, entry);
    table.routes.replace(route, this.bestPath(route));
    this.store.release(set);
    this.removed++;
  }

  private markSeen(route: number): void {
    let seen = this.seen ?? new Uint8Array(0);
    if (route >= seen.length) {
      const larger = new Uint8Array(Math.max(route + 1, seen.length * 2));
      larger.set(seen);
      seen = larger;
      this.seen = seen;
    }
    seen[route] = 1;
  }

  private removeUnseen(route: number, seen: Uint8Array): void {
    const { paths } = this;
    if (seen[route] !== 1) {
      this.removeRoute(route);
      return;
    }
    for (let entry = paths.first(route), next = 0; entry !== 0; entry = next) {
      next = paths.next(entry);
      if (!paths.isSeen(entry)) this.removePath(route, entry);
    }
  }

  /** The set of the path that would be chosen (RFC 4271 9.1.2.2, as far as one neighbour's paths differ). */
  private bestPath(route: number): number {
    const { paths } = this;
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

  private find({ w0, w1, w2, w3, length }: Prefix): number {
    const { table } = this;
    return table.version === 4 ? table.routes.find(w0, length) : table.routes.find(w0, w1, w2, w3, length);
  }

  private add({ w0, w1, w2, w3, length }: Prefix, set: number): number {
    const { table } = this;
    return table.version === 4
      ? table.routes.add(w0, length, set)
      : table.routes.add(w0, w1, w2, w3, length, set);
  }
}
