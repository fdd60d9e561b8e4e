#!/usr/bin/env node
/**
 * Makes a Debian package of what is built: `npm run deb -- [--out FOLDER]`; the default is tmp/. Needs dpkg-deb. Prints the path of
 * the package. It is for the architecture of this machine, because koffi has a native part.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure.mjs';
import { root } from './lib/root.mjs';

/** Debian's name of an architecture of Node. */
const ARCHITECTURES = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: 'i386',
  arm: 'armhf',
  ppc64: 'ppc64el',
  riscv64: 'riscv64',
};

const CONFFILES = { 'etc/weir/weir.conf': 'weir.conf', 'etc/default/weir': 'default' };
const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'docs'];
/** Of extras/, what is not an example: it is installed where it works. */
const NO_EXAMPLES = ['debian', 'systemd'];

const LIB = 'usr/lib/weir';
const DOC = 'usr/share/doc/weir';
const UNITS = 'usr/lib/systemd/system';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'tmp') } } });
try {
  await ensureBuilt();
  process.stdout.write(`${make(resolve(values.out))}\n`);
} catch (error) {
  process.stderr.write(`deb: ${error.message}\n`);
  process.exitCode = 1;
}

/** Makes the package in a folder. @returns {string} its path */
function make(out) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`Debian has no architecture for ${process.arch}`);
  const stage = mkdtempSync(join(tmpdir(), 'weir-deb-'));
  try {
    chmodSync(stage, 0o755);
    layOut(
      stage,
      manifest.files.filter((name) => !/^(!|dist$|.*\.md$|LICENSE$)/.test(name)),
    );
    control(stage, manifest, architecture);
    settle(stage);
    mkdirSync(out, { recursive: true });
    const path = join(out, `weir_${manifest.version}_${architecture}.deb`);
    const made = spawnSync('dpkg-deb', ['--root-owner-group', '--build', stage, path], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.error?.message ?? made.stderr.trim());
    return path;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The files, as they are installed. `packed` are those of the published package that need no thought. */
function layOut(stage, packed) {
  const copy = (from, to) => cpSync(join(root, from), join(stage, to), { recursive: true });
  for (const name of ['package.json', ...packed]) copy(name, join(LIB, name));
  const built = builtFiles();
  cpSync(join(root, 'dist'), join(stage, LIB, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map') && (!path.endsWith('.mjs') || built.has(basename(path))),
  });
  rmSync(join(stage, LIB, 'dist/types'), { recursive: true, force: true });
  for (const name of koffi())
    cpSync(join(root, 'node_modules', name), join(stage, LIB, 'node_modules', name), {
      recursive: true,
      // Not its documentation and its sources.
      filter: (path) => statSync(path).isDirectory() || /\.([cm]?js|node|json)$|LICENSE/.test(path),
    });
  chmodSync(join(stage, LIB, 'bin/weir.mjs'), 0o755);
  mkdirSync(join(stage, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/weir/bin/weir.mjs', join(stage, 'usr/bin/weir'));
  copy('extras/systemd', UNITS);
  for (const [to, from] of Object.entries(CONFFILES)) copy(join('extras/debian', from), to);
  for (const name of DOCUMENTS) copy(name, join(DOC, name));
  for (const name of readdirSync(join(root, 'extras')))
    if (!NO_EXAMPLES.includes(name)) copy(join('extras', name), join(DOC, 'examples', name));
  copy('extras/debian/copyright', join(DOC, 'copyright'));
}

/** The modules that belong to this build: dist/ may hold chunks of earlier ones as well. */
function builtFiles() {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(join(root, 'dist', name), 'utf8');
    for (const [, chunk] of text.matchAll(/["'`]\.\/([\w.-]+\.mjs)["'`]/g))
      if (existsSync(join(root, 'dist', chunk))) visit(chunk);
  };
  for (const name of readdirSync(join(root, 'dist')))
    if (name.endsWith('.mjs') && !/-[A-Z0-9]{8}\.mjs$/.test(name)) visit(name);
  return found;
}

/** koffi, which may be missing, and the package with its native part. */
function koffi() {
  const names = existsSync(join(root, 'node_modules/koffi')) ? ['koffi'] : [];
  const native = join(root, 'node_modules/@koromix');
  if (names.length > 0 && existsSync(native))
    names.push(...readdirSync(native).map((name) => `@koromix/${name}`));
  return names;
}

function control(stage, { version, description }, architecture) {
  const folder = join(stage, 'DEBIAN');
  mkdirSync(folder);
  for (const name of SCRIPTS) {
    cpSync(join(root, 'extras/debian', name), join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
  writeFileSync(
    join(folder, 'conffiles'),
    Object.keys(CONFFILES)
      .map((path) => `/${path}\n`)
      .join(''),
  );
  const fields = {
    Package: 'weir',
    // A version before the release is older than the release.
    Version: version.replace('-', '~'),
    Architecture: architecture,
    Maintainer: 'Weir <weir@localhost>',
    'Installed-Size': Math.ceil(bytesIn(stage) / 1024),
    Depends: 'nodejs (>= 20.19), adduser',
    Recommends: 'openssh-client',
    Section: 'net',
    Priority: 'optional',
    Description: `${description.split(':')[0]}\n ${wrapped(description)}`,
  };
  writeFileSync(
    join(folder, 'control'),
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
}

/** Continuation lines of a description. */
function wrapped(text) {
  return (text.match(/.{1,76}(\s|$)/g) ?? []).map((line) => line.trim()).join('\n ');
}

/** Permissions that do not depend on the umask of whoever built, and no empty folders. */
function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      chmodSync(path, 0o755);
      settle(path);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

function bytesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
