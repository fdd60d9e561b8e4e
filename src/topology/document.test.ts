import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { MAX_ENTRIES, parseTopology, sameDocument } from './document.ts';
import { FABRIC } from './testing/fabric.ts';

function failure(content: unknown): string {
  try {
    parseTopology(content);
  } catch (error) {
    if (isWeirError(error, 'TOPOLOGY_BAD')) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('11.1 what a document keeps', () => {
  it('keeps every known member as it is', () => {
    const content = {
      nodes: {
        leaf1: {
          agent: '192.0.6.1',
          dpid: '0000000000000001',
          tags: {},
          ports: { swp1: { ifindex: '1', ofport: '7', dpid: '01', tags: { a: 'b' } } },
        },
      },
      links: { L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1', tags: { k: 'v' } } },
    };
    expect(parseTopology(content)).toEqual(content);
    expect(parseTopology(FABRIC)).toEqual(FABRIC);
  });

  it('drops unknown members at every level', () => {
    const content = {
      version: 7,
      nodes: { n: { agent: '10.0.0.1', colour: 'red', ports: { p: { ifindex: '1', speed: 9 } } } },
      links: { l: { node1: 'n', weight: 3 } },
      groups: [],
    };
    expect(parseTopology(content)).toEqual({
      nodes: { n: { agent: '10.0.0.1', ports: { p: { ifindex: '1' } } } },
      links: { l: { node1: 'n' } },
    });
  });

  it.each([{}, { version: 3 }, { other: {} }, { nodes: null, links: null }])('%j clears', (content) => {
    expect(parseTopology(content)).toEqual({});
  });

  it('keeps empty nodes and links', () => {
    expect(parseTopology({ nodes: {} })).toEqual({ nodes: {} });
    expect(parseTopology({ links: {} })).toEqual({ links: {} });
  });

  it('does not validate link members: missing ends, unknown nodes, no names at all', () => {
    const links = { a: {}, b: { node1: 'nowhere' }, c: { node1: 5, port2: [1], node2: null } };
    expect(parseTopology({ links })).toEqual({
      links: { a: {}, b: { node1: 'nowhere' }, c: { node1: '5' } },
    });
  });

  it('does not validate the agent', () => {
    expect(parseTopology({ nodes: { n: { agent: 'bogus' } } })).toEqual({ nodes: { n: { agent: 'bogus' } } });
  });

  it('takes numbers for tags and OpenFlow numbers as text, and null as absent', () => {
    const content = {
      nodes: { n: { dpid: 1, agent: null, tags: { t: 2, u: true }, ports: { p: { ofport: 7 } } } },
    };
    expect(parseTopology(content)).toEqual({
      nodes: { n: { dpid: '1', tags: { t: '2', u: 'true' }, ports: { p: { ofport: '7' } } } },
    });
  });

  it('takes any text for a name', () => {
    const content = JSON.parse(
      '{"nodes":{"__proto__":{"ports":{"constructor":{"ifindex":"1"}},"tags":{"__proto__":"t"}},"":{}},"links":{"é ":{}}}',
    );
    const document = parseTopology(content);
    expect(JSON.parse(JSON.stringify(document))).toEqual(content);
    expect(Object.keys(document.nodes!)).toEqual(['__proto__', '']);
  });
});

describe('11.1 what is wrong with a document, and where', () => {
  it.each([
    [undefined, 'the document must be an object'],
    [null, 'the document must be an object, not null'],
    ['text', 'the document must be an object, not "text"'],
    [[], 'the document must be an object, not []'],
    [{ links: [] }, '"links" must be an object, not []'],
    [{ nodes: 'n' }, '"nodes" must be an object, not "n"'],
    [{ nodes: { n: 1 } }, 'node "n" must be an object, not 1'],
    [{ nodes: { n: { agent: {} } } }, 'node "n": "agent" must be a string, not {}'],
    [{ nodes: { n: { ports: [] } } }, 'node "n": "ports" must be an object, not []'],
    [{ nodes: { n: { ports: { p: 3 } } } }, 'node "n", port "p" must be an object, not 3'],
    [
      { nodes: { n: { ports: { p: { ifindex: 1 } } } } },
      'node "n", port "p": "ifindex" must be a string, not 1',
    ],
    [
      { nodes: { n: { ports: { p: { ofport: [] } } } } },
      'node "n", port "p": "ofport" must be a string, not []',
    ],
    [{ nodes: { n: { tags: ['t'] } } }, 'node "n": "tags" must be an object, not ["t"]'],
    [{ nodes: { n: { tags: { t: {} } } } }, 'node "n": tag "t" must be a string, not {}'],
    [{ links: { l: 'L' } }, 'link "l" must be an object, not "L"'],
    [{ links: { l: { tags: { t: null } } } }, 'link "l": tag "t" must be a string, not null'],
  ])('%j: %s', (content, problem) => {
    expect(failure(content)).toContain(`topology: ${problem}`);
  });

  it('shortens what it quotes', () => {
    expect(failure({ nodes: 'x'.repeat(10_000) }).length).toBeLessThan(200);
  });

  it('refuses more entries than its bound', () => {
    const ports = Object.fromEntries(Array.from({ length: MAX_ENTRIES / 10 }, (_, i) => [`p${i}`, {}]));
    const nodes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, { ports }]));
    expect(failure({ nodes })).toContain('more than 1000000 nodes, ports, links and tags');
  });

  it('fails with TOPOLOGY_BAD or gives strings only, whatever comes', () => {
    const member = fc.constantFrom('nodes', 'links', 'n', 'ports', 'p', 'ifindex', 'tags', 'node1', 'agent');
    const { content } = fc.letrec<{ content: unknown; object: Record<string, unknown> }>((tie) => ({
      content: fc.oneof({ maxDepth: 6 }, fc.constantFrom<unknown>('1', 1, null, true, [], {}), tie('object')),
      object: fc.dictionary(member, tie('content'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(content, (content) => {
        try {
          const document = parseTopology(content);
          expect(parseTopology(document)).toEqual(document);
          expect(leaves(document).every((leaf) => typeof leaf === 'string')).toBe(true);
        } catch (error) {
          if (!isWeirError(error, 'TOPOLOGY_BAD')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('11.1 whether a document has changed', () => {
  it('compares every level, without regard to order', () => {
    expect(sameDocument(FABRIC, structuredClone(FABRIC))).toBe(true);
    const { links, nodes } = FABRIC;
    const { leaf1, ...others } = nodes;
    expect(sameDocument(FABRIC, { links, nodes: { ...others, leaf1 } })).toBe(true);
  });

  it.each([
    { links: FABRIC.links },
    { ...FABRIC, links: {} },
    { ...FABRIC, nodes: { ...FABRIC.nodes, x: {} } },
    { ...FABRIC, nodes: { ...FABRIC.nodes, leaf2: { ...FABRIC.nodes.leaf2, agent: '192.0.6.9' } } },
    { ...FABRIC, nodes: { ...FABRIC.nodes, leaf2: { agent: '192.0.6.2' } } },
    { ...FABRIC, links: { ...FABRIC.links, L2: { ...FABRIC.links.L2, tags: {} } } },
  ])('sees another %#', (other) => {
    expect(sameDocument(FABRIC, other)).toBe(false);
    expect(sameDocument(other, FABRIC)).toBe(false);
  });

  it('does not take a name that every object has for a member', () => {
    const [one, other] = ['toString', 'valueOf'].map((name) => parseTopology({ nodes: { [name]: {} } }));
    expect(sameDocument(one, other)).toBe(false);
  });
});

function leaves(content: unknown): unknown[] {
  return typeof content === 'object' && content !== null ? Object.values(content).flatMap(leaves) : [content];
}
