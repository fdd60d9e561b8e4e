import { type TSchema, Type } from '@sinclair/typebox';

/*
 * Exports: definitions, their state, and the messages that they send (docs/reference/export.md).
 */

const text = (description: string): TSchema => Type.String({ description });
const number = (description: string): TSchema => Type.Number({ description });
const optional = Type.Optional;

const TIME = Type.Integer({ description: 'When, epoch ms.' });
const AGENT = text('Address of the agent.');
const DATA_SOURCE = text('Data source, such as an ifIndex.');
const FLOW_KEYS = text('Keys of the flow, as its definition joins them.');
const KEYS = Type.Record(Type.String(), Type.String(), {
  description: 'The same by name; absent when the definition has changed so that they cannot be told apart.',
});
const VALUES = Type.Array(Type.Number(), { description: 'Further values of the definition.' });

/** What is sent, one object for each event, flow or metric. */
export const ExportMessageSchema = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal('event'),
        time: TIME,
        thresholdID: text('Name of the threshold.'),
        eventID: Type.Integer({ description: 'Number of the event, from 0 at each start.' }),
        metric: text('Metric that crossed it.'),
        threshold: number('Value of the threshold.'),
        value: number('Value of the metric.'),
        agent: AGENT,
        dataSource: DATA_SOURCE,
        flowKey: optional(text('Keys of the flow that crossed it, of thresholds with byFlow.')),
      },
      { title: 'A threshold was crossed', additionalProperties: false },
    ),
    Type.Object(
      {
        type: Type.Literal('flow'),
        time: Type.Integer({ description: 'End of the flow, epoch ms.' }),
        start: Type.Integer({ description: 'Beginning of the flow, epoch ms.' }),
        name: text('Name of the flow definition.'),
        flowID: Type.Integer({ description: 'Number of the record, from 0 at each start.' }),
        agent: AGENT,
        dataSource: DATA_SOURCE,
        flowKeys: FLOW_KEYS,
        keys: optional(KEYS),
        value: number('Total over the whole flow.'),
        values: optional(VALUES),
      },
      { title: 'A flow has ended', additionalProperties: false },
    ),
    Type.Object(
      {
        type: Type.Literal('topflow'),
        time: TIME,
        name: text('Name of the flow definition.'),
        flowKeys: FLOW_KEYS,
        keys: optional(KEYS),
        value: number('Rate now, per second.'),
        values: optional(VALUES),
        flowN: Type.Integer({ description: 'How many data sources report the flow.' }),
        agent: optional(AGENT),
        dataSource: optional(DATA_SOURCE),
      },
      { title: 'One of the largest flows', additionalProperties: false },
    ),
    Type.Object(
      {
        type: Type.Literal('metric'),
        time: TIME,
        metric: text('Name of the metric; characters but letters, digits, `_` and `:` are `_`.'),
        value: number('Value now.'),
        agent: AGENT,
        dataSource: DATA_SOURCE,
        labels: Type.Record(Type.String(), Type.String(), {
          description:
            'What is known of the data source, as in Prometheus text: `host`, `ifname`, `ifspeed` and so on.',
        }),
      },
      { title: 'A counter metric', additionalProperties: false },
    ),
  ],
  { title: 'What Weir exports' },
);

const INTERVAL = optional(
  Type.Number({ minimum: 1, maximum: 86_400, description: 'Seconds between two rounds; 30.' }),
);
const NAMES = (description: string): TSchema =>
  optional(Type.Union([Type.String(), Type.Array(Type.String())], { description }));

/** The definition of an export. Members of sinks are told in the reference. */
export const ExportDefinitionSchema = Type.Object(
  {
    enabled: optional(Type.Boolean({ description: 'Whether it runs; true.' })),
    source: Type.Object(
      {
        type: Type.String({ description: '`events`, `flows`, `topflows` or `metrics`.' }),
        thresholds: NAMES('Of events: names of thresholds; all unless given.'),
        flows: NAMES('Of flows and topflows: names of flow definitions; for flows all unless given.'),
        metrics: NAMES('Of metrics: their names; ALL unless given.'),
        agents: optional(Type.String({ description: 'Of topflows and metrics: as in paths; ALL.' })),
        filters: optional(
          Type.Record(Type.String(), Type.String(), { description: 'Of metrics: as in their queries.' }),
        ),
        maxFlows: optional(Type.Integer({ description: 'Of topflows: how many of each; 20.' })),
        minValue: optional(Type.Number({ description: 'Of topflows: smallest rate; 0.' })),
        aggMode: optional(Type.String({ description: 'Of topflows: as in /activeflows.' })),
        interval: INTERVAL,
      },
      { additionalProperties: true },
    ),
    sink: Type.Object(
      {
        type: Type.String({
          description: '`influxdb`, `graphite`, `syslog`, `http`, `nats`, `kafka` or `remotewrite`.',
        }),
      },
      { additionalProperties: true, description: 'Where to. Passwords, tokens and headers are never shown.' },
    ),
    queue: optional(
      Type.Integer({ description: 'Messages that wait at most; 10000. The oldest are dropped.' }),
    ),
    batch: optional(Type.Integer({ description: 'Messages sent together at most; 500.' })),
    linger: optional(Type.Number({ description: 'Seconds that fewer wait for more; 0.5.' })),
    retries: optional(Type.Integer({ description: 'How often a batch is tried again; 20.' })),
  },
  { $id: 'Export' },
);

export const ExportReportSchema = Type.Object(
  {
    definition: ExportDefinitionSchema,
    status: Type.Object({
      state: Type.String({ description: '`on`, `off`, or `failing`: the last attempt to deliver failed.' }),
      sent: number('Messages delivered, since the definition was made or the start.'),
      dropped: number('Messages dropped because the queue was full.'),
      failed: number('Messages that the other side refused, or that were given up after all retries.'),
      retried: number('Times that a batch was tried again.'),
      queued: number('Messages that wait, or are being sent.'),
      roundsCut: number('Rounds of an interval that were left out or cut short.'),
      skipped: number('Records of the flow log that came in a flood and were not kept.'),
      lastSent: optional(number('When something was delivered last, epoch ms.')),
      lastError: optional(text('What went wrong last.')),
      lastErrorTime: optional(number('And when, epoch ms.')),
    }),
  },
  { $id: 'ExportReport' },
);

export const ExportReports = Type.Record(Type.String(), ExportReportSchema);
