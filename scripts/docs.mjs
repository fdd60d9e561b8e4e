#!/usr/bin/env node
/** Writes the reference pages that come from schemas: `npm run docs`. A test fails when a page is out of date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTypeScript } from './lib/import-typescript.mjs';
import { root } from './lib/root.mjs';

/** Page → the module and the function that renders it. */
const PAGES = {
  'docs/reference/properties.md': ['src/config/reference.ts', 'renderPropertiesPage'],
  'docs/reference/rest.md': ['src/api/reference.ts', 'renderRestPage'],
};

for (const [page, [file, render]] of Object.entries(PAGES)) {
  const module = await importTypeScript(join(root, file));
  writeFileSync(join(root, page), module[render]());
  process.stdout.write(`${page}\n`);
}
