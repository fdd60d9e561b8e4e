#!/usr/bin/env node
/**
 * Writes the reference pages that come from the code: `npm run docs`. For each page a test fails when it is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './ensure.mjs';
import { renderCommandLinePage } from './lib/command-line-page.mjs';
import { importTypeScript } from './lib/import-typescript.mjs';
import { root } from './lib/root.mjs';

/** Page → the module and the function that renders it, from a file if it needs one. */
const PAGES = {
  'properties.md': ['src/config/reference.ts', 'renderPropertiesPage'],
  'rest.md': ['src/api/reference.ts', 'renderRestPage'],
  'export.md': ['src/api/export-reference.ts', 'renderExportPage'],
  'export-message.schema.json': ['src/api/export-reference.ts', 'renderExportSchema'],
  'flow-keys.md': ['src/flow/reference.ts', 'renderFlowKeysPage'],
  'flow-functions.md': ['src/flow/reference.ts', 'renderFlowFunctionsPage'],
  'metrics.md': ['src/metric/reference.ts', 'renderMetricsPage'],
  'decode-json.md': ['src/cli/decode-json-reference.ts', 'renderDecodeJsonPage'],
  'scripts.md': ['src/script/reference.ts', 'renderScriptsPage', 'types/weir.d.ts'],
};

for (const [page, [file, render, source]] of Object.entries(PAGES)) {
  const module = await importTypeScript(join(root, file));
  write(page, module[render](source && readFileSync(join(root, source), 'utf8')));
}
await ensureBuilt();
write('command-line.md', renderCommandLinePage());

function write(page, text) {
  writeFileSync(join(root, 'docs/reference', page), text);
  process.stdout.write(`docs/reference/${page}\n`);
}
