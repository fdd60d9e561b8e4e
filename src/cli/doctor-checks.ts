/**
 * What `weir doctor` concludes from what it found. No I/O: the probes are in doctor-probes.ts.
 */
import type { ReceivePath } from '../engine/index.ts';
import { raiseBufferLimit, sizeText } from './start-screen.ts';

export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was examined, in a word or two. */
  readonly subject: string;
  readonly found: string;
  /** What to do about it, one line each. */
  readonly advice?: readonly string[];
}

/** What a receive path opened on a free port was. */
export type ReceiverProbe = Pick<ReceivePath, 'kind' | 'reason' | 'bufferAsked' | 'bufferGranted'>;

/** What became of asking for a port. */
export interface PortProbe {
  readonly outcome: 'free' | 'in use' | 'not permitted' | 'no such address';
  /** The program that has the port, when that could be found out. */
  readonly owner?: string;
}

/** What is on the HTTP port. `analyzer` and `agents` are the answers of a Weir. */
export type HttpProbe =
  | {
      readonly kind: 'weir';
      readonly version: string;
      readonly analyzer: AnalyzerAnswer;
      readonly agents: AgentsAnswer;
      readonly snmp: SnmpAnswer;
    }
  /** A Weir that answers only with a token. */
  | { readonly kind: 'guarded' }
  | { readonly kind: 'other'; readonly answer: string }
  | { readonly kind: 'silent' };

/** The members of /v1/snmp that are examined; an older Weir has none. */
export interface SnmpAnswer {
  readonly enabled?: boolean;
  readonly agents?: Readonly<Record<string, { readonly error?: string }>>;
}

/** The members of /analyzer/json that are examined. */
export interface AnalyzerAnswer {
  readonly uptime: number;
  readonly sFlowDatagramsReceived: number;
  readonly sFlowDatagramsTooLarge: number;
  readonly sFlowParseErrors: number;
  readonly sFlowUnsupportedVersion: number;
  readonly sFlowKernelDrops: number;
  readonly sFlowAgentsRefused: number;
  readonly sFlowDataSourcesRefused: number;
  readonly sFlowErrors: Readonly<Record<string, number>>;
  readonly flowsDropped: Readonly<Record<string, number>>;
  readonly receivePath: ReceivePath;
}

/** The members of /agents/json that are examined. */
export type AgentsAnswer = Readonly<
  Record<
    string,
    {
      readonly lastSeen: number;
      readonly sFlowDatagramsReceived: number;
      readonly sFlowDatagramsLost: number;
    }
  >
>;

export interface ClockProbe {
  /** epoch ms */
  readonly now: number;
  /** undefined when the kernel could not be asked. */
  readonly synchronised: boolean | undefined;
}

/** No clock is right that is before this version was made. */
const EARLIEST_NOW = Date.UTC(2026, 0, 1);
/** An HTTP connection and each file of the process takes one. */
const OPEN_FILES_WANTED = 4096;
/** A larger share of lost datagrams makes results visibly wrong. */
const LOSS_TO_NOTE = 0.001;
/** Agents export counters at least this often, ms. */
const SILENT_AFTER_MS = 90_000;
const NAMES_SHOWN = 5;

export function checkReceiver(probe: ReceiverProbe): Finding[] {
  const path: Finding =
    probe.reason === undefined
      ? { status: 'ok', subject: 'receive path', found: probe.kind }
      : {
          status: 'warn',
          subject: 'receive path',
          found: `${probe.kind}, because ${probe.reason}`,
          advice: [
            'it works, at about three times the cost; recvmmsg needs 64-bit Linux and the package koffi',
          ],
        };
  return [path, checkBuffer(probe)];
}

function checkBuffer({
  bufferAsked,
  bufferGranted,
}: Pick<ReceivePath, 'bufferAsked' | 'bufferGranted'>): Finding {
  const subject = 'socket buffer';
  if (bufferGranted >= bufferAsked)
    return { status: 'ok', subject, found: `${sizeText(bufferGranted)} granted` };
  return {
    status: 'warn',
    subject,
    found: `the kernel grants ${sizeText(bufferGranted)} of ${sizeText(bufferAsked)}: bursts may be lost`,
    advice: [
      raiseBufferLimit(bufferAsked),
      `to keep it: echo net.core.rmem_max=${bufferAsked} > /etc/sysctl.d/60-weir.conf`,
      'or give Weir CAP_NET_ADMIN, or ask for less with -Dsflow.buffer=SIZE',
    ],
  };
}

/** @param property the property that sets the port, `sflow.port` */
export function checkPort(subject: string, where: string, property: string, probe: PortProbe): Finding {
  switch (probe.outcome) {
    case 'free':
      return { status: 'ok', subject, found: `${where} is free` };
    case 'in use':
      return {
        status: 'fail',
        subject,
        found: `${where} is in use by ${probe.owner ?? 'another program'}`,
        advice: [`end it, or take another with -D${property}=N`],
      };
    case 'not permitted':
      return {
        status: 'fail',
        subject,
        found: `${where} may not be opened by this user`,
        advice: [`take one from 1024 up with -D${property}=N, or give Weir CAP_NET_BIND_SERVICE`],
      };
    case 'no such address':
      return {
        status: 'fail',
        subject,
        found: `${where}: this machine has no such address`,
        advice: [`set -D${property.replace(/port$/, 'hostname')}=ADDRESS to one that \`ip addr\` lists`],
      };
  }
}

export function checkMemory(flowMemory: number, available: number | undefined): Finding {
  const subject = 'memory';
  if (available === undefined)
    return { status: 'ok', subject, found: `flow tables take up to ${sizeText(flowMemory)}` };
  const found = `${sizeText(available)} available, flow tables take up to ${sizeText(flowMemory)}`;
  if (flowMemory <= available) return { status: 'ok', subject, found };
  return { status: 'warn', subject, found, advice: ['set -Dflow.memory=SIZE to less'] };
}

export function checkOpenFiles(limit: number | undefined): Finding {
  const subject = 'open files';
  if (limit === undefined) return { status: 'ok', subject, found: 'no limit known' };
  if (limit >= OPEN_FILES_WANTED) return { status: 'ok', subject, found: `up to ${limit}` };
  return {
    status: 'warn',
    subject,
    found: `up to ${limit}; every HTTP connection takes one`,
    advice: [`ulimit -n ${OPEN_FILES_WANTED}, or LimitNOFILE=${OPEN_FILES_WANTED} in the systemd unit`],
  };
}

export function checkClock({ now, synchronised }: ClockProbe): Finding {
  const subject = 'clock';
  const text = new Date(now).toISOString();
  if (now < EARLIEST_NOW)
    return {
      status: 'fail',
      subject,
      found: `${text} is in the past`,
      advice: ['set the clock: times of events and of exported flows come from it'],
    };
  if (synchronised === false)
    return {
      status: 'warn',
      subject,
      found: `${text}, and the kernel says that nothing keeps it right`,
      advice: [
        'run chrony or systemd-timesyncd; rates do not depend on it, times of events and of exported flows do',
      ],
    };
  return { status: 'ok', subject, found: synchronised === undefined ? text : `${text}, synchronised` };
}

/** What a running Weir tells of itself. */
export function checkRunning(
  analyzer: AnalyzerAnswer,
  agents: AgentsAnswer,
  snmp: SnmpAnswer = {},
): Finding[] {
  return [
    checkBuffer(analyzer.receivePath),
    checkAgents(analyzer, agents),
    checkLosses(analyzer, agents),
    checkFaults(analyzer),
    checkLimits(analyzer),
    ...checkSnmp(snmp),
  ];
}

/** Nothing is said where nobody is asked. */
function checkSnmp({ enabled, agents = {} }: SnmpAnswer): Finding[] {
  if (enabled !== true) return [];
  const subject = 'SNMP';
  const entries = Object.entries(agents);
  const failing = entries.filter(([, { error }]) => error !== undefined);
  const named = entries.length - failing.length;
  if (failing.length === 0) return [{ status: 'ok', subject, found: `${named} agents asked, all answer` }];
  const [, { error }] = failing[0];
  const those = someOf(failing.map(([address]) => address));
  return [
    {
      status: 'warn',
      subject,
      found: `${failing.length} of ${entries.length} agents do not tell their names: ${those}`,
      advice: [`the first of them: ${error}`],
    },
  ];
}

function checkAgents(analyzer: AnalyzerAnswer, agents: AgentsAnswer): Finding {
  const subject = 'agents';
  const { port } = analyzer.receivePath;
  const entries = Object.entries(agents);
  if (entries.length === 0)
    return {
      status: 'warn',
      subject,
      found: `none heard in ${Math.round(analyzer.uptime / 1000)} s`,
      advice: [
        `configure a switch or host to send sFlow to UDP port ${port} of this machine`,
        `tcpdump -ni any udp port ${port} shows whether datagrams arrive; if so, a firewall may drop them`,
      ],
    };
  const silent = entries.filter(([, { lastSeen }]) => lastSeen > SILENT_AFTER_MS).map(([address]) => address);
  if (silent.length === 0) return { status: 'ok', subject, found: `${entries.length}, all sending` };
  return {
    status: 'warn',
    subject,
    found: `${entries.length}, of which ${silent.length} silent for more than ${SILENT_AFTER_MS / 1000} s: ${someOf(silent)}`,
    advice: ['see whether they are up, and whether their sFlow still points here'],
  };
}

function checkLosses({ sFlowKernelDrops }: AnalyzerAnswer, agents: AgentsAnswer): Finding {
  const subject = 'losses';
  const losing = Object.entries(agents)
    .map(([address, { sFlowDatagramsLost: lost, sFlowDatagramsReceived: received }]) => ({
      address,
      share: lost / Math.max(1, lost + received),
    }))
    .filter(({ share }) => share > LOSS_TO_NOTE)
    .sort((a, b) => b.share - a.share);
  if (losing.length === 0 && sFlowKernelDrops === 0)
    return { status: 'ok', subject, found: 'none to speak of' };
  const found: string[] = [];
  const advice: string[] = [];
  if (sFlowKernelDrops > 0) {
    found.push(`${sFlowKernelDrops} datagrams dropped because the socket buffer was full`);
    advice.push('grant a larger socket buffer, or give Weir a faster processor');
  }
  if (losing.length > 0) {
    found.push(
      `lost on the way from ${someOf(losing.map(({ address, share }) => `${address} (${percent(share)})`))}`,
    );
    if (sFlowKernelDrops === 0)
      advice.push('look for drops on the path: interface counters, netstat -su, the agents');
  }
  return { status: 'warn', subject, found: found.join('; '), advice };
}

function checkFaults(analyzer: AnalyzerAnswer): Finding {
  const subject = 'datagrams';
  const faults = [
    ...countOf(analyzer.sFlowParseErrors, 'with faults'),
    ...countOf(analyzer.sFlowUnsupportedVersion, 'of a version that is not sFlow 2, 4 or 5'),
    ...countOf(analyzer.sFlowDatagramsTooLarge, 'too large'),
  ];
  const received = `${analyzer.sFlowDatagramsReceived} received`;
  if (faults.length === 0) return { status: 'ok', subject, found: received };
  const kinds = Object.entries(analyzer.sFlowErrors)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`);
  return {
    status: 'warn',
    subject,
    found: `${received}, ${faults.join(', ')}${kinds.length === 0 ? '' : ` (${someOf(kinds)})`}`,
    advice: [
      `weir decode on a capture of UDP port ${analyzer.receivePath.port} shows what is wrong, and who sends it`,
    ],
  };
}

function checkLimits(analyzer: AnalyzerAnswer): Finding {
  const subject = 'limits';
  const found = [
    ...countOf(analyzer.sFlowAgentsRefused, 'datagrams of agents beyond agents.max'),
    ...countOf(analyzer.sFlowDataSourcesRefused, 'samples of data sources beyond datasources.max'),
  ];
  const advice = found.length === 0 ? [] : ['raise the limit'];
  const full = Object.entries(analyzer.flowsDropped).filter(([, dropped]) => dropped > 0);
  if (full.length > 0) {
    found.push(
      `flow tables full: ${someOf(full.map(([name, dropped]) => `${name} dropped ${dropped} small flows`))}`,
    );
    advice.push('raise flow.memory, or define flows with fewer keys');
  }
  if (found.length === 0) return { status: 'ok', subject, found: 'none reached' };
  return { status: 'warn', subject, found: found.join('; '), advice };
}

function countOf(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

function someOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
