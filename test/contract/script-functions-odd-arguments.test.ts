import { afterAll, beforeAll, expect, it } from 'vitest';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { ScriptUnderTest } from './script-under-test.ts';

/*
 * Every function with arguments that nobody would give: it gives a value, or throws an error of the script's own kind.
 * Neither the script nor Weir comes to harm.
 */

let script: ScriptUnderTest;
beforeAll(async () => {
  script = await ScriptUnderTest.serve();
});
afterAll(() => script.end());

const PREPARE = `
var cyclic = {}; cyclic.self = cyclic;
var strange = [
  undefined, null, true, NaN, -1, 1e308, 2 ** 53, Infinity, '', ' ', 'x', '192.0.2.1', 'ALL', '__proto__', '\\0', '\\ud800',
  'a'.repeat(100000), 10n, Symbol('s'), function () {}, [], [[]], [null], ['x'], {}, cyclic, Object.create(null),
  new Date(NaN), /x/, new Map(), new Proxy({}, { get: function () { throw new Error('no'); } }),
  { toString: function () { throw new Error('no'); } }, { get value() { throw new Error('no'); } },
  new Proxy([], {}), new Uint8Array(4), Promise.resolve(1)
];
var SKIPPED = ['evaluate', 'eval', 'tryAll', 'setHttpHandler', 'clearHttpHandler', 'decodeURI', 'decodeURIComponent',
  'encodeURI', 'encodeURIComponent', 'escape', 'unescape', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'];
function tryAll(name) {
  var call = globalThis[name], faults = [];
  var lists = [[]];
  strange.forEach(function (one) {
    lists.push([one], [one, one], ['x', one], ['x', one, one, one], ['x', 'x', one], ['192.0.2.1', '1', one, one, one, one, one]);
  });
  lists.forEach(function (args) {
    try { call.apply(undefined, args); }
    catch (error) { if (!(error instanceof Error)) faults.push(Object.prototype.toString.call(error)); }
  });
  return { faults: faults };
}
Object.getOwnPropertyNames(globalThis).filter(function (name) {
  return /^[a-z]/.test(name) && typeof globalThis[name] === 'function' && SKIPPED.indexOf(name) < 0;
})`;

it('does no harm', { timeout: 240_000 }, async () => {
  const names = (await script.run(`var outcome;${PREPARE}`)) as string[];
  expect(names.length).toBeGreaterThan(115);
  for (const name of names) {
    // Some wait for name servers, longer than a request may take.
    await script.run(`outcome = undefined; setTimeout(function () { outcome = tryAll('${name}'); }, 0); 0`);
    const outcome = () => script.run('outcome').catch(() => undefined);
    await expect.poll(outcome, { timeout: 60_000, message: name }).toMatchObject({ faults: [] });
  }
  // Both are as well as before.
  await script.run(
    "clearIntervalHandler(); clearEventHandler(); clearFlowHandler(); setFlow('after', {value: 'bytes'})",
  );
  const agent = new SyntheticAgent('192.0.2.1');
  await script.weir.deliver(
    agent.datagram([agent.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
  );
  expect(await script.run("activeFlows('ALL', 'after').length")).toBe(1);
  expect(await script.weir.get('/scripts/json')).toMatchObject({ 'test.js': { alive: true } });
});
