import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 15_000;

export interface GobgpOptions {
  readonly as: number;
  /** Loopback address that it listens on and dials from. */
  readonly address: string;
  /** The one neighbour. */
  readonly peerAs: number;
  readonly peerAddress: string;
  /** Port that it dials; without one it waits. */
  readonly peerPort?: number;
  readonly families: readonly string[];
}

/** A GoBGP daemon on loopback. */
export class GobgpRouter {
  readonly options: GobgpOptions;
  /** The port that it listens on. */
  readonly port: number;
  private readonly apiPort: number;
  private readonly folder = mkdtempSync(join(tmpdir(), 'weir-gobgp-'));
  private readonly child: ReturnType<typeof spawn>;
  private output = '';

  private constructor(options: GobgpOptions, port: number, apiPort: number) {
    this.options = options;
    this.port = port;
    this.apiPort = apiPort;
    const file = join(this.folder, 'gobgpd.toml');
    writeFileSync(file, configuration(options, port));
    this.child = spawn('gobgpd', ['-t', 'toml', '-f', file, '--api-hosts', `127.0.0.1:${apiPort}`]);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.output += chunk;
      });
  }

  static async start(options: GobgpOptions): Promise<GobgpRouter> {
    const router = new GobgpRouter(options, await freePort(), await freePort());
    await router.until(() => router.run('neighbor').includes(options.peerAddress));
    return router;
  }

  /** What `gobgp …` prints. */
  run(...words: readonly string[]): string {
    return execFileSync('gobgp', ['-p', String(this.apiPort), ...words], { encoding: 'utf8', stdio: 'pipe' });
  }

  async untilEstablished(): Promise<void> {
    await this.until(() => this.run('neighbor').includes('Establ'));
  }

  /** Waits until something is so; what throws is not so yet. */
  async until(isSo: () => boolean): Promise<void> {
    for (const begin = Date.now(); ; await sleep(100)) {
      try {
        if (isSo()) return;
      } catch (error) {
        if (Date.now() - begin > READY_WITHIN_MS) throw error;
      }
      if (Date.now() - begin > READY_WITHIN_MS) throw new Error(`gobgpd:\n${this.output}`);
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration(options: GobgpOptions, port: number): string {
  const { as, address, peerAs, peerAddress, peerPort, families } = options;
  return `
[global.config]
  as = ${as}
  router-id = "${address}"
  port = ${port}
  local-address-list = ["${address}"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${peerAddress}"
    peer-as = ${peerAs}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.transport.config]
    local-address = "${address}"
    ${peerPort === undefined ? 'passive-mode = true' : `remote-port = ${peerPort}`}
${families.map((name) => `  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = "${name}"\n`).join('')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const place = server.address();
  server.close();
  await once(server, 'close');
  return typeof place === 'object' && place !== null ? place.port : 0;
}
