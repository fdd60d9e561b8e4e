#!/usr/bin/env node
/**
 * Measures Weir and its peers on this machine: `npm run bench -- --help`. Loopback only; every process that is started ends
 * with this one.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machineLine } from './lib/machine.mjs';
import { writeBetweenMarkers } from './lib/markdown.mjs';
import { WEIR } from './lib/paths.mjs';
import { measureCpu, RECEIVERS, renderCpu } from './scenarios/cpu.mjs';
import { measureLatency, renderLatency } from './scenarios/latency.mjs';
import { measureMemory, renderMemory } from './scenarios/memory.mjs';
import { measureStart, renderStart } from './scenarios/start.mjs';
import { smoke } from './smoke.mjs';

const SCENARIOS = ['start', 'cpu', 'memory', 'latency'];

const USAGE = `npm run bench -- [options]

  --only LIST        scenarios, of ${SCENARIOS.join(',')}
  --receivers LIST   of ${Object.keys(RECEIVERS).join(',')}
  --rates LIST       datagrams per second, 0 is flat out (default 20000,50000,100000,0)
  --rounds N         how often everything is measured (default 3)
  --seconds N        how long each measurement takes (default 8)
  --warmup N         how long the load runs before it (default 3)
  --write FILE       put the result between the markers of a Markdown file, too
  --json FILE        write every single figure to a file, too
  --smoke            20 seconds: only whether all of it works and nothing is lost at a modest rate
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: SCENARIOS.join(',') },
    receivers: { type: 'string', default: Object.keys(RECEIVERS).join(',') },
    rates: { type: 'string', default: '20000,50000,100000,0' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '3' },
    write: { type: 'string' },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (process.platform !== 'linux') fail('the benchmark reads /proc, which only Linux has');
if (!existsSync(WEIR)) fail('there is no dist/weir.mjs: npm run build makes it');

const report = (line) => process.stderr.write(`${line}\n`);

if (values.smoke) {
  process.exit((await smoke(report)) ? 0 : 1);
}

const scenarios = chosen('only', values.only, SCENARIOS);
const installed = [];
const versions = [];
for (const id of chosen('receivers', values.receivers, Object.keys(RECEIVERS))) {
  const version = RECEIVERS[id].version();
  if (version === undefined) report(`${RECEIVERS[id].name} is not installed, and left out`);
  else {
    installed.push(id);
    versions.push(`${id.startsWith('weir') ? 'Weir' : id} ${version}`);
  }
}
const number = (name) => {
  const value = Number(values[name]);
  return value > 0 ? value : fail(`--${name} takes a number above 0`);
};

const results = {};
const sections = [];
if (scenarios.includes('start')) {
  results.start = await measureStart({ times: 5, report });
  sections.push(renderStart(results.start));
}
if (scenarios.includes('cpu')) {
  const rates = values.rates.split(',').map(Number);
  if (rates.some((rate) => !(rate >= 0))) fail('--rates takes a list of numbers');
  results.cpu = await measureCpu({
    receivers: installed,
    rates,
    rounds: number('rounds'),
    seconds: number('seconds'),
    warmup: number('warmup'),
    report,
  });
  sections.push(renderCpu(results.cpu));
}
if (scenarios.includes('memory')) {
  results.memory = await measureMemory({
    entries: 1_250_000,
    report,
    withPeers: installed.includes('sfacctd'),
  });
  sections.push(renderMemory(results.memory));
}
if (scenarios.includes('latency')) {
  results.latency = await measureLatency({ rate: 50_000, seconds: 20, report });
  sections.push(renderLatency(results.latency));
}

const text = [heading(), ...sections].join('\n\n');
process.stdout.write(`${text}\n`);
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: machineLine(), versions, ...results }, null, 1)}\n`,
  );
}
if (values.write !== undefined) writeBetweenMarkers(values.write, text);

function heading() {
  const date = new Date().toISOString().slice(0, 10);
  const command = [
    'npm run bench',
    ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
  ].join(' ');
  return `Measured on ${date} with \`${command}\`: ${[...new Set(versions)].join(', ')}.\n\n${machineLine()}.`;
}

function chosen(name, text, known) {
  const list = text.split(',');
  const unknown = list.find((one) => !known.includes(one));
  return unknown === undefined ? list : fail(`--${name} knows ${known.join(', ')}, not ${unknown}`);
}

function fail(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}
