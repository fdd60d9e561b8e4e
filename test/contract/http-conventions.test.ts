import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAnswer, type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 1: methods, statuses, headers, names, bodies. */

const FLOW = '{"keys":"ipsource","value":"bytes"}';
/** A document that each kind of named resource takes. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  flow: FLOW,
  threshold: '{"metric":"ifinoctets","value":1}',
  group: '{"a":["10.0.0.0/8"]}',
  map: '{"web":["80"]}',
};
const KINDS = Object.entries(DOCUMENTS);
const PAGE = /^<!doctype html>/i;

let weir: WeirUnderTest;
let readonly: WeirUnderTest;

beforeAll(async () => {
  [weir, readonly] = await Promise.all([WeirUnderTest.serve(), WeirUnderTest.serve('-Dhttp.readonly=yes')]);
  for (const [kind, document] of KINDS) await weir.ask('PUT', `/${kind}/there/json`, { body: document });
});
afterAll(() => Promise.all([weir.end(), readonly.end()]));

const table = (title: string, rows: readonly RequestRow[]): void => requestTable(title, () => weir, rows);

const NO_CACHE = {
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  vary: 'Accept-Encoding, User-Agent',
};

describe('1 headers', () => {
  it.for(Object.entries(NO_CACHE))('1 every answer says %s: %s', async ([name, value]) => {
    for (const path of ['/flow/json', '/version', '/flow/absent/json'])
      expect((await weir.ask('GET', path)).headers[name], path).toBe(value);
  });

  it('1 Last-Modified is now', async () => {
    const { headers } = await weir.ask('GET', '/flow/json');
    expect(Math.abs(Date.parse(String(headers['last-modified'])) - Date.now())).toBeLessThan(3000);
  });

  it.for([
    ['/flow/json', 'application/json'],
    ['/version', 'text/plain;charset=utf-8'],
    ['/prometheus/analyzer/txt', 'text/plain;charset=utf-8'],
  ])('1 Content-Type of %s is %s', async ([path, type]) => {
    expect((await weir.ask('GET', path)).headers['content-type']).toBe(type);
  });

  it('1 there are no CORS headers, no Server header, and nothing to log in to', async () => {
    const { headers } = await weir.ask('GET', '/flow/json', { headers: { Origin: 'http://example.com' } });
    const unwanted = /^access-control-|^server$|^www-authenticate$|^set-cookie$/;
    expect(Object.keys(headers).filter((name) => unwanted.test(name))).toEqual([]);
  });

  it('1 HTTP/1.1 keeps connections', async () => {
    const get = 'GET /version HTTP/1.1\r\nHost: localhost\r\n';
    const lines = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(weir.httpPort, '127.0.0.1', () =>
        socket.write(`${get}\r\n${get}Connection: close\r\n\r\n`),
      );
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(lines.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe('1 compression', () => {
  const headers = { 'Accept-Encoding': 'gzip' };

  it('1 gzip when it is accepted', async () => {
    const answer = await weir.ask('GET', '/analyzer/json', { headers });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(answer.bytes).toString())).toHaveProperty('sFlowAgents');
  });

  it('1 plain when it is not', async () => {
    expect((await weir.ask('GET', '/analyzer/json')).headers['content-encoding']).toBeUndefined();
  });

  it('1 small bodies are plain', async () => {
    expect((await weir.ask('GET', '/version', { headers })).headers['content-encoding']).toBeUndefined();
  });
});

it('1 JSON is indented by one blank', async () => {
  const { text } = await weir.ask('GET', '/flow/there/json');
  expect(text.split('\n').slice(1, -1)).toEqual(
    Array(6).fill(expect.stringMatching(/^ "[a-zA-Z]+": ?[^ ].*$/)),
  );
});

it('1 OPTIONS names the methods', async () => {
  const { status, headers, bytes } = await weir.ask('OPTIONS', '/flow/there/json');
  expect([status, bytes.length]).toEqual([200, 0]);
  expect(headers['allow']).toBe('GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS');
});

it('1 HEAD has the headers of GET and no body', async () => {
  const get = await weir.ask('GET', '/flow/there/json');
  const head = await weir.ask('HEAD', '/flow/there/json');
  expect([head.status, head.bytes.length]).toEqual([200, 0]);
  for (const name of ['content-type', 'content-length', 'cache-control'])
    expect(head.headers[name], name).toBe(get.headers[name]);
});

table('1 statuses of named resources', [
  ...KINDS.flatMap(([kind, document]): RequestRow[] => [
    ['1 PUT succeeds with 204 and no body', `PUT /${kind}/one/json ${document}`, 204],
    ['1 POST is the same as PUT', `POST /${kind}/two/json ${document}`, 204],
    ['1 what was POSTed is there', `GET /${kind}/two/json`, 200],
    ['1 DELETE succeeds with 204 and no body', `DELETE /${kind}/one/json`, 204],
    ['1 DELETE of a missing name is 204 too', `DELETE /${kind}/one/json`, 204],
    ['1 GET of a missing name is 404 without a body', `GET /${kind}/one/json`, 404],
    ['1 PATCH is 501', `PATCH /${kind}/there/json`, { status: 501 }],
    ['1 PUT on the collection is 404', `PUT /${kind}/json ${document}`, 404],
  ]),
  ['1 TRACE is 200', 'TRACE /version', { text: /^TRACE \/version HTTP\/1\.1/ }],
]);

table(
  '1 methods of read-only resources',
  [
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
    '/flowvalue/192.0.2.1/3.there/json',
    '/flowlocations/ALL/there/json',
    '/flows/json',
    '/events/json',
    '/scripts/json',
    '/apps/json',
    '/prometheus/analyzer/txt',
    '/prometheus/metrics/ALL/ALL/txt',
  ].flatMap((path) =>
    ['PUT', 'POST', 'DELETE'].map((method): RequestRow => ['1 405 without a body', `${method} ${path}`, 405]),
  ),
);

table(
  '1 Content-Type of requests',
  ['text/plain', 'application/x-www-form-urlencoded', 'application/json', 'image/png'].map(
    (type): RequestRow => [
      `1 ${type} is taken as JSON`,
      `PUT /flow/typed/json ${FLOW}`,
      204,
      { headers: { 'Content-Type': type } },
    ],
  ),
);

table(
  '1 bodies',
  KINDS.flatMap(([kind]) =>
    (
      [
        ['no body', undefined],
        ['an empty body', ''],
        ['bad JSON', '{'],
        ['an array', '[]'],
        ['a string', '"text"'],
        ['a number', '7'],
        ['null', 'null'],
      ] as const
    ).map(([what, body]): RequestRow => [`1 ${what} is 400`, `PUT /${kind}/bad/json`, 400, { body }]),
  ),
);

table(
  '1 names',
  KINDS.flatMap(([kind, document]): RequestRow[] => [
    ...['A-Za-z0-9_-', '0', '-', '_', 'n'.repeat(300)].map(
      (name): RequestRow => ['1 letters, digits, _ and -', `PUT /${kind}/${name}/json ${document}`, 204],
    ),
    ...['a.b', 'a:b', 'a%20b', 'a,b', '%C3%A4', 'a+b', 'a%2C'].map(
      (name): RequestRow => ['1 anything else is 400', `PUT /${kind}/${name}/json ${document}`, 400],
    ),
    ['1 an encoded / is 404', `PUT /${kind}/a%2Fb/json ${document}`, { status: 404 }],
  ]),
);

table('1 paths', [
  ...['/nothing', '/flow/html', '/flow/xml', '/flow', '/flow/json/', '/version/', '/analyzer/html'].map(
    (path): RequestRow => ['1 404 with a page', `GET ${path}`, { status: 404, text: PAGE }],
  ),
  [
    '1 a page of 404 is HTML',
    'GET /nothing',
    { status: 404, text: PAGE, headers: { 'content-type': expect.stringMatching(/^text\/html/) } },
  ],
  [
    '1 / leads to /html/index.html',
    'GET /',
    { status: 302, text: '', headers: { location: expect.stringMatching(/\/html\/index\.html$/) } },
  ],
  ['1 the start page', 'GET /html/index.html', { text: PAGE }],
  [
    '1 /api/ leads to the explorer',
    'GET /api/',
    { status: 302, text: '', headers: { location: expect.stringMatching(/index\.html$/) } },
  ],
  ['1 the explorer', 'GET /api/index.html', { text: PAGE }],
  [
    '1 /api-docs is the OpenAPI document',
    'GET /api-docs',
    { json: expect.objectContaining({ openapi: expect.any(String), paths: expect.any(Object) }) },
  ],
]);

describe('1 http.readonly=yes', () => {
  const changes = Object.entries({
    ...Object.fromEntries(KINDS.map(([kind, document]) => [`/${kind}/a/json`, document])),
    '/topology/json': '{}',
    '/forwarding/a/json': '{"address":"127.0.0.1"}',
    '/tenant/a/json': '{"collectorAddress":"127.0.0.1","filters":{"cidr":["10.0.0.0/8"]}}',
  }).flatMap(([path, document]) =>
    (path === '/topology/json' ? ['PUT', 'POST'] : ['PUT', 'POST', 'DELETE']).map(
      (method) => `${method} ${path} ${document}`,
    ),
  );
  requestTable(
    '1 every change is 403',
    () => readonly,
    changes.map((request): RequestRow => ['1 403', request, 403]),
  );
  requestTable(
    '1 GETs work',
    () => readonly,
    [
      '/flow/json',
      '/group/json',
      '/map/json',
      '/threshold/json',
      '/topology/json',
      '/forwarding/json',
      '/tenant/json',
    ].map((path): RequestRow => ['1 nothing was changed', `GET ${path}`, { json: {} }]),
  );
});

it('13 text in documents is UTF-8 and comes back intact', async () => {
  await weir.set('/group/text/json', { 'Köln → 東京': ['10.0.0.0/8'] });
  expectAnswer(await weir.ask('GET', '/group/text/json'), { json: { 'Köln → 東京': ['10.0.0.0/8'] } });
});
