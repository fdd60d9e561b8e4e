import { describe, expect, it } from 'vitest';
import {
  link,
  linkNames,
  linkTag,
  nodeLinks,
  nodeNames,
  nodePortNames,
  nodeTag,
  portTag,
  tagNames,
} from './graph-questions.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';

const fabric = topologyOf(FABRIC);
const linksOnly = topologyOf({
  links: {
    L1: { node1: 'a', port1: 'p1', node2: 'b', port2: 'p2' },
    half: { node1: 'a', port1: 'p3' },
    portless: { node1: 'a', node2: 'c' },
  },
});

describe('topologyNodeNames, topologyLinkNames', () => {
  it('are in the order of the document', () => {
    expect(nodeNames(fabric)).toEqual(['leaf1', 'leaf2', 'spine1']);
    expect(linkNames(fabric)).toEqual(['L1', 'L2']);
  });

  it('include nodes that only links name', () => {
    expect(nodeNames(linksOnly)).toEqual(['a', 'b', 'c']);
  });

  it('are null without a topology, empty for an empty one', () => {
    expect(nodeNames(undefined)).toBeNull();
    expect(linkNames(undefined)).toBeNull();
    expect(nodeNames(topologyOf({ nodes: {} }))).toEqual([]);
    expect(linkNames(topologyOf({ nodes: {} }))).toEqual([]);
  });
});

describe('topologyNodePortNames', () => {
  it('includes ports only named by a link', () => {
    expect(nodePortNames(fabric, 'leaf1')).toEqual(['swp1', 'swp2']);
    expect(nodePortNames(linksOnly, 'a')).toEqual(['p1', 'p3']);
    const both = topologyOf({ ...FABRIC, links: { x: { node1: 'leaf1', port1: 'swp9' } } });
    expect(nodePortNames(both, 'leaf1')).toEqual(['swp1', 'swp2', 'swp9']);
  });

  it('is null for an unknown node', () => {
    expect(nodePortNames(fabric, 'leaf9')).toBeNull();
    expect(nodePortNames(undefined, 'leaf1')).toBeNull();
  });
});

describe('topologyNodeLinks', () => {
  it('shows each link from the node', () => {
    expect(nodeLinks(fabric, 'leaf1')).toEqual([
      { linkname: 'L1', localport: 'swp1', remotenode: 'spine1', remoteport: 'swp1' },
    ]);
    expect(nodeLinks(fabric, 'spine1')).toEqual([
      { linkname: 'L1', localport: 'swp1', remotenode: 'leaf1', remoteport: 'swp1' },
      { linkname: 'L2', localport: 'swp2', remotenode: 'leaf2', remoteport: 'swp1' },
    ]);
  });

  it('leaves out what a link does not name', () => {
    expect(nodeLinks(linksOnly, 'a')).toEqual([
      { linkname: 'L1', localport: 'p1', remotenode: 'b', remoteport: 'p2' },
      { linkname: 'half', localport: 'p3' },
      { linkname: 'portless', remotenode: 'c' },
    ]);
  });

  it('is null for an unknown node, empty for one without links', () => {
    expect(nodeLinks(fabric, 'leaf9')).toBeNull();
    expect(nodeLinks(undefined, 'leaf1')).toBeNull();
    expect(nodeLinks(topologyOf({ nodes: { alone: {} } }), 'alone')).toEqual([]);
  });
});

describe('topologyLink', () => {
  it('is the link as it was set, or null', () => {
    expect(link(fabric, 'L1')).toEqual(FABRIC.links.L1);
    expect(link(linksOnly, 'half')).toEqual({ node1: 'a', port1: 'p3' });
    expect(link(fabric, 'L9')).toBeNull();
    expect(link(undefined, 'L1')).toBeNull();
  });
});

describe('tags', () => {
  it('topologyTags: the names used by nodes, ports and links, each once', () => {
    expect(tagNames(fabric)).toEqual(['rack', 'host', 'speed']);
    const shared = { tags: { t: '1' } };
    expect(tagNames(topologyOf({ nodes: { n: shared }, links: { l: shared } }))).toEqual(['t']);
    expect(tagNames(undefined)).toEqual([]);
  });

  it('topologyNodeTag, topologyPortTag, topologyLinkTag: the value', () => {
    expect(nodeTag(fabric, 'leaf1', 'rack')).toBe('r1');
    expect(portTag(fabric, 'leaf1', 'swp2', 'host')).toBe('h1');
    expect(linkTag(fabric, 'L1', 'speed')).toBe('25G');
  });

  it('are null where there is none', () => {
    expect(nodeTag(fabric, 'leaf1', 'speed')).toBeNull();
    expect(nodeTag(fabric, 'leaf2', 'rack')).toBeNull();
    expect(nodeTag(fabric, 'leaf9', 'rack')).toBeNull();
    expect(nodeTag(fabric, 'leaf1', 'toString')).toBeNull();
    expect(portTag(fabric, 'leaf1', 'swp9', 'host')).toBeNull();
    expect(portTag(fabric, 'leaf9', 'swp2', 'host')).toBeNull();
    expect(linkTag(fabric, 'L2', 'speed')).toBeNull();
    expect(linkTag(undefined, 'L1', 'speed')).toBeNull();
  });
});
