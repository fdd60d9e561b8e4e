import { hostname } from 'node:os';
import { Type } from '@sinclair/typebox';
import { canonicalAddress } from '../../common/index.ts';
import { analyzerDocument } from '../analyzer.ts';
import { json, text } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { Agents, AgentsQuery, Analyzer, License, NoParams, NoQuery, Snmp } from '../schemas.ts';

export const systemRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/version',
    group: 'Analyzer',
    summary: 'Version of the software',
    params: NoParams,
    query: NoQuery,
    answer: { text: 'The version, without a line end.' },
    handle: (_request, { version }) => text(version),
  }),
  route({
    method: 'GET',
    path: '/license/json',
    group: 'Analyzer',
    summary: 'License the software runs under',
    description: 'Nothing is metered or limited: `bps` is always 0.',
    params: NoParams,
    query: NoQuery,
    answer: License,
    handle: () => json({ license: { type: 'Apache-2.0' }, analyzer: { bps: 0, host: hostname() } }),
  }),
  route({
    method: 'GET',
    path: '/analyzer/json',
    group: 'Analyzer',
    summary: 'State of the analyzer: what came in, what was lost, what it costs',
    params: NoParams,
    query: NoQuery,
    answer: Analyzer,
    handle: async (_request, context) => json(await analyzerDocument(context)),
  }),
  route({
    method: 'GET',
    path: '/api-docs',
    group: 'Analyzer',
    summary: 'This interface as an OpenAPI 3.1 document',
    params: NoParams,
    query: NoQuery,
    answer: Type.Object({ openapi: Type.String() }, { additionalProperties: true }),
    open: true,
    handle: (_request, { openApi }) => json(openApi()),
  }),
  route({
    method: 'GET',
    path: '/agents/json',
    group: 'Agents',
    summary: 'Agents that send telemetry, each with the counters of its session',
    params: NoParams,
    query: AgentsQuery,
    answer: Agents,
    example: { query: { agent: '192.0.2.1' } },
    handle: async ({ query }, { engine }) =>
      json(await engine.ask('agents', { agents: (query.agent ?? []).map(canonicalAddress) })),
  }),
  route({
    method: 'GET',
    path: '/v1/snmp',
    group: 'Agents',
    summary: 'How agents that send no names were asked for them by SNMP',
    params: NoParams,
    query: NoQuery,
    answer: Snmp,
    own: true,
    handle: (_request, { snmp }) => json(snmp()),
  }),
];
