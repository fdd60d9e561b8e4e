import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';

/* Script API section 4: requests to HTTP handlers, and their answers. */

const ECHO = 'setHttpHandler(function(req) { return req; });\n';

/** Results of a handler, and what they are as JSON and as text. */
const RESULTS: readonly (readonly [result: string, json: string, text: string])[] = [
  ["'hello'", '"hello"', 'hello'],
  ["'é€abc'", '"é€abc"', 'é€abc'],
  ["''", '""', ''],
  ['5', '5', '5'],
  ['0', '0', '0'],
  ['false', 'false', 'false'],
  ['0/0', 'null', 'NaN'],
  ['1/0', 'null', 'Infinity'],
  ['{a:[1,{b:null}]}', '{\n "a": [\n  1,\n  {\n   "b": null\n  }\n ]\n}', '[object Object]'],
  ['[1,2]', '[\n 1,\n 2\n]', '1,2'],
  ['new Map([[1,2]])', '{}', '[object Map]'],
  ['new Set([1])', '{}', '[object Set]'],
  ['Promise.resolve(1)', '{}', '[object Promise]'],
  ['new Date(0)', '"1970-01-01T00:00:00.000Z"', String(new Date(0))],
  ['{a:10n}', '[object Object]', '[object Object]'],
  ['cyclic()', '[object Object]', '[object Object]'],
];

/** Bodies of handlers that throw by a statement, and the status. */
const THROWN: readonly (readonly [body: string, status: number])[] = [
  ["throw 'bad_request';", 400],
  ["throw 'BAD_Request';", 400],
  ["throw 'forbidden';", 403],
  ["throw 'not_found';", 404],
  ["throw 'conflict';", 409],
  ["throw 'internal_server_error';", 500],
  ["throw 'service_unavailable';", 503],
  ["throw 'something else';", 500],
  ["throw 'constructor';", 500],
  ['throw 404;', 500],
  ['throw {status: 404};', 500],
  ['throw null;', 500],
  ['throw undefined;', 500],
  ["throw new Error('mine');", 500],
  ["throw new TypeError('mine');", 500],
  ['throw Object.freeze(new RangeError());', 500],
  ["throw 1, 'not_found';", 404],
  ['throw (function(x) x)("not_found");', 404],
  ['try { nope(); } catch (e) { throw e; }', 500],
  ["try { throw new Error('in'); } finally { 1; }", 500],
  ["try { throw 'first'; } catch (e) { throw 'not_found'; }", 404],
  ["[1].forEach(function() { throw 'not_found'; });", 404],
  ["[1].forEach(() => { throw new Error('in an arrow'); });", 500],
  ["JSON.parse('[1]', function() { throw new Error('in a callback of the language'); });", 500],
  ["inIncluded('conflict');", 409],
  ['throw /* a comment */ (/* another */\n"x" // and a third\n); function unused(x) x', 500],
  ['if (true) throw "conflict"; else throw "x"', 409],
  ["class Own extends Error {} throw new Own('own');", 500],
];

/** Bodies that raise an error of the language or of the engine, and how the log tells it. */
const RAISED: readonly (readonly [body: string, text: string | RegExp])[] = [
  ['nope();', 'ReferenceError: "nope" is not defined.'],
  ['null.member;', /^TypeError: Cannot read properties of null/],
  ['undefined.f();', /^TypeError: /],
  ["JSON.parse('{');", /^SyntaxError: /],
  ["eval('1 +');", /^SyntaxError: /],
  ['new Array(-1);', /^RangeError: /],
  ["decodeURIComponent('%');", /^URIError: /],
  ['(function f() { f(); })();', /^RangeError: Maximum call stack/],
  ["include('nowhere.js');", 'InternalError: nowhere.js (No such file or directory)'],
  ["setTimeout('x');", 'InternalError: Expected first argument to be a function'],
  ['const c = 1; c = 2;', /^TypeError: Assignment to constant/],
  ["try { throw 'x'; } catch (e) { nope(); }", 'ReferenceError: "nope" is not defined.'],
  ["try { throw 'x'; } finally { nope(); }", 'ReferenceError: "nope" is not defined.'],
  ['try { nope(); } finally { 1; }', 'ReferenceError: "nope" is not defined.'],
];

const functions = (bodies: readonly string[]): string =>
  `[\n${bodies.map((body) => `function() { ${body} }`).join(',\n')}\n]`;

const FILES: Readonly<Record<string, string>> = {
  'echo.js': ECHO,
  'app/one/scripts/echo.js': ECHO,
  'results.js':
    'function cyclic() { var o = {}; o.o = o; return o; }\n' +
    `var results = [${RESULTS.map(([result]) => `function() { return ${result}; }`).join(',\n')}];\n` +
    "setHttpHandler(function(req) { switch (req.path[0]) { case 'undefined': return; case 'null': return null; " +
    "case 'function': return function f() {}; } return results[+req.path[0]](); });\n",
  'inc-throws.js': 'function inIncluded(what) { throw what; }\n',
  'throws.js':
    "include('inc-throws.js');\n" +
    `var bodies = ${functions(THROWN.map(([body]) => body))};\n` +
    'setHttpHandler(function(req) { bodies[+req.path[0]](); });\n',
  ...Object.fromEntries(
    RAISED.map(([body], i) => [
      `raises${i}.js`,
      `setHttpHandler(function(req) {\n  if (req.path) { ${body} }\n  return 'alive';\n});\n`,
    ]),
  ),
  'text.js': "setHttpHandler(function(req) { return typeof req.body + ' ' + req.body; });\n",
  'none.js': 'setIntervalHandler(function() {});\n',
};

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve(FILES, '-Dhttp.json.indent=1');
});
afterAll(() => weir.end());

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('4 addresses', () => {
  it.each([
    '/script/echo.js/json',
    '/app/one/scripts/echo.js/json',
    '/script/one~echo.js/json',
    '/script/one%7Eecho.js/json',
  ])('%s', async (path) =>
    expect(await weir.get(path)).toEqual({ method: 'GET', query: {}, format: 'json' }),
  );

  it.each([
    ['/script/echo.js/a/html', 404],
    ['/script/echo.js/csv', 404],
    ['/script/echo.js/', 404],
    ['/script/echo.js', 404],
    ['/script/nope.js/json', 503],
    ['/script/none.js/json', 503],
    ['/app/one/scripts/nope.js/json', 503],
  ])('%s is %i, empty', async (path, status) => {
    const answer = await weir.ask('GET', path);
    expect([answer.status, answer.text]).toEqual([status, '']);
  });

  it('an unknown application is 404', async () =>
    expect((await weir.ask('GET', '/app/nope/scripts/echo.js/json')).status).toBe(404));

  it('a handler is not called for other formats', async () => {
    const before = (await weir.status('echo.js')).requestsReceived;
    await weir.ask('GET', '/script/echo.js/html');
    expect((await weir.status('echo.js')).requestsReceived).toBe(before);
  });
});

describe('4 requests', () => {
  it.each([
    ['path', '/script/echo.js/a/b/json', { path: ['a', 'b'] }],
    ['an encoded slash', '/script/echo.js/a%2Fb/json', { path: ['a/b'] }],
    ['an empty element', '/script/echo.js/a//b/json', { path: ['a', '', 'b'] }],
    ['a semicolon', '/script/echo.js/a;q=1/json', { path: ['a;q=1'] }],
    ['other scripts', '/script/echo.js/%C3%A9%E2%82%AC/json', { path: ['é€'] }],
    ['query', '/script/echo.js/json?x=1&y=&z&x=2', { query: { x: ['1', '2'], y: [''], z: [''] } }],
    ['decoded query', '/script/echo.js/json?a+b=%C3%A9+%2B', { query: { 'a b': ['é +'] } }],
    ['dangerous names', '/script/echo.js/json?constructor=1', { query: { constructor: ['1'] } }],
  ])('%s', async (_name, path, members) =>
    expect(await weir.get(path)).toEqual({ method: 'GET', query: {}, format: 'json', ...members }),
  );

  it.each(['POST', 'PUT', 'DELETE'])('%s with a JSON body', async (method) => {
    const answer = await weir.ask(method, '/script/echo.js/json', { body: '{"a":"é"}', headers: JSON_TYPE });
    expect(JSON.parse(answer.text)).toEqual({ method, query: {}, format: 'json', body: { a: 'é' } });
  });

  it('a body of any type is JSON', async () => {
    const options = { body: '[1]', headers: { 'Content-Type': 'text/plain' } };
    const { text } = await weir.ask('POST', '/script/echo.js/json', options);
    expect(JSON.parse(text).body).toEqual([1]);
  });

  it('a form goes to the query', async () => {
    const { text } = await weir.ask('POST', '/script/echo.js/json?a=1', { body: 'a=2&b=x+y', headers: FORM });
    expect(JSON.parse(text)).toEqual({
      method: 'POST',
      query: { a: ['1', '2'], b: ['x y'] },
      format: 'json',
    });
  });

  it('a form with its character set is one, too', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    const { text } = await weir.ask('POST', '/script/echo.js/json', { body: 'a=%C3%A9', headers });
    expect(JSON.parse(text)).toEqual({ method: 'POST', query: { a: ['é'] }, format: 'json' });
  });

  it('the word null is a body', async () => {
    const { text } = await weir.ask('PUT', '/script/echo.js/json', { body: 'null', headers: JSON_TYPE });
    expect(JSON.parse(text)).toEqual({ method: 'PUT', query: {}, format: 'json', body: null });
  });

  it('what is no JSON is told, and the handler is called', async () => {
    const { status, text } = await weir.ask('POST', '/script/echo.js/json', { body: 'not json' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      method: 'POST',
      query: {},
      format: 'json',
      error: 'JSON.parse SyntaxError: Unexpected token: n',
    });
  });

  it('a body as text has a line feed at its end, and is not looked into', async () => {
    const { text } = await weir.ask('POST', '/script/text.js/txt', { body: '{"a":1}', headers: JSON_TYPE });
    expect(text).toBe('string {"a":1}\n');
  });

  it('a form goes to the query of text, too', async () => {
    const { text } = await weir.ask('POST', '/script/text.js/txt', { body: 'a=1', headers: FORM });
    expect(text).toBe('undefined undefined');
  });

  it.each(['GET', 'POST'])('%s without a body has none', async (method) => {
    const { text } = await weir.ask(method, '/script/echo.js/json');
    expect(JSON.parse(text)).toEqual({ method, query: {}, format: 'json' });
  });

  it('HEAD is answered like GET, without a body', async () => {
    const head = await weir.ask('HEAD', '/script/echo.js/json');
    const get = await weir.ask('GET', '/script/echo.js/json');
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it('OPTIONS is answered by the server', async () => {
    const { status, headers } = await weir.ask('OPTIONS', '/script/echo.js/json');
    expect([status, headers['allow']]).toEqual([200, 'GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS']);
  });

  it('PATCH is not implemented', async () =>
    expect((await weir.ask('PATCH', '/script/echo.js/json', { body: '{}' })).status).toBe(501));
});

describe('4 answers', () => {
  it.each(RESULTS.map(([result, json, text], i) => [result, i, json, text] as const))(
    '%s',
    async (_result, i, json, text) => {
      const asJson = await weir.ask('GET', `/script/results.js/${i}/json`);
      expect([asJson.status, asJson.headers['content-type'], asJson.text]).toEqual([
        200,
        'application/json',
        json,
      ]);
      expect(asJson.headers['content-length']).toBe(String(Buffer.byteLength(json)));
      const asText = await weir.ask('GET', `/script/results.js/${i}/txt`);
      expect([asText.status, asText.headers['content-type'], asText.text]).toEqual([
        200,
        'text/plain;charset=utf-8',
        text,
      ]);
    },
  );

  it('a function is the word undefined as JSON', async () =>
    expect((await weir.ask('GET', '/script/results.js/function/json')).text).toBe('undefined'));

  it.each(['undefined', 'null'])('%s is 204', async (result) => {
    for (const format of ['json', 'txt']) {
      const answer = await weir.ask('GET', `/script/results.js/${result}/${format}`);
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
  });

  it('the headers say that nothing may be kept', async () => {
    const { headers } = await weir.ask('GET', '/script/echo.js/json');
    expect(headers).toMatchObject({
      'cache-control': 'no-cache, no-store, must-revalidate',
      pragma: 'no-cache',
      expires: '0',
      vary: 'Accept-Encoding, User-Agent',
      'last-modified': expect.any(String),
    });
  });
});

describe('4 what a throw statement throws is a status', () => {
  it.each(THROWN.map(([body, status], i) => [body, i, status] as const))('%s', async (_body, i, status) => {
    const answer = await weir.ask('GET', `/script/throws.js/${i}/json`);
    expect([answer.status, answer.text]).toEqual([status, '']);
    expect((await weir.status('throws.js')).alive).toBe(true);
  });
});

describe('4 what the language or the engine raises ends the script', () => {
  it.each(RAISED.map(([body, text], i) => [body, `raises${i}.js`, text] as const))(
    '%s',
    async (_body, file, text) => {
      expect(await weir.get(`/script/${file}/json`)).toBe('alive');
      expect((await weir.ask('GET', `/script/${file}/now/json`)).status).toBe(503);
      const { error, gracefulExit } = await weir.ended(file);
      expect(gracefulExit).toBe(false);
      const start = `${file} ${file}#2 `;
      expect(error?.slice(0, start.length)).toBe(start);
      expect(error?.slice(start.length)).toEqual(
        typeof text === 'string' ? text : expect.stringMatching(text),
      );
      expect((await weir.ask('GET', `/script/${file}/json`)).status).toBe(503);
    },
  );
});
