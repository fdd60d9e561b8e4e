import { canonicalAddress } from '../../common/index.ts';
import { json } from '../answer.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import {
  AgentMetricsParams,
  MetricCells,
  MetricElements,
  MetricFilterQuery,
  MetricRows,
  MetricsOfAgent,
  MillisecondsByName,
  NoParams,
  NoQuery,
  OneAgentParam,
} from '../schemas.ts';
import { agentSelector, metricList } from '../selectors.ts';

type MetricRequest = RouteRequest<typeof AgentMetricsParams, typeof MetricFilterQuery>;

/** The engine's question in a request for metrics. */
export function metricQuestion({ params, query }: MetricRequest) {
  return { agents: agentSelector(params.agent), metrics: metricList(params.metrics), filters: query };
}

const NO_METRIC = { 404: 'The metric segment is empty.' };

export const metricRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/metrics/json',
    group: 'Metrics',
    summary: 'Names of all metrics, each with the time since its last update in ms',
    params: NoParams,
    query: NoQuery,
    answer: MillisecondsByName,
    handle: async (_request, { engine }) => json(await engine.ask('metrics', undefined)),
  }),
  route({
    method: 'GET',
    path: '/metric/{agent}/json',
    group: 'Metrics',
    summary: 'All metrics of one agent',
    description: 'An unknown agent, a list or ALL gives an empty object.',
    params: OneAgentParam,
    query: NoQuery,
    answer: MetricsOfAgent,
    example: { params: { agent: '192.0.2.1' } },
    handle: async ({ params }, { engine }) =>
      json(await engine.ask('agentMetrics', { agent: canonicalAddress(params.agent) })),
  }),
  route({
    method: 'GET',
    path: '/metric/{agent}/{metrics}/json',
    group: 'Metrics',
    summary: 'Statistics of metrics over the selected data sources',
    description:
      'A metric is `[statistic:][data source.]name`; the statistic is max (default), min, sum, avg, var, sdev, med, ' +
      'q1, q2, q3, iqr or any. One element per metric, in the order asked; an element without a value had no data.',
    params: AgentMetricsParams,
    query: MetricFilterQuery,
    answer: MetricElements,
    errors: NO_METRIC,
    example: {
      params: { agent: 'ALL', metrics: 'max:ifinoctets,sum:ifoutoctets' },
      query: { ifspeed: '1000000000' },
    },
    handle: async (request, { engine }) => json(await engine.ask('metric', metricQuestion(request))),
  }),
  route({
    method: 'GET',
    path: '/table/{agent}/{metrics}/json',
    group: 'Metrics',
    summary: 'Metrics side by side: a row per data source that has them all',
    description:
      'Metrics are plain names. One may be `sort:name` or `sort:name:N`: ascending, descending for negative N, at ' +
      'most |N| rows. A metric the agent has only once (`host_name`) is joined to each of its rows.',
    params: AgentMetricsParams,
    query: MetricFilterQuery,
    answer: MetricRows,
    errors: { ...NO_METRIC, 400: 'A statistic, a data source, or a bad or second sort.' },
    example: { params: { agent: 'ALL', metrics: 'ifname,sort:ifinoctets:-10' } },
    handle: async (request, { engine }) => json(await engine.ask('table', metricQuestion(request))),
  }),
  route({
    method: 'GET',
    path: '/dump/{agent}/{metrics}/json',
    group: 'Metrics',
    summary: 'Every value of the metrics, one cell per data source',
    description: 'Metrics are plain names, or ALL.',
    params: AgentMetricsParams,
    query: MetricFilterQuery,
    answer: MetricCells,
    errors: { ...NO_METRIC, 400: 'A statistic, a data source or a pattern.' },
    example: { params: { agent: 'ALL', metrics: 'ifinoctets' } },
    handle: async (request, { engine }) => json(await engine.ask('dump', metricQuestion(request))),
  }),
];
