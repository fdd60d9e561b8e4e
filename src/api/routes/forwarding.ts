import { done, json, refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { DottedNameParam, Forwarding, Forwardings, NoParams, NoQuery } from '../schemas.ts';

const NO_SUCH_FORWARDING = 'There is no such forwarding.';

export const forwardingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/forwarding/json',
    group: 'Forwarding and tenants',
    summary: 'All forwardings',
    params: NoParams,
    query: NoQuery,
    answer: Forwardings,
    otherMethods: 404,
    handle: (_request, { engine }) => json(engine.forwardings()),
  }),
  route({
    method: 'PUT',
    path: '/forwarding/{name}/json',
    group: 'Forwarding and tenants',
    role: 'admin',
    summary: 'Send received datagrams on to another collector',
    description:
      'Each is sent unchanged, whatever is in it, from the sFlow port of this collector. A host name that is unknown ' +
      'is looked up again; /analyzer/json counts what was sent and what was not.',
    params: DottedNameParam,
    query: NoQuery,
    body: Forwarding,
    answer: 'empty',
    errors: {
      400: 'The name or the forwarding is wrong, or leads to this collector; the header `Weir-Error` says why.',
    },
    example: {
      params: { name: 'second' },
      body: { address: '127.0.0.1', port: 9343, agents: ['192.0.2.1'] },
    },
    async handle({ params, body }, { engine }) {
      await engine.setForwarding(params.name, body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/forwarding/{name}/json',
    group: 'Forwarding and tenants',
    summary: 'One forwarding with its effective values',
    params: DottedNameParam,
    query: NoQuery,
    answer: Forwarding,
    errors: { 404: NO_SUCH_FORWARDING },
    example: { params: { name: 'second' } },
    handle({ params }, { engine }) {
      const forwardings = engine.forwardings();
      return Object.hasOwn(forwardings, params.name)
        ? json(forwardings[params.name])
        : refused(404, NO_SUCH_FORWARDING);
    },
  }),
  route({
    method: 'DELETE',
    path: '/forwarding/{name}/json',
    group: 'Forwarding and tenants',
    role: 'admin',
    summary: 'Remove a forwarding, if there is one',
    params: DottedNameParam,
    query: NoQuery,
    answer: 'empty',
    example: { params: { name: 'unused' } },
    async handle({ params }, { engine }) {
      await engine.clearForwarding(params.name);
      return done();
    },
  }),
];
