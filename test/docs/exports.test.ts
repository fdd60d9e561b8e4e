import { describe, expect, it } from 'vitest';
import { parseExport } from '../../src/export/index.ts';
import { blocksOf } from './markdown.ts';
import { allPages } from './pages.ts';

/** Definitions of exports that pages show without running them. */
const definitions = allPages().flatMap(({ path, text }) =>
  blocksOf(text)
    .filter(
      ({ language, marks, text: body }) =>
        language === 'json' && marks.length === 0 && body.includes('"sink"'),
    )
    .map(({ line, text: body }) => [`${path} line ${line}`, body] as const),
);

describe('definitions of exports', () => {
  it('are shown on some page', () => {
    expect(definitions.length).toBeGreaterThan(5);
  });

  it.each(definitions)('of %s are accepted', (_, body) => {
    expect(parseExport('shown', JSON.parse(body)).enabled).toBe(true);
  });
});
