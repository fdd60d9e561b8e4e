#!/usr/bin/env node
/** Checks the imports of src/: their directions, what pure rooms load, and that there is no circle. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports } from './lib/imports.mjs';
import { root } from './lib/root.mjs';

const files = new Map();
for (const entry of readdirSync(join(root, 'src'), { recursive: true })) {
  const path = `src/${entry.replaceAll('\\', '/')}`;
  if (path.endsWith('.ts')) files.set(path, readFileSync(join(root, path), 'utf8'));
}
const faults = checkImports(files);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${files.size} modules, ${faults.length} wrong imports\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
