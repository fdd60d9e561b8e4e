import { formatIPv4, formatIPv6 } from '../common/index.ts';
import { NODE6, RECORD4, type RouteFacts, type RouteReader } from '../rib/index.ts';
import type { RouterTable } from './bgp-routes.ts';
import type { Questions, TopPrefix } from './index.ts';
import type { PrefixSums, PrefixTraffic } from './prefix-traffic.ts';
import type { Shard } from './shard.ts';

/** Less is no traffic any more. */
const LEAST = 1e-6;

interface Loaded {
  readonly route: number;
  readonly serial: number;
  readonly value: number;
  readonly words: readonly [number, number, number, number];
  readonly length: number;
}

/** Prefixes with most traffic (bgp.md 4, bgpTopPrefixes). undefined: nothing is known of the router. */
export function bgpTopPrefixes(
  shard: Shard,
  question: Questions['bgpTopPrefixes']['question'],
  now: number,
): Questions['bgpTopPrefixes']['answer'] {
  const { router, version, maxPrefixes, minValue, direction, minPrefix } = question;
  const table = shard.bgp.tables.get(router);
  if (table?.reader === undefined) return undefined;
  const { reader } = table;
  const loaded = loadedPrefixes(table, reader, version, direction === 'destination', now);
  let valueTotal = 0;
  for (const { value } of loaded) valueTotal += value;
  const shown = loaded
    .filter(({ value, length }) => value >= minValue && length >= minPrefix)
    .sort((a, b) => b.value - a.value)
    .slice(0, Math.max(0, maxPrefixes));
  const topPrefixes = shown.map((entry) => ({
    ...describe(entry, version),
    ...(direction === 'destination' ? routeOf(reader, version, entry) : {}),
  }));
  if (question.includeCovered) tellCovered(shown, topPrefixes, question.pruneCovered);
  let valueTopPrefixes = 0;
  for (const { value } of shown) valueTopPrefixes += value;
  return {
    topPrefixes,
    valueTopPrefixes,
    valueTotal,
    ...(valueTotal > 0 ? { valuePercentCoverage: (100 * valueTopPrefixes) / valueTotal } : {}),
  };
}

/** Traffic from and to one prefix. */
export function bgpPrefixValues(
  shard: Shard,
  { router, version, route, serial }: Questions['bgpPrefixValues']['question'],
  now: number,
): Questions['bgpPrefixValues']['answer'] {
  let valueIngress = 0;
  let valueEgress = 0;
  for (const traffic of shard.bgp.tables.get(router)?.traffic.values() ?? []) {
    const sums = sumsOf(traffic, version);
    const factor = traffic.decay.readFactor(now);
    valueIngress += sums.sum(route, serial, false) * factor;
    valueEgress += sums.sum(route, serial, true) * factor;
  }
  return { valueIngress, valueEgress };
}

function sumsOf(traffic: PrefixTraffic, version: 4 | 6): PrefixSums {
  return version === 4 ? traffic.four : traffic.six;
}

function loadedPrefixes(
  table: RouterTable,
  reader: RouteReader,
  version: 4 | 6,
  isEgress: boolean,
  now: number,
): Loaded[] {
  const values = new Map<number, number>();
  for (const traffic of table.traffic.values()) {
    const sums = sumsOf(traffic, version);
    const factor = traffic.decay.readFactor(now);
    const list = isEgress ? sums.egress : sums.ingress;
    for (let route = 1; route < list.length; route++) {
      if (list[route] === 0) continue;
      const value = list[route] * factor;
      // Another prefix may have taken the number of one that was withdrawn.
      if (value < LEAST || sums.serials[route] !== reader.serial(version, route)) continue;
      values.set(route, (values.get(route) ?? 0) + value);
    }
  }
  const loaded: Loaded[] = [];
  for (const [route, value] of values) {
    const serial = reader.serial(version, route);
    const attributes = attributesOf(reader, version, route);
    if (attributes === 0) continue;
    if (version === 4) {
      const words = [reader.word4(route, RECORD4.prefix), 0, 0, 0] as const;
      loaded.push({ route, serial, value, words, length: reader.word4(route, RECORD4.length) });
    } else {
      const [w0, w1, w2, w3] = [NODE6.w0, NODE6.w1, NODE6.w2, NODE6.w3].map((w) => reader.word6(route, w));
      loaded.push({
        route,
        serial,
        value,
        words: [w0, w1, w2, w3],
        length: reader.word6(route, NODE6.length),
      });
    }
  }
  return loaded;
}

function attributesOf(reader: RouteReader, version: 4 | 6, route: number): number {
  return version === 4 ? reader.word4(route, RECORD4.attributes) : reader.word6(route, NODE6.attributes);
}

function describe({ words, length, value }: Loaded, version: 4 | 6): TopPrefix {
  const address = version === 4 ? formatIPv4(words[0]) : formatIPv6(...words);
  return { prefix: `${address}/${length}`, value };
}

/** What the route tells; nothing when it has gone meanwhile. */
function routeOf(reader: RouteReader, version: 4 | 6, { route, serial }: Loaded): Partial<TopPrefix> {
  reader.begin();
  const set = attributesOf(reader, version, route);
  const facts = set === 0 ? undefined : reader.facts(set);
  if (facts === undefined || reader.serial(version, route) !== serial) return {};
  return routeMembers(facts);
}

/** The members of a route in answers, in the order in which clients know them. */
export function routeMembers(facts: RouteFacts): Partial<TopPrefix> {
  const { nextHop, linkLocal, asPath, origin, med, localPref, communityText } = facts;
  return {
    ...(nextHop === undefined ? {} : { nexthop: nextHop }),
    ...(linkLocal === undefined ? {} : { nexthoplinklocal: linkLocal }),
    ...(asPath === undefined ? {} : { aspath: asPath }),
    origin,
    ...(med === undefined ? {} : { med }),
    ...(localPref === undefined ? {} : { localpref: localPref }),
    ...(communityText === undefined ? {} : { communities: communityText }),
  };
}

/**
 * Which of the prefixes shown lie in others: `children` counts those below one, `parentprefix` is the nearest above. A
 * default route covers all, and is no parent.
 */
function tellCovered(shown: readonly Loaded[], entries: TopPrefix[], prune: boolean): void {
  shown.forEach((inner, i) => {
    let parent = -1;
    shown.forEach((outer, k) => {
      if (outer.length >= inner.length || !covers(outer, inner)) return;
      const member = prune ? 'childrenpruned' : 'children';
      entries[k][member] = (entries[k][member] ?? 0) + 1;
      if (outer.length > 0 && (parent < 0 || outer.length > shown[parent].length)) parent = k;
    });
    if (parent < 0) return;
    if (prune) entries[i].children = 0;
    else entries[i].parentprefix = entries[parent].prefix;
  });
}

function covers(outer: Loaded, inner: Loaded): boolean {
  return outer.words.every((word, i) => {
    const bits = outer.length - 32 * i;
    const difference = word ^ inner.words[i];
    return bits <= 0 || (bits >= 32 ? difference === 0 : difference >>> (32 - bits) === 0);
  });
}
