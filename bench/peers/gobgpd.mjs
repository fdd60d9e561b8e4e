import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freeTcpPort, start, stop } from '../lib/child.mjs';

const run = promisify(execFile);
const READY_WITHIN_MS = 20_000;

export function gobgpVersion() {
  const { stdout } = spawnSync('gobgpd', ['--version'], { encoding: 'utf8' });
  return /[\d.]+/.exec(stdout ?? '')?.[0];
}

/**
 * Start a GoBGP daemon on a loopback address.
 * @param neighbors `{ address, as, port }`; with a port it is dialled
 */
export async function startGobgpd({ folder, name, as, address, neighbors, families }) {
  const [port, api] = [await freeTcpPort(), await freeTcpPort()];
  const file = join(folder, `${name}.toml`);
  writeFileSync(file, configuration({ as, address, port, neighbors, families }));
  const child = start(name, 'gobgpd', ['-t', 'toml', '-f', file, '--api-hosts', `127.0.0.1:${api}`], {
    folder,
  });
  const ask = async (...words) =>
    (await run('gobgp', ['-p', String(api), ...words], { maxBuffer: 1 << 28 })).stdout;
  for (const begin = performance.now(); ; await sleep(100)) {
    if ((await ask('neighbor').catch(() => '')).includes('Peer')) break;
    if (performance.now() - begin > READY_WITHIN_MS) throw new Error(`${name} does not start, see ${folder}`);
  }
  return { pid: child.pid, port, address, ask, stop: () => stop(child) };
}

function configuration({ as, address, port, neighbors, families }) {
  const lines = [
    '[global.config]',
    `as = ${as}`,
    `router-id = "${address}"`,
    `port = ${port}`,
    `local-address-list = ["${address}"]`,
  ];
  for (const neighbor of neighbors) {
    lines.push(
      '[[neighbors]]',
      '[neighbors.config]',
      `neighbor-address = "${neighbor.address}"`,
      `peer-as = ${neighbor.as}`,
      '[neighbors.timers.config]',
      'connect-retry = 1',
      'idle-hold-time-after-reset = 1',
      '[neighbors.transport.config]',
      `local-address = "${address}"`,
      neighbor.port === undefined ? 'passive-mode = true' : `remote-port = ${neighbor.port}`,
      ...families.flatMap((family) => [
        '[[neighbors.afi-safis]]',
        '[neighbors.afi-safis.config]',
        `afi-safi-name = "${family}"`,
      ]),
    );
  }
  return `${lines.join('\n')}\n`;
}
