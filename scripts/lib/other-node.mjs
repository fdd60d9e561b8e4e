import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/**
 * Path of a Node of another major version, from the npm package that holds its binary; installed below tmp/ once.
 * @returns {{ path: string } | { fault: string }}
 */
export function otherNode(major) {
  const folder = join(root, 'tmp', `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    spawnSync('npm', [...args, `${name}@${major}`], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  }
  return existsSync(path) ? { path } : { fault: `npm has no ${name}@${major} for this machine` };
}
