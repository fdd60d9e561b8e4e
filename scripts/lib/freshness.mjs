/**
 * Is what was made (node_modules, dist) still made from what is there? Runs at every start of a checkout, so it
 * looks at names, sizes and times of files and reads almost nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the build reads, files or folders. */
const SOURCES = [
  'src',
  'web',
  'scripts/build.mjs',
  'scripts/lib/page-assets.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** The file in which a build leaves the fingerprint of its sources. */
export function stampPath(root) {
  return join(root, 'tmp', 'build-stamp');
}

/** Text that changes when any source is added, removed or written. */
export function sourceFingerprint(root) {
  const hash = createHash('sha1');
  for (const source of SOURCES) add(hash, root, source);
  return hash.digest('hex');
}

function add(hash, root, path) {
  const status = statSync(join(root, path), { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isDirectory()) {
    hash.update(`${path}\0${status.size}\0${status.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(root, path)).sort())
    if (!name.endsWith('.test.ts')) add(hash, root, `${path}/${name}`);
}

/** Was dist/ built from the sources as they are now? */
export function isBuilt(root) {
  if (!existsSync(join(root, 'dist', 'weir.mjs')) || !existsSync(stampPath(root))) return false;
  return readFileSync(stampPath(root), 'utf8') === sourceFingerprint(root);
}

/**
 * Does node_modules hold what package-lock.json asks for? npm keeps a list of what it installed; packages for
 * other platforms are rightly not in it.
 */
export function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const present = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined || wanted === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = present[path];
    if (found === undefined ? !(entry.optional || entry.devOptional) : found.version !== entry.version)
      return false;
  }
  return true;
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
