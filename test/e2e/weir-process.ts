import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const WEIR = fileURLToPath(new URL('../../weir', import.meta.url));
const START_WITHIN_MS = 20_000;

/** A finished run of the command line. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly error: string;
}

/** A process of the command line as a user starts it, `./weir …`. */
export class WeirProcess {
  readonly child: ChildProcess;
  out = '';
  error = '';
  private readonly exit: Promise<Finished>;

  /** @param prefix words before the command, such as `ip netns exec NAME` */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, prefix: readonly string[] = []) {
    // Tests must not find what others left; those of the store say so.
    const all = { ...process.env, WEIR_STORE_PERSIST: 'no', ...env };
    const [program, ...words] = [...prefix, WEIR, ...args];
    this.child = spawn(program, words, { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.error += chunk;
    });
    this.exit = once(this.child, 'close').then(([code, signal]) => ({
      code,
      signal,
      out: this.out,
      error: this.error,
    }));
    // Whatever becomes of the test, its processes do not outlive it.
    const kill = (): boolean => this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.exit.finally(() => process.removeListener('exit', kill));
  }

  /** Starts `weir serve` on free ports of loopback, and waits until it answers. */
  static serve(...properties: string[]): Promise<ServingWeir> {
    return WeirProcess.serveBy([], ...properties);
  }

  /** The same, with words before the command, such as `ip netns exec NAME`. */
  static async serveBy(prefix: readonly string[], ...properties: string[]): Promise<ServingWeir> {
    const own = ['-Dlog.format=json', '-Dhttp.port=0', '-Dsflow.port=0', '-Dsflow.hostname=127.0.0.1'];
    const weir = new WeirProcess(['serve', ...own, ...properties], {}, prefix);
    const line = await weir.logLine('serving').catch((error) => {
      weir.child.kill('SIGKILL');
      throw error;
    });
    const receive = line['receive'] as { port: number; kind: string };
    return { weir, url: String(line['http']), sflowPort: receive.port, receiver: receive.kind };
  }

  /** The first line of the JSON log with this message, as soon as there is one. */
  async logLine(message: string): Promise<Record<string, unknown>> {
    const until = Date.now() + START_WITHIN_MS;
    while (Date.now() < until && this.child.exitCode === null) {
      for (const text of this.error.split('\n')) {
        const line = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
        if (line['msg'] === message) return line;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no "${message}" in the log:\n${this.error}`);
  }

  /** Resolves when the process has ended by itself. */
  finished(): Promise<Finished> {
    return this.exit;
  }

  /** Sends a signal, and resolves when the process has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.child.kill(signal);
    return this.exit;
  }
}

export interface ServingWeir {
  readonly weir: WeirProcess;
  /** Ends in a slash. */
  readonly url: string;
  readonly sflowPort: number;
  readonly receiver: string;
}
