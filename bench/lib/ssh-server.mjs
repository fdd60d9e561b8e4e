/** An sshd on a free port of loopback, and how ssh gets in. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort, start, stop } from './child.mjs';

/** Whether sshd and ssh are installed, and may be started. */
export function hasSsh() {
  try {
    execFileSync('sh', ['-c', 'command -v ssh && command -v ssh-keygen && test -x /usr/sbin/sshd'], {
      stdio: 'ignore',
    });
    return process.getuid() === 0;
  } catch {
    return false;
  }
}

/** @returns what runs a command on the other side of ssh, the server's process id, and what stops it */
export async function startSshServer(folder) {
  const path = (name) => join(folder, name);
  for (const name of ['host-key', 'user-key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  copyFileSync(path('user-key.pub'), path('authorized-keys'));
  const port = await freeTcpPort();
  const key = readFileSync(path('host-key.pub'), 'utf8');
  writeFileSync(path('known-hosts'), `[127.0.0.1]:${port} ${key}`);
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: path('host-key'),
    AuthorizedKeysFile: path('authorized-keys'),
    PermitRootLogin: 'prohibit-password',
    UsePAM: 'no',
    StrictModes: 'no',
    PidFile: 'none',
  };
  writeFileSync(
    path('sshd-config'),
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  // Compiled into sshd: without this folder it does not start.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = start('sshd', '/usr/sbin/sshd', ['-D', '-e', '-f', path('sshd-config')], { folder });
  for (let i = 0; !readFileSync(path('sshd.log'), 'utf8').includes('listening'); i++) {
    if (i === 200) throw new Error(`sshd does not start, see ${path('sshd.log')}`);
    await sleep(25);
  }
  const options = [
    ...['-T', '-F', 'none', '-p', port, '-i', path('user-key')],
    ...['-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${path('known-hosts')}`],
  ];
  return { pid: child.pid, command: `ssh ${options.join(' ')} root@127.0.0.1`, stop: () => stop(child) };
}
