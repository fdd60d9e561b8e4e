import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { METHODS } from './dispatch.ts';
import { createFakeSpeaker } from './fake-speaker.ts';
import { apiRoutes } from './routes/index.ts';
import { pageRoutes } from './routes/pages.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/* Whatever is asked, in whatever form: an answer, never a 500, and never a word about our insides. */

let api: TestApi;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  api = await startTestApi({}, { speaker: createFakeSpeaker() });
  await api.ask('PUT', '/flow/pairs/json', { body: '{"value":"bytes"}' });
});
afterAll(async () => {
  agent.destroy();
  await api.stop();
});

const NASTY_WORDS = [
  ...['..', '%2e%2e', '%00', '%zz', '%', '%ff%fe', '%2F', '%5C', '%20', '%3Cscript%3E'],
  ...[';', ';a=b', '%3B', '//', '', '*', '[', '((((((', 'null', '{}', "'", '"'],
  ...['__proto__', 'constructor', 'toString'],
  ...['0', '-1', '1e999', 'NaN', '2147483648'],
  ...['ALL', '::', '::1', '2001:db8::1', ':::::::::', '1.2.3.4', '192.0.2.1'],
  ...['pairs', 'sites', 'ifinoctets', 'json', 'txt', '3.pairs'],
];
const QUERY_NAMES = [
  ...['maxFlows', 'minValue', 'aggMode', 'filter', 'name', 'flowID', 'agent', 'key', 'ifname'],
  ...['thresholdID', 'maxEvents', 'eventID', 'timeout'],
  ...['show', 'flow', 'metrics', 'agents', 'interval', 'lastEventID', 'limit', 'cursor'],
];
const MEMBERS = [
  ...['keys', 'value', 'values', 'filter', 'n', 't', 'log', '__proto__'],
  ...[
    'metric',
    'timeout',
    'byFlow',
    'nodes',
    'links',
    'address',
    'port',
    'agents',
    'filters',
    'match',
    'then',
  ],
];
const HEADERS = [
  ...['Accept-Encoding', 'Content-Type', 'Accept', 'Origin', 'Sec-Fetch-Site', 'Range', 'Host'],
  ...['Authorization', 'If-None-Match', 'Last-Event-ID'],
];

/** Text of the characters from `!` to the given one. */
const textUpTo = (last: number) =>
  fc.string({
    unit: fc.integer({ min: 0x21, max: last }).map((code) => String.fromCharCode(code)),
    maxLength: 12,
  });
const word = fc.oneof(fc.constantFrom('pairs', 'ALL'), fc.constantFrom(...NASTY_WORDS), textUpTo(0xff));

const knownPath = fc
  .tuple(fc.constantFrom(...apiRoutes, ...pageRoutes), word, word)
  .map(([{ path }, first, second]) => {
    const words = [first, second];
    return path.replace(/\{\w+\}/g, () => words.shift() ?? first);
  });
const anyPath = fc.array(word, { maxLength: 6 }).map((words) => `/${words.join('/')}`);
const path = fc.oneof({ weight: 4, arbitrary: knownPath }, { weight: 1, arbitrary: anyPath });

const query = fc
  .array(fc.tuple(fc.oneof(word, fc.constantFrom(...QUERY_NAMES)), word), { maxLength: 4 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));

const body = fc.oneof(
  fc.constantFrom(undefined, '{"value":"bytes"}', '{"a":["10.0.0.0/8"]}'),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  fc.dictionary(fc.constantFrom(...MEMBERS), fc.jsonValue()).map((value) => JSON.stringify(value)),
  fc.dictionary(fc.string(), fc.array(fc.string())).map((value) => JSON.stringify(value)),
);

const headers = fc.dictionary(fc.constantFrom(...HEADERS), textUpTo(0x7e), { maxKeys: 3 });

it('finds no 500', async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...METHODS),
      path,
      query,
      body,
      headers,
      async (method, at, parameters, sent, given) => {
        const target = parameters === '' ? at : `${at}?${parameters}`;
        const { status, text } = await ask(method, target, sent, given);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect([200, 204, 302, 304, 400, 403, 404, 405, 421, 501, 503]).toContain(status);
        expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
      },
    ),
    { numRuns: 3000, interruptAfterTimeLimit: 8000, endOnFailure: true },
  );
  // Requests must have got through to handlers, or the run says nothing.
  for (const status of [200, 204, 400, 404, 405]) expect(statuses.get(status)).toBeGreaterThan(0);
  expect(api.logged.filter(({ level }) => level !== 'info')).toEqual([]);
});

function ask(
  method: string,
  target: string,
  sent: string | Buffer | undefined,
  given: Record<string, string>,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const length = sent === undefined ? {} : { 'Content-Length': Buffer.byteLength(sent) };
    const sending = request(
      { host: '127.0.0.1', port: api.port, method, path: target, agent, headers: { ...given, ...length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        // The live stream would never end.
        if (response.headers['content-type'] === 'text/event-stream') response.destroy();
        response.on('close', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sending.on('error', reject);
    sending.end(sent);
  });
}
