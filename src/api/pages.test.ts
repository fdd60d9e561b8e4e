import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';
import { createToken } from './tokens.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const FILES: [path: string, type: string, content: RegExp][] = [
  ['/html/start.css', 'text/css;charset=utf-8', /color-scheme/],
  ['/html/start.js', 'text/javascript;charset=utf-8', /EventSource/],
  ['/html/icon.svg', 'image/svg+xml', /^<svg/],
  ['/api/index.html', 'text/html;charset=utf-8', /id="explorer"/],
  ['/api/explorer.css', 'text/css;charset=utf-8', /back/],
  ['/api/explorer.js', 'text/javascript;charset=utf-8', /SwaggerUIBundle/],
  ['/api/swagger-ui.css', 'text/css;charset=utf-8', /swagger-ui/],
  ['/api/swagger-ui-bundle.js', 'text/javascript;charset=utf-8', /SwaggerUIBundle/],
];

describe.each(FILES)('%s', (path, type, content) => {
  it('is served, with headers that keep it to itself', async () => {
    const { status, headers, text } = await api.ask('GET', path);
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(text).toMatch(content);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('is kept by browsers, which ask whether it has changed', async () => {
    const { headers } = await api.ask('GET', path);
    expect(headers['cache-control']).toBe('no-cache');
    const again = await api.ask('GET', path, { headers: { 'If-None-Match': String(headers['etag']) } });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
    const other = await api.ask('GET', path, { headers: { 'If-None-Match': '"other"' } });
    expect(other.status).toBe(200);
  });
});

it('the pages name no other server', async () => {
  for (const path of [
    '/',
    '/html/index.html',
    '/html/start.js',
    '/html/start.css',
    '/api/index.html',
    '/api/explorer.js',
  ])
    expect((await api.ask('GET', path)).text).not.toMatch(/(?:src|href|url)\s*[=:(]\s*['"]?(?:https?:)?\/\//);
});

it('the folder of the start page leads to it', async () => {
  const { status, headers } = await api.ask('GET', '/html/');
  expect([status, headers['location']]).toEqual([302, 'index.html']);
});

it.each([
  ['/api', '/api/'],
  ['/api/', 'index.html'],
])('%s leads to the explorer', async (path, location) => {
  const { status, headers } = await api.ask('GET', path);
  expect([status, headers['location']]).toEqual([302, location]);
});

it.each([
  '/html/../package.json',
  '/html/..%2fpackage.json',
  '/html/%2e%2e/server.ts',
  '/html/..%5cserver.ts',
  '/html/explorer.html',
  '/html/start.js/',
  '/html/start.js%00',
  '/html//start.js',
  '/api/../server.ts',
  '/api/..%2f..%2fetc%2fpasswd',
  '/api/explorer.html',
  '/api/package.json',
  '/api/swagger-ui-bundle.js.map',
  '/api/%2e%2e%2fserver.ts',
])('no path leads out of the pages: %s', async (path) => {
  const { status, text } = await api.ask('GET', path);
  expect([status, text]).toEqual([404, expect.stringContaining('Not found')]);
});

it('what is in every copy of the program needs no token; the start page does', async () => {
  const guarded = await startTestApi({ 'auth.tokens': createToken('ann', 'read').entry });
  try {
    for (const [path] of FILES) expect((await guarded.ask('GET', path)).status).toBe(200);
    for (const path of ['/', '/html/index.html', '/live', '/v1/agents'])
      expect((await guarded.ask('GET', path)).status).toBe(401);
  } finally {
    await guarded.stop();
  }
});
