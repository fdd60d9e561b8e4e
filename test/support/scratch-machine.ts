import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a script as root on what looks like this machine, whose changes nobody else sees and nobody keeps: an overlay of its
 * file system, with processes, network and mounts of its own.
 * @param folders folders of this machine that it sees under other names, as name → path
 * @param network its own is a loopback interface; this machine's reaches a package registry
 * @returns what it printed
 */
export function onScratchMachine(
  script: string,
  folders: Readonly<Record<string, string>>,
  timeoutMs: number,
  network: 'own' | "this machine's" = 'own',
): { readonly out: string; readonly code: number | null } {
  const work = mkdtempSync(join(tmpdir(), 'weir-machine-'));
  const isolated = network === 'own';
  try {
    const root = join(work, 'over', 'root');
    const binds = Object.entries(folders).map(
      ([name, path]) => `mkdir -p ${root}${name}; mount --bind ${path} ${root}${name}`,
    );
    writeFileSync(join(work, 'inside.sh'), `set -eu\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n${script}\n`);
    const outside = [
      'set -eu',
      // The upper folder cannot lie on an overlay, which a container's disk often is.
      `mkdir ${work}/over; mount -t tmpfs none ${work}/over; cd ${work}/over; mkdir upper work root`,
      'mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root',
      `mount -t proc none ${root}/proc; mount --rbind /dev ${root}/dev; mount -t tmpfs none ${root}/tmp`,
      `mount -t tmpfs none ${root}/run`,
      ...binds,
      `cp ${work}/inside.sh ${root}/run/inside.sh`,
      ...(isolated ? ['ip link set lo up'] : []),
      `exec chroot ${root} bash /run/inside.sh`,
    ];
    const ran = spawnSync(
      'unshare',
      [
        '--mount',
        ...(isolated ? ['--net'] : []),
        '--pid',
        '--fork',
        '--kill-child',
        'bash',
        '-c',
        outside.join('\n'),
      ],
      {
        encoding: 'utf8',
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        env: { LANG: 'C.UTF-8', PATH: process.env['PATH'], HOME: '/root', DEBIAN_FRONTEND: 'noninteractive' },
        maxBuffer: 1 << 26,
      },
    );
    return { out: `${ran.stdout}${ran.stderr}`, code: ran.status };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
