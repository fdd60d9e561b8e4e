/** How long it takes from a sample that crosses a threshold to the answer of who waits for the event. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from '../flows.mjs';
import { createClient } from '../lib/http-client.mjs';
import { measureUnderLoad } from '../lib/load.mjs';
import { milliseconds, number, percent, roundsText, table } from '../lib/markdown.mjs';
import { createProbe, crossingAfter, defineProbe } from '../lib/probe.mjs';
import { median, quantile } from '../lib/statistics.mjs';
import { withWeir } from '../peers/weir.mjs';

/** Between an answer and the next crossing; not always the same, so that no crossing keeps step with Weir's own rhythm. */
const PAUSE_MS = { least: 5, most: 25 };

/** Before what is measured, so that the code is warm. */
const REHEARSAL_SECONDS = 2;

/** How long an answer may take before the crossing counts as missed. */
const PATIENCE_SECONDS = 5;

const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99, largest: 1 };

export async function measureEvents({ rounds, rate, warmup, seconds, report }) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    const result = { round, rate, ...(await measureOnce({ rate, warmup, seconds })) };
    results.push(result);
    for (const [when, one] of [
      ['at rest', result.idle],
      [`at ${number(rate, 0)}/s`, result.loaded],
    ]) {
      const figures = Object.entries(SHARES).map(
        ([name, share]) => `${name} ${milliseconds(quantile(one.times, share))}`,
      );
      report(
        `round ${round} of ${rounds}, events ${when}: ${one.times.length} crossings, ${figures.join(', ')}` +
          (one.missed === 0 ? '' : `, ${one.missed} missed`),
      );
    }
  }
  return results;
}

function measureOnce({ rate, warmup, seconds }) {
  return withWeir({ flows: TEN_FLOWS }, async (weir, folder) => {
    await defineProbe(weir);
    const probe = await createProbe(weir.port);
    const client = createClient(weir.url);
    const watcher = { client, probe, lastEvent: -1 };
    try {
      await crossFor(watcher, REHEARSAL_SECONDS);
      const idle = await crossFor(watcher, seconds);
      const { lost, sent, meanwhile } = await measureUnderLoad({
        pid: weir.pid,
        port: weir.port,
        rate,
        warmup,
        seconds,
        folder,
        meanwhile: () => crossFor(watcher, seconds),
      });
      return { idle, loaded: { ...meanwhile, lost, sent } };
    } finally {
      client.close();
      probe.close();
    }
  });
}

/** One crossing after the other, each while a question waits. Resolves to the times, ms, and how many were not told. */
async function crossFor(watcher, seconds) {
  const { client, probe } = watcher;
  const times = [];
  let missed = 0;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const asked = client.ask(crossingAfter(watcher.lastEvent, PATIENCE_SECONDS), { read: true });
    // It is awaited after the pause; until then nobody else hears that it failed.
    asked.catch(() => {});
    await sleep(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    const crossed = probe.cross();
    const { text, at } = await asked;
    const [event] = JSON.parse(text);
    if (event?.dataSource === crossed.dataSource) times.push(at - crossed.at);
    else missed++;
    watcher.lastEvent = event?.eventID ?? watcher.lastEvent;
  }
  return { times, missed };
}

export function renderEvents(results) {
  const [{ rate }] = results;
  const row = (title, of) => [
    title,
    number(
      results.reduce((sum, result) => sum + of(result).times.length, 0),
      0,
    ),
    ...Object.values(SHARES).map((share) =>
      milliseconds(median(results.map((result) => quantile(of(result).times, share)))),
    ),
  ];
  const missed = results.reduce((sum, { idle, loaded }) => sum + idle.missed + loaded.missed, 0);
  const lost = median(results.map(({ loaded }) => loaded.lost / loaded.sent));
  return [
    '### From a crossing to its event',
    '',
    `From just before a datagram is sent whose sample crosses a threshold until the answer of \`/events/json\`, which waits for it, is in the process that asked: medians of ${roundsText(results.length)}. Every crossing is of another data source; there are ten more definitions. ${missed === 0 ? 'No crossing was missed' : `${number(missed, 0)} crossings were missed`}, and ${percent(lost)} of the datagrams of the load were lost.`,
    '',
    table(
      ['', 'crossings', ...Object.keys(SHARES)],
      [row('at rest', ({ idle }) => idle), row(`at ${number(rate, 0)} datagrams/s`, ({ loaded }) => loaded)],
    ),
  ].join('\n');
}
