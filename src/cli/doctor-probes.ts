/** How `weir doctor` finds things out. Nothing here changes anything. */
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { Config } from '../config/index.ts';
import { DgramReceiver } from '../udp/receiver-dgram.ts';
import { RecvmmsgReceiver } from '../udp/receiver-recvmmsg.ts';
import type {
  AgentsAnswer,
  AnalyzerAnswer,
  ClockProbe,
  HttpProbe,
  PortProbe,
  ReceiverProbe,
  SnmpAnswer,
} from './doctor-checks.ts';

const HTTP_TIMEOUT_MS = 2000;
/** `struct timex` of 64-bit Linux. */
const TIMEX_BYTES = 208;
/** adjtimex(2): the clock is not kept right. */
const TIME_ERROR = 5;

/** Opens a receive path as the properties ask for it, but on any free port of any address, and closes it. */
export async function probeReceiver(config: Config): Promise<ReceiverProbe> {
  const options = { address: '', port: 0, bufferBytes: config.integer('sflow.buffer') };
  const ignore = (): void => {};
  let reason: string | undefined;
  if (config.string('engine.receiver') !== 'dgram')
    try {
      const receiver = new RecvmmsgReceiver(options, 1, 0, ignore);
      receiver.close();
      return receiver.info;
    } catch (error) {
      reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    }
  const receiver = new DgramReceiver(options, ignore);
  await receiver.start();
  receiver.close();
  return reason === undefined ? receiver.info : { ...receiver.info, reason };
}

/** Asks for a UDP port, and gives it back. An empty address means all. */
export function probeUdpPort(address: string, port: number): Promise<PortProbe> {
  const socket = createSocket(address === '' || address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(portFailure(error, 'udp', port));
    });
    socket.bind({ port, exclusive: true, ...(address === '' ? {} : { address }) }, () => {
      socket.close();
      resolve({ outcome: 'free' });
    });
  });
}

/** Asks for a TCP port, and gives it back. An empty address means all. */
export function probeTcpPort(address: string, port: number): Promise<PortProbe> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(portFailure(error, 'tcp', port)));
    server.listen({ port, ...(address === '' ? {} : { host: address }) }, () =>
      server.close(() => resolve({ outcome: 'free' })),
    );
  });
}

function portFailure(error: NodeJS.ErrnoException, protocol: 'udp' | 'tcp', port: number): PortProbe {
  if (error.code === 'EACCES') return { outcome: 'not permitted' };
  if (error.code === 'EADDRINUSE') {
    const owner = portOwner(protocol, port);
    return owner === undefined ? { outcome: 'in use' } : { outcome: 'in use', owner };
  }
  return { outcome: 'no such address' };
}

/** `name (pid 123)` of the process that has a port, when /proc tells. */
export function portOwner(protocol: 'udp' | 'tcp', port: number): string | undefined {
  const inodes = new Set<string>();
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of [protocol, `${protocol}6`])
    for (const line of readText(`/proc/net/${table}`).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix)) inodes.add(`socket:[${fields[9]}]`);
    }
  if (inodes.size === 0) return undefined;
  for (const pid of listFolder('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of listFolder(`/proc/${pid}/fd`))
      if (inodes.has(readLink(`/proc/${pid}/fd/${fd}`)))
        return `${readText(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
  }
  return undefined;
}

/** Asks whatever is on the HTTP port who it is, and a Weir how it does: with a token, when there is one. */
export async function probeHttp(url: string, token?: string): Promise<HttpProbe> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  let guarded = false;
  const get = async (path: string): Promise<string> => {
    const response = await fetch(url + path, { headers, signal: AbortSignal.timeout(HTTP_TIMEOUT_MS) });
    const text = await response.text();
    guarded = response.status === 401 && /realm="Weir"/.test(response.headers.get('www-authenticate') ?? '');
    if (!response.ok) throw new Error(`${response.status} to ${path}`);
    return text;
  };
  let version: string;
  try {
    version = await get('version');
  } catch (error) {
    if (guarded) return { kind: 'guarded' };
    const refused = error instanceof TypeError;
    return refused
      ? { kind: 'silent' }
      : { kind: 'other', answer: error instanceof Error ? error.message : '' };
  }
  try {
    const analyzer = JSON.parse(await get('analyzer/json')) as AnalyzerAnswer;
    if (analyzer.receivePath === undefined)
      return { kind: 'other', answer: `version ${version.slice(0, 40)}` };
    const agents = JSON.parse(await get('agents/json')) as AgentsAnswer;
    const snmp = JSON.parse(await get('v1/snmp').catch(() => '{}')) as SnmpAnswer;
    return { kind: 'weir', version, analyzer, agents, snmp };
  } catch {
    return { kind: 'other', answer: 'no analyzer/json' };
  }
}

/** Bytes the kernel could give to programs now, or undefined where it does not say. */
export function availableMemory(): number | undefined {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo'));
  return found === null ? undefined : Number(found[1]) * 1024;
}

/** Most files this process may open at once, or undefined where there is no limit or it is not known. */
export function openFilesLimit(): number | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(readText('/proc/self/limits'));
  return found === null ? undefined : Number(found[1]);
}

export function probeClock(): ClockProbe {
  return { now: Date.now(), synchronised: clockSynchronised() };
}

/** Does something keep the clock right? undefined where the kernel cannot be asked. */
function clockSynchronised(): boolean | undefined {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    // With no bits set in its first word the call only reads.
    const state = koffi.load(null).func('int adjtimex(void *)')(new Uint8Array(TIMEX_BYTES)) as number;
    return state < 0 ? undefined : state !== TIME_ERROR;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
