import { isWeirError } from '../../common/index.ts';
import {
  CurrentTopology,
  diameter,
  link,
  linkNames,
  linkTag,
  minimumSpanningTree,
  NO_FACTS,
  nodeLinks,
  nodeNames,
  nodePortNames,
  nodeTag,
  portTag,
  type ResolvedTopology,
  shortestPath,
  shortestPaths,
  tagNames,
} from '../../topology/index.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, numberOf, textOf } from './arguments.ts';

/** Paths asked for at a time. */
const MAX_PATHS = 10_000;

/**
 * Section 12. What the document alone tells is answered in the script's thread, from a copy of the document that is
 * fetched when its version has changed: paths of a large network take a while, and the shard has datagrams to receive.
 * What takes telemetry as well (agents, interfaces, hosts) is asked of the shard.
 */
export const topologyFunctions: ScriptArea = (host) => {
  const graph = documentCopy(host);
  const ofGraph = <T>(answer: (topology: ResolvedTopology | undefined) => T): T =>
    withoutCodes(host, () => answer(graph()));
  return {
    setTopology(document) {
      if (!isObject(document)) return false;
      host.call('setTopology', plainDocument(host, document));
      return true;
    },
    getTopology() {
      const document = host.call('topology');
      return document['version'] === undefined ? null : document;
    },
    topologyVersion: () => host.call('topologyVersion') ?? null,

    topologyNodeNames: () => ofGraph(nodeNames),
    topologyLinkNames: () => ofGraph(linkNames),
    topologyNodePortNames: (node) => ofGraph((topology) => nodePortNames(topology, name(node))),
    topologyNodeLinks: (node) => ofGraph((topology) => nodeLinks(topology, name(node))),
    topologyLink: (of) => ofGraph((topology) => link(topology, name(of))),
    topologyTags: () => ofGraph(tagNames),
    topologyNodeTag: (node, tag) => ofGraph((topology) => nodeTag(topology, name(node), name(tag))),
    topologyLinkTag: (of, tag) => ofGraph((topology) => linkTag(topology, name(of), name(tag))),
    topologyPortTag: (node, port, tag) =>
      ofGraph((topology) => portTag(topology, name(node), name(port), name(tag))),
    topologyDiameter: () => ofGraph(diameter),
    topologyShortestPath: (from, to) => ofGraph((topology) => shortestPath(topology, name(from), name(to))),
    topologyShortestPaths: (from, to, count) =>
      ofGraph((topology) => shortestPaths(topology, name(from), name(to), pathCount(count))),
    topologyMinimumSpanningTree: () => ofGraph(minimumSpanningTree),

    topologyAgentForNode: (node) => host.ask('agentForNode', { node: name(node) }),
    topologyNodesForAgent: (agent, ifIndex) =>
      host.ask('nodesForAgent', { agent: name(agent), ifIndex: textOf(ifIndex) }),
    topologyInterfaceToLink: (agent, ifIndex) =>
      host.ask('interfaceToLink', { agent: name(agent), ifIndex: name(ifIndex) }),
    topologyInterfaceToPort: (agent, ifIndex) =>
      host.ask('interfaceToPort', { agent: name(agent), ifIndex: name(ifIndex) }),
    topologyPortToInterface: (node, port) =>
      host.ask('portToInterface', { node: name(node), port: name(port) }),
    topologyLinkToInterfaces: (of) => host.ask('linkToInterfaces', { link: name(of) }),
    topologyLinkMetric: (of, metrics) =>
      host.ask('linkMetric', { link: name(of), metrics: [metrics].flat().map(name).join(',') }),

    topologyLocatedHostMacs: (agent, ifIndex) =>
      host.ask('hostMacs', { agent: textOf(agent), ifIndex: textOf(ifIndex) }),
    topologyLocateHostMac: (mac) => locate(host, 'mac', mac),
    topologyLocateHostIP: (address) => locate(host, 'ip', address),
    topologyLocateHostIP6: (address) => locate(host, 'ip6', address),
    topologyLocateHostAgent: (agent) => locate(host, 'agent', agent),
    topologyLocateHostUUID: (uuid) => locate(host, 'uuid', uuid),
  };
};

/** A name that was not given is that of nothing. */
function name(value: unknown): string {
  return textOf(value) ?? '';
}

function pathCount(count: unknown): number | undefined {
  const number = numberOf(count);
  return number === undefined ? undefined : Math.min(MAX_PATHS, Math.max(0, Math.trunc(number)));
}

function locate(host: ScriptHost, by: 'mac' | 'ip' | 'ip6' | 'agent' | 'uuid', value: unknown) {
  return isAbsent(value) ? null : host.ask('hosts', { by, value: String(value) });
}

/** The topology as of now, for questions about the graph. undefined: there is none. */
function documentCopy(host: ScriptHost): () => ResolvedTopology | undefined {
  let copy = new CurrentTopology(NO_FACTS);
  let version: number | undefined;
  return () => {
    const latest = host.call('topologyVersion');
    if (latest !== version) {
      copy = new CurrentTopology(NO_FACTS);
      copy.set(host.call('topology'));
      version = latest;
    }
    return copy.resolved;
  };
}

/** A document as data that can be sent. Ports may give their ifindex as a number. */
function plainDocument(host: ScriptHost, document: Record<string, unknown>): unknown {
  const text = host.formatJson(document);
  const plain: unknown = text === undefined ? {} : JSON.parse(text);
  if (isObject(plain) && isObject(plain['nodes']))
    for (const node of Object.values(plain['nodes']))
      if (isObject(node) && isObject(node['ports']))
        for (const port of Object.values(node['ports']))
          if (isObject(port) && typeof port['ifindex'] === 'number')
            port['ifindex'] = String(port['ifindex']);
  return plain;
}

function withoutCodes<T>(host: ScriptHost, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isWeirError(error)) throw host.error(error.message);
    throw error;
  }
}
