/** How long Weir takes to answer, at rest and under load. */
import { rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from '../flows.mjs';
import { freshFolder } from '../lib/folder.mjs';
import { startLoad } from '../lib/load.mjs';
import { number, table } from '../lib/markdown.mjs';
import { quantile } from '../lib/statistics.mjs';
import { startWeir } from '../peers/weir.mjs';

const QUESTIONS = {
  '100 largest 5-tuples of all agents': 'activeflows/ALL/tuple/json',
  '5 largest sources': 'activeflows/ALL/source/json?maxFlows=5',
  'fullest interfaces': 'table/ALL/ifindex,sort:ifinoctets:-10/json',
};
const PAUSE_MS = 20;

export async function measureLatency({ rate, seconds, report }) {
  const folder = await freshFolder();
  const weir = await startWeir({ folder, flows: TEN_FLOWS });
  try {
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
        `latency at ${number(rate, 0)}/s, ${question}: p50 ${number(quantile(times, 0.5), 1)} ms, p99 ${number(quantile(times, 0.99), 1)} ms`,
      );
    }
    return results;
  } finally {
    await weir.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ask one question after the other for some seconds. Resolves to the times, ms, by question. */
async function askFor(url, seconds) {
  const agent = new Agent({ keepAlive: true });
  const times = Object.fromEntries(Object.keys(QUESTIONS).map((question) => [question, []]));
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    for (const [question, path] of Object.entries(QUESTIONS)) {
      const begin = performance.now();
      await ask(`${url}${path}`, agent);
      times[question].push(performance.now() - begin);
      await sleep(PAUSE_MS);
    }
  }
  agent.destroy();
  return times;
}

/** node:http rather than fetch: its own share of the time is smaller. */
function ask(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`${url} gives ${reply.statusCode}`));
      reply.resume().on('end', resolve).on('error', reject);
    }).on('error', reject);
  });
}

export function renderLatency(results) {
  const cell = (times, share) => `${number(quantile(times, share), 1)} ms`;
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
