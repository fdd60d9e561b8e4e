import { describe, expect, it } from 'vitest';
import type { TopologyMember, TopologyNames } from '../metric/index.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';

const LEAF1 = '192.0.6.1';
const SPINE1 = '192.0.6.3';

describe('11.2 TOPOLOGY, EDGE, CORE', () => {
  const topology = topologyOf(FABRIC);
  const member: TopologyMember = (part, agent, dataSource) => topology.member(part, agent, dataSource);

  it.each([
    ['an end of a link', LEAF1, '1', ['TOPOLOGY', 'CORE']],
    ['the other end', SPINE1, '11', ['TOPOLOGY', 'CORE']],
    ['a port without a link', LEAF1, '2', ['TOPOLOGY', 'EDGE']],
    ['an interface that is no port', LEAF1, '99', ['TOPOLOGY', 'EDGE']],
    ['the host itself', LEAF1, '2.1', ['TOPOLOGY', 'EDGE']],
    ['a virtual machine', LEAF1, '3.1', ['TOPOLOGY', 'EDGE']],
    ['an agent that is no node', '192.0.6.9', '1', []],
    ['6.3 an agent as a whole', LEAF1, '0', ['TOPOLOGY']],
  ])('%s', (_, agent, dataSource, parts) => {
    const found = (['TOPOLOGY', 'EDGE', 'CORE'] as const).filter((part) => member(part, agent, dataSource));
    expect(found).toEqual(parts);
  });

  it('has 2 interfaces on a link of 6: EDGE 4, CORE 2, TOPOLOGY 6', () => {
    const { L1 } = FABRIC.links;
    const one = topologyOf({ nodes: FABRIC.nodes, links: { L1 } });
    const interfaces = Object.values(FABRIC.nodes).flatMap(({ agent, ports }) =>
      Object.values(ports).map(({ ifindex }) => [agent, ifindex] as const),
    );
    const count = (part: 'TOPOLOGY' | 'EDGE' | 'CORE') =>
      interfaces.filter(([agent, ifIndex]) => one.member(part, agent, ifIndex)).length;
    expect([count('EDGE'), count('CORE'), count('TOPOLOGY')]).toEqual([4, 2, 6]);
  });

  it.each([
    ['an unknown node', { node1: 'leaf1', port1: 'swp2', node2: 'router', port2: 'eth0' }],
    ['a port whose interface is unknown', { node1: 'leaf1', port1: 'swp2', node2: 'leaf2', port2: 'swp9' }],
    ['no port', { node1: 'leaf1', port1: 'swp2', node2: 'leaf2' }],
    ['nothing', { node1: 'leaf1', port1: 'swp2' }],
  ])('does not take a link to %s for core', (_, L3) => {
    const topology = topologyOf({ nodes: FABRIC.nodes, links: { L3 } });
    expect(topology.member('EDGE', LEAF1, '2')).toBe(true);
    expect(topology.member('CORE', LEAF1, '2')).toBe(false);
    expect(topology.link(LEAF1, '2')).toBeUndefined();
  });

  it('knows agents by their address in any spelling of the document', () => {
    const topology = topologyOf({ nodes: { n: { agent: '2001:DB8:0::1' } } });
    expect(topology.member('EDGE', '2001:db8::1', '1')).toBe(true);
  });
});

describe('6.4 where a flow is seen', () => {
  const topology = topologyOf(FABRIC);

  it('edge port', () => {
    expect(topology.placeOf(LEAF1, '2')).toEqual({ node: 'leaf1', port: 'swp2' });
  });

  it('link port, from either end', () => {
    expect(topology.placeOf(LEAF1, '1')).toEqual({
      localnode: 'leaf1',
      localport: 'swp1',
      remotenode: 'spine1',
      remoteport: 'swp1',
      linkname: 'L1',
    });
    expect(topology.placeOf(SPINE1, '12')).toEqual({
      localnode: 'spine1',
      localport: 'swp2',
      remotenode: 'leaf2',
      remoteport: 'swp1',
      linkname: 'L2',
    });
  });

  it('agent or port unknown to the topology', () => {
    expect(topology.placeOf('192.0.6.9', '1')).toBeUndefined();
    expect(topology.placeOf(LEAF1, '99')).toBeUndefined();
    expect(topology.placeOf(LEAF1, '0')).toBeUndefined();
  });

  it('a port that only a half known link names is an edge port', () => {
    const topology = topologyOf({
      nodes: { leaf1: FABRIC.nodes.leaf1 },
      links: { up: { node1: 'leaf1', port1: 'swp1', node2: 'router', port2: 'eth0' } },
    });
    expect(topology.placeOf(LEAF1, '1')).toEqual({ node: 'leaf1', port: 'swp1' });
  });
});

describe('10 names for labels', () => {
  const names: TopologyNames = topologyOf(FABRIC);

  it('node, port and link', () => {
    expect(names.node(LEAF1, '2.1')).toBe('leaf1');
    expect(names.port(LEAF1, '1')).toBe('swp1');
    expect(names.link(LEAF1, '1')).toBe('L1');
    expect(names.link(LEAF1, '2')).toBeUndefined();
  });

  it('nothing for what is not in the topology', () => {
    expect(names.node('192.0.6.9', '2.1')).toBeUndefined();
    expect(names.port(LEAF1, '99')).toBeUndefined();
    expect(names.link('192.0.6.9', '1')).toBeUndefined();
  });
});

describe('several nodes of one agent, such as the bridges of a host', () => {
  const topology = topologyOf({
    nodes: {
      s1: { agent: '127.0.0.1', ports: { 's1-eth1': { ifindex: '11' }, 's1-eth2': { ifindex: '12' } } },
      s2: { agent: '127.0.0.1', ports: { 's2-eth1': { ifindex: '21' } } },
    },
    links: { 's1-s2': { node1: 's1', port1: 's1-eth2', node2: 's2', port2: 's2-eth1' } },
  });

  it('tells them apart by the interface', () => {
    expect(topology.node('127.0.0.1', '21')).toBe('s2');
    expect(topology.node('127.0.0.1', '11')).toBe('s1');
    expect(topology.node('127.0.0.1')).toBe('s1');
    expect(topology.placeOf('127.0.0.1', '21')).toMatchObject({ localnode: 's2', remotenode: 's1' });
  });

  it('has edge and core on the same agent', () => {
    expect(topology.member('EDGE', '127.0.0.1', '11')).toBe(true);
    expect(topology.member('CORE', '127.0.0.1', '12')).toBe(true);
  });
});

describe('claims to one interface', () => {
  it('the first port has it', () => {
    const ports = { a: { ifindex: '1' }, b: { ifindex: '1' } };
    expect(topologyOf({ nodes: { n: { agent: LEAF1, ports } } }).port(LEAF1, '1')).toBe('a');
  });

  it('the first link that can be resolved has it', () => {
    const topology = topologyOf({
      nodes: FABRIC.nodes,
      links: {
        A: { node1: 'leaf1', port1: 'swp1', node2: 'nowhere', port2: 'x' },
        B: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1' },
        C: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp2' },
      },
    });
    expect(topology.link(LEAF1, '1')).toBe('B');
    expect(topology.link(SPINE1, '12')).toBe('C');
  });

  it('a link from an interface to itself does no harm', () => {
    const self = { node1: 'leaf1', port1: 'swp1', node2: 'leaf1', port2: 'swp1' };
    const topology = topologyOf({ nodes: FABRIC.nodes, links: { self } });
    expect(topology.placeOf(LEAF1, '1')).toMatchObject({ localport: 'swp1', remoteport: 'swp1' });
  });
});
