import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Longest time one command may take. */
const COMMAND_WITHIN_MS = 15_000;
/** Time a program has to end in order. */
const END_WITHIN_MS = 2_000;

/** Words before a command, so that it runs in a network namespace. */
export type CommandPrefix = readonly [string, ...string[]];

/** Thrown when the machine lacks what a test with real peers needs. */
export function requirePeers(programs: Readonly<Record<string, string>>): void {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root');
  const missing = Object.entries(programs).filter(([program]) => !isInstalled(program));
  if (missing.length > 0)
    throw new Error(`Debian packages are missing: ${missing.map(([, debian]) => debian).join(', ')}`);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A network namespace with a name of its own, and the programs that run in it. All of it goes with `delete`, or at the
 * latest with this process.
 */
export class NetworkNamespace {
  readonly name: string;
  private readonly children: ChildProcess[] = [];
  private readonly atExit = (): void => {
    for (const child of this.children) child.kill('SIGKILL');
    this.remove();
  };

  /** @param label tells it from others of the same test */
  constructor(label: string) {
    this.name = `weir-test-${process.pid}-${label}`;
    run('ip', 'netns', 'add', this.name);
    process.once('exit', this.atExit);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  get prefix(): CommandPrefix {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Runs a command to its end, and gives what it printed. Throws when it fails or takes too long. */
  run(...command: readonly string[]): string {
    return run(...this.prefix, ...command);
  }

  /** Starts a program that runs until `delete`. It must stay in the foreground. */
  start(command: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [program, ...words] = this.prefix;
    const child = spawn(program, [...words, ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.push(child);
    return child;
  }

  /** Joins this namespace with another by a pair of interfaces, both up. */
  connect(own: string, other: NetworkNamespace, others: string): void {
    const peer = ['peer', 'name', others, 'netns', other.name];
    run('ip', 'link', 'add', own, 'netns', this.name, 'type', 'veth', ...peer);
    this.run('ip', 'link', 'set', own, 'up');
    other.run('ip', 'link', 'set', others, 'up');
  }

  async delete(): Promise<void> {
    process.removeListener('exit', this.atExit);
    await Promise.all(this.children.map(end));
    this.remove();
  }

  private remove(): void {
    run('ip', 'netns', 'del', this.name);
  }
}

function run(...command: readonly string[]): string {
  const [program, ...args] = command;
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: COMMAND_WITHIN_MS, stdio: 'pipe' });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr ?? '';
    throw new Error(`${command.join(' ')}: ${said.trim() || String(cause)}`, { cause });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
