import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WeirError } from '../common/index.ts';
import { createConfig } from '../config/index.ts';
import { createFakeEngine } from './fake-engine.ts';
import { createApi } from './server.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.stop()));
});

async function start(properties: Record<string, string> = {}): Promise<TestApi> {
  const api = await startTestApi(properties);
  open.push(api);
  return api;
}

function create(properties: Record<string, string>) {
  const log = { info() {}, warn() {}, error() {} };
  return createApi({ engine: createFakeEngine(), config: createConfig(properties), log, version: '1.2.3' });
}

describe('14.4 http.hostname', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['', expect.stringMatching(/^(::|0\.0\.0\.0)$/)],
  ])('"%s" listens there', async (hostname, address) => {
    const api = create({ 'http.hostname': hostname, 'http.port': '0', auth: 'none' });
    open.push(api);
    const bound = await api.start();
    expect(bound).toEqual({ address, port: expect.any(Number), secure: false });
    expect(await (await fetch(`http://127.0.0.1:${bound.port}/version`)).text()).toBe('1.2.3');
  });

  it('an address of another machine is one clear line', async () => {
    const api = create({ 'http.hostname': '192.0.2.1', 'http.port': '0', auth: 'none' });
    await expect(api.start()).rejects.toThrow(
      new WeirError(
        'HTTP_CANNOT_LISTEN',
        'HTTP cannot listen on port 0 of 192.0.2.1: http.hostname is no address of this machine',
      ),
    );
  });
});

it('14.4 http.port in use is one clear line', async () => {
  const other = await new Promise<Server>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
  try {
    const { port } = other.address() as { port: number };
    await expect(create({ 'http.port': String(port) }).start()).rejects.toMatchObject({
      code: 'HTTP_PORT_IN_USE',
      message: `HTTP cannot listen on port ${port} of 127.0.0.1: it is in use; set http.port to another`,
    });
  } finally {
    other.close();
  }
});

it('14.4 http.log writes a line for each request', async () => {
  const api = await start({ 'http.log': 'yes' });
  await api.ask('GET', '/flow/absent/json;x?a=b');
  await api.ask('GET', '/version');
  await vi.waitFor(() => expect(api.logged).toHaveLength(2));
  expect(api.logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'info: HTTP GET, client: 127.0.0.1, status: 404, path: /flow/absent/json;x?a=b',
    'info: HTTP GET, client: 127.0.0.1, status: 200, path: /version',
  ]);
});

it('14.4 without http.log nothing is logged', async () => {
  const api = await start();
  await api.ask('GET', '/version');
  expect(api.logged).toEqual([]);
});

it('14.4 http.html=no serves no pages', async () => {
  const api = await start({ 'http.html': 'no' });
  expect((await api.ask('GET', '/')).status).toBe(404);
  expect((await api.ask('GET', '/html/index.html')).status).toBe(404);
  expect((await api.ask('GET', '/version')).status).toBe(200);
});

it('14.4 http.html.redirect is where the root leads', async () => {
  const api = await start({ 'http.html.redirect': './app/mine/html/index.html' });
  expect((await api.ask('GET', '/')).headers['location']).toBe('/app/mine/html/index.html');
});

it('stop ends long polls and kept connections', async () => {
  const api = await startTestApi();
  const url = `http://127.0.0.1:${api.port}`;
  await (await fetch(`${url}/version`)).text();
  const poll = expect(fetch(`${url}/flows/json?flowID=1&timeout=600`)).rejects.toThrow();
  await vi.waitFor(() => expect(api.engine.waiting).toBe(1));
  const started = Date.now();
  await api.stop();
  await poll;
  expect(Date.now() - started).toBeLessThan(2000);
  await vi.waitFor(() => expect(api.engine.waiting).toBe(0));
  await expect(fetch(`${url}/version`)).rejects.toThrow();
});
