/** What keeping a table costs, in this process: reading UPDATE messages, keeping their routes, and finding the longest match. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeFileAtomic } from '../../scripts/lib/files.mjs';
import { fullTable, prefixCount, updatesOf } from './full-table.mjs';
import { ROOT } from './paths.mjs';

const ENTRY = `
export { AdjRibIn, decodeMessage, INITIAL_CONTEXT } from './bgp/index.ts';
export { RouteReader } from './rib/index.ts';
`;

const LOOKUPS = 1 << 21;

/** The sources as they are now, bundled. */
async function load() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: join(ROOT, 'src'), sourcefile: 'rib.ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    write: false,
  });
  const folder = join(ROOT, 'tmp');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'rib.mjs');
  writeFileAtomic(file, outputFiles[0].contents);
  return import(pathToFileURL(file).href);
}

export async function measureRib(size) {
  const { AdjRibIn, decodeMessage, INITIAL_CONTEXT, RouteReader } = await load();
  const groups = fullTable(size);
  const messages = [...updatesOf(groups)];
  const context = { ...INITIAL_CONTEXT, fourOctetAs: true };
  const session = {
    peerAs: 65001,
    peerIdentifier: '192.0.2.1',
    external: true,
    addPath: new Set(),
    treatAsWithdraw: false,
  };
  const rib = new AdjRibIn();
  const begin = performance.now();
  for (const bytes of messages) rib.update(decodeMessage(bytes, context).message, session);
  const seconds = (performance.now() - begin) / 1000;
  const reader = new RouteReader(rib.share());
  return {
    prefixes: prefixCount(groups, 4) + prefixCount(groups, 6),
    kept: rib.counters(4).prefixes + rib.counters(6).prefixes,
    messages: messages.length,
    seconds,
    bytes: rib.size().bytes,
    sets: rib.size().attributeSets,
    lookups4: lookups4(reader),
    lookups6: lookups6(reader, groups),
  };
}

/** Lookups per second of random addresses, which the processor's caches do not know. */
function lookups4(reader) {
  const addresses = Int32Array.from({ length: LOOKUPS }, () => Math.floor(Math.random() * 224 * 2 ** 24));
  return rateOf(() => {
    let found = 0;
    for (let i = 0; i < LOOKUPS; i++) if (reader.lookup4(addresses[i]) !== 0) found++;
    return found;
  });
}

/** Addresses inside the prefixes of the table. */
function lookups6(reader, groups) {
  const prefixes = groups.filter(({ version }) => version === 6).flatMap((group) => group.prefixes);
  const words = new Int32Array(LOOKUPS * 2);
  for (let i = 0; i < words.length; i += 2) {
    const [, first, second] = prefixes[Math.floor(Math.random() * prefixes.length)];
    words[i] = first;
    words[i + 1] = second | Math.floor(Math.random() * 65536);
  }
  return rateOf(() => {
    let found = 0;
    for (let i = 0; i < words.length; i += 2) if (reader.lookup6(words[i], words[i + 1], 0, 1) !== 0) found++;
    return found;
  });
}

function rateOf(look) {
  // The first time the compiler learns.
  look();
  const begin = performance.now();
  if (look() === 0) throw new Error('nothing is found');
  return (LOOKUPS / (performance.now() - begin)) * 1000;
}
