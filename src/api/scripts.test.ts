import { afterEach, expect, it } from 'vitest';
import { NO_SCRIPTS, type ScriptRequest, type Scripts } from '../script/index.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import { createToken } from './tokens.ts';

/** Scripts that note what they are asked. */
function fakeScripts(): Scripts & { asked: [string, ScriptRequest][] } {
  const asked: [string, ScriptRequest][] = [];
  return {
    ...NO_SCRIPTS,
    asked,
    apps: () => ({ one: { scripts: ['one~a.js'] } }),
    async request(key, request) {
      asked.push([key, request]);
      return { status: 200, contentType: 'application/json', body: '"é"' };
    },
  };
}

let api: TestApi;
afterEach(() => api.stop());

it('a request reaches its script with its parts', async () => {
  const scripts = fakeScripts();
  api = await startTestApi({}, { scripts });
  const reply = await api.ask('POST', '/app/one/scripts/a.js/x%2Fy/json?q=1&q=2', {
    body: 'a=1',
    headers: { 'Content-Type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8' },
  });
  expect([reply.status, reply.text, reply.headers['content-length']]).toEqual([200, '"é"', '4']);
  expect(scripts.asked).toEqual([
    [
      'one~a.js',
      {
        method: 'POST',
        path: ['x/y'],
        query: { q: ['1', '2'] },
        format: 'json',
        contentType: 'application/x-www-form-urlencoded',
        body: Buffer.from('a=1'),
      },
    ],
  ]);
});

it.each([
  ['read', 'GET', 200],
  ['read', 'POST', 403],
  ['write', 'POST', 200],
  ['write', 'DELETE', 200],
] as const)('a token that may %s may %s: %i', async (role, method, status) => {
  const { token, entry } = createToken('ann', role);
  api = await startTestApi({ 'auth.tokens': entry }, { scripts: fakeScripts() });
  const headers = { Authorization: `Bearer ${token}` };
  expect((await api.ask(method, '/script/a.js/json', { headers })).status).toBe(status);
  expect((await api.ask(method, '/script/a.js/json')).status).toBe(401);
  expect((await api.ask('GET', '/app/one/html/index.html')).status).toBe(401);
});

it('pages of other sites may not change anything through a script', async () => {
  const scripts = fakeScripts();
  api = await startTestApi({}, { scripts });
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  expect((await api.ask('POST', '/script/a.js/json', { headers })).status).toBe(403);
  expect(scripts.asked).toEqual([]);
});

it('http.readonly does not keep changes from scripts', async () => {
  api = await startTestApi({ 'http.readonly': 'yes' }, { scripts: fakeScripts() });
  expect((await api.ask('PUT', '/script/a.js/json', { body: '{}' })).status).toBe(200);
});

it.each(['/script/a.js/%/json', '/script/%ff/json', '/script/a.js/json?x=%'])(
  '%s is a bad request',
  async (target) => {
    api = await startTestApi({}, { scripts: fakeScripts() });
    expect((await api.ask('GET', target)).status).toBe(400);
  },
);

it('changes through scripts are told in the log', async () => {
  api = await startTestApi({}, { scripts: fakeScripts() });
  await api.ask('POST', '/script/a.js/json');
  await expect
    .poll(() => api.logged.map(({ message }) => message))
    .toContainEqual(expect.stringMatching(/^POST \/script\/a\.js\/json by anybody: 200$/));
});
