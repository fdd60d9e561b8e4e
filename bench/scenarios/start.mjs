/** How soon Weir answers after its process began, and how much memory it takes at rest. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort, freeUdpPort, start, stop } from '../lib/child.mjs';
import { inFreshFolder } from '../lib/folder.mjs';
import { number, table } from '../lib/markdown.mjs';
import { WEIR } from '../lib/paths.mjs';
import { residentBytes } from '../lib/proc.mjs';
import { median } from '../lib/statistics.mjs';

const LIMIT_MS = 20_000;
const SETTLE_MS = 5000;

export async function measureStart({ times, report }) {
  const results = [];
  for (let i = 0; i < times; i++) results.push(await inFreshFolder(startOnce));
  report(
    `start: first answer after ${number(median(results.map((one) => one.firstAnswerMs)), 0)} ms, ` +
      `${number(median(results.map((one) => one.idleBytes)) / 1e6, 0)} MB at rest`,
  );
  return results;
}

async function startOnce(folder) {
  const [port, http] = [await freeUdpPort(), await freeTcpPort()];
  const begin = performance.now();
  const args = [
    WEIR,
    'serve',
    `-Dhttp.port=${http}`,
    `-Dsflow.port=${port}`,
    '-Dlog.level=warn',
    '-Dstore.persist=no',
  ];
  const child = start('weir', process.execPath, args, { folder });
  try {
    while (!(await answers(`http://127.0.0.1:${http}/version`))) {
      if (performance.now() - begin > LIMIT_MS) throw new Error('Weir does not answer');
      await sleep(2);
    }
    const firstAnswerMs = performance.now() - begin;
    await sleep(SETTLE_MS);
    return { firstAnswerMs, idleBytes: residentBytes(child.pid) };
  } finally {
    await stop(child);
  }
}

function answers(url) {
  return new Promise((resolve) => {
    get(url, (reply) => reply.resume().on('end', () => resolve(true))).on('error', () => resolve(false));
  });
}

export function renderStart(results) {
  const rows = [
    ['process start to first answer', `${number(median(results.map((one) => one.firstAnswerMs)), 0)} ms`],
    ['resident memory at rest', `${number(median(results.map((one) => one.idleBytes)) / 1e6, 0)} MB`],
  ];
  return ['### Start', '', `Medians of ${results.length} starts.`, '', table(['', 'Weir'], rows)].join('\n');
}
