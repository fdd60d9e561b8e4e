import { describe, expect, it } from 'vitest';
import { CurrentTopology } from './current.ts';
import { diameter } from './diameter.ts';
import { NO_FACTS } from './facts.ts';
import { TopologyGraph } from './graph.ts';
import { ResolvedTopology } from './resolved.ts';
import { shortestPath } from './shortest-paths.ts';
import { minimumSpanningTree } from './spanning-tree.ts';
import { FABRIC } from './testing/fabric.ts';
import { LearnedFacts } from './testing/learned-facts.ts';

describe('11.1 echo and version', () => {
  it('is {} before any document, and has no version', () => {
    const current = new CurrentTopology(NO_FACTS);
    expect(current.echo()).toEqual({});
    expect(current.version).toBeUndefined();
    expect(current.resolved).toBeUndefined();
  });

  it('counts from 0, by one for each document that changes something', () => {
    const current = new CurrentTopology(NO_FACTS);
    expect(current.set(FABRIC)).toBe(true);
    expect(current.echo()).toEqual({ ...FABRIC, version: 0 });
    expect(current.set(structuredClone(FABRIC))).toBe(false);
    expect(current.version).toBe(0);
    expect(current.set({ links: FABRIC.links })).toBe(true);
    expect(current.echo()).toEqual({ links: FABRIC.links, version: 1 });
  });

  it('takes its own echo back without a change', () => {
    const current = new CurrentTopology(NO_FACTS);
    current.set(FABRIC);
    expect(current.set(current.echo())).toBe(false);
  });

  it('is only a version once cleared', () => {
    const current = new CurrentTopology(NO_FACTS);
    current.set(FABRIC);
    current.set({});
    expect(current.echo()).toEqual({ version: 1 });
    expect(current.resolved).toBeUndefined();
    expect(current.set({})).toBe(false);
    current.set(FABRIC);
    expect(current.version).toBe(2);
  });

  it('counts clearing as the first document', () => {
    const current = new CurrentTopology(NO_FACTS);
    current.set({});
    expect(current.echo()).toEqual({ version: 0 });
  });

  it('changes nothing when a document is refused', () => {
    const current = new CurrentTopology(NO_FACTS);
    current.set(FABRIC);
    const { resolved } = current;
    expect(() => current.set({ links: [] })).toThrow('"links" must be an object');
    expect(current.echo()).toEqual({ ...FABRIC, version: 0 });
    expect(current.resolved).toBe(resolved);
  });
});

describe('11.1 nodes and ports learned from telemetry', () => {
  const LINKS = { L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp3' } };

  it('knows a node by the host name of its agent, a port by the name of its interface', () => {
    const facts = new LearnedFacts()
      .learn('192.0.6.1', 'leaf1', { 5: 'swp1', 6: 'swp2' })
      .learn('192.0.6.2', 'spine1', { 3: 'swp3' });
    const current = new CurrentTopology(facts);
    current.set({ links: LINKS });
    expect(current.resolved!.placeOf('192.0.6.1', '5')).toEqual({
      localnode: 'leaf1',
      localport: 'swp1',
      remotenode: 'spine1',
      remoteport: 'swp3',
      linkname: 'L1',
    });
  });

  it('goes by the document where it tells', () => {
    const facts = new LearnedFacts()
      .learn('192.0.6.1', 'leaf1', { 5: 'swp1' })
      .learn('192.0.6.9', 'other', { 7: 'swp1' });
    const current = new CurrentTopology(facts);
    current.set({ nodes: { leaf1: { agent: '192.0.6.9' } }, links: LINKS });
    expect(current.resolved!.port('192.0.6.9', '7')).toBe('swp1');
    expect(current.resolved!.node('192.0.6.1')).toBeUndefined();
    current.set({
      nodes: { leaf1: { agent: '192.0.6.9', ports: { swp1: { ifindex: '70' } } } },
      links: LINKS,
    });
    expect(current.resolved!.port('192.0.6.9', '70')).toBe('swp1');
    expect(current.resolved!.port('192.0.6.9', '7')).toBeUndefined();
  });

  it('takes an empty agent and an empty ifindex as not given', () => {
    const facts = new LearnedFacts().learn('192.0.6.1', 'leaf1', { 5: 'swp1' });
    const current = new CurrentTopology(facts);
    current.set({ nodes: { leaf1: { agent: '', ports: { swp1: { ifindex: '' } } } } });
    expect(current.resolved!.port('192.0.6.1', '5')).toBe('swp1');
  });

  it('takes the first of two agents or interfaces with one name', () => {
    const facts = new LearnedFacts()
      .learn('192.0.6.1', 'leaf1', { 5: 'swp1', 6: 'swp1' })
      .learn('192.0.6.2', 'leaf1', { 5: 'swp1' });
    const current = new CurrentTopology(facts);
    current.set({ links: LINKS });
    expect(current.resolved!.port('192.0.6.1', '5')).toBe('swp1');
    expect(current.resolved!.port('192.0.6.1', '6')).toBeUndefined();
    expect(current.resolved!.node('192.0.6.2')).toBeUndefined();
  });

  it('follows telemetry, and is the same object while nothing it uses changes', () => {
    const facts = new LearnedFacts();
    const current = new CurrentTopology(facts);
    current.set({ links: LINKS });
    const { resolved } = current;
    expect(resolved!.member('TOPOLOGY', '192.0.6.1', '5')).toBe(false);
    expect(facts.passes).toBe(1);
    expect(current.resolved).toBe(resolved);
    expect(facts.passes).toBe(1);

    facts.learn('192.0.7.7', 'elsewhere');
    expect(current.resolved).toBe(resolved);
    expect(facts.passes).toBe(2);

    facts.learn('192.0.6.1', 'leaf1', { 5: 'swp1' });
    expect(current.resolved!.member('EDGE', '192.0.6.1', '5')).toBe(true);
    facts.learn('192.0.6.2', 'spine1', { 3: 'swp3' });
    expect(current.resolved!.member('CORE', '192.0.6.1', '5')).toBe(true);
    facts.forget('192.0.6.2');
    expect(current.resolved!.member('CORE', '192.0.6.1', '5')).toBe(false);
    expect(resolved!.member('TOPOLOGY', '192.0.6.1', '5')).toBe(false);
  });

  it('does not ask telemetry when the document tells everything', () => {
    const facts = new LearnedFacts();
    const current = new CurrentTopology(facts);
    current.set(FABRIC);
    const { resolved } = current;
    facts.learn('192.0.6.1', 'leaf1');
    expect(current.resolved).toBe(resolved);
    expect(facts.passes).toBe(0);
  });

  it('can be taken elsewhere as a document and what was learned', () => {
    const facts = new LearnedFacts()
      .learn('192.0.6.1', 'leaf1', { 5: 'swp1' })
      .learn('192.0.6.2', 'spine1', { 3: 'swp3' });
    const current = new CurrentTopology(facts);
    current.set({ links: LINKS });
    const { graph, resolution } = current.resolved!;
    const [document, names] = structuredClone([graph.document, resolution] as const);
    const copy = new ResolvedTopology(new TopologyGraph(document), names);
    expect(copy.placeOf('192.0.6.2', '3')).toEqual(current.resolved!.placeOf('192.0.6.2', '3'));
    expect(copy.member('CORE', '192.0.6.2', '3')).toBe(true);
  });
});

describe('1,000 nodes and 10,000 links', () => {
  it('are set, and answer questions, within seconds even on a busy machine', () => {
    const document = ring(1000, 10_000);
    const started = performance.now();
    const current = new CurrentTopology(NO_FACTS);
    current.set(document);
    const topology = current.resolved!;
    expect(topology.member('CORE', '10.0.3.231', '1')).toBe(true);
    expect(topology.member('EDGE', '10.0.3.231', '21')).toBe(true);
    expect(minimumSpanningTree(topology)).toHaveLength(999);
    expect(diameter(topology)).toBe(50);
    expect(shortestPath(topology, 'n0', 'n500')).toHaveLength(50);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

/** Nodes in a ring, each linked to the next ones: `links / nodes` ahead. */
function ring(nodeCount: number, linkCount: number): unknown {
  const reach = linkCount / nodeCount;
  const index = Array.from({ length: nodeCount }, (_, i) => i);
  const ports = Object.fromEntries(
    Array.from({ length: 2 * reach }, (_, i) => [`p${i + 1}`, { ifindex: `${i + 1}` }]),
  );
  return {
    nodes: Object.fromEntries(index.map((i) => [`n${i}`, { agent: `10.0.${i >> 8}.${i & 255}`, ports }])),
    links: Object.fromEntries(
      index.flatMap((i) =>
        Array.from({ length: reach }, (_, step) => [
          `L${i}-${step}`,
          {
            node1: `n${i}`,
            port1: `p${step + 1}`,
            node2: `n${(i + step + 1) % nodeCount}`,
            port2: `p${reach + step + 1}`,
          },
        ]),
      ),
    ),
  };
}
