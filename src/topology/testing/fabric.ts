import { CurrentTopology } from '../current.ts';
import { NO_FACTS, type TopologyFacts } from '../facts.ts';
import type { ResolvedTopology } from '../resolved.ts';

/** Two leaves and a spine between them, everything given. Each leaf has a port `swp2` for hosts. */
export const FABRIC = {
  nodes: {
    leaf1: {
      agent: '192.0.6.1',
      ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2', tags: { host: 'h1' } } },
      tags: { rack: 'r1' },
    },
    leaf2: { agent: '192.0.6.2', ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
    spine1: { agent: '192.0.6.3', ports: { swp1: { ifindex: '11' }, swp2: { ifindex: '12' } } },
  },
  links: {
    L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1', tags: { speed: '25G' } },
    L2: { node1: 'leaf2', port1: 'swp1', node2: 'spine1', port2: 'swp2' },
  },
};

/** A document over agents and interfaces. */
export function topologyOf(content: unknown, facts: TopologyFacts = NO_FACTS): ResolvedTopology {
  const current = new CurrentTopology(facts);
  current.set(content);
  return current.resolved!;
}
