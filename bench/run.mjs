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
import { measureApi, renderApi } from './scenarios/api.mjs';
import { measureCpu, RECEIVERS, renderCpu } from './scenarios/cpu.mjs';
import { measureEvents, renderEvents } from './scenarios/events.mjs';
import { hasGobgp, measureFullTable, renderFullTable } from './scenarios/full-table.mjs';
import { measureGroups, renderGroups } from './scenarios/groups.mjs';
import { measureLatency, renderLatency } from './scenarios/latency.mjs';
import { measureMemory, renderMemory } from './scenarios/memory.mjs';
import { hasPrometheus, measurePrometheus, renderPrometheus } from './scenarios/prometheus.mjs';
import { measureScriptCalls, renderScriptCalls } from './scenarios/script-calls.mjs';
import { measureScripts, renderScripts } from './scenarios/scripts.mjs';
import { hasSsh, measureSsh, renderSsh } from './scenarios/ssh.mjs';
import { measureStart, renderStart } from './scenarios/start.mjs';
import { smoke } from './smoke.mjs';

const report = (line) => process.stderr.write(`${line}\n`);

/** In the order in which they are measured and told. */
const SCENARIOS = {
  start: { measure: () => measureStart({ times: 5, report }), render: renderStart },
  cpu: {
    measure: (settings) => measureCpu({ ...settings, receivers: installed, report }),
    render: renderCpu,
  },
  memory: {
    measure: () => measureMemory({ entries: 1_250_000, withPeers: installed.includes('sfacctd'), report }),
    render: renderMemory,
  },
  latency: {
    measure: ({ rate }) => measureLatency({ rate, seconds: 20, report }),
    render: renderLatency,
  },
  events: { measure: (settings) => measureEvents({ ...settings, report }), render: renderEvents },
  api: { measure: (settings) => measureApi({ ...settings, report }), render: renderApi },
  groups: { measure: (settings) => measureGroups({ ...settings, report }), render: renderGroups },
  'full-table': {
    measure: () => (hasGobgp() ? measureFullTable({ report }) : undefined),
    render: (result) => (result === undefined ? '' : renderFullTable(result)),
  },
  prometheus: {
    measure: () => (hasPrometheus() ? measurePrometheus({ report }) : undefined),
    render: (result) => (result === undefined ? '' : renderPrometheus(result)),
  },
  'script-calls': {
    measure: (settings) => measureScriptCalls({ ...settings, report }),
    render: renderScriptCalls,
  },
  scripts: { measure: (settings) => measureScripts({ ...settings, report }), render: renderScripts },
  ssh: {
    measure: ({ rate }) => (hasSsh() ? measureSsh({ rate, report }) : undefined),
    render: (result) => (result === undefined ? '' : renderSsh(result)),
  },
};

const USAGE = `npm run bench -- [options]

  --only LIST        scenarios, of ${Object.keys(SCENARIOS).join(',')}
  --receivers LIST   of ${Object.keys(RECEIVERS).join(',')}
  --rates LIST       for cpu: datagrams per second, 0 is flat out (default 20000,50000,100000,0)
  --rate N           for latency, events, api, groups, scripts and ssh: datagrams per second (default 50000)
  --rounds N         how often each is measured (default 3)
  --seconds N        how long each measurement takes (default 8)
  --warmup N         how long the load runs before it (default 3)
  --write FILE       put the result between the markers of a Markdown file, too
  --json FILE        write every single figure to a file, too
  --smoke            half a minute: only whether all of it works and nothing is lost at a modest rate
`;

const parsed = parseArgs({
  tokens: true,
  options: {
    only: { type: 'string', default: Object.keys(SCENARIOS).join(',') },
    receivers: { type: 'string', default: Object.keys(RECEIVERS).join(',') },
    rates: { type: 'string', default: '20000,50000,100000,0' },
    rate: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '3' },
    write: { type: 'string' },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const { values } = parsed;

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (process.platform !== 'linux') fail('the benchmark reads /proc, which only Linux has');
if (!existsSync(WEIR)) fail('there is no dist/weir.mjs: npm run build makes it');

if (values.smoke) {
  process.exit((await smoke(report)) ? 0 : 1);
}

const scenarios = chosen('only', values.only, Object.keys(SCENARIOS));
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

const settings = {
  rate: number('rate'),
  rates: rates(),
  rounds: number('rounds'),
  warmup: number('warmup'),
  seconds: number('seconds'),
};
const results = {};
const sections = [];
for (const [name, { measure, render }] of Object.entries(SCENARIOS)) {
  if (!scenarios.includes(name)) continue;
  results[name] = await measure(settings);
  sections.push(render(results[name]));
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
  // Where the result is put changes nothing about it.
  const measuring = parsed.tokens
    .filter(({ name }) => name !== 'write' && name !== 'json')
    .map(({ rawName, value }) => `${rawName} ${value}`);
  const date = new Date().toISOString().slice(0, 10);
  const command = ['npm run bench', ...(measuring.length > 0 ? ['--', ...measuring] : [])].join(' ');
  return `Measured on ${date} with \`${command}\`: ${[...new Set(versions)].join(', ')}.\n\n${machineLine()}.`;
}

function number(name) {
  const value = Number(values[name]);
  return value > 0 ? value : fail(`--${name} takes a number above 0`);
}

function rates() {
  const list = values.rates.split(',').map(Number);
  return list.every((rate) => rate >= 0) ? list : fail('--rates takes a list of numbers');
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
