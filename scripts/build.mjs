#!/usr/bin/env node
/**
 * Makes dist/ from src/: `node scripts/build.mjs [--no-types]`.
 *
 * - weir.mjs          the command line; commands that are rarely used are chunks of their own, loaded when asked for
 * - shard-worker.mjs  what a shard's thread runs
 * - script-worker.mjs what a script's thread runs
 * - forward-worker.mjs   what the receiving thread of `weir forward`, `tunnel` and `record` runs
 * - weir-forward.mjs  `weir forward` and `weir receive` in one file, for machines that have only Node
 * - speaker-worker.mjs what the thread of the BGP speaker runs
 * - pages/            the files that web pages load
 * - inc/              the files that pages of applications load
 * - sflow.mjs, packet.mjs, bgp.mjs and types/   the libraries `weir/sflow`, `weir/packet` and `weir/bgp`
 *
 * Dependencies are bundled: one file to read instead of several hundred, so the start is several times faster.
 * koffi is not, because it loads a native part from its own folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from './lib/files.mjs';
import { sourceFingerprint, stampPath } from './lib/freshness.mjs';
import { ASSET_PACKAGES, buildPageAssets } from './lib/page-assets.mjs';
import { root } from './lib/root.mjs';

const dist = join(root, 'dist');

/** A chunk that no build makes any more stays this long, for processes started from the earlier build. */
const KEEP_OLD_CHUNKS_MS = 24 * 3600 * 1000;
const CHUNK_NAME = /-[A-Z0-9]{8}\.mjs(\.map)?$/;

const ENTRIES = {
  weir: 'src/cli/main.ts',
  'shard-worker': 'src/engine/shard-worker.ts',
  'script-worker': 'src/script/script-worker.ts',
  'forward-worker': 'src/relay/forward-worker.ts',
  'speaker-worker': 'src/speaker/speaker-worker.ts',
  sflow: 'src/sflow/index.ts',
  packet: 'src/packet/index.ts',
  bgp: 'src/bgp/index.ts',
};

/** Bundled CommonJS packages call `require` for Node's own modules; ESM has none. */
const BANNER = `import { createRequire as weirCreateRequire } from 'node:module';
const require = weirCreateRequire(import.meta.url);`;

/** What pages load: our own files, and those of the explorer of the API, which has no part in the bundles. */
const PAGES = 'src/api/pages';
const EXPLORER = 'node_modules/swagger-ui-dist';
const EXPLORER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];

function pages() {
  const target = join(dist, 'pages');
  mkdirSync(target, { recursive: true });
  const files = [
    ...readdirSync(join(root, PAGES)).map((name) => join(root, PAGES, name)),
    ...EXPLORER_FILES.map((name) => join(root, EXPLORER, name)),
  ];
  for (const file of files) writeFileAtomic(join(target, basename(file)), readFileSync(file));
}

/** A file of its own: it is copied to machines by itself. */
const ALONE = { 'weir-forward': 'src/cli/weir-forward.ts' };

async function bundle() {
  const { build } = await import('esbuild');
  const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  const settings = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    // Beside the entries, so that what a chunk loads by its own address is found wherever the code ends up.
    chunkNames: '[name]-[hash]',
    external: ['koffi'],
    banner: { js: BANNER },
    define: { WEIR_VERSION: JSON.stringify(version) },
    metafile: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  };
  const [result, alone] = await Promise.all([
    build({ ...settings, entryPoints: ENTRIES, splitting: true }),
    build({ ...settings, entryPoints: ALONE, splitting: false, sourcemap: false }),
  ]);
  mkdirSync(dist, { recursive: true });
  for (const file of [...result.outputFiles, ...alone.outputFiles]) {
    writeFileAtomic(file.path, file.contents);
  }
  pages();
  await buildPageAssets(join(dist, 'inc'));
  removeOldChunks(new Set(result.outputFiles.map((file) => basename(file.path))));
  writeFileAtomic(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(result.metafile));
}

function removeOldChunks(made) {
  for (const name of readdirSync(dist)) {
    if (!CHUNK_NAME.test(name) || made.has(name)) continue;
    const path = join(dist, name);
    if (statSync(path).mtimeMs < Date.now() - KEEP_OLD_CHUNKS_MS) rmSync(path, { force: true });
  }
}

/** The licence texts of every package that has code in the bundles or the pages, as their licences ask. */
function licences(metafile) {
  const packages = new Set([EXPLORER, ...ASSET_PACKAGES]);
  for (const output of Object.values(metafile.outputs))
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (found !== null && bytesInOutput > 0) packages.add(found[1]);
    }
  const sections = [];
  for (const folder of [...packages].sort()) {
    const { name, version, license, main } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const texts = file === undefined ? [] : [file];
    // With what the explorer itself is made of.
    if (folder === EXPLORER) texts.push('NOTICE', 'swagger-ui-bundle.js.LICENSE.txt');
    let text = texts.map((each) => readFileSync(join(root, folder, each), 'utf8').trim()).join('\n\n');
    // Some have it only at the head of their main file.
    if (text === '' && main !== undefined)
      [text] = /\/\*[\s\S]*?\*\//.exec(readFileSync(join(root, folder, main), 'utf8')) ?? [''];
    sections.push(`${name} ${version} (${license})\n\n${text}\n`);
  }
  return `Weir's bundles contain these packages:\n\n${sections.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

/** Declarations of the libraries. Resolves to false when the compiler found faults; it has told them. */
function declarations() {
  const compiler = spawn(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'scripts/tsconfig.types.json')],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    compiler.on('error', reject);
    compiler.on('exit', (code) => resolve(code === 0));
  });
}

const withTypes = !process.argv.includes('--no-types');
// Taken before reading the sources: what changes meanwhile makes the next check build again.
const fingerprint = sourceFingerprint(root);
try {
  const [, typesGood] = await Promise.all([bundle(), withTypes ? declarations() : true]);
  if (!typesGood) throw new Error('the libraries have type errors, see above');
  mkdirSync(dirname(stampPath(root)), { recursive: true });
  writeFileSync(stampPath(root), fingerprint);
} catch (error) {
  // esbuild has printed its own findings already.
  if (!('errors' in error)) process.stderr.write(`build: ${error.message}\n`);
  process.exitCode = 1;
}
