import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { renderExportPage, renderExportSchema } from './export-reference.ts';

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/reference/${name}`, import.meta.url)), 'utf8');

it('docs/reference/export.md is what the code says; npm run docs writes it', () => {
  expect(read('export.md')).toBe(renderExportPage());
});

it('docs/reference/export-message.schema.json likewise', () => {
  expect(read('export-message.schema.json')).toBe(renderExportSchema());
});
