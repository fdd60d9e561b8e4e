import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WeirError } from '../common/index.ts';
import { createConfig } from '../config/index.ts';
import { createFakeEngine, prometheusPage } from './fake-engine.ts';
import type { ClientLimits } from './http-server.ts';
import { createApi } from './server.ts';
import { type Reply, startTestApi, type TestApi } from './test-api.ts';
import { createToken } from './tokens.ts';

/* What nobody may do, and what nobody can hold open. */

const open: TestApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

async function start(
  properties: Record<string, string> = {},
  limits: Partial<ClientLimits> = {},
): Promise<TestApi> {
  const api = await startTestApi(properties, { limits });
  open.push(api);
  return api;
}

function create(properties: Record<string, string>) {
  const log = { info() {}, warn() {}, error() {} };
  return createApi({ engine: createFakeEngine(), config: createConfig(properties), log, version: '1.2.3' });
}

const DEFINITION = { body: '{"value":"bytes"}' };

describe('who is let in at start', () => {
  const entry = createToken('ann', 'read').entry;

  it.each(['0.0.0.0', '::', '', '192.0.2.1', 'example.com', '127.0.0.1.example.com', '128.0.0.1'])(
    'http.hostname=%s alone is refused in one line that says what to set',
    (hostname) => {
      const where = hostname === '' ? 'every address' : hostname;
      expect(() => create({ 'http.hostname': hostname })).toThrow(
        new WeirError(
          'AUTH_MISSING',
          `http.hostname opens HTTP on ${where} to other machines: set auth.tokens (weir token NAME ROLE makes one), ` +
            'or auth=none to let everybody do everything',
        ),
      );
    },
  );

  it('http.readonly does not open it: what is read is private too', () => {
    expect(() => create({ 'http.hostname': '', 'http.readonly': 'yes' })).toThrow('auth.tokens');
  });

  it.each([
    { 'http.hostname': '', auth: 'none' },
    { 'http.hostname': '', 'auth.tokens': entry },
    { 'http.hostname': '127.0.0.1' },
    { 'http.hostname': '127.9.9.9' },
    { 'http.hostname': '::1' },
    { 'http.hostname': 'localhost' },
  ])('%j is not', (properties) => {
    expect(() => create(properties)).not.toThrow();
  });

  it('auth=none beside tokens is refused', () => {
    expect(() => create({ auth: 'none', 'auth.tokens': entry })).toThrow('contradict');
  });
});

describe('auth.tokens', () => {
  const tokens = {
    reader: createToken('reader', 'read'),
    writer: createToken('writer', 'write'),
    admin: createToken('admin', 'admin'),
  };
  const bearer = (who: keyof typeof tokens) => ({
    headers: { Authorization: `Bearer ${tokens[who].token}` },
  });
  let api: TestApi;
  beforeEach(async () => {
    api = await start({
      'auth.tokens': Object.values(tokens)
        .map(({ entry }) => entry)
        .join(','),
    });
  });

  it.each([
    ['GET', '/version'],
    ['HEAD', '/version'],
    ['OPTIONS', '/version'],
    ['TRACE', '/version'],
    ['PUT', '/flow/a/json'],
    ['DELETE', '/flow/a/json'],
    ['PATCH', '/flow/a/json'],
    ['PROPFIND', '/flow/a/json'],
    ['GET', '/'],
    ['GET', '/html/index.html'],
    ['GET', '/nothing'],
    ['PUT', '/status'],
  ])('without a token %s %s is 401, empty, with a challenge', async (method, target) => {
    const { status, headers, bytes } = await api.ask(method, target, method === 'PUT' ? DEFINITION : {});
    expect([status, bytes.length]).toEqual([401, 0]);
    expect(headers['www-authenticate']).toBe('Bearer realm="Weir", Basic realm="Weir", charset="UTF-8"');
    expect(api.engine.flows()).toEqual({});
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer weir_x',
    `bearer ${tokens.reader.entry}`,
    'Basic',
    'Basic !!!!',
    `Token ${tokens.reader.token}`,
    tokens.reader.token,
    `Bearer ${tokens.reader.token} x`,
  ])('"%s" lets nobody in', async (authorization) => {
    expect((await api.ask('GET', '/version', { headers: { Authorization: authorization } })).status).toBe(
      401,
    );
  });

  it('what shows nothing private needs none', async () => {
    for (const target of ['/status', '/api-docs']) expect((await api.ask('GET', target)).status).toBe(200);
  });

  it.each([
    ['reader', 'GET', '/flow/json', 200],
    ['reader', 'HEAD', '/flow/json', 200],
    ['reader', 'OPTIONS', '/flow/json', 200],
    ['reader', 'PUT', '/flow/a/json', 403],
    ['reader', 'POST', '/flow/a/json', 403],
    ['reader', 'DELETE', '/flow/a/json', 403],
    ['reader', 'GET', '/nothing', 404],
    ['writer', 'PUT', '/flow/a/json', 204],
    ['writer', 'DELETE', '/flow/a/json', 204],
    ['writer', 'PUT', '/bgp/flowspec/192.0.2.9/json', 403],
    ['writer', 'PUT', '/forwarding/a/json', 403],
    ['writer', 'DELETE', '/forwarding/a/json', 403],
    ['writer', 'PUT', '/tenant/a/json', 403],
    ['writer', 'DELETE', '/tenant/a/json', 403],
    ['writer', 'GET', '/forwarding/json', 200],
    ['admin', 'PUT', '/flow/a/json', 204],
    ['admin', 'DELETE', '/forwarding/a/json', 204],
    ['admin', 'DELETE', '/tenant/a/json', 204],
    ['admin', 'PUT', '/bgp/flowspec/192.0.2.9/json', 400],
  ] as const)('the token of %s: %s %s → %i', async (who, method, target, status) => {
    const body = method === 'PUT' || method === 'POST' ? DEFINITION : {};
    const reply = await api.ask(method, target, { ...bearer(who), ...body });
    expect(reply.status).toBe(status);
    if (status === 403) {
      expect(reply.bytes).toHaveLength(0);
      expect(reply.headers['www-authenticate']).toMatch(/error="insufficient_scope", scope="(write|admin)"/);
      expect(reply.headers['weir-error']).toContain(`the token of ${who} does not permit this`);
    }
  });

  it('a browser gives the token as a password', async () => {
    const basic = Buffer.from(`whoever:${tokens.reader.token}`).toString('base64');
    expect((await api.ask('GET', '/', { headers: { Authorization: `Basic ${basic}` } })).status).toBe(302);
  });

  it('an audit line tells of each change: who, from where, what, and the status', async () => {
    await api.ask('PUT', '/flow/a/json;x?y=1', { ...DEFINITION, ...bearer('writer') });
    await api.ask('DELETE', '/flow/a/json', bearer('reader'));
    await api.ask('POST', '/group/g/json', { body: '[]' });
    await api.ask('PUT', '/group/g/json', { body: '[]', ...bearer('admin') });
    // Neither of these is a change of anything.
    await api.ask('GET', '/flow/json', bearer('admin'));
    await api.ask('PUT', '/version', bearer('admin'));
    await vi.waitFor(() => expect(api.logged).toHaveLength(4));
    const audits = api.logged.map(({ fields }) => (fields as { audit: unknown }).audit);
    expect(audits).toEqual([
      { who: 'writer', from: '127.0.0.1', method: 'PUT', target: '/flow/a/json;x?y=1', status: 204 },
      { who: 'reader', from: '127.0.0.1', method: 'DELETE', target: '/flow/a/json', status: 403 },
      { who: 'nobody', from: '127.0.0.1', method: 'POST', target: '/group/g/json', status: 401 },
      { who: 'admin', from: '127.0.0.1', method: 'PUT', target: '/group/g/json', status: 400 },
    ]);
    expect(api.logged[0]).toMatchObject({
      level: 'info',
      message: 'PUT /flow/a/json;x?y=1 by writer: 204',
    });
    expect(JSON.stringify(api.logged)).not.toContain(tokens.writer.token);
  });
});

it('without tokens the audit line names nobody in particular', async () => {
  const api = await start();
  await api.ask('PUT', '/flow/a/json', DEFINITION);
  await vi.waitFor(() => expect(api.logged).toHaveLength(1));
  expect(api.logged[0].message).toBe('PUT /flow/a/json by anybody: 204');
});

describe('names the server is called by', () => {
  const statusFor = async (api: TestApi, host: string) =>
    (await api.ask('GET', '/version', { headers: { Host: host } })).status;

  it.each(['localhost', 'LOCALHOST:8008', '127.0.0.1:1', '[::1]:8008', '192.0.2.7', 'weir.localhost', ''])(
    '"%s" is one without tokens',
    async (host) => {
      expect(await statusFor(await start(), host)).toBe(200);
    },
  );

  it.each([
    'example.com',
    'example.com:8008',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '[::1].x',
    '1.2.3.4.5',
  ])('"%s" is none without tokens: a page there could have pointed it here', async (host) => {
    expect(await statusFor(await start(), host)).toBe(421);
  });

  it('http.hosts has more of them', async () => {
    const api = await start({ 'http.hosts': 'weir.example.com' });
    expect(await statusFor(api, 'Weir.example.com:443')).toBe(200);
    expect(await statusFor(api, 'other.example.com')).toBe(421);
    expect(await statusFor(await start({ 'http.hosts': '*' }), 'other.example.com')).toBe(200);
  });

  it('any will do where everybody is let in', async () => {
    expect(await statusFor(await start({ auth: 'none' }), 'example.com')).toBe(200);
  });
});

describe('http.ratelimit', () => {
  it('answers 429 with the time to come back', async () => {
    const api = await start({ 'http.ratelimit': '2' });
    const replies: Reply[] = [];
    for (let i = 0; i < 8; i++) replies.push(await api.ask('GET', '/version'));
    expect(replies.slice(0, 4).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('1');
    expect(refused?.bytes).toHaveLength(0);
  });

  it('is generous', async () => {
    const api = await start();
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => (await api.ask('GET', '/version')).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('limits of size', () => {
  it('http.maxbody', async () => {
    const api = await start({ 'http.maxbody': '2K' });
    const body = (bytes: number) => ({ body: `{"value":"bytes"${' '.repeat(bytes - 17)}}` });
    expect((await api.ask('PUT', '/flow/a/json', body(2048))).status).toBe(204);
    const refused = await api.ask('PUT', '/flow/a/json', body(2049));
    expect([refused.status, refused.bytes.length]).toEqual([413, 0]);
    expect((await api.ask('PUT', '/flow/a/json', { ...body(2049), chunked: true })).status).toBe(413);
  });

  it('http.requestheadersize', async () => {
    const api = await start({ 'http.requestheadersize': '2K' });
    expect((await api.ask('GET', `/version?${'x'.repeat(1500)}`)).status).toBe(200);
    expect((await api.ask('GET', `/version?${'x'.repeat(3000)}`)).status).toBe(431);
  });
});

describe('slow clients are cut', () => {
  it.each([
    ['that send no headers', 'GET /version HTTP/1.1\r\n', { headersMs: 200, requestMs: 400 }],
    [
      'that send no body',
      'PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
      { headersMs: 200, requestMs: 400 },
    ],
  ])('%s', async (_what, bytes, limits) => {
    const api = await start({}, { ...limits, checkMs: 50 });
    const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that do not read their answer', async () => {
    const api = await start({}, { stallMs: 300 });
    api.engine.answer('prometheus', () => prometheusPage('x'.repeat(4_000_000)));
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write('GET /prometheus/metrics/ALL/ALL/txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
    // A socket that is not read hears of its end by its own writes; and they must not prolong its life.
    const poke = setInterval(() => socket.write('\n'), 50);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true), 8000);
    clearInterval(poke);
  });

  it('but not those that wait for an answer', async () => {
    const api = await start({}, { headersMs: 100, requestMs: 200, stallMs: 200, idleMs: 200, checkMs: 50 });
    const { status, text } = await api.ask('GET', '/events/json?eventID=1&timeout=1');
    expect([status, text]).toEqual([200, '[]']);
  });
});

describe('pages', () => {
  it.each(['/html/index.html', '/nothing'])('%s has the headers that keep it to itself', async (target) => {
    const { headers } = await (await start()).ask('GET', target);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });
});

describe('14.4 http.rest', () => {
  it.each([
    [{ 'http.rest': 'no' }, 200, 200],
    [{ 'http.rest': 'no', 'http.html': 'no' }, 404, 404],
    [{ 'http.html': 'no' }, 200, 404],
  ])('%j: REST %i, pages %i', async (properties, rest, pages) => {
    const api = await start(properties as Record<string, string>);
    expect((await api.ask('GET', '/version')).status).toBe(rest);
    expect((await api.ask('GET', '/html/index.html')).status).toBe(pages);
  });
});

it.each([
  ['0', '{"t1":{"timeout":60,"metric":"m"}}'],
  ['1', '{\n "t1": {\n  "timeout": 60,\n  "metric": "m"\n }\n}'],
  ['3', '{\n   "t1": {\n      "timeout": 60,\n      "metric": "m"\n   }\n}'],
])('http.json.indent=%s', async (indent, text) => {
  const api = await start({ 'http.json.indent': indent });
  await api.ask('PUT', '/threshold/t1/json', { body: '{"metric":"m"}' });
  expect((await api.ask('GET', '/threshold/json')).text).toBe(text);
});
