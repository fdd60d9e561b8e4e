/**
 * Nodes, links and ports of the network (rest-api 11), and where its hosts are. A document is parsed and held by
 * `CurrentTopology`, which resolves it over agents and interfaces with the help of telemetry; everything else asks the
 * `ResolvedTopology`. No I/O.
 */
export { CurrentTopology } from './current.ts';
export { diameter } from './diameter.ts';
export { parseTopology, type TopologyDocument } from './document.ts';
export { type AgentFact, NO_FACTS, type TopologyFacts } from './facts.ts';
export { TopologyGraph } from './graph.ts';
export {
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
export {
  describeHosts,
  type HostContext,
  type HostDescription,
  type HostLocation,
  locatedMacs,
} from './host-location.ts';
export { HostLocator, type HostLocatorOptions, type LocatedHost } from './host-locator.ts';
export {
  agentForNode,
  type InterfaceAnswer,
  type InterfaceLinkAnswer,
  ifName,
  interfaceToLink,
  interfaceToPort,
  type LinkInterfaces,
  linkMetric,
  linkToInterfaces,
  nodeName,
  nodesForAgent,
  type PortAnswer,
  portToInterface,
} from './interface-questions.ts';
export { type Resolution, resolveNames } from './resolve.ts';
export { type FlowPlace, ResolvedTopology, type TopologyInterface } from './resolved.ts';
export { type PathStep, shortestPath, shortestPaths } from './shortest-paths.ts';
export { minimumSpanningTree } from './spanning-tree.ts';
