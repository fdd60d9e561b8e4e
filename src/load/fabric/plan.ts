import { formatIPv4 } from '../../common/index.ts';
import type { AddressWords } from '../frame.ts';
import { scramble } from '../random.ts';

/** A switch port, with what passed it since the agent started. */
export class Port {
  /** ifIndex. */
  readonly index: number;
  readonly name: string;
  /** Bits per second. */
  readonly speed: number;
  /** Access VLAN, 0 on routed ports. */
  readonly vlan: number;
  /** MAC address as a 48-bit number. */
  readonly mac: number;

  inOctets = 0;
  inPackets = 0;
  inDiscards = 0;
  outOctets = 0;
  outPackets = 0;

  /** Packets seen by this port's sampler. */
  samplePool = 0;
  /** Packets until the next sample, 0: not drawn yet. */
  skip = 0;

  constructor(index: number, name: string, speed: number, vlan: number, mac: number) {
    this.index = index;
    this.name = name;
    this.speed = speed;
    this.vlan = vlan;
    this.mac = mac;
  }
}

export interface SwitchPlan {
  readonly name: string;
  /** The agent's address, and the address of the switch as a next hop. */
  readonly address: string;
  readonly mac: number;
  readonly ports: readonly Port[];
}

/** Something that sends and receives packets. */
export interface Endpoint {
  readonly ip4: AddressWords;
  readonly ip6: AddressWords;
  readonly mac: number;
  /** Time to live of its packets when they reach the fabric. */
  readonly ttl: number;
  /** Where it is attached. */
  readonly switch: SwitchPlan;
  readonly port: Port;
}

export interface Host extends Endpoint {
  readonly name: string;
  /** IPv4 text: the address of its agent. */
  readonly address: string;
  readonly virtualMachines: readonly VirtualMachine[];
}

export interface VirtualMachine {
  readonly name: string;
  readonly mac: number;
  readonly ip4: AddressWords;
}

/** One switch on a packet's way. */
export interface Hop {
  readonly switch: SwitchPlan;
  readonly input: Port;
  readonly output: Port;
  /** Ethernet addresses of the packet as it comes in. */
  readonly sourceMac: number;
  readonly destinationMac: number;
  /** How often the packet was routed before. */
  readonly routed: number;
  /** Address of the next router, undefined where the packet is switched. */
  readonly nextHop: string | undefined;
}

export interface FabricPlan {
  readonly leaves: readonly SwitchPlan[];
  readonly spines: readonly SwitchPlan[];
  readonly hosts: readonly Host[];
  /** The host of that name, which must be one of the fabric's. */
  host(name: string): Host;
  /** Somebody on the Internet, behind the border port of the last leaf. */
  outsider(ip4: number, ip6Suffix: number): Endpoint;
  /** The switches from one endpoint to another; `hash` chooses among equal paths. */
  path(from: Endpoint, to: Endpoint, hash: number): readonly Hop[];
}

const GIGABIT = 1_000_000_000;

/** Four hosts on each of four leaves. */
const RACKS = [
  ['web1', 'dns1', 'hv1', 'gpu1'],
  ['web2', 'app1', 'hv2', 'gpu2'],
  ['app2', 'db1', 'nfs1', 'gpu3'],
  ['db2', 'backup1', 'hv3', 'gpu4'],
] as const;
const SPINES = 2;
const VIRTUAL_MACHINES_PER_HYPERVISOR = 2;

const FIRST_UPLINK = RACKS[0].length;

/**
 * Four leaves with four hosts each, two spines, and a border port to the Internet on the last leaf. Hosts of a rack
 * share a subnet and a VLAN; everything else is routed, over both spines.
 */
export function createPlan(): FabricPlan {
  const leaves = RACKS.map((rack, number) => createLeaf(number, rack.length, number === RACKS.length - 1));
  const spines = Array.from({ length: SPINES }, (_, number) => createSpine(number));
  const hosts = RACKS.flatMap((rack, number) =>
    rack.map((name, place) => createHost(name, leaves[number], number, place)),
  );
  const border = leaves[leaves.length - 1];
  const borderPort = border.ports[border.ports.length - 1];
  return {
    leaves,
    spines,
    hosts,
    host(name) {
      const found = hosts.find((host) => host.name === name);
      if (found === undefined) throw new RangeError(`no host ${name} in the fabric`);
      return found;
    },
    outsider: (ip4, ip6Suffix) => ({
      ip4: [ip4],
      ip6: [0x20010db8, 0xffff0000, 0, ip6Suffix],
      mac: 0x02_ff_00_00_0001,
      ttl: 54,
      switch: border,
      port: borderPort,
    }),
    path(from, to, hash) {
      if (from.switch === to.switch) return [directHop(from, to)];
      const number = (scramble(hash) >>> 0) % SPINES;
      const spine = spines[number];
      const [first, last] = [leaves.indexOf(from.switch), leaves.indexOf(to.switch)];
      const up = from.switch.ports[FIRST_UPLINK + number];
      const down = to.switch.ports[FIRST_UPLINK + number];
      return [
        {
          switch: from.switch,
          input: from.port,
          output: up,
          sourceMac: from.mac,
          destinationMac: from.switch.mac,
          routed: 0,
          nextHop: spine.address,
        },
        {
          switch: spine,
          input: spine.ports[first],
          output: spine.ports[last],
          sourceMac: from.switch.mac,
          destinationMac: spine.mac,
          routed: 1,
          nextHop: to.switch.address,
        },
        {
          switch: to.switch,
          input: down,
          output: to.port,
          sourceMac: spine.mac,
          destinationMac: to.switch.mac,
          routed: 2,
          nextHop: formatIPv4(to.ip4[0]),
        },
      ];
    },
  };
}

/** From port to port of one switch: switched inside a rack, routed to and from the border. */
function directHop(from: Endpoint, to: Endpoint): Hop {
  const switched = from.port.vlan === to.port.vlan;
  return {
    switch: from.switch,
    input: from.port,
    output: to.port,
    sourceMac: from.mac,
    destinationMac: switched ? to.mac : from.switch.mac,
    routed: 0,
    nextHop: switched ? undefined : formatIPv4(to.ip4[0]),
  };
}

function createLeaf(number: number, hosts: number, isBorder: boolean): SwitchPlan {
  const mac = 0x02_1e_af_00_0000 + (number + 1) * 0x100;
  const ports: Port[] = [];
  const add = (name: string, speed: number, vlan: number): void => {
    ports.push(new Port(ports.length + 1, name, speed, vlan, mac + ports.length + 1));
  };
  for (let i = 1; i <= hosts; i++) add(`swp${i}`, 25 * GIGABIT, 101 + number);
  for (let i = 0; i < SPINES; i++) add(`swp${49 + i}`, 100 * GIGABIT, 0);
  if (isBorder) add('swp48', 10 * GIGABIT, 0);
  return { name: `leaf${number + 1}`, address: `192.0.2.${11 + number}`, mac, ports };
}

function createSpine(number: number): SwitchPlan {
  const mac = 0x02_5b_1e_00_0000 + (number + 1) * 0x100;
  const ports = RACKS.map((_, i) => new Port(i + 1, `swp${i + 1}`, 100 * GIGABIT, 0, mac + i + 1));
  return { name: `spine${number + 1}`, address: `192.0.2.${21 + number}`, mac, ports };
}

function createHost(name: string, leaf: SwitchPlan, rack: number, place: number): Host {
  const ip4 = 0x0a010000 + (rack + 1) * 0x100 + 11 + place;
  const virtualMachines = name.startsWith('hv')
    ? Array.from({ length: VIRTUAL_MACHINES_PER_HYPERVISOR }, (_, i) => ({
        name: `${name}-vm${i + 1}`,
        mac: 0x52_54_00_00_0000 + (rack + 1) * 0x100 + i + 1,
        ip4: [0x0ac80000 + (rack + 1) * 0x100 + i + 1] as const,
      }))
    : [];
  return {
    name,
    ip4: [ip4],
    ip6: [0x20010db8, rack + 1, 0, 0x11 + place],
    mac: 0x02_00_0a_01_0000 + (rack + 1) * 0x100 + 11 + place,
    ttl: 64,
    switch: leaf,
    port: leaf.ports[place],
    address: formatIPv4(ip4),
    virtualMachines,
  };
}
