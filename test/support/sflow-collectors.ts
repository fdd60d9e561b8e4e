import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_WITHIN_MS = 20_000;
const SOCKET_BUFFER = 16 << 20;

/** sfcapd of nfdump: an sFlow collector that is not ours. */
export class Sfcapd {
  readonly port: number;
  private readonly folder = mkdtempSync(join(tmpdir(), 'weir-sfcapd-'));
  private readonly child: ChildProcess;
  private said = '';

  static async start(): Promise<Sfcapd> {
    const collector = new Sfcapd(await freeUdpPort());
    const until = performance.now() + START_WITHIN_MS;
    while (!collector.said.includes('Startup')) {
      if (collector.child.exitCode !== null || performance.now() > until)
        throw new Error(`sfcapd did not start:\n${collector.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return collector;
  }

  private constructor(port: number) {
    this.port = port;
    const listen = ['-b', '127.0.0.1', '-p', String(port), '-B', String(SOCKET_BUFFER)];
    this.child = spawn('sfcapd', [...listen, '-w', this.folder, '-t', '3600'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.said += chunk;
      });
  }

  /** Ends it, and gives the number of packet samples that it has decoded. */
  async finish(): Promise<{ samples: number; said: string }> {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    const text = execFileSync('nfdump', ['-R', this.folder, '-q', '-o', 'fmt:%sa'], { maxBuffer: 1 << 28 });
    const samples = text
      .toString()
      .split('\n')
      .filter((line) => line.trim() !== '').length;
    return { samples, said: this.said };
  }

  delete(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A UDP port of loopback that nobody has at the moment. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
