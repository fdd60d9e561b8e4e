import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeFileAtomic } from '../../scripts/lib/files.mjs';
import { ROOT } from '../lib/paths.mjs';

/** What the cases are made of. */
const ENTRY = `
export { hugePageAdviser } from './engine/huge-pages.ts';
export { SLOT_BYTES } from './engine/receiver.ts';
export { Shard } from './engine/shard.ts';
export { fillSampleContext, parseDefinition, SampleContext } from './flow/index.ts';
export { LOAD_DEFAULTS, LoadGenerator } from './load/generator.ts';
export { dissect, LayerTable } from './packet/index.ts';
export { DatagramWalker, SAMPLE } from './sflow/index.ts';
`;

/** Bundle the sources as they are now. Resolves to the file, in the checkout so that koffi is found from it. */
export async function buildHotPath() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: join(ROOT, 'src'), sourcefile: 'hot-path.ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['koffi'],
    sourcemap: 'inline',
    logLevel: 'warning',
    write: false,
  });
  const folder = join(ROOT, 'tmp', 'hot-path');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'hot-path.mjs');
  writeFileAtomic(file, outputFiles[0].contents);
  return file;
}
