import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebServer } from '../support/web-server.ts';
import { ScriptUnderTest } from './script-under-test.ts';

/* Script API, section 11: HTTP of others. */

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const KEY_PAIR = {
  key: readFileSync(fixture('first.key.pem'), 'utf8'),
  cert: readFileSync(fixture('first.cert.pem'), 'utf8'),
};

let script: ScriptUnderTest;
let server: WebServer;
let secure: WebServer;
/** Accepts connections, and says nothing. */
let silent: Server;
let silentUrl = '';

beforeAll(async () => {
  script = await ScriptUnderTest.serve([`-Dscript.https.ca=${fixture('first.cert.pem')}`]);
  server = await WebServer.open(({ path, method, headers, body }, response) => {
    const [, what, rest = ''] = path.split('/');
    switch (what) {
      case 'status':
        response.writeHead(Number(rest)).end('x');
        return;
      case 'gzip':
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('packed'));
        return;
      case 'deflate':
        response.writeHead(200, { 'Content-Encoding': 'deflate' }).end(deflateSync('packed'));
        return;
      case 'latin1':
        response
          .writeHead(200, { 'Content-Type': 'text/plain; charset=iso-8859-1' })
          .end(Buffer.from([0xe9]));
        return;
      case 'redirect':
        response.writeHead(Number(rest), { Location: '/echo' }).end();
        return;
      case 'loop':
        response.writeHead(302, { Location: '/loop' }).end();
        return;
      case 'away':
        response.writeHead(302, { Location: secure.url }).end();
        return;
      case 'large':
        response.writeHead(200);
        for (let i = 0; i < 40; i++) response.write(Buffer.alloc(2 ** 20));
        response.end();
        return;
      case 'headers':
        response.writeHead(200, { 'X-Two': ['a', 'b'], 'Content-Type': 'text/plain' }).end('é');
        return;
      case 'cut':
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('x');
        response.socket?.destroy();
        return;
      default:
        response.writeHead(200).end(JSON.stringify({ method, headers, body }));
    }
  });
  secure = await WebServer.open(({ headers }, response) => response.end(JSON.stringify(headers)), KEY_PAIR);
  silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  silentUrl = `http://127.0.0.1:${(silent.address() as { port: number }).port}/`;
});
afterAll(async () => {
  await script.end();
  server.close();
  secure.close();
  silent.close();
});

interface Echo {
  method: string;
  headers: Record<string, string>;
  body: string;
}

const url = (path: string): string => `'${server.url}/${path}'`;
const sent = async (code: string): Promise<Echo> => JSON.parse(String(await script.run(code))) as Echo;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('11 http', () => {
  it('11 gets the body as text', async () => {
    const { method, headers } = await sent(`http(${url('echo')})`);
    expect(method).toBe('GET');
    expect(headers).toMatchObject({ connection: 'close', 'accept-encoding': 'gzip, deflate' });
    expect(headers['user-agent']).toMatch(/^Weir\/\d\S* \(linux; \w+\) Node\/\d/);
  });

  it('11 get takes user, password and Accept', async () => {
    const { headers } = await sent(`http(${url('echo')}, 'get', 'joe', 'secret', 'text/csv')`);
    expect(headers).toMatchObject({ authorization: basic('joe', 'secret'), accept: 'text/csv' });
  });

  it.each(['post', 'put', 'POST'])('11 %s takes type, body, user, password and Accept', async (operation) => {
    const { method, headers, body } = await sent(
      `http(${url('echo')}, '${operation}', 'text/plain', 'é', 'joe', 'secret', 'text/csv')`,
    );
    expect({ method, body }).toEqual({ method: operation.toUpperCase(), body: 'é' });
    expect(headers).toMatchObject({
      'content-type': 'text/plain',
      authorization: basic('joe', 'secret'),
      accept: 'text/csv',
    });
  });

  it('11 makes text of the body', async () => {
    expect((await sent(`http(${url('echo')}, 'post', 'text/plain', 5)`)).body).toBe('5');
    expect((await sent(`http(${url('echo')}, 'post', 'text/plain', {})`)).body).toBe('[object Object]');
  });

  it('11 delete takes no user', async () => {
    const { method, headers } = await sent(`http(${url('echo')}, 'delete', 'joe', 'secret')`);
    expect(method).toBe('DELETE');
    expect(headers).not.toHaveProperty('authorization');
  });

  it('11 unpacks, and reads other character sets', async () => {
    expect(await script.run(`http(${url('gzip')})`)).toBe('packed');
    expect(await script.run(`http(${url('deflate')})`)).toBe('packed');
    expect(await script.run(`http(${url('latin1')})`)).toBe('é');
  });
});

describe('11 http2', () => {
  it('11 gives status, headers, body and url', async () => {
    const answer = (await script.run(`http2({url: ${url('headers')}})`)) as Record<string, unknown>;
    expect(answer).toMatchObject({ status: 200, body: 'é', url: `${server.url}/headers` });
    expect(answer['headers']).toMatchObject({
      null: ['HTTP/1.1 200 OK'],
      'X-Two': ['a', 'b'],
      'Content-Type': ['text/plain'],
    });
  });

  const echoed = (options: string): Promise<Echo> =>
    sent(`http2(${options.replace('{', `{url: ${url('echo')}, `)}).body`);

  it('11 sends headers, operation and body', async () => {
    const { method, headers, body } = await echoed(
      "{operation: 'put', headers: {'Content-Type': 'text/csv', 'X-A': 1}, body: 'a,b'}",
    );
    expect({ method, body }).toEqual({ method: 'PUT', body: 'a,b' });
    expect(headers).toMatchObject({ 'content-type': 'text/csv', 'x-a': '1' });
  });

  it('11 a body means POST', async () => {
    expect(await echoed("{headers: {'content-type': 'text/csv'}, body: 'a'}")).toMatchObject({
      method: 'POST',
      body: 'a',
    });
  });

  it('11 a body is sent with a Content-Type only', async () => {
    expect(await echoed("{body: 'a'}")).toMatchObject({ method: 'POST', body: '' });
  });

  it('11 DELETE may carry a body', async () => {
    expect(
      await echoed("{operation: 'delete', headers: {'Content-Type': 'text/csv'}, body: 'a'}"),
    ).toMatchObject({ method: 'DELETE', body: 'a' });
  });

  it('11 a body that is an object', async () => {
    expect((await echoed("{headers: {'Content-Type': 'text/csv'}, body: {}}")).body).toBe('[object Object]');
  });

  it('11 user and password are sent at once', async () => {
    expect((await echoed("{user: 'joe', password: 'secret'}")).headers['authorization']).toBe(
      basic('joe', 'secret'),
    );
  });

  it('11 type and timeout are ignored', async () => {
    expect((await echoed("{type: 'json', timeout: 1}")).method).toBe('GET');
  });

  it.each([301, 302, 303])('11 follows %d with GET, and gives the url that was asked', async (status) => {
    const options = `{url: ${url(`redirect/${status}`)}, headers: {'Content-Type': 'text/csv'}, body: 'a'}`;
    expect(await sent(`http2(${options}).body`)).toMatchObject({ method: 'GET', body: '' });
    expect(await script.run(`http2(${options}).url`)).toBe(`${server.url}/redirect/${status}`);
  });

  it.each([307, 308])('11 follows %d with the same', async (status) => {
    const options = `{url: ${url(`redirect/${status}`)}, headers: {'Content-Type': 'text/csv'}, body: 'a'}`;
    expect(await sent(`http2(${options}).body`)).toMatchObject({ method: 'POST', body: 'a' });
  });

  it('11 gives up on redirects without end', async () => {
    expect(await script.run(`http2({url: ${url('loop')}}).status`)).toBe(302);
  });

  it('11 speaks TLS with those it may trust, and keeps passwords from another server', async () => {
    expect(await script.run(`http2({url: '${secure.url}/'}).status`)).toBe(200);
    const headers = JSON.parse(
      String(await script.run(`http2({url: ${url('away')}, user: 'joe', password: 'x'}).body`)),
    );
    expect(headers).not.toHaveProperty('authorization');
  });
});

describe('11 httpAsync', () => {
  const later = async (options: string): Promise<unknown> => {
    const code = `var result = {};
      var returned = httpAsync({${options},
        success: function (answer) { result = {success: answer}; },
        error: function (message) { result = {error: message}; }});
      typeof returned`;
    expect(await script.run(code)).toBe('undefined');
    await expect.poll(() => script.run('Object.keys(result).length'), { timeout: 15_000 }).toBe(1);
    return script.run('result');
  };

  it('11 gives success what http2 gives', async () => {
    expect(await later(`url: ${url('headers')}`)).toEqual({
      success: expect.objectContaining({ status: 200, body: 'é', url: `${server.url}/headers` }),
    });
  });

  it('11 the answer is an object of the script', async () => {
    await later(`url: ${url('headers')}`);
    expect(
      await script.run(
        '[result.success instanceof Object, result.success.headers["X-Two"] instanceof Array]',
      ),
    ).toEqual([true, true]);
  });

  it.each([
    [() => `url: ${url('status/404')}`, 'not found'],
    [() => `url: ${url('status/500')}`, /^IO error .*Server returned HTTP response code: 500 for URL: http/],
    [() => "url: 'http://127.0.0.1:1/'", 'IO error java.net.ConnectException: Connection refused'],
    [() => "url: 'nonsense'", /^IO error .*nonsense/],
    [() => `operation: 'patch', url: ${url('echo')}`, 'illegal http operation PATCH'],
    [() => 'headers: {}', 'missing URL'],
  ])('11 gives error a text: %#', async (options, text) => {
    const { error } = (await later(options())) as { error: string };
    if (typeof text === 'string') expect(error).toBe(text);
    else expect(error).toMatch(text);
  });

  it('11 waits 5 s for a server that stays silent', async () => {
    const began = performance.now();
    expect(await later(`url: '${silentUrl}'`)).toEqual({
      error: 'IO error java.net.SocketTimeoutException: Read timed out',
    });
    expect(performance.now() - began).toBeGreaterThan(4500);
  });

  it('11 an answer that came while the script was busy is no timeout', async () => {
    const code = `var busy = {};
      httpAsync({url: ${url('echo')}, success: function () { busy.ok = 1; }, error: function (m) { busy.error = m; }});
      for (var end = Date.now() + 5500; Date.now() < end;); 0`;
    await script.run(code);
    await expect.poll(() => script.run('busy')).toEqual({ ok: 1 });
  });

  it('11 callbacks are not needed', async () => {
    const before = server.got.length;
    await script.run(`httpAsync({url: ${url('echo')}}); httpAsync({url: ${url('status/404')}})`);
    await expect.poll(() => server.got.length).toBe(before + 2);
    expect(await script.run('1')).toBe(1);
  });

  it('11 bounds what is under way', async () => {
    const code = `var refused = [], i;
      for (i = 0; i < 110; i++) httpAsync({url: '${silentUrl}', error: function (m) { refused.push(m); }});`;
    await script.run(code);
    await expect.poll(() => script.run('refused.length')).toBe(10);
    expect(await script.run('refused[0]')).toBe('too many requests under way');
    await expect.poll(() => script.run('refused.length'), { timeout: 10_000 }).toBe(110);
  });
});

describe('11 failures', () => {
  it.each([
    [() => `http(${url('status/404')})`, 'not found'],
    [() => `http2({url: ${url('status/404')}})`, 'not found'],
    [
      () => `http(${url('status/500')})`,
      /IO error .*Server returned HTTP response code: 500 for URL: http:.*\/status\/500$/,
    ],
    [
      () => `http2({url: ${url('status/403')}})`,
      /IO error .*Server returned HTTP response code: 403 for URL: /,
    ],
    [() => "http('http://127.0.0.1:1/')", /Connection refused/],
    [() => "http('nonsense')", /IO error .*nonsense/],
    [() => "http('ftp://127.0.0.1/')", /unknown protocol: ftp/],
    [() => "http('http://127.0.0.1/a b')", /Illegal character/],
    [() => "http('http://nosuch.invalid/')", /UnknownHostException: nosuch.invalid/],
    [() => 'http()', 'missing URL'],
    [() => 'http2()', 'missing URL'],
    [() => 'http2({})', 'missing URL'],
    [() => `http(${url('echo')}, 'patch')`, 'illegal http operation PATCH'],
    [() => `http2({url: ${url('echo')}, operation: 'patch'})`, 'illegal http operation PATCH'],
    [() => `http2({url: ${url('echo')}, headers: {'a b': 1}})`, 'bad header a b'],
    [() => `http2({url: ${url('echo')}, headers: {a: 'x\\ny'}})`, 'bad header a'],
    [() => `http(${url('large')})`, /larger than \d+ bytes/],
    [() => `http(${url('cut')})`, /IO error/],
  ])('11 throws: %#', async (code, text) => {
    const message = await script.fault(code());
    if (typeof text === 'string') expect(message).toBe(`InternalError: ${text}`);
    else expect(message).toMatch(text);
  });

  it('11 a server that stays silent', async () => {
    expect(await script.fault(`http('${silentUrl}')`)).toBe(
      'InternalError: IO error java.net.SocketTimeoutException: Read timed out',
    );
  });

  it('11 a file of certificates that is not there', async () => {
    const other = await ScriptUnderTest.serve(['-Dscript.https.ca=/nosuch/ca.pem']);
    expect(await other.fault(`http(${url('echo')})`)).toMatch(/script\.https\.ca.*\/nosuch\/ca\.pem/);
    expect(await other.run('1')).toBe(1);
    await other.end();
  });

  it('11 a certificate of nobody known', async () => {
    const other = await ScriptUnderTest.serve();
    expect(await other.fault(`http('${secure.url}/')`)).toMatch(/IO error .*self-signed certificate/);
    await other.end();
  });
});
