import { done, json } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { NoParams, NoQuery, Topology } from '../schemas.ts';

export const topologyRoutes: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/topology/json',
    group: 'Topology',
    summary: 'Replace the topology; an empty object clears it',
    description:
      'What is left out of `nodes` is learned: the name of a node from the host name its agent sends, the ifindex of ' +
      'a port from the port names it sends.',
    params: NoParams,
    query: NoQuery,
    body: Topology,
    answer: 'empty',
    errors: { 400: 'The topology is wrong; the header `Weir-Error` says why.' },
    example: {
      body: {
        nodes: {
          leaf1: { agent: '192.0.2.1', ports: { swp1: { ifindex: '1' } } },
          spine1: { agent: '192.0.2.2', ports: { swp1: { ifindex: '1' } } },
        },
        links: { L1: { node1: 'leaf1', port1: 'swp1', node2: 'spine1', port2: 'swp1' } },
      },
    },
    async handle({ body }, { engine }) {
      await engine.setTopology(body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/topology/json',
    group: 'Topology',
    summary: 'The topology, with a version that counts its changes',
    params: NoParams,
    query: NoQuery,
    answer: Topology,
    handle: (_request, { engine }) => json(engine.topology()),
  }),
];
