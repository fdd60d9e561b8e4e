import { SAMPLE_KIND, type SampleContext, SampleRoutes } from '../flow/index.ts';
import { RouteReader, type SharedRoutes } from '../rib/index.ts';
import { PrefixTraffic } from './prefix-traffic.ts';

/** Which router's table an agent's samples are looked up in (bgp.md 4, bgpAddSource). */
export interface BgpSource {
  readonly router: string;
  /** Router for IPv6, when it is another session. */
  readonly router6: string | undefined;
  /** Time constant of the traffic per prefix. */
  readonly seconds: number;
  readonly value: 'bytes' | 'frames';
}

/** The name that stands for every data source at the edge of the topology. */
const EDGE = 'EDGE';

/** Shortest time constant, s. */
const MIN_SECONDS = 0.001;

/** What is known of a router: its routes, and the traffic to and from them. */
export class RouterTable {
  reader: RouteReader | undefined;
  /** By time constant and value. */
  readonly traffic = new Map<string, PrefixTraffic>();
  use(routes: SharedRoutes | undefined): void {
    const before = this.reader?.identity;
    if (routes === undefined) this.reader = undefined;
    else if (this.reader === undefined) this.reader = new RouteReader(routes);
    else this.reader.use(routes);
    if (this.reader?.identity !== before) for (const traffic of this.traffic.values()) traffic.clear();
  }
}

/** A source, with what it stands for. */
interface Bound {
  readonly source: BgpSource;
  readonly four: RouterTable;
  readonly six: RouterTable;
  readonly traffic4: PrefixTraffic;
  readonly traffic6: PrefixTraffic;
}

/** Routes that neighbours have announced, as a shard uses them: for flow keys, and for the traffic of each prefix. */
export class BgpRoutes {
  /** True when samples are to be looked up. */
  active = false;
  readonly tables = new Map<string, RouterTable>();
  private readonly sources = new Map<string, BgpSource>();
  private readonly bound = new Map<string, Bound>();
  private readonly routes = new SampleRoutes();

  /** What a session has learnt; undefined when there is none. */
  setTable(router: string, routes: SharedRoutes | undefined): void {
    const table = this.table(router);
    table.use(routes);
    if (routes === undefined && table.traffic.size === 0) this.tables.delete(router);
  }

  setSource(agent: string, source: BgpSource | undefined, now: number): void {
    if (source === undefined) this.sources.delete(agent);
    else this.sources.set(agent, source);
    this.bind(now);
  }

  /** Must be called before the samples of one moment. */
  advance(now: number): void {
    for (const { traffic } of this.tables.values())
      for (const each of traffic.values()) each.decay.advance(now);
  }

  /** Look a packet's addresses up, and count it for its prefixes, when its agent has a router. */
  sample(sample: SampleContext): void {
    const edge = this.bound.get(EDGE);
    const bound = edge === undefined ? this.bound.get(sample.agent) : sample.edge === 1 ? edge : undefined;
    if (bound === undefined) return;
    const { routes } = this;
    routes.table4 = bound.four.reader;
    routes.table6 = bound.six.reader;
    routes.look(sample);
    sample.routes = routes;
    if (sample.kind === SAMPLE_KIND.flow) count(bound, routes, sample);
  }

  private table(router: string): RouterTable {
    let table = this.tables.get(router);
    if (table === undefined) {
      table = new RouterTable();
      this.tables.set(router, table);
    }
    return table;
  }

  /** Tables and traffic for the sources there are now. Traffic that one of them still counts goes on. */
  private bind(now: number): void {
    this.bound.clear();
    const used = new Set<PrefixTraffic>();
    const trafficOf = (table: RouterTable, { seconds, value }: BgpSource): PrefixTraffic => {
      const key = `${seconds} ${value}`;
      let traffic = table.traffic.get(key);
      if (traffic === undefined) {
        traffic = new PrefixTraffic(Math.max(MIN_SECONDS, seconds), value === 'frames', now);
        table.traffic.set(key, traffic);
      }
      used.add(traffic);
      return traffic;
    };
    for (const [agent, source] of this.sources) {
      const four = this.table(source.router);
      const six = source.router6 === undefined ? four : this.table(source.router6);
      this.bound.set(agent, {
        source,
        four,
        six,
        traffic4: trafficOf(four, source),
        traffic6: trafficOf(six, source),
      });
    }
    for (const [router, table] of this.tables) {
      for (const [key, traffic] of table.traffic) if (!used.has(traffic)) table.traffic.delete(key);
      if (table.reader === undefined && table.traffic.size === 0) this.tables.delete(router);
    }
    this.active = this.bound.size > 0;
  }
}

function count(bound: Bound, routes: SampleRoutes, sample: SampleContext): void {
  const { table, version } = routes;
  const traffic = version === 4 ? bound.traffic4 : bound.traffic6;
  const value = traffic.countsFrames ? sample.frames : sample.frameLength;
  if (table === undefined || value < 0) return;
  const amount = value * sample.samplingRate * traffic.decay.weight;
  const sums = version === 4 ? traffic.four : traffic.six;
  const { destination, source } = routes;
  if (destination !== 0) sums.add(destination, table.serial(version, destination), true, amount);
  if (source !== 0) sums.add(source, table.serial(version, source), false, amount);
}
