import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderRestPage } from './reference.ts';
import { apiRoutes } from './routes/index.ts';

const page = new URL('../../docs/reference/rest.md', import.meta.url);

it('docs/reference/rest.md is what the routes say; npm run docs writes it', () => {
  expect(readFileSync(page, 'utf8')).toBe(renderRestPage());
});

it('has a section for every route', () => {
  const sections = [...renderRestPage().matchAll(/^### (.*)$/gm)].map(([, title]) => title);
  expect(sections).toEqual(apiRoutes.map(({ method, path }) => `${method} ${path}`));
});
