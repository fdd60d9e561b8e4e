/** How long Weir takes to answer, at rest and under load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from '../flows.mjs';
import { createClient } from '../lib/http-client.mjs';
import { startLoad } from '../lib/load.mjs';
import { milliseconds, number, table } from '../lib/markdown.mjs';
import { quantile } from '../lib/statistics.mjs';
import { withWeir } from '../peers/weir.mjs';

const QUESTIONS = {
  '100 largest 5-tuples of all agents': 'activeflows/ALL/tuple/json',
  '5 largest sources': 'activeflows/ALL/source/json?maxFlows=5',
  'fullest interfaces': 'table/ALL/ifindex,sort:ifinoctets:-10/json',
};
const PAUSE_MS = 20;

export function measureLatency({ rate, seconds, report }) {
  return withWeir({ flows: TEN_FLOWS }, async (weir, folder) => {
    const load = startLoad({ port: weir.port, rate, seconds: seconds + 5, folder });
    await sleep(3000);
    const loaded = await askFor(weir.url, seconds);
    while ((await load.totals()) !== undefined);
    await sleep(500);
    const idle = await askFor(weir.url, seconds / 2);
    const results = Object.keys(QUESTIONS).map((question) => ({
      question,
      rate,
      loaded: loaded[question],
      idle: idle[question],
    }));
    for (const { question, loaded: times } of results) {
      report(
        `latency at ${number(rate, 0)}/s, ${question}: p50 ${milliseconds(quantile(times, 0.5))}, p99 ${milliseconds(quantile(times, 0.99))}`,
      );
    }
    return results;
  });
}

/** Ask one question after the other for some seconds. Resolves to the times, ms, by question. */
async function askFor(url, seconds) {
  const client = createClient(url);
  const times = Object.fromEntries(Object.keys(QUESTIONS).map((question) => [question, []]));
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    for (const [question, path] of Object.entries(QUESTIONS)) {
      times[question].push((await client.ask(path)).ms);
      await sleep(PAUSE_MS);
    }
  }
  client.close();
  return times;
}

export function renderLatency(results) {
  const cell = (times, share) => milliseconds(quantile(times, share));
  const rows = results.map(({ question, loaded, idle }) => [
    question,
    cell(idle, 0.5),
    cell(idle, 0.99),
    cell(loaded, 0.5),
    cell(loaded, 0.99),
  ]);
  const rate = `${number(results[0].rate, 0)}/s`;
  return [
    '### Time to answer',
    '',
    `Over HTTP, one question after the other, with ten definitions; at rest after the load, and while ${number(results[0].rate, 0)} datagrams a second come in.`,
    '',
    table(['', 'at rest, p50', 'p99', `at ${rate}, p50`, 'p99'], rows),
  ].join('\n');
}
