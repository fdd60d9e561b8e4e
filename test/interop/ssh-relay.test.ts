/** sFlow through a real ssh: everything arrives, in order; what is lost when ssh dies is told; scripts of two lines take part. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { datagramNumbers, orderOf } from '../support/datagram-numbers.ts';
import { requirePeers } from '../support/network-namespace.ts';
import { freeUdpPort, Sfcapd } from '../support/sflow-collectors.ts';
import { SshServer } from '../support/ssh-server.ts';
import { UdpCollector } from '../support/udp-collector.ts';
import { UdpSender } from '../support/udp-sender.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const WEIR = `${process.execPath} ${dist}weir.mjs`;
const CAPTURE = fileURLToPath(new URL('../fixtures/captures/ovs.pcap', import.meta.url));
const WITHIN_MS = 30_000;
const GROWS_WITHIN_MS = 10_000;

let server: SshServer;
let folder: string;
const running: Program[] = [];

beforeAll(async () => {
  requirePeers({
    '/usr/sbin/sshd': 'openssh-server',
    ssh: 'openssh-client',
    sfcapd: 'nfdump-sflow',
    python3: 'python3',
  });
  server = await SshServer.start();
});
afterAll(() => server.delete());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-relay-'));
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** A shell command in a process group of its own. */
class Program {
  readonly child: ChildProcess;
  said = '';

  constructor(command: string, cwd = folder) {
    this.child = spawn('bash', ['-c', command], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.said += chunk;
      });
    running.push(this);
  }

  /** Resolves when it has said this. */
  async says(text: string | RegExp, within = WITHIN_MS): Promise<string> {
    const until = performance.now() + within;
    while (this.said.search(text) < 0) {
      if (performance.now() > until || this.child.exitCode !== null)
        throw new Error(`"${text}" was not said:\n${this.said}`);
      await sleep(20);
    }
    return this.said;
  }

  /** Sends a signal to all of it, or to its first process only, and resolves when it has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM', to: 'group' | 'leader' = 'leader'): Promise<string> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'close');
      process.kill(to === 'group' ? -this.child.pid! : this.child.pid!, signal);
      await ended;
    }
    return this.said;
  }

  async kill(): Promise<void> {
    try {
      process.kill(-this.child.pid!, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  }
}

/** Records what arrives at a port; gives the file's datagrams by agent when it is ended. */
async function openRecord(port: number): Promise<() => Promise<Map<string, number[]>>> {
  const file = join(folder, 'arrived.pcap');
  const record = new Program(`exec ${WEIR} record ${file} --bind 127.0.0.1 --port ${port}`);
  await record.says('recording to');
  return async () => {
    expect(await record.end()).not.toContain('dropped by the kernel');
    return datagramNumbers(file);
  };
}

interface Load {
  readonly datagrams: number;
  readonly bytes: number;
}

/** Bytes of Ethernet, IPv4, UDP and pcap headers for each packet. */
const PACKET_OVERHEAD = 58;

/** Resolves when the recording has all of a load, or does not grow any more: the machine may be slow. */
async function untilRecorded({ datagrams, bytes }: Load): Promise<void> {
  const part = join(folder, readdirSync(folder).find((name) => name.endsWith('.part'))!);
  let grew = performance.now();
  for (let size = 0; size < bytes + PACKET_OVERHEAD * datagrams; await sleep(50)) {
    const now = statSync(part).size;
    if (now > size) grew = performance.now();
    else if (performance.now() - grew > GROWS_WITHIN_MS) return;
    size = now;
  }
}

function load(port: number, rate: number, seconds: number): Promise<Load> {
  const program = new Program(
    `exec ${WEIR} load --to 127.0.0.1:${port} --rate ${rate} --seconds ${seconds} --samples 1`,
  );
  return once(program.child, 'close').then(() => JSON.parse(program.said) as Load);
}

function tunnelOf(words: string, ssh: readonly string[] = []): Program {
  return new Program(
    `exec ${WEIR} tunnel root@127.0.0.1 --remote '${WEIR}' ${words} -- ${[...server.options, ...ssh].join(' ')}`,
  );
}

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

/** Resolves when a number has not grown for a while. */
async function untilStill(count: () => number): Promise<void> {
  for (let before = -1, still = 0; still < 10; still = before === count() ? still + 1 : 0) {
    before = count();
    await sleep(50);
  }
}

describe('weir forward | ssh weir receive', () => {
  it('carries 50,000 datagrams a second, loses none, and keeps their order', async () => {
    const [here, there] = [await freeUdpPort(), await freeUdpPort()];
    const arrived = await openRecord(there);
    const relay = new Program(
      `${WEIR} forward --bind 127.0.0.1 --port ${here} | ${server.command} "${WEIR} receive --to 127.0.0.1:${there}"`,
    );
    await relay.says('listening');
    const sent = await load(here, 50_000, 5);
    await untilRecorded(sent);
    process.kill(childrenOf(relay.child.pid!)[0], 'SIGTERM');
    await relay.says(/receive: \d+ datagrams/);
    const order = orderOf(await arrived());
    expect(order, relay.said).toEqual({ datagrams: sent.datagrams, missing: 0, outOfOrder: 0 });
    expect(relay.said).toContain(`weir receive: ${sent.datagrams} datagrams`);
  });

  it('gives a collector that is not ours every sample, compressed', async () => {
    const collector = await Sfcapd.start();
    const here = await freeUdpPort();
    const relay = new Program(
      `${WEIR} forward --weir --compress --bind 127.0.0.1 --port ${here} | ${server.command} "${WEIR} receive --to 127.0.0.1:${collector.port}"`,
    );
    try {
      await relay.says('listening');
      const replay = new Program(`exec ${WEIR} replay ${CAPTURE} --to 127.0.0.1:${here} --rate 2000`);
      await replay.says('542 datagrams');
      await sleep(300);
      process.kill(childrenOf(relay.child.pid!)[0], 'SIGTERM');
      await relay.says(/receive: 542 datagrams/);
      await sleep(500);
      const { samples, said } = await collector.finish();
      // As many as it finds without us between.
      expect(samples).toBe(3078);
      expect(said).toContain('Sequence Errors: 0, Bad Packets: 0');
    } finally {
      collector.delete();
    }
  });

  it('drops the oldest when ssh stalls, and tells how many', async () => {
    const [here, there] = [await freeUdpPort(), await freeUdpPort()];
    const arrived = await openRecord(there);
    const relay = new Program(
      `${WEIR} forward --weir --queue 1 --bind 127.0.0.1 --port ${here} | ${server.command} "${WEIR} receive --to 127.0.0.1:${there}"`,
    );
    await relay.says('listening');
    const [forward, ssh] = childrenOf(relay.child.pid!);
    process.kill(ssh, 'SIGSTOP');
    const sent = await load(here, 10_000, 3);
    await relay.says('dropped: the reader is too slow, and the queue full');
    process.kill(ssh, 'SIGCONT');
    await sleep(500);
    process.kill(forward, 'SIGTERM');
    const said = await relay.says(/receive: \d+ datagrams/);
    const dropped = Number(/(\d+) dropped because the queue was full/.exec(said)![1]);
    const { datagrams, missing, outOfOrder } = orderOf(await arrived());
    expect(dropped).toBeGreaterThan(0);
    expect(datagrams).toBe(sent.datagrams - dropped);
    expect({ missing, outOfOrder }).toEqual({ missing: dropped, outOfOrder: 0 });
    expect(said).toContain(`${dropped} were dropped at the other end`);
  });

  it('tells when the reader goes, and ends', async () => {
    const here = await freeUdpPort();
    const relay = new Program(
      `${WEIR} forward --bind 127.0.0.1 --port ${here} | head -n 1; echo codes \${PIPESTATUS[*]}`,
    );
    await relay.says('listening');
    new Program(`for i in {1..20}; do echo $i >/dev/udp/127.0.0.1/${here}; sleep 0.02; done 2>/dev/null`);
    expect(await relay.says('codes 1 0')).toContain('weir forward: the reader has gone');
  });

  it('works from the other end, as ssh weir forward | weir receive', async () => {
    const collector = await UdpCollector.open();
    const here = await freeUdpPort();
    const relay = new Program(
      `${server.command} "${WEIR} forward --bind 127.0.0.1 --port ${here}" | ${WEIR} receive --to 127.0.0.1:${collector.port}`,
    );
    await relay.says('listening');
    const sender = await UdpSender.open(here);
    await sender.send([Buffer.from('one')]);
    await sender.send([Buffer.from('two')]);
    const got = await collector.until(2);
    expect(got.map(({ payload }) => String(payload))).toEqual(['one', 'two']);
    sender.close();
    collector.close();
  });
});

describe('a script of two lines', () => {
  const send = `import sys, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for line in sys.stdin: s.sendto(bytes.fromhex(line), ("127.0.0.1", int(sys.argv[1])))
`;
  const print = `import sys, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", int(sys.argv[1]))); s.settimeout(5); sys.stderr.write("ready\\n")
while True: print(s.recv(65535).hex(), flush=True)
`;

  it('sends what weir forward writes', async () => {
    writeFileSync(join(folder, 'send.py'), send);
    const collector = await UdpCollector.open();
    const here = await freeUdpPort();
    const relay = new Program(
      `${WEIR} forward --bind 127.0.0.1 --port ${here} | ${server.command} python3 ${folder}/send.py ${collector.port}`,
    );
    await relay.says('listening');
    const sender = await UdpSender.open(here);
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await sender.send([all]);
    await sender.send([Buffer.alloc(9000, 0xab)]);
    const got = await collector.until(2);
    expect(got.map(({ payload }) => payload)).toEqual([all, Buffer.alloc(9000, 0xab)]);
    sender.close();
    collector.close();
  });

  it('writes what weir receive reads', async () => {
    writeFileSync(join(folder, 'print.py'), print);
    const collector = await UdpCollector.open();
    const here = await freeUdpPort();
    const relay = new Program(
      `${server.command} python3 ${folder}/print.py ${here} | ${WEIR} receive --to 127.0.0.1:${collector.port}`,
    );
    await relay.says('ready');
    const sender = await UdpSender.open(here);
    await sender.send([Buffer.from('from a script')]);
    const [{ payload }] = await collector.until(1);
    expect(String(payload)).toBe('from a script');
    sender.close();
    collector.close();
  });

  it('is what weir tunnel feeds with --plain', async () => {
    writeFileSync(join(folder, 'send.py'), send);
    const collector = await UdpCollector.open();
    const tunnel = tunnelOf(
      `--bind 127.0.0.1 --port 0 --plain 'python3 ${folder}/send.py ${collector.port}'`,
    );
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await tunnel.says('connected to'))![1]);
    const sender = await UdpSender.open(port);
    await sender.send([Buffer.from('plain')]);
    expect(String((await collector.until(1))[0].payload)).toBe('plain');
    sender.close();
    collector.close();
  });
});

describe('weir-forward.mjs', () => {
  it('needs nothing but Node, at either end', async () => {
    mkdirSync(join(folder, 'alone'));
    copyFileSync(`${dist}weir-forward.mjs`, join(folder, 'alone', 'weir-forward.mjs'));
    const alone = `${process.execPath} ${folder}/alone/weir-forward.mjs`;
    const there = await freeUdpPort();
    const here = await freeUdpPort();
    const arrived = await openRecord(there);
    const relay = new Program(
      `${alone} forward --bind 127.0.0.1 --port ${here} | ${server.command} "${alone} receive --to 127.0.0.1:${there}"`,
      join(folder, 'alone'),
    );
    expect(await relay.says('listening')).toContain('(dgram');
    const sent = await load(here, 5000, 2);
    await untilRecorded(sent);
    process.kill(childrenOf(relay.child.pid!)[0], 'SIGTERM');
    await relay.says(/receive: \d+ datagrams/);
    expect(orderOf(await arrived())).toEqual({ datagrams: sent.datagrams, missing: 0, outOfOrder: 0 });
    expect(readdirSync(join(folder, 'alone'))).toEqual(['weir-forward.mjs']);
  });
});

describe('weir tunnel', () => {
  it('runs ssh again when it is killed, loses no more than it tells, and sends what waited', async () => {
    const there = await freeUdpPort();
    const arrived = await openRecord(there);
    const tunnel = tunnelOf(`--bind 127.0.0.1 --port 0 --to 127.0.0.1:${there}`);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await tunnel.says('connected to'))![1]);
    const sending = load(port, 10_000, 4);
    await sleep(1500);
    for (const pid of childrenOf(tunnel.child.pid!)) process.kill(pid, 'SIGKILL');
    await tunnel.says('connected to root@127.0.0.1 again after');
    const sent = await sending;
    await sleep(500);
    await tunnel.end();
    const numbers = await arrived();
    const { datagrams, missing, outOfOrder } = orderOf(numbers);
    const told = Number(
      /(\d+) datagrams were under way: so many are lost at most/.exec(tunnel.said)?.[1] ?? 0,
    );
    expect(tunnel.said).toMatch(/the connection ended: .*; the next in [\d.]+ s/);
    expect(outOfOrder).toBe(0);
    expect(sent.datagrams - datagrams).toBe(missing);
    expect(missing).toBeLessThanOrEqual(told);
    // A tenth of a second's worth, not the whole outage.
    expect(told).toBeLessThan(sent.datagrams / 4);
    expect(tunnel.said).toMatch(/2 connections, 1 failures/);
  });

  it('drops the oldest, and tells how many, when the queue is too short for an outage', async () => {
    const collector = await UdpCollector.open();
    await server.end();
    const tunnel = tunnelOf(`--bind 127.0.0.1 --port 0 --queue 1 --to 127.0.0.1:${collector.port}`);
    const port = Number(
      /127\.0\.0\.1:(\d+)/.exec(await tunnel.says('cannot be reached: Connection refused'))![1],
    );
    const sent = await load(port, 5000, 3);
    await server.run();
    await tunnel.says('connected to');
    await untilStill(() => collector.got.length);
    const said = await tunnel.end();
    const dropped = Number(/(\d+) dropped because the queue was full/.exec(said)?.[1] ?? 0);
    expect(dropped).toBeGreaterThan(0);
    expect(collector.got.length).toBe(sent.datagrams - dropped);
    collector.close();
  });

  it('says that the host key has changed, sends nothing there, and goes on when that is mended', async () => {
    const collector = await UdpCollector.open();
    server.makeKey('other-key');
    server.know('other-key');
    const tunnel = tunnelOf(`--bind 127.0.0.1 --port 0 --to 127.0.0.1:${collector.port}`);
    const said = await tunnel.says('the host key of 127.0.0.1 has changed');
    expect(said).toContain('Nothing was sent to it');
    expect(said).toContain(server.path('known-hosts'));
    const sender = await UdpSender.open(Number(/127\.0\.0\.1:(\d+)/.exec(said)![1]));
    await sender.send([Buffer.from('kept')]);
    server.know('host-key');
    await tunnel.says('connected to');
    expect(String((await collector.until(1))[0].payload)).toBe('kept');
    sender.close();
    collector.close();
  });

  it('needs no more than a key that may do nothing else', async () => {
    const collector = await UdpCollector.open();
    server.letIn(`restrict,command="${WEIR} receive --to 127.0.0.1:${collector.port}"`);
    try {
      const tunnel = tunnelOf('--bind 127.0.0.1 --port 0 --to 192.0.2.1:9');
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(await tunnel.says('connected to'))![1]);
      const sender = await UdpSender.open(port);
      await sender.send([Buffer.from('restricted')]);
      expect(String((await collector.until(1))[0].payload)).toBe('restricted');
      sender.close();
    } finally {
      server.letIn();
      collector.close();
    }
  });

  it('says when the host is unknown, does not let it in, or has no weir', async () => {
    writeFileSync(server.path('known-hosts'), '');
    await tunnelOf('--bind 127.0.0.1 --port 0').says('the host key of 127.0.0.1 is not known here');
    server.know('host-key');
    server.makeKey('stranger-key');
    await new Program(
      `exec ${WEIR} tunnel root@127.0.0.1 --bind 127.0.0.1 --port 0 -- -i ${server.path('stranger-key')} ${server.options.join(' ').replace(/-i \S+/, '')}`,
    ).says('root@127.0.0.1 does not let us in: Permission denied');
    await new Program(
      `exec ${WEIR} tunnel root@127.0.0.1 --bind 127.0.0.1 --port 0 --remote /nowhere/weir -- ${server.options.join(' ')}`,
    ).says('there is no weir on 127.0.0.1');
  });

  it('pulls from the other end, which frees its port when ssh has gone', async () => {
    const collector = await UdpCollector.open();
    const there = await freeUdpPort();
    const words = `--pull --bind 127.0.0.1 --port ${there} --to 127.0.0.1:${collector.port}`;
    const tunnel = tunnelOf(words);
    await tunnel.says('listening on UDP');
    const sender = await UdpSender.open(there);
    await sender.send([Buffer.from('before')]);
    await collector.until(1);
    for (const pid of childrenOf(tunnel.child.pid!)) process.kill(pid, 'SIGKILL');
    await tunnel.says('1 datagrams had come');
    const again = /connected to root@127\.0\.0\.1 again after[\s\S]*listening on UDP/;
    await tunnel.says(again);
    await sender.send([Buffer.from('after')]);
    expect((await collector.until(2)).map(({ payload }) => String(payload))).toEqual(['before', 'after']);
    sender.close();
    collector.close();
  });

  it('keeps times and sources, for a recording at the other end', async () => {
    const here = await freeUdpPort();
    const file = join(folder, 'there.pcap');
    const relay = new Program(
      `${WEIR} forward --weir --bind 127.0.0.1 --port ${here} | (sleep 2; ${server.command} "${WEIR} receive --record ${file}")`,
    );
    await relay.says('listening');
    const sender = await UdpSender.open(here);
    const before = Date.now();
    await sender.send([Buffer.from('timed')]);
    await sleep(3500);
    process.kill(childrenOf(relay.child.pid!)[0], 'SIGTERM');
    await relay.says('1 recorded');
    expect(existsSync(file)).toBe(true);
    const [line] = execFileSync('tcpdump', ['-nn', '-tt', '-r', file], { stdio: 'pipe' })
      .toString()
      .split('\n');
    const [, seconds, source] = /^([\d.]+) IP (127\.0\.0\.1\.\d+) >/.exec(line)!;
    expect(Math.abs(Number(seconds) * 1000 - before)).toBeLessThan(1000);
    expect(source).toBe(`127.0.0.1.${sender.port}`);
    sender.close();
  });
});
