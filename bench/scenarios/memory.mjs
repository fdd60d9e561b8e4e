/** Memory that a table of a million 5-tuples takes. */
import { FIVE_TUPLE } from '../flows.mjs';
import { inFreshFolder } from '../lib/folder.mjs';
import { LOAD_SHAPE, runLoad } from '../lib/load.mjs';
import { number, table } from '../lib/markdown.mjs';
import { residentBytes } from '../lib/proc.mjs';
import { sfacctd } from '../peers/sfacctd.mjs';
import { startWeir } from '../peers/weir.mjs';

const RATE = 20_000;

/** Fill tables with `entries` different 5-tuples. */
export async function measureMemory({ entries, report, withPeers }) {
  const starts = {
    Weir: (folder) =>
      startWeir({ folder, flows: { tuple: FIVE_TUPLE }, properties: { 'flow.memory': '4G' } }),
    ...(withPeers ? { 'pmacct sfacctd': (folder) => sfacctd.start({ folder }) } : {}),
  };
  const results = [];
  for (const [name, startOne] of Object.entries(starts)) {
    const result = { name, ...(await fill(startOne, entries)) };
    results.push(result);
    report(
      `memory, ${name}: ${number(megabytes(result.grown) / (result.entries / 1e6), 0)} MB per million entries`,
    );
  }
  return results;
}

function fill(startOne, entries) {
  return inFreshFolder(async (folder) => {
    const running = await startOne(folder);
    try {
      return await fillOne(running, entries, folder);
    } finally {
      await running.stop();
    }
  });
}

async function fillOne(running, entries, folder) {
  // The same traffic first, with few flows: what a program sets up once it is busy is not the table.
  await runLoad({ port: running.port, rate: RATE, seconds: 3, agents: 1, ports: 1, flows: 1000, folder });
  const before = residentBytes(running.pid);
  const seconds = entries / (RATE * LOAD_SHAPE.samples);
  const sent = await runLoad({
    port: running.port,
    rate: RATE,
    seconds,
    order: 'sequential',
    flows: 2 ** 24,
    folder,
  });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const grown = residentBytes(running.pid) - before;
  const tables = (await running.ask?.('analyzer/json'))?.flowTables;
  const tuple = tables?.find((one) => one.name === 'tuple');
  return {
    // Where the table does not say how many it has: every sample sent is another 5-tuple, but for the counters' share.
    entries: tuple?.entries ?? sent.datagrams * 0.98 * LOAD_SHAPE.samples,
    grown,
    tableBytes: tuple?.bytes,
    dropped: tuple?.dropped,
  };
}

export function renderMemory(results) {
  const rows = results.map(({ name, entries, grown, tableBytes }) => [
    name,
    number(entries, 0),
    `${number(megabytes(grown), 0)} MB`,
    `${number(megabytes(grown) / (entries / 1e6), 0)} MB`,
    tableBytes === undefined ? '–' : `${number(megabytes(tableBytes) / (entries / 1e6), 0)} MB`,
  ]);
  return [
    '### Memory of a large table',
    '',
    'A table of 5-tuples filled with entries that are all different: how much the resident memory of the process grew.',
    '',
    table(['', 'entries', 'growth', 'growth per million', 'table per million, by its own account'], rows),
  ].join('\n');
}

function megabytes(bytes) {
  return bytes / 1e6;
}
