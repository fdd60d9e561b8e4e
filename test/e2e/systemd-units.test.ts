/** The units under a real systemd with all their fences: the package starts Weir, and a tunnel feeds it through a real sshd. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onBootedMachine } from '../support/booted-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WITHIN_MS = 90_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-deb-'));
  execFileSync('npm', ['run', '-s', 'deb', '--', '--out', folder], { cwd: root });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the how-to tells to do at a site and at a collector, both of which this machine is. */
const SET_UP = `
adduser --quiet --system --group --shell /bin/sh --home /var/lib/weir-ssh weir-ssh
runuser -u weir -- ssh-keygen -q -t ed25519 -N '' -f /var/lib/weir/.ssh/id_ed25519
install -d -o weir-ssh -m 0700 /var/lib/weir-ssh/.ssh
let_in() {
  echo "restrict,command=\\"$1\\" $(cat /var/lib/weir/.ssh/id_ed25519.pub)" >/var/lib/weir-ssh/.ssh/authorized_keys
}
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f /run/host-key
rm -f /run/nologin
/usr/sbin/sshd -E /run/sshd.log -f /dev/null -o Port=2222 -o HostKey=/run/host-key -o ListenAddress=127.0.0.1 -o UsePAM=yes
echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 /run/host-key.pub)" >/var/lib/weir/.ssh/known_hosts
chown weir: /var/lib/weir/.ssh/known_hosts
until_said() {
  for i in $(seq 100); do journalctl -u "$1" --no-pager | grep -q "$2" && return; sleep 0.1; done
  journalctl -u "$1" --no-pager; cat /run/sshd.log; exit 8
}
received() { curl -s http://127.0.0.1:8008/analyzer/json | grep sFlowDatagramsReceived; }`;

describe('under systemd', () => {
  it(
    'the package starts Weir with no privilege, and its tunnels carry datagrams to it',
    () => {
      const { out, code } = onBootedMachine(
        `
dpkg --force-depends -i /deb/*.deb >/dev/null 2>&1
for i in $(seq 100); do curl -sf http://127.0.0.1:8008/version >/dev/null && break; sleep 0.1; done
systemctl is-active weir; systemctl is-enabled weir
pid=$(systemctl show -p MainPID --value weir)
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/$pid/status
stat -c 'runs as %U' /proc/$pid
${SET_UP}
let_in 'weir receive --to 127.0.0.1'
printf 'WEIR_HOST=weir-ssh@127.0.0.1\\nTUNNEL_OPTIONS=--port 7343 --bind 127.0.0.1\\nSSH_OPTIONS=-p 2222\\n' >/etc/weir/weir-tunnel-x.conf
systemctl start weir-tunnel@x
until_said weir-tunnel@x 'connected to'
weir replay /fixtures/captures/ovs.pcap --to 127.0.0.1:7343 --rate 2000 2>&1
sleep 1; received
systemctl stop weir-tunnel@x
journalctl -u weir-tunnel@x -o cat --no-pager
let_in 'weir forward --weir --bind 127.0.0.1 --port 7344'
printf 'WEIR_HOST=weir-ssh@127.0.0.1\\nPULL_OPTIONS=--to 127.0.0.1:6343\\nSSH_OPTIONS=-p 2222\\n' >/etc/weir/weir-pull-x.conf
systemctl start weir-pull@x
until_said weir-pull@x 'listening on'
weir replay /fixtures/captures/hsflowd.pcap --to 127.0.0.1:7344 --rate 2000 2>&1
sleep 1; received
systemctl stop weir-pull@x weir
journalctl -u weir-pull@x -o cat --no-pager
systemctl list-units --failed --no-legend 'weir*'
echo all done`,
        { '/deb': folder, '/fixtures': join(root, 'test/fixtures') },
        WITHIN_MS,
      );
      expect(code, out).toBe(0);
      expect(out).toContain('active\nenabled\n');
      expect(out).toMatch(/CapEff:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2\nruns as weir\n/);
      expect(out).toContain('"sFlowDatagramsReceived": 542');
      expect(out).toMatch(
        /weir tunnel: 542 datagrams, \d+ bytes received, 542 written to ssh, 542 arrived, 1 connections, 0 failures/,
      );
      expect(out).toContain('"sFlowDatagramsReceived": 693');
      expect(out).toMatch(
        /weir tunnel: 151 datagrams, \d+ bytes came, 151 sent to 127.0.0.1:6343, 1 connections, 0 failures/,
      );
      expect(out).toMatch(/all done\n/);
    },
    WITHIN_MS,
  );
});
