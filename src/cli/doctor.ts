import { readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { configOf, refuseRest, takeProperties } from './arguments.ts';
import { parseOptions, usageError } from './decode-options.ts';
import {
  checkClock,
  checkMemory,
  checkOpenFiles,
  checkPort,
  checkReceiver,
  checkRunning,
  type Finding,
  type HttpProbe,
} from './doctor-checks.ts';
import {
  availableMemory,
  openFilesLimit,
  probeClock,
  probeHttp,
  probeReceiver,
  probeTcpPort,
  probeUdpPort,
} from './doctor-probes.ts';
import { httpUrl } from './start-screen.ts';

const USAGE = `weir doctor [-Dname=value …] [--config FILE] [--json] [--token-file FILE]

Examine this machine, and the Weir that runs on it if one does, and say what to do. Give it the properties that
weir serve gets. Nothing is changed. The exit code is 1 when something would keep Weir from working.

  --json             the findings as JSON
  --token-file FILE  file with a token, for a Weir that asks for one
`;

/** `weir doctor`: prints its findings, and resolves to 1 when one of them is a failure. */
export async function run(args: string[]): Promise<number> {
  const taken = takeProperties(args);
  if (taken.rest.includes('--help') || taken.rest.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { values, positionals } = parseOptions(taken.rest, {
    json: { type: 'boolean' },
    'token-file': { type: 'string' },
  });
  refuseRest(positionals);
  const tokenFile = values['token-file'];
  const token = typeof tokenFile === 'string' ? readToken(tokenFile) : undefined;
  const findings = await examine(configOf(taken, process.env), token);
  const asJson = values['json'] === true;
  process.stdout.write(asJson ? `${JSON.stringify(findings, null, 1)}\n` : renderFindings(findings));
  return findings.some(({ status }) => status === 'fail') ? 1 : 0;
}

/** Examines the machine as a Weir with this configuration would find it. */
export async function examine(config: Config, token?: string): Promise<Finding[]> {
  const host = config.string('http.hostname');
  const port = config.integer('http.port');
  const url = httpUrl({ address: host, port, secure: config.string('http.tls.cert') !== '' });
  const http: HttpProbe = port === 0 ? { kind: 'silent' } : await probeHttp(url, token);
  return [
    { status: 'ok', subject: 'Node', found: process.versions.node },
    ...checkProperties(config),
    ...(http.kind === 'weir' ? [] : checkReceiver(await probeReceiver(config))),
    checkMemory(config.integer('flow.memory'), availableMemory()),
    checkOpenFiles(openFilesLimit()),
    checkClock(probeClock()),
    await examineSflowPort(config, http),
    await examineHttpPort(host, port, url, http),
    ...(await examineBgpPort(config, http)),
    ...(http.kind === 'weir' ? checkRunning(http.analyzer, http.agents, http.snmp) : []),
  ];
}

function checkProperties(config: Config): Finding[] {
  if (config.warnings.length === 0) return [{ status: 'ok', subject: 'properties', found: 'all understood' }];
  return config.warnings.map((found) => ({ status: 'warn', subject: 'properties', found }));
}

async function examineSflowPort(config: Config, http: HttpProbe): Promise<Finding> {
  const address = config.string('sflow.hostname');
  const port = config.integer('sflow.port');
  const where = port === 0 ? 'any UDP port' : `UDP port ${port}`;
  if (http.kind === 'weir' && http.analyzer.receivePath.port === port)
    return {
      status: 'ok',
      subject: 'sFlow port',
      found: `${where} is Weir's, by ${http.analyzer.receivePath.kind}`,
    };
  return checkPort('sFlow port', where, 'sflow.port', await probeUdpPort(address, port));
}

/** Only where BGP is to be spoken, and nobody speaks it yet. */
async function examineBgpPort(config: Config, http: HttpProbe): Promise<Finding[]> {
  if (!config.boolean('bgp.start') || http.kind === 'weir') return [];
  const port = config.integer('bgp.port');
  const probe = await probeTcpPort(config.string('bgp.hostname'), port);
  return [checkPort('BGP port', `TCP port ${port}`, 'bgp.port', probe)];
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw usageError(`--token-file ${file}: ${cause instanceof Error ? cause.message : cause}`);
  }
}

async function examineHttpPort(host: string, port: number, url: string, http: HttpProbe): Promise<Finding> {
  if (http.kind === 'weir')
    return { status: 'ok', subject: 'HTTP port', found: `Weir ${http.version} answers at ${url}` };
  if (http.kind === 'guarded')
    return { status: 'ok', subject: 'HTTP port', found: `a Weir that asks for a token answers at ${url}` };
  const finding = checkPort('HTTP port', `TCP port ${port}`, 'http.port', await probeTcpPort(host, port));
  if (http.kind === 'silent') return finding;
  return { ...finding, found: `${finding.found}, and it is not a Weir (${http.answer})` };
}

/** A line for each finding, what to do about it below. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
  let text = '';
  for (const { status, subject, found, advice = [] } of findings) {
    text += `${status.padEnd(6)}${subject.padEnd(width)}${found}\n`;
    for (const line of advice) text += `${' '.repeat(6 + width)}→ ${line}\n`;
  }
  return text;
}
