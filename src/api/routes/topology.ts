import type { Static } from '@sinclair/typebox';
import { canonicalAddress, WeirError } from '../../common/index.ts';
import type { HostsQuestion } from '../../engine/index.ts';
import { done, json } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { Hosts, HostsQuery, NoParams, NoQuery, Topology } from '../schemas.ts';

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
  route({
    method: 'GET',
    path: '/v1/hosts',
    group: 'Topology',
    summary: 'Hosts at the edge of the topology: where each was last seen, and its latest addresses',
    description:
      'A host is learned from a packet that it sends, sampled where it comes in at an edge interface, and forgotten ' +
      'an hour after the last. Give one of `mac`, `ip`, `ip6`, `uuid` and `hostagent`, or `agent` with or without ' +
      '`ifindex`, or nothing for all. Those seen last come first.',
    params: NoParams,
    query: HostsQuery,
    answer: Hosts,
    errors: { 400: 'More than one thing is asked for.' },
    example: { query: { ip: '10.0.0.1' } },
    own: true,
    async handle({ query }, { engine }) {
      return json(await engine.ask('hosts', hostsQuestion(query)));
    },
  }),
];

function hostsQuestion({ limit, agent, ifindex, ...by }: Static<typeof HostsQuery>): HostsQuestion {
  const asked = Object.entries(by);
  if (asked.length + (agent === undefined && ifindex === undefined ? 0 : 1) > 1)
    throw new WeirError('HTTP_BAD_PARAMETER', 'give one of mac, ip, ip6, uuid, hostagent, or agent');
  if (asked.length === 0)
    return { by: 'place', agent: agent && canonicalAddress(agent), ifIndex: ifindex, limit };
  const [name, value] = asked[0];
  if (name === 'hostagent') return { by: 'agent', value: canonicalAddress(value) };
  const isMac = name === 'mac';
  return { by: name as 'mac' | 'ip' | 'ip6' | 'uuid', value: isMac ? value.replaceAll(/[-:.]/g, '') : value };
}
