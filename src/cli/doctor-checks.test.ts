import { describe, expect, it } from 'vitest';
import {
  type AgentsAnswer,
  type AnalyzerAnswer,
  checkClock,
  checkMemory,
  checkOpenFiles,
  checkPort,
  checkReceiver,
  checkRunning,
  type Finding,
} from './doctor-checks.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

const analyzer: AnalyzerAnswer = {
  uptime: 60_000,
  sFlowDatagramsReceived: 1000,
  sFlowDatagramsTooLarge: 0,
  sFlowParseErrors: 0,
  sFlowUnsupportedVersion: 0,
  sFlowKernelDrops: 0,
  sFlowAgentsRefused: 0,
  sFlowDataSourcesRefused: 0,
  sFlowErrors: {},
  flowsDropped: {},
  receivePath: {
    kind: 'recvmmsg',
    address: '::',
    port: 6343,
    bufferAsked: 64 * MEBIBYTE,
    bufferGranted: 64 * MEBIBYTE,
  },
};
const agent = { lastSeen: 500, sFlowDatagramsReceived: 1000, sFlowDatagramsLost: 0 };
const agents: AgentsAnswer = { '192.0.2.1': agent };

function finding(findings: readonly Finding[], subject: string): Finding {
  const found = findings.find((candidate) => candidate.subject === subject);
  if (found === undefined) throw new Error(`nothing about ${subject}`);
  return found;
}

describe('the receive path', () => {
  it('is well', () => {
    const findings = checkReceiver({ kind: 'recvmmsg', bufferAsked: 1024, bufferGranted: 1024 });
    expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('is slow, and its buffer small: what to do', () => {
    const findings = checkReceiver({
      kind: 'dgram',
      reason: 'koffi is missing',
      bufferAsked: 64 * MEBIBYTE,
      bufferGranted: 212_992,
    });
    expect(findings.map(({ status }) => status)).toEqual(['warn', 'warn']);
    expect(findings[0].found).toContain('koffi is missing');
    expect(findings[1].advice?.join()).toContain('sysctl -w net.core.rmem_max=67108864');
  });
});

describe('a port', () => {
  it.each([
    [{ outcome: 'free' }, 'ok', 'is free'],
    [{ outcome: 'in use', owner: 'nginx (pid 7)' }, 'fail', 'in use by nginx (pid 7)'],
    [{ outcome: 'in use' }, 'fail', 'in use by another program'],
    [{ outcome: 'not permitted' }, 'fail', 'may not be opened'],
    [{ outcome: 'no such address' }, 'fail', 'no such address'],
  ] as const)('%j', (probe, status, found) => {
    const result = checkPort('HTTP port', 'TCP port 80', 'http.port', probe);
    expect(result.status).toBe(status);
    expect(result.found).toContain(found);
    if (status === 'fail') expect(result.advice?.join()).toMatch(/-Dhttp\.(port|hostname)=/);
  });
});

it('memory: too little for the flow tables', () => {
  expect(checkMemory(GIBIBYTE, 2 * GIBIBYTE).status).toBe('ok');
  expect(checkMemory(GIBIBYTE, undefined).status).toBe('ok');
  expect(checkMemory(GIBIBYTE, GIBIBYTE / 2)).toMatchObject({
    status: 'warn',
    advice: [expect.stringContaining('flow.memory')],
  });
});

it('open files: few', () => {
  expect(checkOpenFiles(1024)).toMatchObject({
    status: 'warn',
    advice: [expect.stringContaining('ulimit -n 4096')],
  });
  expect(checkOpenFiles(65_536).status).toBe('ok');
  expect(checkOpenFiles(undefined).status).toBe('ok');
});

it('clock: wrong, left alone, right, unknown', () => {
  const now = Date.UTC(2027, 5, 1);
  expect(checkClock({ now: 0, synchronised: true }).status).toBe('fail');
  expect(checkClock({ now, synchronised: false }).status).toBe('warn');
  expect(checkClock({ now, synchronised: true })).toMatchObject({
    status: 'ok',
    found: '2027-06-01T00:00:00.000Z, synchronised',
  });
  expect(checkClock({ now, synchronised: undefined }).status).toBe('ok');
});

describe('a running Weir', () => {
  it('that is well', () => {
    expect(checkRunning(analyzer, agents).map(({ status }) => status)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
  });

  it('that nobody sends to', () => {
    const found = finding(checkRunning(analyzer, {}), 'agents');
    expect(found.status).toBe('warn');
    expect(found.found).toContain('none heard in 60 s');
    expect(found.advice?.join()).toContain('UDP port 6343');
  });

  it('with agents that fell silent, a few of them named', () => {
    const many: Record<string, AgentsAnswer[string]> = { '192.0.2.200': agent };
    for (let i = 0; i < 8; i++) many[`192.0.2.${i}`] = { ...agent, lastSeen: 300_000 };
    const found = finding(checkRunning(analyzer, many), 'agents');
    expect(found.status).toBe('warn');
    expect(found.found).toContain('9, of which 8 silent');
    expect(found.found).toContain('192.0.2.4 and 3 more');
  });

  it('with losses on the way, the worst first', () => {
    const found = finding(
      checkRunning(analyzer, {
        '192.0.2.1': agent,
        '192.0.2.2': { ...agent, sFlowDatagramsLost: 10 },
        '192.0.2.3': { ...agent, sFlowDatagramsLost: 1000 },
        '192.0.2.4': { ...agent, sFlowDatagramsReceived: 1_000_000, sFlowDatagramsLost: 1 },
      }),
      'losses',
    );
    expect(found.status).toBe('warn');
    expect(found.found).toBe('lost on the way from 192.0.2.3 (50 %), 192.0.2.2 (0.99 %)');
  });

  it('with drops by the kernel', () => {
    const found = finding(checkRunning({ ...analyzer, sFlowKernelDrops: 7 }, agents), 'losses');
    expect(found.status).toBe('warn');
    expect(found.found).toContain('7 datagrams dropped because the socket buffer was full');
  });

  it('with faulty datagrams, by kind', () => {
    const faulty = {
      ...analyzer,
      sFlowParseErrors: 3,
      sFlowDatagramsTooLarge: 1,
      sFlowErrors: { 'recordShort 0:1': 3 },
    };
    const found = finding(checkRunning(faulty, agents), 'datagrams');
    expect(found.status).toBe('warn');
    expect(found.found).toBe('1000 received, 3 with faults, 1 too large (recordShort 0:1 3)');
  });

  it('with limits reached', () => {
    const limited = { ...analyzer, sFlowAgentsRefused: 5, flowsDropped: { pairs: 12, none: 0 } };
    const found = finding(checkRunning(limited, agents), 'limits');
    expect(found.status).toBe('warn');
    expect(found.found).toContain('agents.max');
    expect(found.found).toContain('pairs dropped 12 small flows');
    expect(found.found).not.toContain('none');
  });
});

describe('SNMP', () => {
  const about = (snmp: Parameters<typeof checkRunning>[2]) =>
    checkRunning(analyzer, agents, snmp).filter(({ subject }) => subject === 'SNMP');

  it('is no subject where nobody is asked', () => {
    expect(about({ enabled: false, agents: {} })).toEqual([]);
    expect(about({})).toEqual([]);
  });

  it('is well, or says who does not answer, and why', () => {
    expect(about({ enabled: true, agents: { '192.0.2.1': {} } })).toMatchObject([{ status: 'ok' }]);
    expect(
      about({ enabled: true, agents: { '192.0.2.1': {}, '192.0.2.2': { error: 'no answer' } } }),
    ).toEqual([
      {
        status: 'warn',
        subject: 'SNMP',
        found: '1 of 2 agents do not tell their names: 192.0.2.2',
        advice: ['the first of them: no answer'],
      },
    ]);
  });
});
