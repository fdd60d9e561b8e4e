#!/usr/bin/env node
/**
 * All checks: `npm test`, or some: `npm test -- --only unit,lint`, `npm test -- --skip bench`. Sets itself up, Debian
 * packages included, runs each step, and ends with a line `N passed, N failed`: the sum of the tests of the steps that
 * run Vitest, and one for each other step.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure.mjs';
import { installPackages } from './lib/debian-packages.mjs';
import { otherNode } from './lib/other-node.mjs';
import { root } from './lib/root.mjs';
import { runCommand } from './lib/run-step.mjs';
import { readVitestReport } from './lib/vitest-result.mjs';

/** Real peers that tests and the benchmark run against, the browser that looks at pages, and what examples in docs/ use. */
const DEBIAN_PACKAGES = [
  'openvswitch-switch',
  'iproute2',
  'iperf3',
  'ethtool',
  'curl',
  'jq',
  'tcpdump',
  'pmacct',
  'nfdump',
  'nfdump-sflow',
  'openssh-client',
  'openssh-server',
  'python3',
  'python3-yaml',
  'systemd',
  'adduser',
  'procps',
  'fastnetmon',
  'chromium',
  'gobgpd',
  'frr',
  'bird2',
  'exabgp',
  'prometheus',
  'snmpd',
  'mininet',
  'openvswitch-testcontroller',
  'victoria-metrics',
  'influxdb',
  'nats-server',
  'python3-lib2to3',
];

/** Biome does not look for itself whether anybody can see colours. */
const COLORS = process.stdout.isTTY ? '--colors=force' : '--colors=off';

/**
 * The steps, in order. A step has one of
 * - `work`: a function that gives what is wrong, or nothing
 * - `tool`: a program of node_modules/.bin and its arguments
 * - `script`: a script of ours and its arguments
 * - `vitest`: arguments of `vitest run`, whose tests are counted; `node` runs it under that major version
 */
const STEPS = [
  { name: 'packages', minutes: 5, work: () => installPackages(DEBIAN_PACKAGES) },
  { name: 'lint', minutes: 1, tool: ['biome', 'check', '--error-on-warnings', COLORS, '.'] },
  { name: 'imports', minutes: 1, script: ['scripts/check-imports.mjs'] },
  { name: 'types', minutes: 2, tool: ['tsc', '--noEmit'] },
  { name: 'types-of-tests', minutes: 2, tool: ['tsc', '--noEmit', '-p', 'test'] },
  { name: 'types-of-pages', minutes: 1, tool: ['tsc', '--noEmit', '-p', 'web'] },
  { name: 'unit', minutes: 8, vitest: [] },
  { name: 'unit-node22', minutes: 8, vitest: [], node: 22 },
  { name: 'unit-node24', minutes: 8, vitest: [], node: 24 },
  { name: 'end-to-end', minutes: 10, vitest: ['--config', 'test/vitest.config.ts', 'test/e2e'] },
  { name: 'contract', minutes: 12, vitest: ['--config', 'test/vitest.config.ts', 'test/contract'] },
  { name: 'browser', minutes: 6, vitest: ['--config', 'test/vitest.config.ts', 'test/browser'] },
  { name: 'interop', minutes: 15, vitest: ['--config', 'test/vitest.config.ts', 'test/interop'] },
  { name: 'docs', minutes: 10, vitest: ['--config', 'test/vitest.config.ts', 'test/docs'] },
  { name: 'fuzz', minutes: 2, script: ['test/fuzz/run.mjs', '--seconds', '30'] },
  { name: 'fuzz-bgp', minutes: 2, script: ['test/fuzz/run.mjs', '--bgp', '--seconds', '30'] },
  { name: 'bench', minutes: 5, script: ['bench/run.mjs', '--smoke'] },
];

/** @returns {Promise<{ passed: number, failed: number, skipped?: number, fault?: string }>} */
async function runStep(step) {
  const options = { cwd: root, timeoutMs: step.minutes * 60_000 };
  if (step.work !== undefined) return asResult(await step.work());
  if (step.tool !== undefined) {
    const [tool, ...args] = step.tool;
    return asResult(await runCommand(join(root, 'node_modules/.bin', tool), args, options));
  }
  if (step.script !== undefined) {
    if (!existsSync(join(root, step.script[0]))) return asResult(`there is no ${step.script[0]}`);
    return asResult(await runCommand(process.execPath, step.script, options));
  }
  return runVitest(step, options);
}

async function runVitest(step, options) {
  let node = process.execPath;
  if (step.node !== undefined) {
    const other = otherNode(step.node);
    if (other.fault !== undefined) return asResult(other.fault);
    node = other.path;
  }
  const report = join(root, 'tmp', `report-${step.name.replace(/\W+/g, '-')}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const fault = await runCommand(
    node,
    ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...step.vitest],
    {
      ...options,
      env: { PATH: `${dirname(node)}:${process.env.PATH}` },
    },
  );
  const counts = readVitestReport(report);
  if (counts === undefined) return asResult(fault ?? 'there is no report');
  // A run that was cut short, or that failed after its tests, has no failed test to show for it.
  return counts.failed === 0 && fault !== undefined ? { ...counts, failed: 1, fault } : counts;
}

function asResult(fault) {
  return fault === undefined ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, fault };
}

function chosenSteps() {
  const list = { type: 'string', multiple: true, default: [] };
  const { values } = parseArgs({ options: { only: list, skip: list } });
  const [only, skip] = [values.only, values.skip].map((given) =>
    given.flatMap((names) => names.split(',')).map((name) => name.trim()),
  );
  for (const name of [...only, ...skip])
    if (!STEPS.some((step) => step.name === name))
      throw new Error(`there is no step ${name}; the steps are ${STEPS.map((step) => step.name).join(', ')}`);
  return STEPS.filter(({ name }) => (only.length === 0 || only.includes(name)) && !skip.includes(name));
}

const total = { passed: 0, failed: 0 };
const summary = [];
try {
  const steps = chosenSteps();
  await ensureBuilt();
  for (const step of steps) {
    process.stdout.write(`\n== ${step.name}\n`);
    const began = Date.now();
    const { passed, failed, skipped = 0, fault } = await runStep(step);
    total.passed += passed;
    total.failed += failed;
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    summary.push(`${seconds} s  ${step.name.padEnd(16)}${counts}${fault === undefined ? '' : `: ${fault}`}`);
  }
} catch (error) {
  total.failed++;
  summary.push(error.message);
}
process.stdout.write(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
