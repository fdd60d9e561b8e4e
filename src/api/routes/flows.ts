import { Type } from '@sinclair/typebox';
import { canonicalAddress } from '../../common/index.ts';
import { done, json, refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import {
  ActiveFlows,
  ActiveFlowsQuery,
  AgentFlowParams,
  FlowDefinition,
  FlowDefinitions,
  FlowLocations,
  FlowLocationsQuery,
  FlowValueParams,
  FlowValueQuery,
  LoggedFlows,
  LoggedFlowsQuery,
  MillisecondsByName,
  NameParam,
  NoParams,
  NoQuery,
} from '../schemas.ts';
import { agentSelector } from '../selectors.ts';
import { waitFor } from './long-poll.ts';

const AGG_MODES = new Set(['max', 'sum', 'avg', 'edge', 'core']);

const NO_SUCH_FLOW = 'There is no such flow definition.';
const EXAMPLE_DEFINITION = { keys: 'ipsource,ipdestination', value: 'bytes' };

export const flowRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/flowkeys/json',
    group: 'Flows',
    summary: 'Keys seen in samples, each with the time since it was last seen in ms',
    params: NoParams,
    query: NoQuery,
    answer: MillisecondsByName,
    handle: async (_request, { engine }) => json(await engine.ask('flowKeys', undefined)),
  }),
  route({
    method: 'GET',
    path: '/flow/json',
    group: 'Flows',
    summary: 'All flow definitions',
    params: NoParams,
    query: NoQuery,
    answer: FlowDefinitions,
    otherMethods: 404,
    handle: (_request, { engine }) => json(engine.flows()),
  }),
  route({
    method: 'PUT',
    path: '/flow/{name}/json',
    group: 'Flows',
    summary: 'Define a flow, or replace its definition',
    description: 'An identical definition keeps the flows collected so far; a different one starts anew.',
    params: NameParam,
    query: NoQuery,
    body: FlowDefinition,
    answer: 'empty',
    errors: { 400: 'The name or the definition is wrong; the header `Weir-Error` says why.' },
    example: { params: { name: 'pairs' }, body: EXAMPLE_DEFINITION },
    async handle({ params, body }, { engine }) {
      await engine.setFlow(params.name, body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/flow/{name}/json',
    group: 'Flows',
    summary: 'One flow definition with its effective values',
    params: NameParam,
    query: NoQuery,
    answer: FlowDefinition,
    errors: { 404: NO_SUCH_FLOW },
    example: { params: { name: 'pairs' } },
    handle({ params }, { engine }) {
      const flows = engine.flows();
      return Object.hasOwn(flows, params.name) ? json(flows[params.name]) : refused(404, NO_SUCH_FLOW);
    },
  }),
  route({
    method: 'DELETE',
    path: '/flow/{name}/json',
    group: 'Flows',
    summary: 'Remove a flow definition, if there is one',
    params: NameParam,
    query: NoQuery,
    answer: 'empty',
    example: { params: { name: 'unused' } },
    async handle({ params }, { engine }) {
      await engine.clearFlow(params.name);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/activeflows/{agent}/{name}/json',
    group: 'Flows',
    summary: 'The largest flows now, equal keys of the selected data sources merged',
    params: AgentFlowParams,
    query: ActiveFlowsQuery,
    answer: ActiveFlows,
    errors: { 400: 'maxFlows is no integer or minValue no number.', 404: NO_SUCH_FLOW },
    example: { params: { agent: 'ALL', name: 'pairs' }, query: { maxFlows: '10', aggMode: 'sum' } },
    async handle({ params, query }, { engine }) {
      const maxFlows = Math.max(0, query.maxFlows);
      const flows = await engine.ask('activeFlows', {
        agents: agentSelector(params.agent),
        name: params.name,
        maxFlows,
        minValue: query.minValue ?? Number.NEGATIVE_INFINITY,
        aggMode: aggregationMode(query.aggMode),
        filter: query.filter,
      });
      if (flows === undefined) return refused(404, NO_SUCH_FLOW);
      return json(maxFlows === 0 ? [] : flows);
    },
  }),
  route({
    method: 'GET',
    path: '/flowvalue/{agent}/{metric}/json',
    group: 'Flows',
    summary: 'Value of one flow on one data source, as a bare number',
    params: FlowValueParams,
    query: FlowValueQuery,
    answer: Type.Number(),
    errors: { 404: 'No such agent, data source, flow or key.' },
    example: { params: { agent: '192.0.2.1', metric: '3.pairs' }, query: { key: '10.0.0.1,10.0.0.2' } },
    async handle({ params, query }, { engine }) {
      // Data sources may hold dots (`2.1`), names of flows may not.
      const dot = params.metric.lastIndexOf('.');
      if (dot <= 0) return refused(404, 'the data source is missing');
      const value = await engine.ask('flowValue', {
        agent: canonicalAddress(params.agent),
        dataSource: params.metric.slice(0, dot),
        name: params.metric.slice(dot + 1),
        key: query.key,
      });
      return value === undefined ? refused(404, 'no such agent, data source, flow or key') : json(value);
    },
  }),
  route({
    method: 'GET',
    path: '/flowlocations/{agent}/{name}/json',
    group: 'Flows',
    summary: 'Where a flow is seen: the ports and links of the topology that report it',
    description: 'A data source the topology does not know gives agent, data source and value only.',
    params: AgentFlowParams,
    query: FlowLocationsQuery,
    answer: FlowLocations,
    errors: { 404: NO_SUCH_FLOW },
    example: { params: { agent: 'ALL', name: 'pairs' }, query: { key: '10.0.0.1,10.0.0.2' } },
    async handle({ params, query }, { engine }) {
      const locations = await engine.ask('flowLocations', {
        agents: agentSelector(params.agent),
        name: params.name,
        key: query.key,
      });
      return locations === undefined ? refused(404, NO_SUCH_FLOW) : json(locations);
    },
  }),
  route({
    method: 'GET',
    path: '/flows/json',
    group: 'Flows',
    summary: 'The flow log, newest first',
    description:
      'Holds the flows of definitions with `log`. With flowID and timeout the call waits for the next record and ' +
      'gives an empty list when none came in time.',
    params: NoParams,
    query: LoggedFlowsQuery,
    answer: LoggedFlows,
    errors: { 400: 'A parameter is no integer, or maxFlows is below 1.' },
    example: { query: { name: 'pairs', maxFlows: '10' } },
    handle: async ({ query, gone }, { engine }) =>
      json(
        await engine.loggedFlows({
          names: query.name ?? [],
          flowID: query.flowID,
          maxFlows: query.maxFlows,
          ...waitFor(query.flowID, query.timeout, gone),
        }),
      ),
  }),
];

/** The engine's word for an aggMode parameter: '' when absent, `max` for words it does not know. */
export function aggregationMode(word: string | undefined): string {
  if (word === undefined) return '';
  const mode = word.toLowerCase();
  return AGG_MODES.has(mode) ? mode : 'max';
}
