import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../src/flow/index.ts';
import { blocksOf } from './markdown.ts';
import { allPages } from './pages.ts';

/** Flow definitions that pages show without running them. */
const definitions = allPages().flatMap(({ path, text }) =>
  blocksOf(text)
    .filter(
      ({ language, marks, text: body }) =>
        // An answer that is shown is a list.
        language === 'json' && marks.length === 0 && body.startsWith('{') && body.includes('"value"'),
    )
    .map(({ line, text: body }) => [`${path} line ${line}`, body] as const),
);

describe('flow definitions', () => {
  it('are shown on some page', () => {
    expect(definitions.length).toBeGreaterThan(5);
  });

  it.each(definitions)('of %s are accepted', (_, body) => {
    expect(parseDefinition('shown', JSON.parse(body))).toBeDefined();
  });
});
