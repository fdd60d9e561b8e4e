import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportMessageSchema } from '../../src/api/export-schemas.ts';
import { ExportingWeir, ODD_PORT } from '../support/exporting-weir.ts';
import { Influx } from '../support/influx.ts';
import { KafkaStandIn } from '../support/kafka-stand-in.ts';
import {
  eventually,
  freeTcpPort,
  PeerProcess,
  requirePrograms,
  TemporaryFolder,
} from '../support/peer-process.ts';
import { Prometheus } from '../support/prometheus.ts';

/*
 * Exports to real peers: what they hold must be what REST answers. Where there is no peer to be had (Kafka) a stand-in
 * takes its place, and says so.
 */

const METRICS = { type: 'metrics', metrics: ['ifinoctets', 'ifspeed'], interval: 1 };
const tlsFile = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url)), 'utf8');

let weir: ExportingWeir;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  requirePrograms({
    influxd: 'influxdb',
    'victoria-metrics': 'victoria-metrics',
    prometheus: 'prometheus',
    'nats-server': 'nats-server',
  });
  weir = await ExportingWeir.start();
});
afterAll(async () => {
  await weir.end();
  for (const cleanup of cleanups.reverse()) await cleanup();
});

interface Message {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A TCP server that keeps what it is sent; over TLS with options for that. */
async function tcpCollector(tls?: {
  cert: string;
  key: string;
}): Promise<{ port: number; text: () => string }> {
  let text = '';
  const take = (socket: NodeJS.ReadableStream): void => {
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
  };
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { port: (server.address() as { port: number }).port, text: () => text };
}

/** A UDP socket that keeps what it is sent. */
async function udpCollector(): Promise<{ port: number; datagrams: string[] }> {
  const datagrams: string[] = [];
  const socket = createSocket('udp4', (bytes) => datagrams.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanups.push(() => socket.close());
  return { port: socket.address().port, datagrams };
}

/** An HTTP server that keeps bodies, and answers as it is told. */
async function httpCollector(): Promise<{
  url: string;
  bodies: string[];
  headers: Record<string, unknown>[];
  answer: { status: number };
}> {
  const bodies: string[] = [];
  const headers: Record<string, unknown>[] = [];
  const answer = { status: 200 };
  const server = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (answer.status === 200) {
        bodies.push(body);
        headers.push(request.headers);
      }
      response.writeHead(answer.status).end('as told');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/hook`, bodies, headers, answer };
}

async function influxServer(): Promise<Influx> {
  const influx = await Influx.make();
  cleanups.push(() => influx.delete());
  return influx;
}

class Victoria {
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  static async start(): Promise<Victoria> {
    const folder = new TemporaryFolder();
    cleanups.push(() => folder.delete());
    const port = await freeTcpPort();
    const command = [
      ...['victoria-metrics', `-storageDataPath=${folder.path}`, `-httpListenAddr=127.0.0.1:${port}`],
      '-search.latencyOffset=0s',
    ];
    const process = new PeerProcess(command, folder.path);
    const victoria = new Victoria(`http://127.0.0.1:${port}`);
    await process.start(() => fetch(`${victoria.url}/health`));
    cleanups.push(() => process.end());
    return victoria;
  }

  async query(promQl: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const reply = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(promQl)}`);
    return ((await reply.json()) as { data: { result: [] } }).data.result;
  }
}

function valuesByDataSource(
  samples: readonly { metric: Readonly<Record<string, string>>; value: readonly [number, string] }[],
): Map<string, number> {
  return new Map(samples.map(({ metric, value }) => [metric['datasource'], Number(value[1])]));
}

describe('InfluxDB', () => {
  it('version 1: what it holds is what REST answers; it goes and comes back', async () => {
    const influx = await influxServer();
    await influx.start();
    const sink = { type: 'influxdb', url: influx.url, database: 'network' };
    await weir.define('influx1', { source: METRICS, sink, queue: 20, batch: 8, linger: 0.1 });
    const first = await weir.untilState('influx1', ({ sent }) => sent >= 8);
    expect(first).toMatchObject({ state: 'on', failed: 0, dropped: 0 });
    const series = await influx.query('SELECT last(value) FROM sflow_ifinoctets GROUP BY datasource, ifname');
    expect(series).toBeDefined();
    const found = await influx.query('SELECT datasource, ifname, value FROM sflow_ifinoctets');
    const rest = await weir.values('ifinoctets');
    for (const row of found!.values) expect(row[3]).toBeCloseTo(rest.get(String(row[1]))!, 5);
    expect(new Set(found!.values.map((row) => row[1]))).toEqual(new Set(rest.keys()));
    // A backslash at the end cannot be written.
    expect(found!.values.map((row) => row[2])).toContain(ODD_PORT.slice(0, -1));

    await influx.end();
    const dead = await weir.untilState('influx1', ({ dropped, retried }) => dropped > 0 && retried > 1);
    expect(dead.state).toBe('failing');
    expect(dead.queued).toBeLessThanOrEqual(20 + 8);
    expect(dead.lastError).toMatch(/ECONNREFUSED|socket hang up|ECONNRESET/);

    await influx.start();
    const again = await weir.untilState('influx1', ({ sent, state }) => state === 'on' && sent > dead.sent);
    expect(again.failed).toBe(0);
    await weir.remove('influx1');
  });

  it('version 1: a database that is not there yet is waited for', async () => {
    const influx = await influxServer();
    await influx.start();
    const sink = { type: 'influxdb', url: influx.url, database: 'later' };
    await weir.define('later', { source: METRICS, sink, linger: 0 });
    const refused = await weir.untilState('later', ({ retried }) => retried > 0);
    expect(refused.lastError).toMatch(/status 404.*database not found/);
    await influx.query('CREATE DATABASE later');
    await weir.untilState('later', ({ sent }) => sent > 0);
    await weir.remove('later');
  });

  it('version 2, to VictoriaMetrics', async () => {
    const victoria = await Victoria.start();
    const sink = { type: 'influxdb', url: victoria.url, bucket: 'network', org: 'ours', token: 'secret' };
    await weir.define('influx2', { source: METRICS, sink });
    const samples = await eventually(
      () => victoria.query('sflow_ifinoctets_value'),
      (found) => found.length === 4,
    );
    const rest = await weir.values('ifinoctets');
    for (const [source, value] of valuesByDataSource(samples))
      expect(value).toBeCloseTo(rest.get(source)!, 5);
    await weir.remove('influx2');
  });

  it('lines over UDP', async () => {
    const { port, datagrams } = await udpCollector();
    await weir.define('influxudp', {
      source: METRICS,
      sink: { type: 'influxdb', url: `udp://127.0.0.1:${port}` },
    });
    await weir.untilState('influxudp', ({ sent }) => sent >= 8);
    const lines = datagrams.join('').trim().split('\n');
    for (const line of lines) expect(line).toMatch(/^sflow_if\w+,\S.* value=[\d.e+-]+ \d{13}$/);
    expect(Math.max(...datagrams.map((each) => Buffer.byteLength(each)))).toBeLessThanOrEqual(1400);
    await weir.remove('influxudp');
  });
});

describe('remote write', () => {
  it('to Prometheus: the same series as a scrape gives', async () => {
    const prometheus = await Prometheus.start(
      {
        scrape_configs: [
          {
            job_name: 'weir',
            scrape_interval: '1s',
            metrics_path: '/prometheus/metrics/ALL/ifinoctets,ifspeed/txt',
            static_configs: [{ targets: [new URL(weir.weir.url).host] }],
          },
        ],
      },
      '--web.enable-remote-write-receiver',
    );
    cleanups.push(() => prometheus.end());
    const sink = {
      type: 'remotewrite',
      url: `${prometheus.url}api/v1/write`,
      labels: { job: 'written', instance: 'weir' },
    };
    await weir.define('prometheus', { source: METRICS, sink });
    const written = await eventually(
      () => prometheus.query('sflow_ifinoctets{job="written"}'),
      (found) => found.length === 4,
    );
    const scraped = await eventually(
      () => prometheus.query('sflow_ifinoctets{job="weir"}'),
      (found) => found.length === 4,
    );
    const own = ({ job: _job, instance: _instance, ...labels }: Readonly<Record<string, string>>) => labels;
    const labels = (samples: typeof written): string[] =>
      samples.map(({ metric }) => JSON.stringify(Object.entries(own(metric)).sort())).sort();
    expect(labels(written)).toEqual(labels(scraped));
    expect(written.map(({ metric }) => metric['ifname'])).toContain(ODD_PORT);
    const rest = await weir.values('ifinoctets');
    for (const [source, value] of valuesByDataSource(written)) expect(value).toBe(rest.get(source));
    expect(await weir.state('prometheus')).toMatchObject({ state: 'on', failed: 0, retried: 0 });
    await weir.remove('prometheus');
  });

  it('to VictoriaMetrics: metrics, and the largest flows', async () => {
    const victoria = await Victoria.start();
    const sink = { type: 'remotewrite', url: `${victoria.url}/api/v1/write` };
    await weir.sendFlows();
    await weir.define('victoria', { source: METRICS, sink });
    await weir.define('top', { source: { type: 'topflows', flows: 'pairs', interval: 1 }, sink });
    const samples = await eventually(
      () => victoria.query('sflow_ifinoctets'),
      (found) => found.length === 4,
    );
    const rest = await weir.values('ifinoctets');
    for (const [source, value] of valuesByDataSource(samples))
      expect(value).toBeCloseTo(rest.get(source)!, 5);
    const flows = await eventually(
      () => victoria.query('topk(1, sflow_flow_pairs)'),
      (found) => found.length === 1,
    );
    expect(flows[0].metric).toMatchObject({
      ipsource: '10.0.0.3',
      ipdestination: '10.0.1.1',
      agent: '192.0.2.1',
    });
    await weir.remove('victoria');
    await weir.remove('top');
  });
});

describe('Graphite', () => {
  it('gets a line for each metric', async () => {
    const { port, text } = await tcpCollector();
    const sink = { type: 'graphite', host: '127.0.0.1', port };
    await weir.define('graphite', { source: METRICS, sink });
    await weir.untilState('graphite', ({ sent }) => sent >= 8);
    const lines = await eventually(
      async () => text().trim().split('\n'),
      (found) => found.length >= 8,
    );
    for (const line of lines)
      expect(line).toMatch(/^sflow\.192_0_2_1\.[1-4]\.(ifinoctets|ifspeed) [\d.e+-]+ \d{10}$/);
    await weir.remove('graphite');
  });

  it('with tags', async () => {
    const { port, text } = await tcpCollector();
    const sink = { type: 'graphite', host: '127.0.0.1', port, tags: true, prefix: 'net.' };
    await weir.define('graphite', { source: METRICS, sink });
    await eventually(
      async () => text(),
      (found) => /net\.ifspeed;.*ifname=swp3.* 10000000000 \d+/.test(found),
    );
    await weir.remove('graphite');
  });
});

describe('syslog, RFC 5424', () => {
  const FORM = /^<133>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ weir \d+ metric - (\{.*\})$/s;

  it('over UDP', async () => {
    const { port, datagrams } = await udpCollector();
    await weir.define('syslog', {
      source: METRICS,
      sink: { type: 'syslog', host: '127.0.0.1', port },
    });
    await eventually(
      async () => datagrams,
      (found) => found.length >= 8,
    );
    for (const text of datagrams) expect(isMessage(JSON.parse(FORM.exec(text)![1]))).toBe(true);
    await weir.remove('syslog');
  });

  it.each([
    ['tcp', undefined],
    ['tls', { cert: tlsFile('first.cert'), key: tlsFile('first.key') }],
  ] as const)('over %s, with octets counted', async (transport, tls) => {
    const { port, text } = await tcpCollector(tls);
    const trust = tls === undefined ? {} : { tls: { ca: tls.cert } };
    // The certificate is for this name.
    const sink = { type: 'syslog', host: 'localhost', port, transport, ...trust };
    await weir.define('syslog', { source: METRICS, sink });
    await weir.untilState('syslog', ({ sent }) => sent >= 8);
    const frames = readFrames(
      await eventually(
        async () => text(),
        (found) => found.length > 1000,
      ),
    );
    expect(frames.length).toBeGreaterThan(4);
    for (const frame of frames) expect(isMessage(JSON.parse(FORM.exec(frame)![1]))).toBe(true);
    await weir.remove('syslog');
  });

  it('over TLS: a server that nobody vouches for gets nothing', async () => {
    const { port, text } = await tcpCollector({ cert: tlsFile('second.cert'), key: tlsFile('second.key') });
    const sink = {
      ...{ type: 'syslog', host: 'localhost', port, transport: 'tls' },
      tls: { ca: tlsFile('first.cert') },
    };
    await weir.define('syslog', { source: METRICS, sink });
    const { lastError } = await weir.untilState('syslog', ({ retried }) => retried > 0);
    expect(lastError).toMatch(/certificate/);
    expect(text()).toBe('');
    await weir.remove('syslog');
  });
});

/** RFC 6587 3.4.1; the last frame may still be under way. */
function readFrames(text: string): string[] {
  const bytes = Buffer.from(text);
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, blank));
    expect(length).toBeGreaterThan(0);
    if (blank + 1 + length > bytes.length) break;
    frames.push(bytes.subarray(blank + 1, blank + 1 + length).toString());
    at = blank + 1 + length;
  }
  return frames;
}

function isMessage(value: unknown): boolean {
  const faults = [...Value.Errors(ExportMessageSchema, value)];
  if (faults.length > 0) throw new Error(`${JSON.stringify(value)}: ${faults[0].path} ${faults[0].message}`);
  return true;
}

describe('HTTP', () => {
  it('batches as JSON arrays that are as the schema says, of every type', async () => {
    const { url, bodies } = await httpCollector();
    const sink = { type: 'http', url };
    const all = {
      metrics: METRICS,
      topflows: { type: 'topflows', flows: ['pairs'], interval: 1 },
      events: { type: 'events' },
      flows: { type: 'flows', flows: ['pairs'] },
    };
    for (const [name, source] of Object.entries(all)) await weir.define(name, { source, sink });
    await fetch(`${weir.weir.url}threshold/busy/json`, {
      method: 'PUT',
      body: JSON.stringify({ metric: 'pairs', value: 1, byFlow: true }),
    });
    await weir.sendFlows();
    const messages = (): Message[] => bodies.flatMap((body) => JSON.parse(body) as Message[]);
    await eventually(
      async () => new Set(messages().map(({ type }) => type)),
      (types) => types.size === 4,
      40_000,
    );
    for (const message of messages()) expect(isMessage(message)).toBe(true);
    const flow = messages().find(({ type, keys }) => type === 'flow' && keys !== undefined);
    expect(flow).toMatchObject({ name: 'pairs', keys: { ipdestination: '10.0.1.1' } });
    const event = messages().find(({ type }) => type === 'event');
    expect(event).toMatchObject({ thresholdID: 'busy', metric: 'pairs', agent: '192.0.2.1' });
    const logged = await weir.rest.loggedFlows('name=pairs&maxFlows=100');
    const sent = messages().filter(({ type }) => type === 'flow');
    for (const { flowID, value, flowKeys } of sent)
      expect(logged).toContainEqual(expect.objectContaining({ flowID, value, flowKeys }));
    for (const name of Object.keys(all)) await weir.remove(name);
  });

  it('a template, for each message', async () => {
    const { url, bodies, headers } = await httpCollector();
    const sink = {
      ...{ type: 'http', url, headers: { Authorization: 'Bearer secret' } },
      template: '{"text": "{{metric}} of {{labels.ifname}} is {{value}}"}',
    };
    await weir.define('hook', { source: METRICS, sink });
    await weir.untilState('hook', ({ sent }) => sent >= 8);
    expect(bodies.map((body) => (JSON.parse(body) as { text: string }).text)).toContain(
      `ifspeed of ${ODD_PORT} is 10000000000`,
    );
    expect(headers[0]['authorization']).toBe('Bearer secret');
    const shown = await weir.rest.text('v1/exports/hook');
    expect(shown).not.toContain('secret');
    await weir.remove('hook');
  });

  it('a server that refuses: for good, and for the moment', async () => {
    const { url, answer } = await httpCollector();
    answer.status = 422;
    await weir.define('hook', { source: METRICS, sink: { type: 'http', url } });
    const refused = await weir.untilState('hook', ({ failed }) => failed >= 8);
    expect(refused).toMatchObject({ retried: 0, sent: 0, lastError: 'status 422: as told' });
    answer.status = 503;
    const waiting = await weir.untilState('hook', ({ retried }) => retried > 0);
    answer.status = 200;
    const back = await weir.untilState('hook', ({ state }) => state === 'on');
    expect(back.failed).toBe(waiting.failed);
    await weir.remove('hook');
  });
});

describe('NATS', () => {
  it('a subject for each; the server goes and comes back', async () => {
    const folder = new TemporaryFolder();
    const port = await freeTcpPort();
    const server = new PeerProcess(['nats-server', '-a', '127.0.0.1', '-p', String(port)], folder.path);
    cleanups.push(
      () => folder.delete(),
      () => server.end(),
    );
    const servers = [`nats://127.0.0.1:${port}`];
    const ready = async (): Promise<void> => {
      const probe = await connect({ servers, reconnect: false, timeout: 1000 });
      await probe.close();
    };
    await server.start(ready);
    const subjects = new Map<string, Message[]>();
    const listen = async (): Promise<void> => {
      const client = await connect({ servers, reconnect: false });
      client.subscribe('net.>', {
        callback: (_error, { subject, data }) => {
          const message = JSON.parse(new TextDecoder().decode(data)) as Message;
          subjects.set(subject, [...(subjects.get(subject) ?? []), message]);
        },
      });
      await client.flush();
    };
    await listen();
    const sink = { type: 'nats', servers, subject: 'net.{type}.{name}' };
    await weir.define('nats', { source: METRICS, sink, linger: 0.1 });
    await weir.untilState('nats', ({ sent }) => sent >= 8);
    await eventually(
      async () => subjects.size,
      (size) => size === 2,
    );
    expect([...subjects.keys()].sort()).toEqual(['net.metric.ifinoctets', 'net.metric.ifspeed']);
    for (const messages of subjects.values()) for (const each of messages) expect(isMessage(each)).toBe(true);

    await server.end('SIGKILL');
    await weir.untilState('nats', ({ state, retried }) => state === 'failing' && retried > 0);
    subjects.clear();
    await server.start(ready);
    await listen();
    await weir.untilState('nats', ({ state }) => state === 'on');
    await eventually(
      async () => subjects.size,
      (size) => size === 2,
    );
    expect((await weir.state('nats')).failed).toBe(0);
    await weir.remove('nats');
  });
});

describe('Kafka, by a stand-in for a broker', () => {
  it.each([false, true])('records, compressed: %s', async (gzip) => {
    const broker = new KafkaStandIn();
    const port = await broker.listen();
    cleanups.push(() => broker.close());
    await weir.sendFlows();
    const sink = { type: 'kafka', brokers: [`127.0.0.1:${port}`], topic: 'weir-{type}-{name}', gzip };
    await weir.define('kafka', { source: { type: 'topflows', flows: ['pairs'], interval: 1 }, sink });
    const { state } = await weir.untilState('kafka', ({ sent }) => sent >= 3);
    expect(state).toBe('on');
    const [record] = broker.records;
    expect(record).toMatchObject({ topic: 'weir-topflow-pairs', key: '192.0.2.1' });
    const message = JSON.parse(record.value) as Message;
    expect(isMessage(message)).toBe(true);
    expect(record.timestamp).toBe(message['time']);
    await weir.remove('kafka');
  });

  it('a broker that refuses and one that goes are tried again', async () => {
    const broker = new KafkaStandIn();
    const port = await broker.listen();
    const NOT_ENOUGH_REPLICAS = 19;
    broker.errorCode = NOT_ENOUGH_REPLICAS;
    const sink = { type: 'kafka', brokers: [`127.0.0.1:${port}`] };
    await weir.define('kafka', { source: METRICS, sink, linger: 0.1 });
    const refused = await weir.untilState('kafka', ({ retried }) => retried > 0);
    expect(refused.lastError).toMatch(/in-sync replicas/);
    broker.errorCode = 0;
    await weir.untilState('kafka', ({ state }) => state === 'on');
    await broker.close();
    await weir.untilState('kafka', ({ state }) => state === 'failing');
    const next = new KafkaStandIn();
    await next.listen(port);
    cleanups.push(() => next.close());
    await weir.untilState('kafka', ({ state }) => state === 'on', 30_000);
    expect((await weir.state('kafka')).failed).toBe(0);
    await weir.remove('kafka');
  });
});
