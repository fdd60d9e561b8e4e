/** What a call of the script API costs a script: asked and answered across threads, while the script sleeps. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inFreshFolder } from '../lib/folder.mjs';
import { startLoad } from '../lib/load.mjs';
import { number, roundsText, table } from '../lib/markdown.mjs';
import { median } from '../lib/statistics.mjs';
import { startWeir } from '../peers/weir.mjs';

/** Calls in one request, few enough for its ten seconds on any machine, and requests; the first half is so that code gets warm. */
const CALLS = 500;
const REQUESTS = 24;
/** Fifty flows on four ports each: enough for the largest answer, and little to look through. */
const FLOWS = { talkers: { keys: 'ipsource,ipdestination', value: 'bytes', t: 60, n: 100 } };
const FEW = { agents: 1, ports: 4, flows: 50, rate: 200 };

/** Name → what the script does. */
const CASES = {
  'activeFlows, 20 rows': "activeFlows('ALL', 'talkers', 20)",
  'activeFlows, 1 row': "activeFlows('ALL', 'talkers', 1)",
  'activeFlows, 50 rows': "activeFlows('ALL', 'talkers', 50)",
  'metric, one name': "metric('ALL', 'sum:ifinoctets')",
  'sharedGet of a small value': "sharedGet('nothing')",
};

const SCRIPT = `
var cases = [${Object.values(CASES)
  .map((call) => `function() { return ${call}; }`)
  .join(', ')}];
setHttpHandler(function(req) {
  var run = cases[+req.path[0]], n = +req.path[1];
  var start = Date.now(), result;
  for (var i = 0; i < n; i++) result = run();
  return {microseconds: (Date.now() - start) * 1000 / n, length: result ? result.length : 0};
});
`;

export async function measureScriptCalls({ rounds, report, calls = CALLS, requests = REQUESTS }) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    const result = await measureOnce(calls, requests);
    results.push(result);
    const figures = Object.entries(result).map(
      ([name, microseconds]) => `${name} ${number(microseconds, 1)} µs`,
    );
    report(`round ${round} of ${rounds}, calls of scripts: ${figures.join(', ')}`);
  }
  return results;
}

function measureOnce(calls, requests) {
  return inFreshFolder(async (folder) => {
    const script = join(folder, 'calls.js');
    writeFileSync(script, SCRIPT);
    const weir = await startWeir({ folder, flows: FLOWS, properties: { 'script.file': script } });
    const load = startLoad({ port: weir.port, folder, ...FEW, seconds: 600 });
    try {
      await sleep(3000);
      const result = {};
      for (const [i, name] of Object.keys(CASES).entries()) {
        const means = [];
        for (let request = 0; request < requests; request++)
          means.push((await weir.ask(`script/calls.js/${i}/${calls}/json`)).microseconds);
        result[name] = mean(means.slice(Math.floor(requests / 2)));
      }
      return result;
    } finally {
      load.kill();
      await weir.stop();
    }
  });
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function renderScriptCalls(results) {
  const rows = Object.keys(CASES).map((name) => [
    name,
    number(median(results.map((result) => result[name])), 1),
  ]);
  return [
    '### Calls of scripts',
    '',
    `Mean time of ${number((CALLS * REQUESTS) / 2, 0)} calls by a script, after as many that are not counted, of a table of a few hundred entries, while Weir receives ${number(FEW.rate, 0)} datagrams/s: medians of ${roundsText(results.length)}.`,
    '',
    table(['call', 'µs'], rows),
  ].join('\n');
}
