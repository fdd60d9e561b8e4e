import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export interface SshCommand {
  /** The program, `ssh`. */
  readonly program: string;
  /** Options of the user, which go before ours: ssh takes the first value of each. */
  readonly options: readonly string[];
  /** `host` or `user@host`. */
  readonly host: string;
  /** Command that the other end's shell runs. */
  readonly remote: string;
}

/** How a run of ssh ended. */
export interface SshEnd {
  readonly code: number | null;
  /** What ssh said, the last lines. */
  readonly lines: readonly string[];
  /** ms from being let in to the end; 0 when it never was. */
  readonly lastedMs: number;
}

const LINES_KEPT = 40;
const LONGEST_LINE = 1000;
/** Written by ssh itself, by LocalCommand, once it has been let in. */
const CONNECTED = 'weir-tunnel-connected';

const OUR_OPTIONS = [
  '-T',
  ...['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'].flatMap(
    (option) => ['-o', option],
  ),
  ...['-o', 'PermitLocalCommand=yes', '-o', `LocalCommand=echo ${CONNECTED} >&2`],
];

/** One run of ssh with pipes to the command at the other end. */
export class SshRun {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when ssh has been let in; rejects never, but may stay open for ever. */
  readonly connected: Promise<void>;
  /** Resolves when ssh has ended and its pipes are read to their ends. */
  readonly ended: Promise<SshEnd>;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly lines: string[] = [];
  private connectedAt = 0;

  /** @param onLine a line that ssh, or the command at the other end, wrote after ssh was let in */
  constructor({ program, options, host, remote }: SshCommand, onLine: (line: string) => void) {
    const args = [...options, ...OUR_OPTIONS, '--', host, remote];
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.stdin = this.child.stdin;
    this.stdout = this.child.stdout;
    // The end of ssh tells more than that its pipe is broken.
    this.stdin.on('error', () => {});
    let letIn: () => void;
    this.connected = new Promise((resolve) => {
      letIn = resolve;
    });
    eachLine(this.child.stderr, (line) => {
      if (line === CONNECTED) {
        this.connectedAt = performance.now();
        letIn();
        return;
      }
      this.lines.push(line);
      if (this.lines.length > LINES_KEPT) this.lines.shift();
      if (this.connectedAt > 0) onLine(line);
    });
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => this.lines.push(error.message));
      this.child.on('close', (code) => {
        const lastedMs = this.connectedAt === 0 ? 0 : performance.now() - this.connectedAt;
        resolve({ code, lines: this.lines, lastedMs });
      });
    });
  }

  kill(): void {
    this.child.kill('SIGTERM');
  }
}

/** Calls back for each line of a text stream; a line that is too long is cut. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!.slice(0, LONGEST_LINE);
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
  stream.on('error', () => {});
}
