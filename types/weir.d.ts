/**
 * The functions that Weir gives to scripts, for editors: begin a script with
 *
 *     /// <reference path="…/types/weir.d.ts" />
 *
 * docs/reference/scripts.md is made from this file by `npm run docs`. Each function has a sentence or two on what it does,
 * `@throws` for what ends the script unless it is caught, and an `@example`.
 */

// biome-ignore lint/suspicious/noExplicitAny: scripts look into it without asking
type Anything = any;

/** An address, a list of addresses with `;` or `,` between or as an array, or one of ALL, EDGE, CORE and TOPOLOGY. */
type Agents = string | readonly string[];

/** Seconds, counts and the like may be texts: properties are. */
type Numeric = number | string;

interface FlowSpecification {
  /** Flow keys, as text with commas or as an array. */
  keys?: string | readonly string[] | null;
  /** What is measured: `bytes`, `frames`, `count:ipsource`, … */
  value?: string | number | null;
  /** Further values. */
  values?: string | readonly string[] | null;
  filter?: string | null;
  /** Largest flows kept as `topKeys` of a data source: 5 to 20. */
  n?: Numeric | null;
  /** Seconds of smoothing. */
  t?: Numeric | null;
  /** Separator of keys. */
  fs?: string | null;
  /** Tell `setFlowHandler` and the flow log. */
  log?: boolean | string | number | null;
  /** Tell at the start of a flow instead of at its end. */
  flowStart?: boolean | string | number | null;
  /** Seconds between records of a flow that goes on: 10 and more. */
  activeTimeout?: Numeric | null;
  /** Look at discarded packets instead. */
  dropped?: boolean | string | number | null;
  /** One table for each agent, or for the edge of the network, instead of one for each data source. */
  aggMode?: string | null;
  ipfixCollectors?: readonly string[] | null;
}

interface ActiveFlow {
  key: string;
  value: number;
  /** Data sources that report the key. */
  flowN: number;
  /** Of the largest report; not with sum, avg, edge and core. */
  agent?: string;
  dataSource?: string;
  values?: number[];
}

interface FlowRecord {
  name: string;
  agent: string;
  dataSource: string;
  value: number;
  /** ms since 1970 */
  start: number;
  end: number;
  flowID: number;
  flowKeys: string;
  values?: number[];
}

interface ThresholdEvent {
  agent: string;
  dataSource: string;
  metric: string;
  threshold: number;
  value: number;
  /** ms since 1970 */
  timestamp: number;
  thresholdID: string;
  eventID: number;
  /** With `byFlow`. */
  flowKey?: string;
  values?: number[];
}

interface ThresholdSpecification {
  /** Name of a flow or of a counter metric, without a data source. */
  metric: string;
  value: Numeric;
  /** Watch each flow instead of the largest one. */
  byFlow?: boolean | string | null;
  /** Only data sources with such metrics. */
  filter?: Record<string, readonly (string | number)[]> | null;
  /** Seconds below the value before it may fire again. */
  timeout?: Numeric | null;
}

interface ScriptHttpRequest {
  /** Elements of the path between script and format, decoded; absent when there are none. */
  path?: string[];
  method: string;
  query: Record<string, string[]>;
  format: string;
  body?: Anything;
  /** Why the body is no JSON. */
  error?: string;
}

interface DatasourceInfo {
  samplingDirection: string;
  samplingRate: number;
  effectiveSamplingRate: number;
  flowSamples: number;
  flowSamplesLost: number;
  dropProbability: number;
  counterSamples: number;
  counterSamplesLost: number;
  /** Seconds. */
  effectivePollingInterval: number;
}

interface FlowLocation {
  agent: string;
  dataSource: string;
  value: number;
  node?: string;
  port?: string;
  localnode?: string;
  localport?: string;
  remotenode?: string;
  remoteport?: string;
  linkname?: string;
}

interface TopKey {
  key: string;
  value: number;
  values?: number[];
  /** ms ago */
  lastUpdate: number;
}

interface MetricElement {
  metricName: string;
  /** Absent when nothing was found. */
  metricValue?: Anything;
  metricN?: number;
  agent?: string;
  dataSource?: string;
  /** ms ago */
  lastUpdate?: number;
  lastUpdateMin?: number;
  lastUpdateMax?: number;
  topKeys?: TopKey[];
}

interface MetricCell {
  agent: string;
  dataSource: string;
  metricName: string;
  metricValue: Anything;
  /** ms ago */
  lastUpdate: number;
  topKeys?: TopKey[];
}

/** Metric → patterns, of which one must fit. */
type MetricFilter = Record<string, readonly (string | number)[]>;

interface BaselineStatistics {
  mean: number;
  variance: number;
  sdev: number;
  min: number;
  max: number;
}

interface CommandResult {
  /** Lines. */
  stdout: string[];
  stderr: string[];
  status: number;
}

interface HttpOptions {
  url: string;
  /** get, post, put, delete, head, options; post when there is a body. */
  operation?: string;
  headers?: Record<string, string | number>;
  /** Sent only with a Content-Type. */
  body?: string;
  user?: string;
  password?: string;
}

interface HttpAnswer {
  status: number;
  /** By name, each with its values; the status line has the name `null`. */
  headers: Record<string, string[]>;
  body: string;
  url: string;
}

interface MailOptions {
  host: string;
  /** 25, with `secure` 465. */
  port?: Numeric;
  /** By TLS from the start. Without it TLS is used when the server offers it. */
  secure?: boolean | string;
  user?: string;
  password?: string;
  from: string;
  to: string | readonly string[];
  subject?: string;
  text?: string;
  success?: (response: string) => void;
  error?: (message: string) => void;
}

interface TopologyDocument {
  nodes?: Record<
    string,
    {
      agent?: string;
      tags?: Record<string, string>;
      ports?: Record<string, { ifindex?: Numeric; tags?: Record<string, string> }>;
    }
  >;
  links?: Record<
    string,
    { node1?: string; port1?: string; node2?: string; port2?: string; tags?: Record<string, string> }
  >;
  version?: number;
}

interface PathStep {
  linkname: string;
  startnode: string;
  startport?: string;
  endnode: string;
  endport?: string;
}

interface HostLocation {
  mac: string;
  ipaddress?: string;
  ip6address?: string;
  node?: string;
  port?: string;
  agent: string;
  ifindex: string;
  host_name?: string;
  uuid?: string;
  machine_type?: string;
  os_name?: string;
  os_release?: string;
}

interface BgpRoute {
  prefix: string;
  nexthop: string;
  communities?: string;
  aspath?: string;
  localpref?: Numeric;
  med?: Numeric;
}

interface BgpFlow {
  match: Record<string, Numeric>;
  then?: Record<string, Numeric>;
}

//#region Scripts

/**
 * Runs another file in the global scope of this script. Relative paths are taken from the folder in which Weir was started.
 * @throws when there is no such file, or it is no JavaScript
 * @example include(scriptdir() + '/inc/trend.js')
 */
declare function include(path: string): void;

/**
 * The folder of the script.
 * @example logInfo(scriptdir())
 */
declare function scriptdir(): string;

/**
 * Value of a property, as text; null when it has none.
 * @example var top = getSystemProperty('example.top') || '5'
 */
declare function getSystemProperty(name: string): string | null;

/**
 * Names of all properties.
 * @example getSystemPropertyNames().forEach(name => logInfo(name))
 */
declare function getSystemPropertyNames(): string[];

/**
 * Value of an environment variable; null when it has none.
 * @example getenv('HOME')
 */
declare function getenv(name: string): string | null;

/**
 * Logs at level debug: not shown unless `log.level=debug`.
 * @example logFine('flows', 5)
 */
declare function logFine(...values: Anything[]): void;

/**
 * Logs at level info. Values are joined with blanks.
 * @example logInfo('flows', 5)
 */
declare function logInfo(...values: Anything[]): void;

/**
 * Logs at level warning.
 * @example logWarning('no such agent', '192.0.2.1')
 */
declare function logWarning(...values: Anything[]): void;

/**
 * Logs at level error.
 * @example logSevere('cannot go on')
 */
declare function logSevere(...values: Anything[]): void;

/**
 * Keeps a value over restarts, for this script alone. undefined and null remove it.
 * @throws when it cannot be written
 * @example storeSet('shortcuts', {web: 'tcpdestinationport=443'})
 */
declare function storeSet(key: string, value: Anything): void;

/**
 * A kept value; undefined when there is none.
 * @example var shortcuts = storeGet('shortcuts') || {}
 */
declare function storeGet(key: string): Anything;

/**
 * Removes a kept value.
 * @example storeDelete('shortcuts')
 */
declare function storeDelete(key: string): void;

/**
 * Names of the kept values.
 * @example storeKeys().length
 */
declare function storeKeys(): string[];

/**
 * Keeps a value in memory for all scripts, as a copy. undefined and null remove it.
 * @throws when shared memory is full
 * @example sharedSet('members', {as64500: '192.0.2.1'})
 */
declare function sharedSet(key: string, value: Anything): void;

/**
 * A copy of a shared value; undefined when there is none.
 * @example var members = sharedGet('members') || {}
 */
declare function sharedGet(key: string): Anything;

/**
 * Removes a shared value.
 * @example sharedDelete('members')
 */
declare function sharedDelete(key: string): void;

/**
 * Names of the shared values.
 * @example sharedKeys()
 */
declare function sharedKeys(): string[];
//#endregion

//#region Handlers

/**
 * Calls a function every so many seconds, at multiples of the period, with the time in ms. Whole seconds, 1 at least.
 * @throws when there is an interval handler already
 * @example setIntervalHandler(now => logInfo(new Date(now)), 10)
 */
declare function setIntervalHandler(handler: (now: number) => void, seconds?: Numeric): void;

/**
 * Ends that.
 * @example clearIntervalHandler()
 */
declare function clearIntervalHandler(): void;

/**
 * Calls a function with each event, or with those of the thresholds named.
 * @throws when there is an event handler already
 * @example setEventHandler(event => logWarning(event.flowKey, event.value), ['ddos'])
 */
declare function setEventHandler(
  handler: (event: ThresholdEvent) => void,
  thresholds?: readonly string[],
): void;

/**
 * Ends that.
 * @example clearEventHandler()
 */
declare function clearEventHandler(): void;

/**
 * Calls a function with each record of flows that are defined with `log`, or of those named.
 * @throws when there is a flow handler already
 * @example setFlowHandler(record => logInfo(record.flowKeys), ['pairs'])
 */
declare function setFlowHandler(handler: (record: FlowRecord) => void, names?: readonly string[]): void;

/**
 * Ends that.
 * @example clearFlowHandler()
 */
declare function clearFlowHandler(): void;

/**
 * Answers HTTP requests to the script with what a function returns, at `/app/NAME/scripts/FILE.js/…/json` or
 * `/script/FILE.js/…/json`. Replaces the handler before. Throw `'not_found'`, `'bad_request'`, … for such a status.
 * @example setHttpHandler(request => ({path: request.path}))
 */
declare function setHttpHandler(handler: (request: ScriptHttpRequest) => Anything): void;

/**
 * Ends that.
 * @example clearHttpHandler()
 */
declare function clearHttpHandler(): void;

/**
 * Calls a function once, after so many ms, with the arguments given. Returns a number for `clearTimeout`.
 * @throws when the first argument is no function
 * @example var id = setTimeout(text => logInfo(text), 500, 'later')
 */
declare function setTimeout(handler: (...args: Anything[]) => void, ms?: number, ...args: Anything[]): number;

/**
 * Keeps that from being called.
 * @example clearTimeout(5)
 */
declare function clearTimeout(id: number): void;
//#endregion

//#region Flows

/**
 * Defines a flow, or replaces its definition. false when the name or the definition is wrong; the log says why.
 * @example setFlow('pairs', {keys: ['ipsource', 'ipdestination'], value: 'bytes', log: true})
 */
declare function setFlow(name: string, specification: FlowSpecification): boolean;

/**
 * Removes a flow definition. false without a name.
 * @example clearFlow('pairs')
 */
declare function clearFlow(name: string): boolean;

/**
 * Flow keys seen in samples, each with the ms since it was last seen.
 * @example Object.keys(flowKeys())
 */
declare function flowKeys(): Record<string, number>;

/**
 * The largest flows, largest first: 100 unless told otherwise. Reports of one key from several data sources are merged by
 * `max` (unless told otherwise), `sum`, `avg`, `edge` or `core`. `filter` is a key of which empty parts mean anything.
 * [] for an unknown flow, null with fewer than two arguments.
 * @example activeFlows('ALL', 'pairs', 10, 1000, 'edge')
 */
declare function activeFlows(
  agents: Agents,
  name: string,
  maxFlows?: Numeric | null,
  minValue?: Numeric | null,
  aggMode?: string | null,
  filter?: string | null,
): ActiveFlow[];

/**
 * Value of one flow of one data source, `DS.name`; of flows with `aggMode` AGENT the data source is 0. null when there is none.
 * @example flowValue('192.0.2.1', '3.pairs', '10.0.0.1,10.0.0.2')
 */
declare function flowValue(agent: string, metric: string, key?: string | readonly string[]): number | null;

/**
 * The same flow with its further values and the ms since its last sample.
 * @example flowValues('192.0.2.1', '3.pairs', '10.0.0.1,10.0.0.2')
 */
declare function flowValues(
  agent: string,
  metric: string,
  key?: string | readonly string[],
): { lastUpdate: number; value: number; values?: number[] } | null;

/**
 * Where a flow is seen: on ports and links of the topology. null for an unknown flow.
 * @throws before a topology was set
 * @example flowLocations('ALL', 'pairs', '10.0.0.1,10.0.0.2')
 */
declare function flowLocations(agents: Agents, name: string, key?: string): FlowLocation[] | null;

/**
 * How a data source samples, and what came of it. null for an unknown one.
 * @example datasourceInfo('192.0.2.1', 3).effectiveSamplingRate
 */
declare function datasourceInfo(agent: string, dataSource: Numeric): DatasourceInfo;

/**
 * Sets a group: labels of addresses and prefixes, for the key function `group:`. null removes it. false when something is wrong.
 * @example setGroups('site', {berlin: ['10.1.0.0/16'], oslo: '10.2.0.0/16'})
 */
declare function setGroups(name: string, content: Record<string, string | readonly string[]> | null): boolean;

/**
 * Sets a map: labels of values, for the key function `map:`. null removes it. false when something is wrong.
 * @example setMap('service', {web: [80, 443], mail: ['25']})
 */
declare function setMap(name: string, content: Record<string, Numeric | readonly Numeric[]> | null): boolean;

/**
 * Sends a tenant the samples that are theirs to see. false when something is wrong.
 * @throws with one to three arguments
 * @example setTenant('shop', '192.0.2.9', 6343, {cidr: ['10.1.0.0/16']})
 */
declare function setTenant(
  name: string,
  collectorAddress: string,
  collectorPort: Numeric,
  filters: Record<string, string | readonly string[]>,
): boolean;

/**
 * Sends received datagrams on to another collector: to port 6343 unless told otherwise, of all agents unless they are named.
 * false when something is wrong.
 * @example setForward('backup', '192.0.2.9', 6343, ['192.0.2.1'])
 */
declare function setForward(
  name: string,
  address: string,
  port?: Numeric | null,
  agents?: readonly string[] | null,
): boolean;

/**
 * Ends that.
 * @example clearForward('backup')
 */
declare function clearForward(name: string): void;
//#endregion

//#region Metrics

/**
 * Version of Weir.
 * @example version()
 */
declare function version(): string;

/**
 * Figures of the server, as `/analyzer/json`.
 * @example analyzer().sFlowDatagramsReceived
 */
declare function analyzer(): Record<string, Anything>;

/**
 * Agents with their figures: all, or those in the array.
 * @example agents(['192.0.2.1'])['192.0.2.1'].sFlowDatagramsLost
 */
declare function agents(addresses?: readonly string[]): Record<string, Record<string, Anything>>;

/**
 * Names of metrics with the ms since their last update; of one agent: `DS.metric` with its value.
 * @example metrics('192.0.2.1')['3.ifinoctets']
 */
declare function metrics(agent?: string | readonly string[]): Record<string, Anything>;

/**
 * Statistics of metrics, one element for each name: `[max|min|sum|avg|var|sdev|med|q1|q2|q3|iqr|any:][DS.]name`.
 * Without `metricValue` nothing was found.
 * @example metric('ALL', 'sum:ifinoctets', {iftype: ['ethernetCsmacd']})[0].metricValue
 */
declare function metric(
  agents: Agents,
  names: string | readonly string[],
  filter?: MetricFilter,
): MetricElement[];

/**
 * Rows of metrics, one for each data source that has them all; `sort:NAME:-N` for the N largest.
 * @throws for a statistic, or a second or bad sort
 * @example table('TOPOLOGY', 'ifname,sort:ifinoctets:-10')
 */
declare function table(
  agents: Agents,
  names: string | readonly string[],
  filter?: MetricFilter,
): MetricCell[][];

/**
 * Every value of metrics, one cell for each data source.
 * @throws for a statistic
 * @example dump('ALL', 'ifinoctets,ifoutoctets')
 */
declare function dump(agents: Agents, names: string | readonly string[], filter?: MetricFilter): MetricCell[];

/**
 * Name of an interface: that of its port in the topology, else the one it sends, else null.
 * @example ifName('192.0.2.1', 3)
 */
declare function ifName(agent: string, ifIndex: Numeric): string | null;

/**
 * The host or virtual machine that has a MAC address (12 hexadecimal digits); null when none has said so.
 * @example hostForMAC('000C29AABBCC')
 */
declare function hostForMAC(mac: string): { agent: string; dataSource: string } | null;

/**
 * The host that was seen with an IPv4 address at the edge of the topology; null when none was.
 * @example hostForIP('10.0.0.1')
 */
declare function hostForIP(address: string): { agent: string; dataSource: string } | null;

/**
 * The same for IPv6.
 * @example hostForIP6('2001:db8::1')
 */
declare function hostForIP6(address: string): { agent: string; dataSource: string } | null;
//#endregion

//#region Thresholds and baselines

/**
 * Sets a threshold, or replaces it. false when something is wrong; the log says what.
 * @example setThreshold('ddos', {metric: 'pairs', value: 1e6, byFlow: true, timeout: 10})
 */
declare function setThreshold(name: string, specification: ThresholdSpecification): boolean;

/**
 * Removes a threshold. false without a name.
 * @example clearThreshold('ddos')
 */
declare function clearThreshold(name: string): boolean;

/**
 * Whether a value at or above the threshold was seen within its timeout; the flow key is needed with `byFlow`.
 * @example thresholdTriggered('ddos', '192.0.2.1', '3.pairs', '10.0.0.1,10.0.0.2')
 */
declare function thresholdTriggered(
  threshold: string,
  agent: string,
  metric: string,
  flowKey?: string,
): boolean;

/**
 * Begins to learn what is usual: from `window` values (180; 10 at least), within `sensitivity` (2) standard deviations; a
 * value out of range has to come `repeat` (1) times in a row.
 * @throws for a window below 10
 * @example baselineCreate('total', 180, 2, 3)
 */
declare function baselineCreate(
  name: string,
  window?: Numeric,
  sensitivity?: Numeric,
  repeat?: Numeric,
): void;

/**
 * Takes in a value, and says what it is.
 * @throws when there is no such baseline, or the value is no number
 * @example if (baselineCheck('total', 5) === 'high') logWarning('more than usual')
 */
declare function baselineCheck(name: string, value: Numeric): 'learning' | 'normal' | 'low' | 'high';

/**
 * What is usual; null for an unknown baseline.
 * @example baselineStatistics('total').mean
 */
declare function baselineStatistics(name: string): BaselineStatistics;

/**
 * Learns anew.
 * @example baselineReset('total')
 */
declare function baselineReset(name: string): void;

/**
 * Forgets a baseline.
 * @example baselineDelete('total')
 */
declare function baselineDelete(name: string): void;
//#endregion

//#region Topology

/**
 * Replaces the topology; `{}` clears it. false for what is no object.
 * @throws when something in it is wrong
 * @example setTopology({nodes: {leaf1: {agent: '192.0.2.1', ports: {swp1: {ifindex: '1'}}}}})
 */
declare function setTopology(document: TopologyDocument): boolean;

/**
 * The topology with its version; null before any was set.
 * @example getTopology().version
 */
declare function getTopology(): TopologyDocument;

/**
 * How often the topology has changed, from 0 on; null before any was set.
 * @example topologyVersion()
 */
declare function topologyVersion(): number | null;

/**
 * Names of the nodes; null without a topology.
 * @example topologyNodeNames()
 */
declare function topologyNodeNames(): string[] | null;

/**
 * Names of the links; null without a topology.
 * @example topologyLinkNames()
 */
declare function topologyLinkNames(): string[] | null;

/**
 * Names of the ports of a node, those that only a link names included.
 * @example topologyNodePortNames('leaf1')
 */
declare function topologyNodePortNames(node: string): string[] | null;

/**
 * Links at a node.
 * @example topologyNodeLinks('leaf1')[0].remotenode
 */
declare function topologyNodeLinks(
  node: string,
): { linkname: string; localport?: string; remotenode?: string; remoteport?: string }[];

/**
 * A link as the document has it; null for an unknown one.
 * @example topologyLink('L1')
 */
declare function topologyLink(
  link: string,
): { node1?: string; port1?: string; node2?: string; port2?: string; tags?: Record<string, string> } | null;

/**
 * Agent that a node is; null when it is not known.
 * @example topologyAgentForNode('leaf1')
 */
declare function topologyAgentForNode(node: string): string | null;

/**
 * Nodes that are an agent; with an interface, the node whose port it is.
 * @example topologyNodesForAgent('192.0.2.1', 1)
 */
declare function topologyNodesForAgent(agent: string, ifIndex?: Numeric): string[] | null;

/**
 * The link at an interface; null when there is none.
 * @example topologyInterfaceToLink('192.0.2.1', 1)
 */
declare function topologyInterfaceToLink(
  agent: string,
  ifIndex: Numeric,
): {
  linkname: string;
  localnode: string;
  localport: string;
  remotenode: string;
  remoteport: string;
  remoteagent: string;
  remoteifindex: string;
} | null;

/**
 * Node and port that an interface is; when it is none of the topology, host name and interface name as far as they are
 * known. null when neither is.
 * @example topologyInterfaceToPort('192.0.2.1', 1)
 */
declare function topologyInterfaceToPort(
  agent: string,
  ifIndex: Numeric,
): { node?: string; port?: string } | null;

/**
 * Agent and interface that a port is, as far as they are known; null for an unknown node.
 * @throws when the node has no such port
 * @example topologyPortToInterface('leaf1', 'swp1')
 */
declare function topologyPortToInterface(
  node: string,
  port: string,
): { agent?: string; ifindex?: string } | null;

/**
 * Both ends of a link, as far as they are known.
 * @throws when there is no such link
 * @example topologyLinkToInterfaces('L1').agent1
 */
declare function topologyLinkToInterfaces(link: string): {
  node1?: string;
  port1?: string;
  node2?: string;
  port2?: string;
  agent1?: string;
  ifindex1?: string;
  agent2?: string;
  ifindex2?: string;
};

/**
 * Metrics at both ends of a link: those of the first, then those of the second; {} for what is missing.
 * @example topologyLinkMetric('L1', 'ifinoctets,ifoutoctets')
 */
declare function topologyLinkMetric(link: string, metrics: string | readonly string[]): Partial<MetricCell>[];

/**
 * Names of all tags.
 * @example topologyTags()
 */
declare function topologyTags(): string[];

/**
 * Tag of a node; null when it has none.
 * @example topologyNodeTag('leaf1', 'role')
 */
declare function topologyNodeTag(node: string, tag: string): string | null;

/**
 * Tag of a link; null when it has none.
 * @example topologyLinkTag('L1', 'kind')
 */
declare function topologyLinkTag(link: string, tag: string): string | null;

/**
 * Tag of a port; null when it has none.
 * @example topologyPortTag('leaf1', 'swp1', 'speed')
 */
declare function topologyPortTag(node: string, port: string, tag: string): string | null;

/**
 * Links on the longest of all shortest paths.
 * @example topologyDiameter()
 */
declare function topologyDiameter(): number;

/**
 * A path over the fewest links; [] from a node to itself.
 * @throws for a node that is unknown or has no link
 * @example topologyShortestPath('leaf1', 'leaf2').map(step => step.linkname)
 */
declare function topologyShortestPath(from: string, to: string): PathStep[] | null;

/**
 * Up to so many paths, the shortest first; null without a number.
 * @throws for a node that is unknown or has no link
 * @example topologyShortestPaths('leaf1', 'leaf2', 3)
 */
declare function topologyShortestPaths(from: string, to: string, count: Numeric): PathStep[][] | null;

/**
 * As few links as connect everything.
 * @example topologyMinimumSpanningTree()
 */
declare function topologyMinimumSpanningTree(): string[];

/**
 * MAC addresses seen at the edge: all, or those at an agent or interface.
 * @example topologyLocatedHostMacs('192.0.2.1', 3)
 */
declare function topologyLocatedHostMacs(agent?: string, ifIndex?: Numeric): string[];

/**
 * Where a MAC address (12 hexadecimal digits) is; [] when it is not known.
 * @example topologyLocateHostMac('020000000001')
 */
declare function topologyLocateHostMac(mac: string): HostLocation[];

/**
 * Where an IPv4 address is.
 * @example topologyLocateHostIP('10.0.0.1')
 */
declare function topologyLocateHostIP(address: string): HostLocation[];

/**
 * Where an IPv6 address is.
 * @example topologyLocateHostIP6('2001:db8::1')
 */
declare function topologyLocateHostIP6(address: string): HostLocation[];

/**
 * Where the host is that is this agent: all its MAC addresses.
 * @example topologyLocateHostAgent('192.0.2.1')
 */
declare function topologyLocateHostAgent(agent: string): HostLocation[];

/**
 * Where the host is that has this UUID.
 * @example topologyLocateHostUUID('564d8d4b-6e3f-4a7f-9a3e-0123456789ab')
 */
declare function topologyLocateHostUUID(uuid: string): HostLocation[];
//#endregion

//#region HTTP and mail

/**
 * Sends a request and waits for the answer's body. After the operation: user, password and Accept for get; Content-Type,
 * body, user, password and Accept for post and put. Waits 5 s for a connection, and for each piece of the answer.
 * @throws `not found` for 404, `IO error …` for other failures
 * @example http('https://example.com/v1', 'post', 'application/json', '{}', 'joe', 'secret')
 */
declare function http(url: string, operation?: string, ...more: Anything[]): string;

/**
 * Sends a request and waits for the whole answer. Redirects are followed.
 * @throws as `http`
 * @example http2({url: 'https://example.com/v1', headers: {Accept: 'text/csv'}}).body
 */
declare function http2(options: HttpOptions): HttpAnswer;

/**
 * Sends a request without waiting, 100 at a time at most. `success` gets the answer, `error` a text.
 * @example httpAsync({url: 'https://example.com/v1', success: answer => logInfo(answer.status), error: text => logWarning(text)})
 */
declare function httpAsync(
  options: HttpOptions & { success?: (answer: HttpAnswer) => void; error?: (message: string) => void },
): void;

/**
 * Sends mail by SMTP without waiting. Not in other engines.
 * @throws when host, from or to is missing
 * @example sendMail({host: 'mail.example.com', from: 'weir@example.com', to: 'noc@example.com', subject: 'Busy', text: '…'})
 */
declare function sendMail(options: MailOptions): void;
//#endregion

//#region Messages and programs

/**
 * Sends a syslog message of RFC 3164: facility and severity as numbers, `name=value` for each member of the object.
 * @throws when a number is wrong, or the fifth argument is no object
 * @example syslog('192.0.2.9', 514, 16, 5, {event: 'ddos', address: '10.0.0.1'})
 */
declare function syslog(
  host: string,
  port: Numeric,
  facility: Numeric,
  severity: Numeric,
  members: Record<string, Anything>,
): void;

/**
 * Sends metrics to Graphite by TCP: `name value seconds`, a line for each member that is a number.
 * @throws when the port is wrong, or the third argument is no object
 * @example graphite('192.0.2.9', 2003, {'net.total': 5.5})
 */
declare function graphite(host: string, port: Numeric, metrics: Record<string, Anything>): void;

/**
 * Addresses of a name.
 * @throws when nobody knows it
 * @example dnsGetAllByName('localhost')
 */
declare function dnsGetAllByName(name?: string): string[];

/**
 * Runs a program and waits for its end. Text is split at blanks; `env` takes the place of the environment. It has no
 * standard input. Needs the property `script.runcmd=yes`.
 * @throws when it cannot be started, may not be run, or writes more than 16 MB
 * @example runCmd(['uname', '-r']).stdout[0]
 */
declare function runCmd(
  command: string | readonly string[],
  env?: readonly string[] | null,
  dir?: string,
): CommandResult;

/**
 * Runs a program without waiting. `success` gets the lines of standard output, `error` all of a program that failed.
 * @throws as `runCmd`, when it is called
 * @example runCmdAsync({cmd: ['uname', '-r'], success: lines => logInfo(lines[0])})
 */
declare function runCmdAsync(options: {
  cmd: string | readonly string[];
  dir?: string;
  success?: (lines: string[]) => void;
  error?: (result: CommandResult) => void;
}): void;
//#endregion

//#region Texts, addresses and formats

/**
 * MD5 of texts one after the other, in hexadecimal digits.
 * @example md5('abc')
 */
declare function md5(...texts: Anything[]): string;

/**
 * Base64 of a text in UTF-8.
 * @example base64Encode('hello')
 */
declare function base64Encode(text: string): string;

/**
 * Text of base64; the padding may be missing.
 * @throws for other characters
 * @example base64Decode('aGVsbG8=')
 */
declare function base64Decode(text: string): string;

/**
 * An address without its host bits, as a prefix. `bits6` counts for IPv6 when it is given.
 * @throws for what is no address
 * @example mask('10.1.2.3', 24, 64)
 */
declare function mask(address: string, bits?: Numeric, bits6?: Numeric): string;

/**
 * The fewest IPv4 prefixes that are exactly these addresses.
 * @throws for what is no IPv4 address
 * @example ipRangeToCidrList('10.0.0.1', '10.0.0.9')
 */
declare function ipRangeToCidrList(first: string, last: string): string[];

/**
 * A date by a pattern of `java.text.SimpleDateFormat`; as `2026-11-23T01:05:07Z` without one.
 * @throws for what is no date, or a bad pattern
 * @example formatDate(new Date(), 'yyyy-MM-dd HH:mm')
 */
declare function formatDate(date: Date, pattern?: string): string;

/**
 * A number by a pattern of `java.text.DecimalFormat`, rounded half to even.
 * @throws for a bad pattern
 * @example formatNumber(1234.567, '#,##0.00')
 */
declare function formatNumber(value: Numeric, pattern?: string): string;
//#endregion

//#region BGP

/**
 * Lets a router open a session with Weir, and says what to do when one opens or closes. Repeated calls replace it.
 * @throws for a router or an identifier that is no address
 * @example bgpAddNeighbor('192.0.2.1', '65000', '192.0.2.9', {ipv6: true}, router => logInfo('open', router))
 */
declare function bgpAddNeighbor(
  router: string,
  as: Numeric,
  routerId?: string,
  options?: Record<string, Anything> | null,
  opened?: (router: string) => void,
  closed?: (router: string) => void,
): void;

/**
 * Forgets a router, and ends its session.
 * @throws for an unknown one
 * @example bgpRemoveNeighbor('192.0.2.1')
 */
declare function bgpRemoveNeighbor(router: string): void;

/**
 * Has the samples of an agent, or of the EDGE, counted by the routes of a router.
 * @example bgpAddSource('192.0.2.2', '192.0.2.1', 10, 'bytes')
 */
declare function bgpAddSource(
  agent: string,
  router: string | { router: string; router6: string },
  seconds?: Numeric,
  value?: string,
): void;

/**
 * Ends that.
 * @example bgpRemoveSource('192.0.2.2')
 */
declare function bgpRemoveSource(agent: string): void;

/**
 * MAC addresses of next hops.
 * @throws for an array or a text
 * @example bgpSetNextHops({'192.0.2.1': '020000000001'})
 */
declare function bgpSetNextHops(macs: Record<string, string>): void;

/**
 * Forgets them.
 * @example bgpClearNextHops()
 */
declare function bgpClearNextHops(): void;

/**
 * Announces a route. false without a session, or when something is wrong.
 * @example bgpAddRoute('192.0.2.1', {prefix: '10.0.0.1/32', nexthop: '192.0.2.9', communities: '65535:666'})
 */
declare function bgpAddRoute(router: string, route: BgpRoute): boolean;

/**
 * Withdraws a route.
 * @example bgpRemoveRoute('192.0.2.1', '10.0.0.1/32')
 */
declare function bgpRemoveRoute(router: string, prefix: string): boolean;

/**
 * A route that is announced; null when it is not.
 * @example bgpGetRoute('192.0.2.1', '10.0.0.1/32')
 */
declare function bgpGetRoute(router: string, prefix: string): Record<string, Anything> | null;

/**
 * Prefixes that are announced; null without a session.
 * @example bgpRoutes('192.0.2.1')
 */
declare function bgpRoutes(router: string): string[] | null;

/**
 * How many; -1 without a session.
 * @example bgpRouteCount('192.0.2.1')
 */
declare function bgpRouteCount(router: string): number;

/**
 * Announces a FlowSpec rule.
 * @throws for bad values, or without `then`
 * @example bgpAddFlow('192.0.2.1', {match: {destination: '10.0.0.1/32', protocol: '17'}, then: {'traffic-rate': 0}})
 */
declare function bgpAddFlow(router: string, flow: BgpFlow): boolean;

/**
 * Withdraws a FlowSpec rule.
 * @throws for bad values
 * @example bgpRemoveFlow('192.0.2.1', {match: {destination: '10.0.0.1/32', protocol: '17'}})
 */
declare function bgpRemoveFlow(router: string, flow: BgpFlow): boolean;

/**
 * FlowSpec rules that are announced; null without a session.
 * @example bgpFlows('192.0.2.1')
 */
declare function bgpFlows(router: string): BgpFlow[] | null;

/**
 * How many; -1 without a session.
 * @example bgpFlowCount('192.0.2.1')
 */
declare function bgpFlowCount(router: string): number;

/**
 * The learnt route to an address, with its traffic; null when there is none.
 * @example bgpPrefixForAddress('192.0.2.1', '10.0.0.1')
 */
declare function bgpPrefixForAddress(router: string, address: string): Record<string, Anything> | null;

/**
 * Learnt IPv4 prefixes with the most traffic; null without a session.
 * @example bgpTopPrefixes('192.0.2.1', 100, 0, 'destination')
 */
declare function bgpTopPrefixes(
  router: string,
  max: Numeric,
  minValue?: Numeric,
  direction?: string,
  includeCovered?: boolean,
  minPrefix?: Numeric,
  pruneCovered?: boolean,
): Record<string, Anything> | null;

/**
 * The same for IPv6.
 * @example bgpTopPrefixes6('192.0.2.1', 100)
 */
declare function bgpTopPrefixes6(
  router: string,
  max: Numeric,
  minValue?: Numeric,
  direction?: string,
  includeCovered?: boolean,
  minPrefix?: Numeric,
  pruneCovered?: boolean,
): Record<string, Anything> | null;
//#endregion
