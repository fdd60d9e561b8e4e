import type { TObject, TSchema } from '@sinclair/typebox';
import { ExportMessageSchema } from './export-schemas.ts';

const INTRODUCTION = `# Exports

Generated from \`src/api/export-reference.ts\` and \`src/api/export-schemas.ts\` by \`npm run docs\`; change them there.

An export sends events, flows or metrics to another system. It is defined by \`PUT /v1/exports/NAME\`, which takes the role
\`admin\`, and kept over a restart. \`GET /v1/exports\` shows all of them with their state; passwords, tokens and headers are never
shown. [Export to other systems](../how-to/export-to-other-systems.md) begins with examples.

| member | default | meaning |
|---|---|---|
| \`source\` | | what is sent, see [Sources](#sources) |
| \`sink\` | | where to, see [Sinks](#sinks) |
| \`enabled\` | true | false turns it off |
| \`queue\` | 10000 | messages that wait at most, 1 to 1000000; when it is full the oldest is dropped. A message takes about half a kilobyte of memory |
| \`batch\` | 500 | messages sent together at most, 1 to 10000 |
| \`linger\` | 0.5 | seconds that fewer wait for more, 0 to 60 |
| \`retries\` | 20 | how often a batch is tried again before it is given up |

A member that is not known is refused: it may be a slip.

## Sources

\`{"type": "events"}\`: crossings of thresholds, as they happen.

| member | default | meaning |
|---|---|---|
| \`thresholds\` | all | names of thresholds |

\`{"type": "flows"}\`: flows of definitions with \`log\`, as they end.

| member | default | meaning |
|---|---|---|
| \`flows\` | all | names of flow definitions |

\`{"type": "topflows"}\`: the largest flows now, at an interval.

| member | default | meaning |
|---|---|---|
| \`flows\` | | names of flow definitions |
| \`interval\` | 30 | seconds, from 1 |
| \`agents\` | ALL | as in paths of the REST API |
| \`maxFlows\` | 20 | how many of each definition, 1 to 1000 |
| \`minValue\` | 0 | smallest rate |
| \`aggMode\` | max | as in \`/activeflows\` |

\`{"type": "metrics"}\`: numeric counter metrics, at an interval.

| member | default | meaning |
|---|---|---|
| \`metrics\` | ALL | names of metrics |
| \`interval\` | 30 | seconds, from 1 |
| \`agents\` | ALL | as in paths of the REST API |
| \`filters\` | | an object: name of a metric → glob that its value must match |

Metrics are read no faster than they are sent. A round that is still under way when the next is due, or for which the queue has no
room because nothing can be delivered, is cut short and counted in \`roundsCut\`.

## Sinks

What a batch does when it is not delivered depends on why. The other side cannot be reached, does not answer in 15 seconds, or says
that it is busy (status 5xx, 408, 425, 429) or that it does not know us yet (401, 403, 404): it is tried again after 250 ms, then
after about twice as long each time, up to 30 seconds, each pause shortened at random by up to a half. The other side says that the
batch is wrong (other 4xx): it counts as failed, and the next one is sent. With UDP, and with TCP without answers (Graphite,
syslog), a message counts as sent when the system has taken it.

\`tls\` is an object with \`ca\`, \`cert\`, \`key\` (PEM text) and \`servername\`, all optional; without \`ca\` the authorities that Node
knows are trusted. It counts for URLs of \`https:\`; for NATS, Kafka and Graphite its presence turns TLS on.

### influxdb

The line protocol of InfluxDB: version 2 with \`bucket\`, else version 1. Measurements are called as series below, with the field \`value\`.

| member | default | meaning |
|---|---|---|
| \`url\` | | \`http:\`, \`https:\`, or \`udp://HOST:PORT\` |
| \`database\`, \`retentionPolicy\`, \`username\`, \`password\` | | of version 1 |
| \`bucket\`, \`org\`, \`token\` | | of version 2 |
| \`prefix\` | \`sflow_\` | in front of measurements |
| \`gzip\` | true | compress |
| \`tls\` | | |

### graphite

Plain text over TCP.

| member | default | meaning |
|---|---|---|
| \`host\`, \`port\` | , 2003 | |
| \`prefix\` | \`sflow.\` | in front of paths |
| \`tags\` | false | true: labels are tags; false: \`AGENT.DATASOURCE.NAME\`, for flows followed by the keys |
| \`tls\` | | |

### syslog

RFC 5424; the text is the message as JSON, MSGID its type.

| member | default | meaning |
|---|---|---|
| \`host\`, \`port\` | | ports 514, 601, 6514 |
| \`transport\` | udp | \`udp\` (RFC 5426), \`tcp\` with octets counted (RFC 6587), \`tls\` (RFC 5425) |
| \`facility\`, \`severity\` | local0, notice | by their names |
| \`appName\`, \`hostname\` | weir, that of the machine | |
| \`tls\` | | |

### http

| member | default | meaning |
|---|---|---|
| \`url\`, \`method\` | , POST | \`http:\` or \`https:\`; POST or PUT |
| \`headers\` | | an object |
| \`contentType\` | application/json | |
| \`template\` | | without: batches as JSON arrays. With: a request for each message, with \`{{member}}\`, \`{{keys.NAME}}\`, \`{{labels.NAME}}\` and \`{{message}}\` replaced; in JSON, texts are escaped for their place between quotes |
| \`tls\` | | |

### nats

Messages as JSON. A batch counts as sent when the server has answered a ping behind it.

| member | default | meaning |
|---|---|---|
| \`servers\` | | a list of \`HOST:PORT\` |
| \`subject\` | \`weir.{type}.{name}\` | \`{type}\`, \`{name}\` (threshold, flow definition or metric) and \`{agent}\` are replaced; characters but letters, digits, \`_\` and \`-\` become \`_\` |
| \`user\`, \`password\`, \`token\` | | |
| \`tls\` | | |

### kafka

Messages as JSON, the agent as key, the message's time as time stamp. Tested with a stand-in for a broker that speaks ApiVersions,
Metadata and Produce, not with a real one.

| member | default | meaning |
|---|---|---|
| \`brokers\` | | a list of \`HOST:PORT\` |
| \`topic\` | \`weir.{type}\` | as subjects of NATS |
| \`acks\` | all | \`all\`, \`leader\`, \`none\` |
| \`gzip\` | false | compress |
| \`username\`, \`password\`, \`mechanism\` | , , plain | \`plain\`, \`scram-sha-256\`, \`scram-sha-512\` |
| \`clientId\` | weir | |
| \`tls\` | | |

### remotewrite

Prometheus remote write, version 1 (protocol buffers, Snappy): to Prometheus with \`--web.enable-remote-write-receiver\`, VictoriaMetrics
and others.

| member | default | meaning |
|---|---|---|
| \`url\` | | such as \`http://localhost:9090/api/v1/write\` |
| \`prefix\` | \`sflow_\` | in front of names |
| \`labels\` | | an object: added to each series |
| \`headers\`, \`username\`, \`password\`, \`token\` | | \`token\` is a bearer token |
| \`tls\` | | |

## Series

Systems that keep time series get a message as a number with labels. What has no finite number is left out.

| message | series | labels |
|---|---|---|
| metric | the metric | \`agent\`, \`datasource\`, and its \`labels\`: the same as in [Prometheus text](../how-to/scrape-with-prometheus.md) |
| topflow | \`flow_NAME\` | \`agent\`, \`datasource\`, and the keys by name |
| flow | \`ended_NAME\` | the same |
| event | \`event\` | \`agent\`, \`datasource\`, \`threshold\`, \`metric\`, \`key\` |

## Messages

HTTP, syslog, NATS and Kafka get JSON objects; [export-message.schema.json](export-message.schema.json) is their schema. What became
of messages is in \`GET /v1/exports\`, and as \`sflow_analyzer_export_…\` in \`/prometheus/analyzer/txt\`: each ends as sent, dropped
or failed. A batch whose answer was lost is sent again,
so a message can arrive twice; \`eventID\` and \`flowID\` tell.
`;

/** The page docs/reference/export.md. */
export function renderExportPage(): string {
  return [INTRODUCTION, ...ExportMessageSchema.anyOf.map(renderMessage)].join('\n');
}

/** docs/reference/export-message.schema.json. */
export function renderExportSchema(): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...ExportMessageSchema };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function renderMessage({ properties, required = [], title }: TObject): string {
  const rows = Object.entries<TSchema>(properties).map(([name, schema]) => {
    const type = schema['const'] === undefined ? (schema['type'] as string) : `\`"${schema['const']}"\``;
    const doc = schema.description ?? '';
    return `| \`${name}\` | ${type}${required.includes(name) ? '' : ', optional'} | ${doc} |`;
  });
  return [`### ${title}\n`, '| member | type | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}
