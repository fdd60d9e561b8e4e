import { done, json, refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { DottedNameParam, NoParams, NoQuery, SamplesByName, Tenant } from '../schemas.ts';

const NO_SUCH_TENANT = 'There is no such tenant.';

export const tenantRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/tenant/json',
    group: 'Forwarding and tenants',
    summary: 'All tenants, each with the number of samples it was sent',
    params: NoParams,
    query: NoQuery,
    answer: SamplesByName,
    otherMethods: 404,
    handle: async (_request, { engine }) => json(await engine.ask('tenants', undefined)),
  }),
  route({
    method: 'PUT',
    path: '/tenant/{name}/json',
    group: 'Forwarding and tenants',
    role: 'admin',
    summary: 'Give a tenant a stream of its own interfaces and hosts',
    description:
      'The tenant’s collector gets datagrams of the same agents, each with one sample the filters select, and ' +
      'sequence numbers of their own. Packets are selected at the edge of the topology only, so that each counts once.',
    params: DottedNameParam,
    query: NoQuery,
    body: Tenant,
    answer: 'empty',
    errors: {
      400: 'The name or the tenant is wrong, or leads to this collector; the header `Weir-Error` says why.',
    },
    example: {
      params: { name: 'blue' },
      body: {
        collectorAddress: '127.0.0.1',
        collectorPort: 9344,
        filters: { ifindex: ['192.0.2.1_3'], cidr: ['10.1.0.0/16'] },
      },
    },
    async handle({ params, body }, { engine }) {
      await engine.setTenant(params.name, body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/tenant/{name}/json',
    group: 'Forwarding and tenants',
    summary: 'One tenant with its effective values',
    params: DottedNameParam,
    query: NoQuery,
    answer: Tenant,
    errors: { 404: NO_SUCH_TENANT },
    example: { params: { name: 'blue' } },
    handle({ params }, { engine }) {
      const tenants = engine.tenants();
      return Object.hasOwn(tenants, params.name) ? json(tenants[params.name]) : refused(404, NO_SUCH_TENANT);
    },
  }),
  route({
    method: 'DELETE',
    path: '/tenant/{name}/json',
    group: 'Forwarding and tenants',
    role: 'admin',
    summary: 'Remove a tenant, if there is one',
    params: DottedNameParam,
    query: NoQuery,
    answer: 'empty',
    example: { params: { name: 'unused' } },
    async handle({ params }, { engine }) {
      await engine.clearTenant(params.name);
      return done();
    },
  }),
];
