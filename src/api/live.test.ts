import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WeirError } from '../common/index.ts';
import type { ThresholdEvent } from '../engine/index.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** A message of the stream; `id` is that of the last block that had one. */
interface Message {
  readonly type: string;
  readonly data: unknown;
}

interface Stream {
  readonly response: IncomingMessage;
  readonly messages: Message[];
  /** Last ID, as a client would send it back. */
  id: string;
  text: string;
  of(type: string): unknown[];
  close(): void;
}

let api: TestApi;
let streams: ClientRequest[];
beforeEach(async () => {
  api = await startTestApi({ 'live.clients': '3' }, { limits: { heartbeatMs: 300, stallMs: 300 } });
  await api.ask('PUT', '/flow/pairs/json', { body: '{"value":"bytes"}' });
  streams = [];
});
afterEach(async () => {
  for (const stream of streams) stream.destroy();
  await api.stop();
});

function open(target: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sending = request(
      { host: '127.0.0.1', port: api.port, path: target, agent: false, headers },
      (response) => {
        const messages: Message[] = [];
        const stream: Stream = {
          response,
          messages,
          id: '',
          text: '',
          of: (type) => messages.filter((one) => one.type === type).map(({ data }) => data),
          close: () => sending.destroy(),
        };
        let rest = '';
        response.setEncoding('utf8');
        response.on('error', () => {});
        response.on('data', (part: string) => {
          stream.text += part;
          rest += part;
          const blocks = rest.split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) read(block, stream);
        });
        resolve(stream);
      },
    );
    streams.push(sending);
    sending.on('error', reject);
    sending.end();
  });
}

/** As a browser reads a block: https://html.spec.whatwg.org/multipage/server-sent-events.html */
function read(block: string, stream: Stream): void {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
  stream.id = fields.get('id') ?? stream.id;
  const data = fields.get('data');
  if (data !== undefined)
    stream.messages.push({ type: fields.get('event') ?? 'message', data: JSON.parse(data) });
}

const event = (eventID: number, thresholdID = 'busy'): ThresholdEvent => ({
  eventID,
  timestamp: 1,
  thresholdID,
  metric: 'pairs',
  threshold: 1,
  value: 2,
  agent: '192.0.2.1',
  dataSource: '1',
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 });

describe('/live', () => {
  it('is a stream that is not kept, not compressed and not gathered by proxies', async () => {
    const { response } = await open('/live', { 'Accept-Encoding': 'gzip' });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-store, must-revalidate',
      'x-accel-buffering': 'no',
    });
    expect(response.headers['content-encoding']).toBeUndefined();
  });

  it('shows analyzer, agents and events when nothing is asked for', async () => {
    const stream = await open('/live');
    await until(() => expect(stream.messages.map(({ type }) => type)).toEqual(['analyzer', 'agents']));
    expect(stream.text).toMatch(/^retry: 2000\n\n/);
    expect(stream.of('analyzer')[0]).toMatchObject({ sFlowDatagramsReceived: 1000, version: '1.2.3' });
    expect(stream.of('agents')[0]).toMatchObject({ count: 1, agents: { '192.0.2.1': { lastSeen: 100 } } });
    api.engine.fire(event(0));
    await until(() => expect(stream.of('event')).toEqual([event(0)]));
  });

  it('renews what is asked for at the interval, and shows nothing else', async () => {
    const stream = await open(
      '/live?flow=pairs&flow=absent&metrics=sum:ifinoctets,load_one&agents=EDGE&interval=100&maxFlows=3&aggMode=SUM',
    );
    await until(() => expect(stream.of('flows').length).toBeGreaterThanOrEqual(6));
    const flow = { key: '10.0.0.1,10.0.0.2', value: 93788.64, flowN: 1, agent: '192.0.2.1', dataSource: '3' };
    expect(stream.of('flows').slice(0, 2)).toEqual([
      { name: 'pairs', flows: [flow] },
      { name: 'absent', flows: null },
    ]);
    expect(stream.of('metrics')[0]).toEqual([{ metricName: 'sum:ifinoctets' }, { metricName: 'load_one' }]);
    expect(new Set(stream.messages.map(({ type }) => type))).toEqual(new Set(['flows', 'metrics']));
    expect(api.engine.asked.find(({ kind }) => kind === 'activeFlows')?.question).toMatchObject({
      agents: 'EDGE',
      name: 'pairs',
      maxFlows: 3,
      aggMode: 'sum',
    });
  });

  it('gives the parts of the start page', async () => {
    const stream = await open('/live?show=page');
    await until(() => expect(stream.of('page')).toHaveLength(1));
    expect(Object.keys(stream.of('page')[0] as object)).toEqual([
      'summary',
      'apps',
      'agents',
      'losses',
      'talkers',
      'events',
    ]);
  });

  it('asks the engine once for clients that want the same', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => open('/live?metrics=load_one&interval=60000')));
    await until(() => {
      for (const client of clients) expect(client.of('metrics')).toHaveLength(1);
    });
    expect(api.engine.asked.filter(({ kind }) => kind === 'metric').length).toBeLessThanOrEqual(2);
  });

  it('shows at most 100 agents, those heard of last', async () => {
    const record = (lastSeen: number) => ({ sFlowDatagramSource: [], firstSeen: 9, lastSeen, uptime: 1 });
    api.engine.answer('agents', () =>
      Object.fromEntries(
        Array.from({ length: 300 }, (_, i) => [`10.0.${i >> 8}.${i & 255}`, record(300 - i)]),
      ),
    );
    const stream = await open('/live?show=agents');
    await until(() => expect(stream.of('agents')).toHaveLength(1));
    const shown = stream.of('agents')[0] as { count: number; agents: object };
    expect(shown.count).toBe(300);
    expect(Object.keys(shown.agents)).toHaveLength(100);
    expect(shown.agents).toHaveProperty(['10.0.1.43']);
    expect(shown.agents).not.toHaveProperty(['10.0.0.0']);
  });
});

describe('/live events', () => {
  it('come at once, those of the asked thresholds alone', async () => {
    const all = await open('/live?show=events');
    const some = await open('/live?thresholdID=busy&thresholdID=other');
    await until(() => expect(api.engine.listening).toBe(2));
    await until(() => expect([all.id, some.id]).toEqual([expect.stringMatching(/\.-1$/), all.id]));
    for (const [id, name] of [
      [0, 'busy'],
      [1, 'idle'],
      [2, 'other'],
    ] as const)
      api.engine.fire(event(id, name));
    await until(() => expect(all.of('event')).toEqual([event(0), event(1, 'idle'), event(2, 'other')]));
    expect(some.of('event')).toEqual([event(0), event(2, 'other')]);
  });

  it('of before are not sent to who comes for the first time', async () => {
    api.engine.fire(event(0));
    const stream = await open('/live?show=events');
    await until(() => expect(stream.id).toMatch(/\.0$/));
    api.engine.fire(event(1));
    await until(() => expect(stream.of('event')).toEqual([event(1)]));
  });

  it.each(['header', 'parameter'])('go on where a client lost its connection, by %s', async (how) => {
    const first = await open('/live?show=events');
    await until(() => expect(first.id).not.toBe(''));
    api.engine.fire(event(0));
    await until(() => expect(first.of('event')).toHaveLength(1));
    first.close();
    await until(() => expect(api.engine.listening).toBe(0));
    api.engine.fire(event(1));
    api.engine.fire(event(2));
    const again =
      how === 'header'
        ? await open('/live?show=events', { 'Last-Event-ID': first.id })
        : await open(`/live?show=events&lastEventID=${first.id}`);
    await until(() => expect(again.of('event')).toEqual([event(1), event(2)]));
    api.engine.fire(event(3));
    await until(() => expect(again.of('event')).toEqual([event(1), event(2), event(3)]));
    expect(again.id).toMatch(/\.3$/);
  });

  it('go on before the first one for a client that had seen none', async () => {
    const first = await open('/live?show=events');
    await until(() => expect(first.id).not.toBe(''));
    first.close();
    api.engine.fire(event(0));
    const again = await open('/live?show=events', { 'Last-Event-ID': first.id });
    await until(() => expect(again.of('event')).toEqual([event(0)]));
  });

  it('all come to a client that comes back after a restart', async () => {
    api.engine.fire(event(0));
    api.engine.fire(event(1));
    const stream = await open('/live?show=events', { 'Last-Event-ID': 'abc.57' });
    await until(() => expect(stream.of('event')).toEqual([event(0), event(1)]));
  });

  it('that come while past ones are looked up come behind them, once', async () => {
    api.engine.fire(event(0));
    const { events } = api.engine;
    api.engine.events = async (question) => {
      api.engine.fire(event(1));
      const past = await events(question);
      api.engine.fire(event(2));
      return past;
    };
    const stream = await open('/live?show=events', { 'Last-Event-ID': 'abc.57' });
    await until(() => expect(stream.of('event')).toEqual([event(0), event(1), event(2)]));
  });
});

describe('/live is bounded', () => {
  it('in clients: the next gets 503, and comes in when one has gone', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => open('/live?show=events')));
    const refused = await api.ask('GET', '/live');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(refused.text)).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      detail: 'there are too many clients of the live stream',
    });
    clients[0].close();
    await until(() => expect(api.engine.listening).toBe(2));
    expect((await open('/live')).response.statusCode).toBe(200);
  });

  it('in what it keeps for a client that does not read', async () => {
    const stream = await open('/live?show=events');
    await until(() => expect(api.engine.listening).toBe(1));
    stream.response.pause();
    for (let i = 0; i < 400 && api.engine.listening > 0; i++) {
      api.engine.fire({ ...event(i), flowKey: 'x'.repeat(100_000) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(api.engine.listening).toBe(0);
  });

  it('in time: who does not read updates is cut', async () => {
    const metric = { metricName: 'x'.repeat(30_000_000) };
    api.engine.answer('metric', () => [metric]);
    const stream = await open('/live?metrics=load_one&thresholdID=busy&interval=100');
    stream.response.pause();
    await until(() => expect(api.engine.listening).toBe(1));
    await until(() => expect(api.engine.listening).toBe(0));
  });

  it('in silence: a comment shows that the connection lives', async () => {
    const stream = await open('/live?show=events');
    await until(() => expect(stream.text).toMatch(/\n\n:\n\n:\n\n$/));
    expect(stream.messages).toEqual([]);
  });

  it.each([
    ['interval=99', 'interval must be at least 100'],
    ['interval=60001', 'interval must be at most 60000'],
    ['interval=x', 'interval must be an integer of 32 bits'],
    ['maxFlows=0', 'maxFlows must be at least 1'],
    ['show=all', 'show must match ^(analyzer|agents|events|page)(,(analyzer|agents|events|page))*$'],
    [Array(21).fill('flow=a').join('&'), 'flow must not be given more than 20 times'],
  ])('?%s is a problem', async (query, detail) => {
    const { status, headers, text } = await api.ask('GET', `/live?${query}`);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail,
      code: 'HTTP_BAD_PARAMETER',
    });
  });

  it.each(['x', '1', 'abc.', 'abc.1.2', 'abc.99999999999'])('"%s" is no place to go on at', async (place) => {
    const { status, text } = await api.ask('GET', '/live', { headers: { 'Last-Event-ID': place } });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ code: 'HTTP_BAD_CURSOR' });
  });

  it('other methods are problems too', async () => {
    const { status, text } = await api.ask('PUT', '/live', { body: '{}' });
    expect([status, JSON.parse(text)]).toEqual([
      405,
      { type: 'about:blank', title: 'Method Not Allowed', status: 405 },
    ]);
  });

  it('HEAD ends', async () => {
    const { status, headers, bytes } = await api.ask('HEAD', '/live');
    expect([status, headers['content-type'], bytes.length]).toEqual([200, 'text/event-stream', 0]);
  });
});

describe('/live ends', () => {
  it('when the client goes, and forgets it', async () => {
    const stream = await open('/live?show=events&metrics=load_one&interval=100');
    await until(() => expect(api.engine.listening).toBe(1));
    stream.close();
    await until(() => expect(api.engine.listening).toBe(0));
    api.engine.asked.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(api.engine.asked).toEqual([]);
    expect(api.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('when the engine fails, and says so in the log', async () => {
    api.engine.answer('metric', () => {
      throw new WeirError('ENGINE_STOPPED', 'the engine has stopped');
    });
    const stream = await open('/live?metrics=load_one');
    await until(() => expect(stream.response.closed).toBe(true));
    expect(api.logged).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'the live stream of a client failed' }),
    );
  });

  it('with the server', async () => {
    const stream = await open('/live');
    const closed = new Promise((resolve) => stream.response.once('close', resolve));
    await api.stop();
    await closed;
  });
});
