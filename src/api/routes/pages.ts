import { type Answer, page } from '../answer.ts';
import type { ApiContext } from '../context.ts';
import type { PageFile } from '../files.ts';
import { type Route, route } from '../route.ts';
import { NoParams, NoQuery } from '../schemas.ts';
import { renderStartPage, startPageView } from '../start-page.ts';

/**
 * Pages for people. Each file has a route of its own: no path of a request ever reaches the disk. What is the same in
 * every copy of the program is open; what shows data is not.
 */
export const pageRoutes: readonly Route[] = [
  pageRoute('/', 'Leads to the start page', ({ startPage }) => ({
    status: 302,
    headers: { Location: startPage },
  })),
  pageRoute('/html/index.html', 'Start page', async ({ engine, version }) =>
    page(renderStartPage(await startPageView(engine, version))),
  ),
  pageRoute('/api', 'Leads to the explorer', () => ({ status: 302, headers: { Location: '/api/' } })),
  ...(['start.css', 'start.js', 'icon.svg'] as const).map((name) => fileRoute(`/html/${name}`, name)),
  fileRoute('/api/', 'explorer.html'),
  ...(['explorer.css', 'explorer.js', 'swagger-ui.css', 'swagger-ui-bundle.js'] as const).map((name) =>
    fileRoute(`/api/${name}`, name),
  ),
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
