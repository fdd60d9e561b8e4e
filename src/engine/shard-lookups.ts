import type { HostAttribute, Lookups } from '../flow/index.ts';
import {
  type AutonomousSystem,
  type Country,
  createGroup,
  createMap,
  GeoTables,
  type Group,
  type LabelMap,
  type NameCache,
  type OuiTable,
} from '../lookup/index.ts';
import type { MetricStore } from '../metric/index.ts';
import { type CurrentTopology, ifName, nodeName, type TopologyFacts } from '../topology/index.ts';

/**
 * What flow functions of one shard know: groups, maps, vendors, countries and autonomous systems, names from the DNS,
 * and those that counters and the topology brought.
 */
export class ShardLookups implements Lookups {
  readonly geo = new GeoTables();
  /** undefined: nobody is asked for names. */
  names: NameCache | undefined;

  private readonly groups = new Map<string, Group>();
  private readonly maps = new Map<string, LabelMap>();
  private ouis: OuiTable | undefined;
  private readonly metrics: MetricStore;
  private readonly topology: CurrentTopology;
  private readonly facts: TopologyFacts;

  constructor(metrics: MetricStore, topology: CurrentTopology, facts: TopologyFacts) {
    this.metrics = metrics;
    this.topology = topology;
    this.facts = facts;
  }

  /** Replace a group as a whole; undefined removes it. The content has been validated before. */
  setGroup(name: string, content: unknown): void {
    if (content === undefined) this.groups.delete(name);
    else this.groups.set(name, createGroup(content));
  }

  setMap(name: string, content: unknown): void {
    if (content === undefined) this.maps.delete(name);
    else this.maps.set(name, createMap(content));
  }

  setVendors(ouis: OuiTable): void {
    this.ouis = ouis;
  }

  lookupIPv4(groups: readonly string[], word: number): string | undefined {
    for (const name of groups) {
      const group = this.groups.get(name);
      const label = group === undefined ? -1 : group.lookup4(word);
      if (label >= 0) return group?.labels[label];
    }
    return undefined;
  }

  lookupIPv6(groups: readonly string[], w0: number, w1: number, w2: number, w3: number): string | undefined {
    for (const name of groups) {
      const group = this.groups.get(name);
      const label = group === undefined ? -1 : group.lookup6(w0, w1, w2, w3);
      if (label >= 0) return group?.labels[label];
    }
    return undefined;
  }

  map(name: string, value: string): string | undefined {
    const map = this.maps.get(name);
    const label = map === undefined ? -1 : map.lookup(value);
    return label < 0 ? undefined : map?.labels[label];
  }

  vendor(mac: string): string | undefined {
    return this.ouis?.lookup(Number.parseInt(mac.slice(0, 4), 16), Number.parseInt(mac.slice(4), 16));
  }

  node(agent: string, ifIndex: string): string | undefined {
    return nodeName(this.topology.resolved, this.facts, agent, ifIndex);
  }

  link(agent: string, ifIndex: string): string | undefined {
    return this.topology.resolved?.link(agent, ifIndex);
  }

  ifName(agent: string, ifIndex: string): string | undefined {
    return ifName(this.topology.resolved, this.facts, agent, ifIndex) ?? undefined;
  }

  country(address: string): Country | undefined {
    return this.geo.country(address);
  }

  asn(address: string): AutonomousSystem | undefined {
    return this.geo.asn(address);
  }

  dnsName(address: string): string | undefined {
    return this.names?.lookup(address);
  }

  host(mac: string, attribute: HostAttribute): string | undefined {
    return this.metrics.hostText(mac, attribute);
  }
}
