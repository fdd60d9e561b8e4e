import type { TopologyFacts } from './facts.ts';
import type { LocatedHost } from './host-locator.ts';
import { interfaceToPort } from './interface-questions.ts';
import { present } from './present.ts';
import type { ResolvedTopology } from './resolved.ts';

/** What is known of the machine that has a MAC address (host_adapters): the hypervisor for that of a virtual machine. */
export interface HostDescription {
  host_name?: string;
  uuid?: string;
  machine_type?: string;
  os_name?: string;
  os_release?: string;
}

/** Where a host is. */
interface HostPlace {
  mac: string;
  ipaddress?: string;
  ip6address?: string;
  node?: string;
  port?: string;
  agent: string;
  ifindex: string;
}

/** A host and where it is, as scripts see it; each member only when it is known. */
export type HostLocation = HostPlace & HostDescription;

/** What makes a place readable. */
export interface HostContext {
  /** Undefined: there is none, and no edge where a host could be. */
  readonly topology: ResolvedTopology | undefined;
  readonly facts: TopologyFacts;
  /** undefined: nobody has said that the MAC address is theirs. */
  readonly describe: (mac: string) => HostDescription | undefined;
}

/**
 * Hosts as topologyLocateHostMac and its kin give them. Of a host that several tables know, such as those of several
 * shards, the place where it was seen last counts; a place that is no longer at the edge does not.
 */
export function describeHosts(hosts: Iterable<LocatedHost>, context: HostContext): HostLocation[] {
  const { topology, facts, describe } = context;
  return edgeHosts(hosts, topology).map(({ mac, ipaddress, ip6address, agent, ifindex }) => {
    const { node, port } = interfaceToPort(topology, facts, agent, ifindex) ?? {};
    return {
      ...present<HostPlace>({ mac, ipaddress, ip6address, node, port, agent, ifindex }),
      ...describe(mac),
    };
  });
}

/** MAC addresses as topologyLocatedHostMacs gives them. */
export function locatedMacs(hosts: Iterable<LocatedHost>, topology: ResolvedTopology | undefined): string[] {
  return edgeHosts(hosts, topology).map(({ mac }) => mac);
}

function edgeHosts(hosts: Iterable<LocatedHost>, topology: ResolvedTopology | undefined): LocatedHost[] {
  const latest = new Map<string, LocatedHost>();
  for (const host of hosts) {
    const known = latest.get(host.mac);
    if (known === undefined || host.seen > known.seen) latest.set(host.mac, host);
  }
  return [...latest.values()].filter(({ agent, ifindex }) => topology?.member('EDGE', agent, ifindex));
}
