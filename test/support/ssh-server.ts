import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_WITHIN_MS = 10_000;

/** A real sshd on a free port of loopback, a key that it lets in, and a file of known hosts with its key. */
export class SshServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-ssh-'));
  port = 0;
  private child: ChildProcess | undefined;
  private said = '';

  static async start(): Promise<SshServer> {
    const server = new SshServer();
    server.makeKey('host-key');
    server.makeKey('user-key');
    server.letIn();
    server.port = await freePort();
    server.know('host-key');
    await server.run();
    return server;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Options of ssh that lead here. */
  get options(): string[] {
    return [
      ...['-p', String(this.port), '-i', this.path('user-key'), '-F', 'none'],
      ...['-o', `UserKnownHostsFile=${this.path('known-hosts')}`, '-o', 'GlobalKnownHostsFile=/dev/null'],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', 'IdentitiesOnly=yes'],
    ];
  }

  /** The whole command up to the remote one. */
  get command(): string {
    return ['ssh', '-T', '-o', 'BatchMode=yes', ...this.options, 'root@127.0.0.1'].join(' ');
  }

  makeKey(name: string): void {
    rmSync(this.path(name), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', this.path(name)]);
  }

  /** Writes the file of known hosts: this server has the public half of a key. */
  know(key: string): void {
    const [type, text] = readFileSync(this.path(`${key}.pub`), 'utf8').split(' ');
    writeFileSync(this.path('known-hosts'), `[127.0.0.1]:${this.port} ${type} ${text}\n`);
  }

  /** Lets the user's key in, with these options of authorized_keys before it. */
  letIn(options = ''): void {
    const key = readFileSync(this.path('user-key.pub'), 'utf8');
    writeFileSync(this.path('authorized-keys'), options === '' ? key : `${options} ${key}`);
  }

  /** Starts sshd, again perhaps, on the same port. */
  async run(): Promise<void> {
    // Compiled into sshd: without this folder it does not start.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const config = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${this.path('host-key')}`,
      `AuthorizedKeysFile ${this.path('authorized-keys')}`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PidFile none',
    ];
    writeFileSync(this.path('config'), `${config.join('\n')}\n`);
    this.said = '';
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', this.path('config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    child.stderr.on('data', (chunk) => {
      this.said += chunk;
    });
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.removeListener('exit', kill));
    const until = performance.now() + START_WITHIN_MS;
    while (!this.said.includes('listening')) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`sshd did not start:\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends sshd; connections that there are stay. */
  async end(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async delete(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
