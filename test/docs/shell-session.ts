import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a block of commands did. */
export interface Ran {
  readonly out: string;
  readonly error: string;
  /** False when any of the commands failed. */
  readonly good: boolean;
}

/**
 * The functions and settings under which blocks run: a command that fails is noticed wherever it stands. An HTTP error is
 * a failure, too, unless the page looks at the status itself.
 */
const PRELUDE = `set -E -o pipefail
curl() {
  case " $* " in
    *' -w '* | *' -i '*) command curl --silent --show-error --max-time 60 "$@" ;;
    *) command curl --silent --show-error --fail-with-body --max-time 60 "$@" ;;
  esac
}
`;

/** One shell for all commands of a page, so that variables and folders last from one block to the next. */
export class ShellSession {
  private readonly shell: ChildProcess;
  private readonly folder: string;
  private blocks = 0;
  private heard = '';
  private wake: () => void = () => {};

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    // A group of its own, so that whatever a page starts can be ended with it.
    this.shell = spawn('bash', ['--noprofile', '--norc'], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.shell.stdout?.on('data', (chunk) => {
      this.heard += chunk;
      this.wake();
    });
    this.shell.on('close', () => {
      this.heard += 'ended\n';
      this.wake();
    });
    this.shell.stdin?.write(PRELUDE);
  }

  /** Runs commands to their end. Rejects when they take longer than `timeoutMs`. */
  async run(commands: string, timeoutMs: number): Promise<Ran> {
    const file = join(this.folder, `.block-${++this.blocks}`);
    writeFileSync(`${file}.sh`, `${commands}\n`);
    this.heard = '';
    this.shell.stdin?.write(
      `failed=0; trap 'failed=1' ERR; source '${file}.sh' >'${file}.out' 2>'${file}.err' </dev/null; trap - ERR; echo "$failed"\n`,
    );
    const late = setTimeout(() => {
      this.heard += 'late\n';
      this.wake();
    }, timeoutMs);
    while (!this.heard.includes('\n'))
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    clearTimeout(late);
    const out = readFileSync(`${file}.out`, 'utf8');
    const error = readFileSync(`${file}.err`, 'utf8');
    if (this.heard.startsWith('late'))
      throw new Error(`still running after ${timeoutMs} ms:\n${out}${error}`);
    return { out, error, good: this.heard.startsWith('0') };
  }

  close(): void {
    endGroup(this.shell, 'SIGKILL');
  }
}

/** Sends a signal to a process and all that it started. */
export function endGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
