/** The Debian package is installed, started as its unit says, and removed, on an overlay of this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onScratchMachine } from '../support/scratch-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const UNITS = 'extras/systemd';

let folder: string;
let deb: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-deb-'));
  deb = execFileSync('npm', ['run', '-s', 'deb', '--', '--out', folder], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function field(name: string): string {
  return execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim();
}

/** Commands on a machine where the package has been installed. */
function installed(script: string): string {
  // Node need not come from a Debian package here; that the package asks for one is seen in its fields.
  const install =
    'dpkg --force-depends -i /deb/*.deb >/dev/null 2>&1 || { dpkg --force-depends -i /deb/*.deb; exit 9; }';
  const { out, code } = onScratchMachine(
    `${install}\n${script}`,
    { '/deb': folder, '/fixtures': join(root, 'test/fixtures') },
    60_000,
  );
  expect(code, out).toBe(0);
  return out;
}

/** What the unit runs, with its user and without any capability. */
function startCommand(): string {
  const unit = readFileSync(join(root, UNITS, 'weir.service'), 'utf8');
  const command = /^ExecStart=(.*)$/m.exec(unit)![1];
  const limits =
    'setpriv --reuid weir --regid weir --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all';
  return `cd /var/lib/weir; . /etc/default/weir; ${limits} ${command}`;
}

describe('the package', () => {
  it('says what it is and needs', () => {
    expect(field('Package')).toBe('weir');
    expect(field('Version')).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
    expect(field('Depends')).toBe('nodejs (>= 20.19), adduser');
    const files = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8' });
    expect(files).not.toMatch(/\.map$/m);
    for (const line of files.trim().split('\n'))
      expect(line).toMatch(/^[-dl](rw-r--r--|rwxr-xr-x|rwxrwxrwx) root\/root /);
  });

  it('makes a user, and Weir starts as the unit says, receives and answers', () => {
    const out = installed(`
getent passwd weir
stat -c '%U %a %n' /var/lib/weir /etc/weir/weir.conf
weir --version
(${startCommand()}) >/run/log 2>&1 &
for i in $(seq 100); do curl -sf http://127.0.0.1:8008/version >/dev/null && break; sleep 0.1; done
weir replay /fixtures/captures/ovs.pcap --to 127.0.0.1:6343 --rate 2000 2>&1
curl -s -X PUT http://127.0.0.1:8008/flow/pairs/json -d '{"keys":"ipsource","value":"bytes"}'
curl -s http://127.0.0.1:8008/agents/json
echo; stat -c '%U %n' /var/lib/weir/store/flow/pairs.json
ps -o user= -C node | sort -u
grep -o '"kind":"[a-z]*"' /run/log | head -1`);
    expect(out).toMatch(/^weir:x:\d+:\d+:.*:\/var\/lib\/weir:/m);
    expect(out).toContain('weir 750 /var/lib/weir');
    expect(out).toContain('root 644 /etc/weir/weir.conf');
    expect(out).toContain('weir replay: 542 datagrams');
    expect(out).toContain('"sFlowDatagramsReceived": 542');
    expect(out).toContain('weir /var/lib/weir/store/flow/pairs.json');
    expect(out).toMatch(/^weir$/m);
    expect(out).toContain('"kind":"recvmmsg"');
  });

  it('keeps changed configuration when it is installed again, and removes everything when purged', () => {
    const out = installed(`
echo sflow.port=7777 >>/etc/weir/weir.conf
dpkg --force-depends -i /deb/*.deb >/dev/null 2>&1
tail -1 /etc/weir/weir.conf
touch /var/lib/weir/mine
dpkg -r weir >/dev/null 2>&1
ls /etc/weir/weir.conf /var/lib/weir/mine
ls -d /usr/lib/weir /usr/bin/weir 2>&1 || true
dpkg -P weir >/dev/null 2>&1
ls -d /etc/weir /etc/default/weir /var/lib/weir 2>&1 || true`);
    expect(out).toContain('sflow.port=7777\n/etc/weir/weir.conf\n/var/lib/weir/mine\n');
    for (const gone of ['/usr/lib/weir', '/usr/bin/weir', '/etc/weir', '/etc/default/weir', '/var/lib/weir'])
      expect(out).toContain(`cannot access '${gone}'`);
  });
});

describe('the units', () => {
  it('are what systemd understands, can be enabled, and are well fenced in', () => {
    const names = readdirSync(join(root, UNITS));
    const security = (name: string): string =>
      `systemd-analyze security --offline=yes --threshold=20 --no-pager /run/units/${name.replace('@', '@x')} | tail -1`;
    const out = installed(`
mkdir /run/units
cd /usr/lib/systemd/system
touch /etc/weir/weir-tunnel-x.conf /etc/weir/weir-pull-x.conf
for unit in ${names.join(' ')}; do cp $unit /run/units/$(echo $unit | sed s/@/@x/); done
systemd-analyze verify /run/units/* 2>&1 | grep weir || echo no complaint
${names.map(security).join('\n')}
systemctl --root=/ enable weir.service 2>&1
ls /etc/systemd/system/multi-user.target.wants/weir.service`);
    expect(names.sort()).toEqual(['weir-pull@.service', 'weir-tunnel@.service', 'weir.service']);
    expect(out).toContain('no complaint');
    expect(out.match(/exposure level/g)).toHaveLength(3);
    expect(out).toContain('/etc/systemd/system/multi-user.target.wants/weir.service');
  });
});
