import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectedSender } from '../udp/index.ts';
import { Backoff } from './backoff.ts';
import type { BatchQueue } from './batch-queue.ts';
import { Outlet } from './outlet.ts';
import { type ReceiveCounts, StreamReceiver } from './receive.ts';
import { eachLine, type SshCommand, type SshEnd, SshRun } from './ssh-run.ts';
import { sshTrouble } from './ssh-trouble.ts';
import type { StreamFormat } from './stream-format.ts';

export interface TunnelDeps {
  /** Tells a person, in a line. */
  readonly say: (text: string) => void;
  readonly random?: () => number;
}

export interface TunnelCounts {
  /** Times that ssh was let in. */
  connections: number;
  /** Tries that came to nothing. */
  failures: number;
  /** Datagrams written to ssh, and those the other end has said it has. */
  written: number;
  arrived: number;
  /** Datagrams that were under way when a connection broke: so many are lost at most. */
  lostAtMost: number;
}

/** What ssh carries while it runs: one direction of datagrams. */
interface Traffic {
  /** It is running: hand datagrams to it, or take them from it. Resolves when the stream has ended. */
  carry(ssh: SshRun): Promise<void>;
  /** The run is over: what was lost, in words; undefined for nothing. */
  ended(counts: TunnelCounts): string | undefined;
  /** Connected: what has happened meanwhile, in words. */
  connected(): string;
  /** Let what is under way arrive; resolves when it has. */
  finish(): Promise<void>;
}

/** How long ssh has to end when its work is done, ms. */
const END_WITHIN_MS = 2000;
/** The same trouble is told again after so many tries. */
const TELL_AGAIN = 20;

/** Runs ssh, and runs it again when it ends, until stopped. */
export class Tunnel {
  readonly counts: TunnelCounts = { connections: 0, failures: 0, written: 0, arrived: 0, lostAtMost: 0 };
  private readonly command: SshCommand;
  private readonly traffic: Traffic;
  private readonly deps: TunnelDeps;
  private readonly stopping = new AbortController();
  private ssh: SshRun | undefined;
  private running: Promise<void> | undefined;
  private trouble = '';
  private sameTrouble = 0;

  constructor(command: SshCommand, traffic: Traffic, deps: TunnelDeps) {
    this.command = command;
    this.traffic = traffic;
    this.deps = deps;
  }

  start(): void {
    this.running = this.run();
  }

  /** Lets what waits arrive, within bounds, and ends ssh. */
  async stop(): Promise<void> {
    const { ssh } = this;
    this.stopping.abort();
    if (ssh !== undefined) {
      await Promise.race([this.traffic.finish(), ssh.ended]);
      ssh.stdin.end();
      const killer = setTimeout(() => ssh.kill(), END_WITHIN_MS);
      await ssh.ended;
      clearTimeout(killer);
    }
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new Backoff(this.deps.random);
    let downSince = performance.now();
    while (!signal.aborted) {
      const end = await this.once(downSince);
      downSince = performance.now();
      const lost = this.traffic.ended(this.counts);
      if (signal.aborted) {
        if (lost !== undefined) this.deps.say(lost);
        return;
      }
      const waitMs = backoff.next(end.lastedMs);
      this.tell(end, lost, waitMs);
      await sleep(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  /** One run of ssh. */
  private async once(downSince: number): Promise<SshEnd> {
    const { host } = this.command;
    const ssh = new SshRun(this.command, (line) => this.deps.say(`${host}: ${line}`));
    this.ssh = ssh;
    ssh.connected.then(() => {
      const again = this.counts.connections++ > 0;
      const after = ((performance.now() - downSince) / 1000).toFixed(1);
      const news = this.traffic.connected();
      this.trouble = '';
      this.deps.say(`connected to ${host}${again ? ` again after ${after} s${news}` : ''}`);
    });
    const carried = this.traffic.carry(ssh).catch((error: unknown) => {
      this.deps.say(`${host}: ${error instanceof Error ? error.message : String(error)}`);
      ssh.kill();
    });
    const end = await ssh.ended;
    await carried;
    this.ssh = undefined;
    return end;
  }

  private tell(end: SshEnd, lost: string | undefined, waitMs: number): void {
    const { text, lasting } = sshTrouble(this.command.host, end.lines, end.code);
    this.counts.failures++;
    this.sameTrouble = this.trouble === text && end.lastedMs === 0 ? this.sameTrouble + 1 : 0;
    this.trouble = text;
    if (this.sameTrouble % TELL_AGAIN !== 0) return;
    const still = this.sameTrouble > 0 ? 'still: ' : '';
    const begin = end.lastedMs > 0 ? 'the connection ended: ' : '';
    const wait = `${lasting ? 'tries go on, the' : 'the'} next in ${(waitMs / 1000).toFixed(1)} s`;
    this.deps.say(`${still}${begin}${text}${lost === undefined ? '' : `; ${lost}`}; ${wait}`);
  }
}

const ACKNOWLEDGEMENT = /^received (\d+)$/;

/** Datagrams that go to the other end. */
export class PushTraffic implements Traffic {
  private readonly queue: BatchQueue;
  private readonly format: StreamFormat;
  private readonly compress: boolean;
  private outlet: Outlet | undefined;
  private sentBefore = 0;
  private droppedBefore = 0;

  /** @param format frames when Weir is at the other end: then it acknowledges */
  constructor(queue: BatchQueue, format: StreamFormat, compress: boolean) {
    this.queue = queue;
    this.format = format;
    this.compress = compress;
  }

  /** Something has been put into the queue. */
  pump(): void {
    this.outlet?.pump();
  }

  keepAlive(): void {
    this.outlet?.keepAlive();
  }

  async carry(ssh: SshRun): Promise<void> {
    const acknowledged = this.format === 'frames';
    eachLine(ssh.stdout, (line) => {
      const count = ACKNOWLEDGEMENT.exec(line)?.[1];
      if (count !== undefined) this.outlet?.acknowledge(Number(count));
    });
    // Before that, nothing is taken from the queue: what ssh has read and cannot deliver would be lost.
    const ended = ssh.ended.then(() => false);
    if (!(await Promise.race([ssh.connected.then(() => true), ended]))) return;
    this.outlet = new Outlet(this.queue, ssh.stdin, {
      format: this.format,
      compress: this.compress,
      acknowledged,
      sentBefore: this.sentBefore,
    });
    this.outlet.pump();
    await ended;
  }

  connected(): string {
    const dropped = this.queue.dropped - this.droppedBefore;
    const lost = dropped > 0 ? `, ${dropped} older ones were dropped because the queue was full` : '';
    return `; ${this.queue.datagrams} datagrams waited${lost}`;
  }

  ended(counts: TunnelCounts): string | undefined {
    const { outlet } = this;
    this.droppedBefore = this.queue.dropped;
    if (outlet === undefined) return undefined;
    outlet.close();
    this.outlet = undefined;
    counts.written += outlet.written;
    counts.arrived += outlet.acknowledged;
    this.sentBefore += outlet.written;
    if (this.format === 'lines')
      return `${outlet.written} datagrams had been written to it; how many of the last ones are lost cannot be told`;
    const underWay = outlet.written - outlet.acknowledged;
    counts.lostAtMost += underWay;
    return underWay === 0
      ? 'nothing was lost with it'
      : `${underWay} datagrams were under way: so many are lost at most`;
  }

  async finish(): Promise<void> {
    await this.outlet?.drained();
    this.outlet?.end();
  }
}

/** Bad lines of a connection that are told. */
const LINES_TOLD = 5;

/** Datagrams that come from the other end. */
export class PullTraffic implements Traffic {
  /** Of the connections that have ended. */
  private readonly before: ReceiveCounts = { datagrams: 0, bytes: 0, badLines: 0, dropped: 0 };
  private readonly sender: ConnectedSender;
  private readonly rate: number | undefined;
  private readonly say: (text: string) => void;
  private receiver: StreamReceiver | undefined;

  constructor(sender: ConnectedSender, rate: number | undefined, say: (text: string) => void) {
    this.sender = sender;
    this.rate = rate;
    this.say = say;
  }

  async carry(ssh: SshRun): Promise<void> {
    const receiver = new StreamReceiver({
      sender: this.sender,
      sink: undefined,
      rate: this.rate,
      // What a login shell prints before the first datagram ends up here.
      onBadLine: (number, reason) => {
        if (receiver.counts.badLines <= LINES_TOLD) this.say(`line ${number} is no datagram: ${reason}`);
      },
      acknowledge: () => {},
    });
    this.receiver = receiver;
    await receiver.run(ssh.stdout);
  }

  connected(): string {
    return '; what was sent to the other end meanwhile is lost';
  }

  ended(counts: TunnelCounts): string | undefined {
    const { receiver } = this;
    this.receiver = undefined;
    if (receiver === undefined) return undefined;
    add(this.before, receiver.counts);
    counts.arrived += receiver.counts.datagrams;
    return `${receiver.counts.datagrams} datagrams had come`;
  }

  async finish(): Promise<void> {}

  /** Of all connections. */
  get counts(): ReceiveCounts {
    const counts = { ...this.before };
    if (this.receiver !== undefined) add(counts, this.receiver.counts);
    return counts;
  }
}

function add(to: ReceiveCounts, more: ReceiveCounts): void {
  for (const name of ['datagrams', 'bytes', 'badLines', 'dropped'] as const) to[name] += more[name];
}
