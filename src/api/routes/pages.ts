import { Type } from '@sinclair/typebox';
import { type Answer, page } from '../answer.ts';
import type { ApiContext } from '../context.ts';
import type { PageFile } from '../files.ts';
import { type Route, route } from '../route.ts';
import { NoParams, NoQuery } from '../schemas.ts';
import { renderStartPage, startPageView } from '../start-page.ts';

const AssetPath = Type.Object({
  a: Type.String(),
  b: Type.Optional(Type.String()),
  c: Type.Optional(Type.String()),
});

/**
 * Pages for people, and what pages of applications share. No path of a request ever reaches the disk. What is the same in
 * every copy of the program is open; what shows data is not.
 */
export const pageRoutes: readonly Route[] = [
  pageRoute('/', 'Leads to the start page', ({ startPage }) => ({
    status: 302,
    headers: { Location: startPage },
  })),
  pageRoute('/html/', 'Leads to the start page', () => ({
    status: 302,
    headers: { Location: 'index.html' },
  })),
  pageRoute('/html/index.html', 'Start page', async ({ engine, scripts, version }) =>
    page(renderStartPage(await startPageView(engine, scripts, version))),
  ),
  pageRoute('/api', 'Leads to the explorer', () => ({ status: 302, headers: { Location: '/api/' } })),
  ...(['start.css', 'start.js', 'icon.svg'] as const).map((name) => fileRoute(`/html/${name}`, name)),
  pageRoute('/api/', 'Leads to the explorer', () => ({ status: 302, headers: { Location: 'index.html' } })),
  fileRoute('/api/index.html', 'explorer.html'),
  ...(['explorer.css', 'explorer.js', 'swagger-ui.css', 'swagger-ui-bundle.js'] as const).map((name) =>
    fileRoute(`/api/${name}`, name),
  ),
  { ...pageRoute('/inc/', 'The folder of shared files', ({ assets }) => assets('')), open: true },
  ...['{a}', '{a}/{b}', '{a}/{b}/{c}'].map(assetRoute),
];

function pageRoute(
  path: string,
  summary: string,
  handle: (context: ApiContext) => Answer | Promise<Answer>,
): Route {
  return route({
    method: 'GET',
    path,
    group: 'Pages',
    summary,
    params: NoParams,
    query: NoQuery,
    answer: { text: 'A page.' },
    hidden: true,
    handle: (_request, context) => handle(context),
  });
}

function fileRoute(path: string, name: PageFile): Route {
  return { ...pageRoute(path, 'A file of a page', ({ files }) => files(name)), open: true };
}

/** A shared file, as many folders deep as the path has elements. */
function assetRoute(path: string): Route {
  return route({
    method: 'GET',
    path: `/inc/${path}`,
    group: 'Pages',
    summary: 'A file that pages of applications share',
    params: AssetPath,
    query: NoQuery,
    answer: { text: 'A file.' },
    hidden: true,
    open: true,
    handle: ({ params: { a, b, c } }, { assets }) =>
      assets([a, b, c].filter((part) => part !== undefined).join('/')),
  });
}
