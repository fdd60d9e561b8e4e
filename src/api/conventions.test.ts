import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WeirError } from '../common/index.ts';
import { type AskOptions, startTestApi, type TestApi } from './test-api.ts';

/* Section 1 of the contract, against a fake engine. */

const DEFINITION = { body: '{"keys":"ipsource","value":"bytes"}' };

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.ask('PUT', '/flow/pairs/json', DEFINITION);
});
afterAll(() => api.stop());

describe('1 headers', () => {
  it('of JSON: not cached, no charset, no CORS, no server name', async () => {
    const { status, headers } = await api.ask('GET', '/analyzer/json');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-cache, no-store, must-revalidate',
      pragma: 'no-cache',
      expires: '0',
      vary: 'Accept-Encoding, User-Agent',
    });
    expect(Math.abs(Date.parse(String(headers['last-modified'])) - Date.now())).toBeLessThan(5000);
    expect(Object.keys(headers).filter((name) => /^access-control|^server$|^set-cookie$/.test(name))).toEqual(
      [],
    );
  });

  it('are written in the usual case', async () => {
    const { rawHeaders } = await api.ask('GET', '/flow/json');
    const names = rawHeaders.filter((_, i) => i % 2 === 0);
    expect(names).toEqual(expect.arrayContaining(['Cache-Control', 'Content-Type', 'Last-Modified', 'Vary']));
    expect(names.filter((name) => /^[a-z]|-[a-z]/.test(name))).toEqual([]);
  });

  it('of text: UTF-8, written as by the contract', async () => {
    const { headers } = await api.ask('GET', '/version');
    expect(headers['content-type']).toBe('text/plain;charset=utf-8');
  });

  it.each([
    ['an error', 'GET', '/flow/absent/json'],
    ['a change', 'DELETE', '/flow/absent/json'],
  ])('of %s: not cached either', async (_what, method, target) => {
    const { headers } = await api.ask(method, target);
    expect(headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
    expect(headers['content-type']).toBeUndefined();
  });

  it('connections are kept alive', async () => {
    const lines = await exchange(
      'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\nGET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(lines.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe('1 compression', () => {
  const gzip = { headers: { 'Accept-Encoding': 'deflate, gzip;q=0.8' } };

  it('a large body is gzip when asked for', async () => {
    const { headers, bytes } = await api.ask('GET', '/analyzer/json', gzip);
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['content-length']).toBe(String(bytes.length));
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ sFlowAgents: 1 });
  });

  it.each([
    ['a small body', '/version', gzip],
    ['a body without Accept-Encoding', '/analyzer/json', {}],
    ['a body where gzip is refused', '/analyzer/json', { headers: { 'Accept-Encoding': 'gzip;q=0, *' } }],
  ])('%s is plain', async (_what, target, options) => {
    expect((await api.ask('GET', target, options)).headers['content-encoding']).toBeUndefined();
  });
});

it('1 JSON is indented by one blank', async () => {
  const { text } = await api.ask('GET', '/flow/pairs/json');
  expect(text.split('\n')[1]).toMatch(/^ "/);
  expect(JSON.parse(text)).toEqual({
    activeTimeout: 60,
    t: 2,
    fs: ',',
    n: 5,
    keys: 'ipsource',
    value: 'bytes',
  });
});

/** What a request gets: the status, and the body where it is not empty. */
type Row = readonly [
  method: string,
  target: string,
  status: number,
  body?: string | RegExp,
  options?: AskOptions,
];

const EMPTY = '';
const PAGE = /^<!doctype html>/;

const CASES: [title: string, rows: Row[]][] = [
  [
    'errors have an empty body, unrouted paths a page',
    [
      ['GET', '/flow/absent/json', 404, EMPTY],
      ['GET', '/activeflows/ALL/absent/json', 404, EMPTY],
      ['GET', '/nothing', 404, PAGE],
      ['PUT', '/nothing', 404, PAGE, DEFINITION],
      ['GET', '/html/../../../../etc/passwd', 404, PAGE],
      ['GET', '/html/%2e%2e/%2e%2e/etc/passwd', 404, PAGE],
      ['GET', '//version', 404, PAGE],
    ],
  ],
  [
    'changes',
    [
      ['PUT', '/flow/change/json', 204, EMPTY, DEFINITION],
      ['POST', '/flow/change/json', 204, EMPTY, DEFINITION],
      ['GET', '/flow/change/json', 200],
      ['DELETE', '/flow/change/json', 204, EMPTY],
      ['DELETE', '/flow/change/json', 204, EMPTY],
      ['GET', '/flow/change/json', 404, EMPTY],
    ],
  ],
  [
    'methods that a path does not have',
    [
      ['PATCH', '/flow/pairs/json', 501, EMPTY],
      ['PATCH', '/version', 501, EMPTY],
      ['PROPFIND', '/version', 501, EMPTY],
      ['QUERY', '/version', 501, EMPTY],
      ...[
        '/version',
        '/license/json',
        '/analyzer/json',
        '/agents/json',
        '/metrics/json',
        '/metric/ALL/json',
        '/metric/ALL/ifinoctets/json',
        '/table/ALL/ifinoctets/json',
        '/dump/ALL/ifinoctets/json',
        '/flowkeys/json',
        '/activeflows/ALL/pairs/json',
        '/flowvalue/192.0.2.1/3.pairs/json',
        '/flowlocations/ALL/pairs/json',
        '/flows/json',
        '/events/json',
        '/apps/json',
        '/scripts/json',
        '/status',
        '/bgp/topprefixes/192.0.2.9/json',
        '/prometheus/analyzer/txt',
        '/prometheus/metrics/ALL/ALL/txt',
      ].flatMap((target) => ['PUT', 'POST', 'DELETE'].map((method): Row => [method, target, 405, EMPTY])),
      ['DELETE', '/topology/json', 405, EMPTY],
      ...['/flow/json', '/group/json', '/map/json', '/threshold/json'].map(
        (target): Row => ['PUT', target, 404, EMPTY, DEFINITION],
      ),
    ],
  ],
  [
    'methods that every path has',
    [
      ['HEAD', '/flow/pairs/json', 200, EMPTY],
      ['HEAD', '/flow/absent/json', 404, EMPTY],
      ['OPTIONS', '/flow/pairs/json', 200, EMPTY],
      ['OPTIONS', '/version', 200, EMPTY],
      ['TRACE', '/version', 200, /^TRACE \/version HTTP\/1\.1\r\n/],
    ],
  ],
  [
    'the Content-Type of requests is ignored',
    ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ';;not a type;;', 'x'].map(
      (type): Row => [
        'PUT',
        '/flow/typed/json',
        204,
        EMPTY,
        { ...DEFINITION, headers: { 'Content-Type': type } },
      ],
    ),
  ],
  [
    'bodies that are no JSON object',
    [
      ['PUT', '/flow/bad/json', 400, EMPTY],
      ...['', '{', '[]', '[{}]', '"text"', '7', 'null', 'true', '{"value":"bytes"} x', 'value=bytes'].map(
        (body): Row => ['PUT', '/flow/bad/json', 400, EMPTY, { body }],
      ),
      ['PUT', '/group/bad/json', 400, EMPTY, { body: '[]' }],
      ['PUT', '/map/bad/json', 400, EMPTY, { body: '{"a":1' }],
      ['PUT', '/group/bad/json', 400, EMPTY, { body: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }],
      ['GET', '/flow/bad/json', 404, EMPTY],
    ],
  ],
  [
    'a body without a length is read all the same',
    [['PUT', '/flow/chunked/json', 204, EMPTY, { ...DEFINITION, chunked: true }]],
  ],
  [
    'names',
    ['flow', 'threshold', 'group', 'map'].flatMap((kind): Row[] => {
      const bodies: Record<string, string> = {
        flow: '{"value":"bytes"}',
        threshold: '{"metric":"pairs","value":1}',
      };
      const set = { body: bodies[kind] ?? '{"a":["10.0.0.0/8"]}' };
      return [
        ...['a.b', 'a:b', 'a%20b', 'a,b', 'a+b', '%C3%A4', '%E2%82%AC', 'a%00', 'a*', '..%3B', '%2561'].map(
          (name): Row => ['PUT', `/${kind}/${name}/json`, 400, EMPTY, set],
        ),
        ['GET', `/${kind}/a.b/json`, 400, EMPTY],
        ['DELETE', `/${kind}/a.b/json`, 400, EMPTY],
        ['PUT', `/${kind}/a%2Fb/json`, 404, EMPTY, set],
        ['PUT', `/${kind}//json`, 404, EMPTY, set],
        ['PUT', `/${kind}/${'n'.repeat(300)}/json`, 204, EMPTY, set],
        ['PUT', `/${kind}/A-z_09/json`, 204, EMPTY, set],
        ['PUT', `/${kind}/%61bc/json`, 204, EMPTY, set],
        ['GET', `/${kind}/abc/json`, 200],
        ['GET', `/${kind}/__proto__/json`, 404, EMPTY],
        ['GET', `/${kind}/constructor/json`, 404, EMPTY],
        ['GET', `/${kind}/%zz/json`, 400, EMPTY],
        ['GET', `/${kind}/%ff/json`, 400, EMPTY],
      ];
    }),
  ],
  [
    'other formats and trailing slashes',
    [
      '/version/',
      '/flow/json/',
      '/flow',
      '/flow/',
      '/flow/html',
      '/flow/xml',
      '/flow/pairs',
      '/flow/pairs/html',
      '/flow/pairs/xml',
      '/analyzer/html',
      '/agents/html',
      '/metric/ALL/ifinoctets/html',
      '/activeflows/ALL/pairs/xml',
      '/Version',
    ].map((target): Row => ['GET', target, 404, PAGE]),
  ],
  [
    'and 13: BGP without sessions knows no router',
    [
      '/bgp/flowspec/192.0.2.9/json',
      '/bgp/routepusher/192.0.2.9/10.0.0.0/8/json',
      '/bgp/routepusher/2001:db8::1/2001:db8::/32/json',
    ].flatMap((target): Row[] => [
      ['GET', target, 404, EMPTY],
      ['PUT', target, 400, EMPTY, { body: '{"match":{}}' }],
      ['POST', target, 400, EMPTY, { body: '{' }],
      ['DELETE', target, 400, EMPTY],
    ]),
  ],
  [
    'and 13: BGP without sessions has nothing to list',
    [
      ...['topprefixes', 'topprefixes6', 'prefix', 'routepusher'].map(
        (noun): Row => ['GET', `/bgp/${noun}/192.0.2.9/json?maxPrefixes=x`, 404, EMPTY],
      ),
      ['GET', '/bgp/json', 404, PAGE],
      ['GET', '/app/absent/status', 404, PAGE],
      ['GET', '/app/absent/html/index.html', 404, PAGE],
    ],
  ],
  [
    'the root leads to the start page',
    [
      ['GET', '/', 302, EMPTY],
      ['GET', '/html/index.html', 200, PAGE],
    ],
  ],
];

describe.each(CASES)('1 %s', (_title, rows) => {
  it.for(rows)('%s %s → %i', async ([method, target, status, body, options]) => {
    const reply = await api.ask(method, target, options);
    expect(reply.status).toBe(status);
    if (body === EMPTY) expect(reply.bytes).toHaveLength(0);
    else if (body !== undefined) expect(reply.text).toMatch(body);
    if (body === PAGE) expect(reply.headers['content-type']).toBe('text/html;charset=utf-8');
  });
});

it('1 OPTIONS names the methods', async () => {
  for (const target of ['/flow/pairs/json', '/version']) {
    expect((await api.ask('OPTIONS', target)).headers['allow']).toBe(
      'GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS',
    );
  }
});

it('1 HEAD has the headers of GET', async () => {
  const get = await api.ask('GET', '/flow/pairs/json');
  const head = await api.ask('HEAD', '/flow/pairs/json');
  expect(head.headers['content-length']).toBe(String(get.bytes.length));
  expect(head.headers['content-type']).toBe(get.headers['content-type']);
});

it('1 TRACE does not repeat what may be secret', async () => {
  const headers = { Authorization: 'Bearer abc', Cookie: 'id=abc', 'X-Plain': 'seen' };
  const { headers: answered, text } = await api.ask('TRACE', '/version', { headers });
  expect(answered['content-type']).toBe('message/http');
  expect(text).toContain('X-Plain: seen');
  expect(text).not.toContain('abc');
});

it('1 the root redirects to /html/index.html', async () => {
  expect((await api.ask('GET', '/')).headers['location']).toBe('/html/index.html');
});

describe('1 readonly', () => {
  let readonly: TestApi;
  beforeAll(async () => {
    readonly = await startTestApi({ 'http.readonly': 'yes' });
  });
  afterAll(() => readonly.stop());

  it.for<Row>([
    ['PUT', '/flow/pairs/json', 403, '', DEFINITION],
    ['POST', '/flow/pairs/json', 403, '', DEFINITION],
    ['DELETE', '/flow/pairs/json', 403],
    ['PUT', '/group/sites/json', 403, '', { body: '{"a":[]}' }],
    ['PUT', '/threshold/busy/json', 403, '', { body: '{"metric":"pairs","value":1}' }],
    ['DELETE', '/threshold/busy/json', 403],
    ['PUT', '/topology/json', 403, '', { body: '{}' }],
    ['PUT', '/bgp/flowspec/192.0.2.9/json', 403, '', { body: '{}' }],
    ['DELETE', '/bgp/routepusher/192.0.2.9/10.0.0.0/8/json', 403],
    ['DELETE', '/map/sites/json', 403],
    ['PUT', '/flow/json', 404, '', DEFINITION],
    ['PUT', '/version', 405],
    ['GET', '/flow/json', 200],
    ['OPTIONS', '/flow/pairs/json', 200],
  ])('%s %s → %i', async ([method, target, status, , options]) => {
    expect((await readonly.ask(method, target, options)).status).toBe(status);
    expect(readonly.engine.flows()).toEqual({});
  });
});

describe('beyond the contract', () => {
  it('the reason of a refusal is in a header', async () => {
    const { headers } = await api.ask('PUT', '/flow/bad/json', { body: '{"keys":"ipsource"}' });
    expect(headers['weir-error']).toBe('FLOW_BAD_VALUE bad: value is missing');
  });

  it('a reason cannot add headers', async () => {
    api.engine.answer('dump', () => {
      throw new WeirError('METRIC_BAD_QUERY', `no "a\r\nSet-Cookie: b=ä" ${'x'.repeat(1000)}`);
    });
    const { status, headers } = await api.ask('GET', '/dump/ALL/x/json');
    expect(status).toBe(400);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['weir-error']).toMatch(/^METRIC_BAD_QUERY no "a\?\?Set-Cookie: b=\?" x+$/);
    expect(String(headers['weir-error']).length).toBeLessThanOrEqual(300);
  });

  it('a page of another site changes nothing', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'text/plain' };
    expect((await api.ask('POST', '/flow/foreign/json', { ...DEFINITION, headers })).status).toBe(403);
    expect((await api.ask('GET', '/flow/foreign/json', { headers })).status).toBe(404);
    const own = { 'Sec-Fetch-Site': 'same-origin' };
    expect((await api.ask('PUT', '/flow/own/json', { ...DEFINITION, headers: own })).status).toBe(204);
  });

  it('a fault of ours is 500 without a word, and logged', async () => {
    api.engine.answer('metrics', () => {
      throw new TypeError('secret detail');
    });
    const { status, headers, bytes } = await api.ask('GET', '/metrics/json');
    expect(status).toBe(500);
    expect(bytes).toHaveLength(0);
    expect(JSON.stringify(headers)).not.toContain('secret');
    expect(api.logged).toContainEqual({
      level: 'error',
      fields: { err: new TypeError('secret detail'), method: 'GET', url: '/metrics/json' },
      message: 'request failed',
    });
  });

  it('an engine that is not there is 503', async () => {
    api.engine.answer('metrics', () => {
      throw new WeirError('ENGINE_STOPPED', 'the engine has stopped');
    });
    expect((await api.ask('GET', '/metrics/json')).status).toBe(503);
  });
});

describe('limits', () => {
  it('a body that says it is over 16 MB is 413 before it is sent', async () => {
    const head = `PUT /flow/big/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${16 * 1024 * 1024 + 1}\r\n\r\n{`;
    expect(await exchange(head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a body that turns out to be over 16 MB is 413', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sending = httpRequest(
        { host: '127.0.0.1', port: api.port, method: 'PUT', path: '/flow/big/json', agent: false },
        (response) => {
          resolve(response.statusCode ?? 0);
          sending.destroy();
        },
      );
      sending.on('error', reject);
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const feed = (left: number): void => {
        if (left > 0 && !sending.destroyed) sending.write(chunk, () => feed(left - 1));
      };
      feed(17);
    });
    expect(status).toBe(413);
  });

  it('a body of 15 MB is read', async () => {
    const body = `{"value":"bytes"${' '.repeat(15 * 1024 * 1024)}}`;
    expect((await api.ask('PUT', '/flow/big/json', { body })).status).toBe(204);
  });

  it.each([
    [
      'headers over 16 kB',
      431,
      `GET /version HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['what is not HTTP', 400, 'HELO example.com\r\n\r\n'],
    [
      'two lengths',
      400,
      'PUT /flow/a/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{',
    ],
  ])('%s: %i, empty, closed', async (_what, status, bytes) => {
    const reply = await exchange(bytes);
    expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(reply).toMatch(/\r\n\r\n$/);
  });
});

/** Sends raw bytes and gives everything that comes back until the server closes. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(api.port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)));
    socket.on('close', () => resolve(received));
  });
}
