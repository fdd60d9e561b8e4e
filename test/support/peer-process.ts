import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 20_000;
const END_WITHIN_MS = 5_000;

/** Thrown when a program that a test needs is not installed. */
export function requirePrograms(programs: Readonly<Record<string, string>>): void {
  const missing = Object.entries(programs).filter(([program]) => {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0)
    throw new Error(`Debian packages are missing: ${missing.map(([, debian]) => debian).join(', ')}`);
}

/** A TCP port of loopback that nobody has now. */
export function freeTcpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A folder that goes with this process at the latest. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'weir-test-'));
  private readonly atExit = (): void => this.delete();

  constructor() {
    process.once('exit', this.atExit);
  }

  delete(): void {
    process.removeListener('exit', this.atExit);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A program beside the one that is tested; it can be ended and started again. */
export class PeerProcess {
  private readonly command: readonly string[];
  private readonly cwd: string;
  private child: ChildProcess | undefined;
  private output = '';
  private readonly kill = (): void => void this.child?.kill('SIGKILL');

  constructor(command: readonly string[], cwd: string) {
    this.command = command;
    this.cwd = cwd;
  }

  /** Starts it, and waits until `ready` no longer throws. */
  async start(ready: () => Promise<unknown>): Promise<void> {
    const [program, ...args] = this.command;
    const child = spawn(program, args, { cwd: this.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    process.once('exit', this.kill);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-10_000);
      });
    for (const until = Date.now() + READY_WITHIN_MS; ; await sleep(50)) {
      try {
        await ready();
        return;
      } catch (error) {
        if (child.exitCode !== null || Date.now() > until)
          throw new Error(`${program} is not ready:\n${this.output}`, { cause: error });
      }
    }
  }

  /** Ends it, and waits for that. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    process.removeListener('exit', this.kill);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** Asks again until the answer passes. */
export async function eventually<T>(
  ask: () => Promise<T>,
  passes: (answer: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await sleep(100)) {
    const answer = await ask();
    if (passes(answer)) return answer;
    if (Date.now() > until)
      throw new Error(`it did not come to be: ${JSON.stringify(answer).slice(0, 2000)}`);
  }
}
