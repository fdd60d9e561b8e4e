import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderCommandLinePage } from '../../scripts/lib/command-line-page.mjs';

const page = new URL('../../docs/reference/command-line.md', import.meta.url);

it('docs/reference/command-line.md is what the commands say; npm run docs writes it', () => {
  expect(readFileSync(page, 'utf8')).toBe(renderCommandLinePage());
});
