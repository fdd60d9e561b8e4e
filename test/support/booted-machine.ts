import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the script, and ends the machine with it. */
const UNIT = `[Unit]
Description=The script of a test
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
Environment=LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
ExecStart=/bin/bash --norc /run/inside.sh
StandardOutput=file:/out/out
StandardError=file:/out/out
`;

const DEVICES = { null: '1 3', zero: '1 5', full: '1 7', random: '1 8', urandom: '1 9', tty: '5 0' };

/**
 * Runs a script as a service of a real systemd, on an overlay of this machine's file system with processes, network, mounts and
 * control groups of its own.
 * @param folders folders of this machine that it sees under other names, as name → path
 * @returns what it printed, and whether it succeeded
 */
export function onBootedMachine(
  script: string,
  folders: Readonly<Record<string, string>>,
  timeoutMs: number,
): { readonly out: string; readonly code: number | null } {
  const work = mkdtempSync(join(tmpdir(), 'weir-machine-'));
  try {
    const root = join(work, 'over', 'root');
    const all = { ...folders, '/out': join(work, 'out') };
    mkdirSync(all['/out']);
    writeFileSync(join(work, 'inside.sh'), `set -eu\n${script}\n`);
    writeFileSync(join(work, 'probe.service'), UNIT);
    const outside = [
      'set -eu',
      `mkdir ${work}/over; mount -t tmpfs none ${work}/over; cd ${work}/over; mkdir upper work root`,
      'mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root; cd root',
      'mount -t proc none proc; mount -t sysfs none sys; mount -t cgroup2 none sys/fs/cgroup',
      'mount -t tmpfs none tmp; mount -t tmpfs none run; mount -t tmpfs none dev',
      ...Object.entries(DEVICES).map(([name, numbers]) => `mknod -m 666 dev/${name} c ${numbers}`),
      'mkdir dev/shm dev/pts dev/mqueue dev/hugepages; mount -t devpts none dev/pts; ln -s pts/ptmx dev/ptmx',
      'ln -s /proc/self/fd dev/fd; : >dev/console',
      ...Object.entries(all).map(
        ([name, path]) => `mkdir -p ${root}${name}; mount --bind ${path} ${root}${name}`,
      ),
      `cp ${work}/inside.sh run/; cp ${work}/probe.service etc/systemd/system/; : >etc/machine-id`,
      // systemd makes mounts for each service, which it cannot below a mere chroot.
      'ip link set lo up; mkdir -p old; mount --make-rprivate /; pivot_root . old',
      `exec chroot . bash -c 'umount -l /old; mount --make-rshared /; export container=other; exec /lib/systemd/systemd --unit=probe.service' </dev/null`,
    ];
    const own = ['--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child'];
    const ran = spawnSync('unshare', [...own, 'bash', '-c', outside.join('\n')], {
      encoding: 'utf8',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      env: { PATH: process.env['PATH'] },
    });
    const said = readFileSync(join(all['/out'], 'out'), { encoding: 'utf8', flag: 'a+' });
    return { out: `${said}${ran.stdout}${ran.stderr}`, code: ran.status };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
