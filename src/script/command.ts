import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { WeirError } from '../common/index.ts';

export interface Command {
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly string[];
  /** `NAME=value`, instead of the environment of Weir; undefined: that. */
  readonly env: readonly string[] | undefined;
  /** undefined: that of Weir. */
  readonly dir: string | undefined;
}

export interface CommandResult {
  /** Lines without their ends. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Exit status; 128 and the signal's number when a signal has ended it, as shells say it. */
  readonly status: number;
}

/** Of both outputs together. A program that writes more is ended. */
const MAX_OUTPUT_BYTES = 16 * 2 ** 20;
const SIGKILL = 9;

/**
 * Runs a program. It has no standard input: reading it ends at once. It is killed, and what it has started in its process
 * group with it, when the signal is aborted. Throws WeirError SCRIPT_COMMAND when it cannot be started, and the promise
 * rejects with one when it writes too much.
 */
export function runCommand({ argv, env, dir }: Command, signal: AbortSignal): Promise<CommandResult> {
  const [program, ...args] = argv;
  if (program === undefined || program === '') throw fault('there is no command');
  if (argv.some((text) => text.includes('\0'))) throw fault('a command has no NUL characters');
  if (signal.aborted) throw fault('the script has ended');
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: a shell would leave behind what it runs.
    detached: true,
    ...(env === undefined ? {} : { env: environment(env) }),
    ...(dir === undefined ? {} : { cwd: dir }),
  });
  // The event with the reason comes later; that there is no process can be seen at once.
  if (child.pid === undefined) {
    child.on('error', () => undefined);
    throw fault(`Cannot run program "${program}"${dir === undefined ? '' : ` (in directory "${dir}")`}`);
  }
  const kill = (): void => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  child.on('exit', () => signal.removeEventListener('abort', kill));
  return outcome(child, program);
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  // The number is nobody else's as long as the end of the program has not been heard of.
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended this moment.
  }
}

function outcome(child: ChildProcess, program: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const collect = (stream: ChildProcess['stdout']): Buffer[] => {
      const chunks: Buffer[] = [];
      stream?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
        else killGroup(child);
      });
      return chunks;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on('error', (error) => reject(fault(error.message)));
    child.on('close', (code, signal) => {
      if (bytes > MAX_OUTPUT_BYTES)
        reject(fault(`"${program}" has written more than ${MAX_OUTPUT_BYTES} bytes`));
      else resolve({ stdout: lines(stdout), stderr: lines(stderr), status: code ?? statusOf(signal) });
    });
  });
}

function statusOf(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? SIGKILL : constants.signals[signal]);
}

function lines(chunks: readonly Buffer[]): string[] {
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

function environment(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

function fault(message: string): WeirError {
  return new WeirError('SCRIPT_COMMAND', `IO error ${message}`);
}
