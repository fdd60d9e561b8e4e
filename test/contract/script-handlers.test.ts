import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoggedFlow, ThresholdEvent } from '../../src/engine/index.ts';
import { ScriptWeir } from '../support/script-weir.ts';
import { tcpHeader } from '../support/synthetic-agent.ts';

/* Script API section 3: threads and handlers. */

const TICKS = `
var ticks = [], calls = [];
function tick(now) { ticks.push(now); calls.push(Date.now()); }
`;

const FILES: Readonly<Record<string, string>> = {
  'second.js': `${TICKS}setIntervalHandler(tick, 1);\nsetHttpHandler(function() { return {ticks: ticks, calls: calls}; });`,
  'default.js': `${TICKS}setIntervalHandler(tick);\nsetHttpHandler(function() { return ticks; });`,
  'half.js': `${TICKS}setIntervalHandler(tick, 0.5);\nsetHttpHandler(function() { return ticks; });`,
  'fraction.js': `${TICKS}setIntervalHandler(tick, 2.5);\nsetHttpHandler(function() { return ticks; });`,
  'missed.js': `${TICKS}setIntervalHandler(tick, 1);
setHttpHandler(function(req) {
  if (req.query.busy) { var end = Date.now() + 3300; while (Date.now() < end); return [ticks.length, end]; }
  return {ticks: ticks, calls: calls};
});`,
  'own-long.js': `${TICKS}
setIntervalHandler(function(now) {
  tick(now);
  if (ticks.length === 1) { var end = Date.now() + 2300; while (Date.now() < end); }
}, 1);
setHttpHandler(function() { return ticks; });`,
  'timers.js': `
var seen = [];
var id = setTimeout(function(a, b) { seen.push([a, b]); }, 10, 'x', 2);
var cleared = setTimeout(function() { seen.push('cleared'); }, 20);
clearTimeout(cleared);
clearTimeout(undefined);
setTimeout(function() { seen.push('no delay'); });
var message;
try { setTimeout('code', 1); } catch (e) { message = e.message; }
setHttpHandler(function() { return {id: typeof id, seen: seen, message: message}; });`,
  'replaces.js': `
setHttpHandler(function() { return 1; });
setHttpHandler(function() { return 2; });
setHttpHandler('not a function');
setIntervalHandler(null); setEventHandler(5); setFlowHandler();
var messages = [];
function twice(set) { try { set(function() {}); set(function() {}); } catch (e) { messages.push(e.name + ': ' + e.message); } }
twice(setIntervalHandler); twice(setEventHandler); twice(setFlowHandler);
clearIntervalHandler(); clearEventHandler(); clearFlowHandler();
setIntervalHandler(function() {}); setEventHandler(function() {}); setFlowHandler(function() {});
setHttpHandler(function() { return {two: 2, messages: messages}; });`,
  'overlap.js': `
var inside = 0, worst = 0, runs = 0;
function work() { inside++; worst = Math.max(worst, inside); runs++; sharedGet('x'); inside--; }
for (var i = 0; i < 20; i++) setTimeout(work, i);
setIntervalHandler(work, 1);
setHttpHandler(function() { work(); return {worst: worst, runs: runs}; });`,
  'events.js': `
var all = [], some = [];
setEventHandler(function(event) { all.push(event); });
setHttpHandler(function() { return all; });`,
  'some-events.js': `
var some = [];
setEventHandler(function(event) { some.push(event.thresholdID); }, ['other', 'second']);
setHttpHandler(function() { return some; });`,
  'flows.js': `
var all = [];
setFlowHandler(function(flow) { all.push(flow); });
setHttpHandler(function() { return all; });`,
  'some-flows.js': `
var some = [];
setFlowHandler(function(flow) { some.push(flow.name); }, ['starts2']);
setHttpHandler(function() { return some; });`,
  'event-fails.js': "setEventHandler(function(event) {\n  event.nothing.at.all;\n}, ['first']);\n",
  'flow-fails.js': "setFlowHandler(function(flow) {\n  throw 'flow';\n}, ['starts']);\n",
  'slow.js': `
setHttpHandler(function(req) {
  if (req.query.busy) { var end = Date.now() + 11000; while (Date.now() < end); }
  return 1;
});`,
};

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve(FILES);
});
afterAll(() => weir.end());

const ticksOf = (file: string, count: number): Promise<number[]> =>
  weir.until(
    () => weir.get<number[]>(`/script/${file}/json`),
    (ticks) => ticks.length >= count,
  );

describe('3 intervals', () => {
  it('ticks are multiples of the period, in epoch ms, one after the other', async () => {
    const { ticks } = await weir.until(
      () => weir.get<{ ticks: number[] }>('/script/second.js/json'),
      (answer) => answer.ticks.length >= 3,
    );
    for (const [i, tick] of ticks.entries()) expect(tick).toBe(ticks[0] + i * 1000);
    expect(ticks[0] % 1000).toBe(0);
    expect(Math.abs(ticks[0] - Date.now())).toBeLessThan(60_000);
  });

  it('no tick comes before its time', async () => {
    const { ticks, calls } = await weir.get<{ ticks: number[]; calls: number[] }>('/script/second.js/json');
    for (const [i, tick] of ticks.entries()) expect(calls[i]).toBeGreaterThanOrEqual(tick);
  });

  it.each([
    ['default.js', 5000],
    ['half.js', 1000],
    ['fraction.js', 2000],
  ])('%s has a period of %i ms', async (file, period) => {
    const ticks = await ticksOf(file, 2);
    expect(ticks[0] % period).toBe(0);
    expect(ticks[1] - ticks[0]).toBe(period);
  });

  it('ticks missed while another handler runs collapse into one late one', async () => {
    const [before] = await weir.get<[number, number]>('/script/missed.js/json?busy=1');
    const { ticks, calls } = await weir.until(
      () => weir.get<{ ticks: number[]; calls: number[] }>('/script/missed.js/json'),
      (answer) => answer.ticks.length >= before + 2,
    );
    const late = before; // the first tick after the handler
    expect(ticks[late] - (ticks[late - 1] ?? ticks[late] - 1000)).toBe(1000);
    expect(calls[late] - ticks[late]).toBeGreaterThan(2000);
    expect(ticks[late + 1] - ticks[late]).toBeGreaterThanOrEqual(3000);
    expect(calls[late + 1] - ticks[late + 1]).toBeLessThan(1000);
  });

  it('ticks that fall due while the interval handler runs are dropped', async () => {
    const ticks = await ticksOf('own-long.js', 3);
    expect(ticks[1] - ticks[0]).toBe(3000);
    expect(ticks[2] - ticks[1]).toBe(1000);
  });
});

describe('3 timers', () => {
  it('fire once, with their arguments; cleared ones do not; a function is needed', async () => {
    const answer = await weir.until(
      () => weir.get<{ seen: unknown[] }>('/script/timers.js/json'),
      ({ seen }) => seen.length >= 2,
    );
    expect(answer).toEqual({
      id: 'number',
      seen: ['no delay', ['x', 2]],
      message: 'Expected first argument to be a function',
    });
  });
});

describe('3 handlers', () => {
  it('a second one is refused until the first is cleared, but for HTTP', async () =>
    expect(await weir.get('/script/replaces.js/json')).toEqual({
      two: 2,
      messages: [
        'InternalError: intervalHandler already defined',
        'InternalError: eventHandler already defined',
        'InternalError: flowHandler already defined',
      ],
    }));

  it('never overlap', async () => {
    const answer = await weir.until(
      () => weir.get<{ worst: number; runs: number }>('/script/overlap.js/json'),
      ({ runs }) => runs >= 25,
    );
    expect(answer.worst).toBe(1);
  });
});

describe('3 events and flows', () => {
  const agent = '198.18.0.1';

  beforeAll(async () => {
    const synthetic = weir.weir.agent();
    expect(synthetic.address).toBe(agent);
    for (const name of ['starts', 'starts2'])
      await weir.weir.set(`/flow/${name}/json`, {
        keys: 'ipsource,ipdestination',
        value: 'bytes',
        values: 'count:ipsource',
        log: true,
        flowStart: true,
      });
    await weir.weir.set('/flow/load/json', { keys: 'ipsource', value: 'bytes' });
    for (const name of ['first', 'second'])
      await weir.weir.set(`/threshold/${name}/json`, { metric: 'load', value: 1, byFlow: true });
    const packet = tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' });
    await weir.weir.deliver(synthetic.datagram([synthetic.flow([packet])]));
  });

  it('an event has the members of the contract, in their order', async () => {
    const events = await weir.until(
      () => weir.get<ThresholdEvent[]>('/script/events.js/json'),
      ({ length }) => length >= 2,
    );
    expect(Object.keys(events[0])).toEqual(
      'agent dataSource metric threshold value timestamp thresholdID eventID flowKey'.split(' '),
    );
    expect(events.map(({ thresholdID }) => thresholdID).sort()).toEqual(['first', 'second']);
    expect(events[0]).toMatchObject({ agent, metric: 'load', threshold: 1, flowKey: '10.0.0.1' });
    expect(await weir.status('events.js')).toMatchObject({ eventsReceived: 2, eventsLost: 0 });
  });

  it('a list of thresholds filters', async () => {
    const names = await weir.until(
      () => weir.get<string[]>('/script/some-events.js/json'),
      ({ length }) => length >= 1,
    );
    expect(names).toEqual(['second']);
    expect((await weir.status('some-events.js')).eventsReceived).toBe(1);
  });

  it('a flow record has the members of the contract', async () => {
    const flows = await weir.until(
      () => weir.get<LoggedFlow[]>('/script/flows.js/json'),
      ({ length }) => length >= 2,
    );
    expect(Object.keys(flows[0])).toEqual(
      'name agent dataSource value start end flowID flowKeys values'.split(' '),
    );
    expect(flows[0]).toMatchObject({ agent, flowKeys: '10.0.0.1,10.0.0.2', value: 100_000 });
    expect(flows[0].end).toBe(flows[0].start);
    expect(await weir.status('flows.js')).toMatchObject({ flowsReceived: 2, flowsLost: 0 });
  });

  it('a list of flows filters', async () => {
    const names = await weir.until(
      () => weir.get<string[]>('/script/some-flows.js/json'),
      ({ length }) => length >= 1,
    );
    expect(names).toEqual(['starts2']);
  });

  it.each([
    ['event-fails.js', /^event-fails\.js event-fails\.js#2 TypeError: /],
    ['flow-fails.js', /^flow-fails\.js flow-fails\.js#2 flow$/],
  ])('%s: what a handler throws ends its script', async (file, error) => {
    expect((await weir.ended(file)).error).toMatch(error);
  });
});

describe('3 a handler that takes its time', () => {
  it('delays its own script only; clients get 503 after 10 s, and their requests are handled later', async () => {
    const asked = Date.now();
    const slow = weir.ask('GET', '/script/slow.js/json?busy=1');
    await sleep(100);
    const queued = weir.ask('GET', '/script/slow.js/json');
    expect(await weir.get('/script/overlap.js/json')).toMatchObject({ worst: 1 });
    expect(await slow).toMatchObject({ status: 503, text: '' });
    expect(Date.now() - asked).toBeGreaterThan(9900);
    expect(await queued).toMatchObject({ status: 503, text: '' });
    await weir.until(
      () => weir.status('slow.js'),
      ({ requestsReceived }) => requestsReceived === 2,
    );
    expect(await weir.get('/script/slow.js/json')).toBe(1);
    expect(weir.log).toContainEqual(
      expect.stringMatching(/^slow\.js its http handler has been running for \d+ s$/),
    );
  });
});
