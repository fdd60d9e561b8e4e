import { Type } from '@sinclair/typebox';
import { json, text } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { NoParams, NoQuery } from '../schemas.ts';

/** Section 13 as an engine without applications answers it. */
export const appRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/apps/json',
    group: 'Applications',
    summary: 'Applications by name: none in this version',
    params: NoParams,
    query: NoQuery,
    answer: Type.Object({}),
    handle: () => json({}),
  }),
  route({
    method: 'GET',
    path: '/scripts/json',
    group: 'Applications',
    summary: 'Running scripts by name: none in this version',
    params: NoParams,
    query: NoQuery,
    answer: Type.Object({}),
    handle: () => json({}),
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
    errors: { 503: 'Something is not well; the text is `UNAVIALABLE`, spelled so, and a line end.' },
    handle: (_request, { engine }) =>
      engine.health().ok ? text('OK\n') : { ...text('UNAVIALABLE\n'), status: 503 },
  }),
];
