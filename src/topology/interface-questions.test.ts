import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { NO_FACTS } from './facts.ts';
import {
  agentForNode,
  ifName,
  interfaceToLink,
  interfaceToPort,
  linkMetric,
  linkToInterfaces,
  nodeName,
  nodesForAgent,
  portToInterface,
} from './interface-questions.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';
import { LearnedFacts } from './testing/learned-facts.ts';

const LEAF1 = '192.0.6.1';
const SPINE1 = '192.0.6.3';
const fabric = topologyOf(FABRIC);

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return isWeirError(error) ? error.code : String(error);
  }
  return undefined;
}

describe('topologyAgentForNode, topologyNodesForAgent', () => {
  it('the agent of a node, given or learned', () => {
    expect(agentForNode(fabric, 'leaf1')).toBe(LEAF1);
    const facts = new LearnedFacts().learn('192.0.7.1', 'leaf7');
    const learned = topologyOf({ links: { l: { node1: 'leaf7', node2: 'leaf8' } } }, facts);
    expect(agentForNode(learned, 'leaf7')).toBe('192.0.7.1');
    expect(agentForNode(learned, 'leaf8')).toBeNull();
    expect(agentForNode(fabric, 'leaf9')).toBeNull();
    expect(agentForNode(undefined, 'leaf1')).toBeNull();
  });

  it('the nodes of an agent, of one interface when it is asked for', () => {
    expect(nodesForAgent(fabric, LEAF1)).toEqual(['leaf1']);
    const bridges = topologyOf({
      nodes: {
        s1: { agent: '127.0.0.1', ports: { a: { ifindex: '1' } } },
        s2: { agent: '127.0.0.1', ports: { b: { ifindex: '2' } } },
      },
    });
    expect(nodesForAgent(bridges, '127.0.0.1')).toEqual(['s1', 's2']);
    expect(nodesForAgent(bridges, '127.0.0.1', '2')).toEqual(['s2']);
    expect(nodesForAgent(bridges, '127.0.0.1', '3')).toBeNull();
    expect(nodesForAgent(fabric, '192.0.6.9')).toBeNull();
    expect(nodesForAgent(undefined, LEAF1)).toBeNull();
  });
});

describe('topologyInterfaceToLink', () => {
  it('tells both sides of the link', () => {
    expect(interfaceToLink(fabric, LEAF1, '1')).toEqual({
      linkname: 'L1',
      localnode: 'leaf1',
      localport: 'swp1',
      remotenode: 'spine1',
      remoteport: 'swp1',
      remoteagent: SPINE1,
      remoteifindex: '11',
    });
  });

  it('is null off links', () => {
    expect(interfaceToLink(fabric, LEAF1, '2')).toBeNull();
    expect(interfaceToLink(fabric, '192.0.6.9', '1')).toBeNull();
    expect(interfaceToLink(undefined, LEAF1, '1')).toBeNull();
  });
});

describe('topologyInterfaceToPort', () => {
  const facts = new LearnedFacts().learn(LEAF1, 'host-of-leaf1', { 1: 'learned1', 9: 'eth9' });

  it('is the port of the topology', () => {
    expect(interfaceToPort(fabric, facts, LEAF1, '1')).toEqual({ node: 'leaf1', port: 'swp1' });
  });

  it('is what telemetry tells for others, even of an agent whose node is in the topology', () => {
    expect(interfaceToPort(fabric, facts, LEAF1, '9')).toEqual({ node: 'host-of-leaf1', port: 'eth9' });
    expect(interfaceToPort(undefined, facts, LEAF1, '9')).toEqual({ node: 'host-of-leaf1', port: 'eth9' });
  });

  it('has only the members that are known, and is null without any', () => {
    expect(interfaceToPort(fabric, facts, LEAF1, '8')).toEqual({ node: 'host-of-leaf1' });
    const nameless = new LearnedFacts().learn(LEAF1, undefined, { 9: 'eth9' });
    expect(interfaceToPort(fabric, nameless, LEAF1, '9')).toEqual({ port: 'eth9' });
    expect(interfaceToPort(fabric, NO_FACTS, LEAF1, '9')).toBeNull();
  });
});

describe('ifName, and 5.2 ifname:', () => {
  it('is the port of the topology, else the name that the agent sends', () => {
    const facts = new LearnedFacts().learn(LEAF1, undefined, { 1: 'learned1', 9: 'eth9' });
    expect(ifName(fabric, facts, LEAF1, '1')).toBe('swp1');
    expect(ifName(fabric, facts, LEAF1, '9')).toBe('eth9');
    expect(ifName(undefined, facts, LEAF1, '1')).toBe('learned1');
    expect(ifName(fabric, facts, LEAF1, '8')).toBeNull();
  });
});

describe('5.2 node:', () => {
  it('is the node of the port, else the host name, else the node that the agent is', () => {
    const facts = new LearnedFacts().learn(LEAF1, 'host-of-leaf1');
    expect(nodeName(fabric, facts, LEAF1, '1')).toBe('leaf1');
    expect(nodeName(fabric, facts, LEAF1, '99')).toBe('host-of-leaf1');
    expect(nodeName(fabric, NO_FACTS, LEAF1, '99')).toBe('leaf1');
    expect(nodeName(undefined, facts, LEAF1, '1')).toBe('host-of-leaf1');
    expect(nodeName(undefined, NO_FACTS, LEAF1, '1')).toBeUndefined();
  });
});

describe('topologyPortToInterface', () => {
  it('is agent and interface, without what is not known', () => {
    expect(portToInterface(fabric, 'spine1', 'swp2')).toEqual({ agent: SPINE1, ifindex: '12' });
    const open = topologyOf({
      nodes: { a: { agent: '10.0.0.1', ports: { p: {} } }, b: { ports: { p: { ifindex: '4' } } } },
    });
    expect(portToInterface(open, 'a', 'p')).toEqual({ agent: '10.0.0.1' });
    expect(portToInterface(open, 'b', 'p')).toEqual({ ifindex: '4' });
  });

  it('is null for an unknown node', () => {
    expect(portToInterface(fabric, 'leaf9', 'swp1')).toBeNull();
    expect(portToInterface(undefined, 'leaf1', 'swp1')).toBeNull();
  });

  it('throws for an unknown port of a known node', () => {
    expect(codeOf(() => portToInterface(fabric, 'leaf1', 'swp9'))).toBe('TOPOLOGY_UNKNOWN_PORT');
  });
});

describe('topologyLinkToInterfaces', () => {
  it('is both ends', () => {
    expect(linkToInterfaces(fabric, 'L2')).toEqual({
      node1: 'leaf2',
      port1: 'swp1',
      node2: 'spine1',
      port2: 'swp2',
      agent1: '192.0.6.2',
      ifindex1: '1',
      agent2: SPINE1,
      ifindex2: '12',
    });
  });

  it('leaves out what cannot be resolved', () => {
    const open = topologyOf({
      nodes: FABRIC.nodes,
      links: {
        one: { node1: 'leaf1', port1: 'swp9', node2: 'router', port2: 'eth0' },
        two: { node1: 'leaf1', port2: 'swp1' },
      },
    });
    expect(linkToInterfaces(open, 'one')).toEqual({
      node1: 'leaf1',
      port1: 'swp9',
      node2: 'router',
      port2: 'eth0',
      agent1: LEAF1,
    });
    expect(linkToInterfaces(open, 'two')).toEqual({ node1: 'leaf1', port2: 'swp1', agent1: LEAF1 });
  });

  it('throws for an unknown link', () => {
    expect(codeOf(() => linkToInterfaces(fabric, 'L9'))).toBe('TOPOLOGY_UNKNOWN_LINK');
    expect(codeOf(() => linkToInterfaces(undefined, 'L1'))).toBe('TOPOLOGY_UNKNOWN_LINK');
  });
});

describe('topologyLinkMetric', () => {
  const cell = (agent: string, dataSource: string, metricName: string) =>
    agent === SPINE1 && metricName === 'ifspeed' ? undefined : { agent, dataSource, metricName };

  it('is all of end 1 in the order asked for, then all of end 2, {} for each missing one', () => {
    expect(linkMetric(fabric, 'L1', 'ifspeed,ifinoctets', cell)).toEqual([
      { agent: LEAF1, dataSource: '1', metricName: 'ifspeed' },
      { agent: LEAF1, dataSource: '1', metricName: 'ifinoctets' },
      {},
      { agent: SPINE1, dataSource: '11', metricName: 'ifinoctets' },
    ]);
  });

  it('is only {} for an unknown link and for ends that are not resolved', () => {
    expect(linkMetric(fabric, 'L9', 'm', cell)).toEqual([{}, {}]);
    expect(linkMetric(undefined, 'L1', 'm,n', cell)).toEqual([{}, {}, {}, {}]);
    const open = topologyOf({
      nodes: FABRIC.nodes,
      links: { up: { node1: 'leaf1', port1: 'swp2', node2: 'x' } },
    });
    expect(linkMetric(open, 'up', 'm', cell)).toEqual([
      { agent: LEAF1, dataSource: '2', metricName: 'm' },
      {},
    ]);
  });
});
