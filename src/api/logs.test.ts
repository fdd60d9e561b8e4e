import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import type { FakeEngine } from './fake-engine.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/* The two logs that can be waited for, against a fake engine. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.engine.asked.length = 0;
});

const flow = (flowID: number): LoggedFlow => ({
  flowID,
  name: 'pairs',
  agent: '192.0.2.21',
  dataSource: '1',
  flowKeys: '10.9.0.1',
  value: 9_900_000,
  start: 1_795_395_263_630,
  end: 1_795_395_273_722,
});

const event = (eventID: number): ThresholdEvent => ({
  eventID,
  timestamp: 1_795_395_457_198,
  thresholdID: 'busy',
  metric: 'pairs',
  threshold: 50_000,
  value: 95_148.98,
  agent: '192.0.2.41',
  dataSource: '1',
  flowKey: '10.9.0.3',
});

/** What the two have in common, by the names each gives it. */
interface LogKind {
  readonly section: string;
  readonly path: string;
  readonly id: string;
  readonly max: string;
  readonly only: string;
  readonly kind: string;
  question(names: string[], id: number | undefined, max: number): object;
  record(id: number): object;
  add(engine: FakeEngine, id: number): void;
}

const FLOWS: LogKind = {
  section: '6.5',
  path: '/flows/json',
  id: 'flowID',
  max: 'maxFlows',
  only: 'name',
  kind: 'loggedFlows',
  question: (names, flowID, maxFlows) => ({ names, flowID, maxFlows }),
  record: flow,
  add: (engine, id) => engine.logFlow(flow(id)),
};

const EVENTS: LogKind = {
  section: '9.3',
  path: '/events/json',
  id: 'eventID',
  max: 'maxEvents',
  only: 'thresholdID',
  kind: 'events',
  question: (thresholds, eventID, maxEvents) => ({ thresholds, eventID, maxEvents }),
  record: event,
  add: (engine, id) => engine.fire(event(id)),
};

describe.each([FLOWS, EVENTS])('$section $path', ({ path, id, max, only, kind, question, record, add }) => {
  const get = async (query: string): Promise<unknown> => {
    const { status, text } = await api.ask('GET', `${path}${query}`);
    expect(status).toBe(200);
    return JSON.parse(text);
  };
  const waiting = (count: number) => vi.waitFor(() => expect(api.engine.waiting).toBe(count));

  it.each([
    ['', question([], undefined, 100)],
    [`?${only}=a&${only}=b&${max}=7`, question(['a', 'b'], undefined, 7)],
    [`?${id}=-1`, question([], -1, 100)],
    ['?timeout=60', question([], undefined, 100)],
    [`?${id}=3&timeout=0`, question([], 3, 100)],
    [`?${id}=3&timeout=-5`, question([], 3, 100)],
  ])('%s asks and does not wait', async (query, expected) => {
    expect(await get(query)).toEqual([]);
    expect(api.engine.asked).toEqual([{ kind, question: { ...expected, timeoutMs: undefined } }]);
  });

  it.each([
    `${max}=0`,
    `${max}=-1`,
    `${max}=x`,
    `${max}=1.5`,
    `${id}=x`,
    `${id}=`,
    `${id}=1&timeout=x`,
    `${id}=1.5`,
  ])('2 ?%s is 400', async (query) => {
    expect((await api.ask('GET', `${path}?${query}`)).status).toBe(400);
  });

  it('gives nothing when the time is over', async () => {
    expect(await get(`?${id}=2&timeout=1`)).toEqual([]);
  });

  it('no longer waits when the client has gone', async () => {
    const abort = new AbortController();
    const asking = fetch(`http://127.0.0.1:${api.port}${path}?${id}=2&timeout=600`, { signal: abort.signal });
    const gone = expect(asking).rejects.toThrow();
    await waiting(1);
    abort.abort();
    await gone;
    await waiting(0);
    expect(api.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('a wait longer than any timer is cut, not ended at once', async () => {
    const abort = new AbortController();
    const asking = fetch(`http://127.0.0.1:${api.port}${path}?${id}=2&timeout=2147483647`, {
      signal: abort.signal,
    });
    const gone = expect(asking).rejects.toThrow();
    await waiting(1);
    expect(api.engine.asked[0].question).toMatchObject({ timeoutMs: 86_400_000 });
    abort.abort();
    await gone;
    await waiting(0);
  });

  it('waits for a record, which ends every wait', async () => {
    const answers = Promise.all([get(`?${id}=2&timeout=60`), get(`?${id}=2&timeout=60`)]);
    await waiting(2);
    expect(api.engine.asked[0].question).toMatchObject({ [id]: 2, timeoutMs: 60_000 });
    add(api.engine, 3);
    expect(await answers).toEqual([[record(3)], [record(3)]]);
  });

  it('gives the newest first', async () => {
    add(api.engine, 4);
    expect(await get(`?${id}=2`)).toEqual([record(4), record(3)]);
    expect(await get(`?${max}=1`)).toEqual([record(4)]);
    expect(await get(`?${only}=other`)).toEqual([]);
  });
});

it('14.1 eventsGenerated counts the events', async () => {
  const { text } = await api.ask('GET', '/analyzer/json');
  expect(JSON.parse(text)).toMatchObject({ eventsGenerated: 5 });
});
