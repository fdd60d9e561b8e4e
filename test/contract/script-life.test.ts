import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';

/* Script API section 1: where scripts live, how they start, how they end, and what tells of them. */

const HANDLER = 'setHttpHandler(function() { return 1; });\n';

/** Scripts that fail, by their file: what comes after `FILE FILE#` in the log. */
const FAILURES: Readonly<Record<string, readonly [text: string, fault: string]>> = {
  'undefined-name.js': ['var a = 1;\n\nnope();\n', '3 ReferenceError: "nope" is not defined.'],
  'throws-text.js': ["\nthrow 'some text';\n", '2 some text'],
  'throws-number.js': ['\n\nthrow 5;\n', '3 5'],
  'throws-object.js': ['throw {a: 1};\n', '1 [object Object]'],
  'throws-error.js': ["\nthrow new Error('mine');\n", '2 Error: mine'],
  'interval.js': ["setIntervalHandler(function() {\n  throw 'tick';\n}, 1);\n", '2 tick'],
  'timer.js': ['setTimeout(function() {\n  nope();\n}, 1);\n', '2 ReferenceError: "nope" is not defined.'],
  'include-missing.js': [
    "\ninclude('nowhere.js');\n",
    '2 InternalError: nowhere.js (No such file or directory)',
  ],
  'twice.js': [
    'var f = function() {};\nsetIntervalHandler(f);\nsetIntervalHandler(f);\n',
    '3 InternalError: intervalHandler already defined',
  ],
};

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve(
    {
      ...Object.fromEntries(Object.entries(FAILURES).map(([file, [text]]) => [file, text])),
      'syntax.js': 'var a = 1;\nvar b = ;\n',
      'inc-fails.js': '\n\nnope();\n',
      'includes.js': "include('inc-fails.js');\n",
      'inc-syntax.js': '\nvar c = ;\n',
      'includes-syntax.js': "include('inc-syntax.js');\n",
      'done.js': "logInfo('at work');\n",
      'timer-only.js': "setTimeout(function() { logInfo('timer fired'); }, 300);\n",
      'cleared.js': 'setHttpHandler(function() { return 1; });\nclearHttpHandler();\n',
      'meta.js': `\n// author: A. Nyone\n// version:  1.2 \n// url: http://192.0.2.1/\n// date: 2026-01-01\n${HANDLER}// description: too late\n`,
      'wrapped.js':
        '// wrapglobals: rt\nrt.setHttpHandler(function() { return {bare: typeof logInfo, json: typeof JSON, ' +
        'dir: rt.scriptdir(), keys: Object.keys(rt), many: Object.getOwnPropertyNames(rt).length > 20}; });\n',
      'included-scope.js':
        "include('inc-globals.js');\nvar again = include();\nsetHttpHandler(function() { return [fromInclude(), second, typeof again, dir]; });\n",
      'inc-globals.js': 'var second = 2, dir = scriptdir();\nfunction fromInclude() { return 1; }\n',
      'app/one/scripts/a.js': `logInfo('dir ' + scriptdir());\nvar mine = 1;\n${HANDLER}`,
      'app/one/scripts/b.js': 'setHttpHandler(function() { return typeof mine; });\n',
      'app/one/scripts/inc/c.js': "logInfo('never run');\n",
      'app/one/scripts/notes.txt': 'not a script',
      'app/one/html/index.html': '<h1>one</h1>',
      'app/one/html/sub/index.html': '<h1>sub</h1>',
      'app/one/html/data.json': '{}',
      'app/one/README.md': 'not shown',
      'app/pages/html/index.html': '<h1>pages</h1>',
      'app/broken/scripts/x.js': 'nope();\n',
      'app/empty/README.md': 'no application',
    },
    '-Dhttp.readonly=yes',
  );
  await weir.until(
    () => weir.log,
    (log) => log.filter((line) => line.endsWith(' stopped')).length >= Object.keys(FAILURES).length + 7,
  );
});
afterAll(() => weir.end());

describe('1 scripts that end', () => {
  it.each(Object.entries(FAILURES))('%s says why, and is not started again', async (file, [, fault]) => {
    const { log } = weir;
    const at = log.indexOf(`${file} ${file}#${fault}`);
    expect(log, log.join('\n')).toContain(`${file} ${file}#${fault}`);
    expect(log.indexOf(`${file} started`)).toBeLessThan(at);
    expect(log.indexOf(`${file} stopped`)).toBeGreaterThan(at);
    expect(await weir.status(file)).toMatchObject({
      alive: false,
      cpuMs: 0,
      gracefulExit: false,
      error: `${file} ${file}#${fault}`,
    });
    expect(log.filter((line) => line === `${file} started`)).toHaveLength(1);
  });

  it('a file that is no program has its line and the words of the engine', () => {
    expect(weir.log).toContainEqual(expect.stringMatching(/^syntax\.js syntax\.js#2 syntax error\b/));
  });

  it('a fault in an included file is told with that file', () => {
    expect(weir.log).toContain('includes.js inc-fails.js#3 ReferenceError: "nope" is not defined.');
    expect(weir.log).toContainEqual(
      expect.stringMatching(/^includes-syntax\.js inc-syntax\.js#2 syntax error\b/),
    );
  });

  it.each(['done.js', 'timer-only.js', 'cleared.js'])(
    '%s ends in order when nothing is left',
    async (file) => {
      const status = await weir.ended(file);
      expect(status).toMatchObject({ alive: false, gracefulExit: true, cpuMs: 0 });
      expect(status.error).toBeUndefined();
      expect(weir.log).toContain(`${file} stopped`);
    },
  );

  it('a timer keeps its script alive', () => {
    expect(weir.log.indexOf('timer fired')).toBeLessThan(weir.log.indexOf('timer-only.js stopped'));
    expect(weir.log).toContain('timer fired');
  });
});

describe('1 keys, folders and isolation', () => {
  it('a script of an application has its name before its own', async () => {
    expect(await weir.get('/apps/json')).toEqual({
      broken: { scripts: ['broken~x.js'] },
      one: { scripts: ['one~a.js', 'one~b.js'], entry: '/html/' },
      pages: { scripts: [], entry: '/html/' },
    });
  });

  it('only files directly in scripts/ are run', () => expect(weir.log).not.toContain('never run'));

  it('scriptdir is relative to the working directory', () =>
    expect(weir.log).toContain('dir app/one/scripts'));

  it('globals are not shared, not even in an application', async () =>
    expect(await weir.get('/script/one~b.js/json')).toBe('undefined'));

  it('include runs a file in the global scope; scriptdir stays', async () =>
    expect(await weir.get('/script/included-scope.js/json')).toEqual([1, 2, 'undefined', '.']));

  it('wrapglobals puts all functions into an object', async () =>
    expect(await weir.get('/script/wrapped.js/json')).toEqual({
      bare: 'undefined',
      json: 'object',
      dir: '.',
      keys: [],
      many: true,
    }));
});

describe('1 /scripts/json', () => {
  it('has the counters and what the head of the file says', async () => {
    const status = await weir.status('meta.js');
    expect(status).toEqual({
      author: 'A. Nyone',
      version: '1.2',
      date: '2026-01-01',
      flowsReceived: 0,
      flowsLost: 0,
      eventsReceived: 0,
      eventsLost: 0,
      requestsReceived: expect.any(Number),
      requestsLost: 0,
      cpuMs: expect.any(Number),
      alive: true,
    });
    expect(status.cpuMs).toBeGreaterThan(0);
  });

  it('requests are counted', async () => {
    const before = (await weir.status('meta.js')).requestsReceived;
    await weir.get('/script/meta.js/json');
    expect((await weir.status('meta.js')).requestsReceived).toBe(before + 1);
  });
});

describe('1 status', () => {
  it.each([
    ['/app/one/status', 200, 'OK\n'],
    ['/app/pages/status', 200, 'OK\n'],
    ['/app/broken/status', 503, 'UNAVIALABLE\n'],
    ['/status', 503, 'UNAVIALABLE\n'],
  ])('%s is %i', async (path, status, text) => {
    const answer = await weir.ask('GET', path);
    expect([answer.status, answer.text]).toEqual([status, text]);
  });

  it.each(['/app/empty/status', '/app/nope/status'])('%s is not there', async (path) =>
    expect((await weir.ask('GET', path)).status).toBe(404),
  );
});

describe('1 static pages', () => {
  it.each([
    ['/app/one/html', '/app/one/html/'],
    ['/app/one/html/', '/app/one/html/index.html'],
    ['/app/one/html/sub', '/app/one/html/sub/'],
    ['/app/one/html/sub/', '/app/one/html/sub/index.html'],
  ])('%s leads to %s', async (path, to) => {
    const { status, headers } = await weir.ask('GET', path);
    expect([status, headers.location]).toEqual([302, to]);
  });

  it.each([
    ['/app/one/html/index.html', '<h1>one</h1>', 'text/html;charset=utf-8'],
    ['/app/one/html/sub/index.html', '<h1>sub</h1>', 'text/html;charset=utf-8'],
    ['/app/one/html/data.json', '{}', 'application/json'],
  ])('%s is a file', async (path, text, type) => {
    const answer = await weir.ask('GET', path);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([200, text, type]);
  });

  it.each([
    '/app/one/html/nope.html',
    '/app/one/',
    '/app/one',
    '/app/one/README.md',
    '/app/one/scripts/inc/c.js',
    '/app/one/scripts/a.js',
    '/app/',
    '/app/broken/html/index.html',
    '/app/nope/html/index.html',
    '/app/one/html/../README.md',
    '/app/one/html/..%2FREADME.md',
    '/app/one/html/%2e%2e/README.md',
    '/app/one/html/sub/..%2f..%2f..%2fREADME.md',
    '/app/one/html//etc/passwd',
    '/app/one/html/index.html%00',
  ])('%s is not there', async (path) => expect((await weir.ask('GET', path)).status).toBe(404));

  it('http.readonly does not keep requests from scripts', async () =>
    expect((await weir.ask('POST', '/script/meta.js/json', { body: '{}' })).status).toBe(200));
});

describe('1 an application of the same name as one that comes with Weir', () => {
  it('takes its place', async () => {
    const own = await ScriptWeir.serve(
      { 'app/prometheus/scripts/export.js': "setHttpHandler(function() { return 'own'; });\n" },
      '-Dapp.bundled=prometheus',
    );
    try {
      expect(await own.get('/apps/json')).toMatchObject({
        prometheus: { scripts: ['prometheus~export.js'] },
      });
      await own.until(
        () => own.log,
        (log) => log.includes('app/prometheus/scripts/export.js started'),
      );
      expect(await own.get('/app/prometheus/scripts/export.js/json')).toBe('own');
    } finally {
      await own.end();
    }
  });
});
