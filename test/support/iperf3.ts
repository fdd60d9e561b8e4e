import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkNamespace } from './network-namespace.ts';

export interface IperfPlan {
  readonly protocol: 'tcp' | 'udp';
  readonly server: NetworkNamespace;
  readonly serverAddress: string;
  readonly port: number;
  readonly client: NetworkNamespace;
  readonly bitsPerSecond: number;
  readonly seconds: number;
  /** UDP payload of a datagram, bytes. */
  readonly length?: number;
}

/** What iperf3 says of a run with one stream. */
export interface IperfResult {
  readonly localPort: number;
  /** TCP only: the payload of a full segment, bytes, IP and TCP options aside. */
  readonly segmentBytes: number;
  /** Payload bytes per second in each second of the run. */
  readonly perSecond: readonly number[];
}

interface IperfReport {
  readonly error?: string;
  readonly start: {
    readonly connected: readonly { readonly local_port: number }[];
    readonly tcp_mss_default?: number;
  };
  readonly intervals: readonly { readonly sum: { readonly bytes: number; readonly seconds: number } }[];
}

/** Starts a server for one run, then the client; resolves when the run is over. Throws what iperf3 complains of. */
export async function runIperf(plan: IperfPlan): Promise<IperfResult> {
  const { protocol, server, serverAddress, client, bitsPerSecond, seconds, length } = plan;
  const port = String(plan.port);
  const serving = server.start(['iperf3', '--server', '--one-off', '--port', port, '--forceflush']);
  await printed(serving, 'listening');
  const words = ['iperf3', '--json', '--client', serverAddress, '--port', port];
  words.push('--time', String(seconds), '--bitrate', String(bitsPerSecond), '--interval', '1');
  if (protocol === 'udp') words.push('--udp', '--length', String(length));
  const running = client.start(words);
  let text = '';
  running.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const limit = setTimeout(() => running.kill('SIGKILL'), (seconds + 15) * 1000);
  await once(running, 'close');
  clearTimeout(limit);
  const report = JSON.parse(text) as IperfReport;
  if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
  return {
    localPort: report.start.connected[0].local_port,
    segmentBytes: report.start.tcp_mss_default ?? 0,
    perSecond: report.intervals.map(({ sum }) => sum.bytes / sum.seconds),
  };
}

async function printed(child: ChildProcess, words: string): Promise<void> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  for (let i = 0; i < 200 && !text.includes(words); i++) {
    if (child.exitCode !== null) throw new Error(`iperf3 ended with ${child.exitCode}: ${text}`);
    await sleep(25);
  }
}
