import { type Answer, json, text, unroutedPage } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { AppParam, Apps, NoParams, NoQuery, ScriptList } from '../schemas.ts';

const NOT_WELL = 'The text is `UNAVIALABLE`, spelled so, and a line end.';

/** Sections 2 and 13: applications and scripts. */
export const appRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/apps/json',
    group: 'Applications',
    summary: 'Applications by name',
    params: NoParams,
    query: NoQuery,
    answer: Apps,
    handle: (_request, { scripts }) => json(scripts.apps()),
  }),
  route({
    method: 'GET',
    path: '/scripts/json',
    group: 'Applications',
    summary: 'Scripts by key, and how they are',
    description: 'The key is `FILE.js`, or `APP~FILE.js` for a script of an application.',
    params: NoParams,
    query: NoQuery,
    answer: ScriptList,
    handle: (_request, { scripts }) => json(scripts.scripts()),
  }),
  route({
    method: 'GET',
    path: '/app/{app}/status',
    group: 'Applications',
    summary: 'Whether all scripts of an application are alive, or have ended because they were done',
    params: AppParam,
    query: NoQuery,
    answer: { text: '`OK` and a line end.' },
    example: { params: { app: 'browse-flows' } },
    errors: { 404: 'There is no such application.', 503: `A script has failed. ${NOT_WELL}` },
    handle: ({ params }, { scripts }) => {
      const health = scripts.appHealth(params.app);
      return health === undefined ? unroutedPage() : statusText(health.ok);
    },
  }),
  route({
    method: 'GET',
    path: '/status',
    group: 'Applications',
    summary: 'Whether all is well, for a load balancer or a supervisor',
    params: NoParams,
    query: NoQuery,
    answer: { text: '`OK` and a line end.' },
    open: true,
    errors: { 503: `The engine is not well, or a script has failed. ${NOT_WELL}` },
    handle: (_request, { engine, scripts }) => statusText(engine.health().ok && scripts.health().ok),
  }),
];

function statusText(ok: boolean): Answer {
  return ok ? text('OK\n') : { ...text('UNAVIALABLE\n'), status: 503 };
}
