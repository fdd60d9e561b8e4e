import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { capturePath, captureReadings } from '../support/captures.ts';
import { type RequestRow, requestTable } from './rows.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 14.4: system properties that other files do not need. */

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe('14.4 http', () => {
  let served: ServingWeir;
  let port: number;
  beforeAll(async () => {
    port = await freeTcpPort();
    served = await WeirProcess.serve(
      '-Dhttp.hostname=127.0.0.2',
      `-Dhttp.port=${port}`,
      '-Dhttp.log=yes',
      '-Dhttp.html.redirect=./app/dash/html/index.html',
    );
  });
  afterAll(() => served.weir.end());

  it('14.4 http.hostname and http.port', async () => {
    expect(served.url).toBe(`http://127.0.0.2:${port}/`);
    expect((await fetch(`${served.url}version`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/version`)).rejects.toThrow();
  });

  it('14.4 http.log writes a line for each request', async () => {
    await fetch(`${served.url}flow/absent/json`);
    const line = await served.weir.logLine(
      'HTTP GET, client: 127.0.0.1, status: 404, path: /flow/absent/json',
    );
    expect(line).toBeDefined();
  });

  it('14.4 http.html.redirect is where / leads', async () => {
    const answer = await fetch(served.url, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toMatch(/\/app\/dash\/html\/index\.html$/);
  });
});

describe('14.4 http.html=no', () => {
  let api: WeirUnderTest;
  let nothing: WeirUnderTest;
  beforeAll(async () => {
    [api, nothing] = await Promise.all([
      WeirUnderTest.serve('-Dhttp.html=no'),
      WeirUnderTest.serve('-Dhttp.html=no', '-Dhttp.rest=no'),
    ]);
  });
  afterAll(() => Promise.all([api.end(), nothing.end()]));

  requestTable('14.4 no pages', () => api, [
    ['14.4 no start page', 'GET /html/index.html', { status: 404, text: /<html/i }],
    ['14.4 the API is there', 'GET /version', 200],
  ] satisfies RequestRow[]);
  requestTable('14.4 and http.rest=no', () => nothing, [
    ['14.4 no API', 'GET /flow/json', { status: 404, text: /<html/i }],
    ['14.4 no API', 'PUT /flow/a/json {"value":"bytes"}', { status: 404, text: /<html/i }],
  ] satisfies RequestRow[]);
});

describe('14.4 sflow', () => {
  it('14.4 sflow.port that is taken: the process ends', async () => {
    const first = await WeirProcess.serve();
    try {
      const second = new WeirProcess([
        'serve',
        '-Dhttp.port=0',
        '-Dsflow.hostname=127.0.0.1',
        `-Dsflow.port=${first.sflowPort}`,
      ]);
      const { code, error } = await second.finished();
      expect(code).not.toBe(0);
      expect(error).toContain(String(first.sflowPort));
    } finally {
      await first.weir.end();
    }
  });

  it('14.4 sflow.file replays a capture instead of listening', async () => {
    const replaying = await WeirProcess.serve(`-Dsflow.file=${capturePath('ovs')}`);
    try {
      const [{ agent }] = captureReadings('ovs');
      const agents = await (await fetch(`${replaying.url}agents/json`)).json();
      expect(Object.keys(agents as object)).toEqual([agent]);
    } finally {
      await replaying.weir.end();
    }
  });
});
