import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ifCounters } from '../../src/sflow/index.ts';
import { eventually, TemporaryFolder } from '../support/peer-process.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { WeirProcess } from './weir-process.ts';

/* Exports over a restart and a kill, and who may define them. */

const folder = new TemporaryFolder();
const tokens: string[] = [];
const server = createServer((request, response) => {
  tokens.push(String(request.headers.authorization));
  request.resume();
  response.end();
});
let url: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});
afterAll(() => {
  server.close();
  folder.delete();
});

const serve = (...properties: string[]) =>
  WeirProcess.serve('-Dstore.persist=yes', `-Dstore.dir=${folder.path}/store`, ...properties);

it('an export goes on after a kill, with its secrets', async () => {
  const definition = {
    source: { type: 'metrics', interval: 1 },
    sink: { type: 'http', url, headers: { Authorization: 'Bearer secret' } },
  };
  const first = await serve();
  const put = await fetch(`${first.url}v1/exports/hook`, { method: 'PUT', body: JSON.stringify(definition) });
  expect(put.status).toBe(204);
  await first.weir.end('SIGKILL');

  const second = await serve();
  const rest = new RestClient(second.url);
  const { hook } =
    await rest.json<Record<string, { definition: unknown; status: { state: string } }>>('v1/exports');
  expect(hook.status.state).toBe('on');
  expect(JSON.stringify(hook.definition)).not.toContain('secret');
  const sender = await UdpSender.open(second.sflowPort);
  const agent = new SyntheticAgent('192.0.2.1');
  await sender.send([agent.datagram([agent.counters([ifCounters()])])]);
  await eventually(
    async () => tokens,
    (seen) => seen.includes('Bearer secret'),
  );
  sender.close();
  const removed = await fetch(`${second.url}v1/exports/hook`, { method: 'DELETE' });
  expect(removed.status).toBe(204);
  await second.weir.end();

  const third = await serve();
  expect(await new RestClient(third.url).json('v1/exports')).toEqual({});
  await third.weir.end();
});

it('a definition that is wrong is refused in words', async () => {
  const { weir, url: own } = await WeirProcess.serve();
  const put = await fetch(`${own}v1/exports/hook`, {
    method: 'PUT',
    body: JSON.stringify({ source: { type: 'events' }, sink: { type: 'http', url: 'nowhere' } }),
  });
  expect(put.status).toBe(400);
  expect(await put.json()).toMatchObject({
    code: 'EXPORT_BAD',
    detail: 'sink.url is a URL that begins with http:// or https://',
  });
  expect((await fetch(`${own}v1/exports/hook`)).status).toBe(404);
  await eventually(
    () => weir.end(),
    ({ code }) => code === 0,
  );
});

it('defining one needs the role admin', async () => {
  const made = new WeirProcess(['token', 'ann', 'write']);
  const { out } = await made.finished();
  const line = /^auth\.tokens=(\S+)$/m.exec(out)![1];
  const token = out.split('\n')[1].trim();
  const { weir, url: own } = await WeirProcess.serve(`-Dauth.tokens=${line}`);
  const ask = (method: string) =>
    fetch(`${own}v1/exports/x`, {
      method,
      body: method === 'GET' ? null : '{}',
      headers: { Authorization: `Bearer ${token}` },
    });
  expect((await ask('PUT')).status).toBe(403);
  expect((await ask('DELETE')).status).toBe(403);
  expect((await ask('GET')).status).toBe(404);
  await weir.end();
});
