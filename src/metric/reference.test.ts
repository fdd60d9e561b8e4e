import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderMetricsPage } from './reference.ts';
import { STRUCTURE_RULES } from './structures.ts';

const page = new URL('../../docs/reference/metrics.md', import.meta.url);

describe('docs/reference/metrics.md', () => {
  it('is what the rules say; npm run docs writes it', () => {
    expect(readFileSync(page, 'utf8')).toBe(renderMetricsPage());
  });

  it('tells of every metric', () => {
    const text = renderMetricsPage();
    const names = STRUCTURE_RULES.flatMap(({ fields, derived }) => [
      ...Object.values(fields)
        .flat()
        .filter((rule) => rule.kind !== 'counter' || rule.per !== 'operand')
        .map(({ name }) => name),
      ...derived.map(({ name }) => name),
    ]);
    expect(names.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('says how computed metrics are made', () => {
    expect(renderMetricsPage()).toContain('| `ifinutilization` | computed | 800 · ifinoctets / ifspeed |');
    expect(renderMetricsPage()).toContain('| `read_time` | computed | ΔreadTime / Δreads |');
    expect(renderMetricsPage()).not.toMatch(/\| computed \| *\|/);
  });
});
