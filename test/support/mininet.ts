import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from './network-namespace.ts';

const SANDBOX = fileURLToPath(new URL('mininet-sandbox.sh', import.meta.url));
const UNSHARE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const SAYS_WITHIN_MS = 30_000;
const PROMPT = 'mininet> ';

/**
 * A real Mininet at its prompt, in a network namespace, with an Open vSwitch, processes and a /tmp of its own: what it
 * cleans up is its own. In the folder of the sources.
 */
export class Mininet {
  output = '';
  private readonly child: ChildProcess;
  private readonly exit: Promise<number | null>;

  /** @param command `mn …`, or a script that opens the prompt */
  constructor({ prefix: [program, ...words] }: NetworkNamespace, command: readonly string[], env = {}) {
    this.child = spawn(program, [...words, ...UNSHARE, SANDBOX, ...command], {
      env: { ...process.env, ...env },
      stdio: 'pipe',
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
    this.exit = once(this.child, 'close').then(([code]) => code as number | null);
    const kill = (): boolean => this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.exit.finally(() => process.removeListener('exit', kill));
  }

  /** Types a line at the prompt, and waits for the next one: what is typed ahead goes to the command that runs. */
  async type(line: string): Promise<void> {
    const before = this.prompts;
    this.child.stdin?.write(`${line}\n`);
    await this.until(`an answer to ${line}`, () => this.prompts > before);
  }

  /** Resolves once it has said this. */
  says(text: string): Promise<void> {
    return this.until(text, () => this.output.includes(text));
  }

  private get prompts(): number {
    return this.output.split(PROMPT).length;
  }

  private async until(text: string, isSo: () => boolean): Promise<void> {
    const until = Date.now() + SAYS_WITHIN_MS;
    while (!isSo()) {
      if (Date.now() > until || this.child.exitCode !== null)
        throw new Error(`Mininet does not say "${text}" but\n${this.output}`);
      await sleep(50);
    }
  }

  /** Ends the network in order; resolves to the exit code. */
  async end(): Promise<number | null> {
    this.child.stdin?.end();
    return this.exit;
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}
