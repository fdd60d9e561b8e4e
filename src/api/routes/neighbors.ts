import { Type } from '@sinclair/typebox';
import {
  announceFlowSpecRule,
  encodeFlowSpecNlri,
  encodeMessage,
  type FlowSpecRule,
  flowSpecText,
  formatFlowSpecRule,
  hexOfBytes,
  NOTATION_NAMES,
  parseFlowSpecRule,
  ruleRoute,
  validateFlowSpecRule,
} from '../../bgp/index.ts';
import { WeirError } from '../../common/index.ts';
import type { Speaker } from '../../speaker/index.ts';
import { done, json, refused } from '../answer.ts';
import {
  FlowSpecRuleBody,
  LearntRuleAnswer,
  NeighborAnswer,
  NeighborBody,
  PreviewAnswer,
  PushedAnswer,
  RouterParam,
} from '../bgp-schemas.ts';
import { bgpText } from '../bgp-text.ts';
import type { ApiContext } from '../context.ts';
import { CONTENT_TYPES, expositionForm } from '../exposition.ts';
import { type Route, route } from '../route.ts';
import { FormatQuery, NoParams, NoQuery } from '../schemas.ts';

const NO_SUCH_NEIGHBOR = 'There is no such neighbour.';
const ROUTER = { router: '192.0.2.9' };
const NOT_RUNNING = 'There is no BGP speaker: property `bgp.start` is `no`.';

/** An AS that is nobody's, for the UPDATE of a preview (RFC 5398). */
const EXAMPLE_AS = 64496;

/** BGP neighbours, as operators see and define them. */
export const neighborRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/bgp/neighbors',
    group: 'BGP',
    summary: 'All BGP neighbours, with their state, capabilities, counters and history',
    params: NoParams,
    query: NoQuery,
    answer: Type.Array(NeighborAnswer),
    errors: { 503: NOT_RUNNING },
    own: true,
    handle: async (_request, context) => json(await speakerOf(context).call('neighbors')),
  }),
  route({
    method: 'GET',
    path: '/v1/bgp/neighbors/{router}',
    group: 'BGP',
    summary: 'One BGP neighbour',
    params: RouterParam,
    query: NoQuery,
    answer: NeighborAnswer,
    errors: { 404: NO_SUCH_NEIGHBOR, 503: NOT_RUNNING },
    example: { params: ROUTER },
    own: true,
    async handle({ params }, context) {
      const found = await speakerOf(context).call('neighbor', params.router);
      return found === undefined ? refused(404, NO_SUCH_NEIGHBOR) : json(found);
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/bgp/neighbors/{router}',
    group: 'BGP',
    role: 'admin',
    summary: 'Define a BGP neighbour',
    description:
      'What is not said has its default. A neighbour that was there is defined anew, and its session, unless nothing has ' +
      'changed, begins anew, too. One that a script has added becomes an operator’s.',
    params: RouterParam,
    query: NoQuery,
    body: NeighborBody,
    answer: 'empty',
    errors: {
      400: 'A member is wrong, or the router is a name that leads to no address.',
      409: 'The neighbour is defined by property `bgp.neighbors`.',
      503: NOT_RUNNING,
    },
    example: { params: ROUTER, body: { as: 65000, peerAs: 64496, connect: true } },
    own: true,
    async handle({ params, body }, context) {
      await speakerOf(context).call('putNeighbor', params.router, body, 'rest');
      return done();
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/bgp/neighbors/{router}',
    group: 'BGP',
    role: 'admin',
    summary: 'Remove a BGP neighbour, its session and what was pushed to it',
    params: RouterParam,
    query: NoQuery,
    answer: 'empty',
    errors: {
      404: NO_SUCH_NEIGHBOR,
      409: 'The neighbour is defined by property `bgp.neighbors` or by a script.',
      503: NOT_RUNNING,
    },
    example: { params: ROUTER },
    own: true,
    async handle({ params }, context) {
      const was = await speakerOf(context).call('deleteNeighbor', params.router);
      return was ? done() : refused(404, NO_SUCH_NEIGHBOR);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/bgp/neighbors/{router}/announcements',
    group: 'BGP',
    summary: 'Everything pushed to a neighbour: since when, by whom, why, and whether it has been sent',
    params: RouterParam,
    query: NoQuery,
    answer: Type.Array(PushedAnswer),
    errors: { 404: NO_SUCH_NEIGHBOR, 503: NOT_RUNNING },
    example: { params: ROUTER },
    own: true,
    async handle({ params }, context) {
      const found = await speakerOf(context).call('pushed', params.router);
      return found === undefined ? refused(404, NO_SUCH_NEIGHBOR) : json(found);
    },
  }),
  route({
    method: 'GET',
    path: '/v1/bgp/neighbors/{router}/rules',
    group: 'BGP',
    summary: 'FlowSpec rules that a neighbour has announced to Weir',
    description: 'They are kept to be looked at, 10000 of a session at most: Weir filters nothing itself.',
    params: RouterParam,
    query: NoQuery,
    answer: Type.Array(LearntRuleAnswer),
    errors: { 404: NO_SUCH_NEIGHBOR, 503: NOT_RUNNING },
    example: { params: ROUTER },
    own: true,
    async handle({ params }, context) {
      const found = await speakerOf(context).call('learntRules', params.router);
      return found === undefined ? refused(404, NO_SUCH_NEIGHBOR) : json(found);
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/bgp/neighbors/{router}/reset',
    group: 'BGP',
    role: 'admin',
    summary: 'Send everything again and ask for everything, or end the session',
    params: RouterParam,
    query: NoQuery,
    body: Type.Object({
      how: Type.Optional(
        Type.String({ description: '`soft` (default) by route refresh, `hard` by a NOTIFICATION.' }),
      ),
    }),
    answer: 'empty',
    errors: { 400: '`how` is neither soft nor hard.', 404: 'There is no session.', 503: NOT_RUNNING },
    example: { params: ROUTER, body: { how: 'soft' } },
    own: true,
    async handle({ params, body }, context) {
      const how = body['how'] ?? 'soft';
      if (how !== 'soft' && how !== 'hard') return refused(400, 'how is neither soft nor hard');
      const was = await speakerOf(context).call('resetNeighbor', params.router, how);
      return was ? done() : refused(404, 'There is no session with this neighbour.');
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/bgp/preview',
    group: 'BGP',
    summary:
      'Look at a FlowSpec rule without pushing it: in words, as routers write it, in bytes, and what is wrong with it',
    params: NoParams,
    query: NoQuery,
    body: FlowSpecRuleBody,
    answer: PreviewAnswer,
    errors: { 400: 'A value cannot be understood.' },
    example: {
      body: {
        match: { destination: '203.0.113.7/32', protocol: '=17', 'source-port': '=53' },
        // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits an example.
        then: { 'traffic-rate': '0' },
      },
    },
    own: true,
    handle({ body }) {
      const parsed = parseFlowSpecRule(body);
      if (!parsed.ok) return refused(400, parsed.reason, 'BGP_BAD_PUSH');
      const { rule, ignored } = parsed.value;
      const faults = validateFlowSpecRule(rule);
      const texts = Object.fromEntries(NOTATION_NAMES.map((name) => [name, flowSpecText(rule, name)]));
      return json({ rule: formatFlowSpecRule(rule), faults, ignored, ...bytesOf(rule, faults), texts });
    },
  }),
  route({
    method: 'GET',
    path: '/prometheus/bgp/txt',
    group: 'BGP',
    summary: 'State of the BGP speaker for Prometheus',
    params: NoParams,
    query: FormatQuery,
    answer: { text: 'Lines of Prometheus text, labelled with router.' },
    errors: { 503: NOT_RUNNING },
    async handle({ query, headers }, context) {
      const form = expositionForm(context.prometheusCompat, query.format, headers);
      const neighbors = await speakerOf(context).call('neighbors');
      const body = bgpText(neighbors, context.prometheusPrefix, form);
      return { status: 200, contentType: CONTENT_TYPES[form], body };
    },
  }),
];

function speakerOf({ speaker }: ApiContext): Speaker {
  if (speaker === undefined) throw new WeirError('BGP_NOT_RUNNING', NOT_RUNNING);
  return speaker;
}

function bytesOf(rule: FlowSpecRule, faults: ReturnType<typeof validateFlowSpecRule>) {
  const nlri = encodeFlowSpecNlri(rule.components);
  if (!nlri.ok || faults.some(({ severity }) => severity === 'error')) return { nlri: '', update: '' };
  const update = announceFlowSpecRule(rule, ruleRoute(EXAMPLE_AS, true));
  const bytes = encodeMessage(update, { fourOctetAs: true, extendedMessage: true });
  return { nlri: hexOfBytes(nlri.value), update: hexOfBytes(bytes) };
}
