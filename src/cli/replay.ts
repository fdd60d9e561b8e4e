import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../common/index.ts';
import { type CaptureReport, captureDatagrams, newCaptureReport } from './decode-capture.ts';
import {
  integerOption,
  numberOption,
  parseEndpoint,
  parseOptions,
  portOption,
  usageError,
} from './decode-options.ts';
import type { CommandStreams } from './decode-output.ts';

const USAGE = `Usage: weir replay FILE --to HOST:PORT [options]

Send the UDP datagrams of a capture again, byte for byte and in order, once.

  FILE               pcap or pcapng file; - is standard input
  --to HOST:PORT     where to; an IPv6 address in brackets: [::1]:6343
  --timing original  with the pauses of the capture (the default)
  --speed N          the pauses N times shorter: 2 is twice as fast, 0.5 half as fast
  --rate PPS         that many datagrams a second instead
  --port N           only datagrams that were sent to UDP port N
  --count N          stop after N datagrams
  --seconds N        stop after N seconds
  --loop             begin again at the end, until --count, --seconds or Ctrl-C
  --help

The exit code is 0 when something was sent, 1 when nothing was, 2 for wrong use.
`;

const HIGHEST_RATE = 1e6;
/** Datagrams handed to the kernel and not yet taken. */
const LARGEST_IN_FLIGHT = 64;

export interface ReplayOptions {
  readonly file: string;
  readonly host: string;
  readonly port: number;
  /** Datagrams per second; undefined for the pauses of the capture. */
  readonly rate: number | undefined;
  /** How many times faster than captured. */
  readonly speed: number;
  readonly capturedPort: number | undefined;
  readonly count: number;
  readonly seconds: number;
  readonly loop: boolean;
}

/**
 * The command `weir replay`. Resolves to the exit code; throws a WeirError `CLI_USAGE` for wrong arguments,
 * `CAPTURE_BAD` or `CAPTURE_UNREADABLE` for the file, `REPLAY_NO_ADDRESS` when the host is unknown.
 */
export async function run(args: readonly string[], streams: CommandStreams = process): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    streams.stdout.write(USAGE);
    return 0;
  }
  const sender = await openSender(options);
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const replay = new Replay(options, sender, streams, interrupt.signal);
    await replay.run();
    streams.stderr.write(`weir replay: ${replay.summary()}\n`);
    return sender.sent > 0 ? 0 : 1;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    sender.close();
  }
}

/** undefined: help is wanted. */
function readOptions(args: readonly string[]): ReplayOptions | undefined {
  const { values, positionals } = parseOptions(args, {
    to: { type: 'string' },
    rate: { type: 'string' },
    speed: { type: 'string' },
    timing: { type: 'string' },
    port: { type: 'string' },
    count: { type: 'string' },
    seconds: { type: 'string' },
    loop: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) return undefined;
  if (positionals.length !== 1)
    throw usageError(
      positionals.length === 0 ? 'which file?' : `one file at a time, not ${positionals.length}`,
    );
  const { to, timing } = values;
  if (typeof to !== 'string') throw usageError('say where to with --to HOST:PORT');
  if (timing !== undefined && timing !== 'original')
    throw usageError(`--timing takes original, not '${timing}'`);
  if (timing !== undefined && values['rate'] !== undefined)
    throw usageError('--timing and --rate exclude each other');
  if (values['speed'] !== undefined && values['rate'] !== undefined)
    throw usageError('--speed and --rate exclude each other');
  const [file] = positionals;
  const loop = values['loop'] === true;
  if (loop && file === '-') throw usageError('standard input cannot be read again: no --loop with it');
  return {
    ...parseEndpoint(to),
    file,
    loop,
    rate: numberOption(values, 'rate', 1e-3, HIGHEST_RATE),
    speed: numberOption(values, 'speed', 1e-3, 1e6) ?? 1,
    capturedPort: portOption(values, 'port'),
    count: integerOption(values, 'count', 1) ?? Number.POSITIVE_INFINITY,
    seconds: numberOption(values, 'seconds', 1e-3, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
  };
}

/** One run of the command. */
class Replay {
  private readonly options: ReplayOptions;
  private readonly sender: Sender;
  private readonly streams: CommandStreams;
  private readonly signal: AbortSignal;
  private readonly startMs = performance.now();
  private report: CaptureReport = newCaptureReport();

  constructor(options: ReplayOptions, sender: Sender, streams: CommandStreams, signal: AbortSignal) {
    this.options = options;
    this.sender = sender;
    this.streams = streams;
    this.signal = signal;
  }

  async run(): Promise<void> {
    let handedBefore: number;
    do {
      handedBefore = this.sender.handed;
      await this.pass();
    } while (this.options.loop && this.sender.handed > handedBefore && !this.finished());
    await this.sender.drained(0);
  }

  summary(): string {
    const { sent, bytes, failed, lastError } = this.sender;
    const seconds = (performance.now() - this.startMs) / 1000;
    const parts = [`${sent} datagrams, ${bytes} bytes in ${seconds.toFixed(1)} s`];
    if (seconds >= 1) parts[0] += ` (${Math.round(sent / seconds)} per second)`;
    if (failed > 0) parts.push(`${failed} refused or failed: ${failureText(lastError)}`);
    for (const [reason, count] of this.report.skipped) parts.push(`${count} packets ${reason}`);
    if (this.report.damagedAt !== undefined)
      parts.push(`the file is damaged or cut at byte ${this.report.damagedAt}`);
    return parts.join(', ');
  }

  /** Once through the file. */
  private async pass(): Promise<void> {
    const { file, capturedPort } = this.options;
    this.report = newCaptureReport();
    const due = this.schedule();
    const datagrams = captureDatagrams(
      file,
      this.streams.stdin,
      { port: capturedPort, signal: this.signal },
      this.report,
    );
    for await (const datagram of datagrams) {
      await this.waitUntil(due(datagram.timeMicros));
      if (this.finished()) return;
      await this.sender.drained(LARGEST_IN_FLIGHT - 1);
      this.sender.send(datagram.payload);
    }
  }

  /**
   * When the next datagram of this pass is to be sent, on the clock of `performance.now`. A rate counts from the start
   * of the run, so that lateness of the machine is made up for; captured times that go back are sent at once.
   */
  private schedule(): (timeMicros: number) => number {
    const { rate, speed } = this.options;
    if (rate !== undefined) return () => this.startMs + (this.sender.handed / rate) * 1000;
    const passStartMs = performance.now();
    let firstMicros: number | undefined;
    return (timeMicros) => {
      firstMicros ??= timeMicros;
      return passStartMs + (timeMicros - firstMicros) / 1000 / speed;
    };
  }

  private async waitUntil(dueMs: number): Promise<void> {
    const lastMs = this.startMs + this.options.seconds * 1000;
    for (;;) {
      const restMs = Math.min(dueMs, lastMs) - performance.now();
      if (restMs <= 0 || this.signal.aborted) return;
      await sleep(Math.min(restMs, LONGEST_SLEEP_MS), undefined, { signal: this.signal }).catch(() => {});
    }
  }

  private finished(): boolean {
    return (
      this.signal.aborted ||
      this.sender.handed >= this.options.count ||
      performance.now() - this.startMs >= this.options.seconds * 1000
    );
  }
}

/** Longest that a timer can wait, ms (a signed 32-bit number). */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** A UDP socket towards one address, and what went through it. */
class Sender {
  /** Datagrams given to the socket, whether the kernel took them or not. */
  handed = 0;
  bytes = 0;
  failed = 0;
  lastError: Error | undefined;
  private readonly socket: Socket;
  private inFlight = 0;
  private wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    // A refusal of an earlier datagram may be told here instead of to the next send.
    socket.on('error', (error) => this.noteFailure(error));
  }

  /** Datagrams that no error was reported for. */
  get sent(): number {
    return Math.max(0, this.handed - this.failed);
  }

  send(payload: Uint8Array): void {
    this.handed++;
    this.bytes += payload.length;
    this.inFlight++;
    this.socket.send(payload, (error) => {
      this.inFlight--;
      if (error !== null) this.noteFailure(error);
      this.wake();
    });
  }

  /** Resolves when at most `limit` datagrams are in flight. */
  async drained(limit: number): Promise<void> {
    while (this.inFlight > limit) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  close(): void {
    this.socket.close();
  }

  private noteFailure(error: Error): void {
    this.failed++;
    this.lastError = error;
  }
}

async function openSender({ host, port }: ReplayOptions): Promise<Sender> {
  const { address, family } = await lookup(host).catch((cause: Error) => {
    throw new WeirError('REPLAY_NO_ADDRESS', `no address found for ${host}: ${cause.message}`, { cause });
  });
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  return new Sender(socket);
}

function failureText(error: Error | undefined): string {
  const refused = error !== undefined && 'code' in error && error.code === 'ECONNREFUSED';
  return refused ? 'nothing listens there' : (error?.message ?? 'unknown');
}
