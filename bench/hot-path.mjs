#!/usr/bin/env node
/**
 * What taking in datagrams costs inside a shard, without sockets and threads: `node bench/hot-path.mjs --help`. It runs the
 * code of src/ as it is now, in a fresh process for every figure, so that what one case teaches the compiler does not slow
 * the next.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { buildHotPath } from './hot-path/build.mjs';
import { CASES, measureCase } from './hot-path/cases.mjs';
import { machineLine } from './lib/machine.mjs';
import { number, roundsText, table } from './lib/markdown.mjs';
import { median } from './lib/statistics.mjs';

const USAGE = `node bench/hot-path.mjs [options]

  --only LIST     cases, of ${Object.keys(CASES).join(',')}
  --rounds N      how often each is measured (default 3)
  --seconds N     how long each measurement takes, with what is not counted (default 2)
  --warmup N      how long it runs before that (default 1)
  --mix v4|mix    packets: only IPv4, or VLAN tags, IPv6 and VXLAN among it (default v4)
  --here          measure the one case of --only in this process, for a profiler
  --help          print this

For a profile: node --cpu-prof --cpu-prof-dir=tmp bench/hot-path.mjs --here --only ten --seconds 5
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(CASES).join(',') },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    warmup: { type: 'string', default: '1' },
    mix: { type: 'string', default: 'v4' },
    here: { type: 'boolean', default: false },
    bundle: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const only = values.only.split(',');
const unknown = only.find((id) => CASES[id] === undefined);
if (unknown !== undefined) fail(`--only knows ${Object.keys(CASES).join(', ')}, not ${unknown}`);
if (!['v4', 'mix'].includes(values.mix)) fail('--mix takes v4 or mix');
const settings = { seconds: positive('seconds'), warmup: positive('warmup'), mix: values.mix };

const bundle = values.bundle ?? (await buildHotPath());
if (values.here) {
  if (only.length !== 1) fail('--here takes one case: --only ten');
  process.stdout.write(`${JSON.stringify(await measureCase(only[0], bundle, settings))}\n`);
} else {
  process.stdout.write(`${render(await measureAll(positive('rounds')))}\n`);
}

/** Every case once per round, so that a machine that is slow for a while is slow for all of them. */
async function measureAll(rounds) {
  const results = Object.fromEntries(only.map((id) => [id, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const id of only) {
      const result = await measureApart(id);
      results[id].push(result);
      process.stderr.write(
        `round ${round} of ${rounds}, ${CASES[id].title}: ${number(result.microseconds, 2)} µs per datagram\n`,
      );
    }
  }
  return results;
}

async function measureApart(id) {
  const args = [process.argv[1], '--here', '--only', id, '--bundle', bundle];
  for (const [name, value] of Object.entries(settings)) args.push(`--${name}`, String(value));
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, ...args]);
  return JSON.parse(stdout);
}

function render(results) {
  const rows = Object.entries(results).map(([id, rounds]) => row(CASES[id].title, rounds));
  if (results.walk !== undefined && results.fill !== undefined) {
    const difference = results.fill.map((fill, i) => ({
      ...fill,
      microseconds: fill.microseconds - results.walk[i].microseconds,
    }));
    const after = Object.keys(results).indexOf('fill') + 1;
    rows.splice(after, 0, row('fill alone: the difference', difference));
  }
  return [
    `${machineLine()}; medians of ${roundsText(Object.values(results)[0].length)}.`,
    '',
    table(['processor time', 'µs per datagram', 'ns per sample'], rows),
  ].join('\n');
}

function row(title, rounds) {
  const microseconds = median(rounds.map((round) => round.microseconds));
  return [title, number(microseconds, 2), number((microseconds * 1000) / rounds[0].samplesPerDatagram, 0)];
}

function positive(name) {
  const value = Number(values[name]);
  return value > 0 ? value : fail(`--${name} takes a number above 0`);
}

function fail(message) {
  process.stderr.write(`hot-path: ${message}\n`);
  process.exit(2);
}
