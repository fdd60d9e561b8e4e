import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';
import { tcpHeader } from '../support/synthetic-agent.ts';

/* Scripts that misbehave: only they suffer, and the log and /scripts/json say why. */

const ALIVE = "setHttpHandler(function() { return 'alive'; });\n";

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve(
    {
      'good.js': `var ticks = 0;\nsetIntervalHandler(function() { ticks++; }, 1);\n${ALIVE}`,
      'loops.js': 'setHttpHandler(function(req) { while (true); });\n',
      'loops-at-start.js': 'while (true);\n',
      'waits.js': "setIntervalHandler(function() { while (true) sharedGet('x'); }, 1);\n",
      'leaks.js':
        'var all = [];\nsetIntervalHandler(function() { for (;;) all.push(new Array(1000).fill(all.length)); }, 1);\n',
      'leaks-text.js':
        "var all = [];\nsetIntervalHandler(function() { for (;;) all.push(Array.from({length: 1000}, function(_, i) 'text ' + i)); }, 1);\n",
      'leaks-buffers.js':
        'var all = [];\nsetIntervalHandler(function() { for (var i = 0; i < 50; i++) all.push(new Uint8Array(5e6).fill(1)); }, 1);\n',
      'large.js': "setHttpHandler(function() { return 'x'.repeat(2 ** 29); });\n",
      'timers.js': `
var made = 0, fired = 0, message;
try { for (;;) { setTimeout(function() { fired++; }, 1500); made++; } } catch (e) { message = e.message; }
setHttpHandler(function() { return {made: made, fired: fired, message: message}; });`,
      'cyclic.js':
        "var o = {};\no.o = o;\nsetHttpHandler(function(req) {\n  if (req.query.shared) sharedSet('c', o);\n  return o;\n});\n",
      'queue.js':
        'setFlowHandler(function() { var end = Date.now() + 50; while (Date.now() < end); });\nsetHttpHandler(function() { return 1; });\n',
      'requests.js':
        'setHttpHandler(function() { var end = Date.now() + 1000; while (Date.now() < end); return 1; });\n',
      'talks.js':
        "setHttpHandler(function() { for (var i = 0; i < 200000; i++) logInfo('line ' + i); return 'said'; });\n",
      'logs-much.js': "setTimeout(function() { logInfo('x'.repeat(10000000)); logInfo('said much'); }, 1);\n",
      'missing.js': "\ninclude('nowhere.js');\n",
      'deep.js':
        'setHttpHandler(function() { var o = {}; for (var i = 0; i < 1e5; i++) o = {o: o}; return o; });\n',
      'getter.js':
        'setHttpHandler(function() { throw {get name() { throw 1; }, toString: function() { throw 2; }}; });\nsetTimeout(function() { throw {toString: function() { throw 3; }, get stack() { throw 4; }}; }, 1);\n',
      'breaks-globals.js':
        'Array.prototype.push = null; Object.keys = null; JSON.parse = null; Promise = null; Error = null; Object.prototype.polluted = 1; globalThis.Reflect = null;\nsetHttpHandler(function(req) { return [req.query.x, sharedKeys() instanceof Array]; });\n',
      'exits.js':
        'setHttpHandler(function() { return typeof process + typeof require + typeof (function() { return this; })().process; });\n',
      'rejects.js':
        "for (var i = 0; i < 10; i++) Promise.reject(i);\nsetHttpHandler(function() { return 'alive'; });\n",
      'app/bad/scripts/bad.js': 'this is no program\n',
      'app/bad/html/index.html': '<h1>bad</h1>',
    },
    '-Dscript.memory=64M',
    '-Dscript.timeout=4',
    '-Dscript.queue=20',
  );
});
afterAll(() => weir.end());

const restOfTheProgramIsWell = async (): Promise<void> => {
  expect(await weir.get('/script/good.js/json')).toBe('alive');
  expect((await weir.ask('GET', '/version')).status).toBe(200);
};

describe('a script that', () => {
  it('loops for ever in a handler is ended', async () => {
    const answer = weir.ask('GET', '/script/loops.js/json');
    await restOfTheProgramIsWell();
    const { error, gracefulExit } = await weir.ended('loops.js');
    expect(error).toMatch(
      /^loops\.js its http handler has run for \d+ s: longer than script\.timeout allows$/,
    );
    expect(gracefulExit).toBe(false);
    expect((await answer).status).toBe(503);
    expect(weir.log).toContain(error);
    expect(weir.log).toContain('loops.js stopped');
  });

  it('loops for ever at its top level is ended', async () =>
    expect((await weir.ended('loops-at-start.js')).error).toMatch(
      /^loops-at-start\.js its top level has run/,
    ));

  it('loops for ever in calls is ended', async () =>
    expect((await weir.ended('waits.js')).error).toMatch(/^waits\.js its interval handler has run/));

  it.each(['leaks.js', 'leaks-text.js', 'leaks-buffers.js'])('leaks memory is ended: %s', async (file) => {
    expect((await weir.ended(file)).error).toContain('out of memory');
    await restOfTheProgramIsWell();
  });

  it('answers more than there is room for is ended, or the answer is refused', async () => {
    const { status } = await weir.ask('GET', '/script/large.js/json');
    expect(status).toBe(503);
    await restOfTheProgramIsWell();
  });

  it('makes timers without end gets 10,000, and they fire', async () => {
    const answer = await weir.until(
      () => weir.get<{ made: number; fired: number; message: string }>('/script/timers.js/json'),
      ({ fired }) => fired >= 10_000,
    );
    expect(answer).toEqual({
      made: 10_000,
      fired: 10_000,
      message: 'too many timers: there are 10000 already',
    });
  });

  it('returns cyclic objects answers with their text; a cyclic argument ends it', async () => {
    expect((await weir.ask('GET', '/script/cyclic.js/json')).text).toBe('[object Object]');
    expect((await weir.ask('GET', '/script/cyclic.js/json?shared=1')).status).toBe(503);
    expect((await weir.ended('cyclic.js')).error).toMatch(/^cyclic\.js cyclic\.js#4 TypeError: .*circular/);
  });

  it('returns an object of a hundred thousand levels lives, or is ended', async () => {
    expect([200, 503]).toContain((await weir.ask('GET', '/script/deep.js/json')).status);
    await restOfTheProgramIsWell();
  });

  it('fills its queue of flows loses some, and they are counted', async () => {
    await weir.weir.set('/flow/many/json', {
      keys: 'tcpsourceport',
      value: 'bytes',
      log: true,
      flowStart: true,
    });
    const agent = weir.weir.agent();
    for (let i = 0; i < 20; i++) {
      const samples = Array.from({ length: 6 }, (_, j) =>
        agent.flow([
          tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 1000 + 6 * i + j }),
        ]),
      );
      await weir.weir.deliver(agent.datagram(samples));
    }
    const { flowsReceived, flowsLost, alive } = await weir.until(
      () => weir.status('queue.js'),
      (status) => status.flowsReceived + status.flowsLost === 120,
    );
    expect(alive).toBe(true);
    expect(flowsLost).toBeGreaterThan(0);
    expect(flowsReceived).toBeGreaterThanOrEqual(20);
  });

  it('is asked too much refuses at once, and counts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () =>
        Promise.all(Array.from({ length: 4 }, () => fetchStatus('/script/requests.js/json'))),
      ),
    );
    const statuses = answers.flat();
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect((await weir.status('requests.js')).requestsLost).toBeGreaterThan(0);
  });

  it('logs without end loses lines, and is told', async () => {
    expect(await weir.get('/script/talks.js/json')).toBe('said');
    await weir.get('/script/talks.js/json');
    await weir.until(
      () => weir.log,
      (log) => log.some((line) => /^talks\.js logs too fast: \d+ lines were lost$/.test(line)),
    );
  });

  it('logs a line of ten million letters has it cut', async () => {
    const log = await weir.until(
      () => weir.log,
      (lines) => lines.includes('said much'),
    );
    expect(Math.max(...log.map(({ length }) => length))).toBeLessThan(100_000);
  });

  it('includes a missing file is ended', async () =>
    expect((await weir.ended('missing.js')).error).toBe(
      'missing.js missing.js#2 InternalError: nowhere.js (No such file or directory)',
    ));

  it('throws what cannot be told is ended all the same', async () =>
    expect((await weir.ended('getter.js')).error).toMatch(/^getter\.js getter\.js#\d /));

  it('breaks its own built-ins hurts nobody else', async () => {
    const { status, text } = await weir.ask('GET', '/script/breaks-globals.js/json?x=1');
    if (status === 200) expect(JSON.parse(text)).toEqual([['1'], true]);
    await restOfTheProgramIsWell();
  });

  it('looks for Node finds none', async () =>
    expect(await weir.get('/script/exits.js/json')).toBe('undefinedundefinedundefined'));

  it('leaves promises rejected lives', async () =>
    expect(await weir.get('/script/rejects.js/json')).toBe('alive'));

  it('is no program leaves its application with its pages', async () => {
    expect((await weir.ask('GET', '/app/bad/html/index.html')).text).toBe('<h1>bad</h1>');
    expect((await weir.ask('GET', '/app/bad/status')).status).toBe(503);
    expect((await weir.status('bad~bad.js')).error).toMatch(/#1 syntax error/);
  });
});

it('nothing of it has hurt the program', async () => {
  await restOfTheProgramIsWell();
  expect((await weir.status('good.js')).alive).toBe(true);
  expect(weir.log.filter((line) => line.includes('receiving has ended'))).toEqual([]);
});

/** On a connection of its own: those of the client under test are few. */
async function fetchStatus(path: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${weir.weir.httpPort}${path}`);
  await response.arrayBuffer();
  return response.status;
}
