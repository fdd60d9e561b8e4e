import { Type } from '@sinclair/typebox';
import type { PushResult, Speaker } from '../../speaker/index.ts';
import { prefixForAddress, topPrefixes } from '../../speaker/learnt.ts';
import { type Answer, done, json, refused } from '../answer.ts';
import {
  FlowSpecMatchBody,
  FlowSpecRuleBody,
  LearntPrefix,
  PrefixQuery,
  PushedRoute,
  RouterParam,
  RouterPrefixParams,
  TopPrefixesAnswer,
  TopPrefixesQuery,
} from '../bgp-schemas.ts';
import type { ApiContext } from '../context.ts';
import { type Route, route } from '../route.ts';
import { NoQuery } from '../schemas.ts';

const NO_SESSION = 'There is no session with this router.';
const NO_SUCH_ROUTER = { 400: 'The router is a name that leads to no address.', 404: NO_SESSION };

const LASTING =
  'With a neighbour of an operator (property `bgp.neighbors`, or /v1/bgp/neighbors) it lasts: it comes back with each new ' +
  'session and after a restart, and there need be no session now. With one that a script has added it goes with the session.';

const ROUTER = { router: '192.0.2.9' };
const ROUTER_PREFIX = { ...ROUTER, address: '203.0.113.7', bits: '32' };

/** Sections 2 and 13; bgp section 5. */
export const bgpRoutes: readonly Route[] = [
  topPrefixesRoute('/bgp/topprefixes/{router}/json', 4),
  topPrefixesRoute('/bgp/topprefixes6/{router}/json', 6),
  route({
    method: 'GET',
    path: '/bgp/prefix/{router}/json',
    group: 'BGP',
    summary: 'The longest match for an address among the routes learnt from a router, with its traffic',
    params: RouterParam,
    query: PrefixQuery,
    answer: LearntPrefix,
    errors: { ...NO_SUCH_ROUTER, 404: 'There is no session, no route for the address, or no address.' },
    example: { params: ROUTER, query: { address: '198.51.100.7' } },
    handle: ({ params, query }, context) =>
      listed(context, (speaker) =>
        prefixForAddress(speaker, context.engine, params.router, query.address ?? ''),
      ),
  }),
  route({
    method: 'GET',
    path: '/bgp/flowspec/{router}/json',
    group: 'BGP',
    summary: 'FlowSpec rules pushed to a router',
    params: RouterParam,
    query: NoQuery,
    answer: Type.Array(FlowSpecRuleBody),
    errors: NO_SUCH_ROUTER,
    example: { params: ROUTER },
    handle: ({ params }, context) => listed(context, (speaker) => speaker.call('flows', params.router)),
  }),
  route({
    method: 'PUT',
    path: '/bgp/flowspec/{router}/json',
    group: 'BGP',
    role: 'admin',
    summary: 'Push a FlowSpec rule to a router',
    description: `A rule with the same match is replaced. ${LASTING}`,
    params: RouterParam,
    query: NoQuery,
    body: FlowSpecRuleBody,
    answer: 'empty',
    errors: {
      400: 'There is no session with this router, or the rule makes no sense; the header `Weir-Error` says which.',
      500: 'A value cannot be understood, or `then` is missing; the header says what.',
    },
    example: {
      params: ROUTER,
      body: {
        match: { destination: '203.0.113.7/32', protocol: '=17', 'source-port': '=53' },
        // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits an example.
        then: { 'traffic-rate': '0' },
      },
    },
    handle: ({ params, body, token }, context) =>
      pushed(context, (speaker) => speaker.call('addFlow', params.router, body, whoOf(token()), whyOf(body))),
  }),
  route({
    method: 'DELETE',
    path: '/bgp/flowspec/{router}/json',
    group: 'BGP',
    role: 'admin',
    summary: 'Withdraw the FlowSpec rule with this match, if there is one',
    params: RouterParam,
    query: NoQuery,
    body: FlowSpecMatchBody,
    answer: 'empty',
    errors: {
      400: 'There is no session with this router, or no match.',
      500: 'The match cannot be understood; the header `Weir-Error` says why.',
    },
    example: { params: ROUTER, body: { match: { destination: '203.0.113.7/32' } } },
    handle: ({ params, body }, context) =>
      pushed(context, (speaker) => speaker.call('removeFlow', params.router, body)),
  }),
  route({
    method: 'GET',
    path: '/bgp/routepusher/{router}/json',
    group: 'BGP',
    summary: 'Prefixes of the routes pushed to a router, IPv4 first',
    params: RouterParam,
    query: NoQuery,
    answer: Type.Array(Type.String()),
    errors: NO_SUCH_ROUTER,
    example: { params: ROUTER },
    handle: ({ params }, context) => listed(context, (speaker) => speaker.call('routes', params.router)),
  }),
  route({
    method: 'GET',
    path: '/bgp/routepusher/{router}/{address}/{bits}/json',
    group: 'BGP',
    summary: 'A route pushed to a router',
    params: RouterPrefixParams,
    query: NoQuery,
    answer: PushedRoute,
    errors: { ...NO_SUCH_ROUTER, 404: 'There is no such route, or no session.' },
    example: { params: ROUTER_PREFIX },
    handle: ({ params }, context) =>
      listed(context, (speaker) => speaker.call('getRoute', params.router, prefixOf(params))),
  }),
  route({
    method: 'PUT',
    path: '/bgp/routepusher/{router}/{address}/{bits}/json',
    group: 'BGP',
    role: 'admin',
    summary: 'Push a route to a router',
    description: `A route for the same prefix is replaced. ${LASTING}`,
    params: RouterPrefixParams,
    query: NoQuery,
    body: PushedRoute,
    answer: 'empty',
    errors: { 400: 'There is no session, or the route is wrong; the header `Weir-Error` says why.' },
    example: {
      params: ROUTER_PREFIX,
      body: { nexthop: '192.0.2.1', communities: '65535:666', localpref: '100' },
    },
    handle: ({ params, body, token }, context) =>
      pushed(
        context,
        (speaker) => {
          const routed = { ...body, prefix: prefixOf(params) };
          return speaker.call('addRoute', params.router, routed, whoOf(token()), whyOf(body));
        },
        400,
      ),
  }),
  route({
    method: 'DELETE',
    path: '/bgp/routepusher/{router}/{address}/{bits}/json',
    group: 'BGP',
    role: 'admin',
    summary: 'Withdraw a route from a router, if it is there',
    params: RouterPrefixParams,
    query: NoQuery,
    answer: 'empty',
    errors: { 400: 'There is no session, or this is no prefix.' },
    example: { params: ROUTER_PREFIX },
    handle: ({ params }, context) =>
      pushed(context, (speaker) => speaker.call('removeRoute', params.router, prefixOf(params)), 400),
  }),
];

function topPrefixesRoute(path: string, version: 4 | 6): Route {
  return route({
    method: 'GET',
    path,
    group: 'BGP',
    summary: `IPv${version} prefixes learnt from a router that have most traffic`,
    description: 'There are values for agents that a script has given the router to (bgpAddSource).',
    params: RouterParam,
    query: TopPrefixesQuery,
    answer: TopPrefixesAnswer,
    errors: NO_SUCH_ROUTER,
    example: { params: ROUTER, query: { maxPrefixes: '10' } },
    handle: ({ params, query }, context) =>
      listed(context, (speaker) =>
        topPrefixes(speaker, context.engine, params.router, {
          version,
          maxPrefixes: numberOr(query.maxPrefixes, 100),
          minValue: numberOr(query.minValue, 0),
          direction: query.direction === 'source' ? 'source' : 'destination',
          includeCovered: query.includeCovered === 'true',
          minPrefix: numberOr(query.minPrefix, 0),
          pruneCovered: query.pruneCovered === 'true',
        }),
      ),
  });
}

function numberOr(text: string | undefined, otherwise: number): number {
  const number = Number(text);
  return text === undefined || text === '' || Number.isNaN(number) ? otherwise : number;
}

/** What a speaker tells, or 404 when it has nothing to tell. */
async function listed(context: ApiContext, ask: (speaker: Speaker) => Promise<unknown>): Promise<Answer> {
  const { speaker } = context;
  const found = speaker === undefined ? null : await ask(speaker);
  return found === null || found === undefined ? refused(404, NO_SESSION) : json(found);
}

/** @param badStatus of what cannot be understood; bgp section 5 has 500 for rules */
async function pushed(
  { speaker }: ApiContext,
  push: (speaker: Speaker) => Promise<PushResult>,
  badStatus = 500,
): Promise<Answer> {
  if (speaker === undefined) return refused(400, 'there are no BGP sessions: property bgp.start');
  const result = await push(speaker);
  switch (result.status) {
    case 'done':
      return done();
    case 'no-session':
      return refused(400, NO_SESSION);
    case 'bad':
      return refused(badStatus, result.reason, 'BGP_BAD_PUSH');
    case 'refused':
      return refused(400, result.reason, 'BGP_BAD_PUSH');
  }
}

function prefixOf({ address, bits }: { address: string; bits: string }): string {
  return `${address}/${bits}`;
}

/** Who pushes, as the list of what is pushed tells it. Names of tokens have no blanks, which tells them from scripts. */
function whoOf(token: string | undefined): string {
  return token ?? 'rest';
}

function whyOf(body: Readonly<Record<string, unknown>>): string {
  return typeof body['why'] === 'string' ? body['why'] : '';
}
