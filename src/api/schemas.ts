import { type TSchema, Type } from '@sinclair/typebox';

/*
 * Shapes of requests and answers (sections 3, 4, 6 to 8 and 14 of the contract). A schema with an `$id` becomes a
 * named component of the OpenAPI document.
 */

const AGENTS =
  'Comma list of agent addresses (IPv6 in any spelling), or ALL, TOPOLOGY, EDGE, CORE. Unknown agents select nothing.';

/** Path parameters. */
const OneAgent = Type.String({ description: 'Address of one agent (IPv6 in any spelling).' });

export const OneAgentParam = Type.Object({ agent: OneAgent });

export const ResourceName = Type.String({
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'Name of letters, digits, `_` and `-`.',
});

export const NameParam = Type.Object({ name: ResourceName });

export const AgentFlowParams = Type.Object({
  agent: Type.String({ description: AGENTS }),
  name: Type.String({ description: 'Name of a flow definition.' }),
});

export const AgentMetricsParams = Type.Object({
  agent: Type.String({ description: AGENTS }),
  metrics: Type.String({ description: 'Comma list of metric names; see the description of the call.' }),
});

export const AppParam = Type.Object({ app: Type.String({ description: 'Name of an application.' }) });

export const Apps = Type.Record(
  Type.String(),
  Type.Object({
    scripts: Type.Array(Type.String({ description: 'Key of a script.' })),
    entry: Type.Optional(Type.String({ description: '`/html/`, when it has pages.' })),
  }),
);

export const ScriptList = Type.Record(
  Type.String(),
  Type.Object(
    {
      flowsReceived: Type.Integer({ description: 'Records of the flow log that it was given.' }),
      flowsLost: Type.Integer({ description: 'Those that it did not get, because too many were waiting.' }),
      eventsReceived: Type.Integer(),
      eventsLost: Type.Integer(),
      requestsReceived: Type.Integer({ description: 'HTTP requests that its handler was given.' }),
      requestsLost: Type.Integer(),
      cpuMs: Type.Integer({ description: 'Processor time of its thread, ms; 0 when it has ended.' }),
      alive: Type.Boolean(),
      gracefulExit: Type.Optional(
        Type.Boolean({ description: 'Whether it ended because nothing was left to do.' }),
      ),
      error: Type.Optional(Type.String({ description: 'What ended it, when it failed.' })),
      busy: Type.Optional(
        Type.String({ description: 'What it has been doing for ten seconds or longer without a pause.' }),
      ),
      restarts: Type.Optional(Type.Integer({ description: 'How often it was started again.' })),
    },
    {
      additionalProperties: Type.String({
        description: 'From the head of the file: `author`, `version`, `date`, `description`, `copyright`.',
      }),
    },
  ),
);

export const NoParams = Type.Object({});
export const NoQuery = Type.Object({});

/** Any parameter is a filter: a metric's name and the glob its value must match. */
export const MetricFilterQuery = Type.Record(Type.String(), Type.Array(Type.String()), {
  description:
    'Each parameter is the name of a metric and a glob (`*`, `?`, `[12]`) its value must match, case-sensitive and whole. ' +
    'A repeated parameter means or, different parameters mean and.',
});

export const FormatQuery = Type.Object({
  format: Type.Optional(Type.String({ description: '`text`, `typed` or `openmetrics`.' })),
});

const milliseconds = (description: string): TSchema => Type.Number({ description: `${description}, ms.` });

export const MillisecondsByName = Type.Record(Type.String(), Type.Number());

export const License = Type.Object(
  {
    license: Type.Object({ type: Type.String() }),
    analyzer: Type.Object({ bps: Type.Number(), host: Type.String() }),
  },
  { $id: 'License' },
);

const counter = (description: string): TSchema => Type.Number({ description });

/** /analyzer/json: the members of section 14.1, then those of our own. All counts since start. */
export const Analyzer = Type.Object(
  {
    sFlowAgents: counter('Agents known now.'),
    sFlowDatagramsReceived: counter('Datagrams received.'),
    sFlowBytesReceived: counter('Bytes of UDP payload received.'),
    sFlowDatagramsDiscarded: counter('Datagrams dropped for their sequence number.'),
    sFlowDatagramsTooLarge: counter('Datagrams longer than the receiver takes.'),
    sFlowParseErrors: counter('Datagrams with a fault.'),
    sFlowUnsupportedVersion: counter('Datagrams of a version that is not understood.'),
    flowsGenerated: counter('Records written to the flow log.'),
    eventsGenerated: counter('Threshold events.'),
    httpConnectionsCurrent: counter('Open HTTP connections.'),
    httpConnectionsTotal: counter('HTTP connections accepted.'),
    httpMessagesSent: counter('HTTP responses sent.'),
    httpMessagesReceived: counter('HTTP requests received.'),
    httpBytesSent: counter('Bytes sent over HTTP connections.'),
    httpBytesReceived: counter('Bytes received over HTTP connections.'),
    uptime: milliseconds('Time since start'),
    cpuTime: milliseconds('CPU time of the process, all threads'),
    cpuLoadProcess: counter('CPU load of the process, fraction of all cores.'),
    cpuLoadSystem: counter('CPU load of the machine, fraction of all cores.'),
    loadAverage: counter('Load average over one minute.'),
    availableProcessors: counter('Cores the process may use.'),
    memTotal: counter('Memory of the machine, bytes.'),
    memFree: counter('Free memory of the machine, bytes.'),
    heapInit: counter('Bytes of heap at start; always 0.'),
    heapUsed: counter('Heap of the main thread in use, bytes.'),
    heapCommitted: counter('Heap of the main thread, bytes.'),
    heapMax: counter('Limit of the main thread’s heap, bytes.'),
    nonHeapInit: counter('Always 0.'),
    nonHeapUsed: counter('Buffers outside the heap, bytes.'),
    nonHeapCommitted: counter('Resident memory outside the main thread’s heap, bytes.'),
    nonHeapMax: counter('-1: no limit of its own.'),
    gcCount: counter('Garbage collections of the main thread.'),
    gcTime: milliseconds('Time in garbage collections of the main thread'),
    threadCount: counter('Threads of the process.'),
    threadDaemonCount: counter('Threads beside the main thread.'),
    threadTotalStartedCount: counter('Largest number of threads seen.'),
    version: Type.String({ description: 'Version of Weir.' }),
    jvmName: Type.String({ description: 'Runtime: Node.js.' }),
    jvmVendor: Type.String({ description: 'Vendor of the runtime.' }),
    jvmVersion: Type.String({ description: 'Version of the runtime’s engine, V8.' }),
    javaVersion: Type.String({ description: 'Version of the runtime.' }),
    osName: Type.String({ description: 'Operating system.' }),
    osArch: Type.String({ description: 'Architecture of the processor.' }),
    osVersion: Type.String({ description: 'Release of the operating system.' }),

    sFlowDataSources: counter('Data sources known now.'),
    sFlowFlowSamples: counter('Flow samples taken.'),
    sFlowCounterSamples: counter('Counter samples taken.'),
    sFlowDiscardSamples: counter('Discard notifications taken.'),
    sFlowDatagramsLost: counter('Datagrams lost on the way, from gaps in sequence numbers.'),
    sFlowSamplesLost: counter('Samples lost on the way, from gaps in sequence numbers.'),
    sFlowKernelDrops: counter('Datagrams the kernel dropped because the socket buffer was full.'),
    sFlowErrors: Type.Record(Type.String(), Type.Number(), { description: 'Faults in datagrams, by kind.' }),
    sFlowUnknownStructures: Type.Record(Type.String(), Type.Number(), {
      description: 'Samples and records skipped because their enterprise:format is not known.',
    }),
    sFlowAgentsRefused: counter('Datagrams of agents beyond the limit.'),
    sFlowDataSourcesRefused: counter('Samples of data sources beyond the limit.'),
    prometheusSeries: counter('Series given to Prometheus.'),
    prometheusSeriesLeftOut: counter('Series left out of a text for Prometheus, beyond its limit.'),
    flowsDropped: Type.Record(Type.String(), Type.Number(), {
      description: 'Flow entries dropped because a table was full, by definition.',
    }),
    flowTables: Type.Array(
      Type.Object({
        name: Type.String(),
        entries: counter('Entries held.'),
        bytes: counter('Memory held, bytes.'),
        limitBytes: counter('Memory the table may hold, bytes.'),
        dropped: counter('Entries dropped because the table was full.'),
      }),
      { description: 'Each table: name, entries, bytes and limitBytes of memory, entries dropped.' },
    ),
    forwarding: Type.Record(
      Type.String(),
      Type.Object({
        sent: counter('Datagrams sent.'),
        failed: counter('Datagrams that could not be sent.'),
        lookupsFailed: counter('How often the host was looked up in vain; 0 once it is known.'),
      }),
      { description: 'Datagrams sent on and not sent, by forwarding.' },
    ),
    receivePath: Type.Object(
      {
        kind: Type.String({ description: 'How datagrams are read: recvmmsg or dgram.' }),
        reason: Type.Optional(Type.String({ description: 'Why it is not recvmmsg.' })),
        address: Type.String(),
        port: Type.Number(),
        bufferAsked: counter('Socket buffer asked for, bytes.'),
        bufferGranted: counter('Socket buffer the kernel granted, bytes.'),
      },
      {
        description:
          'How datagrams come in: kind, address, port, bytes of socket buffer asked for and granted.',
      },
    ),
    processResidentBytes: counter('Resident memory of the process, bytes.'),
  },
  { $id: 'Analyzer' },
);

export const AgentsQuery = Type.Object({
  agent: Type.Optional(Type.Array(Type.String(), { description: 'Only these agents; repeatable.' })),
});

export const Agents = Type.Record(
  Type.String(),
  Type.Object(
    {
      sFlowDatagramSource: Type.Array(Type.String(), { description: 'UDP source addresses.' }),
      firstSeen: milliseconds('Time since the first datagram'),
      lastSeen: milliseconds('Time since the last datagram'),
      uptime: milliseconds('Uptime the agent reports'),
    },
    {
      $id: 'Agent',
      additionalProperties: Type.Number(),
      description: 'Session counters `sFlow…` of the agent.',
    },
  ),
);

const MetricValue = Type.Union([Type.Number(), Type.String()]);

export const MetricsOfAgent = Type.Record(Type.String(), MetricValue, {
  description: 'Data source and metric (`1.ifinoctets`) with the value.',
});

const TopKeys = Type.Array(
  Type.Object(
    {
      key: Type.String(),
      value: Type.Number(),
      values: Type.Optional(Type.Array(Type.Number())),
      lastUpdate: milliseconds('Time since the last update'),
    },
    { $id: 'TopKey' },
  ),
);

export const MetricElements = Type.Array(
  Type.Object(
    {
      metricName: Type.String({ description: 'The metric as it was asked for.' }),
      metricValue: Type.Optional(MetricValue),
      metricN: Type.Optional(Type.Number({ description: 'Number of values the statistic is over.' })),
      agent: Type.Optional(Type.String()),
      dataSource: Type.Optional(Type.String()),
      lastUpdate: Type.Optional(milliseconds('Time since the winner was updated')),
      lastUpdateMin: Type.Optional(milliseconds('Time since the newest update')),
      lastUpdateMax: Type.Optional(milliseconds('Time since the oldest update')),
      quartiles: Type.Optional(
        Type.Object({
          min: Type.Number(),
          q1: Type.Number(),
          med: Type.Number(),
          q3: Type.Number(),
          max: Type.Number(),
        }),
      ),
      topKeys: Type.Optional(TopKeys),
    },
    { $id: 'MetricElement' },
  ),
);

const MetricCell = Type.Object(
  {
    agent: Type.String(),
    dataSource: Type.String(),
    metricName: Type.String(),
    metricValue: MetricValue,
    lastUpdate: milliseconds('Time since the last update'),
    topKeys: Type.Optional(TopKeys),
  },
  { $id: 'MetricCell' },
);

export const MetricCells = Type.Array(MetricCell);
export const MetricRows = Type.Array(Type.Array(MetricCell));

const numberLike = (description: string): TSchema =>
  Type.Union([Type.Number(), Type.String({ pattern: '^[0-9.]+$' })], { description });
const flag = (description: string): TSchema =>
  Type.Union([Type.Boolean(), Type.Literal('true'), Type.Literal('false')], { description });

/** Section 4.1. */
export const FlowDefinition = Type.Object(
  {
    keys: Type.Optional(Type.String({ description: 'Comma list of keys and key functions.' })),
    value: Type.Optional(
      Type.String({ description: 'Numeric key, or `rate:`, `avg:`, `min:`, `max:`, `count:` and a key.' }),
    ),
    values: Type.Optional(Type.String({ description: 'Comma list of further values.' })),
    filter: Type.Optional(Type.String({ description: 'Expression a sample must pass.' })),
    n: Type.Optional(numberLike('Number of largest flows kept in metrics, 5 to 20; 5 by default.')),
    t: Type.Optional(numberLike('Smoothing time, seconds, 0.1 to 600; 2 by default.')),
    fs: Type.Optional(Type.String({ description: 'Separator between key fields; a comma by default.' })),
    log: Type.Optional(flag('Write finished flows to the flow log.')),
    flowStart: Type.Optional(flag('Log a flow when it starts, not when it ends.')),
    activeTimeout: Type.Optional(
      numberLike('Seconds between records of a flow that lasts, 10 or more; 60 by default.'),
    ),
    dropped: Type.Optional(flag('Use discard notifications instead of packet samples.')),
    aggMode: Type.Optional(
      Type.String({ description: '`EDGE` or `AGENT`: one table for the edge, or one per agent.' }),
    ),
    ipfixCollectors: Type.Optional(Type.Array(Type.String(), { description: 'Addresses to send IPFIX to.' })),
  },
  { $id: 'FlowDefinition' },
);

export const FlowDefinitions = Type.Record(Type.String(), FlowDefinition);

export const ActiveFlowsQuery = Type.Object({
  maxFlows: Type.Integer({ default: 100, description: 'Largest number of flows; nothing for 0 and below.' }),
  minValue: Type.Optional(Type.Number({ description: 'Only flows with at least this value.' })),
  aggMode: Type.Optional(
    Type.String({
      description: 'How equal keys of several data sources are merged: max (default), sum, avg, edge, core.',
    }),
  ),
  filter: Type.Optional(
    Type.String({ description: 'A key in which empty fields match anything: `10.0.0.1,` for two keys.' }),
  ),
});

export const ActiveFlows = Type.Array(
  Type.Object(
    {
      key: Type.String(),
      value: Type.Number(),
      flowN: Type.Integer({ description: 'Data sources merged.' }),
      agent: Type.Optional(Type.String()),
      dataSource: Type.Optional(Type.String()),
      values: Type.Optional(Type.Array(Type.Number())),
    },
    { $id: 'ActiveFlow' },
  ),
);

export const FlowValueParams = Type.Object({
  agent: OneAgent,
  metric: Type.String({ description: 'Data source and flow, joined by a dot: `3.tcp`.' }),
});

export const FlowValueQuery = Type.Object({
  key: Type.Optional(Type.String({ description: 'Key of the flow; the largest flow when absent.' })),
});

export const LoggedFlowsQuery = Type.Object({
  name: Type.Optional(
    Type.Array(Type.String(), { description: 'Only flows of these definitions; repeatable.' }),
  ),
  flowID: Type.Optional(Type.Integer({ description: 'Only records with a larger ID.' })),
  maxFlows: Type.Integer({ default: 100, minimum: 1, description: 'Largest number of records.' }),
  timeout: Type.Optional(
    Type.Integer({ description: 'With flowID: seconds to wait for a record when there is none.' }),
  ),
});

const LoggedFlowSchema = Type.Object(
  {
    flowID: Type.Integer({ description: 'Counts from 0.' }),
    name: Type.String({ description: 'Name of the flow definition.' }),
    agent: Type.String({ description: 'Address of the agent.' }),
    dataSource: Type.String({ description: 'Data source that reported it.' }),
    flowKeys: Type.String({ description: 'Key of the flow.' }),
    value: Type.Number({ description: 'Total since start, not a rate.' }),
    values: Type.Optional(Type.Array(Type.Number(), { description: 'Further values of the definition.' })),
    start: Type.Number({ description: 'Epoch ms.' }),
    end: Type.Number({ description: 'Epoch ms.' }),
  },
  { $id: 'LoggedFlow' },
);

export const LoggedFlows = Type.Array(LoggedFlowSchema);

export const FlowLocationsQuery = Type.Object({
  key: Type.Optional(Type.String({ description: 'Key of the flow; any when absent.' })),
});

export const FlowLocations = Type.Array(
  Type.Object(
    {
      agent: Type.String(),
      dataSource: Type.String(),
      value: Type.Number(),
      node: Type.Optional(Type.String({ description: 'Node of an edge port.' })),
      port: Type.Optional(Type.String({ description: 'Name of an edge port.' })),
      localnode: Type.Optional(Type.String({ description: 'Node at this end of a link.' })),
      localport: Type.Optional(Type.String({ description: 'Port at this end of a link.' })),
      remotenode: Type.Optional(Type.String({ description: 'Node at the other end of a link.' })),
      remoteport: Type.Optional(Type.String({ description: 'Port at the other end of a link.' })),
      linkname: Type.Optional(Type.String({ description: 'Name of the link.' })),
    },
    { $id: 'FlowLocation' },
  ),
);

/** Section 9.1. */
export const ThresholdDefinition = Type.Object(
  {
    metric: Type.Optional(Type.String({ description: 'Name of a metric or of a flow definition.' })),
    value: Type.Optional(
      Type.Union([Type.Number(), Type.String()], { description: 'A value at or above it is an event.' }),
    ),
    timeout: Type.Optional(
      Type.Union([Type.Number(), Type.String()], {
        description: 'Seconds below the value after which it can fire again; 60 by default.',
      }),
    ),
    byFlow: Type.Optional(flag('Each flow of a flow definition by itself, not the largest alone.')),
    filter: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.Union([Type.String(), Type.Number()])), {
        description:
          'Only data sources with these metrics: a name and globs, of which one must match the value.',
      }),
    ),
  },
  { $id: 'Threshold' },
);

export const ThresholdDefinitions = Type.Record(Type.String(), ThresholdDefinition);

export const EventsQuery = Type.Object({
  thresholdID: Type.Optional(
    Type.Array(Type.String(), { description: 'Only events of these thresholds; repeatable.' }),
  ),
  eventID: Type.Optional(Type.Integer({ description: 'Only events with a larger ID.' })),
  maxEvents: Type.Integer({ default: 100, minimum: 1, description: 'Largest number of events.' }),
  timeout: Type.Optional(
    Type.Integer({ description: 'With eventID: seconds to wait for an event when there is none.' }),
  ),
});

const ThresholdEventSchema = Type.Object(
  {
    eventID: Type.Integer({ description: 'Counts from 0.' }),
    timestamp: Type.Number({ description: 'Time of the crossing, epoch ms.' }),
    thresholdID: Type.String({ description: 'Name of the threshold.' }),
    metric: Type.String({ description: 'Metric of the threshold.' }),
    threshold: Type.Number({ description: 'Value of the threshold.' }),
    value: Type.Number({ description: 'Value that crossed it.' }),
    agent: Type.String({ description: 'Address of the agent.' }),
    dataSource: Type.String({ description: 'Data source of the value.' }),
    flowKey: Type.Optional(Type.String({ description: 'Key of the flow, of thresholds with byFlow.' })),
    values: Type.Optional(
      Type.Array(Type.Number(), { description: 'Further values of the flow, when its definition has some.' }),
    ),
  },
  { $id: 'Event' },
);

export const ThresholdEvents = Type.Array(ThresholdEventSchema);

const SHOWN = 'analyzer|agents|events|page';

export const LiveQuery = Type.Object({
  show: Type.Optional(
    Type.String({
      pattern: `^(${SHOWN})(,(${SHOWN}))*$`,
      description:
        'Comma list of `analyzer`, `agents`, `events`, `page` (the parts of the start page). Without it, and without ' +
        'flow, metrics and thresholdID, the first three.',
    }),
  ),
  flow: Type.Optional(
    Type.Array(Type.String(), {
      maxItems: 20,
      description: 'Largest flows of this definition; up to 20 of them.',
    }),
  ),
  metrics: Type.Optional(
    Type.String({
      description: 'Comma list of metrics, each with a statistic or without: `sum:ifinoctets`.',
    }),
  ),
  thresholdID: Type.Optional(
    Type.Array(Type.String(), {
      maxItems: 100,
      description: 'Only events of these thresholds; repeatable. Implies `show=events`.',
    }),
  ),
  agents: Type.String({ default: 'ALL', description: `For flows and metrics. ${AGENTS}` }),
  maxFlows: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'Largest number of flows of a definition.',
  }),
  aggMode: Type.Optional(Type.String({ description: 'How equal keys are merged, as in /activeflows.' })),
  interval: Type.Integer({
    default: 1000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time between updates, ms. Events come at once.',
  }),
  lastEventID: Type.Optional(
    Type.String({
      description: 'What the header `Last-Event-ID` says, for clients that cannot set it: where to go on.',
    }),
  ),
});

const Limit = Type.Integer({
  default: 100,
  minimum: 1,
  maximum: 1000,
  description: 'Largest number of items of a page.',
});
const Cursor = Type.Optional(
  Type.String({ description: 'Where to go on: `next` of the page before. Without it, at the first item.' }),
);

export const PageQuery = Type.Object({ limit: Limit, cursor: Cursor });
export const EventPageQuery = Type.Object({
  limit: Limit,
  cursor: Cursor,
  thresholdID: EventsQuery.properties.thresholdID,
});
export const FlowPageQuery = Type.Object({
  limit: Limit,
  cursor: Cursor,
  name: LoggedFlowsQuery.properties.name,
});

export const HostsQuery = Type.Object({
  mac: Type.Optional(Type.String({ description: 'MAC address, with or without separators.' })),
  ip: Type.Optional(Type.String({ description: 'Latest IPv4 address of the host.' })),
  ip6: Type.Optional(Type.String({ description: 'Latest IPv6 address of the host.' })),
  uuid: Type.Optional(Type.String({ description: 'UUID that the host itself sends.' })),
  hostagent: Type.Optional(Type.String({ description: 'Agent address of the host itself.' })),
  agent: Type.Optional(Type.String({ description: 'Agent address of the switch.' })),
  ifindex: Type.Optional(Type.String({ description: 'Interface of the switch.' })),
  limit: Limit,
});

const known = (description: string) => Type.Optional(Type.String({ description }));

export const Hosts = Type.Array(
  Type.Object(
    {
      mac: Type.String({ description: 'Twelve upper-case hex digits.' }),
      ipaddress: known('Latest IPv4 address.'),
      ip6address: known('Latest IPv6 address.'),
      node: known('Node of the topology it is at.'),
      port: known('Port it is at.'),
      agent: Type.String({ description: 'Agent it is at.' }),
      ifindex: Type.String({ description: 'Interface it is at.' }),
      host_name: known('Name the machine gives itself; that of the hypervisor for a virtual machine.'),
      uuid: known('UUID of that machine.'),
      machine_type: known('Its architecture.'),
      os_name: known('Its operating system.'),
      os_release: known('Release of that.'),
    },
    { $id: 'LocatedHost' },
  ),
);

export const Snmp = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Property `snmp.ifname`.' }),
    walks: counter('Agents asked, each time counted.'),
    failures: counter('Those that failed.'),
    agents: Type.Record(
      Type.String(),
      Type.Object({
        state: Type.Union([Type.Literal('waiting'), Type.Literal('asked now'), Type.Literal('named')]),
        sysName: known('Name of the system.'),
        interfaces: counter('Interfaces that it has told of.'),
        wrongValues: counter('Values of a type that no name has: passed over.'),
        walks: counter('How often it was asked.'),
        lastWalk: Type.Optional(Type.Number({ description: 'ms since it answered last.' })),
        error: known('Why the last walk failed.'),
        nextWalk: Type.Number({ description: 'ms until it may be asked again.' }),
      }),
      { description: 'By address.' },
    ),
  },
  { $id: 'Snmp' },
);

/** A page of items, in an order that does not change. */
function pageOf<T extends TSchema>(item: T, $id: string) {
  return Type.Object(
    {
      items: Type.Array(item, { description: 'The items of the page.' }),
      next: Type.String({ description: 'Cursor of the page after this one.' }),
      more: Type.Boolean({ description: 'Whether there is more now.' }),
    },
    { $id },
  );
}

export const AgentPage = pageOf(
  Type.Object({ agent: Type.String({ description: 'Address.' }) }, { additionalProperties: true }),
  'AgentPage',
);
export const EventPage = pageOf(ThresholdEventSchema, 'EventPage');
export const FlowPage = pageOf(LoggedFlowSchema, 'FlowPage');

const Tags = Type.Record(Type.String(), Type.String());

/** Section 11.1. */
export const Topology = Type.Object(
  {
    version: Type.Optional(Type.Integer({ description: 'Counts changes; only in answers.' })),
    nodes: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({
          agent: Type.Optional(Type.String()),
          dpid: Type.Optional(Type.String()),
          tags: Type.Optional(Tags),
          ports: Type.Optional(
            Type.Record(
              Type.String(),
              Type.Object({
                ifindex: Type.Optional(Type.String()),
                ofport: Type.Optional(Type.String()),
                dpid: Type.Optional(Type.String()),
                tags: Type.Optional(Tags),
              }),
            ),
          ),
        }),
        {
          description:
            'Switches by name: `agent` address, `dpid`, `tags`, and `ports` by name, each with its `ifindex` as text.',
        },
      ),
    ),
    links: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({
          node1: Type.Optional(Type.String()),
          port1: Type.Optional(Type.String()),
          node2: Type.Optional(Type.String()),
          port2: Type.Optional(Type.String()),
          tags: Type.Optional(Tags),
        }),
        { description: 'Links by name, each with two ends: `node1` `port1` `node2` `port2`; and `tags`.' },
      ),
    ),
  },
  { $id: 'Topology' },
);

/** Names that may have dots. */
export const DottedNameParam = Type.Object({
  name: Type.String({
    pattern: '^(?!\\.{1,2}$)[A-Za-z0-9_.-]+$',
    description: 'Name of letters, digits, `_`, `-` and dots.',
  }),
});

const Port = Type.Union(
  [Type.Integer({ minimum: 1, maximum: 65535 }), Type.String({ pattern: '^[0-9]+$' })],
  {
    description: 'UDP port; 6343 by default.',
  },
);

/** Section 12. */
export const Forwarding = Type.Object(
  {
    address: Type.String({ description: 'Address or host name of the other collector.' }),
    port: Type.Optional(Port),
    agents: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Addresses of agents: only their datagrams. All when absent.',
      }),
    ),
  },
  { $id: 'Forwarding' },
);

export const Forwardings = Type.Record(Type.String(), Forwarding);

const texts = (description: string): TSchema => Type.Optional(Type.Array(Type.String(), { description }));

export const Tenant = Type.Object(
  {
    collectorAddress: Type.String({ description: 'Address or host name of the tenant’s collector.' }),
    collectorPort: Type.Optional(Port),
    filters: Type.Object(
      {
        ifindex: texts('Interfaces whose counters are sent: agent address, `_`, ifIndex.'),
        ifname: texts('The same by name: agent address, `_`, name of the interface.'),
        cidr: texts('Addresses or prefixes whose packets are sent, as sampled at the edge of the topology.'),
        mac: texts('MAC addresses whose packets are sent, as sampled at the edge of the topology.'),
      },
      {
        additionalProperties: false,
        description:
          'What the tenant may see: counters by `ifindex` and `ifname`, packets by `cidr` and `mac` of either end.',
      },
    ),
  },
  { $id: 'Tenant' },
);

export const SamplesByName = Type.Record(Type.String(), Type.Number(), {
  description: 'Name with the number of samples sent.',
});

export const UpdatedByName = Type.Record(Type.String(), Type.Number(), {
  description: 'Name with the time of the last update, epoch ms.',
});

export const Group = Type.Record(Type.String(), Type.Array(Type.String()), {
  $id: 'Group',
  description: 'Label with IPv4 and IPv6 addresses or prefixes.',
});

export const LabelMap = Type.Record(Type.String(), Type.Array(Type.String()), {
  $id: 'Map',
  description: 'Label with the values it stands for.',
});
