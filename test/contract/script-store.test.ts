import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';

/* Script API section 9: store, shared memory, properties, logs. */

/** Runs the body of a function that a client sends, and answers what it gives, or what it throws. */
const RUN = `setHttpHandler(function(req) {
  var result;
  try { result = Function(req.body.code)(); } catch (e) { return {thrown: e.name + ': ' + e.message}; }
  return {value: result, type: typeof result};
});
`;

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve(
    {
      'a.js': RUN,
      'b.js': RUN,
      'app/one/scripts/a.js': RUN,
      'writes-at-once.js': "storeSet('k', 1);\nlogInfo('kept ' + storeGet('k'));\n",
    },
    '-Dscript.store=kept',
    '-Dmy.own=a value',
    '-Dempty=',
  );
});
afterAll(() => weir.end());

interface Result {
  readonly value?: unknown;
  readonly type?: string;
  readonly thrown?: string;
}

async function run(code: string, key = 'a.js'): Promise<Result> {
  const { text } = await weir.ask('POST', `/script/${key}/json`, { body: JSON.stringify({ code }) });
  return JSON.parse(text) as Result;
}

const result = async (code: string, key?: string): Promise<unknown> => (await run(code, key)).value;

describe.each(['store', 'shared'])('9 %s', (store) => {
  it('keeps JSON values', async () => {
    const value = { text: 'é€', list: [1, null, { deep: true }], number: 1.5 };
    await run(`${store}Set('value', ${JSON.stringify(value)})`);
    expect(await result(`return ${store}Get('value')`)).toEqual(value);
  });

  it('a missing key is undefined', async () =>
    expect(await run(`return ${store}Get('missing')`)).toEqual({ type: 'undefined' }));

  it('keys are listed, and go when deleted', async () => {
    await run(`${store}Set('one', 1); ${store}Set('two', 2)`);
    expect(await result(`return ${store}Keys()`)).toEqual(expect.arrayContaining(['one', 'two']));
    await run(`${store}Delete('one'); ${store}Delete('never was')`);
    const keys = await result(`return ${store}Keys()`);
    expect(keys).toContain('two');
    expect(keys).not.toContain('one');
  });

  it.each(['undefined', 'null'])('%s is not kept', async (nothing) => {
    await run(`${store}Set('nothing', 1); ${store}Set('nothing', ${nothing})`);
    expect(await run(`return ${store}Get('nothing')`)).toEqual({ type: 'undefined' });
    expect(await result(`return ${store}Keys()`)).not.toContain('nothing');
  });

  it('false, 0 and the empty text are kept', async () => {
    await run(`${store}Set('f', false); ${store}Set('z', 0); ${store}Set('e', '')`);
    expect(await result(`return [${store}Get('f'), ${store}Get('z'), ${store}Get('e')]`)).toEqual([
      false,
      0,
      '',
    ]);
  });

  it('a date comes back as text', async () =>
    expect(await run(`${store}Set('date', new Date(0)); return ${store}Get('date')`)).toEqual({
      value: '1970-01-01T00:00:00.000Z',
      type: 'string',
    }));

  it('a copy is kept and given', async () =>
    expect(
      await result(
        `var v = {n: 1}; ${store}Set('copy', v); v.n = 2; ${store}Get('copy').n = 3; return ${store}Get('copy')`,
      ),
    ).toEqual({ n: 1 }));

  it('what is no JSON throws', async () =>
    expect((await run(`var o = {}; o.o = o; ${store}Set('cyclic', o)`)).thrown).toMatch(/^TypeError: /));
});

describe('9 shared memory', () => {
  it('is common to all scripts', async () => {
    await run("sharedSet('common', {from: 'a'})");
    expect(await result("return sharedGet('common')", 'b.js')).toEqual({ from: 'a' });
    expect(await result("return sharedGet('common')", 'one~a.js')).toEqual({ from: 'a' });
  });

  it('a function makes getting it throw', async () =>
    expect((await run("sharedSet('f', function() {}); return sharedGet('f')")).thrown).toMatch(
      /^SyntaxError: /,
    ));

  it('takes any key', async () => {
    await run("sharedSet('a/b', 1); sharedSet('__proto__', 2); sharedSet(3, 3)");
    expect(await result("return [sharedGet('a/b'), sharedGet('__proto__'), sharedGet('3')]")).toEqual([
      1, 2, 3,
    ]);
  });

  it('has a bound', async () => {
    const { thrown } = await run(
      "var big = 'x'.repeat(30000000); for (var i = 0; i < 5; i++) sharedSet('big' + i, big)",
      'b.js',
    );
    expect(thrown).toMatch(/^InternalError: shared memory is full/);
    await run("sharedKeys().forEach(function(key) { if (key.startsWith('big')) sharedDelete(key); })");
    expect(await result("sharedSet('small', 1); return sharedGet('small')")).toBe(1);
  });
});

describe('9 store', () => {
  it('is a file of JSON with one blank of indent for each key, in a folder for each script', async () => {
    await run("storeSet('file', {a: [1]})", 'one~a.js');
    expect(readFileSync(join(weir.folder, 'kept', 'one~a.js', 'file'), 'utf8')).toBe(
      '{\n "a": [\n  1\n ]\n}',
    );
    expect(await run("return storeGet('file')", 'b.js')).toEqual({ type: 'undefined' });
  });

  it('its folder is made at the start', () =>
    expect(readdirSync(join(weir.folder, 'kept')).sort()).toEqual([
      'a.js',
      'b.js',
      'one~a.js',
      'writes-at-once.js',
    ]));

  it('no temporary file is left', async () => {
    await run("storeSet('whole', 'x'.repeat(1000000))");
    expect(readdirSync(join(weir.folder, 'kept', 'a.js')).filter((name) => name.endsWith('.bld'))).toEqual(
      [],
    );
  });

  it('works at top level', async () => {
    await weir.ended('writes-at-once.js');
    expect(weir.log).toContain('kept 1');
  });

  it.each(['a/b', '../b.js/stolen', '/etc/passwd', '', '.', '..', 'a\\0b', 'x'.repeat(300), 'x.bld'])(
    'the key %j throws, and nothing is written',
    async (key) => {
      const before = readdirSync(weir.folder, { recursive: true }).sort();
      for (const call of ['storeSet(KEY, 1)', 'storeGet(KEY)', 'storeDelete(KEY)'])
        expect((await run(call.replace('KEY', `'${key}'`))).thrown).toMatch(/^InternalError: IO error /);
      expect(readdirSync(weir.folder, { recursive: true }).sort()).toEqual(before);
    },
  );

  it.each(['with blank', 'é€', '.hidden', '__proto__', 'A', 'a', '%2e%2e', 'a\\\\b', '*?', 'con'])(
    'the key %j is kept',
    async (key) => {
      await run(`storeSet('${key}', '${key}!')`);
      expect(await result(`return storeGet('${key}') === '${key}!' && storeKeys().includes('${key}')`)).toBe(
        true,
      );
    },
  );

  it('a file that somebody broke throws', async () => {
    weir.write('kept/a.js/broken', '{');
    expect((await run("return storeGet('broken')")).thrown).toMatch(/^SyntaxError: /);
  });
});

describe('9 properties and environment', () => {
  it.each([
    ["getSystemProperty('my.own')", 'a value'],
    ["getSystemProperty('empty')", ''],
    ["getSystemProperty('not.set')", null],
    ["getSystemProperty('constructor')", null],
    ["getSystemProperty('bgp.port')", '1179'],
    ["getSystemPropertyNames().includes('my.own')", true],
    ['getSystemPropertyNames() instanceof Array', true],
    ["getenv('PATH') === null", false],
    ["getenv('WEIR_STORE_PERSIST')", 'no'],
    ["getenv('NOT_SET_ANYWHERE')", null],
    ['getenv()', null],
  ])('%s', async (code, value) => expect(await result(`return ${code}`)).toBe(value));
});

describe('9 logs', () => {
  it.each([
    ["logInfo('a', 1, {b: 2}, [1, 2], null, undefined, true)", 'a 1 [object Object] 1,2 null undefined true'],
    ["logWarning('careful')", 'careful'],
    ["logSevere('bad')", 'bad'],
    ["logInfo('two\\nlines')", 'two\nlines'],
  ])('%s', async (code, line) => {
    await run(code);
    await weir.until(
      () => weir.log,
      (log) => log.includes(line),
    );
  });

  it('logFine is below the default level', async () => {
    await run("logFine('too fine'); logInfo('after it')");
    await weir.until(
      () => weir.log,
      (log) => log.includes('after it'),
    );
    expect(weir.log).not.toContain('too fine');
  });
});
