import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentRecord, LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import { startTestApi, type TestApi } from './test-api.ts';

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string;
  readonly more: boolean;
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function page(target: string): Promise<Page> {
  const { status, headers, text } = await api.ask('GET', target);
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  return JSON.parse(text);
}

/** All pages of a list, until there is no more. */
async function pages(path: string, limit: number): Promise<Page[]> {
  const found = [await page(`${path}?limit=${limit}`)];
  while (found.at(-1)?.more) found.push(await page(`${path}?limit=${limit}&cursor=${found.at(-1)?.next}`));
  return found;
}

const record: AgentRecord = { sFlowDatagramSource: [], firstSeen: 9, lastSeen: 1, uptime: 1 };

describe('/v1/agents', () => {
  const agentsNow = (addresses: readonly string[]) =>
    api.engine.answer('agents', () => Object.fromEntries(addresses.map((address) => [address, record])));

  it('gives each agent once, in order', async () => {
    const addresses = [...Array.from({ length: 25 }, (_, i) => `10.0.0.${i}`), '2001:db8::1'];
    agentsNow(addresses.toReversed());
    const found = await pages('/v1/agents', 10);
    expect(found.map(({ items, more }) => [items.length, more])).toEqual([
      [10, true],
      [10, true],
      [6, false],
    ]);
    expect(found.flatMap(({ items }) => items.map(({ agent }) => agent))).toEqual(addresses.toSorted());
    expect(found[0].items[0]).toEqual({ agent: '10.0.0.0', ...record });
  });

  it('neither repeats nor leaves out those that stay, whoever comes and goes', async () => {
    agentsNow(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
    const first = await page('/v1/agents?limit=2');
    agentsNow(['10.0.0.0', '10.0.0.1', '10.0.0.3', '10.0.0.4', '10.0.0.5']);
    const rest = await page(`/v1/agents?cursor=${first.next}`);
    expect(rest.items.map(({ agent }) => agent)).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5']);
    const none = await page(`/v1/agents?cursor=${rest.next}`);
    expect(none).toEqual({ items: [], next: rest.next, more: false });
  });

  it('is empty without agents', async () => {
    agentsNow([]);
    expect(await page('/v1/agents')).toEqual({ items: [], next: '', more: false });
  });
});

const event = (eventID: number): ThresholdEvent => ({
  eventID,
  timestamp: 1,
  thresholdID: eventID % 2 === 0 ? 'even' : 'odd',
  metric: 'm',
  threshold: 1,
  value: 2,
  agent: '192.0.2.1',
  dataSource: '1',
});
const flow = (flowID: number): LoggedFlow => ({
  flowID,
  name: flowID % 2 === 0 ? 'even' : 'odd',
  agent: '192.0.2.1',
  dataSource: '1',
  flowKeys: 'k',
  value: 1,
  start: 1,
  end: 2,
});

describe.each([
  { path: '/v1/events', only: 'thresholdID', record: event, add: (id: number) => api.engine.fire(event(id)) },
  { path: '/v1/flows', only: 'name', record: flow, add: (id: number) => api.engine.logFlow(flow(id)) },
])('$path', ({ path, only, record, add }) => {
  it('is empty before the first record, and goes on from there', async () => {
    const empty = await page(path);
    expect(empty).toMatchObject({ items: [], more: false });
    for (let id = 0; id < 25; id++) add(id);
    expect((await page(`${path}?limit=2&cursor=${empty.next}`)).items).toEqual([record(0), record(1)]);
  });

  it('gives each record once, oldest first, and then what comes', async () => {
    const found = await pages(path, 10);
    expect(found.map(({ items }) => items.length)).toEqual([10, 10, 5]);
    expect(found.flatMap(({ items }) => items)).toEqual(Array.from({ length: 25 }, (_, id) => record(id)));
    const { next } = found[2];
    expect(await page(`${path}?cursor=${next}`)).toEqual({ items: [], next, more: false });
    add(25);
    expect((await page(`${path}?cursor=${next}`)).items).toEqual([record(25)]);
  });

  it('gives only those asked for', async () => {
    const { items, more } = await page(`${path}?${only}=odd&limit=2`);
    expect([items, more]).toEqual([[record(1), record(3)], true]);
  });

  it('begins anew for a cursor of before a restart', async () => {
    expect((await page(`${path}?limit=1&cursor=abc.20`)).items).toEqual([record(0)]);
  });

  it('gives nothing beyond the last one', async () => {
    const { next } = (await pages(path, 1000))[0];
    const beyond = next.replace(/\d+$/, '5000');
    expect(await page(`${path}?cursor=${beyond}`)).toEqual({ items: [], next: beyond, more: false });
  });
});

describe('problems', () => {
  it.each([
    ['/v1/agents?limit=0', 'HTTP_BAD_PARAMETER'],
    ['/v1/agents?limit=1001', 'HTTP_BAD_PARAMETER'],
    ['/v1/agents?limit=x', 'HTTP_BAD_PARAMETER'],
    ['/v1/agents?cursor=PHNjcmlwdD4', 'HTTP_BAD_CURSOR'],
    ['/v1/events?cursor=x', 'HTTP_BAD_CURSOR'],
    ['/v1/flows?cursor=', 'HTTP_BAD_CURSOR'],
    ['/v1/events?cursor=%zz', 'HTTP_BAD_ENCODING'],
  ])('%s is %s', async (target, code) => {
    const { status, headers, text } = await api.ask('GET', target);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(JSON.parse(text)).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, code });
    expect(headers['weir-error']).toContain(code);
  });

  it('of the engine are problems, too, and faults of ours without a word', async () => {
    api.engine.answer('agents', () => {
      throw new TypeError('secret detail');
    });
    const { status, text } = await api.ask('GET', '/v1/agents');
    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
  });
});
