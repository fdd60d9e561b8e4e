import { done, json, refused } from '../answer.ts';
import { ExportDefinitionSchema, ExportReportSchema, ExportReports } from '../export-schemas.ts';
import { type Route, route } from '../route.ts';
import { NameParam, NoParams, NoQuery } from '../schemas.ts';

const NO_SUCH_EXPORT = 'There is no such export.';

/** Data for other systems. */
export const exportRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/exports',
    group: 'Exports',
    summary: 'All exports: how they are defined, and how they are',
    params: NoParams,
    query: NoQuery,
    answer: ExportReports,
    otherMethods: 404,
    own: true,
    handle: (_request, { exports }) => json(exports.all()),
  }),
  route({
    method: 'PUT',
    path: '/v1/exports/{name}',
    group: 'Exports',
    role: 'admin',
    summary: 'Send events, flows or metrics to another system',
    description:
      'The reference of exports tells the members of each kind of sink. An export that is replaced begins anew; `enabled` ' +
      'set to false turns it off.',
    params: NameParam,
    query: NoQuery,
    body: ExportDefinitionSchema,
    answer: 'empty',
    errors: { 400: 'The definition is wrong; the answer says why.' },
    example: {
      params: { name: 'interfaces' },
      body: {
        enabled: false,
        source: { type: 'metrics', metrics: ['ifinoctets', 'ifoutoctets'], interval: 30 },
        sink: { type: 'influxdb', url: 'http://127.0.0.1:8086', database: 'network' },
      },
    },
    own: true,
    async handle({ params, body }, { exports }) {
      await exports.set(params.name, body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/v1/exports/{name}',
    group: 'Exports',
    summary: 'One export',
    params: NameParam,
    query: NoQuery,
    answer: ExportReportSchema,
    errors: { 404: NO_SUCH_EXPORT },
    example: { params: { name: 'interfaces' } },
    own: true,
    handle({ params }, { exports }) {
      const found = exports.get(params.name);
      return found === undefined ? refused(404, NO_SUCH_EXPORT) : json(found);
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/exports/{name}',
    group: 'Exports',
    role: 'admin',
    summary: 'Remove an export, if there is one',
    params: NameParam,
    query: NoQuery,
    answer: 'empty',
    example: { params: { name: 'unused' } },
    own: true,
    async handle({ params }, { exports }) {
      await exports.clear(params.name);
      return done();
    },
  }),
];
