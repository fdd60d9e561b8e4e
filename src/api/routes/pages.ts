import { page } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { NoParams, NoQuery } from '../schemas.ts';
import { renderStartPage, startPageView } from '../start-page.ts';

/** Pages for people. They are made here and not read from files: no path of a request ever reaches the disk. */
export const pageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/',
    group: 'Pages',
    summary: 'Leads to the start page',
    params: NoParams,
    query: NoQuery,
    answer: { text: 'Nothing.' },
    hidden: true,
    handle: (_request, { startPage }) => ({ status: 302, headers: { Location: startPage } }),
  }),
  route({
    method: 'GET',
    path: '/html/index.html',
    group: 'Pages',
    summary: 'Start page',
    params: NoParams,
    query: NoQuery,
    answer: { text: 'A page.' },
    hidden: true,
    handle: async (_request, { engine, version }) =>
      page(renderStartPage(await startPageView(engine, version))),
  }),
];
