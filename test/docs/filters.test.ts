import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../src/flow/index.ts';

const page = readFileSync(new URL('../../docs/reference/filters.md', import.meta.url), 'utf8');

/** The filters in the first column of the table under this heading. */
function filtersUnder(heading: string): string[] {
  const table = page.split(heading)[1] ?? '';
  const rows = /(?:^\|.*\n)+/m.exec(table)?.[0].split('\n').slice(2) ?? [];
  return rows.flatMap((row) => /^\| `((?:[^`])+)` \|/.exec(row)?.[1].replaceAll('\\|', '|') ?? []);
}

const define = (filter: string) => () =>
  parseDefinition('shown', { keys: 'ipsource', value: 'bytes', filter });

describe('docs/reference/filters.md', () => {
  it.each(filtersUnder('## Examples'))('accepts %s', (filter) => {
    expect(define(filter)).not.toThrow();
  });

  it.each(filtersUnder('A filter that is wrong'))('refuses %s', (filter) => {
    expect(define(filter)).toThrow(expect.objectContaining({ code: 'FLOW_BAD_FILTER' }));
  });

  it('finds both tables', () => {
    expect(filtersUnder('## Examples').length).toBeGreaterThan(10);
    expect(filtersUnder('A filter that is wrong').length).toBeGreaterThan(5);
  });
});
