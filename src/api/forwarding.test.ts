import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/* Section 12 as HTTP shows it. What the bodies mean is the engine's; here it is a fake. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function get(target: string): Promise<unknown> {
  const { status, text } = await api.ask('GET', target);
  expect(status).toBe(200);
  return JSON.parse(text);
}

const statusOf = async (method: string, target: string, body?: string): Promise<number> =>
  (await api.ask(method, target, body === undefined ? {} : { body })).status;

const FORWARDING = '{"address":"192.0.2.9","port":9000}';
const TENANT = '{"collectorAddress":"192.0.2.9","collectorPort":9000,"filters":{"cidr":["10.0.0.0/8"]}}';

describe.each([
  ['forwarding', FORWARDING],
  ['tenant', TENANT],
])('12 /%s', (noun, body) => {
  const target = `/${noun}/one.a/json`;

  it('PUT, GET, DELETE of one', async () => {
    expect(await statusOf('GET', target)).toBe(404);
    expect(await statusOf('PUT', target, body)).toBe(204);
    expect(await get(target)).toEqual(JSON.parse(body));
    expect(await statusOf('POST', target, body)).toBe(204);
    expect(await statusOf('DELETE', target)).toBe(204);
    expect(await statusOf('DELETE', target)).toBe(204);
    expect(await statusOf('GET', target)).toBe(404);
  });

  it('400 for what the engine refuses, with the reason in a header', async () => {
    const { status, text, headers } = await api.ask('PUT', target, { body: '{"port":1}' });
    expect([status, text]).toEqual([400, '']);
    expect(headers['weir-error']).toMatch(new RegExp(`^${noun.toUpperCase()}_BAD `));
  });

  it.each(['', '[]', 'x', 'null', '"a"'])('1 400 for the body %j', async (wrong) => {
    expect(await statusOf('PUT', target, wrong)).toBe(400);
  });

  it.each([
    ['.', 400],
    ['..', 400],
    ['%2e', 400],
    ['a%20b', 400],
    ['a,b', 400],
    ['%c3%a4', 400],
    ['a%2fb', 404],
  ])('1 the name %s gives %i', async (name, expected) => {
    expect(await statusOf('PUT', `/${noun}/${name}/json`, body)).toBe(expected);
  });

  it('1 a collection takes no PUT and no DELETE', async () => {
    expect(await statusOf('PUT', `/${noun}/json`, body)).toBe(404);
    expect(await statusOf('DELETE', `/${noun}/json`)).toBe(404);
  });

  it('1 http.readonly refuses changes', async () => {
    const readonly = await startTestApi({ 'http.readonly': 'yes' });
    try {
      expect((await readonly.ask('PUT', target, { body })).status).toBe(403);
      expect((await readonly.ask('DELETE', target)).status).toBe(403);
      expect((await readonly.ask('GET', `/${noun}/json`)).status).toBe(200);
    } finally {
      await readonly.stop();
    }
  });
});

it('12 GET /forwarding/json is the definitions by name', async () => {
  expect(await get('/forwarding/json')).toEqual({});
  await statusOf('PUT', '/forwarding/two/json', '{"address":"192.0.2.9"}');
  expect(await get('/forwarding/json')).toEqual({ two: { address: '192.0.2.9', port: 6343 } });
});

it('12 GET /tenant/json is the samples sent by name', async () => {
  api.engine.answer('tenants', () => ({ blue: 12 }));
  expect(await get('/tenant/json')).toEqual({ blue: 12 });
});

it('/analyzer/json and its Prometheus text count what was sent on', async () => {
  const counters = { sent: 15, failed: 16, lookupsFailed: 17 };
  expect(await get('/analyzer/json')).toMatchObject({ forwarding: { copy: counters } });
  const { text } = await api.ask('GET', '/prometheus/analyzer/txt');
  expect(text).toContain('\nsflow_analyzer_forwarded_datagrams{forwarding="copy"} 15\n');
  expect(text).toContain('\nsflow_analyzer_forwarding_failures{forwarding="copy"} 16\n');
});
